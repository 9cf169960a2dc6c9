"""The rules of a table by the values of its columns: which rules a value leaves, looked up.

A set of rules is one integer, the first rule its lowest bit. Each column knows, for each kind of
value, from which value on the set is another (``feel.turning``); a decision is one bisection per
column and the sets cut with each other. The sets are made by asking every cell once for each such
value, so a cell means here what it means to its own test. Cells that more than constants decide are
still asked, for the rules that the other columns leave; values that have no order among themselves
(lists, times with and without zone) send the whole decision to the tests.

An index can only spare work: the tests it asks are among those that trying row by row would ask.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log2

from guantong.feel.api import (
    DECIMAL,
    LOOKED_UP,
    Scope,
    UnaryTests,
    Value,
    constants_compared,
    to_value,
    turning_points,
)

Find = Callable[[Value], int]
Test = Callable[[Value, Scope], "bool | None"]
_MOST_LAID_OUT = Decimal(1000)
_FAR = Decimal(10**9)
_rounded = DECIMAL.plus
# The kinds of values that are looked up, as Python hands them in.
KNOWN: frozenset[type] = LOOKED_UP | {bool, type(None), int, float}


@dataclass(frozen=True, slots=True)
class Steps:
    """Sets of rules by the order of one kind: ``sets[n]`` from ``points[n]`` on."""

    points: tuple[Value, ...]
    sets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """What one column leaves, for each kind of value; ``open`` are the rules it has to ask."""

    place: int
    steps: Mapping[type, Steps]
    truths: Mapping[bool, int]
    nothing: int
    open: int
    find: Mapping[type, Find]

    def dear(self, rules: int) -> float:
        """What it costs to look here, for what it spares: the least is looked up first.

        A value leaves so many rules on average, as far as one can say without knowing the data; a
        number is bisected, which takes three times as long as finding a text.
        """
        kinds = [(steps.sets, 3) for steps in self.steps.values() if len(steps.sets) > 1]
        texts = _by_equality(self.steps[str])
        if texts is not None and texts[0]:
            kinds = [*kinds, ((*texts[0].values(), texts[1]), 1)]
        kinds = kinds or [(tuple(self.truths.values()), 1)]
        return min(cost / log2(_spared(sets, rules)) for sets, cost in kinds)


class RuleIndex:
    """The index of one table."""

    def __init__(self, cells: Sequence[Sequence[UnaryTests]]) -> None:
        width = len(cells[0]) if cells else 0
        self.all = (1 << len(cells)) - 1
        made = [column_of(place, [row[place] for row in cells]) for place in range(width)]
        # The column that leaves the fewest rules first: most decisions need no other.
        self.columns = tuple(
            sorted(
                (each for each in made if _tells(each, self.all)),
                key=lambda each: each.dear(len(cells)),
            )
        )
        self._tests = tuple(_open_tests(row, made, number) for number, row in enumerate(cells))
        self.open = 0
        for column in made:
            self.open |= column.open
        self.lookups = tuple(
            (
                each.place,
                each.find,
                self.all & ~_indifferent(self.columns[number + 1 :], self.all),
            )
            for number, each in enumerate(self.columns)
        )

    def first(self, values: Sequence[Value], scope: Scope) -> int:
        """Return the first rule that hits, counted from 1; 0 where none does."""
        alive = self._left(values)
        while alive & self.open:
            number = (alive & -alive).bit_length()
            if self._passes(number - 1, values, scope):
                return number
            alive &= alive - 1
        return (alive & -alive).bit_length()

    def every(self, values: Sequence[Value], scope: Scope) -> list[int]:
        """Return the numbers of all rules that hit, counted from 1."""
        alive = self._left(values)
        found = []
        while alive:
            number = (alive & -alive).bit_length()
            if not alive & -alive & self.open or self._passes(number - 1, values, scope):
                found.append(number)
            alive &= alive - 1
        return found

    def _left(self, values: Sequence[Value]) -> int:
        alive = self.all
        for place, find, sensitive in self.lookups:
            value = values[place]
            alive &= find[type(value)](value)
            if not alive & sensitive:
                break  # the rules that are left, if any, take every value of the other columns
        return alive

    def _passes(self, row: int, values: Sequence[Value], scope: Scope) -> bool:
        return all(test(values[place], scope) is True for place, test in self._tests[row])


def column_of(place: int, cells: Sequence[UnaryTests]) -> Column:
    """Return what one column leaves, by asking each of its cells."""
    rows: dict[str, int] = {}  # the rules that share a text
    for row, cell in enumerate(cells):
        rows[cell.text] = rows.get(cell.text, 0) | 1 << row
    distinct = {cell.text: (cell, constants_compared(cell.tree)) for cell in cells}
    asked = [
        (cell, each, rows[text]) for text, (cell, each) in distinct.items() if each is not None
    ]
    opened = sum(rows[text] for text, (_, each) in distinct.items() if each is None)

    def left(value: Value) -> int:
        """Ask every cell about a value; cells that are asked later count as passed."""
        return opened | sum(mine for cell, _, mine in asked if cell.run(value, {}) is True)

    steps = {kind: _steps(kind, asked, opened) for kind in LOOKED_UP}
    truths = {True: left(True), False: left(False)}
    nothing = left(None)
    find: dict[type, Find] = {kind: _finder(kind, each, nothing) for kind, each in steps.items()}
    find |= {bool: truths.__getitem__, type(None): lambda value: nothing}
    find |= dict.fromkeys((int, float), _finder_of_python(find))
    return Column(place, steps, truths, nothing, opened, find)


def _steps(kind: type, asked: Sequence[tuple[UnaryTests, list[Value], int]], opened: int) -> Steps:
    """Ask each cell at its own turning points only: 500 rows would make a million questions."""
    changes: dict[Value, int] = {turning_points(kind, ())[0]: opened}
    for cell, constants, mine in asked:
        before = False
        for point in turning_points(kind, constants):
            passes = cell.run(point, {}) is True
            if passes is not before:
                changes[point] = changes.get(point, 0) ^ mine
            before = passes
    points: list[Value] = []
    sets: list[int] = []
    current = 0
    for point in sorted(changes):
        if changes[point] or not points:
            current ^= changes[point]
            points.append(point)
            sets.append(current)
    return Steps(tuple(points), tuple(sets))


def _spared(sets: Sequence[int], rules: int) -> float:
    left = sum(each.bit_count() for each in sets) / len(sets)
    return (rules + 2) / (left + 1)  # never below one: a column that spares nothing is dear


def _finder(kind: type, steps: Steps, nothing: int) -> Find:
    points, sets = steps.points[1:], steps.sets
    if kind is not Decimal:
        if kind is str and (by_text := _by_equality(steps)):
            return _Texts(*by_text).__getitem__
        return lambda value: sets[bisect_right(points, value)]
    laid_out = _Numbers(points, sets, nothing)
    return laid_out.__getitem__ if laid_out else _bisected(points, sets, nothing)


def _bisected(points: Sequence[Decimal], sets: Sequence[int], nothing: int) -> Find:
    rounded = _rounded

    def find(given: Decimal) -> int:
        # As to_value does: 34 digits, and what is not finite is null.
        number = rounded(given)
        return sets[bisect_right(points, number)] if number.is_finite() else nothing

    return find


class _Numbers(dict[Decimal, int]):
    """Sets by number; the whole numbers among the points are laid out, the others bisected.

    Ages, days and points are whole nearly always, and to find one takes a third of a bisection.
    """

    def __init__(self, points: Sequence[Decimal], sets: Sequence[int], nothing: int) -> None:
        super().__init__()
        self.find = _bisected(points, sets, nothing)
        if points and points[0] > -_FAR and points[-1] < min(_FAR, points[0] + _MOST_LAID_OUT):
            for number in map(Decimal, range(int(points[0]) - 1, int(points[-1]) + 2)):
                self[number] = sets[bisect_right(points, number)]

    def __missing__(self, given: Decimal) -> int:
        return self.find(given)


def _finder_of_python(find: Mapping[type, Find]) -> Find:
    def of_number(given: Value) -> int:
        value = to_value(given)
        return find[type(value)](value)

    return of_number


class _Texts(dict[str, int]):
    """Sets by text; a text that no cell speaks of leaves the other."""

    def __init__(self, single: dict[str, int], other: int) -> None:
        super().__init__(single)
        self.other = other

    def __missing__(self, text: str) -> int:
        return self.other


def _by_equality(steps: Steps) -> tuple[dict[str, int], int] | None:
    """Return the sets of single texts and the set of every other text, where that is all."""
    other = steps.sets[0]
    single = {}
    for number, point in enumerate(steps.points):
        if number + 1 < len(steps.points) and steps.points[number + 1] == point + "\0":
            single[point] = steps.sets[number]
        elif steps.sets[number] != other:
            return None
    return single, other


def _tells(column: Column, all_rules: int) -> bool:
    """Say whether a column ever leaves a rule out before its open cells are asked."""
    sets = {column.nothing, *column.truths.values()}
    return sets.union(*(steps.sets for steps in column.steps.values())) != {all_rules}


def _indifferent(columns: Sequence[Column], all_rules: int) -> int:
    """Return the rules that none of these columns can leave out."""
    for column in columns:
        all_rules &= column.nothing
        for each in (*column.truths.values(), *(s for k in column.steps.values() for s in k.sets)):
            all_rules &= each
    return all_rules


def _open_tests(
    row: Sequence[UnaryTests], columns: Sequence[Column], number: int
) -> tuple[tuple[int, Test], ...]:
    return tuple(
        (place, cell.run) for place, cell in enumerate(row) if columns[place].open >> number & 1
    )
