"""A process file is read into a graph, or refused with the element, the line and a remedy."""

import re
from datetime import timedelta

import pytest
from tests.kernel.bpmn.process_file import HEAD, chain, flow, node, process_file, timer, user

from guantong.bpmn.api import Box, Kind, duration, read
from guantong.bpmn.errors import (
    BadValue,
    BpmnRefused,
    BpmnUnsupported,
    ConditionUnreadable,
    HasDoctype,
    IdMissing,
    NotBpmn,
    NotOneProcess,
    NotXml,
    TooLarge,
)

ENDS = node("startEvent", "start") + node("endEvent", "end")


def test_a_user_task_carries_its_role_form_limit_and_who_must_not_do_it() -> None:
    verify = user("verify", guantong_form="verify", guantong_verifies="handle", guantong_of="place")

    graph = read(
        process_file(ENDS + user("handle") + verify + chain("start", "handle", "verify", "end"))
    )

    task = graph.nodes["verify"]
    assert (task.kind, task.role, task.form) == (Kind.USER, "emergency@county", "verify")
    assert (task.limit, task.verifies) == (timedelta(minutes=30), "handle")
    assert task.settings["of"] == "place"
    assert graph.faults == ()


def test_a_task_without_a_role_has_that_of_its_lane_and_its_own_role_goes_first() -> None:
    lanes = (
        '<bpmn:laneSet id="lanes"><bpmn:lane id="l1" name="water@county">'
        "<bpmn:flowNodeRef>a</bpmn:flowNodeRef><bpmn:flowNodeRef>b</bpmn:flowNodeRef></bpmn:lane>"
        '<bpmn:lane id="l2" name="Housing" guantong:role="housing@township">'
        "<bpmn:flowNodeRef>c</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
    )
    tasks = node("userTask", "a") + user("b") + node("userTask", "c")

    graph = read(process_file(lanes + ENDS + tasks + chain("start", "a", "b", "c", "end")))

    roles = {name: graph.nodes[name].role for name in "abc"}
    assert roles == {"a": "water@county", "b": "emergency@county", "c": "housing@township"}
    assert graph.lanes["l2"].nodes == ("c",)


def test_a_service_task_keeps_every_setting_of_ours() -> None:
    service = node("serviceTask", "warn", guantong_service="notify", guantong_channel="sms")

    graph = read(process_file(ENDS + service + chain("start", "warn", "end")))

    assert graph.nodes["warn"].service == "notify"
    assert dict(graph.nodes["warn"].settings) == {"service": "notify", "channel": "sms"}


def test_the_original_file_is_kept_byte_for_byte() -> None:
    xml = process_file(f"<!-- 防汛 -->\n{ENDS}{chain('start', 'end')}")

    assert read(xml).source == xml


def test_the_drawing_gives_the_box_of_a_node_and_the_points_of_a_flow() -> None:
    drawing = (
        '<bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="pl" bpmnElement="p">'
        '<bpmndi:BPMNShape id="s1" bpmnElement="start">'
        '<dc:Bounds x="10" y="20.5" width="36" height="36"/>'
        "</bpmndi:BPMNShape>"
        '<bpmndi:BPMNEdge id="e1" bpmnElement="start_end"><di:waypoint x="46" y="38"/>'
        '<di:waypoint x="90" y="38"/></bpmndi:BPMNEdge></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    )

    graph = read(process_file(ENDS + chain("start", "end"), beside=drawing))

    assert graph.shapes["start"].box == Box(10, 20.5, 36, 36)
    assert graph.shapes["start_end"].waypoints == ((46, 38), (90, 38))


def test_a_graph_cannot_be_changed() -> None:
    graph = read(process_file(ENDS + chain("start", "end")))

    with pytest.raises(TypeError, match="item assignment"):
        graph.nodes["start"] = graph.nodes["end"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("element", "named"),
    [
        (node("scriptTask", "x"), "scriptTask"),
        (node("subProcess", "x"), "subProcess"),
        (node("inclusiveGateway", "x"), "inclusiveGateway"),
        (node("dataObject", "x"), "dataObject"),
        (node("endEvent", "x", "<bpmn:terminateEventDefinition/>"), "terminateEventDefinition"),
        (node("startEvent", "x", timer("PT1H")), "timerEventDefinition"),
        (node("intermediateCatchEvent", "x"), "0 timerEventDefinition"),
        (node("userTask", "x", "<bpmn:potentialOwner/>"), "potentialOwner"),
        (node("userTask", "x", "<bpmn:multiInstanceLoopCharacteristics/>"), "multiInstance"),
        (node("userTask", "x", isForCompensation="true"), "userTask/@isForCompensation"),
        (node("userTask", "x", default="f"), "userTask/@default"),
        (node("serviceTask", "x", operationRef="op"), "serviceTask/@operationRef"),
        (flow("start", "end").replace('"start_end"', '"x" isImmediate="false"'), "@isImmediate"),
    ],
)
def test_what_the_engine_does_not_carry_out_is_refused_by_name_with_id_and_line(
    element: str, named: str
) -> None:
    with pytest.raises(
        BpmnUnsupported, match=f"{re.escape(named)}.*'x' .line 6.*Model it with"
    ) as caught:
        read(process_file(f"{ENDS}{element}"))

    assert "“x”（第6行）" in caught.value.sentence("zh-CN")


def test_a_timer_that_repeats_or_names_a_date_is_refused() -> None:
    cycle = timer("R3/PT1H").replace("timeDuration", "timeCycle")

    with pytest.raises(BpmnUnsupported, match="timeCycle"):
        read(process_file(ENDS + node("intermediateCatchEvent", "wait", cycle)))


def test_a_condition_in_another_language_than_feel_is_refused() -> None:
    other = flow("way", "end", "x").replace("Expression>", 'Expression language="python">', 1)

    with pytest.raises(BpmnUnsupported, match="language=python"):
        read(process_file(ENDS + node("exclusiveGateway", "way") + other))


def test_documentation_notes_and_extensions_of_others_do_not_disturb() -> None:
    task = node(
        "userTask",
        "a",
        "<bpmn:documentation>why</bpmn:documentation>"
        '<bpmn:extensionElements><z:form xmlns:z="https://example.org/z"/></bpmn:extensionElements>',
    )
    note = '<bpmn:textAnnotation id="note"><bpmn:text>看</bpmn:text></bpmn:textAnnotation>'

    graph = read(process_file(ENDS + task + note + chain("start", "a", "end")))

    assert set(graph.nodes) == {"start", "end", "a"}


@pytest.mark.parametrize("text", ["P1M", "P1Y", "PT", "P", "30M", "PT1.5H", "-PT1H", "P1DT", ""])
def test_a_duration_that_has_no_fixed_length_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadValue, match=r"'wait'.*PT30M"):
        read(process_file(ENDS + node("intermediateCatchEvent", "wait", timer(text))))


def test_durations_of_weeks_days_hours_minutes_and_seconds_are_read() -> None:
    assert duration("P2W") == timedelta(weeks=2)
    assert duration("P1DT2H3M4.5S") == timedelta(days=1, hours=2, minutes=3, seconds=4.5)
    assert duration("PT0S") == timedelta(0)


def test_a_condition_that_is_no_feel_is_refused_with_the_flow_and_what_feel_says() -> None:
    gateway = node("exclusiveGateway", "way") + flow("way", "end", "level = = 3")

    with pytest.raises(ConditionUnreadable, match="'way_end'") as caught:
        read(process_file(ENDS + gateway))

    for language in ("zh-CN", "en"):
        assert caught.value.sentence(language).endswith(caught.value.cause.sentence(language))


def test_an_entity_bomb_is_refused_before_anything_is_expanded() -> None:
    tens = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10))
    bomb = f'<!DOCTYPE d [<!ENTITY e0 "aaaaaaaaaa">{tens}]>'.encode()
    xml = bomb + process_file(ENDS + node("userTask", "x", "&e9;")).partition(b"\n")[2]

    with pytest.raises(HasDoctype, match="Delete the DOCTYPE"):
        read(xml)


@pytest.mark.parametrize(
    ("xml", "refusal"),
    [
        (b"", NotXml),
        (b"\x00\xff rubbish", NotXml),
        (b"<a>\n<b></a>", NotXml),
        (b"<" * 9_000_000, TooLarge),
        (b"<html/>", NotBpmn),
        (b"<a>" * 100_000, NotXml),
        (f"{HEAD}</bpmn:definitions>".encode(), NotOneProcess),
        (process_file(ENDS).replace(b' isExecutable="true"', b""), NotOneProcess),
        (process_file(ENDS).replace(b'"true"', b'"maybe"'), BadValue),
        (process_file(ENDS + "<bpmn:userTask/>"), IdMissing),
    ],
)
def test_a_file_that_is_no_process_is_refused_in_one_sentence(
    xml: bytes, refusal: type[BpmnRefused]
) -> None:
    with pytest.raises(refusal) as caught:
        read(xml)

    assert caught.value.sentence("en").startswith("The ")
    assert "未被接受" in caught.value.sentence("zh-CN")


def test_the_place_of_broken_xml_is_named() -> None:
    with pytest.raises(NotXml, match="line 2, column"):
        read(b"<a>\n<b></a>")
