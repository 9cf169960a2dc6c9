"""Which records of the registry are about a citizen: offered by the village, accepted by code.

The village officer compares the identity document and hands a code over; the code opens only for
the account of the natural person whose number of identity was compared. Neither the number alone
nor the code alone leads to a record, and nobody learns by trying who lives where.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from guantong.access.account import (
    CODE_LENGTH,
    CODE_LIFE,
    CODE_SIGNS,
    begin_attempt,
    forget_attempts,
    leave,
    new_code,
    subject_of,
)
from guantong.access.citizen_application import name_of_mobile
from guantong.access.errors import MobileTaken, ResidenceCodeRefused
from guantong.access.models import CITIZEN, User
from guantong.access.passwords import normal
from guantong.access.resident_models import Residence
from guantong.audit.api import Leaf, Witness, bring_witness, write
from guantong.base.ids import new_id
from guantong.base.realm import Realm
from guantong.orgs import api as orgs

_AFTER = (
    "jsonb_build_object('citizen', r.citizen_id, 'object', r.object_id, 'unit', r.unit_id,"
    " 'accepted', r.accepted_at, 'ended', r.ended_at, 'taken', r.taken)"
)
bring_witness(
    Witness(kind="residence", sql=f"select r.id, {_AFTER} as after from access_residence r")  # noqa: S608
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidenceView:
    """One record that is, or is offered as, about a citizen."""

    id: UUID
    citizen_id: UUID
    realm: Realm
    object_id: UUID
    unit_id: UUID
    division_code: str
    made_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None


def invite_resident(
    realm: Realm, object_id: UUID, *, name: str, identity: str, mobile: str, language: str,
    unit_id: UUID, division_code: str, at: datetime, actor: str,
) -> str:  # fmt: skip
    """Offer a record to the natural person with that number of identity; return the code.

    Who has no account yet gets one, and the same code opens it. An account that waits to be opened
    is opened by this code only where the inviting unit keeps that citizen: no village takes over
    what another place has made. The answer is the same either way, so that an officer who types
    numbers does not learn who has an account.
    """
    with transaction.atomic():
        person = orgs.register_citizen(
            name=name, identity=identity, mobile=mobile, unit_id=unit_id,
            division_code=division_code, at=at, actor=actor,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 8))", [str(person)])
        user = User.objects.filter(person_id=person, kind=CITIZEN).first()
        ours = user is None or orgs.participant("citizen", person).unit_id == unit_id
        if user is None:
            username = name_of_mobile(mobile)
            if User.objects.filter(username=username).exists():
                # A number that may have changed hands is for the service window to compare.
                raise MobileTaken
            user = User.objects.create_user(
                username, None, person_id=person, language=language, joined_at=at, kind=CITIZEN
            )
            leave("make", user, at=at, actor=actor, after=True)
        if ours and user.is_active and user.activated_at is None:
            code = new_code(user, at=at, actor=actor)
        else:
            plain = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
            code = f"{plain[:5]}-{plain[5:]}"
        id = new_id()
        row, _ = Residence.objects.update_or_create(
            citizen_id=person, object_id=object_id, ended_at=None,
            defaults={
                "code_hash": _hash(person, _typed(code)), "made_by": actor, "made_at": at,
                "expires_at": at + CODE_LIFE, "unit_id": unit_id,
            },
            create_defaults={
                "id": id, "realm": realm, "division_code": division_code, "unit_id": unit_id,
                "code_hash": _hash(person, _typed(code)), "made_by": actor, "made_at": at,
                "expires_at": at + CODE_LIFE,
            },
        )  # fmt: skip
        _leaf("offer", row.id, row.realm, actor=actor, at=at)
        return code


def accept_residence(user: User, code: str, *, address: str, at: datetime) -> UUID:
    """Accept the record that a code offers to this very person; other codes are refused alike."""
    subject = subject_of("residence", str(user.id))
    begin_attempt(subject, address, at=at)
    id = _accept(user, code, at=at)
    if id is None:
        raise ResidenceCodeRefused
    forget_attempts(subject, at=at)
    return id


def accept_with_activation(user: User, code: str, *, at: datetime) -> None:
    """Accept what the code of an activation offers as well; most codes offer nothing."""
    _accept(user, code, at=at)


def _accept(user: User, code: str, *, at: datetime) -> UUID | None:
    if user.kind != CITIZEN or user.person_id is None:
        return None
    with transaction.atomic():
        row = (
            Residence.objects.select_for_update()
            .filter(
                citizen_id=user.person_id, code_hash=_hash(user.person_id, _typed(code)),
                accepted_at=None, ended_at=None, expires_at__gt=at,
            )
            .first()
        )  # fmt: skip
        if row is None:
            return None
        Residence.objects.filter(id=row.id).update(accepted_at=at, code_hash="")
        _leaf("accept", row.id, row.realm, actor=user.username, at=at)
        return row.id


def end_residence(id: UUID, *, at: datetime, actor: str, taken: bool = False) -> bool:
    """End what ties a record to a citizen: she moved, or it was never hers. Safe to repeat.

    ``taken``: an official ends it. Whoever looked must not make the looks disappear by it, so she
    goes on reading and contesting those up to now. Return whether she is to be told.
    """
    with transaction.atomic():
        row = Residence.objects.filter(id=id).first()
        if row is None or not Residence.objects.filter(id=id, ended_at=None).update(
            ended_at=at, taken=taken
        ):
            return False
        _leaf("end", id, row.realm, actor=actor, at=at)
        return taken and row.accepted_at is not None


def residences_of(citizen_id: UUID) -> list[ResidenceView]:
    """Return the records a citizen has accepted, and those taken from her; the oldest first."""
    rows = Residence.objects.filter(
        Q(ended_at=None) | Q(taken=True), citizen_id=citizen_id, accepted_at__isnull=False
    )
    return [_view(row) for row in rows.order_by("accepted_at")]


def residents_of(object_id: UUID) -> list[ResidenceView]:
    """Return to whom a record is offered or tied, the oldest first."""
    rows = Residence.objects.filter(object_id=object_id, ended_at=None)
    return [_view(row) for row in rows.order_by("made_at")]


def _view(row: Residence) -> ResidenceView:
    return ResidenceView(
        id=row.id, citizen_id=row.citizen_id, realm=Realm(row.realm), object_id=row.object_id,
        unit_id=row.unit_id, division_code=row.division_code, made_at=row.made_at,
        expires_at=row.expires_at, accepted_at=row.accepted_at, ended_at=row.ended_at,
    )  # fmt: skip


def _typed(code: str) -> str:
    return "".join(sign for sign in normal(code).upper() if sign in CODE_SIGNS)


def _hash(citizen_id: UUID, typed: str) -> str:
    # Bound to the person: the same code typed in another's account is another digest.
    return salted_hmac(
        "guantong.residence", f"{citizen_id}:{typed}", algorithm="sha256"
    ).hexdigest()


def _leaf(act: str, id: UUID, realm: str, *, actor: str, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select ({_AFTER})::text from access_residence r where r.id = %s",  # noqa: S608
            [id],
        )
        after = orjson.loads(cursor.fetchone()[0])
    write([Leaf(realm=Realm(realm), at=at, actor=actor, act=act, kind="residence", object_id=id,
                body={"after": after})])  # fmt: skip
