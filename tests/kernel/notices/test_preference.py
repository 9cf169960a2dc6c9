"""When a notice may ring: quiet hours, digests, and what breaks through them."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guantong.base.reading import BEIJING
from guantong.notices.notice import KINDS
from guantong.notices.preference import MODES, STANDARD, Due, Preference, due, quiet_until


def china(hour: int, minute: int = 0, *, day: int = 17) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=BEIJING).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (china(21, 59), None),
        (china(22), china(7, day=18)),
        (china(23, 30), china(7, day=18)),
        (china(0), china(7)),
        (china(6, 59), china(7)),
        (china(7), None),
        (china(12), None),
    ],
)
def test_quiet_hours_begin_on_their_first_minute_and_end_on_their_last(
    at: datetime, until: datetime | None
) -> None:
    assert quiet_until(STANDARD, at) == until


def test_quiet_hours_within_one_day_and_none_at_all() -> None:
    midday = Preference(quiet_from=time(12), quiet_to=time(14))
    never = Preference(quiet_from=None, quiet_to=None)
    empty = Preference(quiet_from=time(8), quiet_to=time(8))

    assert quiet_until(midday, china(13)) == china(14)
    assert quiet_until(midday, china(23)) is None
    assert quiet_until(never, china(2)) is None
    assert quiet_until(empty, china(8)) is None


def test_what_comes_at_night_waits_for_the_morning_and_is_collected() -> None:
    assert due(STANDARD, kind="work", urgent=False, at=china(23)) == Due(china(7, day=18), True)


def test_what_is_urgent_rings_at_night_and_whatever_was_chosen() -> None:
    here = Preference(modes=dict.fromkeys(KINDS, "here"))

    for preference in (STANDARD, here):
        assert due(preference, kind="work", urgent=True, at=china(3)) == Due(china(3), False)


def test_a_kind_may_be_let_through_the_night() -> None:
    duty = Preference(through_quiet=frozenset({"work"}))

    assert due(duty, kind="work", urgent=False, at=china(3)) == Due(china(3), False)
    assert due(duty, kind="message", urgent=False, at=china(3)) == Due(china(7), True)


@pytest.mark.parametrize(
    ("mode", "at", "when"),
    [
        ("at_once", china(10, 5), china(10, 5)),
        ("hourly", china(10, 5), china(11)),
        ("hourly", china(10), china(11)),
        ("daily", china(8, 29), china(8, 30)),
        ("daily", china(8, 30), china(8, 30, day=18)),
        # The next full hour lies in the quiet hours: with the rest in the morning.
        ("hourly", china(21, 10), china(7, day=18)),
    ],
)
def test_digests_come_by_the_hour_or_by_the_day(mode: str, at: datetime, when: datetime) -> None:
    chosen = Preference(modes={"message": mode})

    found = due(chosen, kind="message", urgent=False, at=at)

    assert found == Due(when, mode != "at_once")


def test_a_kind_that_is_wanted_here_only_never_goes_out() -> None:
    chosen = Preference(modes={"message": "here"})

    assert due(chosen, kind="message", urgent=False, at=china(10)) is None


times = st.none() | st.times(max_value=time(23, 59)).map(
    lambda t: t.replace(second=0, microsecond=0)
)
preferences = st.builds(
    Preference,
    quiet_from=times, quiet_to=times,
    modes=st.dictionaries(st.sampled_from(KINDS), st.sampled_from(MODES)),
    through_quiet=st.frozensets(st.sampled_from(KINDS)),
)  # fmt: skip
instants = st.integers(0, 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(preferences, st.sampled_from(KINDS), instants)
def test_nothing_is_brought_before_it_may_go_later_than_two_days_or_in_quiet_hours(
    preference: Preference, kind: str, at: datetime
) -> None:
    found = due(preference, kind=kind, urgent=False, at=at)

    if found is None:
        assert preference.mode(kind) == "here"
        return
    assert at <= found.at <= at + timedelta(days=2)
    if kind not in preference.through_quiet:
        assert quiet_until(preference, found.at) is None
