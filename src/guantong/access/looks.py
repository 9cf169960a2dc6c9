"""Who has seen it: each look at personal fields in the clear is kept, with its purpose.

A look leaves a leaf in the log, which proves it, and a row here, which answers the question of the
person concerned: who has seen my record, when and what for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from guantong.access.approval import opened_by
from guantong.access.decision import Decision
from guantong.access.fields import L4, PERSONAL, PURPOSES
from guantong.access.look_models import Look
from guantong.access.thing import Thing
from guantong.audit.api import Leaf, write
from guantong.base.ids import new_id
from guantong.base.realm import Realm
from guantong.orgs.api import prefix

# The reason of whoever holds a task about the record, and of whoever looks at the own entry.
OWN_TASK, ONESELF = "own_task", "oneself"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookView:
    """One look: who, in which unit, when, what for, at which classes; ``whole_list`` of a list."""

    id: UUID
    at: datetime
    person_id: UUID
    unit_id: UUID | None
    purpose: str
    classes: tuple[str, ...]
    whole_list: bool
    approval_id: UUID | None


def looked(
    decision: Decision, *, at: datetime, classes: Iterable[str], machine_at: datetime, rows: int = 1
) -> None:
    """Keep that fields of these classes were shown in the clear: before they are shown.

    ``classes`` are those the record has; of them the ones that the decision does not mask count.
    """
    shown = tuple(sorted((set(classes) & PERSONAL) - decision.masks))
    actor, thing = decision.actor, decision.thing
    if not shown or actor.person_id is None:
        return
    purpose = purpose_of(decision)
    approval_id = None
    if L4 in shown and purpose != ONESELF:
        approval_id = opened_by(actor, thing, decision.purpose, at=machine_at)
    post = decision.post or next(iter(actor.posts), None)
    one = thing.object_id is not None
    place = thing.division_code
    body = {
        "division_code": place, "reason": decision.reason, "purpose": purpose,
        "classes": list(shown), "rows": rows,
        "approval": None if approval_id is None else str(approval_id),
    }  # fmt: skip
    with transaction.atomic():
        Look.objects.create(
            id=new_id(), realm=decision.realm, at=at, person_id=actor.person_id,
            unit_id=None if post is None else post.unit_id, kind=thing.kind,
            object_id=thing.object_id, under="" if one or place is None else prefix(place),
            type=thing.type or "", purpose=purpose, classes=",".join(shown),
            approval_id=approval_id,
        )  # fmt: skip
        write([Leaf(realm=decision.realm, at=at, actor=f"person:{actor.person_id}", act="read",
                    kind=thing.kind, object_id=thing.object_id, body=body)])  # fmt: skip


def purpose_of(decision: Decision) -> str:
    """Return what a look is for: the declared purpose, the own task, or the own entry."""
    if decision.purpose in PURPOSES:
        return str(decision.purpose)
    if decision.thing.owner is not None and decision.thing.owner == decision.actor.person_id:
        return ONESELF
    return OWN_TASK


def looks_at(
    realm: Realm,
    thing: Thing,
    *,
    most: int = 50,
    skip: int = 0,
    id: UUID | None = None,
    until: datetime | None = None,
) -> list[LookView]:
    """Return who has seen a record, alone or in a list of its place; the newest look first.

    With ``id`` only that look, when it is one at this record; with ``until`` those made up to that
    moment of the machine, whatever the clock of an exercise says.
    """
    place = thing.division_code
    alone = Q(object_id=thing.object_id)
    if place is not None:
        above = [place[:width] for width in range(2, len(place) + 1)]
        alone |= Q(object_id__isnull=True, type=thing.type or "", under__in=above)
    rows = Look.objects.filter(alone, realm=realm, kind=thing.kind)
    if id is not None:
        rows = rows.filter(id=id)
    if until is not None:
        # UUIDv7 begins with the millisecond (RFC 9562, section 5.7): the first one after it.
        rows = rows.filter(id__lt=UUID(int=(int(until.timestamp() * 1000) + 1) << 80))
    rows = rows.order_by("-at", "-id")[skip : skip + most]
    return [_view(row) for row in rows]


def look_by_id(id: UUID) -> LookView:
    """Return one look that is known to be there: somebody contested it."""
    return _view(Look.objects.get(id=id))


def _view(row: Look) -> LookView:
    return LookView(
        id=row.id, at=row.at, person_id=row.person_id, unit_id=row.unit_id, purpose=row.purpose,
        classes=tuple(row.classes.split(",")), whole_list=row.object_id is None,
        approval_id=row.approval_id,
    )  # fmt: skip
