"""The values there can be, as far as a text can tell them apart: for trying all of them.

A condition that compares with 1.5 tells below, at and above apart, and nothing more. So a few
values of each column stand for all, and what holds of them holds of every row.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from guantong.dmn.api import Border, days_between, numbers_between
from guantong.feel.api import Expression, FeelTooMuch, Value
from guantong.packages.doctor.subject import choices

Told = Collection[Border]

# What a text is that no condition speaks of.
OTHER_TEXT = "\N{REPLACEMENT CHARACTER}"
# Two instants stand for all: conditions here compare none with a third.
_INSTANTS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
_NUMBER = re.compile(r"(?<![\w.\"])-?\d+(?:\.\d+)?")
_TEXT = re.compile(r'"([^"]*)"')


def told_in(text: str) -> frozenset[Border]:
    """Return the numbers and the texts a condition compares with."""
    numbers = _NUMBER.findall(_TEXT.sub("", text))
    return frozenset({*(Decimal(number) for number in numbers), *_TEXT.findall(text)})


def of_column(column: Mapping[str, Any], told: Told) -> Sequence[Value]:
    """Return every value of a column of a contract that can be told apart, null where it may be."""
    missing: list[Value] = [] if column["required"] else [None]
    if allowed := choices(column):
        return [*allowed, *missing]
    bounds = column.get("logicalTypeOptions", {})
    least, most = (_decimal(bounds.get(name)) for name in ("minimum", "maximum"))
    return [*of_type(column["logicalType"], told, least=least, most=most), *missing]


def of_type(
    kind: str, told: Told, *, least: Decimal | None = None, most: Decimal | None = None
) -> Sequence[Value]:
    """Return every value of a type that can be told apart."""
    match kind:
        case "number" | "integer":
            numbers = [one for one in told if isinstance(one, Decimal)]
            return numbers_between(numbers, whole=kind == "integer", least=least, most=most)
        case "boolean":
            return [True, False]
        case "timestamp":
            return list(_INSTANTS)
        case "date":
            days = [one for one in told if isinstance(one, date)]
            return days_between(days) or [instant.date() for instant in _INSTANTS]
        case _:
            return [*sorted(one for one in told if isinstance(one, str)), OTHER_TEXT]


def value_of(expression: Expression, given: Mapping[str, Value]) -> Value:
    """Return what an expression answers; null where it asks for more work than any rule may."""
    try:
        return expression.evaluate(given)
    except FeelTooMuch:
        return None


def _decimal(bound: float | None) -> Decimal | None:
    return None if bound is None else Decimal(str(bound))
