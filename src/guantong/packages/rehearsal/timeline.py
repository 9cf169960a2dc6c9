"""What happened in a rehearsal, in the order of its clock: what people read in the report.

Values only; the words are found when it is written. Tasks of a plan are told by the hour, as on
the page of a case.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from guantong.base.realm import Realm
from guantong.brain import api as brain
from guantong.data import api as data
from guantong.flows import api as flows
from guantong.packages.package import Package
from guantong.packages.rehearsal import deeds, world

# A report is read by people: of a storm over a province, the first cases stand for the others.
MOST_CASES = 6
MOST_RUNS = 40
_MOST_OF_A_CASE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. ``what`` says how its facts are told."""

    at: datetime
    what: str
    facts: dict[str, Any] = field(default_factory=dict)


def timeline(package: Package, realm: Realm) -> list[Entry]:
    """Return what happened, the earliest first; of one instant, what became known stands first."""
    order = {"known": 0, "alert": 1, "opened": 2, "task": 3, "act": 4, "closed": 5, "then": 6}
    found = [
        *_known(realm),
        *_alerts(package, realm),
        *_cases(package, realm),
        *_deeds(realm),
    ]
    return sorted(found, key=lambda entry: (entry.at, order[entry.what]))


def left_out(package: Package, realm: Realm) -> int:
    """Return of how many cases the timeline tells nothing."""
    return max(0, len(_all_cases(package, realm)) - MOST_CASES)


def _known(realm: Realm) -> Iterator[Entry]:
    runs = [run for run in data.runs(realm, limit=10_000) if run.asked_by == "exercise"]
    for run in sorted(runs, key=lambda run: run.started_at)[:MOST_RUNS]:
        facts = {"dataset": run.dataset, "rows": run.rows_good, "rejected": run.rows_bad}
        yield Entry(at=run.started_at, what="known", facts=facts)


def _alerts(package: Package, realm: Realm) -> Iterator[Entry]:
    """Yield each change of level of each matter, as the signal told it, and its end."""
    told = {id for id, _ in _all_cases(package, realm)[:MOST_CASES]}
    for alert in brain.alerts(realm, rows=world.EVERYTHING, most=10_000):
        if str(alert.case_id) not in told:
            continue
        last, facts = "none", {"signal": alert.signal, "place": alert.division_code}
        for said in brain.signals_of_matter(realm, alert.signal, alert.matter):
            if said.level != last:
                last = said.level
                yield Entry(at=said.at, what="alert", facts={**facts, "level": said.level})
        if alert.state == "closed":
            yield Entry(at=alert.changed_at, what="alert", facts={**facts, "level": "ended"})


def _all_cases(package: Package, realm: Realm) -> list[tuple[str, dict[str, Any]]]:
    rows = world.ask(
        package, realm, "flows.case",
        "select id, number, process, division_code, opened_at, closed_at, outcome"
        " from {{ dataset('flows.case') }} order by opened_at, number",
    )  # fmt: skip
    return [(str(row["id"]), row) for row in rows]


def _cases(package: Package, realm: Realm) -> Iterator[Entry]:
    for id, row in _all_cases(package, realm)[:MOST_CASES]:
        facts = {"number": row["number"], "flow": row["process"], "place": row["division_code"]}
        yield Entry(at=row["opened_at"], what="opened", facts=facts)
        if row["closed_at"] is not None:
            outcome = row["outcome"]
            yield Entry(at=row["closed_at"], what="closed", facts={**facts, "outcome": outcome})
        for entry in flows.timeline(realm, UUID(id), rows=world.EVERYTHING, most=_MOST_OF_A_CASE):
            facts = {
                "verb": entry.what, "title": entry.title, "count": entry.count,
                "unit_zh": entry.unit_name, "unit_en": entry.unit_name_en,
                "place": row["division_code"],
            }  # fmt: skip
            yield Entry(at=entry.at, what="task", facts=facts)


def _deeds(realm: Realm) -> Iterator[Entry]:
    for deed in deeds.done(realm):
        if deed.done_at is not None:
            yield Entry(at=deed.done_at, what=deed.kind, facts={"wish": deed.place})
