"""To whom somebody may write by hand: groups of units around the own one, in words.

A bureau writes to the bureaux of its line below and to the governments below; a government to
those below and to the bureaux beside it. Whether a post may send there is asked of ``access``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from guantong.access.api import PostHeld
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.orgs.api import AREA, TIERS, Tier, UnitRef

# From the nearest to the farthest.
GROUPS = ("line_below", "area_below", "villages_below", "beside", "own")


@dataclass(frozen=True, slots=True)
class Group:
    """Units that are written to together."""

    code: str
    units: tuple[UnitRef, ...]

    def label(self, language: str) -> str:
        """Return what the group is called, and how many units it has."""
        return say(f"notices.group.{self.code}", language, count=len(self.units))


def groups(post: PostHeld, *, on: date) -> list[Group]:
    """Return the groups that a post can write to and that have a unit."""
    found = [Group(code, tuple(_units(code, post, on))) for code in GROUPS]
    return [group for group in found if group.units]


def group(post: PostHeld, code: str, *, on: date) -> Group | None:
    """Return one group of a post."""
    if code not in GROUPS:
        return None
    found = Group(code, tuple(_units(code, post, on)))
    return found if found.units else None


def _units(code: str, post: PostHeld, on: date) -> Iterator[UnitRef]:
    held = orgs.jurisdictions(on)
    below = _below(post.tier, 1)
    if code == "own":
        own = orgs.units_by_id([post.unit_id]).get(post.unit_id)
        if own is not None:
            yield own
    elif code == "beside":
        for line in (AREA, *orgs.lines()):
            unit = held.holder(line, post.division_code, on=on)
            if unit is not None and unit.id != post.unit_id:
                yield unit
    elif code == "line_below" and post.line is not None and below is not None:
        yield from _held_below(post.line, below, post.division_code, on)
    elif code == "area_below" and below is not None:
        yield from _held_below(AREA, below, post.division_code, on)
    elif code == "villages_below" and (two := _below(post.tier, 2)) == "village":
        yield from _held_below(AREA, two, post.division_code, on)


def _held_below(line: str, tier: Tier, division_code: str, on: date) -> Iterator[UnitRef]:
    held, seen = orgs.jurisdictions(on), set()
    for division in orgs.divisions(tier=tier, under=division_code):
        unit = held.holder(line, division.code, on=on)
        if unit is not None and unit.id not in seen:
            seen.add(unit.id)
            yield unit


def _below(tier: Tier, steps: int) -> Tier | None:
    place = TIERS.index(tier) + steps
    return TIERS[place] if place < len(TIERS) else None
