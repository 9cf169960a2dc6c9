"""What there is in an exercise, read for judging by the tables that packages are promised."""

from collections.abc import Mapping
from typing import Any

from guantong.access.api import Rows
from guantong.base import clock
from guantong.base.realm import Realm
from guantong.bpmn.api import Kind
from guantong.brain import api as brain
from guantong.orgs.api import prefix
from guantong.packages.package import Package
from guantong.packages.rehearsal import passed
from guantong.packages.rehearsal.judging import AlertFact, CaseFact, TaskFact, World

EVERYTHING = Rows(everything=True)


def world(package: Package, realm: Realm, wish: Mapping[str, Any]) -> World:
    """Return as much of the realm as one entry of ``then`` is about."""
    if "alert" in wish:
        return World(alerts=alerts(package, realm), levels=_levels(package))
    if "case" in wish:
        return World(cases=cases(package, realm))
    if "task" in wish:
        return World(tasks=tasks(package, realm))
    asked = wish["figure"]
    where: str = asked.get("in", "")
    return World(figures={(asked["indicator"], where): figure(realm, asked["indicator"], where)})


def alerts(package: Package, realm: Realm) -> list[AlertFact]:
    """Return the alerts of a realm, by division."""
    rows = ask(
        package, realm, "brain.alert",
        "select signal, division_code, highest_level, state, feedback"
        " from {{ dataset('brain.alert') }} order by division_code, matter",
    )  # fmt: skip
    return [AlertFact(**row) for row in rows]


def cases(package: Package, realm: Realm) -> list[CaseFact]:
    """Return the cases of a realm with the ends they came to, in the order of their numbers."""
    rows = ask(
        package, realm, "flows.case",
        "select id, process, division_code, state from {{ dataset('flows.case') }} order by number",
    )  # fmt: skip
    ends: dict[str, set[str]] = {}
    for way in passed.ways(realm):
        graph = package.flows.get(way.process)
        target = graph.flows[way.way].target if graph is not None else ""
        if graph is not None and graph.nodes[target].kind is Kind.END:
            ends.setdefault(str(way.case_id), set()).add(target)
    return [
        CaseFact(
            flow=row["process"], division_code=row["division_code"], state=row["state"],
            ends=frozenset(ends.get(str(row["id"]), ())),
        )
        for row in rows
    ]  # fmt: skip


def tasks(package: Package, realm: Realm) -> list[TaskFact]:
    """Return how many tasks there are of each step and item, by state and division."""
    rows = ask(
        package, realm, "flows.task",
        "select item, division_code, state, count(*) as tasks from {{ dataset('flows.task') }}"
        " group by item, division_code, state order by item, division_code, state",
    )  # fmt: skip
    return [
        TaskFact(
            task=row["item"], division_code=row["division_code"], state=row["state"],
            count=int(row["tasks"]),
        )
        for row in rows
    ]  # fmt: skip


def figure(realm: Realm, indicator: str, where: str) -> float | None:
    """Return what an indicator says of a division, or of the whole realm."""
    found = brain.indicator(indicator)
    if found is None:
        return None
    rows = Rows(prefixes=(prefix(where),)) if where else EVERYTHING
    return brain.figure(found, realm=realm, rows=rows, now=clock.now(realm)).value


def ask(package: Package, realm: Realm, dataset: str, sql: str) -> list[dict[str, Any]]:
    """Return the rows of a query over one dataset of the record store, uncut."""
    return brain.run(
        package.id, brain.record_sql(sql), [dataset], realm=realm, rows=EVERYTHING,
        now=clock.now(realm),
    )  # fmt: skip


def _levels(package: Package) -> dict[str, tuple[str, ...]]:
    return {signal.id: signal.levels for signal in brain.signals_of(package.id)}
