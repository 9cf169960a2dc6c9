"""The lines (条): which departments there are, and at which tiers each has a unit.

Read from ``data/lines.yaml``. The territory itself (块) is not a line; a role names it ``area``.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from guantong.base.declared import read_declared
from guantong.orgs.division import Tier

AREA = "area"
# The line of an office of a government: no role names it, and it leads nothing.
OFFICE = "office"
# The link of a fallback chain that every line has unless its data say otherwise.
NEXT_TIER = "next_tier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One department of the province, from its highest unit to its lowest."""

    id: str
    zh: str
    en: str
    named_by_text: bool
    vertical: bool
    units: Mapping[Tier, Mapping[str, str]]
    without: frozenset[str]
    # What answers where the line has no unit, in this order; see ``fallback``.
    fallback: tuple[str, ...] = (NEXT_TIER,)

    def has_unit_in(self, division_code: str, tier: Tier) -> bool:
        """Say whether this line has a unit of its own in that division."""
        return tier in self.units and division_code not in self.without


@functools.cache
def lines() -> Mapping[str, Line]:
    """Return every line by its id, in the order of the file."""
    text = (resources.files("guantong.orgs") / "data" / "lines.yaml").read_text(encoding="utf-8")
    found = [
        Line(
            id=entry["id"],
            zh=entry["zh"],
            en=entry["en"],
            named_by_text=entry["named_by_text"],
            vertical=entry.get("vertical", False),
            units=entry["units"],
            without=frozenset(entry.get("without", ())),
            fallback=tuple(entry["fallback"]),
        )
        for entry in read_declared(text)
    ]
    return {line.id: line for line in found}
