"""Is it as the scenario says? What must be true, against what there is."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guantong.packages.rehearsal.judging import (
    AlertFact,
    CaseFact,
    TaskFact,
    Verdict,
    World,
    judge,
)

WENLING, SHITANG, YUHUAN = "331081000000", "331081105000", "331083000000"
STORM = "flood_response.typhoon"
RISING = ("blue", "yellow", "orange", "red")


def alert(
    level: str, place: str = WENLING, *, feedback: str = "", state: str = "open"
) -> AlertFact:
    return AlertFact(
        signal=STORM, division_code=place, highest_level=level, state=state, feedback=feedback
    )


def of_alerts(*alerts: AlertFact) -> World:
    return World(alerts=alerts, levels={STORM: RISING})


def case(place: str = WENLING, *ends: str) -> CaseFact:
    state = "closed" if ends else "open"
    return CaseFact(flow="look_after", division_code=place, state=state, ends=frozenset(ends))


def task(state: str, count: int = 1, place: str = WENLING) -> TaskFact:
    return TaskFact(task="look", division_code=place, state=state, count=count)


def held(wish: Mapping[str, Any], world: World) -> bool:
    return judge(wish, world).held


@pytest.mark.parametrize(
    ("highest", "wanted", "reaches"),
    [
        ("yellow", "yellow", True),
        ("yellow", "orange", False),
        ("red", "yellow", True),
        ("none", "blue", False),
    ],
)
def test_an_alert_reaches_a_level_when_it_stood_as_high_or_higher(
    highest: str, wanted: str, reaches: bool
) -> None:
    wish = {"alert": {"signal": STORM, "reaches": wanted}}

    assert held(wish, of_alerts(alert(highest))) is reaches


def test_without_a_count_one_is_enough_and_with_one_it_must_be_exact() -> None:
    two = of_alerts(alert("blue"), alert("red", YUHUAN))

    assert held({"alert": {"signal": STORM}}, two)
    assert held({"alert": {"signal": STORM, "count": 2}}, two)
    assert not held({"alert": {"signal": STORM, "count": 1}}, two)
    assert not held({"alert": {"signal": STORM, "count": 3}}, two)


def test_that_there_is_none_can_be_asked_for() -> None:
    wish = {"alert": {"signal": STORM, "reaches": "red", "count": 0}}

    assert held(wish, of_alerts(alert("orange")))
    assert held(wish, of_alerts())
    assert not held(wish, of_alerts(alert("red")))


def test_a_division_counts_with_all_that_lies_in_it_and_its_neighbour_does_not() -> None:
    wish = {"task": {"task": "look", "in": WENLING, "state": "accepted", "count": 5}}

    world = World(
        tasks=[task("accepted", 2), task("accepted", 3, SHITANG), task("accepted", 4, YUHUAN)]
    )

    assert held(wish, world)


def test_feedback_must_be_the_one_asked_for() -> None:
    wish = {"alert": {"signal": STORM, "feedback": "false_alarm"}}

    assert held(wish, of_alerts(alert("blue", feedback="false_alarm")))
    assert not held(wish, of_alerts(alert("blue", feedback="confirmed")))
    assert not held(wish, of_alerts(alert("blue")))


def test_an_alert_of_another_signal_is_not_meant() -> None:
    assert not held({"alert": {"signal": "other.signal"}}, of_alerts(alert("red")))


def test_a_case_that_is_still_open_has_ended_nowhere() -> None:
    wish = {"case": {"flow": "look_after", "ends_at": "nothing_there"}}

    assert not held(wish, World(cases=[case()]))
    assert not held(wish, World(cases=[case(WENLING, "seen")]))
    assert held(wish, World(cases=[case(WENLING, "nothing_there")]))


def test_without_an_end_a_case_counts_open_or_closed() -> None:
    wish = {"case": {"flow": "look_after", "count": 2}}

    assert held(wish, World(cases=[case(), case(YUHUAN, "seen")]))
    assert not held(wish, World(cases=[case()]))


def test_what_was_found_instead_is_told() -> None:
    wish = {"case": {"flow": "look_after", "ends_at": "seen", "count": 2}}
    cases = [case(), case(WENLING, "seen"), case(YUHUAN, "nothing_there")]

    verdict = judge(wish, World(cases=cases))

    assert verdict == Verdict(
        held=False, found={"count": 1, "open": 1, "ends": {"nothing_there": 1, "seen": 1}}
    )


def test_of_tasks_every_state_is_told_so_that_one_sees_where_they_are() -> None:
    wish = {"task": {"task": "look", "state": "closed_out", "count": 5}}

    verdict = judge(wish, World(tasks=[task("closed_out", 2), task("completed", 3, SHITANG)]))

    assert verdict == Verdict(
        held=False, found={"count": 2, "states": {"closed_out": 2, "completed": 3}}
    )


@pytest.mark.parametrize(
    ("bounds", "holds"),
    [
        ({"equals": 3}, True),
        ({"equals": 3.1}, False),
        ({"at_least": 3, "at_most": 3}, True),
        ({"at_least": 3.5}, False),
        ({"at_most": 2.5}, False),
        ({"at_least": 1, "at_most": 2}, False),
    ],
)
def test_a_figure_keeps_all_its_bounds(bounds: dict[str, float], holds: bool) -> None:
    wish = {"figure": {"indicator": "a.rate", "in": WENLING, **bounds}}

    assert held(wish, World(figures={("a.rate", WENLING): 3.0})) is holds


def test_a_figure_equals_a_third_as_it_is_written() -> None:
    wish = {"figure": {"indicator": "a.rate", "equals": 0.333333333333}}

    assert held(wish, World(figures={("a.rate", ""): 1 / 3}))


def test_a_figure_without_a_value_keeps_no_bound() -> None:
    wish = {"figure": {"indicator": "a.rate", "at_most": 100}}

    assert not held(wish, World(figures={("a.rate", ""): None}))
    assert not held(wish, World())


PLACES = st.sampled_from([WENLING, SHITANG, YUHUAN])
ALERTS = st.lists(st.builds(alert, st.sampled_from(RISING), PLACES), max_size=6)


@given(alerts=ALERTS, level=st.sampled_from(RISING), place=PLACES)
def test_exactly_one_count_holds_and_it_is_the_one_told(
    alerts: Sequence[AlertFact], level: str, place: str
) -> None:
    wish = {"signal": STORM, "reaches": level, "in": place}
    world = of_alerts(*alerts)
    told = judge({"alert": wish}, world).found["count"]

    holding = [n for n in range(8) if held({"alert": {**wish, "count": n}}, world)]

    assert holding == [told]
    assert held({"alert": wish}, world) is (told > 0)


@given(alerts=ALERTS, place=PLACES)
def test_what_reaches_a_level_has_reached_every_lower_one(
    alerts: Sequence[AlertFact], place: str
) -> None:
    world = of_alerts(*alerts)

    wishes = [{"alert": {"signal": STORM, "reaches": level, "in": place}} for level in RISING]
    counts = [judge(wish, world).found["count"] for wish in wishes]

    assert counts == sorted(counts, reverse=True)
