"""Where a test of a cell changes its mind, so that a value can be looked up instead of tested.

A cell that compares the value with constants and nothing else (``< 8764``, ``[38..44]``, ``"N",
"S"``, ``? > 5 and ? < 9``) answers the same for every value between two of its constants. Whoever
asks it once between each two knows it for all values. Nothing here says *what* a cell answers: that
is asked of the cell itself, so no second meaning of a test can arise.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from guantong.feel import syntax
from guantong.feel.compiler import compile_expression
from guantong.feel.value import DECIMAL, Months, Value

_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_TEMPORAL = frozenset({"date", "time", "date and time", "duration"})
# Kinds whose values lie in one order without exception; a time may have a zone or none, and the
# two have no order, so times are tested and not looked up.
LOOKED_UP: frozenset[type] = frozenset({Decimal, str, date, timedelta, Months})
# What a constant may be for a value to be looked up at all.
_PLAIN = LOOKED_UP | {bool, type(None)}
_LOWEST: dict[type, Value] = {
    Decimal: DECIMAL.next_plus(Decimal("-Infinity")),
    str: "",
    date: date.min,
    timedelta: timedelta.min,
    Months: Months(-(10**40)),  # below every constant; no text of FEEL writes a longer one
}


class _Open(Exception):
    """More than constants decides."""


def constants_compared(tree: syntax.Node) -> list[Value] | None:
    """Return the constants a cell compares its value with; None where anything else decides."""
    try:
        return list(_constants(tree))
    except _Open:
        return None


def turning_points(kind: type, constants: Iterable[Value]) -> list[Value]:
    """Return the values of a kind from which on an answer may be another, the lowest first.

    Each stands for all values up to the next: the lowest there is, each constant, and the value
    right after each constant. A number of FEEL has 34 digits, so there is one right after it.
    """
    points = [_LOWEST[kind]]
    mine: set[Value] = {each for each in constants if type(each) is kind}
    for constant in sorted(mine):
        for point in (constant, _after(constant)):
            # Constants come in order, and nothing lies between one and the value right after it.
            if point is not None and point > points[-1]:
                points.append(point)
    return points


def _after(value: Value) -> Value:
    try:
        match value:
            case Decimal():
                following = DECIMAL.next_plus(value)
                return following if following.is_finite() else None
            case str():
                return value + "\0"
            case date():
                return value + _DAY
            case timedelta():
                return value + _MICROSECOND
            case _:
                return Months(value.months + 1)
    except OverflowError:
        return None  # the last there is


def _constants(node: syntax.Node) -> Iterator[Value]:
    match node:
        case syntax.AnyTest() | syntax.Name("?"):
            return
        case (
            syntax.Tests()
            | syntax.CompareTest()
            | syntax.ValueTest()
            | syntax.Interval()
            | syntax.OpenInterval()
            | syntax.Items()
            | syntax.Comparison()
            | syntax.Between()
            | syntax.Membership()
            | syntax.Conjunction()
            | syntax.Disjunction()
        ):
            for child in syntax.children(node):
                yield from _constants(child)
        case _ if is_constant(node):
            value = compile_expression(node)({})
            if type(value) not in _PLAIN:
                raise _Open
            yield value
        case _:
            raise _Open


def is_constant(node: syntax.Node) -> bool:
    """Say whether a part has the same value always: ``-5`` and ``date("2026-06-20")`` have."""
    match node:
        case syntax.Constant():
            return True
        case syntax.Negation() | syntax.Arithmetic():
            return all(map(is_constant, syntax.children(node)))
        case syntax.Call(function, arguments, from_context=False) if function in _TEMPORAL:
            return all(map(is_constant, arguments))
    return False
