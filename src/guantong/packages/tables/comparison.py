"""Two versions of a decision table row by row: what is new, gone, moved, and which cells changed.

Rows are the same when their ids are; what a row asks may change, and it stays that row. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from guantong.packages.tables.sheet import Column, Row, Sheet

How = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell that reads otherwise; an empty text stands for a column that was not there."""

    column: Column
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """One row that differs, with its numbers before and after (0: it is not there)."""

    id: str
    how: How
    before: int
    after: int
    cells: tuple[CellChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadChange:
    """Something of the head that differs: a column, or the hit policy."""

    what: Literal["policy", "column"]
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that differs between two versions of one table."""

    decision: str
    name: str
    head: tuple[HeadChange, ...]
    rows: tuple[RowChange, ...]

    @property
    def same(self) -> bool:
        """Say whether nothing differs."""
        return not self.head and not self.rows


def compare(before: Sheet | None, after: Sheet | None) -> Comparison:
    """Return what differs from one version to the other; a table may be new, or gone."""
    one = after or before
    assert one is not None, "there is a table on one side at least"
    return Comparison(
        decision=one.decision, name=one.name,
        head=tuple(_head(before, after)), rows=tuple(_rows(before, after)),
    )  # fmt: skip


def compare_all(before: Mapping[str, Sheet], after: Mapping[str, Sheet]) -> list[Comparison]:
    """Return the tables of two files that differ, in the order of the newer file."""
    keys = [*after, *(key for key in before if key not in after)]
    found = (compare(before.get(key), after.get(key)) for key in keys)
    return [one for one in found if not one.same]


def _head(before: Sheet | None, after: Sheet | None) -> list[HeadChange]:
    found = []
    was, now = _policy(before), _policy(after)
    if was != now:
        found.append(HeadChange(what="policy", label="", before=was, after=now))
    old, new = _by_id(before), _by_id(after)
    for id in [*new, *(id for id in old if id not in new)]:
        told, tells = _asks(old.get(id)), _asks(new.get(id))
        if told != tells:
            label = (new.get(id) or old[id]).label
            found.append(HeadChange(what="column", label=label, before=told, after=tells))
    return found


def _policy(sheet: Sheet | None) -> str:
    return "" if sheet is None else f"{sheet.hit_policy} {sheet.aggregation}".strip()


def _by_id(sheet: Sheet | None) -> dict[str, Column]:
    return {} if sheet is None else {column.id: column for column in sheet.columns}


def _asks(column: Column | None) -> str:
    """Return what a column is, as one text that can be compared."""
    if column is None or column.role == "note":
        return ""
    parts = (column.label, column.expression, column.type, column.values)
    return " · ".join(dict.fromkeys(part for part in parts if part))


def _rows(before: Sheet | None, after: Sheet | None) -> list[RowChange]:
    old = {} if before is None else {row.id: n for n, row in enumerate(before.rows, 1)}
    new = {} if after is None else {row.id: n for n, row in enumerate(after.rows, 1)}
    moved = _moved(list(old), list(new))
    found = []
    for id in [*new, *(id for id in old if id not in new)]:
        was, now = old.get(id, 0), new.get(id, 0)
        cells = tuple(
            _cells(before, before.rows[was - 1] if before and was else None,
                   after, after.rows[now - 1] if after and now else None)
        )  # fmt: skip
        how: How | None = "changed" if cells else None
        if not was:
            how = "added"
        elif not now:
            how = "removed"
        elif not cells and id in moved:
            how = "moved"
        if how is not None:
            found.append(RowChange(id=id, how=how, before=was, after=now, cells=cells))
    return found


def _cells(
    before: Sheet | None, was: Row | None, after: Sheet | None, now: Row | None
) -> list[CellChange]:
    told = {} if before is None or was is None else _texts(before, was)
    tells = {} if after is None or now is None else _texts(after, now)
    columns = {**_by_id(before), **_by_id(after)}
    return [
        CellChange(columns[id], told.get(id, ""), tells.get(id, ""))
        for id in columns
        if told.get(id, "") != tells.get(id, "")
    ]


def _texts(sheet: Sheet, row: Row) -> dict[str, str]:
    return {column.id: text for column, text in zip(sheet.columns, row.cells, strict=True)}


def _moved(old: list[str], new: list[str]) -> set[str]:
    """Return rows of both that stand in another order: the fewest that explain it."""
    both = set(old) & set(new)
    was, now = [id for id in old if id in both], [id for id in new if id in both]
    blocks = SequenceMatcher(a=was, b=now, autojunk=False).get_matching_blocks()
    kept = {id for block in blocks for id in was[block.a : block.a + block.size]}
    return both - kept
