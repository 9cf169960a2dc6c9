"""What a table leaves without an answer, answers twice, or has a row for that never decides.

The table is asked for every combination of the values it tells apart: each border its cells speak
of, a value on either side of it, and null where one may be missing. Between two borders nothing
changes, so what holds of these values holds of all. Which values a name can have, only the caller
knows: the type and the bounds stand in the contract of the data.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise, product

from guantong.dmn.table import DecisionTable, Rule
from guantong.feel.api import Value, names_in

# More combinations than this are not asked: a doctor answers in seconds.
MOST_ASKED = 20_000

_NUMBER = re.compile(r"(?<![\w.\"])-?\d+(?:\.\d+)?")
_TEXT = re.compile(r'"([^"]*)"')
Given = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Coverage:
    """One example of each kind of fault; ``never`` are the numbers of rows that never decide."""

    gap: Given | None
    overlap: tuple[int, int, Given] | None
    never: tuple[int, ...]


def borders(table: DecisionTable) -> Mapping[str, frozenset[Decimal | str]]:
    """Return the numbers and texts that the cells compare each name with."""
    found: dict[str, set[Decimal | str]] = {}
    for place, column in enumerate(table.inputs):
        expression = column.formula.expression
        for name in names_in(expression) if expression is not None else ():
            told = found.setdefault(name, set())
            for text in (rule.cells[place].text for rule in table.rules):
                told |= set(_TEXT.findall(text))
                told |= {Decimal(number) for number in _NUMBER.findall(_TEXT.sub("", text))}
    return {name: frozenset(told) for name, told in found.items()}


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
    names = list(values)
    if table.faults() or math.prod(len(values[name]) for name in names) > MOST_ASKED:
        return None
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
