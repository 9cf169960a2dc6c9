"""A citizen asks for an account at the citizen end, and a service window grants it.

The window compares the identity document, so that nobody opens an account in another's name; an
installation that sends no text messages needs no other proof. What was typed stays sealed. The
citizen end gives every application the same answer, whether or not the person has an account.
"""

import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import check_password
from django.db import connection, transaction

from guantong.access.account import begin_attempt, leave, new_code, subject_of
from guantong.access.errors import ApplicationNotThere, NotFounded
from guantong.access.models import CITIZEN, Attempt, CitizenApplication, User
from guantong.access.service import DEMO_PASSWORD
from guantong.audit.api import Leaf, write
from guantong.base.clock import local_day
from guantong.base.ids import new_id
from guantong.base.realm import LIVE
from guantong.base.sealed_places import bring_sealed
from guantong.base.sealing import blind, seal, unseal
from guantong.orgs import api as orgs

# Afterwards the sealed data are removed: nobody came.
APPLICATION_LIFE = timedelta(days=30)
# Ten digits, said at a window; a clerk types them, so they are not a secret.
NUMBER_DIGITS = 10

DEMO_MOBILE, DEMO_IDENTITY, DEMO_UNIT = "13800000000", "999999199001010016", "area@331081105"

_FIELDS = ("name", "identity", "mobile")
bring_sealed(
    "access_citizenapplication",
    {field: f"access.application.{field}:{{id}}" for field in _FIELDS},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An open application, opened for the clerk who compares the document."""

    id: UUID
    number: str
    name: str
    identity: str
    mobile: str
    language: str
    made_at: datetime


def name_of_mobile(mobile: str) -> str:
    """Return the name of the account that is signed in to with a mobile number.

    A keyed digest: the table of accounts does not say who has one.
    """
    plain = orgs.plain_mobile(mobile)
    return f"c-{blind(plain, about='access.citizen.mobile')[:32]}"


def apply(
    *, name: str, identity: str, mobile: str, language: str, address: str, at: datetime
) -> str:
    """Keep an application, sealed, and return its number; the same for whoever applies."""
    # An address may apply as often as it may fail to sign in.
    begin_attempt(subject_of("apply", address), address, at=at)
    CitizenApplication.objects.filter(made_at__lt=at - APPLICATION_LIFE).delete()
    id = new_id()
    number = "".join(secrets.choice("0123456789") for _ in range(NUMBER_DIGITS))
    given = {
        "name": name.strip(),
        "identity": orgs.plain_identity(identity),
        "mobile": orgs.plain_mobile(mobile),
    }
    with transaction.atomic():
        CitizenApplication.objects.create(
            id=id,
            number=number,
            language=language,
            made_at=at,
            **{k: seal(v, about=f"access.application.{k}:{id}") for k, v in given.items()},
        )
        _leaf("apply", id, at=at, actor="anonymous")
    return number


def application(number: str, *, at: datetime, clerk: str) -> Application:
    """Open one application by its whole number; trying numbers is counted for the clerk."""
    subject = subject_of("application", clerk)
    attempt = begin_attempt(subject, f"clerk:{clerk}", at=at) if clerk else None
    row = CitizenApplication.objects.filter(
        number=number, granted_at=None, made_at__gt=at - APPLICATION_LIFE
    ).first()
    if row is None:
        raise ApplicationNotThere
    if attempt is not None:
        Attempt.objects.filter(id=attempt).delete()
    return Application(
        id=row.id,
        number=row.number,
        language=row.language,
        made_at=row.made_at,
        **{f: unseal(getattr(row, f), about=f"access.application.{f}:{row.id}") for f in _FIELDS},
    )


def grant_application(
    number: str, *, unit_id: UUID, division_code: str, at: datetime, actor: str
) -> str:
    """Make the account of whoever applied, or give the one there a new code; return the code.

    Who already has an account under another mobile number signs in with the new one from now on.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 8))", [number])
        found = application(number, at=at, clerk="")
        person = orgs.register_citizen(
            name=found.name, identity=found.identity, mobile=found.mobile, unit_id=unit_id,
            division_code=division_code, at=at, actor=actor,
        )  # fmt: skip
        username = name_of_mobile(found.mobile)
        user = User.objects.filter(person_id=person, kind=CITIZEN).first()
        other = User.objects.filter(username=username).exclude(person_id=person).first()
        if other is not None:
            # A number that changed hands: its former bearer must come to the window as well.
            _rename(other, f"c-{new_id().hex}", at=at, actor=actor)
        if user is None:
            user = User.objects.create_user(
                username, None, person_id=person, language=found.language, joined_at=at,
                kind=CITIZEN,
            )  # fmt: skip
            leave("make", user, at=at, actor=actor, after=True)
        elif user.username != username:
            _rename(user, username, at=at, actor=actor)
        CitizenApplication.objects.filter(id=found.id).update(
            granted_at=at, granted_by=actor, name="", identity="", mobile=""
        )
        _leaf("grant", found.id, at=at, actor=actor)
        return new_code(user, at=at, actor=actor)


def create_demo_citizen(*, at: datetime) -> tuple[str, bool]:
    """Make the citizen of a demonstration; return the mobile and whether the printed word opens.

    Invented: no region has the number 999999, so nobody has this number of identity.
    """
    username = name_of_mobile(DEMO_MOBILE)
    password = os.environ.get("GUANTONG_DEMO_PASSWORD") or DEMO_PASSWORD
    with transaction.atomic():
        user = User.objects.filter(username=username).first()
        if user is not None:
            return DEMO_MOBILE, check_password(password, user.password)
        unit = orgs.unit_by_code(DEMO_UNIT, on=local_day(at))
        if unit is None:
            raise NotFounded(code=DEMO_UNIT, on=local_day(at))
        person = orgs.register_citizen(
            name="陈某", identity=DEMO_IDENTITY, mobile=DEMO_MOBILE, unit_id=unit.id,
            division_code=unit.division_code, at=at, actor="system",
        )  # fmt: skip
        user = User.objects.create_user(
            username, password, person_id=person, joined_at=at, kind=CITIZEN
        )
        User.objects.filter(id=user.id).update(printed_password=True, activated_at=at)
        leave("make", user, at=at, actor="system", after=True)
    return DEMO_MOBILE, True


def _rename(user: User, username: str, *, at: datetime, actor: str) -> None:
    User.objects.filter(id=user.id).update(username=username)
    user.username = username
    leave("rename", user, at=at, actor=actor, after=True)


def _leaf(act: str, id: UUID, *, at: datetime, actor: str) -> None:
    write(
        [Leaf(realm=LIVE, at=at, actor=actor, act=act, kind="application", object_id=id, body={})]
    )
