"""FEEL as the standard tells it, walked node by node: slow, plain, nothing of it is fast.

Numbers are fractions of whole numbers, rounded to 34 digits by hand (IEEE 754-2008 decimal128, as
DMN 1.5, section 10.3.2.3.1 asks); nothing is compiled, nothing is looked up. What every fast way
answers is compared with this.
"""

import calendar
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from guantong.feel import syntax
from guantong.feel.value import Months, Range

DIGITS, LEAST_EXPONENT, MOST_EXPONENT = 34, -6176, 6144
ORDERED = (Decimal, str, date, time, datetime, timedelta, Months)


def rounded(exact: Fraction) -> Decimal | None:
    """Return the number of 34 digits next to this, the even one of two; null beyond the largest."""
    if not exact:
        return Decimal(0)
    size = abs(exact)
    head = Decimal(size.numerator).adjusted() - Decimal(size.denominator).adjusted()
    if Fraction(10) ** head > size:
        head -= 1
    exponent = max(head - DIGITS + 1, LEAST_EXPONENT)
    scaled = size / Fraction(10) ** exponent
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    twice = 2 * rest - scaled.denominator
    if twice > 0 or (twice == 0 and whole % 2):
        whole += 1
    digits = tuple(map(int, str(whole)))
    if whole and len(digits) - 1 + exponent > MOST_EXPONENT:
        return None
    return Decimal((int(exact < 0), digits, exponent))


def read(given: Any) -> Any:
    """Return what a value handed in from Python is in FEEL."""
    if isinstance(given, bool) or given is None:
        return given
    if isinstance(given, int):
        return rounded(Fraction(given))
    if isinstance(given, float):
        return read(Decimal(repr(given)))
    if isinstance(given, Decimal):
        return rounded(Fraction(given)) if given.is_finite() else None
    return [read(item) for item in given] if isinstance(given, list) else given


def value(node: syntax.Node, scope: Mapping[str, Any]) -> Any:
    """Return the value of an expression."""
    match node:
        case syntax.Constant(constant):
            return constant
        case syntax.Name(name):
            return read(scope.get(name))
        case syntax.Negation(operand):
            found = value(operand, scope)
            if type(found) is Decimal:
                return rounded(-Fraction(found))
            if type(found) is timedelta:
                return timedelta(0) - found
            return Months(-found.months) if type(found) is Months else None
        case syntax.Arithmetic(operator, left, right):
            return calculated(operator, value(left, scope), value(right, scope))
        case syntax.Comparison(operator, left, right):
            return compared(operator, value(left, scope), value(right, scope))
        case syntax.Conjunction(parts):
            return conjunction([value(part, scope) for part in parts])
        case syntax.Disjunction(parts):
            return disjunction([value(part, scope) for part in parts])
        case syntax.Between(tested, low, high):
            it = value(tested, scope)
            return conjunction(
                [compared(">=", it, value(low, scope)), compared("<=", it, value(high, scope))]
            )
        case syntax.Membership(tested, tests):
            it = value(tested, scope)
            return disjunction([passes(test, it, scope) for test in tests])
        case syntax.If(condition, yes, no):
            return value(yes if value(condition, scope) is True else no, scope)
        case syntax.Interval(low, high, low_closed, high_closed):
            return Range(value(low, scope), value(high, scope), low_closed, high_closed)
        case syntax.Items(items):
            return [value(item, scope) for item in items]
        case syntax.Call("not", (argument,)):
            found = value(argument, scope)
            return (not found) if type(found) is bool else None
        case syntax.Call("string length", (argument,)):
            found = value(argument, scope)
            return Decimal(len(found)) if type(found) is str else None
        case syntax.Call("contains", (text, part)):
            both = value(text, scope), value(part, scope)
            return both[1] in both[0] if [type(each) for each in both] == [str, str] else None
    raise AssertionError(f"the reference does not know {type(node).__name__}")


def passes(node: syntax.Node, tested: Any, scope: Mapping[str, Any]) -> bool | None:
    """Say whether a value passes a test of a cell."""
    inner = {**scope, "?": tested}
    match node:
        case syntax.AnyTest():
            return True
        case syntax.Tests(tests, negated):
            found = disjunction([passes(test, tested, scope) for test in tests])
            return found if not negated or found is None else not found
        case syntax.CompareTest(operator, operand):
            return compared(operator, tested, value(operand, inner))
        case syntax.ValueTest(expression):
            found = value(expression, inner)
            if syntax.mentions_input(expression):
                return found if type(found) is bool else None
            own_truth = type(found) is bool and type(tested) is not bool
            if own_truth and not isinstance(expression, syntax.Constant):
                return found
            return within(tested, found)
    raise AssertionError(f"the reference does not know {type(node).__name__}")


def within(it: Any, test: Any) -> bool | None:
    if type(test) is Range:
        above = compared(">=" if test.low_closed else ">", it, test.low)
        below = compared("<=" if test.high_closed else "<", it, test.high)
        return None if above is None or below is None else above and below
    if type(test) is list:
        same = type(it) is list and compared("=", it, test) is True
        return same or any(within(it, item) is True for item in test)
    return compared("=", it, test)


def conjunction(parts: list[Any]) -> bool | None:
    if any(part is False for part in parts):
        return False
    return True if all(part is True for part in parts) else None


def disjunction(parts: list[Any]) -> bool | None:
    if any(part is True for part in parts):
        return True
    return False if all(part is False for part in parts) else None


def compared(operator: str, left: Any, right: Any) -> bool | None:
    if operator == "!=":
        same = compared("=", left, right)
        return None if same is None else not same
    if operator == "=":
        return equal(left, right)
    if type(left) is not type(right) or type(left) not in ORDERED:
        return None
    if type(left) is Decimal:
        left, right = Fraction(left), Fraction(right)
    less, same = left < right, left == right
    return {"<": less, "<=": less or same, ">": not less and not same, ">=": not less}[operator]


def equal(left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return left is None and right is None
    if type(left) is not type(right):
        return None
    if type(left) is Decimal:
        return Fraction(left) == Fraction(right)
    if type(left) is list:
        if len(left) != len(right):
            return False
        return conjunction([equal(a, b) for a, b in zip(left, right, strict=True)])
    return bool(left == right)


def calculated(operator: str, left: Any, right: Any) -> Any:
    kinds = (type(left), type(right))
    if kinds == (Decimal, Decimal):
        a, b = Fraction(left), Fraction(right)
        match operator:
            case "+":
                return rounded(a + b)
            case "-":
                return rounded(a - b)
            case "*":
                return rounded(a * b)
            case "/":
                return rounded(a / b) if b else None
    if kinds == (str, str) and operator == "+":
        return left + right
    if operator == "-" and kinds == (date, date):
        return left - right
    if operator in {"+", "-"} and kinds == (timedelta, timedelta):
        return left + right if operator == "+" else left - right
    if operator in {"*", "/"} and timedelta in kinds:
        return _scaled(operator, left, right)
    if operator in {"+", "-"} and kinds == (Months, Months):
        more = right.months if operator == "+" else -right.months
        return Months(left.months + more)
    if operator == "+" and kinds in {(timedelta, date), (Months, date)}:
        return calculated("+", right, left)
    if operator in {"+", "-"} and kinds == (date, timedelta):
        whole = right if operator == "+" else -right
        days = whole // timedelta(days=1)  # the part of a day that is over is cut off downwards
        return _moved(left, days)
    if operator in {"+", "-"} and kinds == (date, Months):
        return _months_later(left, right.months if operator == "+" else -right.months)
    return None


def _scaled(operator: str, left: Any, right: Any) -> Any:
    """Multiply or divide a duration by a number, to the microsecond; or two durations."""
    if operator == "*" and type(left) is Decimal:
        left, right = right, left
    seconds = (
        Fraction(left // timedelta(microseconds=1), 10**6) if type(left) is timedelta else None
    )
    if operator == "/" and seconds is not None and type(right) is timedelta:
        other = Fraction(right // timedelta(microseconds=1), 10**6)
        return rounded(seconds / other) if other else None
    if seconds is None or type(right) is not Decimal or (operator == "/" and not right):
        return None
    times = Fraction(right) if operator == "*" else 1 / Fraction(right)
    exact = rounded(seconds * times)
    whole = None if exact is None else rounded(Fraction(exact) * 10**6)
    try:
        return None if whole is None else timedelta(microseconds=round(Fraction(whole)))
    except OverflowError:
        return None


def _moved(day: date, days: int) -> date | None:
    ordinal = day.toordinal() + days
    return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None


def _months_later(day: date, months: int) -> date | None:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
