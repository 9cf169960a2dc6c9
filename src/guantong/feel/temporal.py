"""Dates, times and durations: from text, to text, and their properties.

The texts are those of ISO 8601 as DMN 1.5, section 10.3.4.1 takes them over, with a zone as an
offset or ``@Asia/Shanghai``. Years run from 1 to 9999 and fractions end at the microsecond,
as Python's calendar does; a text outside of that is null, like any text that is no date.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from guantong.feel.arithmetic import duration_of
from guantong.feel.value import DECIMAL, Months, Range, Value

_MICROSECOND = timedelta(microseconds=1)
# XML Schema 1.1 part 2, section 3.3.7 (lexical mapping of dateTime): -14:00 to +14:00.
_LARGEST_OFFSET = timedelta(hours=14)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(Z|[+-][0-9]{2}:[0-9]{2}|@[A-Za-z0-9_+/-]{1,60})?\Z"
)
_MONTHS = re.compile(r"(-?)P(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?\Z")
_DAYS = re.compile(
    r"(-?)P(?:([0-9]{1,9})D)?"
    r"(?:T(?:([0-9]{1,12})H)?(?:([0-9]{1,12})M)?(?:([0-9]{1,12}(?:\.[0-9]{0,9})?)S)?)?\Z"
)


def read_date(text: str) -> date | None:
    """Return the date ``yyyy-mm-dd``, or null."""
    if not _DATE.match(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """Return the time ``hh:mm:ss`` with fraction and zone where given, or null."""
    found = _TIME.match(text)
    if found is None:
        return None
    try:
        zone = read_zone(found[5])
        fraction = int((found[4] or "0").ljust(6, "0")[:6])
        return time(int(found[1]), int(found[2]), int(found[3]), fraction, tzinfo=zone)
    except (ValueError, OSError, KeyError):
        # OSError and KeyError: a zone that the time zone database does not hold.
        return None


def read_zone(text: str | None) -> tzinfo | None:
    """Return the zone of ``Z``, ``+08:00`` or ``@Asia/Shanghai``; raise for an unknown one."""
    if not text:
        return None
    if text == "Z":
        return UTC
    if text[0] == "@":
        return ZoneInfo(text[1:])
    hours, minutes = int(text[1:3]), int(text[4:6])
    offset = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or offset > _LARGEST_OFFSET:
        raise ValueError(text)
    return timezone(-offset if text[0] == "-" else offset)


def read_zone_name(name: str) -> tzinfo | None:
    """Return the zone of a name such as ``Asia/Shanghai`` or ``+08:00``, or null."""
    try:
        return read_zone(name if name[:1] in {"Z", "+", "-"} else f"@{name}")
    except (ValueError, OSError, KeyError):
        return None


def read_date_time(text: str) -> datetime | None:
    """Return ``dateTtime``; a date alone is its midnight; or null."""
    day_text, separator, time_text = text.partition("T")
    day = read_date(day_text)
    moment = read_time(time_text) if separator else time()
    return None if day is None or moment is None else datetime.combine(day, moment)


def read_duration(text: str) -> Value:
    """Return ``P1Y2M`` as months or ``P1DT2H`` as a days and time duration, or null."""
    if text.endswith(("P", "T")):
        return None
    if found := _MONTHS.match(text):
        months = int(found[2] or 0) * 12 + int(found[3] or 0)
        return Months(-months if found[1] else months)
    found = _DAYS.match(text)
    if found is None:
        return None
    total = int(found[2] or 0) * 86_400 + int(found[3] or 0) * 3_600 + int(found[4] or 0) * 60
    try:
        duration = duration_of(total + Decimal(found[5] or 0))
        return -duration if found[1] else duration
    except OverflowError:
        return None


def read_any(text: str) -> Value:
    """Return what an ``@`` literal means: date, time, date and time, or duration; or null."""
    for read in (read_date, read_time, read_duration):
        value = read(text)
        if value is not None:
            return value
    return read_date_time(text) if "T" in text else None


def write(value: Value) -> str:
    """Return a date, time or duration as text that reads back to the same value."""
    match value:
        case datetime():
            return f"{value.date().isoformat()}T{write(value.timetz())}"
        case date():
            return value.isoformat()
        case time():
            plain = value.replace(tzinfo=None).isoformat()
            if "." in plain:
                plain = plain.rstrip("0")
            return plain + _zone_text(value)
        case Months():
            years, months = divmod(abs(value.months), 12)
            parts = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
            return f"{'-' if value.months < 0 else ''}P{parts}"
        case _:
            return _write_days(value)


def _zone_text(moment: time) -> str:
    zone = moment.tzinfo
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    offset = moment.utcoffset()
    if offset is None:
        return ""
    if not offset:
        return "Z"
    minutes, rest = divmod(abs(offset), timedelta(minutes=1))
    odd = f":{rest.seconds:02}" if rest.seconds else ""
    return f"{'-' if offset < timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}{odd}"


def _write_days(duration: timedelta) -> str:
    if not duration:
        return "PT0S"
    days, hours, minutes, micros = _parts(duration)
    whole, fraction = divmod(micros, 1_000_000)
    part = f"{whole}.{fraction:06}".rstrip("0") if fraction else str(whole)
    clock = (
        (f"{hours}H" if hours else "")
        + (f"{minutes}M" if minutes else "")
        + (f"{part}S" if part != "0" else "")
    )
    before = "-" if duration < timedelta() else ""
    return f"{before}P{f'{days}D' if days else ''}{'T' + clock if clock else ''}"


def _parts(duration: timedelta) -> tuple[int, int, int, int]:
    """Return the size in days, hours, minutes and microseconds, without the sign."""
    # Not by way of abs(): the smallest duration has no opposite in Python.
    total = abs(duration // _MICROSECOND)
    minutes, micros = divmod(total, 60_000_000)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return days, hours, minutes, micros


def read_property(value: Value, name: str) -> Value:
    """Return ``value.name`` of a date, time, duration or range (DMN 1.5, chapter 10), or null."""
    if type(value) is Range:
        return {
            "start": value.low,
            "end": value.high,
            "start included": value.low_closed,
            "end included": value.high_closed,
        }.get(name)
    if name in {"year", "month", "day", "weekday"} and isinstance(value, date):
        return Decimal(value.isoweekday() if name == "weekday" else getattr(value, name))
    if name in {"hour", "minute"} and isinstance(value, time | datetime):
        return Decimal(getattr(value, name))
    if name == "second" and isinstance(value, time | datetime):
        # "A decimal in the interval [0..60)" (DMN 1.5, table 66).
        micros = Decimal(value.second * 1_000_000 + value.microsecond)
        return DECIMAL.divide(micros, Decimal(1_000_000))
    if isinstance(value, time | datetime):
        return _zone_property(value, name)
    if type(value) is Months:
        sign = -1 if value.months < 0 else 1
        parts = dict(zip(("years", "months"), divmod(abs(value.months), 12), strict=True))
        return Decimal(sign * parts[name]) if name in parts else None
    return _days_property(value, name) if type(value) is timedelta else None


def _zone_property(value: time | datetime, name: str) -> Value:
    if name == "timezone":
        return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None
    return value.utcoffset() if name == "time offset" else None


def _days_property(value: timedelta, name: str) -> Value:
    days, hours, minutes, micros = _parts(value)
    parts = {
        "days": Decimal(days),
        "hours": Decimal(hours),
        "minutes": Decimal(minutes),
        "seconds": DECIMAL.divide(Decimal(micros), Decimal(1_000_000)),
    }
    sign = -1 if value < timedelta() else 1
    return sign * parts[name] if name in parts else None


def identical(left: Value, right: Value) -> bool:
    """Say whether two values are one in kind and in every part (DMN 1.5, section 10.3.4.6, ``is``).

    Two names of one instant are equal and not identical: 20:00Z and 21:00+01:00.
    """
    if type(left) is not type(right):
        return False
    if type(left) is list:
        return len(left) == len(right) and all(map(identical, left, right))
    if type(left) is dict:
        return left.keys() == right.keys() and all(
            identical(entry, right[key]) for key, entry in left.items()
        )
    if type(left) not in {time, datetime}:
        return bool(left == right)
    bare = left.replace(tzinfo=None) == right.replace(tzinfo=None)
    return bare and _zone_of(left) == _zone_of(right)


def _zone_of(value: time | datetime) -> object:
    zone = value.tzinfo
    return zone.key if isinstance(zone, ZoneInfo) else value.utcoffset()
