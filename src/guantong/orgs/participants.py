"""Participants without a post: citizens, enterprises, external systems. Registered, found, ended.

Each is kept by a unit; who may keep and who may read is decided above, by ``access``. A citizen is
found by the number of identity without anything being opened: by its mark.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from django.db import connection, transaction

from guantong.base.errors import NotFound
from guantong.base.ids import new_id
from guantong.base.sealing import seal, unseal
from guantong.orgs.errors import (
    CodeTaken,
    EmptyField,
    NumberTaken,
    UnknownPlace,
    WrongIdentity,
    WrongKey,
    WrongMobile,
    WrongUscc,
)
from guantong.orgs.identity import (
    is_identity,
    is_mobile,
    is_uscc,
    plain_identity,
    plain_mobile,
)
from guantong.orgs.models import Citizen, Division, Enterprise, ExternalSystem, Unit
from guantong.orgs.people import Contact, identity_mark, mobile_mark
from guantong.orgs.trail import leave

ParticipantKind = Literal["citizen", "enterprise", "external_system"]
PARTICIPANTS: tuple[ParticipantKind, ...] = get_args(ParticipantKind)
_MODELS: dict[str, type[Citizen] | type[Enterprise] | type[ExternalSystem]] = {
    "citizen": Citizen,
    "enterprise": Enterprise,
    "external_system": ExternalSystem,
}
# Ed25519 (RFC 8032): a public key is 32 bytes.
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One participant as lists show it; ``known_as`` is its public code, empty for citizens."""

    id: UUID
    kind: ParticipantKind
    name: str
    known_as: str
    division_code: str
    unit_id: UUID
    made_at: datetime
    ended_at: datetime | None


def register_citizen(
    *, name: str, identity: str, mobile: str = "", unit_id: UUID, division_code: str,
    at: datetime, actor: str,
) -> UUID:  # fmt: skip
    """Register a natural person, or return the one registered under that number of identity."""
    identity, mobile = plain_identity(identity), plain_mobile(mobile)
    if not is_identity(identity):
        raise WrongIdentity()
    if mobile and not is_mobile(mobile):
        raise WrongMobile()
    _filled(name)
    with transaction.atomic():
        _placed(unit_id, division_code)
        mark, id = identity_mark(identity), new_id()
        row, new = Citizen.objects.get_or_create(
            identity_mark=mark,
            defaults={
                "id": id, "name": name.strip(), "unit_id": unit_id, "made_at": at,
                "division_code": division_code,
                "identity": seal(identity, about=f"orgs.citizen.identity:{id}"),
                "mobile": seal(mobile, about=f"orgs.citizen.mobile:{id}") if mobile else "",
                "mobile_mark": mobile_mark(mobile),
            },
        )  # fmt: skip
        if new:
            leave("citizen", "register", [row.id], at=at, actor=actor)
        return row.id


def register_enterprise(
    *, name: str, uscc: str, contact: str = "", mobile: str = "", unit_id: UUID,
    division_code: str, at: datetime, actor: str,
) -> UUID:  # fmt: skip
    """Register a legal entity under its uscc."""
    uscc, mobile = plain_identity(uscc), plain_mobile(mobile)
    if not is_uscc(uscc):
        raise WrongUscc()
    if mobile and not is_mobile(mobile):
        raise WrongMobile()
    _filled(name)
    with transaction.atomic():
        _placed(unit_id, division_code)
        if Enterprise.objects.filter(uscc=uscc).exists():
            raise NumberTaken(number=uscc)
        id = new_id()
        Enterprise.objects.create(
            id=id, uscc=uscc, name=name.strip(), contact=contact.strip(), made_at=at,
            mobile=seal(mobile, about=f"orgs.enterprise.mobile:{id}") if mobile else "",
            mobile_mark=mobile_mark(mobile), division_code=division_code, unit_id=unit_id,
        )  # fmt: skip
        leave("enterprise", "register", [id], at=at, actor=actor)
        return id


def register_system(
    *, code: str, name: str, public_key: str, contact: str = "", unit_id: UUID,
    division_code: str, at: datetime, actor: str,
) -> UUID:  # fmt: skip
    """Register a system outside by the key with which it signs (Ed25519, base64)."""
    _filled(name)
    _filled(code)
    try:
        if len(base64.b64decode(public_key.strip(), validate=True)) != _KEY_BYTES:
            raise WrongKey()
    except (binascii.Error, ValueError):
        raise WrongKey() from None
    with transaction.atomic():
        _placed(unit_id, division_code)
        if ExternalSystem.objects.filter(code=code.strip()).exists():
            raise CodeTaken(code=code.strip())
        id = new_id()
        ExternalSystem.objects.create(
            id=id, code=code.strip(), name=name.strip(), public_key=public_key.strip(),
            contact=contact.strip(), division_code=division_code, unit_id=unit_id, made_at=at,
        )  # fmt: skip
        leave("external_system", "register", [id], at=at, actor=actor)
        return id


def end_participant(kind: ParticipantKind, id: UUID, *, at: datetime, actor: str) -> None:
    """End a participant: it is kept, and takes part in nothing new."""
    with transaction.atomic():
        if _MODELS[kind].objects.filter(id=id, ended_at=None).update(ended_at=at):
            leave(kind, "end", [id], at=at, actor=actor)


def citizen_by_identity(identity: str) -> UUID | None:
    """Return the citizen with that number of identity, found by its mark."""
    mark = identity_mark(plain_identity(identity))
    return Citizen.objects.filter(identity_mark=mark).values_list("id", flat=True).first()


def participant(kind: ParticipantKind, id: UUID) -> Participant:
    """Return one participant, or refuse: there is none."""
    found, _ = participants(kind, id=id)
    if not found:
        raise NotFound(what=kind)
    return found[0]


def contact_of_participant(kind: ParticipantKind, id: UUID) -> Contact:
    """Open how to reach a participant; the caller has asked ``access``."""
    row = _MODELS[kind].objects.filter(id=id).first()
    if row is None:
        raise NotFound(what=kind)
    opened = {
        field: unseal(value, about=f"orgs.{kind}.{field}:{id}") if value else ""
        for field in ("mobile", "identity")
        for value in [getattr(row, field, "")]
    }
    return Contact(**opened)


def participants(
    kind: ParticipantKind,
    *,
    unit_ids: list[UUID] | None = None,
    prefixes: tuple[str, ...] | None = None,
    query: str = "",
    id: UUID | None = None,
    most: int = 50,
    skip: int = 0,
) -> tuple[list[Participant], int]:
    """Return participants kept by these units or in these areas, by name, and how many in all.

    Without units and areas, all. A citizen is found by the whole number of identity or a name.
    """
    code = {"citizen": "''", "enterprise": "uscc", "external_system": "code"}[kind]
    terms, values = ["true"], list[Any]()
    if unit_ids is not None or prefixes is not None:
        terms.append("(unit_id = any(%s) or division_code like any(%s))")
        values += [unit_ids or [], [f"{prefix}%" for prefix in prefixes or ()]]
    if id is not None:
        terms.append("id = %s")
        values.append(id)
    if query:
        marked = "or identity_mark = %s" if kind == "citizen" else f"or {code} = %s"
        terms.append(f"(strpos(name, %s) > 0 {marked})")
        wanted = plain_identity(query)
        values += [query, identity_mark(wanted) if kind == "citizen" else wanted]
    table, where = _MODELS[kind]._meta.db_table, " and ".join(terms)
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table} where {where}", values)  # noqa: S608
        total = int(cursor.fetchone()[0])
        cursor.execute(
            f"select id, name, {code}, division_code, unit_id, made_at, ended_at from {table}"  # noqa: S608
            f" where {where} order by ended_at is not null, name, id limit %s offset %s",
            [*values, most, skip],
        )
        found = [
            Participant(
                id=row[0], kind=kind, name=row[1], known_as=row[2], division_code=row[3],
                unit_id=row[4], made_at=row[5], ended_at=row[6],
            )
            for row in cursor.fetchall()
        ]  # fmt: skip
    return found, total


def _filled(text: str) -> None:
    if not text.strip() or len(text) > 200:
        raise EmptyField()


def _placed(unit_id: UUID, division_code: str) -> None:
    if not Division.objects.filter(code=division_code).exists():
        raise UnknownPlace(place=division_code)
    if not Unit.objects.filter(id=unit_id).exists():
        raise NotFound(what="unit")
