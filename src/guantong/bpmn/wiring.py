"""Joining what was read: flows to nodes, timers to tasks; and the faults that show there.

A fault is something that leaves the meaning of the process open. It is kept as a finding, and
the flow or reference it concerns is left out of the graph, which can then be drawn and
examined but not begun.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from guantong.bpmn.finding import Finding
from guantong.bpmn.graph import WAITING_ACTIVITIES, Flow, Kind, Lane, Node


def wire(
    nodes: Mapping[str, Node], flows: Mapping[str, Flow], lanes: Mapping[str, Lane]
) -> tuple[dict[str, Node], dict[str, Flow], list[Finding]]:
    """Return the nodes with their flows and timers, the flows that join two nodes, the faults."""
    sound = {
        flow.id: flow for flow in flows.values() if flow.source in nodes and flow.target in nodes
    }
    incoming, outgoing = defaultdict[str, list[Flow]](list), defaultdict[str, list[Flow]](list)
    boundaries = defaultdict[str, list[str]](list)
    for flow in sound.values():
        outgoing[flow.source].append(flow)
        incoming[flow.target].append(flow)
    for node in nodes.values():
        if node.kind is Kind.BOUNDARY and node.attached_to is not None:
            boundaries[node.attached_to].append(node.id)
    wired = {
        node.id: replace(
            node,
            incoming=tuple(incoming[node.id]),
            outgoing=tuple(outgoing[node.id]),
            boundaries=tuple(boundaries[node.id]),
        )
        for node in nodes.values()
    }
    faults = [*_loose_flows(nodes, flows), *_loose_lanes(nodes, lanes)]
    for node in wired.values():
        faults += [*_wrong_sides(node), *_wrong_conditions(node), *_wrong_references(node, wired)]
    return wired, sound, faults


def _loose_flows(nodes: Mapping[str, Node], flows: Mapping[str, Flow]) -> Iterator[Finding]:
    for flow in flows.values():
        if flow.source not in nodes:
            yield Finding("flow-source-missing", flow.id, flow.line, {"node": flow.source})
        if flow.target not in nodes:
            yield Finding("flow-target-missing", flow.id, flow.line, {"node": flow.target})


def _loose_lanes(nodes: Mapping[str, Node], lanes: Mapping[str, Lane]) -> Iterator[Finding]:
    for lane in lanes.values():
        for node in lane.nodes:
            if node not in nodes:
                yield Finding("lane-node-missing", lane.id, lane.line, {"node": node})


def _wrong_sides(node: Node) -> Iterator[Finding]:
    # BPMN 2.0.2, 10.5.2, 10.5.3 and 10.5.4: flow connection rules of the three kinds of event.
    if node.incoming and node.kind is Kind.START:
        yield Finding("start-entered", node.id, node.line, {"flow": node.incoming[0].id})
    if node.incoming and node.kind is Kind.BOUNDARY:
        yield Finding("boundary-entered", node.id, node.line, {"flow": node.incoming[0].id})
    if node.outgoing and node.kind is Kind.END:
        yield Finding("end-left", node.id, node.line, {"flow": node.outgoing[0].id})


def _wrong_conditions(node: Node) -> Iterator[Finding]:
    for flow in node.outgoing:
        conditional = flow.condition is not None
        if conditional and node.kind is not Kind.EXCLUSIVE:
            yield Finding("condition-misplaced", flow.id, flow.line, {"node": node.id})
        elif conditional and flow.id == node.default:
            yield Finding("default-conditional", flow.id, flow.line, {"node": node.id})
        elif (
            node.kind is Kind.EXCLUSIVE
            and len(node.outgoing) > 1
            and not conditional
            and flow.id != node.default
        ):
            yield Finding("condition-missing", flow.id, flow.line, {"node": node.id})


def _is_done(node: Node | None, relation: str) -> bool:
    """Say whether somebody does a node: a user task, or a start that a person fills in."""
    if node is None:
        return False
    by_hand = node.kind is Kind.START and node.form is not None and relation == "verifies"
    return node.kind is Kind.USER or by_hand


def _wrong_references(node: Node, nodes: Mapping[str, Node]) -> Iterator[Finding]:
    if node.default is not None and node.default not in {flow.id for flow in node.outgoing}:
        yield Finding("default-unknown", node.id, node.line, {"flow": node.default})
    if node.kind is Kind.BOUNDARY:
        host = nodes.get(node.attached_to or "")
        if host is None or host.kind not in WAITING_ACTIVITIES:
            yield Finding("boundary-loose", node.id, node.line, {"node": node.attached_to or ""})
    for relation, other in (("verifies", node.verifies), ("separate", node.separate)):
        if other is not None and (other == node.id or not _is_done(nodes.get(other), relation)):
            facts = {"relation": relation, "node": other}
            yield Finding("other-task-missing", node.id, node.line, facts)
