"""Built-in functions that make a list of lists, and ``sort``.

DMN 1.5, sections 10.3.4.4 and 10.3.4.8.

Positions count from 1, negative ones from the end; a position outside of the list gives null.
"""

import functools
from decimal import Decimal

from guantong.feel.built_in import Table
from guantong.feel.value import Function, Range, Value, equal
from guantong.feel.work import spend

table = Table()
_POSITION = ("position", Decimal)
# Equal values of these have equal hashes, so that a set finds them.
_HASHED = frozenset({Decimal, str, bool, type(None)})


def place(items: list[Value], position: Decimal) -> int | None:
    """Return the index of a position, or nothing where the list has none."""
    if position != position.to_integral_value() or not position or abs(position) > len(items):
        return None
    return int(position) - 1 if position > 0 else len(items) + int(position)


@table.add("sublist", ("list", list), ("start position", Decimal), ("length", Decimal), required=2)
def sublist(items: list[Value], start: Decimal, length: Decimal | None = None) -> Value:
    """Return the items from a position on, so many of them."""
    begin = place(items, start)
    if begin is None:
        return None
    if length is None:
        return items[begin:]
    if length != length.to_integral_value() or not 1 <= length <= len(items) - begin:
        return None
    return items[begin : begin + int(length)]


@table.add("append", ("list", list), ("item", None), required=2, variadic=True)
def append(items: list[Value], *more: Value) -> Value:
    """Return the list with the items behind it."""
    return [*items, *more]


@table.add("concatenate", ("list", list), variadic=True)
def concatenate(*lists: list[Value]) -> Value:
    """Return one list of all."""
    return [item for items in lists for item in items]


@table.add("insert before", ("list", list), _POSITION, ("newItem", None))
def insert_before(items: list[Value], position: Decimal, new: Value) -> Value:
    """Return the list with a new item before the one at the position."""
    index = place(items, position)
    return None if index is None else [*items[:index], new, *items[index:]]


@table.add("remove", ("list", list), _POSITION)
def remove(items: list[Value], position: Decimal) -> Value:
    """Return the list without the item at the position."""
    index = place(items, position)
    return None if index is None else [*items[:index], *items[index + 1 :]]


@table.add("list replace", ("list", list), _POSITION, ("newItem", None))
def replace_at(items: list[Value], position: Decimal, new: Value) -> Value:
    """Return the list with another item at the position."""
    index = place(items, position)
    return None if index is None else [*items[:index], new, *items[index + 1 :]]


@table.add("list replace", ("list", list), ("match", Function), ("newItem", None))
def replace_where(items: list[Value], match: Function, new: Value) -> Value:
    """Return the list with another item wherever ``match(item, newItem)`` is true."""
    answers = [match.apply(item, new) for item in items]
    if any(type(answer) is not bool for answer in answers):
        return None
    return [new if answer else item for item, answer in zip(items, answers, strict=True)]


@table.add("reverse", ("list", list))
def reverse(items: list[Value]) -> Value:
    """Return the list backwards."""
    return items[::-1]


@table.add("index of", ("list", list), ("match", None))
def index_of(items: list[Value], match: Value) -> Value:
    """Return the positions of the items that equal a value."""
    return [Decimal(at) for at, item in enumerate(items, 1) if equal(item, match) is True]


@table.add("union", ("list", list), variadic=True)
def union(*lists: list[Value]) -> Value:
    """Return every item of several lists once."""
    return distinct_values(concatenate(*lists))


@table.add("distinct values", ("list", list))
def distinct_values(items: list[Value]) -> Value:
    """Return every item once, where it first stands."""
    seen: set[tuple[type, Value]] = set()
    kept: list[Value] = []
    others: list[Value] = []
    for item in items:
        if type(item) in _HASHED:
            if (type(item), item) in seen:
                continue
            seen.add((type(item), item))
        else:
            spend(len(others))
            if any(equal(other, item) is True for other in others):
                continue
            others.append(item)
        kept.append(item)
    return kept


@table.add("flatten", ("list", list))
def flatten(items: list[Value]) -> Value:
    """Return the items of lists within lists as one list."""
    flat: list[Value] = []
    waiting = [iter(items)]
    while waiting:
        item = next(waiting[-1], waiting)
        if item is waiting:
            waiting.pop()
        elif type(item) is list:
            spend(len(item) + 1)
            waiting.append(iter(item))
        else:
            flat.append(item)
    return flat


class _NoOrder(ValueError):
    """The function that says what comes first gave no truth; the built-in call answers null."""


@table.add("sort", ("list", list), ("precedes", Function))
def sort(items: list[Value], precedes: Function) -> Value:
    """Return the list in the order of ``precedes(x, y)``; equal items keep their order."""

    def compared(left: Value, right: Value) -> int:
        first = precedes.apply(left, right)
        if type(first) is not bool:
            raise _NoOrder
        return -1 if first else 1

    return sorted(items, key=functools.cmp_to_key(compared))


@table.add("list contains", ("list", list), ("element", None))
def list_contains(items: list[Value], element: Value) -> Value:
    """Say whether an item equals the element; null is an item like any other."""
    return any(
        equal(item, element) is True or (type(item) is Range and item == element) for item in items
    )
