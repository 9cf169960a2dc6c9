"""Working days as the State Council's General Office announced them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guantong.base.working_days import add_working_days, is_announced, is_working_day

FAR = date(2099, 1, 5)  # a Monday of a year nobody has announced


# Notices of the General Office: 国办发明电〔2018〕15号 (2019), 国办发明电〔2023〕7号 (2024).
@pytest.mark.parametrize(
    ("day", "works", "why"),
    [
        (date(2019, 2, 4), False, "lunar new year's eve, a Monday"),
        (date(2019, 2, 2), True, "a Saturday worked for the lunar new year"),
        (date(2019, 2, 3), True, "a Sunday worked for the lunar new year"),
        (date(2019, 10, 1), False, "the national day, a Tuesday"),
        (date(2019, 10, 12), True, "a Saturday worked for the national day"),
        (date(2024, 2, 18), True, "a Sunday worked for the lunar new year"),
        (date(2024, 2, 12), False, "the lunar new year, a Monday"),
        (date(2019, 8, 10), False, "the Saturday on which Lekima came ashore"),
        (date(2019, 8, 9), True, "the Friday before"),
    ],
)
def test_a_day_works_as_announced(day: date, works: bool, why: str) -> None:
    assert is_working_day(day) is works, why


def test_a_limit_over_the_lunar_new_year_counts_the_weekend_that_is_worked() -> None:
    friday = date(2019, 2, 1)

    assert add_working_days(friday, 2) == date(2019, 2, 3)
    assert add_working_days(friday, 3) == date(2019, 2, 11)


def test_a_limit_runs_over_the_turn_of_the_year() -> None:
    assert add_working_days(date(2019, 12, 31), 1) == date(2020, 1, 2)


def test_a_limit_of_no_days_ends_on_the_day_itself_even_on_a_holiday() -> None:
    assert add_working_days(date(2019, 10, 1), 0) == date(2019, 10, 1)


def test_beyond_what_was_announced_the_plain_week_holds_and_it_is_said() -> None:
    assert not is_announced(FAR)
    assert is_working_day(FAR)
    assert not is_working_day(FAR - timedelta(days=1))
    assert add_working_days(FAR, 5) == FAR + timedelta(days=7)


def test_an_announced_year_says_so() -> None:
    assert is_announced(date(2019, 8, 9))


@given(day=st.dates(date(2010, 1, 1), date(2025, 1, 1)), count=st.integers(1, 40))
def test_a_limit_ends_on_a_working_day_and_counts_each_day_between(day: date, count: int) -> None:
    end = add_working_days(day, count)

    between = [day + timedelta(days=n + 1) for n in range((end - day).days)]
    assert sum(is_working_day(d) for d in between) == count
    assert is_working_day(end)
