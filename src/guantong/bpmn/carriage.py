"""A case goes over from one process to another: each token from where it waits to a new place.

Which place follows which is declared; here it is examined and carried out, without a store. One
token stays one token, with its number. A place is named by the id of the step or timer at which a
token waits, or, at a join, by the id of the flow on which it came.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from guantong.bpmn.finding import Finding
from guantong.bpmn.graph import Graph, Kind, Node
from guantong.bpmn.marking import (
    MOST_MARKINGS,
    Explored,
    Marking,
    at_rest,
    ending,
    explore,
    first_marking,
    is_join,
    marking_of,
    places_in,
    twice,
)
from guantong.bpmn.state import State, Token

_WAITS = frozenset({Kind.USER, Kind.SERVICE, Kind.RULE, Kind.TIMER})
# What a token at a join is called where the kinds of places are compared.
JOIN = "join"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with a carriage at one of its old places; ``cause`` where a process says it."""

    code: str
    place: str
    facts: Mapping[str, object] = field(default_factory=dict)
    cause: Finding | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Carriage:
    """Which place of ``old`` goes over to which of ``new``; none: a case with a token there stays.

    ``rests`` says of a service whether a token can wait at it. A join's flow and a boundary timer
    that have the same id in both go over to it where nothing else is said.
    """

    old: Graph
    new: Graph
    steps: Mapping[str, str | None]
    timers: Mapping[str, str] = field(default_factory=dict)
    rests: Callable[[Node], bool] = lambda node: True

    @cached_property
    def old_places(self) -> Mapping[str, str]:
        """Return each place of the old process at which a token can wait, with its kind."""
        return places_of(self.old, self.rests)

    @cached_property
    def new_places(self) -> Mapping[str, str]:
        """Return the same of the new process."""
        return places_of(self.new, self.rests)

    @cached_property
    def goes(self) -> Mapping[str, str | None]:
        """Return where each place goes: what is declared, and joins that are the same in both."""
        same = {
            place: place
            for place, kind in self.old_places.items()
            if kind == JOIN and self.new_places.get(place) == JOIN
        }
        return {**same, **self.steps}

    def timer(self, id: str) -> str:
        """Return which boundary timer of the new process follows one of the old."""
        return self.timers.get(id, id)

    def carried(self, state: State) -> State | None:
        """Return where the tokens of a case stand afterwards; None where the case stays."""
        tokens = tuple(self._carried(token) for token in state.tokens)
        there = tuple(token for token in tokens if token is not None)
        return State(there, state.next_id) if len(there) == len(tokens) else None

    def stays_at(self, state: State) -> str | None:
        """Return the first place because of which a case stays."""
        places = (_place(token) for token in state.tokens)
        return next((place for place in places if self.goes.get(place) is None), None)

    def _carried(self, token: Token) -> Token | None:
        target = self.goes.get(_place(token))
        if target is None:
            return None
        flow = self.new.flows.get(target)
        if flow is not None:
            return replace(token, node=flow.target, arrived_by=flow.id, fired=())
        node = self.new.nodes[target]
        arrived = node.incoming[0].id if node.incoming else None
        fired = tuple(self.timer(id) for id in token.fired if self.timer(id) in node.boundaries)
        return replace(token, node=node.id, arrived_by=arrived, fired=fired)


def _place(token: Token) -> str:
    return token.node if token.waiting else str(token.arrived_by)


def places_of(graph: Graph, rests: Callable[[Node], bool]) -> dict[str, str]:
    """Return every place at which a token of a process can wait, with the kind of its node."""
    found = {
        node.id: node.kind.value
        for node in graph.nodes.values()
        if node.kind in _WAITS and node.incoming and (node.kind is not Kind.SERVICE or rests(node))
    }
    joins = (node for node in graph.nodes.values() if is_join(node))
    return found | {flow.id: JOIN for node in joins for flow in node.incoming}


def examine_carriage(carriage: Carriage) -> list[Fault]:
    """Return what keeps a case that goes over from coming to its end, by the old place."""
    found = [*_places(carriage), *_timers(carriage)]
    if found:
        return found
    return [*_ways(carriage)]


def _places(carriage: Carriage) -> Iterator[Fault]:
    old, new = carriage.old_places, carriage.new_places
    for place in old:
        if place not in carriage.goes:
            yield Fault(code="unmapped", place=place)
    for place, target in carriage.steps.items():
        if place not in old:
            yield Fault(code="no-such-wait", place=place)
        elif target is not None and target not in new:
            yield Fault(code="no-target", place=place, facts={"target": target})
        elif target is not None and old[place] != new[target]:
            facts = {"target": target, "was": old[place], "now": new[target]}
            yield Fault(code="other-kind", place=place, facts=facts)


def _timers(carriage: Carriage) -> Iterator[Fault]:
    hosts = {id: node.id for node in carriage.old.nodes.values() for id in node.boundaries}
    for timer, target in carriage.timers.items():
        host = hosts.get(timer)
        if host is None:
            yield Fault(code="no-such-timer", place=timer)
            continue
        step = carriage.goes.get(host)
        node = carriage.new.nodes.get(step or "")
        if node is None or target not in node.boundaries:
            yield Fault(code="timer-elsewhere", place=timer, facts={"target": target, "step": host})


def carried_markings(carriage: Carriage) -> tuple[dict[Marking, Marking], bool]:
    """Return where tokens can wait at once, with where they go over, and whether that is all."""
    old = explore(carriage.old, [first_marking(carriage.old)])
    rests = carriage.old_places.keys()
    found: dict[Marking, Marking] = {}
    for marking in old.after:
        if marking and at_rest(carriage.old, marking, rests):
            gone = [carried_place(carriage, *place) for place in places_in(marking)]
            if all(gone):
                found[marking] = marking_of(place for place in gone if place is not None)
    return found, old.whole


def carried_place(
    carriage: Carriage, flow: str, fired: tuple[str, ...]
) -> tuple[str, tuple[str, ...]] | None:
    """Return the place in the new process to which a token goes; None where it stays."""
    node = carriage.old.nodes[carriage.old.flows[flow].target]
    target = carriage.goes.get(flow if is_join(node) else node.id)
    if target is None:
        return None
    if target in carriage.new.flows:
        return target, ()
    step = carriage.new.nodes[target]
    still = sorted(carriage.timer(id) for id in fired if carriage.timer(id) in step.boundaries)
    return step.incoming[0].id, tuple(still)


def _ways(carriage: Carriage) -> Iterator[Fault]:
    """Yield markings of the old process that, carried over, do not come to an end in the new."""
    pairs, whole = carried_markings(carriage)
    if not whole:
        yield Fault(code="too-many", place="", facts={"most": MOST_MARKINGS})
        return
    told: set[str] = set()
    safe = explore(carriage.new, [first_marking(carriage.new)])
    good = ending(safe) if not safe.findings else set()
    for old, made in pairs.items():
        if made in good:
            continue
        fault = _wrong(carriage, old, made)
        # One sentence for each place: whoever mends it looks at all that can wait there.
        if fault is not None and fault.place not in told:
            told.add(fault.place)
            yield fault


def _wrong(carriage: Carriage, old: Marking, made: Marking) -> Fault | None:
    new = carriage.new
    stand = [_name(carriage.old, flow) for flow, _ in places_in(old)]
    facts: dict[str, object] = {"tokens": ", ".join(sorted(stand))}
    at_once = Explored()
    if twice(new, made, at_once):
        cause = next(iter(at_once.findings.values()), None)
        return Fault(code="unsound", place=min(stand), facts=facts, cause=cause)
    if not at_rest(new, made, carriage.new_places.keys()):
        return Fault(code="join-complete", place=min(stand), facts=facts)
    explored = explore(new, [made])
    if explored.findings:
        cause = next(iter(explored.findings.values()))
        return Fault(code="unsound", place=min(stand), facts=facts, cause=cause)
    if not explored.whole:
        return Fault(code="too-many", place=min(stand), facts={"most": MOST_MARKINGS})
    if set(explored.after) - ending(explored):
        return Fault(code="no-end", place=min(stand), facts=facts)
    return None


def _name(graph: Graph, flow: str) -> str:
    node = graph.nodes[graph.flows[flow].target]
    return flow if is_join(node) else node.id
