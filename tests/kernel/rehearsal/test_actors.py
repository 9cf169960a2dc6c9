"""Actors of an exercise: invented, but the same every time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guantong.packages.actors import ARBITRATION_MINUTES, TICK, Behaviour, read_behaviours, tick

NOON = datetime(2019, 8, 9, 12, tzinfo=UTC)
SLOW = Behaviour(
    receive=(1, 5), read=(1, 5), accept=(10, 60), complete=(60, 360), verify=(20, 120),
    late_share=0.25, late_times=4, refuse_share=0.1, refuse_why="no_vehicle",
)  # fmt: skip
ACTS = ("receive", "read", "accept", "complete", "verify", "dispatch_anew")
KEYS = [f"20190809-331081-01/typhoon/evacuate/HH{n}" for n in range(4_000)]


def minutes(act: str, key: str) -> float:
    return SLOW.delay(act, key) / timedelta(minutes=1)


@given(key=st.text(min_size=1), act=st.sampled_from(ACTS))
def test_the_same_task_is_answered_after_the_same_delay(key: str, act: str) -> None:
    assert SLOW.delay(act, key) == SLOW.delay(act, key)


@pytest.mark.parametrize("act", ["receive", "read", "verify"])
def test_a_delay_lies_between_what_was_declared(act: str) -> None:
    least, most = getattr(SLOW, act)

    assert all(least <= minutes(act, key) < most for key in KEYS)


def test_of_many_tasks_the_declared_share_is_late_and_so_many_times() -> None:
    late = [key for key in KEYS if minutes("accept", key) >= 60]

    # Of the late ones all but those drawn below 15 minutes take more than the usual hour.
    assert 0.2 < len(late) / len(KEYS) < 0.3
    assert max(minutes("accept", key) for key in KEYS) > 3.5 * 60
    assert max(minutes("accept", key) for key in KEYS) < 4 * 60


def test_a_task_that_is_accepted_late_is_completed_late_too() -> None:
    on_time = Behaviour(receive=(0, 1), read=(0, 1), accept=(10, 10), complete=(100, 100))
    late = Behaviour(
        receive=(0, 1), read=(0, 1), accept=(10, 10), complete=(100, 100), late_share=0.5,
        late_times=3,
    )  # fmt: skip

    for key in KEYS[:300]:
        factors = {late.delay(act, key) / on_time.delay(act, key) for act in ("accept", "complete")}
        assert factors in ({1.0}, {3.0})
        assert late.delay("receive", key) == on_time.delay("receive", key)


def test_the_first_holder_refuses_the_declared_share_and_the_second_never() -> None:
    refused = [key for key in KEYS if SLOW.refuses(key, sent_back_times=0)]

    assert 0.08 < len(refused) / len(KEYS) < 0.12
    assert not any(SLOW.refuses(key, sent_back_times=1) for key in KEYS)


def test_a_superior_decides_within_half_an_hour() -> None:
    least, most = ARBITRATION_MINUTES

    assert all(least <= minutes("dispatch_anew", key) <= most for key in KEYS[:500])


def test_on_the_stroke_of_ten_minutes_actors_look_at_once() -> None:
    assert tick(NOON) == NOON
    assert tick(NOON + timedelta(microseconds=1)) == NOON + TICK
    assert tick(NOON - timedelta(microseconds=1)) == NOON


@given(microseconds=st.integers(1_546_300_800_000_000, 1_900_000_000_000_000))
def test_actors_look_at_the_clock_every_ten_minutes_and_never_before_the_time(
    microseconds: int,
) -> None:
    at = datetime.fromtimestamp(0, tz=UTC) + timedelta(microseconds=microseconds)

    looked = tick(at)

    assert timedelta(0) <= looked - at < TICK
    assert looked.minute % 10 == 0
    assert (looked.second, looked.microsecond) == (0, 0)


def test_a_scenario_is_read_with_what_it_leaves_out() -> None:
    read = read_behaviours(
        [
            {"does": ["advise", "control"], "receive": [1, 5], "read": [1, 5], "accept": [2, 10],
             "complete": [10, 25], "answers": {"advice": "scenario.advice"}},
            {"does": ["evacuate"], "receive": [1, 10], "read": [5, 30], "accept": [10, 60],
             "complete": [60, 360], "verify": [20, 120], "late": {"share": 0.05, "times": 4},
             "refuse": {"share": 0.01, "why": "scenario.no_vehicle"}},
        ]
    )  # fmt: skip

    assert set(read) == {"advise", "control", "evacuate"}
    assert read["advise"] is read["control"]
    assert (read["advise"].verify, read["advise"].late_share, read["advise"].refuse_share) == (
        None,
        0,
        0,
    )
    assert read["evacuate"].verify == (20, 120)
    assert (read["evacuate"].late_times, read["evacuate"].refuse_why) == (4, "scenario.no_vehicle")
