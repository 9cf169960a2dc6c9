"""The read side: a reader's notices, what a unit has sent, who has read it, what went out.

Plain SQL, a constant number of queries for a page whatever its length.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from guantong.base.paging import Listing, Page
from guantong.base.realm import LIVE, Realm
from guantong.notices.channel import usable_channels

# Which of a reader's notices: not read yet, to be accepted, all.
CHIPS = ("unread", "accept", "all")
RECEIPT_CHIPS = ("all", "unread", "read", "waiting", "accepted")
DELIVERY_CHIPS = ("aside", "waiting", "sent", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """One notice as its readers and its sender see it."""

    id: UUID
    kind: str
    asks: str
    urgent: bool
    state: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    href: str
    about: UUID | None
    sender_id: UUID | None
    sender_unit_id: UUID | None
    sender_unit_zh: str
    sender_unit_en: str
    sent_at: datetime
    releases_at: datetime
    accept_by: datetime | None
    retired: bool

    def title(self, language: str) -> str:
        """Return the title in the reader's language."""
        return self.title_zh if language == "zh-CN" else self.title_en

    def text(self, language: str) -> str:
        """Return the text in the reader's language."""
        return self.text_zh if language == "zh-CN" else self.text_en

    def sender(self, language: str) -> str:
        """Return the unit it comes from, under its name of that day."""
        return self.sender_unit_zh if language == "zh-CN" else self.sender_unit_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A notice in somebody's list, with that reader's receipt."""

    notice: NoticeView
    person_id: UUID
    items: int
    received_at: datetime | None
    read_at: datetime | None
    accepted_at: datetime | None
    reminded_times: int

    def waits(self) -> bool:
        """Say whether the reader must still accept it here."""
        notice = self.notice
        return (
            notice.asks == "acceptance"
            and notice.about is None
            and notice.state == "sent"
            and self.accepted_at is None
        )

    def late(self, now: datetime) -> bool:
        """Say whether it should have been accepted before ``now``."""
        by = self.notice.accept_by
        return by is not None and by < now and self.accepted_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A notice that a unit has sent, and how far it has come."""

    notice: NoticeView
    readers: int
    received: int
    read: int
    accepted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptView:
    """One reader of a notice (签收链)."""

    id: UUID
    person_id: UUID
    unit_id: UUID | None
    unit_zh: str
    unit_en: str
    sent_at: datetime
    received_at: datetime | None
    read_at: datetime | None
    accepted_at: datetime | None
    accepted_by: UUID | None
    reminded_at: datetime | None
    reminded_times: int
    supervised_at: datetime | None
    ended_at: datetime | None
    # States of what went out to this reader, by channel: ``mail:sent sms:unknown``.
    out: str

    def unit(self, language: str) -> str:
        """Return the unit it was read for, under its name of that day."""
        return self.unit_zh if language == "zh-CN" else self.unit_en


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One message on its way out, without its address."""

    id: UUID
    notice_id: UUID
    title_zh: str
    title_en: str
    person_id: UUID
    channel: str
    occasion: str
    urgent: bool
    bundled: bool
    state: str
    key: UUID | None
    queued_at: datetime
    due_at: datetime
    attempts: int
    said: str
    ended_at: datetime | None

    def title(self, language: str) -> str:
        """Return the title of its notice."""
        return self.title_zh if language == "zh-CN" else self.title_en


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView:
    """A channel as the file declares it, and how it has done lately."""

    name: str
    type: str
    waiting: int
    aside: int
    failures: int
    rests_until: datetime | None
    oldest_at: datetime | None


_NOTICE = (
    "n.id, n.kind, n.asks, n.urgent, n.state, n.title_zh, n.title_en, n.text_zh, n.text_en,"
    " n.href, n.about, n.sender_id, n.sender_unit_id, n.sender_unit_zh, n.sender_unit_en,"
    " n.sent_at, n.releases_at, n.accept_by, n.retired_at is not null"
)
_NOTICE_FIELDS = tuple(NoticeView.__dataclass_fields__)


def _notice(row: tuple[Any, ...]) -> NoticeView:
    return NoticeView(**dict(zip(_NOTICE_FIELDS, row[: len(_NOTICE_FIELDS)], strict=True)))


def unread(realm: Realm, readers: Collection[UUID]) -> int:
    """Return how many notices somebody has not read yet: the number beside the menu."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(distinct notice_id) from notices_receipt where realm = %s"
            " and person_id = any(%s) and read_at is null and ended_at is null",
            [realm, list(readers)],
        )
        return int(cursor.fetchone()[0])


# What was taken back is still shown, crossed out, to whoever had read it.
_SHOWN = "(r.ended_at is null or (n.state = 'withdrawn' and r.read_at is not null))"
_WAITS = (
    "n.asks = 'acceptance' and n.about is null and n.state = 'sent' and r.accepted_at is null"
    " and r.ended_at is null"
)
_CHIP_SQL = {
    "unread": "r.read_at is null and r.ended_at is null", "accept": _WAITS, "all": "true"
}  # fmt: skip


# Receipts for these units, or for none; the first value says that all are meant.
OF_UNITS = "(%s or r.unit_id is null or r.unit_id = any(%s))"


def of_units_values(units: Collection[UUID] | None) -> tuple[bool, list[UUID]]:
    """Return the values of ``OF_UNITS``."""
    return units is None, list(units or ())


def inbox(
    realm: Realm,
    readers: Collection[UUID],
    *,
    chip: str = "unread",
    text: str = "",
    after: str | None = None,
    before: str | None = None,
    most: int = 25,
    units: Collection[UUID] | None = None,
) -> tuple[Page[Entry], Mapping[str, int]]:
    """Return one page of somebody's notices, the newest first, and how many each chip has.

    With ``units`` only what is read for one of these, or for no unit.
    """
    where = f"r.realm = %s and r.person_id = any(%s) and {_SHOWN} and {OF_UNITS}"
    values: list[Any] = [realm, list(readers), *of_units_values(units)]
    if text:
        where += (
            " and (strpos(lower(n.title_zh), lower(%s)) > 0"
            " or strpos(lower(n.title_en), lower(%s)) > 0"
            " or strpos(lower(n.text_zh), lower(%s)) > 0"
            " or strpos(lower(n.sender_unit_zh), lower(%s)) > 0)"
        )
        values += [text] * 4
    tables = "notices_receipt r join notices_notice n on n.id = r.notice_id"
    counted = ", ".join(f"count(*) filter (where {_CHIP_SQL[name]})" for name in CHIPS)
    with connection.cursor() as cursor:
        cursor.execute(f"select {counted} from {tables} where {where}", values)  # noqa: S608
        counts = dict(zip(CHIPS, cursor.fetchone(), strict=True))
    listing = Listing(
        columns=f"{_NOTICE}, r.person_id, r.items, r.received_at, r.read_at, r.accepted_at,"
        " r.reminded_times",
        tables=tables, where=f"{where} and {_CHIP_SQL[chip]}", values=values,
        instant="r.sent_at", id="r.id", view=_entry, newest_first=True,
    )  # fmt: skip
    return listing.page(after=after, before=before, most=most, total=counts[chip]), counts


def _entry(row: tuple[Any, ...]) -> Entry:
    person_id, items, received_at, read_at, accepted_at, times = row[len(_NOTICE_FIELDS) :]
    return Entry(
        notice=_notice(row), person_id=person_id, items=items, received_at=received_at,
        read_at=read_at, accepted_at=accepted_at, reminded_times=times,
    )  # fmt: skip


def notice(realm: Realm, id: UUID) -> NoticeView | None:
    """Return one notice of a realm."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_NOTICE} from notices_notice n where n.realm = %s and n.id = %s",  # noqa: S608
            [realm, id],
        )
        row = cursor.fetchone()
    return None if row is None else _notice(row)


def entries_of(
    realm: Realm, id: UUID, readers: Collection[UUID], units: Collection[UUID] | None = None
) -> list[Entry]:
    """Return the receipts that somebody has of one notice; none for whom it is not.

    With ``units`` only those for one of these, or for no unit.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_NOTICE}, r.person_id, r.items, r.received_at, r.read_at, r.accepted_at,"  # noqa: S608
            " r.reminded_times from notices_receipt r join notices_notice n on n.id = r.notice_id"
            f" where r.realm = %s and r.notice_id = %s and r.person_id = any(%s) and {_SHOWN}"
            f" and {OF_UNITS} order by r.id",
            [realm, id, list(readers), *of_units_values(units)],
        )
        return [_entry(row) for row in cursor.fetchall()]


def readers_above(realm: Realm, id: UUID, readers: Collection[UUID]) -> bool:
    """Say whether somebody was told, as a superior, that a notice is late."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from notices_receipt r join notices_notice n"
            " on n.id = r.notice_id where n.realm = %s and n.origin like %s"
            " and r.person_id = any(%s))",
            [realm, f"supervise:{id}:%", list(readers)],
        )
        return bool(cursor.fetchone()[0])


def sent(
    realm: Realm,
    unit_ids: Collection[UUID],
    *,
    text: str = "",
    after: str | None = None,
    before: str | None = None,
    most: int = 25,
) -> Page[Sent]:
    """Return one page of what units have sent by hand, the newest first."""
    where = "n.realm = %s and n.sender_unit_id = any(%s)"
    values: list[Any] = [realm, list(unit_ids)]
    if text:
        where += " and (strpos(lower(n.title_zh), lower(%s)) > 0"
        where += " or strpos(lower(n.text_zh), lower(%s)) > 0)"
        values += [text, text]
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from notices_notice n where {where}", values)  # noqa: S608
        total = int(cursor.fetchone()[0])
    listing = Listing(
        columns=f"{_NOTICE}, c.readers, c.received, c.read, c.accepted",
        tables="notices_notice n cross join lateral (select count(*) as readers,"
        " count(r.received_at) as received, count(r.read_at) as read,"
        " count(r.accepted_at) as accepted from notices_receipt r where r.notice_id = n.id"
        " and (r.ended_at is null or n.state = 'withdrawn')) c",
        where=where, values=values, instant="n.sent_at", id="n.id", view=_sent, newest_first=True,
    )  # fmt: skip
    return listing.page(after=after, before=before, most=most, total=total)


def _sent(row: tuple[Any, ...]) -> Sent:
    readers, received, read, accepted = row[len(_NOTICE_FIELDS) :]
    return Sent(
        notice=_notice(row), readers=readers, received=received, read=read, accepted=accepted
    )


_RECEIPT_SQL = {
    "all": "true",
    "unread": "r.read_at is null and r.ended_at is null",
    "read": "r.read_at is not null",
    "waiting": "r.accepted_at is null and r.ended_at is null",
    "accepted": "r.accepted_at is not null",
}


def receipts(
    realm: Realm,
    notice_id: UUID,
    *,
    chip: str = "all",
    text: str = "",
    after: str | None = None,
    before: str | None = None,
    most: int = 50,
) -> tuple[Page[ReceiptView], Mapping[str, int]]:
    """Return one page of a notice's receipts, and how many each chip has."""
    where, values = "r.realm = %s and r.notice_id = %s", list[Any]((realm, notice_id))
    if text:
        where += " and (strpos(r.unit_zh, %s) > 0 or strpos(lower(r.unit_en), lower(%s)) > 0)"
        values += [text, text]
    counted = ", ".join(f"count(*) filter (where {_RECEIPT_SQL[name]})" for name in RECEIPT_CHIPS)
    with connection.cursor() as cursor:
        cursor.execute(f"select {counted} from notices_receipt r where {where}", values)  # noqa: S608
        counts = dict(zip(RECEIPT_CHIPS, cursor.fetchone(), strict=True))
    listing = Listing(
        columns="r.id, r.person_id, r.unit_id, r.unit_zh, r.unit_en, r.sent_at, r.received_at,"
        " r.read_at, r.accepted_at, r.accepted_by, r.reminded_at, r.reminded_times,"
        " r.supervised_at, r.ended_at, (select coalesce(string_agg(distinct"
        " d.channel || ':' || d.state, ' ' order by d.channel || ':' || d.state), '')"
        " from notices_delivery d where d.receipt_id = r.id)",
        tables="notices_receipt r", where=f"{where} and {_RECEIPT_SQL[chip]}", values=values,
        instant="r.sent_at", id="r.id", view=_receipt,
    )  # fmt: skip
    return listing.page(after=after, before=before, most=most, total=counts[chip]), counts


def _receipt(row: tuple[Any, ...]) -> ReceiptView:
    return ReceiptView(**dict(zip(ReceiptView.__dataclass_fields__, row, strict=True)))


_DELIVERY_SQL = {
    "aside": "d.state in ('failed', 'unknown')",
    "waiting": "d.state in ('queued', 'sending')",
    "sent": "d.state = 'sent'",
    "other": "d.state in ('withdrawn', 'spared')",
}
_DELIVERY = (
    "d.id, d.notice_id, n.title_zh, n.title_en, d.person_id, d.channel, d.occasion, d.urgent,"
    " d.bundled, d.state, d.key, d.queued_at, d.due_at, d.attempts, d.said, d.ended_at"
)
_DELIVERY_TABLES = "notices_delivery d join notices_notice n on n.id = d.notice_id"


def deliveries(
    *,
    chip: str = "aside",
    channel: str = "",
    after: str | None = None,
    before: str | None = None,
    most: int = 50,
) -> tuple[Page[DeliveryView], Mapping[str, int]]:
    """Return one page of what goes out, the newest first, and how many each chip has."""
    where, values = "(%s = '' or d.channel = %s)", list[Any]((channel, channel))
    counted = ", ".join(f"count(*) filter (where {_DELIVERY_SQL[name]})" for name in DELIVERY_CHIPS)
    with connection.cursor() as cursor:
        cursor.execute(f"select {counted} from notices_delivery d where {where}", values)  # noqa: S608
        counts = dict(zip(DELIVERY_CHIPS, cursor.fetchone(), strict=True))
    listing = Listing(
        columns=_DELIVERY, tables=_DELIVERY_TABLES, where=f"{where} and {_DELIVERY_SQL[chip]}",
        values=values, instant="d.queued_at", id="d.id", view=_delivery, newest_first=True,
    )  # fmt: skip
    return listing.page(after=after, before=before, most=most, total=counts[chip]), counts


def _delivery(row: tuple[Any, ...]) -> DeliveryView:
    return DeliveryView(**dict(zip(DeliveryView.__dataclass_fields__, row, strict=True)))


def delivery(id: UUID) -> DeliveryView | None:
    """Return one delivery."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_DELIVERY} from {_DELIVERY_TABLES} where d.id = %s",  # noqa: S608
            [id],
        )
        row = cursor.fetchone()
    return None if row is None else _delivery(row)


def aside_of(realm: Realm, notice_id: UUID) -> list[DeliveryView]:
    """Return what of a notice was given up, or may or may not have arrived: for its sender."""
    if realm != LIVE:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_DELIVERY} from {_DELIVERY_TABLES} where d.notice_id = %s"  # noqa: S608
            f" and {_DELIVERY_SQL['aside']} order by d.queued_at, d.id limit 200",
            [notice_id],
        )
        return [_delivery(row) for row in cursor.fetchall()]


def channel_states() -> list[ChannelView]:
    """Return each channel of the file, with what waits for it and how it has done lately."""
    known = usable_channels().settings
    with connection.cursor() as cursor:
        cursor.execute(
            "select v.name, coalesce(c.failures, 0), c.rests_until,"
            " (select count(*) from notices_delivery d where d.channel = v.name"
            "  and d.state in ('queued', 'sending')),"
            " (select count(*) from notices_delivery d where d.channel = v.name"
            "  and d.state in ('failed', 'unknown')),"
            " (select min(d.due_at) from notices_delivery d where d.channel = v.name"
            "  and d.state = 'queued')"
            " from unnest(%s::text[]) as v(name) left join notices_channel c on c.name = v.name"
            " order by v.name",
            [list(known)],
        )
        return [
            ChannelView(name=name, type=known[name].type, waiting=waiting, aside=aside,
                        failures=failures, rests_until=rests, oldest_at=oldest)
            for name, failures, rests, waiting, aside, oldest in cursor.fetchall()
        ]  # fmt: skip


def anything_due(now: datetime, names: Collection[str]) -> bool:
    """Say whether a sender would find work: asked each second, so it looks at indexes only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from notices_delivery where state = 'sending')"
            " or exists (select from notices_delivery where state = 'queued'"
            "  and channel = any(%s) and due_at <= %s)",
            [list(names), now],
        )
        return bool(cursor.fetchone()[0])


def readings(now: datetime) -> dict[str, float]:
    """Return what the person on call watches: what waits, since when, and what was laid aside."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) filter (where state = 'sending' or due_at <= %s),"
            " count(*) filter (where state in ('failed', 'unknown')),"
            " coalesce(extract(epoch from %s - min(due_at) filter (where state = 'queued'"
            "  and due_at <= %s)), 0) from notices_delivery"
            " where state in ('queued', 'sending', 'failed', 'unknown')",
            [now, now, now],
        )
        due, aside, oldest = cursor.fetchone()
    return {
        "notices_due": float(due),
        "notices_laid_aside": float(aside),
        "notices_oldest_seconds": float(oldest),
    }
