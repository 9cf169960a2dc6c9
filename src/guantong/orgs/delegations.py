"""Delegation (授权委托): one person lets another act in a post, until a day that is named.

Given by whoever holds the post or acts in it, never by whoever stands in by delegation: it is not
handed on. Never to oneself, never beyond the giver's own time in the post, never beyond a year.
What is done under it counts as done by both (promise P2); ``access`` sees to that. A delegation
lasts only as long as its giver holds the post, whatever its end says.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from guantong.base.outbox import publish
from guantong.base.realm import LIVE
from guantong.orgs.errors import (
    AlreadyEnded,
    DelegatedAlready,
    DelegatedToOneself,
    DelegateWithoutPost,
    DelegationTooLong,
    EndBeforeBeginning,
    NotOnesPost,
    UnknownPerson,
)
from guantong.orgs.events import DelegationEnded, DelegationGiven
from guantong.orgs.models import Appointment, Delegation, Person, Post, Unit
from guantong.orgs.queries import open_on
from guantong.orgs.trail import leave

# Our choice: whoever is away for longer than a year is replaced, not stood in for.
LONGEST = timedelta(days=366)


def delegate(
    from_person_id: UUID,
    to_person_id: UUID,
    *,
    post_id: UUID,
    on: date,
    until: date,
    reason: str = "",
    at: datetime,
    actor: str,
) -> UUID:
    """Let another act in one's post from ``on`` up to, not including, ``until``."""
    if from_person_id == to_person_id:
        raise DelegatedToOneself()
    if until <= on:
        raise EndBeforeBeginning(on=on, until=until)
    if until - on > LONGEST:
        raise DelegationTooLong(until=on + LONGEST)
    with transaction.atomic():
        # Kept from others, so that the same is not given twice at once.
        if not Person.objects.select_for_update().filter(id=from_person_id).exists():
            raise UnknownPerson(person=str(from_person_id))
        own = open_on(Appointment.objects.filter(person_id=from_person_id, post_id=post_id), on)
        held = own.order_by("valid_from").first()
        if held is None:
            raise NotOnesPost(on=on)
        if held.valid_to is not None and until > held.valid_to:
            raise DelegationTooLong(until=held.valid_to)
        if not open_on(Appointment.objects.filter(person_id=to_person_id), on).exists():
            raise DelegateWithoutPost(on=on)
        same = Delegation.objects.filter(
            from_person_id=from_person_id, to_person_id=to_person_id, post_id=post_id
        )
        if same.filter(valid_from__lt=until, valid_to__gt=on).exists():
            raise DelegatedAlready(on=on, until=until)
        post = Post.objects.get(id=post_id)
        unit = Unit.objects.get(id=post.unit_id)
        made = Delegation.objects.create(
            from_person_id=from_person_id, to_person_id=to_person_id, post_id=post_id,
            reason=reason, valid_from=on, valid_to=until, made_at=at, made_by=actor,
        )  # fmt: skip
        leave(
            "delegation", "delegate", [made.id], at=at, actor=actor, unit=unit.code, post=post.code
        )
        fact = DelegationGiven(
            delegation_id=made.id, from_person_id=from_person_id, to_person_id=to_person_id,
            unit_id=unit.id, post_code=post.code, on=on, until=until,
        )  # fmt: skip
        publish(LIVE, fact, at=at)
        return made.id


def end_delegation(id: UUID, *, on: date, at: datetime, actor: str) -> None:
    """End a delegation before its day."""
    with transaction.atomic():
        row = Delegation.objects.select_for_update().filter(id=id).first()
        if row is None:
            raise UnknownPerson(person=str(id))
        if row.valid_to <= on:
            raise AlreadyEnded(until=row.valid_to)
        _end([row], on=on, at=at, actor=actor)


def end_delegations_of(
    given: Collection[tuple[UUID, UUID | None]], *, on: date, at: datetime, actor: str
) -> None:
    """End what these persons gave for these posts; with None for a post, and what they received."""
    if not given:
        return
    people = {person for person, _ in given}
    rows = Delegation.objects.select_for_update().filter(
        Q(from_person_id__in=people) | Q(to_person_id__in=people), valid_to__gt=on
    )
    ended = [
        row
        for row in rows
        if (row.from_person_id, row.post_id) in given
        or (row.from_person_id, None) in given
        or (row.to_person_id, None) in given
    ]
    _end(ended, on=on, at=at, actor=actor)


def _end(rows: Collection[Delegation], *, on: date, at: datetime, actor: str) -> None:
    if not rows:
        return
    for row in rows:
        row.valid_to = max(on, row.valid_from)
    Delegation.objects.bulk_update(rows, ["valid_to"])
    leave("delegation", "end", [row.id for row in rows], at=at, actor=actor)
    facts = (
        DelegationEnded(
            delegation_id=row.id, from_person_id=row.from_person_id, to_person_id=row.to_person_id,
            on=on,
        )
        for row in rows
    )  # fmt: skip
    publish(LIVE, *facts, at=at)
