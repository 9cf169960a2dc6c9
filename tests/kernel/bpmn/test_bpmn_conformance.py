"""The common processes of the benchmarks run, and what of the public sets can be read is counted.

The public sets lie outside the project: without them these tests are left out, and say so.
Most of their files use more of BPMN than the engine carries out; such files must be refused
by name. Files that are read must get the right verdict.
"""

import os
import sys
from pathlib import Path

import pytest
import yaml

from guantong.bpmn.api import (
    Ended,
    Finished,
    RuleAsked,
    TaskOpened,
    TimerSet,
    begin,
    complete,
    read,
)
from guantong.bpmn.api import examine as examine_graph
from guantong.bpmn.errors import BpmnRefused, BpmnUnsupported

SHARED = Path(__file__).resolve().parents[4] / "shared"
SETS = Path(os.environ.get("GUANTONG_CONFORMANCE", SHARED / "conformance"))
CASE = SHARED / "benchmarks" / "case.bpmn"
LOOP = SHARED / "benchmarks" / "loop.bpmn"


@pytest.mark.skipif(not CASE.is_file(), reason="shared/benchmarks is not on this machine")
@pytest.mark.parametrize(("risk", "decided"), [("high", True), ("low", False)])
def test_the_common_case_runs_to_its_end(risk: str, decided: bool) -> None:
    graph = read(CASE.read_bytes())
    step = begin(graph, {})
    opened: list[str] = []
    effects = list(step.effects)

    while not step.state.finished:
        token = next(token for token in step.state.tokens if token.waiting)
        opened.append(token.node)
        step = complete(graph, step.state, token.id, {"risk": risk})
        effects += step.effects

    expected = ["ut_intake", "dmn_risk", "ut_a", "ut_b", "timer", "ut_review"]
    assert opened == expected + ["ut_decide"] * decided
    assert (graph.nodes["dmn_risk"].decision, graph.nodes["dmn_risk"].result) == ("risk", "risk")
    assert graph.nodes["ut_a"].role == "health"
    kinds = [type(effect) for effect in effects]
    assert (kinds.count(TaskOpened), kinds.count(RuleAsked), kinds.count(TimerSet)) == (
        4 + decided,
        1,
        1,
    )
    assert effects[-2:] == [Ended("end"), Finished()]


@pytest.mark.skipif(not LOOP.is_file(), reason="shared/benchmarks is not on this machine")
def test_the_common_loop_goes_round_and_its_state_does_not_grow() -> None:
    graph = read(LOOP.read_bytes())
    step = begin(graph, {})

    for _ in range(200):
        step = complete(graph, step.state, step.state.tokens[0].id, {"again": True})

    assert len(step.state.tokens) == 1
    assert complete(graph, step.state, step.state.tokens[0].id, {"again": False}).state.finished


@pytest.mark.skipif(not (SETS / "bpmn-static").is_dir(), reason="the set bpmn-static is not here")
def test_every_static_file_is_read_or_refused_and_valid_ones_get_no_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    expected = yaml.safe_load((SETS / "bpmn-static" / "expected.yaml").read_text(encoding="utf-8"))
    count = {"valid": [0, 0], "invalid": [0, 0], "refused": [0, 0]}
    alarms: list[str] = []

    for entry in expected["files"]:
        right = entry["expect"]
        try:
            findings = examine_graph(read((SETS / "bpmn-static" / entry["file"]).read_bytes()))
        except BpmnRefused:
            count["refused"][right == "invalid"] += 1
            continue
        count[right][bool(findings)] += 1
        if right == "valid" and any(finding.level == "error" for finding in findings):
            alarms.append(entry["file"])

    with capsys.disabled():
        sys.stdout.write(f"\nbpmn-static: {len(expected['files'])} files, {count}\n")
    assert alarms == []


@pytest.mark.skipif(
    not (SETS / "bpmn-execution").is_dir(), reason="the set bpmn-execution is not here"
)
def test_every_execution_file_is_refused_by_the_name_of_what_is_not_carried_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = sorted((SETS / "bpmn-execution").rglob("*.bpmn"))
    refused: dict[str, int] = {}

    for path in files:
        # All of them log through script tasks, which this engine does not carry out yet.
        with pytest.raises(BpmnRefused) as caught:
            read(path.read_bytes())
        what = str(caught.value.facts.get("what", caught.value.code))
        refused[what] = refused.get(what, 0) + 1
        assert (
            isinstance(caught.value, BpmnUnsupported) or caught.value.code == "bpmn-not-one-process"
        )

    with capsys.disabled():
        sys.stdout.write(f"\nbpmn-execution: {len(files)} files, all refused for: {refused}\n")
