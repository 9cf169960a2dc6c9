"""Nothing waits for somebody who is gone (promise P1): leavers, and units that were merged.

What a leaver had not accepted goes to whoever is on duty in the unit now; what only informed him
ends. What had not left the platform for him does not leave it any more.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from guantong.base.clock import local_day
from guantong.base.ids import new_id
from guantong.base.realm import LIVE
from guantong.notices.due import superior_of
from guantong.notices.queueing import queue
from guantong.notices.recipients import people_on_duty
from guantong.notices.trail import NOTICE_AFTER, leave
from guantong.orgs import api as orgs
from guantong.orgs.api import UnitRef

_OPEN = "r.ended_at is null and r.realm = %s and n.state = 'sent'"


def person_left(person_id: UUID, *, at: datetime) -> int:
    """Hand on what a leaver still had to accept in the live realm; return how many notices."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select r.id, r.notice_id, r.unit_id, n.asks, r.accepted_at is not null, n.kind,"  # noqa: S608
            " n.urgent, r.items from notices_receipt r join notices_notice n on n.id = r.notice_id"
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
        return _hand_on(cursor, waiting, units, at)


def unit_merged(unit_id: UUID, into_id: UUID, *, at: datetime) -> int:
    """Hand on what a merged unit still had to accept to the unit that took over."""
    into = orgs.units_by_id([into_id]).get(into_id)
    if into is None:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select r.id, r.notice_id, r.unit_id, n.asks, false, n.kind, n.urgent, r.items"  # noqa: S608
            " from notices_receipt r join notices_notice n on n.id = r.notice_id"
            f" where {_OPEN} and r.unit_id = %s and n.asks = 'acceptance'"
            " and r.accepted_at is null for update of r",
            [LIVE, unit_id],
        )
        rows = cursor.fetchall()
        _end(cursor, [row[0] for row in rows], at)
        return _hand_on(cursor, rows, {unit_id: into}, at)


def _end(cursor: Any, receipts: Iterable[UUID], at: datetime) -> None:
    cursor.execute(
        "update notices_receipt set ended_at = %s where id = any(%s)", [at, list(receipts)]
    )


def _hand_on(
    cursor: Any, rows: list[tuple[Any, ...]], units: Mapping[UUID, UnitRef], at: datetime
) -> int:
    # The leaf holds a digest of all readers: whoever else hands on the same notice waits here, so
    # that the one behind forms it with the reader of the one before.
    cursor.execute(
        "select id from notices_notice where id = any(%s) order by id for update",
        [[row[1] for row in rows]],
    )
    on = local_day(at)
    heirs = {id: _heir(unit, on, at) for id, unit in units.items()}
    changed: list[UUID] = []
    for _, notice_id, unit_id, _, _, kind, urgent, items in rows:
        heir = heirs.get(unit_id)
        if heir is None:
            continue
        unit, person_id = heir
        receipt = new_id()
        cursor.execute(
            "insert into notices_receipt (id, realm, notice_id, person_id, unit_id, unit_zh,"
            " unit_en, items, sent_at, reminded_times) values (%s, %s, %s, %s, %s, %s, %s, %s,"
            " %s, 0) on conflict do nothing",
            [receipt, LIVE, notice_id, person_id, unit.id, unit.name_zh, unit.name_en, items, at],
        )
        if cursor.rowcount:
            changed.append(notice_id)
            queue(notice_id, [(receipt, person_id)], kind=kind, urgent=urgent, at=at, not_before=at)
    if changed:
        cursor.execute(
            f"select n.id, ({NOTICE_AFTER})::text from notices_notice n where n.id = any(%s)",  # noqa: S608
            [changed],
        )
        found = [(id, {"after": orjson.loads(after)}) for id, after in cursor.fetchall()]
        leave(LIVE, "notice", "hand_on", found, actor="system", at=at)
    return len(changed)


def _heir(unit: UnitRef, on: Any, at: datetime) -> tuple[UnitRef, UUID] | None:
    """Return who is on duty in a unit, or in the nearest unit above it that has anybody."""
    seen: UnitRef | None = unit
    while seen is not None:
        people = people_on_duty([seen.id], on=on, at=at).get(seen.id, ())
        if people:
            return seen, people[0]
        seen = superior_of(seen, on=on)
    return None
