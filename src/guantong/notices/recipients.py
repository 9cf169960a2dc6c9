"""Who is meant by a unit: its officer on duty, its head, or everybody in it.

Whoever is on duty by the roster, and whoever acts for somebody, is found by ``orgs``; here only
one value for each reader is made.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from guantong.orgs import api as orgs
from guantong.orgs.api import UnitRef

# Of a unit: who is on duty, its head, or all its people.
WHO = ("duty", "head", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One reader of a notice, and for which unit; ``items`` counts what it is about for them."""

    person_id: UUID
    unit_id: UUID | None = None
    unit_zh: str = ""
    unit_en: str = ""
    items: int = 1


def of_units(
    units: Iterable[UnitRef],
    *,
    on: date,
    who: str = "duty",
    items: Mapping[UUID, int] | None = None,
    at: datetime | None = None,
) -> tuple[list[Recipient], list[UnitRef]]:
    """Return the readers in these units, and the units where nobody is there to read."""
    known = {unit.id: unit for unit in units}
    found = people_on_duty(known, on=on, at=at) if who == "duty" else _people(known, on=on, who=who)
    counts = items or {}
    readers = [
        Recipient(
            person_id=person, unit_id=unit.id, unit_zh=unit.name_zh, unit_en=unit.name_en,
            items=counts.get(unit.id, 1),
        )
        for unit in known.values()
        for person in found.get(unit.id, ())
    ]  # fmt: skip
    return readers, [unit for unit in known.values() if not found.get(unit.id)]


def people_on_duty(
    unit_ids: Iterable[UUID], *, on: date, at: datetime | None = None
) -> dict[UUID, tuple[UUID, ...]]:
    """Return for each unit the one person who is on duty in it, by the roster where there is one.

    ``at`` is a moment of the roster (``hour_of_the_realm``); without one the day alone is asked.
    """
    found = orgs.duty_people(unit_ids, on=on, at=at)
    return {unit: people[:1] for unit, people in found.items()}


def _people(units: Mapping[UUID, UnitRef], *, on: date, who: str) -> dict[UUID, tuple[UUID, ...]]:
    found: dict[UUID, tuple[UUID, ...]] = {}
    for unit_id in units:
        people = orgs.people_of_unit(unit_id, on=on)
        chosen = [p.id for p in people if who == "all" or p.post_code == "head"]
        found[unit_id] = tuple(dict.fromkeys(chosen))
    return found
