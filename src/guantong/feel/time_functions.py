"""Built-in functions of dates, times and durations.

DMN 1.5, sections 10.3.4.1, 10.3.4.6 and 10.3.4.10.

``now()`` and ``today()`` answer what the caller hands in, see ``moment``.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal

from guantong.feel import moment, temporal
from guantong.feel.built_in import Table
from guantong.feel.value import DECIMAL, Months, Value

table = Table()
_DAY = (date, datetime)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@table.add("date", ("from", (str, date, datetime)))
def make_date(given: Value) -> Value:
    """Return a date from text, or from a date and time."""
    if type(given) is str:
        return temporal.read_date(given)
    return given.date() if type(given) is datetime else given


@table.add("date", ("year", Decimal), ("month", Decimal), ("day", Decimal))
def date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> Value:
    """Return a date from its parts."""
    return date(_whole(year), _whole(month), _whole(day))


@table.add("time", ("from", (str, time, date, datetime)))
def make_time(given: Value) -> Value:
    """Return a time from text, or from a date and time."""
    if type(given) is str:
        return temporal.read_time(given)
    if type(given) is date:
        return time(tzinfo=UTC)  # a date counts as its midnight in UTC
    return given.timetz() if type(given) is datetime else given


@table.add(
    "time",
    ("hour", Decimal),
    ("minute", Decimal),
    ("second", Decimal),
    ("offset", (timedelta, type(None))),
    required=3,
)
def time_of_parts(
    hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | None = None
) -> Value:
    """Return a time from its parts; the second may have a fraction."""
    zone = None if offset is None else timezone(offset)
    return _clock(hour, minute, second, zone)


@table.add("date and time", ("from", (str, date, datetime)))
def make_date_time(given: Value) -> Value:
    """Return a date and time from text; a date is its midnight."""
    if type(given) is str:
        return temporal.read_date_time(given)
    return given if type(given) is datetime else datetime.combine(given, time())


@table.add("date and time", ("date", _DAY), ("time", time))
def date_time_of_date(day: date, moment_of_day: time) -> Value:
    """Return a date and time from a date and a time."""
    plain = day.date() if type(day) is datetime else day
    return datetime.combine(plain, moment_of_day)


_PARTS = (
    ("year", Decimal),
    ("month", Decimal),
    ("day", Decimal),
    ("hour", Decimal),
    ("minute", Decimal),
    ("second", Decimal),
)


@table.add("date and time", *_PARTS, ("offset", (timedelta, type(None))), required=6)
def date_time_of_parts(
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    offset: timedelta | None = None,
) -> Value:
    """Return a date and time from its parts."""
    zone = None if offset is None else timezone(offset)
    return datetime.combine(date_of_parts(year, month, day), _clock(hour, minute, second, zone))


@table.add("date and time", *_PARTS, ("timezone", str))
def date_time_in_zone(
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    zone: str,
) -> Value:
    """Return a date and time from its parts, in a zone such as ``Asia/Shanghai``."""
    place = temporal.read_zone_name(zone)
    if place is None:
        return None
    return datetime.combine(date_of_parts(year, month, day), _clock(hour, minute, second, place))


def _clock(hour: Decimal, minute: Decimal, second: Decimal, zone: tzinfo | None) -> time:
    fraction = int(DECIMAL.multiply(DECIMAL.remainder(second, Decimal(1)), Decimal(1_000_000)))
    return time(_whole(hour), _whole(minute), int(second), fraction, tzinfo=zone)


def _whole(number: Decimal) -> int:
    if number.adjusted() > 6:
        raise OverflowError(number)  # no calendar goes so far, and the digits would be many
    return int(number)


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


@table.add("day of year", ("date", _DAY))
def day_of_year(day: date) -> Value:
    """Return the number of the day in its year."""
    return Decimal(day.timetuple().tm_yday)


@table.add("day of week", ("date", _DAY))
def day_of_week(day: date) -> Value:
    """Return the day of the week in English, as the standard has it."""
    return _DAYS[day.weekday()]


@table.add("month of year", ("date", _DAY))
def month_of_year(day: date) -> Value:
    """Return the month in English, as the standard has it."""
    return _MONTHS[day.month - 1]


@table.add("week of year", ("date", _DAY))
def week_of_year(day: date) -> Value:
    """Return the number of the week after ISO 8601."""
    return Decimal(day.isocalendar().week)


@table.add("is", ("value1", None), ("value2", None))
def is_same(first: Value, second: Value) -> Value:
    """Say whether two values are the same in kind and in every part, their zones included."""
    return temporal.identical(first, second)


@table.add("now")
def now() -> Value:
    """Return the instant of the evaluation; null where the caller gave none."""
    return moment.current()


@table.add("today")
def today() -> Value:
    """Return the day of the evaluation; null where the caller gave none."""
    given = moment.current()
    return None if given is None else given.date()
