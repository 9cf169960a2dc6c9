"""Facts on their way up: written with the change that made them true, handed on at least once.

A lower package publishes a fact (a frozen dataclass of plain values) in its own transaction;
``main`` joins subscribers to facts. Facts are claimed by status, never by "greater than the
last one seen" (promise P6), by as many workers as there are: a fact that one holds is skipped by
the others. A subscriber may see a fact twice, so each is idempotent.

Order: a fact class that names its subject (``ordered_by``) is handed on after the earlier facts of
that subject; facts of different subjects overtake each other. A fact whose subscriber fails is
tried again after a pause that grows and, after ``MOST_ATTEMPTS``, laid aside with its fault
(``base.laid_aside``); then those behind it go on, so that one bad fact does not stop a case. One
whose subscriber hangs has failed as well: it is interrupted, or, where that is not possible, its
process is ended, and somebody else notes the attempt (``in_hand``, ``give_up``).
"""

import dataclasses
import logging
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError, connection, transaction

from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError
from guantong.base.hashing import canonical
from guantong.base.ids import new_id
from guantong.base.realm import Realm, is_exercise
from guantong.base.time_limit import TookTooLong, at_most
from guantong.base.trace import traceparent, under

# Pauses of 1, 2, 4 … seconds, none longer than five minutes: about twenty minutes in all. A full
# disk or a restarted database may pass by then; what has not passed needs a person.
MOST_ATTEMPTS = 12
LONGEST_PAUSE = timedelta(minutes=5)

# One transaction hands on so many facts, unless they take long: what a batch has locked stays
# locked until its end, and an officer may be waiting for it.
BATCH = 50
BATCH_SECONDS = 0.05

# Workers listen here; the payload says nothing, the facts stand in the table.
CHANNEL = "guantong_fact"

Subscriber = Callable[[Realm, datetime, Mapping[str, Any]], None]

log = logging.getLogger(__name__)

_subscribers: dict[str, list[Subscriber]] = {}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A fact that this transaction holds."""

    seq: int
    event: str
    body: dict[str, Any]
    written_at: datetime
    attempts: int
    trace: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """The fact that this process hands on just now: since when, and by which server process."""

    seq: int
    since: float
    backend: int


# For the thread that watches this process; it changes with every fact.
in_hand: InHand | None = None


def subscribe(event: type, subscriber: Subscriber) -> None:
    """Call ``subscriber(realm, written_at, body)`` for each fact of that kind; joined once only."""
    known = _subscribers.setdefault(event.__name__, [])
    if subscriber not in known:
        known.append(subscriber)


def publish(realm: Realm, *facts: Any, at: datetime) -> None:
    """Write facts in the running transaction; they reach subscribers after it commits.

    Whoever publishes about a subject holds its row, so that "written earlier" means something.
    """
    rows = [
        (new_id(), realm, type(f).__name__, _subject(f),
         canonical(dataclasses.asdict(f)).decode(), at, traceparent.get())
        for f in facts
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into base_outboxmessage"
            " (id, realm, event, subject, body, written_at, trace, state, attempts, fault)"
            " values (%s, %s, %s, %s, %s::jsonb, %s, %s, 'waiting', 0, '')",
            rows,
        )
        if not is_exercise(realm):  # who plays an exercise looks by himself
            wake(cursor)


def wake(cursor: Any) -> None:
    """Wake the workers when the running transaction commits; polling finds what nobody heard."""
    cursor.execute(f"notify {CHANNEL}")


def _subject(fact: Any) -> str:
    """Return what a fact is about, of those facts between which the order matters; else nothing."""
    named = getattr(type(fact), "ordered_by", None)
    return "" if named is None else f"{named}:{getattr(fact, named)}"


def deliver_one(realm: Realm) -> bool:
    """Hand on the oldest waiting fact of ``realm``; say whether one was handed on.

    In an exercise nothing may be skipped, or it would not be the exercise that was asked for: a
    fault comes up. One process plays an exercise, so the oldest fact is the next.
    """
    if not is_exercise(realm):
        return deliver(realm, most=1) > 0
    with transaction.atomic():
        facts = _claim_oldest(realm)
        for fact in facts:
            _hand_on(realm, fact)
        _done([fact.seq for fact in facts])
    return bool(facts)


def deliver(
    realm: Realm,
    *,
    most: int = BATCH,
    seconds: float = BATCH_SECONDS,
    limit: float | None = None,
) -> int:
    """Hand on waiting facts of ``realm`` in one transaction; return how many were handed on.

    ``limit`` is how many seconds each may take; who gives one calls from the main thread.

    Each fact and all its subscribers do is undone alone when a subscriber fails. When the
    transaction as a whole cannot be kept, its facts are tried one by one, to find the bad one.
    """
    claimed: list[Claimed] = []
    until = monotonic() + seconds
    try:
        with transaction.atomic():
            claimed = _claim(realm, machine_now(), most)
            done: list[int] = []
            for place, fact in enumerate(claimed):
                if place and monotonic() > until:
                    break  # the rest is let go of by the commit and claimed again
                if _handed_on(realm, fact, limit):
                    done.append(fact.seq)
            _done(done)
    except (OperationalError, InterfaceError):
        # The store is away: not the facts' fault.
        raise
    except Exception as error:
        # A boundary: what is found out only at the commit must not stop the facts behind.
        if len(claimed) > 1:
            return sum(deliver(realm, most=1, limit=limit) for _ in claimed)
        if not claimed:
            raise
        with transaction.atomic():
            _note_failure(claimed[0], error)
        return 0
    return len(done)


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


def dead() -> int:
    """Return how many facts were laid aside, in every realm: each needs somebody to look at it."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from base_outboxmessage where state = 'dead'")
        return int(cursor.fetchone()[0])


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the ``attempts``-th failure."""
    return min(timedelta(seconds=1 << (min(attempts, 20) - 1)), LONGEST_PAUSE)


_COLUMNS = "seq, event, body::text, written_at, attempts, trace"


def _claim_oldest(realm: Realm) -> list[Claimed]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from base_outboxmessage"  # noqa: S608 - our own columns
            " where state = 'waiting' and realm = %s order by seq limit 1 for update skip locked",
            [realm],
        )
        return _claimed(cursor.fetchall())


def _claim(realm: Realm, now: datetime, most: int) -> list[Claimed]:
    """Claim what nobody holds, what may be tried again by now, and of each subject the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from base_outboxmessage m"  # noqa: S608 - our own columns
            " where m.state = 'waiting' and m.realm = %s and (m.try_at is null or m.try_at <= %s)"
            " and (m.subject = '' or not exists (select from base_outboxmessage e"
            "   where e.realm = m.realm and e.subject = m.subject and e.subject <> ''"
            "   and e.state = 'waiting' and e.seq < m.seq))"
            " order by m.seq limit %s for update of m skip locked",
            [realm, now, most],
        )
        return _claimed(cursor.fetchall())


def _claimed(rows: Sequence[tuple[Any, ...]]) -> list[Claimed]:
    return [
        Claimed(
            seq=seq, event=event, body=orjson.loads(body), written_at=at, attempts=n, trace=trace
        )
        for seq, event, body, at, n, trace in rows
    ]


def _handed_on(realm: Realm, fact: Claimed, limit: float | None) -> bool:
    """Hand on one fact of several; say whether its subscribers took it."""
    global in_hand
    if fact.event not in _subscribers:
        return True
    try:
        with transaction.atomic():
            # Of an exercise nothing is interrupted, and what no limit is given nobody watches.
            if limit is not None:
                backend = connection.connection.info.backend_pid
                in_hand = InHand(seq=fact.seq, since=monotonic(), backend=backend)
            with at_most(limit):
                _hand_on(realm, fact)
    except (OperationalError, InterfaceError) as lost:
        if not is_ours(lost):
            raise
        _note_failure(fact, lost)
        return False
    except Exception as error:  # noqa: BLE001 - a boundary: it must not stop the facts behind it
        _note_failure(fact, error)
        return False
    finally:
        in_hand = None
    return True


def give_up(held: InHand, *, limit: float) -> None:
    """Note that a fact has hung its process, which is about to be ended; from another thread.

    The server process is ended first: it holds the fact, and all that its transaction did is
    undone.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [held.backend])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from base_outboxmessage where seq = %s and state = 'waiting'"  # noqa: S608
            " for update",
            [held.seq],
        )
        for fact in _claimed(cursor.fetchall()):
            _note_failure(fact, TookTooLong(seconds=f"{limit:g}"))


def is_ours(error: Exception) -> bool:
    """Say whether an operational error is of what was done: the store itself is there."""
    # query_canceled (statement_timeout), lock_not_available (lock_timeout), deadlock_detected
    return getattr(error.__cause__, "sqlstate", None) in ("57014", "55P03", "40P01")


def _hand_on(realm: Realm, fact: Claimed) -> None:
    with under(f"fact {fact.event}", fact.trace):
        for subscriber in _subscribers.get(fact.event, ()):
            subscriber(realm, fact.written_at, fact.body)


def _done(seqs: Sequence[int]) -> None:
    if seqs:
        with connection.cursor() as cursor:
            cursor.execute(
                "update base_outboxmessage set state = 'done' where seq = any(%s)", [list(seqs)]
            )


def _note_failure(fact: Claimed, error: BaseException) -> None:
    now, attempts = machine_now(), fact.attempts + 1
    state = "dead" if attempts >= MOST_ATTEMPTS else "waiting"
    with connection.cursor() as cursor:
        cursor.execute(
            "update base_outboxmessage set attempts = %s, fault = %s, failed_at = %s, try_at = %s,"
            " state = %s where seq = %s",
            [attempts, fault_text(error), now, now + pause_after(attempts), state, fact.seq],
        )
    log.error(
        "fact %s (%s) could not be handed on, attempt %s: %s",
        fact.seq, fact.event, attempts, type(error).__name__,
    )  # fmt: skip


# What of a foreign message may be a value of somebody's record: quoted text, long numbers, Chinese.
_VALUES = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|\d{5,}|[\u3400-\u9fff]+")


def without_values(text: str) -> str:
    """Return the first line of a message without what may be a value of somebody's record."""
    lines = text.strip().splitlines()
    return _VALUES.sub("…", lines[0][:300]) if lines else ""


def fault_text(error: BaseException) -> str:
    """Return what failed and where, without any personal data: it is kept and shown."""
    said = str(error) if isinstance(error, GuantongError) else without_values(str(error))
    frames = "".join(traceback.format_tb(error.__traceback__)[-12:])
    return f"{frames}{type(error).__name__}: {said}"
