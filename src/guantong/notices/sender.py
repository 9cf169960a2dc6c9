"""Deliveries on their way out: claimed, sent, recorded (promise P6).

What is claimed gets its key and its sender in a transaction of its own, before anything leaves.
The sender is known by a lock of the store that dies with it, so what it left half done is found at
once and not after a time. Several senders may run; each takes what the others have not.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from guantong.base.installation import installation_id
from guantong.notices import chat, hook, mail
from guantong.notices.channel import Channels, Item, Parcel, Sends, Setting, channels
from guantong.notices.contacts import contact_of
from guantong.notices.delivery import Answer, Next, after, orphaned, rest
from guantong.notices.errors import BadChannels

log = logging.getLogger(__name__)

_SPACE = 0x67745F6E  # "gt_n": the locks by which senders are known
MOST_IN_A_DIGEST = 50

SENDS: Mapping[str, Sends] = {
    "hook": hook.send, "mail": mail.send, "dingtalk": chat.send, "wecom": chat.send,
    "sms": chat.send,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """Deliveries that go out together under one key."""

    key: UUID
    ids: tuple[UUID, ...]
    person_id: UUID
    attempts: int


def deliver_due(
    now: Callable[[], datetime],
    *,
    sends: Mapping[str, Sends] = SENDS,
    seconds: float = 20.0,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Send what is due, for at most so long; return how many parcels were tried."""
    known = channels()
    if not known.settings:
        return 0
    until, tried = time.monotonic() + seconds, 0
    with _known_by_a_lock() as me:
        settle(now(), known)
        for setting in known.settings.values():
            while time.monotonic() < until and not stopping():
                claim = _claim(setting, me, now())
                if claim is None:
                    break
                tried += 1
                answer = _attempt(setting, claim, known, sends, now())
                _record(setting, claim, answer, now())
    return tried


@contextmanager
def _known_by_a_lock() -> Iterator[int]:
    """Hold a lock under a number of this sender's own; the store lets go of it when it dies."""
    me = secrets.randbelow(2**31 - 1) + 1
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s, %s)", [_SPACE, me])
    try:
        yield me
    finally:
        if connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [_SPACE, me])


def settle(now: datetime, known: Channels) -> int:
    """Put right what dead senders left behind; return how many deliveries that were."""
    count = 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select d.id, d.channel from notices_delivery d where d.state = 'sending'"
            " and not exists (select from pg_locks l where l.locktype = 'advisory'"
            "  and l.database = (select oid from pg_database where datname = current_database())"
            "  and l.classid = %s and l.objid = d.claimed_by and l.granted)"
            " for update skip locked",
            [_SPACE],
        )
        for id, channel in cursor.fetchall():
            setting = known.settings.get(channel)
            to = orphaned(repeats=setting is not None and setting.repeats, now=now)
            cursor.execute(
                "update notices_delivery set state = %s, due_at = coalesce(%s, due_at),"
                " said = 'interrupted', ended_at = %s where id = %s and state = 'sending'",
                [to.state, to.at, None if to.state == "queued" else now, id],
            )
            count += 1
    return count


def _claim(setting: Setting, me: int, now: datetime) -> Claim | None:
    """Take the next parcel of a channel; None when there is none, or the channel must rest."""
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            if not _may_go(cursor, setting, now):
                return None
            cursor.execute(
                "select id, person_id, bundled, key from notices_delivery"
                " where channel = %s and state = 'queued' and due_at <= %s"
                " order by urgent desc, due_at, id limit 1 for update skip locked",
                [setting.name, now],
            )
            row = cursor.fetchone()
            if row is None:
                return None
            id, person_id, bundled, key = row
            rows = _together(cursor, setting, id, person_id, bundled, key, now)
            ids = [row[0] for row in rows if row[1] is None]
            _leave_out(cursor, [(row[0], row[1]) for row in rows if row[1] is not None], now)
            if not ids:
                continue
            cursor.execute(
                "update notices_delivery set state = 'sending', claimed_at = %s, claimed_by = %s,"
                " attempts = attempts + 1, key = coalesce(key, %s) where id = any(%s)"
                " returning key, attempts",
                [now, me, id, ids],
            )
            key, attempts = cursor.fetchone()
            _count_one(cursor, setting, now)
        return Claim(key, tuple(ids), person_id, attempts)


def _together(
    cursor: Any,
    setting: Setting,
    id: UUID,
    person_id: UUID,
    bundled: bool,
    key: UUID | None,
    now: datetime,
) -> list[tuple[UUID, str | None]]:
    """Return what goes out with a delivery, each with why it need not go out any more, or None.

    What went out under a key before goes out under it again, no more and no less: the receiver
    may have it already.
    """
    if key is not None:
        cursor.execute(
            "select id, null from notices_delivery where key = %s and state = 'queued'"
            " order by id for update",
            [key],
        )
        return list(cursor.fetchall())
    which, values = "d.id = %s", list[Any]((id,))
    if bundled:
        which = (
            "d.person_id = %s and d.channel = %s and d.bundled and d.key is null"
            " and d.state = 'queued' and d.due_at <= %s"
        )
        values = [person_id, setting.name, now]
    cursor.execute(
        "select d.id, case when n.state = 'withdrawn' or r.ended_at is not null then 'withdrawn'"  # noqa: S608
        " when r.accepted_at is not null or (r.read_at is not null and d.occasion = 'sent')"
        "  then 'spared' end"
        " from notices_delivery d join notices_notice n on n.id = d.notice_id"
        " join notices_receipt r on r.id = d.receipt_id"
        f" where {which} order by d.due_at, d.id limit %s for update of d skip locked",
        [*values, MOST_IN_A_DIGEST],
    )
    return list(cursor.fetchall())


def _leave_out(cursor: Any, rows: list[tuple[UUID, str]], now: datetime) -> None:
    if rows:
        cursor.execute(
            "update notices_delivery d set state = v.state, ended_at = %s"
            " from unnest(%s::uuid[], %s::text[]) as v(id, state) where d.id = v.id",
            [now, [id for id, _ in rows], [state for _, state in rows]],
        )


def _may_go(cursor: Any, setting: Setting, now: datetime) -> bool:
    """Say whether a channel may be used now; its row is held until the claim is made."""
    cursor.execute(
        "insert into notices_channel (name, failures, in_minute) values (%s, 0, 0)"
        " on conflict do nothing",
        [setting.name],
    )
    cursor.execute(
        "select rests_until, minute_at, in_minute from notices_channel where name = %s for update",
        [setting.name],
    )
    rests_until, minute_at, in_minute = cursor.fetchone()
    if rests_until is not None and now < rests_until:
        return False
    fresh = minute_at is None or now - minute_at >= timedelta(minutes=1)
    return fresh or in_minute < setting.per_minute


def _count_one(cursor: Any, setting: Setting, now: datetime) -> None:
    cursor.execute(
        "update notices_channel set"
        " in_minute = case when minute_at is null or minute_at <= %s then 1 else in_minute + 1 end,"
        " minute_at = case when minute_at is null or minute_at <= %s then %s else minute_at end"
        " where name = %s",
        [now - timedelta(minutes=1)] * 2 + [now, setting.name],
    )


def _attempt(
    setting: Setting, claim: Claim, known: Channels, sends: Mapping[str, Sends], now: datetime
) -> Answer:
    """Send a parcel; what is wrong on our side is tried again, as it is mended meanwhile."""
    to = contact_of(claim.person_id)
    if setting.needs and not getattr(to, setting.needs):
        return Answer(came="refused", said=f"no-{setting.needs}")
    parcel = Parcel(
        key=str(claim.key), to=to, items=_items(claim), address=known.address, sent_at=now,
        source=f"urn:guantong:{installation_id(at=now)}",
    )  # fmt: skip
    try:
        return sends[setting.type](setting, parcel)
    except BadChannels:
        return Answer(came="later", said="secret_file", channel_fault=True)
    except Exception as fault:  # noqa: BLE001
        # A boundary: other people's code and other people's servers. The parcel may have left.
        # Only the kind of fault is kept: its text may hold an address.
        log.error("channel %s: %s", setting.name, type(fault).__name__)
        return Answer(came="silent", said=type(fault).__name__, channel_fault=True)


def _items(claim: Claim) -> tuple[Item, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select n.id::text, n.kind, n.asks, n.urgent, d.occasion, n.title_zh, n.title_en,"
            " n.text_zh, n.text_en, n.sender_unit_zh, n.sender_unit_en, n.sent_at, n.accept_by,"
            " r.items from notices_delivery d join notices_notice n on n.id = d.notice_id"
            " join notices_receipt r on r.id = d.receipt_id where d.id = any(%s)"
            " order by n.urgent desc, n.sent_at, n.id",
            [list(claim.ids)],
        )
        return tuple(
            Item(
                notice_id=row[0], kind=row[1], asks=row[2], urgent=row[3], occasion=row[4],
                title=_both(row[5], row[6]), text=_both(row[7], row[8]),
                sender=_both(row[9], row[10]), sent_at=row[11], accept_by=row[12], items=row[13],
            )
            for row in cursor.fetchall()
        )  # fmt: skip


def _both(zh: str, en: str) -> dict[str, str]:
    return {"zh-CN": zh, "en": en}


def _record(setting: Setting, claim: Claim, answer: Answer, now: datetime) -> None:
    """Write down what came of an attempt, for the deliveries and for the channel."""
    to: Next = after(answer, attempts=claim.attempts, repeats=setting.repeats, now=now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            # Taken for dead meanwhile, another sender may have settled it: what is known counts.
            "update notices_delivery set state = %s, due_at = coalesce(%s, due_at), said = %s,"
            " ended_at = %s where id = any(%s)"
            " and (state = 'sending' or (state in ('unknown', 'queued') and %s = 'sent'))",
            [
                to.state, to.at, answer.said[:80], None if to.state == "queued" else now,
                list(claim.ids), to.state,
            ],
        )  # fmt: skip
        if answer.came == "sent":
            cursor.execute(
                "update notices_channel set failures = 0, rests_until = null"
                " where name = %s and (failures > 0 or rests_until is not null)",
                [setting.name],
            )
        elif answer.channel_fault:
            cursor.execute(
                "update notices_channel set failures = failures + 1 where name = %s"
                " returning failures",
                [setting.name],
            )
            pause = rest(cursor.fetchone()[0])
            if pause is not None:
                cursor.execute(
                    "update notices_channel set rests_until = %s where name = %s",
                    [now + pause, setting.name],
                )
    if to.state == "failed":
        log.warning("a delivery by %s was given up after %s tries", setting.name, claim.attempts)
