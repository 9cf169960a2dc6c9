"""Everywhere the tokens of a case can stand at once, whatever its gateways choose.

A place is the flow on which a token came to where it rests, with the timers of that task that have
gone off beside it. A marking is all places of one case. What a gateway chooses is left open: each
of its ways is gone, so that what is found here can happen for some answers.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from guantong.bpmn.finding import Finding
from guantong.bpmn.graph import WAITING_ACTIVITIES, Graph, Kind, Node

# A process of people has a few dozen markings; one with more than this is not looked at further.
MOST_MARKINGS = 4_000

Place = tuple[str, tuple[str, ...]]
Marking = tuple[tuple[Place, int], ...]
ENDED: Marking = ()


@dataclass
class Explored:
    """Markings with those one move further, what is wrong on the way, and whether all were seen."""

    after: dict[Marking, list[Marking]] = field(default_factory=dict)
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    whole: bool = True

    def note(self, code: str, node: Node) -> None:
        """Note what is wrong at a node, once."""
        self.findings.setdefault((code, node.id), Finding(code, node.id, node.line))


def marking_of(places: Iterable[Place]) -> Marking:
    """Return the marking of tokens at these places."""
    return tuple(sorted(Counter(places).items()))


def places_in(marking: Marking) -> tuple[Place, ...]:
    """Return the place of each token."""
    return tuple(place for place, count in marking for _ in range(count))


def first_marking(graph: Graph) -> Marking:
    """Return where the tokens of a new case are when they set out."""
    return marking_of((flow.id, ()) for flow in graph.starts[0].outgoing)


def explore(graph: Graph, firsts: Iterable[Marking]) -> Explored:
    """Go every way from these markings; note joins that wait for ever and steps done twice."""
    found = Explored()
    ahead = list(dict.fromkeys(firsts))
    seen = set(ahead)
    while ahead:
        marking = ahead.pop()
        next_ones = [marking_of(places) for places in _next(graph, Counter(places_in(marking)))]
        found.after[marking] = []
        if not next_ones and marking:
            for (flow, _), _count in marking:
                found.note("join-waits", _target(graph, flow))
        for made in next_ones:
            if twice(graph, made, found):
                continue
            found.after[marking].append(made)
            if made not in seen:
                if len(seen) >= MOST_MARKINGS:
                    found.whole = False
                    return found
                seen.add(made)
                ahead.append(made)
    return found


def twice(graph: Graph, marking: Marking, found: Explored) -> bool:
    """Say whether two tokens are on one way, and note what would be done twice."""
    by_flow = Counter(flow for flow, _ in places_in(marking))
    doubled = [flow for flow, count in by_flow.items() if count > 1]
    for flow in doubled:
        node = _target(graph, flow)
        if node.kind is not Kind.END:
            found.note("done-twice", node)
    return bool(doubled)


def ending(explored: Explored) -> set[Marking]:
    """Return the markings from which the case can come to its end."""
    before: dict[Marking, list[Marking]] = {}
    for marking, further in explored.after.items():
        for after in further:
            before.setdefault(after, []).append(marking)
    found, ahead = {ENDED}, [ENDED]
    while ahead:
        for marking in before.get(ahead.pop(), ()):
            if marking not in found:
                found.add(marking)
                ahead.append(marking)
    return found


def at_rest(graph: Graph, marking: Marking, rests: Collection[str]) -> bool:
    """Say whether every token of a marking rests: at one of ``rests``, or at a join for others."""
    flows = {flow for flow, _ in places_in(marking)}
    nodes = (_target(graph, flow) for flow in flows)
    return all(node.id in rests or _waits_at_join(node, flows) for node in nodes)


def is_join(node: Node) -> bool:
    """Say whether tokens wait at a node for their fellows."""
    return node.kind is Kind.PARALLEL and len(node.incoming) > 1


def _waits_at_join(node: Node, flows: Collection[str]) -> bool:
    return is_join(node) and not all(incoming.id in flows for incoming in node.incoming)


def _next(graph: Graph, tokens: Counter[Place]) -> Iterator[list[Place]]:
    """Yield the places after each move of one token."""
    for place in tokens:
        node = graph.nodes[graph.flows[place[0]].target]
        taken = [place]
        if node.kind is Kind.PARALLEL:
            taken = [(incoming.id, ()) for incoming in node.incoming]
            if place != taken[0] or not all(tokens[incoming] for incoming in taken):
                continue
        rest = list((tokens - Counter(taken)).elements())
        for made in _ways(graph, node, place):
            yield [*rest, *made]


def _ways(graph: Graph, node: Node, place: Place) -> Iterator[list[Place]]:
    """Yield the places to which tokens go on from a node, once for each way it can go on."""
    if node.kind is Kind.END:
        yield []
        return
    own: list[Place] = [(flow.id, ()) for flow in node.outgoing]
    if node.kind is Kind.EXCLUSIVE:
        yield from ([one] for one in own)
        return
    yield list(own)
    flow, fired = place
    for id in node.boundaries if node.kind in WAITING_ACTIVITIES else ():
        further: list[Place] = [(out.id, ()) for out in graph.nodes[id].outgoing]
        if graph.nodes[id].interrupting:
            yield further
        elif id not in fired:
            yield [(flow, tuple(sorted((*fired, id)))), *further]


def reachable(graph: Graph, marking: Marking, passed: Collection[str]) -> frozenset[str]:
    """Return the nodes tokens can come to from a marking with none of ``passed`` done before.

    A join waits for all its branches, so it is come to only where each of them can be.
    """
    came = {flow for flow, _ in places_in(marking)}
    seen = {graph.flows[flow].target for flow in came if not is_join(_target(graph, flow))}
    ahead = list(seen)
    joins = [node for node in graph.nodes.values() if is_join(node)]
    while ahead:
        node = graph.nodes[ahead.pop()]
        if node.id in passed:
            continue
        came |= {flow.id for flow in node.outgoing}
        timers = (graph.nodes[id] for id in node.boundaries)
        came |= {flow.id for timer in timers for flow in timer.outgoing}
        open_ = [n.id for n in joins if all(flow.id in came for flow in n.incoming)]
        targets = (_target(graph, flow) for flow in came)
        further = [node.id for node in targets if not is_join(node)]
        for id in (*further, *open_):
            if id not in seen:
                seen.add(id)
                ahead.append(id)
    return frozenset(seen)


def _target(graph: Graph, flow: str) -> Node:
    return graph.nodes[graph.flows[flow].target]
