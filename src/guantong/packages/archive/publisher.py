"""Whom this installation trusts to publish packages: a key, from when to when, added by whom.

Only a named person who administers the platform adds a key or takes one back; both leave a leaf.
A key counts for at most some years and is then handed over anew, so that one nobody looks after
any more does not open the door for ever. What is installed stays when a key is taken back.
"""

from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction

from guantong.access import api as access
from guantong.audit.api import Leaf, Witness, bring_witness, write
from guantong.base.clock import local_day
from guantong.base.realm import LIVE
from guantong.packages.archive.errors import PublisherRefused
from guantong.packages.archive.key import PublicKey
from guantong.packages.archive.publisher_models import TrustedPublisher
from guantong.packages.archive.signature import fingerprint
from guantong.packages.archive.verdict import Publisher

# NIST SP 800-57 Part 1 Rev. 5, table 1: one to three years for a private signature key.
LONGEST = timedelta(days=3 * 366)
MOST_WORDS = 200

_AFTER = """jsonb_build_object('name', name, 'algorithm', algorithm,
    'public', encode(public, 'base64'), 'since', extract(epoch from since_at),
    'until', extract(epoch from until_at), 'added_by', added_by,
    'withdrawn', extract(epoch from withdrawn_at), 'withdrawn_by', withdrawn_by,
    'because', withdrawn_because)"""
bring_witness(
    Witness(kind="publisher", sql=f"select id, {_AFTER} as after from packages_publisher")  # noqa: S608
)


def trust_publisher(
    key: PublicKey, *, by: UUID, since_at: datetime, until_at: datetime, at: datetime
) -> Publisher:
    """Let a publisher's key count from one instant to another; ``by`` answers for it."""
    _refuse_stranger(by, at)
    if not since_at < until_at <= since_at + LONGEST or until_at <= at:
        raise PublisherRefused("time", years=3)
    try:
        with transaction.atomic():
            row = TrustedPublisher.objects.create(
                name=key.name, algorithm=key.algorithm, public=key.public,
                since_at=since_at, until_at=until_at, added_by=by, added_at=at,
            )  # fmt: skip
            _leave("trust", row.id, at=at, by=by)
    except IntegrityError:
        known = TrustedPublisher.objects.get(algorithm=key.algorithm, public=key.public)
        reason = "known" if known.withdrawn_at is None else "withdrawn-once"
        raise PublisherRefused(reason, name=known.name) from None
    return _value(row)


def withdraw_publisher(id: UUID, *, by: UUID, because: str, at: datetime) -> Publisher:
    """Let a publisher's key count no longer; safe to repeat."""
    _refuse_stranger(by, at)
    if not 0 < len(because.strip()) <= MOST_WORDS:
        raise PublisherRefused("no-reason", most=MOST_WORDS)
    with transaction.atomic():
        row = TrustedPublisher.objects.select_for_update().filter(id=id).first()
        if row is None:
            raise PublisherRefused("unknown", name=str(id))
        if row.withdrawn_at is None:
            row.withdrawn_at, row.withdrawn_by = at, by
            row.withdrawn_because = because.strip()
            row.save()
            _leave("withdraw", id, at=at, by=by)
    return _value(row)


def publishers() -> tuple[Publisher, ...]:
    """Return every key that was ever trusted, by name and day; withdrawn ones are marked."""
    return tuple(_value(row) for row in TrustedPublisher.objects.order_by("name", "since_at", "id"))


def publishers_if_any() -> tuple[Publisher, ...]:
    """Return the same of a store that may be of a release before there were publishers."""
    known = TrustedPublisher._meta.db_table in connection.introspection.table_names()
    return publishers() if known else ()


def publisher_named(text: str) -> Publisher:
    """Return the one key of that name, or with a fingerprint that begins so."""
    begins = text.replace(" ", "").lower()
    known = [p for p in publishers() if p.withdrawn_at is None]
    found = [p for p in known if p.name == text] or [
        p for p in known if len(begins) >= 8 and _short(p).startswith(begins)
    ]
    if len(found) != 1:
        keys = ", ".join(f"{p.name} ({fingerprint(p.algorithm, p.public)})" for p in found)
        raise PublisherRefused("several" if found else "unknown", name=text, keys=keys)
    return found[0]


def _short(publisher: Publisher) -> str:
    return fingerprint(publisher.algorithm, publisher.public).replace(" ", "")


def _refuse_stranger(person_id: UUID, at: datetime) -> None:
    actor = access.actors_for_people([person_id], on=local_day(at)).get(person_id)
    thing = access.Thing(kind="settings")
    if actor is None or not access.decide(actor, "administer", thing, realm=LIVE).allowed:
        raise PublisherRefused("not-yours")


def _leave(act: str, id: UUID, *, at: datetime, by: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_AFTER}::text from packages_publisher where id = %s",  # noqa: S608
            [id],
        )
        (after,) = cursor.fetchone()
    body = {"after": orjson.loads(after)}
    write(
        [Leaf(realm=LIVE, at=at, actor=f"person:{by}", act=act, kind="publisher", object_id=id,
              body=body)]
    )  # fmt: skip


def _value(row: TrustedPublisher) -> Publisher:
    return Publisher(
        id=row.id, name=row.name, algorithm=row.algorithm, public=bytes(row.public),  # type: ignore[arg-type]  # the store checks the word
        since=row.since_at, until=row.until_at, withdrawn_at=row.withdrawn_at,
    )  # fmt: skip
