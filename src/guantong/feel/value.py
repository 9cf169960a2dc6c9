"""What FEEL values are, when two of them are equal, and which comes first.

Numbers are ``Decimal``, days and time durations ``timedelta``, years and months durations
``Months``; lists and contexts are Python lists and dicts. Python's own ``int`` and ``float``
are turned into ``Decimal`` when they are read, a float through its shortest text: the reading
0.1 of a gauge is the number 0.1. What is not equal in kind compares to null, never to an error.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, TypeAlias

from guantong.feel.errors import FeelInput
from guantong.feel.work import spend

# FEEL is dynamically typed: one of the types of KINDS below. A recursive union would have to
# be narrowed at each step of an expression, and would say no more than `kind` does.
Value: TypeAlias = Any
Scope: TypeAlias = Mapping[str, Any]
Compiled: TypeAlias = Callable[[Scope], Value]

# DMN 1.5, section 10.3.2.3.1: numbers are IEEE 754-2008 decimal128 (34 digits, half even).
# Nothing traps: an overflow or a division by zero yields a value that is not finite, i.e. null.
DECIMAL = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years and months duration."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two ends, each included or not.

    ``operator`` is set for a range with one end: ``(< 5)`` has no low end, which is another thing
    than a low end that is null. DMN 1.5, section 10.3.2.7.
    """

    low: Value
    high: Value
    low_closed: bool
    high_closed: bool
    operator: str = ""

    def contains(self, value: Value) -> bool | None:
        """Say whether ``value`` lies inside; null where it cannot be compared."""
        if self.operator:
            one_end = self.high if self.operator in {"<", "<="} else self.low
            return compare(self.operator, value, one_end)
        above = compare(">=" if self.low_closed else ">", value, self.low)
        below = compare("<=" if self.high_closed else "<", value, self.high)
        # An end that is null says nothing about any value, not even about one beyond the other.
        return None if above is None or below is None else above and below


def open_range(operator: str, end: Value) -> Range:
    """Return the range that ``(< end)`` and its like stand for."""
    match operator:
        case "<" | "<=":
            return Range(None, end, False, operator == "<=", operator)
        case ">" | ">=":
            return Range(end, None, operator == ">=", False, operator)
        case _:
            return Range(end, end, operator == "=", operator == "=", operator)


@dataclass(frozen=True, slots=True)
class Function:
    """A function as a value: of the text, of the context, or a built-in one handed on.

    ``type`` is a ``syntax.FunctionType`` where the parameters or the result have types.
    """

    parameters: tuple[str, ...]
    call: Callable[..., Value]
    type: Any = None
    by_name: Callable[[dict[str, Value]], Value] | None = None  # of a built-in: it knows its forms

    def apply(self, *given: Value) -> Value:
        """Return the function's value; null for a wrong number of arguments."""
        if self.by_name is None and len(given) != len(self.parameters):
            return None
        spend(1)
        return self.call(*given)

    def apply_named(self, given: dict[str, Value]) -> Value:
        """Return the function's value for arguments by name; null where the names differ."""
        if self.by_name is not None:
            return self.by_name(given)
        if not given.keys() <= set(self.parameters):
            return None
        # "If named, unsupplied parameters are bound to null" (DMN 1.5, section 10.3.2.13.5).
        return self.apply(*(given.get(name) for name in self.parameters))


KINDS: dict[type, str] = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    type(None): "null",
    date: "date",
    time: "time",
    datetime: "date and time",
    timedelta: "days and time duration",
    Months: "years and months duration",
    Range: "range",
    list: "list",
    dict: "context",
    Function: "function",
}
_rounded: Callable[[Any], Decimal] = DECIMAL.plus
ORDERED = frozenset(
    {Decimal, str, date, time, datetime, timedelta, Months}  # booleans have no order in FEEL
)
_AS_THEY_ARE = frozenset(KINDS) - {Decimal, list, dict}


def kind(value: Value) -> str:
    """Return the FEEL kind of a value."""
    return KINDS[type(value)]


def to_value(given: object) -> Value:
    """Turn what Python hands in into a FEEL value; a number that is not finite is null."""
    own = type(given)
    if own in _AS_THEY_ARE:
        return given
    if own is Decimal:
        number = _rounded(given)  # a number of FEEL has 34 digits, not more
        return number if number.is_finite() else None
    match given:
        case Decimal():
            return finite(_rounded(given))
        case bool():
            return bool(given)
        case int():
            return finite(DECIMAL.create_decimal(given))
        case float():
            return finite(DECIMAL.create_decimal(repr(given)))
        case str():
            return str(given)
        case Mapping():
            spend(len(given))
            return {str(key): to_value(entry) for key, entry in given.items()}
        case list() | tuple():
            spend(len(given))
            return [to_value(item) for item in given]
        case _:
            raise FeelInput(type=type(given).__name__)


def finite(number: Decimal) -> Decimal | None:
    """Return the number, or null when the operation had no finite result."""
    return number if number.is_finite() else None


def equal(left: Value, right: Value) -> bool | None:
    """Say whether two values are equal; null for different kinds (DMN 1.5, chapter 10)."""
    if left is None or right is None:
        return left is right
    if type(left) is not type(right):
        return None
    if type(left) is list:
        if len(left) != len(right):
            return False
        spend(len(left))
        return every(equal(a, b) for a, b in zip(left, right, strict=True))
    if type(left) is dict:
        if left.keys() != right.keys():
            return False
        spend(len(left))
        return every(equal(entry, right[key]) for key, entry in left.items())
    if left == right:
        return True
    if type(left) is datetime and left.tzinfo is not None and right.tzinfo is not None:
        # In the hour that a change of clocks repeats, Python calls no two zones equal (PEP 495).
        return bool(left - right == timedelta())
    return False


def every(parts: Any) -> bool | None:
    """Return the three-valued conjunction of some truths."""
    answer: bool | None = True
    for part in parts:
        if part is False:
            return False
        if part is not True:
            answer = None
    return answer


def some(parts: Any) -> bool | None:
    """Return the three-valued disjunction of some truths."""
    answer: bool | None = False
    for part in parts:
        if part is True:
            return True
        if part is not False:
            answer = None
    return answer


def compare(operator: str, left: Value, right: Value) -> bool | None:
    """Compare two values of one ordered kind; null for anything else."""
    if operator == "=":
        return equal(left, right)
    if operator == "!=":
        same = equal(left, right)
        return None if same is None else not same
    if type(left) is not type(right) or type(left) not in ORDERED:
        return None
    try:
        match operator:
            case "<":
                return bool(left < right)
            case "<=":
                return bool(left <= right)
            case ">":
                return bool(left > right)
            case _:
                return bool(left >= right)
    except TypeError:
        # One has a zone and the other none: it "uses the timezone offset of the other input"
        # (DMN 1.5, table 54), and they are not equal.
        left, right = left.replace(tzinfo=None), right.replace(tzinfo=None)
        return bool(left < right if operator in {"<", "<="} else left > right)


def holds(value: Value, test: Value) -> bool | None:
    """Say whether ``value`` is in ``test``: a range, a list of these, or an equal value."""
    if type(test) is Range:
        return test.contains(value)
    if type(test) is list:
        if type(value) is list and equal(value, test) is True:
            return True
        spend(len(test))
        return some(holds(value, item) is True for item in test)
    return equal(value, test)
