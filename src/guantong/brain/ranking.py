"""An index computed: for each area or unit of a month, from the rows that counted in it.

Nothing is stored. The figures of a past month are counted anew from the rows whose time lies in
it, and judged by the version of that month, so an old result can be had again (promise P8).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from guantong.access.api import Rows
from guantong.base.reading import BEIJING
from guantong.base.realm import Realm
from guantong.brain.datasets import run, together
from guantong.brain.figure import indicator as indicator_of
from guantong.brain.index import Index, Score, Version, score
from guantong.brain.indicator import counted_sql, datasets_read, rows_of_sql
from guantong.orgs.api import prefix

By = Literal["area", "unit"]
# The column of the evidence that names each kind of group.
UNIT, DIVISION = "unit_id", "division_code"

_indexes: dict[str, Index] = {}


def register_index(index: Index) -> None:
    """Make an index known to this process."""
    _indexes[index.id] = index


def index(id: str) -> Index | None:
    """Return an index by its id."""
    return _indexes.get(id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One area or unit: its place (one shared by equals), its score and its figures."""

    key: str
    place: int | None
    score: Score
    values: Mapping[str, float | None]


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def month_after(month: date) -> date:
    """Return the first day of the month after."""
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def ranking(
    index: Index,
    version: Version,
    *,
    month: date,
    by: By,
    width: int,
    realm: Realm,
    rows: Rows,
    now: datetime,
) -> list[Ranked]:
    """Return every area of a width, or every unit, with rows in the month: the best first.

    Who has no score stands behind those who have one, without a place.
    """
    values: dict[str, dict[str, float | None]] = {}
    with together():
        grouped = {
            id: _grouped(index, id, month, by, width, realm=realm, rows=rows, now=now)
            for id in version.indicators
        }
    for id, found in grouped.items():
        for row in found:
            if row["part"] is None:
                continue
            key = str(row["part"]).ljust(12, "0") if by == "area" else str(row["part"])
            value = row["value"]
            values.setdefault(key, {})[id] = None if value is None else float(value)
    scored = [(key, score(version, own), own) for key, own in values.items()]
    # Equals by their key, so that the same rows are listed the same way.
    scored.sort(key=lambda one: (one[1].value is None, -(one[1].value or 0.0), one[0]))
    placed = [one[1].value for one in scored]
    return [
        Ranked(
            key=key, score=own, values=figures,
            place=None if own.value is None else placed.index(own.value) + 1,
        )
        for key, own, figures in scored
    ]  # fmt: skip


def rows_behind(
    index: Index,
    indicator: str,
    *,
    month: date,
    by: By,
    key: str,
    realm: Realm,
    rows: Rows,
    now: datetime,
    most: int = 500,
) -> list[dict[str, Any]]:
    """Return the rows of one figure in a month that count for one area or unit."""
    declared = indicator_of(indicator)
    assert declared is not None, "the doctor refuses an index of figures that are not there"
    column, value = (UNIT, key) if by == "unit" else (DIVISION, prefix(key))
    since, until = bounds(month)
    sql = rows_of_sql(
        declared.sql, column=column, begins=value, at=index.counts_by, since=since, until=until
    )
    datasets = datasets_read(declared.sql)
    return run(declared.package, sql, datasets, realm=realm, rows=rows, now=now, most=most)


def bounds(month: date) -> tuple[str, str]:
    """Return the instants at which a month begins and ends, in Beijing."""
    begins = (datetime.combine(day, time(), BEIJING) for day in (month, month_after(month)))
    since, until = (instant.isoformat() for instant in begins)
    return since, until


def _grouped(
    index: Index, id: str, month: date, by: By, width: int, *, realm: Realm, rows: Rows,
    now: datetime,
) -> Sequence[Mapping[str, Any]]:  # fmt: skip
    declared = indicator_of(id)
    assert declared is not None, "the doctor refuses an index of figures that are not there"
    since, until = bounds(month)
    sql = counted_sql(
        declared.sql, group=UNIT if by == "unit" else DIVISION, width=width if by == "area" else 0,
        at=index.counts_by, since=since, until=until,
    )  # fmt: skip
    datasets = datasets_read(declared.sql)
    return run(declared.package, sql, datasets, realm=realm, rows=rows, now=now)
