"""What a table leaves without an answer, answers twice, or has a row for that never decides.

The table is asked for the values it tells apart: each border its cells speak of, a value on either
side of it, and null where one may be missing. Between two borders nothing changes, so what holds of
these values holds of all. Where the cells speak of constants only, the sets of rules that the
values leave are swept (``sweep``): five hundred rows in less than a second. Else every combination
is asked for. Which values a name can have, only the caller knows: the type and the bounds stand in
the contract of the data.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise, product

from guantong.dmn.sweep import Sweep, sweep_of
from guantong.dmn.table import Cell, DecisionTable, Rule
from guantong.feel.api import Value, constants_compared, names_in

# More combinations than this are not asked: a doctor answers in seconds.
MOST_ASKED = 20_000

_NUMBER = re.compile(r"(?<![\w.\"])-?\d+(?:\.\d+)?")
_TEXT = re.compile(r'"([^"]*)"')
Given = Mapping[str, Value]
Border = Decimal | str | date


@dataclass(frozen=True, slots=True)
class Coverage:
    """One example of each kind of fault; ``never`` are the numbers of rows that never decide."""

    gap: Given | None
    overlap: tuple[int, int, Given] | None
    never: tuple[int, ...]


def borders(table: DecisionTable) -> Mapping[str, frozenset[Border]]:
    """Return the numbers, texts and days that the cells compare each name with."""
    found: dict[str, set[Border]] = {}
    for place, column in enumerate(table.inputs):
        expression = column.formula.expression
        for name in names_in(expression) if expression is not None else ():
            told = found.setdefault(name, set())
            for rule in table.rules:
                told |= set(_compared(rule.cells[place]))
    return {name: frozenset(told) for name, told in found.items()}


def _compared(cell: Cell) -> Iterator[Border]:
    constants = None if cell.tests is None else constants_compared(cell.tests.tree)
    if constants is not None:
        yield from (each for each in constants if type(each) in {Decimal, str, date})
        return
    yield from _TEXT.findall(cell.text)
    yield from map(Decimal, _NUMBER.findall(_TEXT.sub("", cell.text)))


def days_between(told: Sequence[date]) -> list[date]:
    """Return the days told and those next to them."""
    around = {day.toordinal() + step for day in told for step in (-1, 0, 1)}
    return [date.fromordinal(day) for day in sorted(around) if 1 <= day <= date.max.toordinal()]


def numbers_between(
    told: Sequence[Decimal], *, whole: bool, least: Decimal | None, most: Decimal | None
) -> list[Decimal]:
    """Return the borders and a number on either side of each, within the bounds of the data."""
    marks = sorted({*told, *(bound for bound in (least, most) if bound is not None)})
    if not marks:
        marks = [Decimal(0)]
    found = {marks[0] - 1, *marks, marks[-1] + 1}
    for low, high in pairwise(marks):
        found.add(low + 1 if whole and high - low > 1 else (low + high) / 2)
    return sorted(
        number
        for number in found
        if (not whole or number == number.to_integral_value())
        and (least is None or number >= least)
        and (most is None or number <= most)
    )


def coverage(table: DecisionTable, values: Mapping[str, Sequence[Value]]) -> Coverage | None:
    """Return what is wrong for some of these values; none where there are too many to ask."""
    if table.faults():
        return None
    sweep = sweep_of(table, values)
    if sweep is not None:
        return _swept(table, sweep)
    names = list(values)
    if math.prod(len(values[name]) for name in names) > MOST_ASKED:
        return None
    return _asked(table, names, values)


def _swept(table: DecisionTable, sweep: Sweep) -> Coverage | None:
    """Take the sets of rules that values leave: what is left of them by several names at once."""
    open_ended = not all(column.default for column in table.outputs)
    gap: Given | None = None
    overlap: tuple[int, int, Given] | None = None
    decided = 0
    for alive, given in sweep.ends():
        if given is None:
            return None
        decided |= alive
        if not alive and open_ended and gap is None:
            gap = given
        if alive & (alive - 1) and overlap is None:
            one = (alive & -alive).bit_length()
            other = (alive & (alive - 1) & -(alive & (alive - 1))).bit_length()
            rules = [rule for rule in table.rules if alive >> (rule.index - 1) & 1]
            if _disagree(table, rules, given):
                overlap = (one, other, given)
    never = tuple(rule.index for rule in table.rules if not decided >> (rule.index - 1) & 1)
    return Coverage(gap, overlap, never)


def _asked(
    table: DecisionTable, names: list[str], values: Mapping[str, Sequence[Value]]
) -> Coverage:
    """Ask the table for every combination: for cells that more than constants decide."""
    open_ended = not all(column.default for column in table.outputs)
    gap: Given | None = None
    overlap: tuple[int, int, Given] | None = None
    decided: set[int] = set()
    for given in _combinations(names, values):
        rules = table.hits(given)
        hits = [rule.index for rule in rules]
        decided.update(hits)
        if not hits and open_ended and gap is None:
            gap = given
        if len(hits) > 1 and overlap is None and _disagree(table, rules, given):
            overlap = (hits[0], hits[1], given)
    never = tuple(rule.index for rule in table.rules if rule.index not in decided)
    return Coverage(gap, overlap, never)


def _disagree(table: DecisionTable, rules: Sequence[Rule], given: Given) -> bool:
    # Under ANY several rows may hit as long as they say the same.
    return table.hit_policy != "ANY" or table.settle(rules, given)[1] is not None


def _combinations(names: list[str], values: Mapping[str, Sequence[Value]]) -> Iterator[Given]:
    for given in product(*(values[name] for name in names)):
        yield dict(zip(names, given, strict=True))
