"""Who hands on to whom: by the process, a plan, its tasks, a signal, data that land."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel.packages.vmodel.small import FILES, package, swapped

from guantong.packages.api import CROSSINGS, Cooperation, VModel, models_of, read
from guantong.packages.vmodel.cooperation import cooperation_of
from guantong.packages.vmodel.model import read_model


def cooperation(folder: Path, changed: dict[str, str | None] | None = None) -> Cooperation:
    models = models_of(package(folder, changed))
    assert models is not None
    return models.cooperation


def pairs(found: Cooperation) -> dict[tuple[str, str], set[str]]:
    return {(one.giver, one.taker): {way.kind for way in one.ways} for one in found.hand_overs}


def test_every_hand_over_of_the_small_application(tmp_path: Path) -> None:
    assert pairs(cooperation(tmp_path)) == {
        ("compute", "alarm"): {"landing"},
        ("alarm", "judge"): {"signal"},
        ("judge", "spread"): {"flow"},
        # Past the gateway, without passing a third unit's step.
        ("judge", "close"): {"flow"},
        ("spread", "patrol"): {"plan"},
        ("spread", "tell"): {"plan"},
        ("spread", "close"): {"flow"},
        ("patrol", "spread"): {"settled"},
        ("tell", "spread"): {"settled"},
    }


def test_what_stays_within_one_unit_is_no_hand_over(tmp_path: Path) -> None:
    found = cooperation(tmp_path)

    assert all(one.giver != one.taker for one in found.hand_overs)
    assert ("spread", "spread") not in pairs(found)


def test_a_step_of_no_unit_is_walked_through(tmp_path: Path) -> None:
    # The unit that settles is gone: what it stood between is joined.
    text = FILES["vmodel.yaml"].replace(", {flow: look, node: settle}", "")

    found = pairs(cooperation(tmp_path, {"vmodel.yaml": text}))

    assert found["spread", "close"] == {"flow"}
    assert ("patrol", "spread") not in found


def test_a_clock_on_the_edge_of_a_step_is_a_way_on(tmp_path: Path) -> None:
    text = FILES["flows/look.bpmn"].replace(
        '<endEvent id="end"/>',
        '<endEvent id="end"/>'
        '<boundaryEvent id="late" attachedToRef="judge"><timerEventDefinition id="t">'
        "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
        '<sequenceFlow id="f9" sourceRef="late" targetRef="settle"/>',
    )
    text = text.replace(
        'sourceRef="grave" targetRef="expand"', 'sourceRef="grave" targetRef="close"'
    )

    found = pairs(cooperation(tmp_path, {"flows/look.bpmn": text}))

    assert ("judge", "spread") in found


@pytest.mark.parametrize(
    ("giver", "taker", "crosses"),
    [
        ("compute", "alarm", ("tier", "line")),  # meteorology@county to water@city
        ("alarm", "judge", ("tier", "area")),  # one city opens cases in its counties
        ("judge", "spread", ()),
        ("spread", "close", ("tier",)),  # upwards in the same case: one area
        ("spread", "patrol", ("tier", "line", "area")),  # each township of the county
        ("patrol", "spread", ("tier", "line", "area")),
        ("spread", "tell", ("line",)),
    ],
)
def test_what_a_hand_over_crosses(
    giver: str, taker: str, crosses: tuple[str, ...], tmp_path: Path
) -> None:
    found = cooperation(tmp_path)

    (one,) = (h for h in found.given_by(giver) if h.taker == taker)

    assert one.crosses == crosses
    assert one in found.taken_by(taker)


def test_the_taker_has_its_own_limit_from_then_on(tmp_path: Path) -> None:
    found = cooperation(tmp_path)

    (to_patrol,) = (one for one in found.given_by("spread") if one.taker == "patrol")
    (back,) = found.given_by("patrol")

    assert to_patrol.limit == timedelta(hours=2)
    assert back.limit == timedelta(hours=1)
    assert [step.unit for step in found.steps][:2] == ["compute", "alarm"]


def test_items_spread_over_areas_of_the_same_tier_cross_no_area(tmp_path: Path) -> None:
    changed = swapped("vmodel.yaml", "role: area@township", "role: area@county")

    (one,) = cooperation(tmp_path, changed).given_by("patrol")

    assert one.crosses == ("line",)


def test_a_signal_whose_process_is_not_there_hands_on_to_nobody(tmp_path: Path) -> None:
    changed = swapped("signals/rising.yaml", "flow: look", "flow: elsewhere")

    assert ("alarm", "judge") not in pairs(cooperation(tmp_path, changed))


FLOOD = read(Path(__file__).parents[4] / "apps" / "flood_response")
TASKS = FLOOD.documents["vmodel.yaml"].data["tasks"]
STEPS = sorted(
    alternative["node"]
    for task in TASKS
    for unit in task["units"]
    for alternative in unit["done_by"]
    if "node" in alternative
)


def without(steps: set[str]) -> VModel:
    """Return the V-model of the flood application with these steps in no unit of work."""
    tasks = [
        {
            **task,
            "units": [
                {**unit, "done_by": [c for c in unit["done_by"] if c.get("node") not in steps]}
                for unit in task["units"]
            ],
        }
        for task in TASKS
    ]
    return read_model({"goals": [], "tasks": tasks})


@settings(deadline=None)
@given(st.sets(st.sampled_from(STEPS)))
def test_whichever_steps_have_no_unit_every_hand_over_is_between_two_units_of_the_model(
    gone: set[str],
) -> None:
    model = without(gone)

    found = cooperation_of(FLOOD, model)

    for one in found.hand_overs:
        assert {one.giver, one.taker} <= set(model.units)
        assert one.giver != one.taker
        assert one.ways
        assert set(one.crosses) <= set(CROSSINGS)
        assert not {way.giver.part for way in one.ways if way.giver.kind == "step"} & gone


@settings(deadline=None)
@given(st.sets(st.sampled_from([step for step in STEPS if step != "confirm_review"])))
def test_steps_without_a_unit_join_ways_and_never_cut_one(gone: set[str]) -> None:
    found = cooperation_of(FLOOD, without(gone))

    reached: set[str] = set()
    waiting = ["judge_level"]
    while waiting:
        unit = waiting.pop()
        if unit not in reached:
            reached.add(unit)
            waiting += [one.taker for one in found.given_by(unit)]
    assert "confirm_review" in reached
