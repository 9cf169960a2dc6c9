"""The shipped province: divisions and units as on the day it is founded, without any store.

The doctor asks it whether the roles of a package have units, on a machine where nothing is
installed. The ids of its units are of this value only; no record carries them.
"""

import functools
import itertools
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from guantong.orgs.division import DivisionRef, Tier
from guantong.orgs.founding import read_divisions, units_of
from guantong.orgs.line import AREA, lines
from guantong.orgs.responsibility import Holding, Jurisdictions, UnitRef

# Before every day that can be asked for: the shipped province has no history.
_SINCE = date.min


@dataclass(frozen=True, eq=False)
class Province:
    """Divisions and jurisdictions on one day, from the shipped files or from a store."""

    divisions: tuple[DivisionRef, ...]
    jurisdictions: Jurisdictions
    on: date

    @functools.cached_property
    def by_tier(self) -> dict[Tier, tuple[DivisionRef, ...]]:
        """Return the divisions of each tier in the order of their codes."""
        found: dict[Tier, list[DivisionRef]] = {}
        for division in self.divisions:
            found.setdefault(division.tier, []).append(division)
        return {tier: tuple(places) for tier, places in found.items()}


@functools.cache
def shipped_province() -> Province:
    """Return Zhejiang as it is shipped; the same value each time."""
    known, divisions = lines(), tuple(read_divisions())
    numbers = itertools.count(1)
    holdings = [
        Holding(
            UnitRef(
                id=UUID(int=next(numbers)),
                code=code,
                line=line,
                tier=division.tier,
                division_code=division.code,
                name_zh=zh,
                name_en=en,
            ),
            line or AREA,
            division.code,
            kind,  # type: ignore[arg-type]
            _SINCE,
            None,
        )
        for division in divisions
        for code, line, kind, zh, en in units_of(division, known)
    ]
    return Province(divisions, Jurisdictions(holdings), date.max)
