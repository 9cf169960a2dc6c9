"""``+ - * / **`` of FEEL: numbers of 34 digits, text joined by ``+``, dates and durations.

Operands that do not go together give null (DMN 1.5, chapter 10, semantics of arithmetic).
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from guantong.feel.value import DECIMAL, Months, Value, finite
from guantong.feel.work import spend_on_text

_MICROSECOND = timedelta(microseconds=1)
_MIDNIGHT = time()
_DAYS = frozenset({date, datetime})
# DMN 1.5, table 60.
_LARGEST_POWER = Decimal(999_999_999)


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    return DECIMAL.power(base, exponent) if abs(exponent) <= _LARGEST_POWER else _NO_NUMBER


_NO_NUMBER = Decimal("NaN")
NUMBERS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": DECIMAL.add,
    "-": DECIMAL.subtract,
    "*": DECIMAL.multiply,
    "/": DECIMAL.divide,
    "**": _power,
}


def calculate(operator: str, left: Value, right: Value) -> Value:
    """Return ``left operator right``, or null where that has no meaning."""
    if type(left) is Decimal and type(right) is Decimal:
        return finite(NUMBERS[operator](left, right))
    if left is None or right is None:
        return None
    try:
        match operator:
            case "+":
                return _add(left, right)
            case "-":
                return _subtract(left, right)
            case "*":
                return _multiply(left, right)
            case "/":
                return _divide(left, right)
            case _:
                return None
    except (TypeError, ValueError, OverflowError):
        # Outside the calendar (years 1 to 9999), or one side has a zone and the other none.
        return None


def negate(value: Value) -> Value:
    """Return ``-value`` for numbers and durations, else null."""
    if type(value) is Decimal:
        return finite(DECIMAL.minus(value))
    if type(value) is timedelta:
        # The calendar of Python goes a day further to one side than to the other.
        try:
            return -value
        except OverflowError:
            return None
    return Months(-value.months) if type(value) is Months else None


def seconds(duration: timedelta) -> Decimal:
    """Return a days and time duration in exact seconds."""
    return DECIMAL.divide(Decimal(duration // _MICROSECOND), Decimal(1_000_000))


def duration_of(number: Decimal) -> timedelta:
    """Return a duration of so many seconds, to the microsecond."""
    return int(DECIMAL.multiply(number, Decimal(1_000_000)).to_integral_value()) * _MICROSECOND


def add_months(day: Value, months: int) -> Value:
    """Move a date by months; the 31st becomes the last day of a shorter month."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return day.replace(year=years, month=month + 1, day=min(day.day, last))
        except ValueError:
            continue
    return None


def _add(left: Value, right: Value) -> Value:
    kinds = (type(left), type(right))
    if kinds == (str, str):
        spend_on_text(len(left) + len(right))
        return left + right
    if kinds == (timedelta, timedelta):
        return left + right
    if kinds == (Months, Months):
        return Months(left.months + right.months)
    if kinds[0] in {timedelta, Months} and kinds[1] in {date, datetime, time}:
        left, right, kinds = right, left, (kinds[1], kinds[0])
    return _move(left, right, kinds)


def _subtract(left: Value, right: Value) -> Value:
    kinds = (type(left), type(right))
    if kinds in {(date, date), (timedelta, timedelta)}:
        return left - right
    if kinds[0] in _DAYS and kinds[1] in _DAYS:
        return _instant(left) - _instant(right)
    if kinds == (time, time):
        return _at(left) - _at(right)
    if kinds == (Months, Months):
        return Months(left.months - right.months)
    return _move(left, negate(right), kinds)


def _move(moment: Value, duration: Value, kinds: tuple[type, type]) -> Value:
    if duration is None or kinds[1] not in {timedelta, Months}:
        return None
    if kinds[0] in {date, datetime} and kinds[1] is Months:
        return add_months(moment, duration.months)
    if kinds[0] is datetime:
        # A zone may change its offset in between: what is added is time that passes.
        later: datetime = _instant(moment) + duration
        return later.astimezone(moment.tzinfo) if isinstance(moment.tzinfo, ZoneInfo) else later
    if kinds[0] is date and kinds[1] is timedelta:
        return (datetime.combine(moment, _MIDNIGHT) + duration).date()
    if kinds[0] is time and kinds[1] is timedelta:
        return (
            _at(moment) + timedelta(seconds=duration.seconds, microseconds=duration.microseconds)
        ).timetz()
    return None


def _instant(day: date) -> datetime:
    """Return a date and time that can be counted with; a date is its midnight in UTC."""
    if type(day) is date:
        return datetime.combine(day, time(tzinfo=UTC))
    assert isinstance(day, datetime), "a day is a date or a date and time"
    return day.astimezone(UTC) if isinstance(day.tzinfo, ZoneInfo) else day


def _at(moment: time) -> datetime:
    # Any day does: only the time of day and its offset count.
    return datetime.combine(date(2000, 1, 1), moment)


def _multiply(left: Value, right: Value) -> Value:
    if type(left) is Decimal:
        left, right = right, left
    if type(right) is not Decimal:
        return None
    if type(left) is timedelta:
        return duration_of(DECIMAL.multiply(seconds(left), right))
    return (
        Months(_whole(DECIMAL.multiply(Decimal(left.months), right)))
        if type(left) is Months
        else None
    )


def _divide(left: Value, right: Value) -> Value:
    if type(left) is type(right) is timedelta:
        return finite(DECIMAL.divide(seconds(left), seconds(right)))
    if type(left) is type(right) is Months:
        return finite(DECIMAL.divide(Decimal(left.months), Decimal(right.months)))
    if type(right) is not Decimal or not right:
        return None
    if type(left) is timedelta:
        return duration_of(DECIMAL.divide(seconds(left), right))
    return (
        Months(_whole(DECIMAL.divide(Decimal(left.months), right)))
        if type(left) is Months
        else None
    )


def _whole(number: Decimal) -> int:
    return int(number.to_integral_value(rounding=ROUND_HALF_EVEN))
