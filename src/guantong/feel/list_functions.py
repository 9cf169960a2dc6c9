"""Built-in functions that make one value of a list, and ``not``.

DMN 1.5, sections 10.3.4.2 and 10.3.4.4.

Each takes one list or its items one by one: ``max([1, 2])`` and ``max(1, 2)`` are the same.
"""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from guantong.feel.arithmetic import calculate
from guantong.feel.built_in import Table
from guantong.feel.value import DECIMAL, ORDERED, Months, Value, compare, every, finite, some

table = Table()


@table.add("not", ("negand", None))
def negated(value: Value) -> Value:
    """Return the opposite truth; null for anything that is no boolean."""
    return not value if type(value) is bool else None


@table.add("count", ("list", list))
def count(items: list[Value]) -> Value:
    """Return the number of items."""
    return Decimal(len(items))


@table.add("min", ("list", None), required=1, variadic=True)
def least(*given: Value) -> Value:
    """Return the smallest of values of one kind; null for none or for mixed kinds."""
    return _extreme("<", given)


@table.add("max", ("list", None), required=1, variadic=True)
def greatest(*given: Value) -> Value:
    """Return the largest of values of one kind; null for none or for mixed kinds."""
    return _extreme(">", given)


@table.add("sum", ("list", None), required=1, variadic=True)
def total(*given: Value) -> Value:
    """Return the sum of numbers or durations; null for none."""
    items = _items(given)
    if not items:
        return None
    result = items[0] if type(items[0]) in {Decimal, timedelta, Months} else None
    for item in items[1:]:
        result = calculate("+", result, item)
    return result


@table.add("product", ("list", None), required=1, variadic=True)
def product(*given: Value) -> Value:
    """Return the product of numbers; null for none."""
    numbers = _numbers(given)
    if not numbers:
        return None
    result = Decimal(1)
    for number in numbers:
        result = DECIMAL.multiply(result, number)
    return finite(result)


@table.add("mean", ("list", None), required=1, variadic=True)
def mean(*given: Value) -> Value:
    """Return the arithmetic mean of numbers."""
    numbers = _numbers(given)
    return finite(_mean(numbers)) if numbers else None


@table.add("median", ("list", None), required=1, variadic=True)
def median(*given: Value) -> Value:
    """Return the number in the middle, or the mean of the two in the middle."""
    numbers = sorted(_numbers(given) or ())
    if not numbers:
        return None
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else finite(_mean(numbers[middle - 1 : middle + 1]))


@table.add("stddev", ("list", None), required=1, variadic=True)
def standard_deviation(*given: Value) -> Value:
    """Return the standard deviation of a sample; null for fewer than two numbers."""
    numbers = _numbers(given)
    if numbers is None or len(numbers) < 2:
        return None
    centre = _mean(numbers)
    squares = Decimal(0)
    for number in numbers:
        distance = DECIMAL.subtract(number, centre)
        squares = DECIMAL.add(squares, DECIMAL.multiply(distance, distance))
    return finite(DECIMAL.sqrt(DECIMAL.divide(squares, Decimal(len(numbers) - 1))))


@table.add("mode", ("list", None), required=1, variadic=True)
def mode(*given: Value) -> Value:
    """Return the numbers that occur most often, in ascending order."""
    numbers = _numbers(given)
    if numbers is None:
        return None
    counted = Counter(numbers)
    most = max(counted.values(), default=0)
    return sorted(number for number, times in counted.items() if times == most)


@table.add("all", ("list", None), required=1, variadic=True)
def all_true(*given: Value) -> Value:
    """Return the conjunction of a list; true for an empty one."""
    items = _items(given)
    return None if items is None else every(items)


@table.add("any", ("list", None), required=1, variadic=True)
def any_true(*given: Value) -> Value:
    """Return the disjunction of a list; false for an empty one."""
    items = _items(given)
    return None if items is None else some(items)


def _items(given: tuple[Value, ...]) -> list[Value] | None:
    if len(given) == 1:
        only = given[0]
        return only if type(only) is list else None if only is None else [only]
    return list(given)


def _numbers(given: tuple[Value, ...]) -> list[Decimal] | None:
    items = _items(given)
    if items is None or any(type(item) is not Decimal for item in items):
        return None
    return items


def _mean(numbers: list[Decimal]) -> Decimal:
    result = Decimal(0)
    for number in numbers:
        result = DECIMAL.add(result, number)
    return DECIMAL.divide(result, Decimal(len(numbers)))


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
