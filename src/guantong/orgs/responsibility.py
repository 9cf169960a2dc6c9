"""Responsibility (条抓块统): one role and one place give one unit, or a named gap.

The place is lifted to the role's tier. Where the line has no unit there, the links of its fallback
chain are asked in their order (``fallback``), and the answer says through which one it came. Two
parents are always told: the superior in the line, and the area unit that coordinates. Rows come
in through ``Jurisdictions``; no I/O here.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from guantong.base.words import say
from guantong.orgs.division import Tier, above, is_code, lift
from guantong.orgs.fallback import (
    AREA_GOVERNMENT,
    NOBODY,
    Chains,
    Declaration,
    carried_by,
)
from guantong.orgs.line import AREA, NEXT_TIER, lines
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

    def __init__(
        self,
        holdings: Iterable[Holding],
        *,
        since: date = date.min,
        chains: Chains | None = None,
    ) -> None:
        self.since = since
        self.chains = Chains() if chains is None else chains
        self._held: dict[tuple[str, str], list[Holding]] = {}
        self._units: dict[UUID, UnitRef] = {}
        for holding in holdings:
            self._held.setdefault((holding.line, holding.area_code), []).append(holding)
            self._units[holding.unit.id] = holding.unit
        for rows in self._held.values():
            if len(rows) > 1:
                rows.sort(key=lambda row: (_PRECEDENCE[row.kind], row.unit.code))

    def with_chains(self, chains: Chains) -> "Jurisdictions":
        """Return the same table with other fallback chains, to see what they would change."""
        other = copy.copy(self)
        other.chains = chains
        return other

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
    # What the package asked for, when the line has no unit there and another one answers.
    fell_back_from: Role | None = None
    # The links that led to the unit, the last one found it; none when the line has a unit there.
    through: tuple[str, ...] = ()
    # The declaration that gave the first of them; None for the chain as it is shipped.
    declared: Declaration | None = None

    def way(self, language: str) -> str:
        """Return through which link of the chain the answer came, in one sentence."""
        if not self.through:
            return say("orgs.way.own", language)
        asking, steps = self.role.line, []
        for link in self.through:
            other = carried_by(link)
            kind = "line" if other else link
            steps.append(
                say(f"orgs.way.{kind}", language, line=line_name(asking, language),
                    other=line_name(other or asking, language))
            )  # fmt: skip
            asking = other or asking
        by = say("orgs.way.shipped", language)
        if self.declared is not None:
            by = say("orgs.way.declared", language, since=self.declared.valid_from)
        return say("orgs.way", language, steps=say("orgs.way.then", language).join(steps), by=by)


def line_name(line: str, language: str) -> str:
    """Return what a line is called; the territory where there is none."""
    known = lines().get(line)
    if known is None:
        return say("orgs.way.territory", language)
    return known.zh if language == "zh-CN" else known.en


def chain_words(chain: Iterable[str], language: str) -> str:
    """Return a chain as people read it, and as an import reads it again."""
    found = []
    for link in chain:
        other = carried_by(link)
        found.append(line_name(other, language) if other else say(f"orgs.link.{link}", language))
    return " → ".join(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Nobody answers, and why; ``declared`` when the chain itself says that nobody does."""

    reason: Literal["unknown-place", "place-above-tier", "no-unit", "declared"]
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
    through: tuple[str, ...] = ()
    if unit is None:
        unit, through = _fall_back(role.line, area, role.tier, units, on=on)
    declared = units.chains.declaration(role.line, area, on=on) if through or not unit else None
    if unit is None:
        nobody = NOBODY in units.chains.chain(role.line, area, on=on)
        if not nobody:
            return Gap(reason="no-unit", facts=facts)
        since = "" if declared is None else declared.valid_from.isoformat()
        return Gap(reason="declared", facts=facts | {"since": since})
    above_it = above(unit.tier)
    superior = units.nearest_up(role.line, area, above_it, on=on)
    if superior is None and through:
        # The line asked for has nobody above; whoever carries its duty has a line of their own.
        superior = units.nearest_up(unit.line or AREA, area, above_it, on=on)
    return Responsibility(
        role=role,
        place=area,
        unit=unit,
        superior=superior,
        coordinating=units.area_unit(area, on=on),
        fell_back_from=role if through else None,
        through=through,
        declared=declared,
    )


def _fall_back(
    line: str,
    area: str,
    tier: Tier,
    units: Jurisdictions,
    *,
    on: date,
    asked: frozenset[str] = frozenset(),
) -> tuple[UnitRef | None, tuple[str, ...]]:
    """Return the unit to which the chain of a line leads, and the links that led there."""
    for link in units.chains.chain(line, area, on=on):
        other = carried_by(link)
        found: UnitRef | None = None
        further: tuple[str, ...] = ()
        if link == NEXT_TIER:
            found = units.nearest_up(line, area, above(tier), on=on)
        elif link == AREA_GOVERNMENT:
            found = units.area_unit(area, on=on)
        elif other is not None and other not in asked:
            found = units.holder(other, area, on=on)
            if found is None:
                # Rings are refused when a chain is declared; a row that came by SQL ends here.
                found, further = _fall_back(
                    other, area, tier, units, on=on, asked=asked | {line, other}
                )
        if found is not None:
            return found, (link, *further)
    return None, ()
