"""A case that somebody opens by hand, as a scenario asks for it: by whoever is on duty for a role.

What a page would not offer, nobody can do here either: a process that only a signal opens, a role
that its start does not name, a place of another tier.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from guantong.base.clock import organisation_day
from guantong.base.realm import Realm
from guantong.flows import api as flows
from guantong.flows.api import Opening
from guantong.orgs.api import Responsibility, Role, jurisdictions, resolve, tier_of
from guantong.packages.errands import people_of, written
from guantong.packages.package import Package
from guantong.packages.rehearsal.acting import Acted, tried


def open_case(package: Package, realm: Realm, wish: Mapping[str, Any], *, at: datetime) -> Acted:
    """Let a case be opened as the scenario says, in the running transaction."""
    opening = _opening(package, wish)
    if opening is None:
        return Acted(why="no-opening")
    unit = _unit(realm, Role.parse(wish["by"]), wish["in"], at)
    opener = None if unit is None else _on_duty(realm, unit, at)
    if opener is None:
        return Acted(why="no-opener")
    answers = written(wish["answers"], {})

    def do() -> None:
        flows.open_by_person(
            realm, opening, division_code=wish["in"], person_id=opener, answers=answers, at=at
        )

    return tried(wish, do, unit_id=str(unit))


def _opening(package: Package, wish: Mapping[str, Any]) -> Opening | None:
    """Return how the case is opened; None where nobody of that role may, at that place."""
    for found in flows.openings():
        if (found.package, found.process) == (package.id, wish["flow"]):
            may = wish["by"] in map(str, found.roles) and tier_of(wish["in"]) in found.tiers
            return found if may else None
    return None


def _unit(realm: Realm, role: Role, place: str, at: datetime) -> UUID | None:
    """Return the unit that answers for the role at that place."""
    on = organisation_day(realm, at)
    found = resolve(role, place, units=jurisdictions(on), on=on)
    return found.unit.id if isinstance(found, Responsibility) else None


def _on_duty(realm: Realm, unit: UUID, at: datetime) -> UUID | None:
    return flows.choose(people_of(realm, {unit}, at)[unit], without=())
