"""Send, receive, read, accept, remind, withdraw: each one transaction, for one reader or many.

Whoever sends says who reads (``recipients``) and in which words; whether the sender may is asked
of ``access`` by whoever calls. Deliveries out of the platform are written with the notice and go
their own way (``sender``); without channels, and in an exercise, there are none.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.db import connection, transaction

from guantong.base.errors import NotFound
from guantong.base.ids import new_id
from guantong.base.realm import LIVE, Realm
from guantong.notices.errors import (
    LimitPassed,
    NobodyMeant,
    NobodyWaits,
    NothingToAccept,
    TooLateToWithdraw,
)
from guantong.notices.notice import REMINDER_PAUSE, UNDO, reminder_time
from guantong.notices.queueing import queue
from guantong.notices.recipients import Recipient
from guantong.notices.trail import (
    NOTICE_AFTER,
    NOTICE_COLUMNS_AFTER,
    RECEIPT_AFTER,
    leave,
    person,
    readers_digest,
)
from guantong.orgs.api import UnitRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a notice says, in both languages; what people write by hand is the same in both."""

    title_zh: str
    title_en: str
    text_zh: str = ""
    text_en: str = ""

    @classmethod
    def same(cls, title: str, text: str = "") -> "Words":
        """Return words as somebody wrote them."""
        return cls(title_zh=title, title_en=title, text_zh=text, text_en=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A notice about to be sent; ``origin`` is the fact it comes from."""

    to: Sequence[Recipient]
    words: Words
    kind: str
    asks: str = "information"
    urgent: bool = False
    accept_by: datetime | None = None
    href: str = ""
    about: UUID | None = None
    origin: str = ""


def send(
    realm: Realm,
    *,
    to: Iterable[Recipient],
    words: Words,
    kind: str,
    at: datetime,
    asks: str = "information",
    urgent: bool = False,
    accept_by: datetime | None = None,
    sender_id: UUID | None = None,
    sender_unit: UnitRef | None = None,
    href: str = "",
    about: UUID | None = None,
    origin: str = "",
) -> UUID | None:
    """Send a notice and return its id; None when this fact has been told already.

    What a person writes can be taken back for a minute before it goes out of the platform,
    unless it is urgent. One reader gets one receipt for each unit.
    """
    draft = Draft(
        to=list(to), words=words, kind=kind, asks=asks, urgent=urgent, accept_by=accept_by,
        href=href, about=about, origin=origin,
    )  # fmt: skip
    sent = send_all(realm, [draft], at=at, sender_id=sender_id, sender_unit=sender_unit)
    return sent[0] if sent else None


def send_all(
    realm: Realm,
    drafts: Sequence[Draft],
    *,
    at: datetime,
    sender_id: UUID | None = None,
    sender_unit: UnitRef | None = None,
) -> list[UUID]:
    """Send what one fact brings, many notices in one round trip; return the ids of the new ones."""
    notices = {new_id(): (draft, _once(draft, at)) for draft in drafts}
    if not notices:
        return []
    known = [draft for draft, _ in notices.values()]
    undo = [UNDO if sender_id is not None and not d.urgent else timedelta() for d in known]
    receipts = [(new_id(), id, r) for id, (_, readers) in notices.items() for r in readers]
    unit = (sender_unit.id, sender_unit.name_zh, sender_unit.name_en) if sender_unit else None
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            # The readers hang on the notice, which a fact makes only once.
            "with n as (insert into notices_notice as n (id, realm, kind, asks, urgent, state,"  # noqa: S608
            " title_zh, title_en, text_zh, text_en, href, about, origin, sender_id,"
            " sender_unit_id, sender_unit_zh, sender_unit_en, sent_at, releases_at, accept_by,"
            " remind_at) select v.id, %s, v.kind, v.asks, v.urgent, 'sent', v.tz, v.te, v.xz, v.xe,"
            " v.href, v.about, v.origin, %s, %s, %s, %s, %s, v.releases, v.accept, v.remind"
            " from unnest(%s::uuid[], %s::text[], %s::text[], %s::bool[], %s::text[], %s::text[],"
            " %s::text[], %s::text[], %s::text[], %s::uuid[], %s::text[], %s::timestamptz[],"
            " %s::timestamptz[], %s::timestamptz[]) as v(id, kind, asks, urgent, tz, te, xz, xe,"
            " href, about, origin, releases, accept, remind)"
            " on conflict (realm, origin) where origin <> '' do nothing"
            f" returning n.id, {NOTICE_COLUMNS_AFTER}::text as after),"
            " r as (insert into notices_receipt (id, realm, notice_id, person_id, unit_id,"
            " unit_zh, unit_en, items, sent_at, reminded_times)"
            " select v.id, %s, n.id, v.person, v.unit, v.zh, v.en, v.items, %s, 0 from"
            " unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[],"
            " %s::int[]) as v(id, notice, person, unit, zh, en, items)"
            " join n on n.id = v.notice)"
            " select id, after from n",
            [
                realm, sender_id, *(unit or (None, "", "")), at, list(notices),
                [d.kind for d in known], [d.asks for d in known], [d.urgent for d in known],
                [d.words.title_zh for d in known], [d.words.title_en for d in known],
                [d.words.text_zh for d in known], [d.words.text_en for d in known],
                [d.href for d in known], [d.about for d in known], [d.origin for d in known],
                [at + pause for pause in undo], [d.accept_by for d in known],
                [reminder_time(at, d.accept_by) for d in known],
                realm, at, [id for id, _, _ in receipts], [notice for _, notice, _ in receipts],
                [r.person_id for *_, r in receipts], [r.unit_id for *_, r in receipts],
                [r.unit_zh for *_, r in receipts], [r.unit_en for *_, r in receipts],
                [r.items for *_, r in receipts],
            ],
        )  # fmt: skip
        told = {id: orjson.loads(after) for id, after in cursor.fetchall()}
        leaves = []
        for id, after in told.items():
            digest = readers_digest((r.person_id, r.unit_id) for r in notices[id][1])
            body = {"after": after | {"readers": digest}, "count": len(notices[id][1])}
            leaves.append((id, body))
        leave(realm, "notice", "send", leaves, actor=person(sender_id, "system"), at=at)
        if realm == LIVE:
            for id, pause in zip(notices, undo, strict=True):
                if id in told:
                    queue(
                        id, [(receipt, r.person_id) for receipt, of, r in receipts if of == id],
                        kind=notices[id][0].kind, urgent=notices[id][0].urgent, at=at,
                        not_before=at + pause,
                    )  # fmt: skip
    return list(told)


def _once(draft: Draft, at: datetime) -> list[Recipient]:
    """Return the readers of a notice, one for each unit; refuse a notice to nobody, or too late."""
    readers = list({(r.person_id, r.unit_id): r for r in draft.to}.values())
    if not readers:
        raise NobodyMeant()
    if draft.accept_by is not None and draft.accept_by <= at:
        raise LimitPassed()
    return readers


def receive(
    realm: Realm, readers: Collection[UUID], notice_ids: Collection[UUID], *, at: datetime
) -> None:
    """Note that notices have reached their readers; the first time counts.

    ``readers`` are the persons somebody acts as: oneself, and those one stands in for.
    """
    _stamp("received_at = %s", "received_at is null", [at], realm, readers, notice_ids)


def read(
    realm: Realm, readers: Collection[UUID], notice_ids: Collection[UUID], *, at: datetime
) -> int:
    """Note that notices were read; reading also receives. Return how many were new."""
    return _stamp(
        "received_at = coalesce(received_at, %s), read_at = %s", "read_at is null", [at, at],
        realm, readers, notice_ids,
    )  # fmt: skip


def _stamp(
    sets: str,
    where: str,
    values: Sequence[datetime],
    realm: Realm,
    readers: Collection[UUID],
    notice_ids: Collection[UUID],
) -> int:
    if not notice_ids:
        return 0
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            f"update notices_receipt set {sets} where realm = %s"  # noqa: S608
            f" and person_id = any(%s) and notice_id = any(%s) and ended_at is null and {where}",
            [*values, realm, list(readers), list(notice_ids)],
        )
        return int(cursor.rowcount)


def accept(
    realm: Realm,
    notice_id: UUID,
    *,
    readers: Collection[UUID],
    by: UUID,
    at: datetime,
    units: Collection[UUID] | None = None,
) -> list[UUID]:
    """Take a notice on (签收) for every unit it is read for; the first time counts.

    ``readers`` are the persons that ``by`` acts as. Colleagues of the same unit need not accept any
    more. With ``units`` it is taken on for these alone. Refused when there is nothing to accept.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "with mine as (select r.id, r.unit_id from notices_receipt r"  # noqa: S608
            "  join notices_notice n on n.id = r.notice_id and n.realm = r.realm"
            "  where r.realm = %(realm)s and r.notice_id = %(notice)s"
            "  and r.person_id = any(%(readers)s) and r.ended_at is null"
            "  and (%(everywhere)s or r.unit_id is null or r.unit_id = any(%(units)s))"
            "  and n.state = 'sent' and n.asks = 'acceptance' and n.about is null)"
            " update notices_receipt r set accepted_at = %(at)s, accepted_by = %(by)s,"
            " received_at = case when r.person_id = any(%(readers)s)"
            "  then coalesce(r.received_at, %(at)s) else r.received_at end,"
            " read_at = case when r.person_id = any(%(readers)s)"
            "  then coalesce(r.read_at, %(at)s) else r.read_at end"
            " where r.notice_id = %(notice)s and r.ended_at is null and r.accepted_at is null"
            " and (r.id in (select id from mine)"
            "  or r.unit_id in (select unit_id from mine where unit_id is not null))"
            f" returning r.id, ({RECEIPT_AFTER})::text",
            {"realm": realm, "notice": notice_id, "readers": list(readers), "at": at, "by": by,
             "everywhere": units is None, "units": list(units or ())},
        )  # fmt: skip
        found = [(id, {"after": orjson.loads(after)}) for id, after in cursor.fetchall()]
        if not found:
            raise NothingToAccept()
        leave(realm, "receipt", "accept", found, actor=person(by), at=at)
    return [id for id, _ in found]


def accepted_elsewhere(
    realm: Realm, taken: Iterable[tuple[UUID, UUID, UUID]], *, at: datetime
) -> int:
    """Note that units took on what notices told them: (about, unit, person) each.

    Whoever took it on has read the notice as well; the acceptance has its leaf where it was made.
    """
    rows = list(dict.fromkeys(taken))
    if not rows:
        return 0
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            "update notices_receipt r set accepted_at = %s, accepted_by = v.person,"
            " received_at = coalesce(r.received_at, %s), read_at = coalesce(r.read_at, %s)"
            " from unnest(%s::uuid[], %s::uuid[], %s::uuid[]) as v(about, unit, person),"
            " notices_notice n where n.about = v.about and n.realm = %s and r.notice_id = n.id"
            " and n.asks = 'acceptance' and r.unit_id = v.unit and r.accepted_at is null"
            " and r.ended_at is null",
            [at, at, at, *(list(column) for column in zip(*rows, strict=True)), realm],
        )
        return int(cursor.rowcount)


def settled(realm: Realm, about: UUID, *, by: UUID, at: datetime) -> int:
    """Note that what notices asked for is done, by one person for every unit that was told.

    Unlike ``accepted_elsewhere``, whose units each take on their own share: here nobody waits any
    more, whichever unit a notice was handed on to.
    """
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            "update notices_receipt r set accepted_at = %(at)s, accepted_by = %(by)s,"
            " received_at = coalesce(r.received_at, %(at)s), read_at = coalesce(r.read_at, %(at)s)"
            " from notices_notice n where n.about = %(about)s and n.realm = %(realm)s"
            " and r.notice_id = n.id and n.asks = 'acceptance' and r.accepted_at is null"
            " and r.ended_at is null",
            {"at": at, "by": by, "about": about, "realm": realm},
        )
        return int(cursor.rowcount)


def remind(
    realm: Realm,
    notice_id: UUID,
    *,
    at: datetime,
    by: UUID | None,
    receipts: Collection[UUID] | None = None,
) -> int:
    """Remind (催办) those who have not accepted, or not read what only informs; return how many.

    Whoever was reminded within the last ten minutes is left in peace. ``by`` None is the clock.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select kind, urgent, asks, state from notices_notice"
            " where id = %s and realm = %s for update",
            [notice_id, realm],
        )
        row = cursor.fetchone()
        if row is None:
            raise NotFound(what=str(notice_id))
        kind, urgent, asks, state = row
        waits = "accepted_at is null" if asks == "acceptance" else "read_at is null"
        cursor.execute(
            "update notices_receipt set reminded_at = %s, reminded_times = reminded_times + 1"  # noqa: S608
            f" where notice_id = %s and %s = 'sent' and ended_at is null and {waits}"
            " and (reminded_at is null or reminded_at <= %s)"
            " and (%s::uuid[] is null or id = any(%s)) returning id, person_id",
            [at, notice_id, state, at - REMINDER_PAUSE, *[_ids(receipts)] * 2],
        )
        found = cursor.fetchall()
        if not found:
            if by is None:
                return 0
            raise NobodyWaits()
        body = {"count": len(found), "readers": readers_digest((p, None) for _, p in found)}
        leave(realm, "notice", "remind", [(notice_id, body)], actor=person(by), at=at)
        if realm == LIVE:
            queue(
                notice_id, found, kind=kind, urgent=urgent, at=at, not_before=at,
                occasion="reminded",
            )  # fmt: skip
    return len(found)


def _ids(receipts: Collection[UUID] | None) -> list[UUID] | None:
    return None if receipts is None else list(receipts)


def withdraw(realm: Realm, notice_id: UUID, *, by: UUID, at: datetime) -> None:
    """Take a notice back before it has left the platform; whoever has read it sees it crossed out.

    Refused once it may have gone out, since what people got on their phones stays there.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select state, releases_at from notices_notice where id = %s and realm = %s for update",
            [notice_id, realm],
        )
        row = cursor.fetchone()
        if row is None:
            raise NotFound(what=str(notice_id))
        state, releases_at = row
        if state == "withdrawn":
            return
        if at >= releases_at:
            raise TooLateToWithdraw()
        cursor.execute(
            "update notices_notice n set state = 'withdrawn', withdrawn_at = %s, remind_at = null"  # noqa: S608
            f" where id = %s returning ({NOTICE_AFTER})::text",
            [at, notice_id],
        )
        body = {"after": orjson.loads(cursor.fetchone()[0])}
        cursor.execute(
            "update notices_receipt set ended_at = %s where notice_id = %s and ended_at is null",
            [at, notice_id],
        )
        cursor.execute(
            "update notices_delivery set state = 'withdrawn', ended_at = %s"
            " where notice_id = %s and state = 'queued'",
            [at, notice_id],
        )
        leave(realm, "notice", "withdraw", [(notice_id, body)], actor=person(by), at=at)
