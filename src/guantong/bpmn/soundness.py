"""Can every token come to an end, alone? Found by letting tokens go every way there is.

What a gateway chooses is left open: each of its ways is tried. So what is found here can happen
for some answers, whatever the conditions are: a join that waits for a branch nobody took, a step
that two tokens come to, a loop that goes round without ever resting.
"""

from collections import Counter
from collections.abc import Collection, Iterator

from guantong.bpmn.finding import Finding
from guantong.bpmn.graph import Graph, Kind, Node

# A process of people has a few dozen markings; one with more than this is not looked at further.
MOST_MARKINGS = 4_000

# Nodes at which a token does not rest: between two rests, nothing changes what conditions see.
_PASSED = frozenset({Kind.EXCLUSIVE, Kind.PARALLEL, Kind.MANUAL})

# Tokens by the flow they came on.
_Marking = tuple[tuple[str, int], ...]


def soundness(graph: Graph) -> list[Finding]:
    """Return joins that wait for ever, steps done twice, and loops without rest, by their lines."""
    if graph.faults or len(graph.starts) != 1:
        return []  # told by ``examine``
    found = {(f.code, f.element): f for f in (*_markings(graph), *_turns(graph))}
    return sorted(found.values(), key=lambda finding: finding.line)


def onward(graph: Graph, node: Node) -> Iterator[str]:
    """Yield the nodes a token can come to next, by the timers on an activity, too."""
    yield from (flow.target for flow in node.outgoing if flow.target in graph.nodes)
    for timer in node.boundaries:
        if timer in graph.nodes:
            yield timer


def avoiding(graph: Graph, passed: Collection[str]) -> frozenset[str]:
    """Return the nodes a token can come to from the start with none of ``passed`` done before.

    A join waits for all its branches, so it is come to only where each of them can be.
    """
    seen = {node.id for node in graph.starts}
    ahead = list(seen)
    while ahead:
        id = ahead.pop()
        for neighbour in onward(graph, graph.nodes[id]) if id not in passed else ():
            if neighbour not in seen and _open(graph, neighbour, seen - set(passed)):
                seen.add(neighbour)
                ahead.append(neighbour)
    return frozenset(seen)


def _open(graph: Graph, id: str, left: Collection[str]) -> bool:
    """Say whether a token can come to a node when all of ``left`` can be left behind."""
    node = graph.nodes[id]
    return node.kind is not Kind.PARALLEL or all(flow.source in left for flow in node.incoming)


def _markings(graph: Graph) -> Iterator[Finding]:
    first = _marking(Counter(flow.id for flow in graph.starts[0].outgoing))
    seen, ahead = {first}, [first]
    while ahead:
        marking = ahead.pop()
        tokens = Counter(dict(marking))
        next_ones = list(_next(graph, tokens))
        if not next_ones and tokens:
            for id in {graph.flows[flow].target for flow in tokens}:
                yield Finding("join-waits", id, graph.nodes[id].line)
        for after in next_ones:
            twice = [flow for flow, count in after.items() if count > 1]
            for flow in twice:
                node = graph.nodes[graph.flows[flow].target]
                if node.kind is not Kind.END:
                    yield Finding("done-twice", node.id, node.line)
            made = _marking(after)
            if not twice and made not in seen:
                if len(seen) >= MOST_MARKINGS:
                    return
                seen.add(made)
                ahead.append(made)


def _marking(tokens: Counter[str]) -> _Marking:
    return tuple(sorted((flow, count) for flow, count in tokens.items() if count))


def _next(graph: Graph, tokens: Counter[str]) -> Iterator[Counter[str]]:
    """Yield each marking that one move of one token makes of this one."""
    for flow in tokens:
        node = graph.nodes[graph.flows[flow].target]
        taken = [flow]
        if node.kind is Kind.PARALLEL:
            taken = [incoming.id for incoming in node.incoming]
            if flow != taken[0] or not all(tokens[incoming] for incoming in taken):
                continue
        rest = tokens - Counter(taken)
        for made in _ways(graph, node):
            yield rest + Counter(made)


def _ways(graph: Graph, node: Node) -> Iterator[list[str]]:
    """Yield the flows on which tokens go on from a node, once for each way it can go on."""
    if node.kind is Kind.END:
        yield []
        return
    own = [flow.id for flow in node.outgoing]
    if node.kind is Kind.EXCLUSIVE:
        yield from ([flow] for flow in own)
        return
    yield own
    for id in node.boundaries:
        timer = graph.nodes[id]
        further = [flow.id for flow in timer.outgoing]
        yield further if timer.interrupting else [*own, *further]


def _turns(graph: Graph) -> Iterator[Finding]:
    """Yield nodes from which a token comes back to the same without having rested."""
    for node in graph.nodes.values():
        if node.kind in _PASSED and node.id in _passing(graph, node):
            yield Finding("no-rest", node.id, node.line)


def _passing(graph: Graph, node: Node) -> set[str]:
    seen: set[str] = set()
    ahead = [node.id]
    while ahead:
        here = graph.nodes[ahead.pop()]
        for neighbour in onward(graph, here) if here.kind in _PASSED else ():
            if neighbour not in seen:
                seen.add(neighbour)
                ahead.append(neighbour)
    return seen
