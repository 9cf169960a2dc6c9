"""Built-in functions that make dates, times and durations (DMN 1.5, section 10.3.4.1).

``now()`` and ``today()`` are not built: the time of a realm is an input of a rule, or an
exercise could not be replayed.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

from guantong.feel import temporal
from guantong.feel.built_in import Table
from guantong.feel.value import DECIMAL, Months, Value

table = Table()


@table.add(
    "date",
    ("from", (str, date, datetime, Decimal)),
    ("month", Decimal),
    ("day", Decimal),
    required=1,
    also="year",
)
def make_date(first: Value, month: Decimal | None = None, day: Decimal | None = None) -> Value:
    """Return a date from text, from a date and time, or from year, month and day."""
    if type(first) is Decimal:
        return None if month is None or day is None else date(int(first), int(month), int(day))
    if month is not None:
        return None
    if type(first) is str:
        return temporal.read_date(first)
    return first.date() if type(first) is datetime else first


@table.add(
    "time",
    ("from", (str, time, date, datetime, Decimal)),
    ("minute", Decimal),
    ("second", Decimal),
    ("offset", (timedelta, type(None))),
    required=1,
    also="hour",
)
def make_time(
    first: Value,
    minute: Decimal | None = None,
    second: Decimal | None = None,
    offset: timedelta | None = None,
) -> Value:
    """Return a time from text, from a date and time, or from hour, minute, second and offset."""
    if type(first) is Decimal:
        if minute is None or second is None:
            return None
        zone = None if offset is None else timezone(offset)
        fraction = int(DECIMAL.multiply(second % 1, Decimal(1_000_000)))
        return time(int(first), int(minute), int(second), fraction, tzinfo=zone)
    if minute is not None:
        return None
    if type(first) is str:
        return temporal.read_time(first)
    if type(first) is date:
        return time(tzinfo=UTC)  # a date counts as its midnight in UTC
    return first.timetz() if type(first) is datetime else first


@table.add(
    "date and time", ("from", (str, date, datetime)), ("time", time), required=1, also="date"
)
def make_date_time(first: Value, moment: time | None = None) -> Value:
    """Return a date and time from text, or from a date and a time."""
    if moment is not None:
        if type(first) is str:
            return None
        return datetime.combine(first.date() if type(first) is datetime else first, moment)
    if type(first) is str:
        return temporal.read_date_time(first)
    return first if type(first) is datetime else datetime.combine(first, time())


@table.add("duration", ("from", str))
def make_duration(text: str) -> Value:
    """Return a duration from text such as ``PT6H`` or ``P1Y2M``."""
    return temporal.read_duration(text)


@table.add("years and months duration", ("from", (date, datetime)), ("to", (date, datetime)))
def years_and_months(begin: date, end: date) -> Value:
    """Return the whole months between two days."""
    months = (end.year - begin.year) * 12 + end.month - begin.month
    if months > 0 and end.day < begin.day:
        months -= 1
    elif months < 0 and end.day > begin.day:
        months += 1
    return Months(months)
