"""What a process leaves open, found before it runs: ways that lead nowhere, waits of nobody.

Looks at the graph alone. Whether a role resolves to a unit, a form exists or a decision is
in the package, is asked by the doctor of packages, who knows them.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator

from guantong.bpmn.finding import Finding
from guantong.bpmn.graph import Graph, Kind, Node

# The settings a user task knows; others are kept for whoever reads them, but a near miss of
# one of these would silently drop a duty.
_SETTINGS = ("role", "form", "limit", "verifies", "separate")
# What a start event knows: who opens a case by hand, what is asked, about what, where, and which
# answers are kept.
_SETTINGS_OF_START = ("role", "form", "matter", "places", "keeps", "follows")
_NEAR = 0.75


def examine(graph: Graph) -> list[Finding]:
    """Return all that is wrong or doubtful in a process, in the order of its lines."""
    found = [*graph.faults, *_ends(graph), *_ways(graph)]
    for node in graph.nodes.values():
        if node.kind is Kind.EXCLUSIVE:
            found += _gateway(node)
        elif node.kind is Kind.USER:
            found += _user_task(node)
        elif node.kind is Kind.START:
            found += _misspelt(node, _SETTINGS_OF_START)
    return sorted(found, key=lambda finding: finding.line)


def _ends(graph: Graph) -> Iterator[Finding]:
    if not graph.starts:
        yield Finding("no-start", graph.process_id, graph.line)
    for extra in graph.starts[1:]:
        yield Finding("several-starts", extra.id, extra.line, {"first": graph.starts[0].id})
    if not any(node.kind is Kind.END for node in graph.nodes.values()):
        yield Finding("no-end", graph.process_id, graph.line)


def _ways(graph: Graph) -> Iterator[Finding]:
    """Yield nodes no token comes to, and nodes from which none comes to an end."""
    nodes = graph.nodes
    ends = [node for node in nodes.values() if node.kind is Kind.END]
    hosts = {timer: node.id for node in nodes.values() for timer in node.boundaries}

    def onward(node: Node) -> Iterator[str]:
        yield from (flow.target for flow in node.outgoing)
        yield from (timer for timer in node.boundaries if timer in nodes)

    def back(node: Node) -> Iterator[str]:
        yield from (flow.source for flow in node.incoming)
        if node.id in hosts:
            yield hosts[node.id]

    reached, ending = _closure(graph, graph.starts, onward), _closure(graph, ends, back)
    for node in nodes.values():
        # Without any start or end there is one finding for the process, not one for each node.
        if graph.starts and node.id not in reached:
            yield Finding("unreachable", node.id, node.line)
        elif ends and node.id not in ending:
            yield Finding("no-way-to-end", node.id, node.line)


def _closure(
    graph: Graph, first: Iterable[Node], follow: Callable[[Node], Iterable[str]]
) -> set[str]:
    seen = {node.id for node in first}
    ahead = list(seen)
    while ahead:
        for neighbour in follow(graph.nodes[ahead.pop()]):
            if neighbour not in seen:
                seen.add(neighbour)
                ahead.append(neighbour)
    return seen


def _gateway(node: Node) -> Iterator[Finding]:
    if node.default is None and any(flow.condition is not None for flow in node.outgoing):
        yield Finding("no-default", node.id, node.line)


def _user_task(node: Node) -> Iterator[Finding]:
    if node.role is None:
        yield Finding("no-role", node.id, node.line)
    if node.limit is None:
        yield Finding("no-limit", node.id, node.line)
    yield from _misspelt(node, _SETTINGS)


def _misspelt(node: Node, known: tuple[str, ...]) -> Iterator[Finding]:
    for setting in node.settings.keys() - set(known):
        near = difflib.get_close_matches(setting, known, n=1, cutoff=_NEAR)
        if near:
            facts = {"setting": setting, "near": near[0]}
            yield Finding("setting-misspelt", node.id, node.line, facts)
