"""Responsibility (条抓块统): one role and one place give one unit, or a named gap.

The place is lifted to the role's tier. Where the line has no unit there, its next unit up
answers and the answer says so. Two parents are always told: the superior in the line, and
the area unit that coordinates. Rows come in through ``Jurisdictions``; no I/O here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from guantong.base.words import say
from guantong.orgs.division import Tier, above, is_code, lift
from guantong.orgs.line import AREA
from guantong.orgs.role import Role

Kind = Literal["territorial", "zone", "vertical"]

# A zone or a vertically managed body is made for its area and goes before the general unit.
_PRECEDENCE: dict[str, int] = {"zone": 0, "vertical": 1, "territorial": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRef:
    """One unit as other packages see it; ``line`` is None for the area unit of a division."""

    id: UUID
    code: str
    line: str | None
    tier: Tier
    division_code: str
    name_zh: str
    name_en: str

    def name(self, language: str) -> str:
        """Return the unit's name in ``zh-CN`` or ``en``."""
        return self.name_zh if language == "zh-CN" else self.name_en


class Holding(NamedTuple):
    """One row of the jurisdiction table, from its first day up to, not including, its end."""

    unit: UnitRef
    line: str
    area_code: str
    kind: Kind
    valid_from: date
    valid_to: date | None

    def holds_on(self, on: date) -> bool:
        """Say whether the row is valid on that day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class Jurisdictions:
    """The jurisdiction table in memory: who answers for a line in an area on a day."""

    def __init__(self, holdings: Iterable[Holding], *, since: date = date.min) -> None:
        self.since = since
        self._held: dict[tuple[str, str], list[Holding]] = {}
        self._units: dict[UUID, UnitRef] = {}
        for holding in holdings:
            self._held.setdefault((holding.line, holding.area_code), []).append(holding)
            self._units[holding.unit.id] = holding.unit
        for rows in self._held.values():
            if len(rows) > 1:
                rows.sort(key=lambda row: (_PRECEDENCE[row.kind], row.unit.code))

    def holder(self, line: str, area_code: str, *, on: date) -> UnitRef | None:
        """Return the unit that answers for ``line`` in exactly that area on that day."""
        for row in self._held.get((line, area_code), ()):
            if row.holds_on(on):
                return row.unit
        return None

    def unit(self, unit_id: UUID) -> UnitRef | None:
        """Return a unit that has a jurisdiction, by its id."""
        return self._units.get(unit_id)

    def area_unit(self, division_code: str, *, on: date) -> UnitRef | None:
        """Return the government (or office, or committee) of a division."""
        return self.holder(AREA, division_code, on=on)

    def nearest_up(
        self, line: str, place: str, tiers: Iterable[Tier], *, on: date
    ) -> UnitRef | None:
        """Return the unit of ``line`` that stands nearest above ``place`` among ``tiers``."""
        for tier in tiers:
            area = lift(place, tier)
            found = self.holder(line, area, on=on) if area else None
            if found:
                return found
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """Who answers: the unit, its superior in the line, and the coordinating area unit."""

    role: Role
    place: str
    unit: UnitRef
    superior: UnitRef | None
    coordinating: UnitRef | None
    # The tier the package asked for, when the line has no unit there and a higher one answers.
    fell_back_from: Role | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Nobody answers, and why: ``unknown-place``, ``place-above-tier`` or ``no-unit``."""

    reason: Literal["unknown-place", "place-above-tier", "no-unit"]
    facts: Mapping[str, str]

    def sentence(self, language: str) -> str:
        """Return what is missing, why, and what to do."""
        return say(f"orgs.gap.{self.reason}", language, **self.facts)


def resolve(role: Role, place: str, *, units: Jurisdictions, on: date) -> Responsibility | Gap:
    """Return the unit that answers for ``role`` at ``place`` on that day, or the gap."""
    facts = {"role": str(role), "place": place}
    if not is_code(place) or units.area_unit(place, on=on) is None:
        return Gap(reason="unknown-place", facts=facts)
    area = lift(place, role.tier)
    if area is None:
        return Gap(reason="place-above-tier", facts=facts)
    unit = units.holder(role.line, area, on=on)
    fell_back = unit is None
    if unit is None:
        unit = units.nearest_up(role.line, area, above(role.tier), on=on)
    if unit is None:
        return Gap(reason="no-unit", facts=facts)
    return Responsibility(
        role=role,
        place=area,
        unit=unit,
        superior=units.nearest_up(role.line, area, above(unit.tier), on=on),
        coordinating=units.area_unit(area, on=on),
        fell_back_from=role if fell_back else None,
    )
