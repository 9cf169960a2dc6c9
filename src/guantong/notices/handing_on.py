"""Nothing waits for somebody who is gone (promise P1): leavers, and units that were merged.

What a leaver had not accepted goes to whoever is on duty in the unit now; what only informed him
ends. What had not left the platform for him does not leave it any more. Where not whoever is on
duty may take a notice on, whoever joins the packages says who may (``Heirs``).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from guantong.base.clock import local_day
from guantong.base.ids import new_id
from guantong.base.realm import LIVE
from guantong.notices.due import superior_of
from guantong.notices.queueing import queue
from guantong.notices.recipients import Recipient, people_on_duty
from guantong.notices.trail import NOTICE_AFTER, leave
from guantong.orgs import api as orgs
from guantong.orgs.api import UnitRef

# Who takes on what a notice is about, in a unit or above it; None: whoever is on duty there.
Heirs = Callable[[UUID, UnitRef, datetime], list[Recipient] | None]

_OPEN = "r.ended_at is null and r.realm = %s and n.state = 'sent'"


def _on_duty(_about: UUID, _unit: UnitRef, _at: datetime) -> None:
    return None


def person_left(person_id: UUID, *, at: datetime, heirs: Heirs = _on_duty) -> int:
    """Hand on what a leaver still had to accept in the live realm; return how many notices."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select r.id, r.notice_id, r.unit_id, n.asks, r.accepted_at is not null, n.kind,"  # noqa: S608
            " n.urgent, r.items, n.about from notices_receipt r"
            " join notices_notice n on n.id = r.notice_id"
            f" where {_OPEN} and r.person_id = %s for update of r",
            [LIVE, person_id],
        )
        rows = cursor.fetchall()
        units = orgs.units_by_id(row[2] for row in rows if row[2] is not None)
        _end(cursor, [row[0] for row in rows], at)
        cursor.execute(
            "update notices_delivery set state = 'withdrawn', ended_at = %s"
            " where person_id = %s and state = 'queued'",
            [at, person_id],
        )
        waiting = [row for row in rows if row[3] == "acceptance" and not row[4]]
        return _hand_on(cursor, waiting, units, at, heirs)


def unit_merged(unit_id: UUID, into_id: UUID, *, at: datetime, heirs: Heirs = _on_duty) -> int:
    """Hand on what a merged unit still had to accept to the unit that took over."""
    into = orgs.units_by_id([into_id]).get(into_id)
    if into is None:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select r.id, r.notice_id, r.unit_id, n.asks, false, n.kind, n.urgent, r.items,"  # noqa: S608
            " n.about from notices_receipt r join notices_notice n on n.id = r.notice_id"
            f" where {_OPEN} and r.unit_id = %s and n.asks = 'acceptance'"
            " and r.accepted_at is null for update of r",
            [LIVE, unit_id],
        )
        rows = cursor.fetchall()
        _end(cursor, [row[0] for row in rows], at)
        return _hand_on(cursor, rows, {unit_id: into}, at, heirs)


def _end(cursor: Any, receipts: Iterable[UUID], at: datetime) -> None:
    cursor.execute(
        "update notices_receipt set ended_at = %s where id = any(%s)", [at, list(receipts)]
    )


def _hand_on(
    cursor: Any,
    rows: list[tuple[Any, ...]],
    units: Mapping[UUID, UnitRef],
    at: datetime,
    heirs: Heirs,
) -> int:
    # The leaf holds a digest of all readers: whoever else hands on the same notice waits here, so
    # that the one behind forms it with the reader of the one before.
    cursor.execute(
        "select id from notices_notice where id = any(%s) order by id for update",
        [[row[1] for row in rows]],
    )
    on = local_day(at)
    changed: list[UUID] = []
    pairs = [
        (row, heir)
        for row in rows
        if row[2] in units
        for heir in _heirs(row[8], units[row[2]], on, at, heirs)
    ]
    for (_, notice_id, _, _, _, kind, urgent, items, _), heir in pairs:
        receipt = new_id()
        cursor.execute(
            "insert into notices_receipt (id, realm, notice_id, person_id, unit_id, unit_zh,"
            " unit_en, items, sent_at, reminded_times) values (%s, %s, %s, %s, %s, %s, %s, %s,"
            " %s, 0) on conflict do nothing",
            [
                receipt,
                LIVE,
                notice_id,
                heir.person_id,
                heir.unit_id,
                heir.unit_zh,
                heir.unit_en,
                items,
                at,
            ],
        )
        if cursor.rowcount:
            changed.append(notice_id)
            queue(
                notice_id, [(receipt, heir.person_id)], kind=kind, urgent=urgent, at=at,
                not_before=at,
            )  # fmt: skip
    if changed:
        cursor.execute(
            f"select n.id, ({NOTICE_AFTER})::text from notices_notice n where n.id = any(%s)",  # noqa: S608
            [changed],
        )
        found = [(id, {"after": orjson.loads(after)}) for id, after in cursor.fetchall()]
        leave(LIVE, "notice", "hand_on", found, actor="system", at=at)
    return len(changed)


def _heirs(
    about: UUID | None, unit: UnitRef, on: date, at: datetime, heirs: Heirs
) -> list[Recipient]:
    """Return who takes a notice on, else who is on duty in the unit or the nearest one above it."""
    found = None if about is None else heirs(about, unit, at)
    if found is not None:
        return found
    seen: UnitRef | None = unit
    while seen is not None:
        people = people_on_duty([seen.id], on=on, at=at).get(seen.id, ())
        if people:
            return [
                Recipient(
                    person_id=people[0], unit_id=seen.id, unit_zh=seen.name_zh, unit_en=seen.name_en
                )
            ]
        seen = superior_of(seen, on=on)
    return []
