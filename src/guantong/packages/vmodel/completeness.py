"""How many leaves of the V are fully specified (DESIGN: leaves fully specified / leaves).

A unit of work is fully specified when a goal with an indicator stands above it, a role answers for
it within a time, every alternative it names is declared, and every field it needs is somebody's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from guantong.flows.api import CaseRole
from guantong.orgs.api import Role
from guantong.orgs.errors import NotARole, UnknownLine, UnknownTier
from guantong.packages.package import Package
from guantong.packages.vmodel.known_data import KnownData
from guantong.packages.vmodel.model import Carrier, VModel, WorkUnit

Lack = Literal["goal", "indicator", "role", "limit", "carrier", "wanted", "dataset", "field"]


@dataclass(frozen=True, slots=True)
class Lacking:
    """One thing that one unit of work lacks; ``what`` names what is not there."""

    unit: str
    lack: Lack
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How many units of work there are, and what those that are not fully specified lack."""

    leaves: int
    lacking: tuple[Lacking, ...]

    @property
    def specified(self) -> int:
        """Return how many units of work are fully specified."""
        return self.leaves - len({one.unit for one in self.lacking})


def completeness_of(
    package: Package, model: VModel, known: Mapping[str, KnownData]
) -> Completeness:
    """Return how far the V-model of a package is specified."""
    declared = _declared(package)
    lacking = [one for unit in model.units.values() for one in _above(model, unit, declared)]
    for unit in model.units.values():
        lacking.extend(_own(unit, declared, known))
    order = {id: place for place, id in enumerate(model.units)}
    lacking.sort(key=lambda one: order[one.unit])
    return Completeness(leaves=len(model.units), lacking=tuple(lacking))


def _above(model: VModel, unit: WorkUnit, declared: frozenset[Carrier]) -> Iterator[Lacking]:
    goals = {goal.id: goal for goal in model.goals}
    for id in model.task_of[unit.id].serves:
        if id not in goals:
            yield Lacking(unit.id, "goal", id)
        elif Carrier("indicator", goals[id].indicator) not in declared:
            yield Lacking(unit.id, "indicator", goals[id].indicator)


def _own(
    unit: WorkUnit, declared: frozenset[Carrier], known: Mapping[str, KnownData]
) -> Iterator[Lacking]:
    for role in (unit.role, *unit.helpers):
        if not _is_role(role):
            yield Lacking(unit.id, "role", role)
    if unit.limit is None:
        yield Lacking(unit.id, "limit", unit.id)
    for carrier in unit.done_by:
        if carrier not in declared:
            yield Lacking(unit.id, "carrier", ":".join(filter(None, (carrier.name, carrier.part))))
    for need in unit.needs:
        if need.wanted is not None:
            yield Lacking(unit.id, "wanted", need.dataset)
            continue
        if need.dataset not in known:
            yield Lacking(unit.id, "dataset", need.dataset)
            continue
        for name in need.fields:
            if name not in known[need.dataset].fields:
                yield Lacking(unit.id, "field", f"{need.dataset}.{name}")


def _is_role(text: str) -> bool:
    if CaseRole(text).variable is not None:
        return True  # the case names the line
    try:
        Role.parse(text)
    except (NotARole, UnknownLine, UnknownTier):
        return False
    return True


def _declared(package: Package) -> frozenset[Carrier]:
    """Return every alternative the package declares."""
    found = {Carrier("form", form) for form in package.forms}
    found |= {Carrier("rule", path) for path in package.rules}
    found |= {Carrier("dataset", id) for id in package.derivations}
    found |= {Carrier("indicator", id) for id in package.indicators}
    found |= {Carrier("signal", d.data["id"]) for d in package.each("signals")}
    for name, graph in package.flows.items():
        found |= {Carrier("step", name, id) for id in graph.nodes}
    for document in package.each("plans"):
        found |= {
            Carrier("item", document.data["id"], item["id"]) for item in document.data["items"]
        }
    return frozenset(found)
