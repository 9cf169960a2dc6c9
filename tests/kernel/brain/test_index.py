"""An index: weights, scales, penalty and colours, each version from its day on."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guantong.brain.index import Index, Part, Penalty, Version, colour_of, score
from guantong.brain.ranking import bounds, month_after, month_of

FIRST = Version(
    since=date(2026, 1, 1),
    parts=(
        Part(indicator="a.share", weight=3), Part(indicator="a.days", weight=1, zero=30, full=0)
    ),
    penalty=Penalty(indicator="a.grave", each=4, most=10),
    cuts={"green": 90, "blue": 80, "yellow": 70, "orange": 60},
    basis={"zh": "试", "en": "a trial"},
)  # fmt: skip


def test_a_score_is_the_weighted_mean_of_the_points_of_its_parts() -> None:
    found = score(FIRST, {"a.share": 80, "a.days": 15})

    assert (found.value, found.colour) == (72.5, "yellow")
    assert found.points == {"a.share": 80.0, "a.days": 50.0}


def test_where_less_is_better_the_scale_runs_the_other_way_and_ends_at_its_ends() -> None:
    days = FIRST.parts[1]

    assert [days.points(value) for value in (45, 30, 15, 0, -5)] == [0, 0, 50, 100, 100]


def test_a_part_without_rows_leaves_its_weight_to_the_others() -> None:
    assert score(FIRST, {"a.share": 80, "a.days": None}).value == 80.0


def test_less_than_half_of_the_weight_is_no_score_and_half_of_it_is_one() -> None:
    even = replace(FIRST, parts=(FIRST.parts[0], replace(FIRST.parts[1], weight=3)))

    assert score(FIRST, {"a.days": 0}).colour == "grey"
    assert score(FIRST, {"a.days": 0}).value is None
    assert score(even, {"a.days": 0}).value == 100.0


def test_a_penalty_is_taken_off_for_each_and_no_more_than_its_most() -> None:
    once, often = (
        score(FIRST, {"a.share": 100, "a.days": 0, "a.grave": count}) for count in (1, 9)
    )

    assert (once.value, once.penalty) == (96.0, 4)
    assert (often.value, often.penalty) == (90.0, 10)


def test_no_score_falls_below_nought() -> None:
    assert score(FIRST, {"a.share": 0, "a.days": 30, "a.grave": 2}).value == 0.0


@pytest.mark.parametrize(
    ("value", "colour"),
    [(100, "green"), (90, "green"), (89.9, "blue"), (80, "blue"), (79.9, "yellow"), (70, "yellow"),
     (69.9, "orange"), (60, "orange"), (59.9, "red"), (0, "red")],
)  # fmt: skip
def test_a_colour_begins_on_the_stroke_of_its_cut_off(value: float, colour: str) -> None:
    assert colour_of(FIRST, value) == colour


def test_a_score_is_judged_as_it_is_shown() -> None:
    found = score(FIRST, {"a.share": 89.96, "a.days": None})

    assert (found.value, found.colour) == (90.0, "green")


def test_the_version_of_a_day_is_the_last_that_had_begun() -> None:
    later = replace(FIRST, since=date(2026, 7, 1))
    index = Index(
        id="a.i", package="a", title="t", meaning="m", source="water@county", counts_by="at",
        versions=(FIRST, later),
    )  # fmt: skip

    assert index.on(date(2025, 12, 31)) is None
    assert index.on(date(2026, 1, 1)) is FIRST
    assert index.on(date(2026, 6, 30)) is FIRST
    assert index.on(date(2026, 7, 1)) is later


def test_a_month_begins_and_ends_in_beijing_over_the_turn_of_the_year_too() -> None:
    assert month_of(date(2026, 12, 31)) == date(2026, 12, 1)
    assert month_after(date(2026, 12, 1)) == date(2027, 1, 1)
    assert bounds(date(2026, 12, 1)) == ("2026-12-01T00:00:00+08:00", "2027-01-01T00:00:00+08:00")


VALUES = st.none() | st.floats(-1000, 1000)


@given(share=VALUES, days=VALUES, grave=st.none() | st.integers(0, 100))
def test_a_score_lies_between_nought_and_a_hundred_or_is_none(
    share: float | None, days: float | None, grave: int | None
) -> None:
    found = score(FIRST, {"a.share": share, "a.days": days, "a.grave": grave})

    assert (found.value is None) == (found.colour == "grey")
    assert found.value is None or 0 <= found.value <= 100
