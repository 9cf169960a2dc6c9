"""Working days of the Chinese calendar, make-up Saturdays (调休) and lunar holidays included.

The days are those the State Council's General Office announces each autumn for the next
year, as kept by ``chinesecalendar``. Beyond its range the plain week is taken, and
``is_announced`` says so, because nobody can know holidays that are not announced yet.
"""

from datetime import date, timedelta

import chinese_calendar


def is_announced(day: date) -> bool:
    """Say whether the holidays of that year were announced when the library was released."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def is_working_day(day: date) -> bool:
    """Say whether offices work on ``day``."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def add_working_days(day: date, working_days: int) -> date:
    """Return the day on which a limit of ``working_days`` ends; the day itself is not counted."""
    while working_days > 0:
        day += timedelta(days=1)
        working_days -= is_working_day(day)
    return day
