"""Can every token come to an end, alone? Found by letting tokens go every way there is.

What a gateway chooses is left open: each of its ways is tried. So what is found here can happen
for some answers, whatever the conditions are: a join that waits for a branch nobody took, a step
that two tokens come to, a loop that goes round without ever resting.
"""

from collections.abc import Collection, Iterator

from guantong.bpmn.finding import Finding
from guantong.bpmn.graph import Graph, Kind, Node
from guantong.bpmn.marking import explore, first_marking

# Nodes at which a token does not rest: between two rests, nothing changes what conditions see.
_PASSED = frozenset({Kind.EXCLUSIVE, Kind.PARALLEL, Kind.MANUAL})


def soundness(graph: Graph) -> list[Finding]:
    """Return joins that wait for ever, steps done twice, and loops without rest, by their lines."""
    if graph.faults or len(graph.starts) != 1:
        return []  # told by ``examine``
    gone = explore(graph, [first_marking(graph)]).findings.values()
    found = {(f.code, f.element): f for f in (*gone, *_turns(graph))}
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
