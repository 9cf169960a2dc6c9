"""A figure as somebody sees it: the value, its light, its time, its parts, and its rows.

Every reading is cut by ``access`` through ``Rows``: the figure of a county officer counts the
county's rows. Nothing is stored: a figure changes when a row changes, and by nothing else.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guantong.access.api import Rows
from guantong.base.realm import Realm
from guantong.brain.datasets import run, together
from guantong.brain.indicator import (
    Indicator,
    datasets_read,
    evidence_sql,
    figure_sql,
    grouped_sql,
    split_sql,
)

_indicators: dict[str, Indicator] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The value of an indicator for one reader at one time; ``parts`` where it is split."""

    indicator: Indicator
    value: float | None
    light: str
    at: datetime
    parts: Mapping[str, float]


def register_indicator(indicator: Indicator) -> None:
    """Make an indicator known to this process."""
    _indicators[indicator.id] = indicator


def drop_indicators(package: str, *, but: Collection[str]) -> None:
    """Forget every indicator of a package, but those."""
    for id in [i.id for i in indicators() if i.package == package and i.id not in but]:
        _indicators.pop(id, None)


def indicator(id: str) -> Indicator | None:
    """Return an indicator by its id."""
    return _indicators.get(id)


def indicators() -> tuple[Indicator, ...]:
    """All indicators, by id."""
    return tuple(_indicators[id] for id in sorted(_indicators))


def figure(indicator: Indicator, *, realm: Realm, rows: Rows, now: datetime) -> Figure:
    """Return the figure of ``indicator`` over the rows a reader may see."""
    parts: dict[str, float] = {}
    with together():
        value = _number(_ask(indicator, figure_sql(indicator.sql), realm, rows, now)[0]["value"])
        if indicator.split_by:
            split = split_sql(indicator.sql, column=indicator.split_by)
            for row in _ask(indicator, split, realm, rows, now):
                parts[str(row["part"])] = _number(row["value"]) or 0.0
    return Figure(
        indicator=indicator, value=value, light=indicator.light(value), at=now, parts=parts
    )


def by_division(
    indicator: Indicator, *, realm: Realm, rows: Rows, now: datetime, width: int = 6
) -> dict[str, float | None]:
    """Return the figure of each division, by its code filled up to twelve digits."""
    found = _ask(indicator, grouped_sql(indicator.sql, width=width), realm, rows, now)
    return {str(row["division"]).ljust(12, "0"): _number(row["value"]) for row in found}


def evidence(
    indicator: Indicator, *, realm: Realm, rows: Rows, now: datetime, most: int = 500
) -> list[dict[str, Any]]:
    """Return the rows behind a figure, at most ``most`` of them."""
    sql = evidence_sql(indicator.sql)
    datasets = datasets_read(indicator.sql)
    return run(indicator.package, sql, datasets, realm=realm, rows=rows, now=now, most=most)


def _ask(
    indicator: Indicator, sql: str, realm: Realm, rows: Rows, now: datetime
) -> list[dict[str, Any]]:
    datasets = datasets_read(indicator.sql)
    return run(indicator.package, sql, datasets, realm=realm, rows=rows, now=now)


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]
