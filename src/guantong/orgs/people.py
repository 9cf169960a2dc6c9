"""Persons of the organisation book: enter one, correct one, read how to reach one.

Telephone and number of identity are sealed (classes L3 and L4) and found again by a mark. Whether
a reader may see them is decided above, by ``access``; here they are opened only by ``contact_of``.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from guantong.base.ids import new_id
from guantong.base.sealing import blind, seal, unseal
from guantong.orgs.errors import (
    EmptyField,
    NumberTaken,
    UnknownPerson,
    WrongIdentity,
    WrongMobile,
)
from guantong.orgs.founding_seal import touch
from guantong.orgs.identity import is_identity, is_mobile, plain_identity, plain_mobile
from guantong.orgs.models import Person
from guantong.orgs.trail import leave

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to reach a person, opened; empty where it is not known."""

    mobile: str
    identity: str


def mobile_mark(mobile: str) -> str:
    """Return the mark by which the same telephone is found; empty for none."""
    return blind(mobile, about="orgs.mobile") if mobile else ""


def identity_mark(identity: str) -> str:
    """Return the mark by which the same number of identity is found; empty for none."""
    return blind(identity, about="orgs.identity") if identity else ""


def new_person(
    number: str, name: str, *, mobile: str = "", identity: str = "", at: datetime, actor: str
) -> UUID:
    """Enter a person who is not in the book yet."""
    number, name = number.strip(), name.strip()
    if not number or not name or len(name) > LONGEST_NAME or len(number) > LONGEST_NAME:
        raise EmptyField()
    with transaction.atomic():
        if Person.objects.filter(number=number).exists():
            raise NumberTaken(number=number)
        id = new_id()
        Person.objects.create(
            id=id, number=number, name=name, founded=False, **_sealed(id, mobile, identity)
        )
        leave("person", "enter", [id], at=at, actor=actor)
    return id


def correct_person(
    id: UUID,
    *,
    name: str | None = None,
    mobile: str | None = None,
    identity: str | None = None,
    at: datetime,
    actor: str,
) -> None:
    """Correct what is known of a person; None leaves a value as it is, empty removes it."""
    with transaction.atomic():
        row = Person.objects.select_for_update().filter(id=id).first()
        if row is None:
            raise UnknownPerson(person=str(id))
        touch("person", [id], at=at, actor=actor)
        if name is not None:
            if not name.strip() or len(name) > LONGEST_NAME:
                raise EmptyField()
            row.name = name.strip()
        fresh = _sealed(id, mobile or "", identity or "")
        for field, given in (("mobile", mobile), ("identity", identity)):
            if given is not None:
                setattr(row, field, fresh[field])
                setattr(row, f"{field}_mark", fresh[f"{field}_mark"])
        row.founded = False
        row.save()
        leave("person", "correct", [id], at=at, actor=actor)


def contact_of(id: UUID) -> Contact:
    """Open how to reach a person; the caller has asked ``access`` and leaves a leaf of it."""
    row = Person.objects.filter(id=id).first()
    if row is None:
        raise UnknownPerson(person=str(id))
    return Contact(
        mobile=unseal(row.mobile, about=f"orgs.person.mobile:{id}") if row.mobile else "",
        identity=unseal(row.identity, about=f"orgs.person.identity:{id}") if row.identity else "",
    )


def _sealed(id: UUID, mobile: str, identity: str) -> dict[str, str]:
    mobile, identity = plain_mobile(mobile), plain_identity(identity)
    if mobile and not is_mobile(mobile):
        raise WrongMobile()
    if identity and not is_identity(identity):
        raise WrongIdentity()
    return {
        "mobile": seal(mobile, about=f"orgs.person.mobile:{id}") if mobile else "",
        "mobile_mark": mobile_mark(mobile),
        "identity": seal(identity, about=f"orgs.person.identity:{id}") if identity else "",
        "identity_mark": identity_mark(identity),
    }
