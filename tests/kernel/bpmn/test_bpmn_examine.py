"""An examination names what is wrong in a process before any case runs into it."""

import re

import pytest
from tests.kernel.bpmn.process_file import chain, flow, node, process_file, timer, user

from guantong.bpmn.api import examine, read

ENDS = node("startEvent", "start") + node("endEvent", "end")
XOR = node("exclusiveGateway", "way") + user("a") + chain("start", "way", "a", "end")


def found(inside: str) -> list[tuple[str, str]]:
    return [(finding.code, finding.element) for finding in examine(read(process_file(inside)))]


def test_a_sound_process_has_no_findings() -> None:
    gateway = node("exclusiveGateway", "way", default="way_end")
    flows = chain("start", "way") + flow("way", "a", "level > 1") + flow("way", "end")

    assert found(ENDS + gateway + user("a") + flows + chain("a", "end")) == []


def test_branches_that_are_never_joined_are_no_fault() -> None:
    flows = chain("start", "split", "a", "end") + chain("split", "b", "end")

    assert found(ENDS + node("parallelGateway", "split") + user("a") + user("b") + flows) == []


@pytest.mark.parametrize(
    ("inside", "finding"),
    [
        (node("endEvent", "end"), ("no-start", "p")),
        (node("startEvent", "start"), ("no-end", "p")),
        (ENDS + node("startEvent", "other") + chain("other", "end"), ("several-starts", "other")),
        (ENDS + chain("start", "end") + user("lost") + chain("lost", "end"),
         ("unreachable", "lost")),
        (ENDS + XOR + user("b") + flow("way", "b"), ("no-way-to-end", "b")),
        (ENDS + flow("start", "nowhere"), ("flow-target-missing", "start_nowhere")),
        (ENDS + flow("nowhere", "end"), ("flow-source-missing", "nowhere_end")),
        (ENDS + user("end") + chain("start", "end"), ("duplicate-id", "end")),
        (ENDS + XOR + flow("way", "end", "x > 1"), ("condition-missing", "way_a")),
        (ENDS + XOR + flow("a", "way", "x > 1"), ("condition-misplaced", "a_way")),
        (ENDS + XOR.replace('"way"', '"way" default="start_way"', 1), ("default-unknown", "way")),
        (
            ENDS + node("exclusiveGateway", "way", default="way_end") + chain("start", "way")
            + flow("way", "end", "x > 1"),
            ("default-conditional", "way_end"),
        ),
        (ENDS + chain("start", "end", "start"), ("start-entered", "start")),
        (ENDS + chain("start", "end", "start"), ("end-left", "end")),
        (
            ENDS + chain("start", "end")
            + node("boundaryEvent", "late", timer("PT1H"), attachedToRef="start"),
            ("boundary-loose", "late"),
        ),
        (
            ENDS + XOR + node("boundaryEvent", "late", timer("PT1H"), attachedToRef="a")
            + chain("way", "late", "end"),
            ("boundary-entered", "late"),
        ),
        (
            ENDS + user("a", guantong_verifies="b") + chain("start", "a", "end"),
            ("other-task-missing", "a"),
        ),
        (
            ENDS + user("a", guantong_separate="a") + chain("start", "a", "end"),
            ("other-task-missing", "a"),
        ),
        (
            '<bpmn:laneSet id="ls"><bpmn:lane id="l"><bpmn:flowNodeRef>gone</bpmn:flowNodeRef>'
            f"</bpmn:lane></bpmn:laneSet>{ENDS}{chain('start', 'end')}",
            ("lane-node-missing", "l"),
        ),
        (
            node("startEvent", "start", "<bpmn:outgoing>other</bpmn:outgoing>")
            + node("endEvent", "end") + chain("start", "end"),
            ("flow-disagrees", "start"),
        ),
        (ENDS + node("exclusiveGateway", "w") + flow("start", "w") + flow("w", "end", "x > 1"),
         ("no-default", "w")),
        (ENDS + node("userTask", "a", guantong_limit="PT1H") + chain("start", "a", "end"),
         ("no-role", "a")),
        (ENDS + node("userTask", "a", guantong_role="r") + chain("start", "a", "end"),
         ("no-limit", "a")),
        (ENDS + user("a", guantong_verfies="b") + chain("start", "a", "end"),
         ("setting-misspelt", "a")),
    ],
)  # fmt: skip
def test_each_thing_that_is_wrong_is_named_at_its_element(
    inside: str, finding: tuple[str, str]
) -> None:
    findings = examine(read(process_file(inside)))

    assert finding in [(one.code, one.element) for one in findings]
    for sentence in (one.sentence(language) for one in findings for language in ("en", "zh-CN")):
        assert not sentence.startswith("finding.")
        assert re.search("[{}]", sentence) is None


def test_a_timer_on_a_task_is_reached_through_the_task() -> None:
    boundary = node("boundaryEvent", "late", timer("PT1H"), attachedToRef="a")

    assert (
        found(ENDS + user("a") + boundary + chain("start", "a", "end") + chain("late", "end")) == []
    )


def test_a_task_that_is_only_left_by_its_timer_can_reach_the_end() -> None:
    boundary = node("boundaryEvent", "late", timer("PT1H"), attachedToRef="a")
    flows = chain("start", "a") + flow("a", "a") + chain("late", "end")

    assert found(ENDS + user("a") + boundary + flows) == []


def test_all_faults_of_a_file_are_told_at_once_in_the_order_of_its_lines() -> None:
    inside = ENDS + node("userTask", "a") + flow("start", "a") + flow("a", "nowhere")

    findings = examine(read(process_file(inside)))

    assert [finding.line for finding in findings] == sorted(finding.line for finding in findings)
    assert {"no-role", "no-limit", "flow-target-missing"} <= {finding.code for finding in findings}


def test_a_wait_of_nobody_is_a_warning_and_a_flow_to_nowhere_an_error() -> None:
    inside = ENDS + node("userTask", "a") + chain("start", "a", "nowhere")

    levels = {finding.code: finding.level for finding in examine(read(process_file(inside)))}

    assert (levels["no-role"], levels["flow-target-missing"]) == ("warning", "error")


def test_a_finding_says_in_both_languages_where_it_is_and_leaves_no_place_empty() -> None:
    inside = ENDS + user("a", guantong_verifies="b") + chain("start", "a", "end")

    (finding,) = examine(read(process_file(inside)))

    assert "verifies='b'" in finding.sentence("en")
    for language in ("en", "zh-CN"):
        assert "a" in finding.sentence(language)
        assert re.search(r"[{}]", finding.sentence(language)) is None


def test_ten_thousand_nodes_in_a_row_are_examined() -> None:
    names = [f"n{number}" for number in range(10_000)]
    inside = ENDS + "".join(user(name) for name in names) + chain("start", *names, "end")

    assert found(inside) == []
