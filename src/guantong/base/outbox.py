"""Facts on their way up: written with the change that made them true, handed on at least once.

A lower package publishes a fact (a frozen dataclass of plain values) in its own transaction;
``main`` joins subscribers to facts. Facts are claimed by status, never by "greater than the
last one seen" (promise P6). A subscriber may see a fact twice, so each is idempotent. A fact
whose subscriber fails is tried again and, after ``MOST_ATTEMPTS``, laid aside as dead with its
fault, so that one bad fact does not stop those behind it.
"""

import dataclasses
import logging
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction

from guantong.base.hashing import canonical
from guantong.base.ids import new_id
from guantong.base.realm import Realm, is_exercise

# About a minute of a worker that tries once a second: a deadlock or a full disk may pass by then.
MOST_ATTEMPTS = 60

Subscriber = Callable[[Realm, datetime, Mapping[str, Any]], None]

log = logging.getLogger(__name__)

_subscribers: dict[str, list[Subscriber]] = {}


def subscribe(event: type, subscriber: Subscriber) -> None:
    """Call ``subscriber(realm, written_at, body)`` for each fact of that kind; joined once only."""
    known = _subscribers.setdefault(event.__name__, [])
    if subscriber not in known:
        known.append(subscriber)


def publish(realm: Realm, *facts: Any, at: datetime) -> None:
    """Write facts in the running transaction; they reach subscribers after it commits."""
    rows = [
        (new_id(), realm, type(f).__name__, canonical(dataclasses.asdict(f)).decode(), at)
        for f in facts
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into base_outboxmessage"
            " (id, realm, event, body, written_at, state, attempts, fault)"
            " values (%s, %s, %s, %s::jsonb, %s, 'waiting', 0, '')",
            rows,
        )


def deliver_one(realm: Realm) -> bool:
    """Hand on the oldest waiting fact of ``realm``; say whether one was handed on.

    The fact and all that its subscribers do are one transaction. Several workers may deliver
    at once: a claimed row is skipped by the others.
    """
    seq: int | None = None
    try:
        with transaction.atomic():
            message = _claim(realm)
            if message is None:
                return False
            seq, event, body, written_at = message
            for subscriber in _subscribers.get(event, ()):
                subscriber(realm, written_at, body)
            with connection.cursor() as cursor:
                cursor.execute("update base_outboxmessage set state='done' where seq=%s", [seq])
    except Exception:
        # A boundary: what a subscriber raises must not stop the facts behind this one. In an
        # exercise nothing may be skipped, or it would not be the exercise that was asked for.
        if seq is None or is_exercise(realm):
            raise
        _note_failure(seq, traceback.format_exc())
        return False
    return True


def waiting(realm: Realm) -> bool:
    """Say whether a fact of ``realm`` still waits for its subscribers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from base_outboxmessage where realm = %s and state = 'waiting')",
            [realm],
        )
        return bool(cursor.fetchone()[0])


def recount() -> None:
    """Let the store count the facts anew, after many have come at once."""
    with connection.cursor() as cursor:
        cursor.execute("analyze base_outboxmessage")


def _claim(realm: Realm) -> tuple[int, str, dict[str, Any], datetime] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select seq, event, body::text, written_at from base_outboxmessage"
            " where state = 'waiting' and realm = %s"
            " order by attempts, seq limit 1 for update skip locked",
            [realm],
        )
        row = cursor.fetchone()
    return None if row is None else (row[0], row[1], orjson.loads(row[2]), row[3])


def dead() -> int:
    """Return how many facts were laid aside, in every realm: each needs somebody to look at it."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from base_outboxmessage where state = 'dead'")
        return int(cursor.fetchone()[0])


def _note_failure(seq: int, fault: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update base_outboxmessage set attempts = attempts + 1, fault = %s,"
            " state = case when attempts + 1 >= %s then 'dead' else 'waiting' end where seq = %s",
            [fault, MOST_ATTEMPTS, seq],
        )
    log.error("fact %s could not be handed on: %s", seq, fault.splitlines()[-1])
