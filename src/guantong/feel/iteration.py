"""Loops: ``for``, ``some``, ``every`` and filters.

Every turn is counted before it is made (``work``), with the size of what it works out as its
weight, so that loops within loops are refused long before they fill the memory.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from guantong.feel.sequence_functions import place
from guantong.feel.value import Compiled, Range, Scope, Value, every, some
from guantong.feel.work import spend

_DAY = timedelta(days=1)
Ways = Sequence[tuple[str, Compiled, Compiled | None]]


def loop(ways: Ways, result: Compiled, weight: int, *, partial: bool, kept: bool) -> Compiled:
    """Return the closure of ``for``; ``partial``: the results so far are read on the way."""

    def run(scope: Scope) -> Value:
        results: list[Value] = []
        turns = _turns(ways, 0, dict(scope), weight, kept=kept)
        for inner in turns:
            if partial:
                # A copy: what is read now must not grow afterwards.
                spend(len(results))
                inner["partial"] = list(results)
            results.append(result(inner))
        return results

    return _null_for_no_list(run)


def quantifier(
    ways: Ways, condition: Compiled, weight: int, *, all_of: bool, kept: bool
) -> Compiled:
    """Return the closure of ``some`` and ``every``."""
    joined: Callable[[Iterator[Value]], bool | None] = every if all_of else some

    def run(scope: Scope) -> Value:
        turns = _turns(ways, 0, dict(scope), weight, kept=kept)
        return joined(condition(inner) for inner in turns)

    return _null_for_no_list(run)


class _NoList(Exception):
    """A loop was to go over what has no items."""


def _null_for_no_list(run: Compiled) -> Compiled:
    def guarded(scope: Scope) -> Value:
        try:
            return run(scope)
        except _NoList:
            return None

    return guarded


def _turns(
    ways: Ways, depth: int, scope: dict[str, Value], weight: int, *, kept: bool
) -> Iterator[dict[str, Value]]:
    name, source, end = ways[depth]
    items = _items(source(scope)) if end is None else _between(source(scope), end(scope))
    for item in items:
        spend(weight)
        # A function made in a turn keeps the scope of that turn; else one scope serves them all.
        inner = dict(scope) if kept else scope
        inner[name] = item
        if depth + 1 == len(ways):
            yield inner
        else:
            yield from _turns(ways, depth + 1, inner, weight, kept=kept)


def _items(value: Value) -> Iterable[Value]:
    if type(value) is list:
        return value
    if value is None:
        raise _NoList
    if type(value) is Range:
        if value.operator or not (value.low_closed and value.high_closed):
            raise _NoList
        return _between(value.low, value.high)
    return [value]


def _between(low: Value, high: Value) -> Iterable[Value]:
    """Return the whole numbers or the days from one end to the other, up or down."""
    if type(low) is Decimal and type(high) is Decimal:
        if low != low.to_integral_value() or high != high.to_integral_value():
            raise _NoList
        if max(low.adjusted(), high.adjusted()) > 17:
            spend(10**9)  # more turns than anybody may make; the digits are not even written out
        first, last = int(low), int(high)
        step = 1 if last >= first else -1
        return map(Decimal, range(first, last + step, step))
    if type(low) is date and type(high) is date:
        step = 1 if high >= low else -1
        return (low + days * _DAY for days in range(0, (high - low).days + step, step))
    raise _NoList


def list_filter(
    base: Compiled, condition: Compiled, weight: int, *, index: bool, truth: bool
) -> Compiled:
    """Return the closure of ``base[condition]``.

    ``index``: the condition may be a position; ``truth``: it may be a truth. Both are known where
    the text says so, as ``[1]`` and ``[item > 1]`` do.
    """

    def run(scope: Scope) -> Value:
        given = base(scope)
        if given is None:
            return None
        items = given if type(given) is list else [given]
        if index:
            position = condition(scope)
            if type(position) is Decimal:
                at = place(items, position)
                return None if at is None else items[at]
            if not truth:
                return None
        spend(len(items) * weight)
        return [item for item in items if condition(_item_scope(item, scope)) is True]

    return run


def _item_scope(item: Value, scope: Scope) -> Scope:
    if type(item) is dict:
        return {**scope, "item": item, **item}
    return {**scope, "item": item}
