"""The business-cooperation model (业务协同模型): which unit of work hands on to which, and how.

A unit hands on where a process goes on from one of its steps to a step of another without passing
a third; where its step expands a plan into the other's items, and where those items, done and
looked at, let a waiting step go on; where its signal opens a process; and where its dataset,
landed, is looked at by a signal. Who does what within one unit is nobody's hand-over.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from guantong.bpmn.api import Graph
from guantong.packages.package import Package
from guantong.packages.vmodel.model import Carrier, VModel
from guantong.packages.vmodel.reads import plan_item

# How it is handed on: by the process, by expanding a plan, by its items being settled, by a
# signal that opens a process, by data that land and are looked at.
WayKind = Literal["flow", "plan", "settled", "signal", "landing"]
Crossing = Literal["tier", "line", "area"]
CROSSINGS: tuple[Crossing, ...] = ("tier", "line", "area")


@dataclass(frozen=True, slots=True)
class Way:
    """One way from an alternative of the giver to one of the taker."""

    kind: WayKind
    giver: Carrier
    taker: Carrier


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """One unit of work hands on to another; ``limit`` is what the taker has from then on."""

    giver: str
    taker: str
    ways: tuple[Way, ...]
    crosses: tuple[Crossing, ...]
    limit: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CooperationStep:
    """One unit of work in the cooperation: who does it, who helps, within which time."""

    unit: str
    role: str
    helpers: tuple[str, ...]
    limit: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooperation:
    """Steps in the order of the file, and the hand-overs between them."""

    steps: tuple[CooperationStep, ...]
    hand_overs: tuple[HandOver, ...]

    def given_by(self, unit: str) -> tuple[HandOver, ...]:
        """Return what a unit hands on."""
        return tuple(one for one in self.hand_overs if one.giver == unit)

    def taken_by(self, unit: str) -> tuple[HandOver, ...]:
        """Return what a unit takes over."""
        return tuple(one for one in self.hand_overs if one.taker == unit)


def cooperation_of(package: Package, model: VModel) -> Cooperation:
    """Return the business-cooperation model of a package."""
    steps = tuple(
        CooperationStep(unit=unit.id, role=unit.role, helpers=unit.helpers, limit=unit.limit)
        for unit in model.units.values()
    )
    found: dict[tuple[str, str], dict[Way, None]] = {}
    for way in _ways(package, model.unit_of):
        giver, taker = model.unit_of.get(way.giver), model.unit_of.get(way.taker)
        if giver is not None and taker is not None and giver != taker:
            found.setdefault((giver, taker), {})[way] = None
    order = {id: place for place, id in enumerate(model.units)}
    return Cooperation(
        steps=steps,
        hand_overs=tuple(
            HandOver(
                giver=giver, taker=taker, ways=tuple(ways), limit=model.units[taker].limit,
                crosses=_crosses(package, model, giver, taker, ways),
            )
            for (giver, taker), ways in sorted(
                found.items(), key=lambda pair: (order[pair[0][0]], order[pair[0][1]])
            )
        ),
    )  # fmt: skip


def _ways(package: Package, units: Mapping[Carrier, str]) -> Iterator[Way]:
    """Yield every way, in the order of the files."""
    for name, graph in package.flows.items():
        for id in graph.nodes:
            step = Carrier("step", name, id)
            if step in units:
                for taker in _next_steps(name, graph, [id], units):
                    yield Way("flow", step, taker)
                yield from _ways_of_service(package, name, graph, step)
    for document in package.each("signals"):
        signal = Carrier("signal", document.data["id"])
        yield Way("landing", Carrier("dataset", document.data["on"]), signal)
        opened = document.data["opens"]["flow"]
        if opened in package.flows:
            graph = package.flows[opened]
            starts = [node.id for node in graph.starts]
            for taker in _next_steps(opened, graph, starts, units):
                yield Way("signal", signal, taker)


def _next_steps(
    name: str, graph: Graph, begin: Iterable[str], units: Mapping[Carrier, str]
) -> Iterator[Carrier]:
    """Yield the steps of any unit that a token comes to first, from these nodes on."""
    waiting = [target for id in begin for target in _after(graph, id)]
    seen: set[str] = set()
    while waiting:
        id = waiting.pop(0)
        if id in seen:
            continue
        seen.add(id)
        step = Carrier("step", name, id)
        if step in units:
            yield step
        else:
            waiting.extend(_after(graph, id))


def _after(graph: Graph, id: str) -> Iterator[str]:
    """Yield the nodes a token can come to next, by the clocks on the edge of an activity, too."""
    node = graph.nodes[id]
    yield from (flow.target for flow in node.outgoing)
    yield from node.boundaries


def _ways_of_service(package: Package, name: str, graph: Graph, step: Carrier) -> Iterator[Way]:
    node = graph.nodes[step.part]
    if node.service == "plan":
        for item in _items(package, node.settings.get("plan", "")):
            yield Way("plan", step, item)
    elif node.service == "await_tasks":
        for other in graph.nodes.values():
            if other.service == "plan":
                for item in _items(package, other.settings.get("plan", "")):
                    yield Way("settled", item, step)


def _items(package: Package, path: str) -> Iterator[Carrier]:
    document = package.documents.get(path)
    if document is not None and isinstance(document.data, dict):
        for item in document.data["items"]:
            yield Carrier("item", document.data["id"], item["id"])


def _crosses(
    package: Package, model: VModel, giver: str, taker: str, ways: Iterable[Way]
) -> tuple[Crossing, ...]:
    """Return what is crossed: tiers (跨层级), lines (跨部门), areas (跨地域).

    A process stays in the area of its case, whichever tier acts in it. Areas are crossed where a
    signal of a higher tier opens cases in each area below, and to and from the items that a plan
    spreads over the areas below.
    """
    from_line, _, from_tier = model.units[giver].role.partition("@")
    to_line, _, to_tier = model.units[taker].role.partition("@")
    crossed = {
        "tier": from_tier != to_tier,
        "line": from_line != to_line,
        "area": from_tier != to_tier and any(_is_spread(package, way) for way in ways),
    }
    return tuple(one for one in CROSSINGS if crossed[one])


def _is_spread(package: Package, way: Way) -> bool:
    """Say whether one end of this way stands in many areas at once."""
    if way.kind == "signal":
        return True
    items = (plan_item(package, end) for end in (way.giver, way.taker) if end.kind == "item")
    return any(item is not None and "for_each" in item for item in items)
