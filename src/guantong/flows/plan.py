"""A plan (预案): one trigger, many tasks. What a package declares, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from guantong.flows.case_role import CaseRole
from guantong.orgs.api import Role, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    """One kind of task of a plan.

    For each division of ``each_division`` below the case's place, or for each object of
    ``each_object``, or once for the case. ``from_level`` is the level from which it is done;
    an object may name its own in the column ``object_level``.
    """

    id: str
    title: str
    role: Role | CaseRole
    limit: timedelta
    from_level: str = "none"
    verify: Role | CaseRole | None = None
    closes: str = "verify"
    each_division: str | None = None
    # Of the division of that tier in which the case lies, rather than of the case's own place.
    each_within: Tier | None = None
    each_object: str | None = None
    object_level: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan of a package."""

    id: str
    package: str
    title: str
    items: tuple[PlanItem, ...]


_plans: dict[tuple[str, str, str], Plan] = {}
_current: dict[str, str] = {}


def register_plan(plan: Plan, *, path: str, release: str = "", current: bool = True) -> None:
    """Make a plan known to this process by the path under which its package's flows name it."""
    _plans[plan.package, release, path] = plan
    if current:
        _current[plan.package] = release


def plan_at(package: str, path: str, release: str | None = None) -> Plan:
    """Return the plan a package, or a release of it, keeps at ``path``."""
    return _plans[package, _current.get(package, "") if release is None else release, path]


def plan_items(package: str) -> Mapping[str, PlanItem]:
    """All items of a package's plans by id, as new cases expand them."""
    now = (package, _current.get(package, ""))
    return {i.id: i for (*owner, _), plan in _plans.items() if (*owner,) == now for i in plan.items}
