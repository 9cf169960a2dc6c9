"""From a process file to a graph: what the engine knows is compiled, the rest refused by name.

Nothing that would change what a case does is left out in silence: an element, an event
definition or an attribute this engine does not carry out is refused with its id and line.
Documentation, artifacts and extensions of other makers mean nothing to a token and stay in
the file, whose bytes the graph keeps. Faults that leave the rest readable (an id twice, a
flow that leads nowhere) are kept as findings, so that the author sees all of them at once.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from lxml import etree

from guantong.base.errors import GuantongError
from guantong.bpmn import document
from guantong.bpmn.diagram import shapes_in
from guantong.bpmn.document import (
    CAMUNDA,
    MODEL,
    bad_value,
    boolean,
    elements,
    is_model,
    line_of,
    local,
    settings_of,
    text_of,
)
from guantong.bpmn.duration import duration
from guantong.bpmn.errors import BpmnUnsupported, ConditionUnreadable, IdMissing, NotOneProcess
from guantong.bpmn.finding import Finding
from guantong.bpmn.graph import Flow, Graph, Kind, Lane, Node
from guantong.bpmn.wiring import wire
from guantong.feel.api import parse as parse_feel

_KINDS = {kind.value: kind for kind in Kind}
_SILENT = frozenset({"documentation", "extensionElements"})
_ARTIFACTS = frozenset({"textAnnotation", "association", "group", "category"})
_TIMED = frozenset({Kind.TIMER, Kind.BOUNDARY})
_OWN = {
    Kind.EXCLUSIVE: frozenset({"default"}),
    Kind.BOUNDARY: frozenset({"cancelActivity", "attachedToRef"}),
}
_OWN_OF_FLOW = frozenset({"sourceRef", "targetRef"})
_OWN_OF_PROCESS = frozenset({"isExecutable", "isClosed", "definitionalCollaborationRef"})

# Attributes of BPMN that ask for nothing, and those that ask for nothing while they have the
# value that the standard gives them by default.
_PLAIN = frozenset({"id", "name", "gatewayDirection", "implementation"})
_NEUTRAL = {
    "isForCompensation": ("false", "0"),
    "startQuantity": ("1",),
    "completionQuantity": ("1",),
    "parallelMultiple": ("false", "0"),
    "isInterrupting": ("true", "1"),
    "isImmediate": ("true", "1"),
    "processType": ("None", "Private"),
}

# The languages of a condition that are FEEL. The standard's own default (XPath) is written by
# nobody: modelling tools leave the attribute out and mean the language of their engine.
_FEEL = frozenset({"", "feel", "http://www.omg.org/spec/FEEL/20140401"}) | {
    f"{scheme}://www.omg.org/spec/DMN/{version}/FEEL/"
    for scheme in ("http", "https")  # DMN 1.2 writes http, the later versions https
    for version in ("20180521", "20191111", "20211108", "20230324", "20240513")
}


def read(xml: bytes) -> Graph:
    """Return the one executable process of a BPMN 2.0 file, or refuse the file."""
    root = document.parse(xml)
    _only(root, {"process", "collaboration"} | _ARTIFACTS)
    for collaboration in elements(root, "collaboration"):
        _only(collaboration, {"participant"} | _ARTIFACTS)
        for participant in elements(collaboration, "participant"):
            _only(participant, set())
    process = _executable(root)
    _only(process, {"laneSet", "sequenceFlow", *_KINDS} | _ARTIFACTS)
    _check_attributes(process, _OWN_OF_PROCESS)
    faults = list(_duplicates(root))
    lanes = _lanes(process)
    holders = {node: lane for lane in lanes.values() for node in lane.nodes}
    nodes: dict[str, Node] = {}
    flows: dict[str, Flow] = {}
    language = root.get("expressionLanguage") or ""
    for element in filter(is_model, process.iterchildren()):
        if local(element) in _KINDS:
            node = _node(element, holders)
            nodes.setdefault(node.id, node)
        elif local(element) == "sequenceFlow":
            flow = _flow(element, language)
            flows.setdefault(flow.id, flow)
    faults += _disagreements(process, flows)
    wired, sound, more = wire(nodes, flows, lanes)
    return Graph(
        process_id=_id(process),
        name=process.get("name") or "",
        nodes=MappingProxyType(wired),
        flows=MappingProxyType(sound),
        lanes=MappingProxyType(lanes),
        shapes=MappingProxyType(shapes_in(root)),
        source=bytes(xml),
        line=line_of(process),
        faults=(*faults, *more),
    )


def _executable(root: etree._Element) -> etree._Element:
    found = [
        one for one in elements(root, "process") if boolean(one, "isExecutable", default=False)
    ]
    if len(found) != 1:
        raise NotOneProcess(count=len(found))
    return found[0]


def _only(parent: etree._Element, allowed: set[str] | frozenset[str]) -> None:
    """Refuse the first child of BPMN itself that this engine does not carry out."""
    for child in parent.iterchildren():
        name = local(child)
        if is_model(child) and name not in _SILENT and name not in allowed:
            raise _unsupported(child, name)


def _unsupported(element: etree._Element, what: str) -> BpmnUnsupported:
    owner: etree._Element | None = element
    while owner is not None and not owner.get("id"):
        owner = owner.getparent()
    name = owner.get("id") if owner is not None else None
    return BpmnUnsupported(what=what, element=name or local(element), line=line_of(element))


def _id(element: etree._Element) -> str:
    found = (element.get("id") or "").strip()
    if not found:
        raise IdMissing(element=local(element), line=line_of(element))
    return found


def _duplicates(root: etree._Element) -> Iterator[Finding]:
    bearers = [element for element in root.iter("*") if element.get("id") and is_model(element)]
    counted = Counter(element.get("id") for element in bearers)
    seen: set[str] = set()
    for element in bearers:
        name = str(element.get("id"))
        if name in seen:
            yield Finding("duplicate-id", name, line_of(element), {"times": counted[name]})
        seen.add(name)


def _lanes(process: etree._Element) -> dict[str, Lane]:
    """Return every lane, outer ones first, so that the innermost holder of a node wins."""
    lanes: dict[str, Lane] = {}
    for lane_set in process.iter(f"{{{MODEL}}}laneSet", f"{{{MODEL}}}childLaneSet"):
        _only(lane_set, {"lane"})
        for lane in elements(lane_set, "lane"):
            _only(lane, {"flowNodeRef", "childLaneSet"})
            name = lane.get("name") or ""
            lanes[_id(lane)] = Lane(
                id=_id(lane),
                name=name,
                role=settings_of(lane).get("role") or name,
                nodes=tuple(text_of(reference) for reference in elements(lane, "flowNodeRef")),
                line=line_of(lane),
            )
    return lanes


def _node(element: etree._Element, holders: dict[str, Lane]) -> Node:
    kind = _KINDS[local(element)]
    _only(
        element, {"incoming", "outgoing"} | ({"timerEventDefinition"} if kind in _TIMED else set())
    )
    _check_attributes(element, _OWN.get(kind, frozenset()))
    name = _id(element)
    settings = settings_of(element)
    lane = holders.get(name)
    return Node(
        id=name,
        kind=kind,
        line=line_of(element),
        name=element.get("name") or "",
        default=element.get("default"),
        duration=_timer(element) if kind in _TIMED else None,
        # A qualified name, like every reference of BPMN that is no plain IDREF.
        attached_to=(element.get("attachedToRef") or "").rpartition(":")[2] or None,
        interrupting=boolean(element, "cancelActivity", default=True),
        lane=lane.id if lane else None,
        role=settings.get("role") or (lane.role if lane else "") or None,
        form=settings.get("form"),
        limit=_length(element, settings["limit"]) if "limit" in settings else None,
        verifies=settings.get("verifies"),
        separate=settings.get("separate"),
        service=settings.get("service"),
        decision=settings.get("decision") or element.get(f"{{{CAMUNDA}}}decisionRef"),
        result=settings.get("result") or element.get(f"{{{CAMUNDA}}}resultVariable"),
        settings=MappingProxyType(settings),
    )


def _check_attributes(element: etree._Element, own: frozenset[str]) -> None:
    """Refuse the first attribute that asks for something, beside those the element is read by."""
    for attribute, value in element.attrib.items():
        name = str(attribute)
        if name.startswith("{") or name in _PLAIN or name in own:
            continue
        text = str(value).strip()
        if text not in _NEUTRAL.get(name, ()):
            raise _unsupported(element, f"{local(element)}/@{name}={text}")


def _timer(element: etree._Element) -> timedelta:
    definitions = list(elements(element, "timerEventDefinition"))
    if len(definitions) != 1:
        raise _unsupported(element, f"{local(element)} / {len(definitions)} timerEventDefinition")
    _only(definitions[0], {"timeDuration"})
    lengths = list(elements(definitions[0], "timeDuration"))
    if len(lengths) != 1:
        raise _unsupported(element, f"timerEventDefinition / {len(lengths)} timeDuration")
    return _length(lengths[0], text_of(lengths[0]))


def _length(element: etree._Element, text: str) -> timedelta:
    length = duration(text)
    if length is None:
        raise bad_value(element, local(element), text, "PT30M / PT8H / P2D / P1W")
    return length


def _flow(element: etree._Element, language: str) -> Flow:
    _only(element, {"conditionExpression"})
    _check_attributes(element, _OWN_OF_FLOW)
    flow = Flow(
        id=_id(element),
        source=element.get("sourceRef") or "",
        target=element.get("targetRef") or "",
        line=line_of(element),
        name=element.get("name") or "",
    )
    written = next(elements(element, "conditionExpression"), None)
    if written is None:
        return flow
    language = written.get("language") or language
    if language.lower() not in {known.lower() for known in _FEEL}:
        raise _unsupported(element, f"conditionExpression/@language={language}")
    text = text_of(written)
    try:
        condition = parse_feel(text)
    except GuantongError as cause:
        raise ConditionUnreadable(cause=cause, element=flow.id, line=line_of(written)) from cause
    return replace(flow, condition=condition, condition_text=text)


def _disagreements(process: etree._Element, flows: dict[str, Flow]) -> Iterator[Finding]:
    """Yield where a node's own list of flows tells another story than the flows themselves."""
    for element in filter(is_model, process.iterchildren()):
        if local(element) not in _KINDS:
            continue
        name = element.get("id") or ""
        for side in ("incoming", "outgoing"):
            for reference in elements(element, side):
                # The reference is a qualified name; the prefix is not part of the id.
                flow = flows.get(text_of(reference).rpartition(":")[2])
                end = None if flow is None else flow.target if side == "incoming" else flow.source
                if end != name:
                    facts = {"flow": text_of(reference)}
                    yield Finding("flow-disagrees", name, line_of(reference), facts)
