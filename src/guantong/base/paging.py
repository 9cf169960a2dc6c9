"""Cursor paging: a page begins after the last row of the one before, however many rows come.

A cursor is the sort value and the id of a row as text. One that nobody gave out is taken for the
beginning: an old address still shows something sensible.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[V]):
    """Some rows of a list, how many there are in all, and the cursors to go on from."""

    rows: tuple[V, ...]
    total: int
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[V]):
    """A list in the store: which columns of which rows, in the order of an instant and an id."""

    columns: str
    tables: str
    where: str
    values: Sequence[Any]
    instant: str
    id: str
    view: Callable[[tuple[Any, ...]], V]
    newest_first: bool = False

    def page(self, *, after: str | None, before: str | None, most: int, total: int) -> Page[V]:
        """Return one page; going back reads the rows in the other direction. One query."""
        start = cursor_of(after) or cursor_of(before)
        back = cursor_of(after) is None and start is not None
        down = self.newest_first != back
        cut = f"({self.instant}, {self.id}) {'<' if down else '>'} (%s, %s)" if start else "true"
        way = "desc" if down else "asc"
        with connection.cursor() as cursor:
            cursor.execute(
                f"select {self.instant}, {self.id}, {self.columns} from {self.tables}"  # noqa: S608
                f" where {self.where} and {cut}"
                f" order by {self.instant} {way}, {self.id} {way} limit %s",
                [*self.values, *(start or ()), most + 1],
            )
            found = cursor.fetchall()
        more, found = len(found) > most, found[:most]
        if back:
            found.reverse()
        keys = [text_of(row[0], row[1]) for row in found]
        has_next, has_previous = (True, more) if back else (more, start is not None)
        return Page(
            rows=tuple(self.view(row[2:]) for row in found), total=total,
            after=keys[-1] if keys and has_next else None,
            before=keys[0] if keys and has_previous else None,
        )  # fmt: skip


def text_of(at: datetime, id: UUID) -> str:
    """Return the cursor of a row."""
    return f"{at.astimezone(UTC).isoformat()}_{id}"


def cursor_of(text: str | None) -> tuple[datetime, UUID] | None:
    """Return what a cursor stands for; None for what is no cursor."""
    at, _, id = (text or "").partition("_")
    try:
        instant, row = datetime.fromisoformat(at), UUID(id)
        return None if instant.tzinfo is None else (instant.astimezone(UTC), row)
    except (ValueError, OverflowError):
        return None
