"""Which rows an answer covers: by area, by the line within an area, by unit.

The same value cuts a query (``sql``) and judges one row (``covers``), so that a list and a
changed address cannot disagree.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from guantong.orgs.api import is_code

_COLUMN = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What may be read. Without anything set it covers nothing."""

    everything: bool = False
    # Leading digits of division codes, cut at a tier: 33, 3310, 331081, …
    prefixes: tuple[str, ...] = ()
    unit_ids: tuple[UUID, ...] = ()
    # A line's own work within an area: (prefix, line).
    lines: tuple[tuple[str, str], ...] = ()
    # These divisions themselves, without what lies in them: the units above one's own.
    divisions: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether no row at all is covered."""
        return not (
            self.everything or self.prefixes or self.unit_ids or self.lines or self.divisions
        )

    def covers(
        self,
        division_code: str | None,
        unit_ids: Iterable[UUID] = (),
        lines: Iterable[str] = (),
    ) -> bool:
        """Say whether one row is covered; a row without a place only by its units."""
        if self.everything or not set(self.unit_ids).isdisjoint(unit_ids):
            return True
        if division_code is None or not is_code(division_code):
            return False
        if division_code in self.divisions:
            return True
        own = set(lines)
        return division_code.startswith(self.prefixes) or any(
            line in own and division_code.startswith(prefix) for prefix, line in self.lines
        )

    def sql(
        self,
        division_column: str,
        unit_column: str | None = None,
        line_column: str | None = None,
    ) -> tuple[str, list[Any]]:
        """Return the predicate and its parameters; nothing covered is ``false``.

        A query that names no unit or line column is cut by area alone.
        """
        for column in (division_column, unit_column, line_column):
            assert column is None or _COLUMN.fullmatch(column), f"{column!r} is no column"
        if self.everything:
            return "true", []
        terms: list[str] = []
        values: list[Any] = []
        for prefix in self.prefixes:
            terms.append(f"{division_column} like %s")
            values.append(f"{prefix}%")
        if self.divisions:
            terms.append(f"{division_column} = any(%s)")
            values.append(list(self.divisions))
        if line_column is not None:
            for prefix, line in self.lines:
                terms.append(f"({division_column} like %s and {line_column} = %s)")
                values += [f"{prefix}%", line]
        if unit_column is not None and self.unit_ids:
            terms.append(f"{unit_column} = any(%s)")
            values.append(list(self.unit_ids))
        return (f"({' or '.join(terms)})", values) if terms else ("false", [])
