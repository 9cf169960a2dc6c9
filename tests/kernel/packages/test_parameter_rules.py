"""Which value of a parameter is in force where and when, of all that areas have said."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guantong.orgs.api import covers, prefix
from guantong.packages.errors import (
    ParameterOutsideRange,
    ParameterReasonMissing,
    ParameterSpanEmpty,
    ParameterTooEarly,
)
from guantong.packages.life import parameter as rules
from guantong.packages.life.parameter import Declared, Setting
from guantong.packages.life.said import end_of, reason, refuse_span

DAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
PROVINCE, TAIZHOU, WENLING, YUHUAN = "330000000000", "331000000000", "331081000000", "331083000000"
SHITANG, TAIPING = "331081105000", "331081001000"
AREAS = (PROVINCE, TAIZHOU, WENLING, YUHUAN, SHITANG)
PLACES = (*AREAS, TAIPING, "330102000000")

KNOWN = Declared(
    name="wind", type="number", unit="m/s", default=0.8, low=0.5, high=1.0,
    why={"zh": "风", "en": "wind"},
)  # fmt: skip


def said(
    area: str, value: float, *, since: int = 0, until: int | None = None, after: int = 0
) -> Setting:
    return Setting(
        id=UUID(int=after + 1), parameter="wind", division_code=area, value=value,
        from_day=DAY + timedelta(since), to_day=None if until is None else DAY + timedelta(until),
        at=NOON + timedelta(minutes=after),
    )  # fmt: skip


@st.composite
def settings_said(draw: st.DrawFn) -> list[Setting]:
    made = []
    for number in range(draw(st.integers(0, 8))):
        since = draw(st.integers(0, 20))
        lasts = draw(st.none() | st.integers(0, 15))
        made.append(
            said(
                draw(st.sampled_from(AREAS)), 0.5 + number / 20, since=since,
                until=None if lasts is None else since + lasts, after=number,
            )
        )  # fmt: skip
    return draw(st.permutations(made))


@given(settings_said(), st.sampled_from(PLACES), st.integers(-2, 40))
def test_the_smallest_area_that_said_something_is_heard_and_of_it_the_last_word(
    settings: list[Setting], place: str, after: int
) -> None:
    day = DAY + timedelta(after)

    value = rules.in_force(KNOWN, settings, place, day)

    # Said another way: walk every setting, keep the one that no other beats.
    best: Setting | None = None
    for one in settings:
        if not covers(one.division_code, place) or not one.holds_on(day):
            continue
        if best is None or (len(prefix(one.division_code)), one.at) > (
            len(prefix(best.division_code)), best.at
        ):  # fmt: skip
            best = one
    assert value == (0.8 if best is None else best.value)


@given(settings_said(), st.sampled_from(PLACES), st.integers(0, 40))
def test_what_the_sql_is_given_says_the_same_as_the_page(
    settings: list[Setting], place: str, after: int
) -> None:
    day = DAY + timedelta(after)

    areas = rules.areas_in_force(settings, day)

    longest = max((a for a in areas if place.startswith(a)), key=len, default=None)
    by_sql = 0.8 if longest is None else areas[longest]
    assert by_sql == rules.in_force(KNOWN, settings, place, day)


@given(settings_said(), st.sampled_from(PLACES))
def test_between_the_days_that_are_told_ahead_nothing_changes(
    settings: list[Setting], place: str
) -> None:
    value, told = rules.in_force(KNOWN, settings, place, DAY), dict(
        rules.changes_ahead(KNOWN, settings, place, DAY)
    )  # fmt: skip

    for after in range(1, 45):
        day = DAY + timedelta(after)
        value = told.get(day, value)
        assert rules.in_force(KNOWN, settings, place, day) == value


@given(settings_said(), st.sampled_from(PLACES), st.integers(0, 30), st.integers(0, 30))
def test_a_word_said_or_taken_back_later_changes_no_day_before_it(
    settings: list[Setting], place: str, today: int, before: int
) -> None:
    past, now = DAY + timedelta(min(before, today) - 1), DAY + timedelta(today)
    then = rules.in_force(KNOWN, settings, place, past)
    new = said(WENLING, 0.99, since=today, after=50)
    ended = [
        Setting(
            id=s.id, parameter=s.parameter, division_code=s.division_code, value=s.value,
            from_day=s.from_day, at=s.at,
            # Only what has not ended yet can be taken back.
            to_day=s.to_day
            if s.to_day is not None and s.to_day <= max(now, s.from_day)
            else end_of(s, today=now),
        )
        for s in settings
    ]  # fmt: skip

    assert rules.in_force(KNOWN, [*settings, new], place, past) == then
    assert rules.in_force(KNOWN, ended, place, past) == then
    assert rules.in_force(KNOWN, ended, place, now) == 0.8


def test_what_was_said_before_holds_again_when_the_later_word_ends() -> None:
    settings = [said(WENLING, 0.7), said(WENLING, 0.6, since=2, until=5, after=1)]

    values = [rules.in_force(KNOWN, settings, WENLING, DAY + timedelta(n)) for n in range(7)]

    assert values == [0.7, 0.7, 0.6, 0.6, 0.6, 0.7, 0.7]


def test_a_neighbour_hears_nothing_of_it() -> None:
    assert rules.in_force(KNOWN, [said(WENLING, 0.7)], YUHUAN, DAY) == 0.8


@pytest.mark.parametrize("text", ["0.5", "1", " 0,75 ", "0.9"])
def test_a_number_within_the_range_is_taken(text: str) -> None:
    assert 0.5 <= KNOWN.number(text) <= 1.0


@pytest.mark.parametrize("text", ["0.49", "1.01", "nan", "inf", "-0.8", "", "a lot", "1e400"])
def test_a_number_outside_the_range_or_none_is_refused_with_the_range(text: str) -> None:
    with pytest.raises(ParameterOutsideRange, match=r"not between 0\.5 and 1\.0"):
        KNOWN.number(text)


def test_an_integer_takes_no_part_of_one() -> None:
    hours = Declared(
        name="hours", type="integer", unit="h", default=6, low=1, high=24, why=KNOWN.why
    )

    assert hours.number("12") == 12
    with pytest.raises(ParameterOutsideRange):
        hours.number("1.5")


def test_a_word_is_for_today_or_later_and_for_a_day_at_least() -> None:
    refuse_span(DAY, None, today=DAY)
    refuse_span(DAY, DAY + timedelta(1), today=DAY)

    with pytest.raises(ParameterTooEarly, match="Choose today or a later day"):
        refuse_span(DAY - timedelta(1), None, today=DAY)
    with pytest.raises(ParameterSpanEmpty, match="hold on no day"):
        refuse_span(DAY, DAY, today=DAY)


@pytest.mark.parametrize("text", ["", "   \n ", "abc", "x" * 501])
def test_a_reason_is_a_sentence_somebody_can_read(text: str) -> None:
    with pytest.raises(ParameterReasonMissing):
        reason(text)
