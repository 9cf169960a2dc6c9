"""What of a package its scenarios reach, and what nobody has ever seen happen.

What there is, is read from the package; what was reached, from the store and the engines. The
rules of a decision table are found by asking the table again about every row that landed: rows
that bothered nobody are kept nowhere, and their rule was asked all the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guantong.base.realm import Realm
from guantong.bpmn.api import Kind
from guantong.brain import api as brain
from guantong.data import api as data
from guantong.dmn.api import Decision, DecisionTable, Knowledge
from guantong.packages.package import Package
from guantong.packages.rehearsal import deeds, passed, world
from guantong.packages.rehearsal.script import ACT, opens

# The topics, in the order of a report.
TOPICS = ("nodes", "ends", "ways", "rules", "signals", "items", "refusals")

SAME_PERSON = "task-same-person"
# More runs of data than any scenario lands; they are asked for newest first.
_MOST_RUNS = 100_000

Elements = Mapping[str, frozenset[str]]
"""Topic → the names of its elements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic: what there is, and which of it was reached."""

    name: str
    all: frozenset[str]
    reached: frozenset[str]

    @property
    def missing(self) -> list[str]:
        """Return what was never reached, by name."""
        return sorted(self.all - self.reached)

    @property
    def missing_told(self) -> str:
        """Return what was never reached, as people read it: what shares an owner stands together.

        ``rules/level.dmn: high, low; rules/wind.dmn: calm``
        """
        owners: dict[str, list[str]] = {}
        for name in self.missing:
            owner, _, element = name.rpartition(" ")
            owners.setdefault(owner, []).append(element)
        return "; ".join(
            f"{owner}: {', '.join(names)}" if owner else ", ".join(names)
            for owner, names in owners.items()
        )

    def to_json(self) -> dict[str, Any]:
        """Return numbers, and what was not reached, as plain values."""
        reached = len(self.all & self.reached)
        return {"reached": reached, "of": len(self.all), "missing": self.missing}


def topics(possible: Elements, reached: Elements) -> list[Topic]:
    """Return the topics of which there is anything at all."""
    return [
        Topic(name=name, all=possible[name], reached=reached.get(name, frozenset()))
        for name in TOPICS
        if possible[name]
    ]


def together(one: Elements, other: Elements) -> Elements:
    """Return what either has reached."""
    none: frozenset[str] = frozenset()
    return {name: one.get(name, none) | other.get(name, none) for name in TOPICS}


def possible(package: Package) -> Elements:
    """Return everything a package's scenarios could reach."""
    graphs = package.flows.items()
    nodes = [(flow, node.id) for flow, graph in graphs for node in graph.nodes.values()]
    return {
        "nodes": _names(pair for pair in nodes if not _ends(package, *pair)),
        "ends": _names(pair for pair in nodes if _ends(package, *pair)),
        "ways": _names((f, way) for f, g in graphs for way in g.flows),
        "rules": _names(_rules(package)),
        "signals": _names(_changes(package)),
        "items": _names(_items(package)),
        "refusals": _names((SAME_PERSON, name) for name in _separated(package)),
    }


def reached(package: Package, realm: Realm) -> Elements:
    """Return what one rehearsal has reached."""
    ways = {(way.process, way.way) for way in passed.ways(realm) if way.process in package.flows}
    nodes = set()
    for process, way in ways:
        flow = package.flows[process].flows[way]
        nodes |= {(process, flow.source), (process, flow.target)}
    items = {(task.task,) for task in world.tasks(package, realm)}
    return {
        "nodes": _names(pair for pair in nodes if not _ends(package, *pair)),
        "ends": _names(pair for pair in nodes if _ends(package, *pair)),
        "ways": _names(ways),
        "rules": _names(_rules_hit(package, realm)),
        "signals": _names(_changed(package, realm)),
        "items": _names(items) & _names(_items(package)),
        "refusals": _names(_refused(realm)),
    }


def _names(parts: Iterable[tuple[str, ...]]) -> frozenset[str]:
    return frozenset(" ".join(part) for part in parts)


def _ends(package: Package, flow: str, node: str) -> bool:
    return package.flows[flow].nodes[node].kind is Kind.END


def _rules(package: Package) -> Iterator[tuple[str, str]]:
    for path, model in package.rules.items():
        owners: list[Decision | Knowledge] = [*model.decisions, *model.knowledge]
        for owner in owners:
            for leaf in owner.logic.leaves():
                if isinstance(leaf, DecisionTable):
                    yield from ((path, rule.id) for rule in leaf.rules)


def _rules_hit(package: Package, realm: Realm) -> Iterator[tuple[str, str]]:
    """Yield the rules that answered about a row that landed, of the tables signals ask."""
    for document in package.each("signals"):
        kind, path = brain.signal_kind(document.data["id"]), document.data["rule"]
        for landing in data.runs(realm, kind.on, limit=_MOST_RUNS):
            for row in data.rows_of_run(landing.id) if landing.state == "landed" else ():
                for hit in kind.decision.decide(row).all_hits():
                    yield path, hit.rule_id


def _changes(package: Package) -> Iterator[tuple[str, str]]:
    """Yield what alerts of each signal can do: reach a level, end, be fed back as something."""
    for document in package.each("signals"):
        said = document.data
        at_least = said["levels"].index(said["opens"]["from_level"])
        yield from ((said["id"], level) for level in said["levels"][at_least:])
        yield said["id"], "ended"
        yield from ((said["id"], f"feedback:{answer}") for answer in said["feedback"])


def _changed(package: Package, realm: Realm) -> Iterator[tuple[str, str]]:
    for kind in brain.signals_of(package.id):
        for matter in brain.levels_over_time(realm, kind.id, rows=world.EVERYTHING):
            yield kind.id, matter.level
    for alert in world.alerts(package, realm):
        if alert.state == "closed":
            yield alert.signal, "ended"
        if alert.feedback:
            yield alert.signal, f"feedback:{alert.feedback}"


def _items(package: Package) -> Iterator[tuple[str]]:
    for plan in package.each("plans"):
        yield from ((item["id"],) for item in plan.data["items"])


def _separated(package: Package) -> Iterator[str]:
    """Yield the tasks on which doer and accepter must be two persons."""
    for graph in package.flows.values():
        yield from (node.id for node in graph.nodes.values() if node.verifies)
    for plan in package.each("plans"):
        yield from (item["id"] for item in plan.data["items"] if "verify" in item)


def _refused(realm: Realm) -> Iterator[tuple[str, str]]:
    """Yield the refusals that were tried and came."""
    for deed in deeds.done(realm):
        if deed.kind != ACT or opens(deed.wish):
            continue
        if deed.held and deed.wish.get("refused"):
            yield deed.wish["refused"], deed.wish["task"]
