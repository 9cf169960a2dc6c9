"""Facts that orgs publishes: who came, who left, who stands in for whom, what became of units.

A large import publishes one ``PeopleImported`` in place of a ``PersonAppointed`` for each row;
whoever leaves is always told of one by one, since an account must be closed.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAppointed:
    """A person holds a post, or acts in it, from that day on."""

    appointment_id: UUID
    person_id: UUID
    unit_id: UUID
    post_code: str
    kind: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLeft:
    """A person's last post ends on that day."""

    person_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationGiven:
    """A person may act in a post of another until that day."""

    delegation_id: UUID
    from_person_id: UUID
    to_person_id: UUID
    unit_id: UUID
    post_code: str
    on: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationEnded:
    """A delegation ended before its day."""

    delegation_id: UUID
    from_person_id: UUID
    to_person_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMerged:
    """A unit was closed; the other took over what it held."""

    unit_id: UUID
    into_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSplit:
    """New units took over a part of what a unit answered for."""

    unit_id: UUID
    new_unit_ids: tuple[UUID, ...]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRenamed:
    """A unit has another name from that day on."""

    unit_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapAsked:
    """The person of one shift asks the person of another to swap."""

    swap_id: UUID
    unit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapDone:
    """Two people took each other's shift; the shifts are those that stand from now on."""

    unit_id: UUID
    shift_ids: tuple[UUID, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleImported:
    """An import was applied whole: how many rows of each kind it changed."""

    plan_id: UUID
    appointed: int
    ended: int
    units: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportToGoOn:
    """A large import has more rows to apply; whoever hears it applies the next batch."""

    plan_id: UUID
