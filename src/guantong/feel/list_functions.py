"""Built-in functions of lists and truth (DMN 1.5, sections 10.3.4.2 and 10.3.4.4)."""

from datetime import timedelta
from decimal import Decimal

from guantong.feel.arithmetic import calculate
from guantong.feel.built_in import Table
from guantong.feel.value import DECIMAL, ORDERED, Months, Value, compare, equal, every, finite, some

table = Table()


@table.add("not", ("negand", None))
def negated(value: Value) -> Value:
    """Return the opposite truth; null for anything that is no boolean."""
    return not value if type(value) is bool else None


@table.add("count", ("list", None))
def count(given: Value) -> Value:
    """Return the number of items; a single value is a list of one, null is none."""
    return Decimal(len(_items((given,))))


@table.add("min", ("list", None), variadic=True)
def least(*given: Value) -> Value:
    """Return the smallest of values of one kind; null for none or for mixed kinds."""
    return _extreme("<", given)


@table.add("max", ("list", None), variadic=True)
def greatest(*given: Value) -> Value:
    """Return the largest of values of one kind; null for none or for mixed kinds."""
    return _extreme(">", given)


@table.add("sum", ("list", None), variadic=True)
def total(*given: Value) -> Value:
    """Return the sum of numbers or durations; null for none."""
    items = _items(given)
    if not items:
        return None
    result = items[0] if type(items[0]) in {Decimal, timedelta, Months} else None
    for item in items[1:]:
        result = calculate("+", result, item)
    return result


@table.add("mean", ("list", None), variadic=True)
def mean(*given: Value) -> Value:
    """Return the arithmetic mean of numbers."""
    items = _items(given)
    if not items or any(type(item) is not Decimal for item in items):
        return None
    return finite(DECIMAL.divide(total(*items), Decimal(len(items))))


@table.add("list contains", ("list", None), ("element", None))
def list_contains(given: Value, element: Value) -> Value:
    """Say whether an item equals the element; null is an item like any other."""
    if given is None:
        return None
    return any(equal(item, element) is True for item in _items((given,)))


@table.add("all", ("list", None), variadic=True)
def all_true(*given: Value) -> Value:
    """Return the conjunction of a list; true for an empty one."""
    return None if given == (None,) else every(_items(given))


@table.add("any", ("list", None), variadic=True)
def any_true(*given: Value) -> Value:
    """Return the disjunction of a list; false for an empty one."""
    return None if given == (None,) else some(_items(given))


def _items(given: tuple[Value, ...]) -> list[Value]:
    # f([a, b]) and f(a, b) mean the same; a single value is a list of one.
    if len(given) == 1:
        only = given[0]
        return only if type(only) is list else [] if only is None else [only]
    return list(given)


def _extreme(operator: str, given: tuple[Value, ...]) -> Value:
    items = _items(given)
    if not items or type(items[0]) not in ORDERED:
        return None
    best = items[0]
    for item in items[1:]:
        first = compare(operator, item, best)
        if first is None:
            return None
        best = item if first else best
    return best
