"""What the clock brings: reminders before a limit, supervision after it, retention (promise P1).

A notice waits for its readers; when three quarters of the time are gone they are reminded, and one
second after the limit the units that have not accepted are told to their superiors, by line, and
where there is none to the unit that coordinates the area.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import InterfaceError, OperationalError, connection, transaction

from guantong.base.clock import hour_of_the_realm, organisation_day
from guantong.base.outbox import is_ours
from guantong.base.realm import Realm, is_exercise
from guantong.base.words import say
from guantong.notices.recipients import Recipient, of_units
from guantong.notices.service import Words, remind, send
from guantong.notices.trail import NOTICE_AFTER, leave
from guantong.orgs import api as orgs
from guantong.orgs.api import AREA, TIERS, UnitRef

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=1)
# What went out is of use to the person on call for half a year; the words of a notice are kept
# three years, as long as the log (GB/T 22239-2019 asks for six months at least).
DELIVERIES_KEPT = timedelta(days=180)
WORDS_KEPT = timedelta(days=3 * 365)
_AT_ONCE = 500
_MOST_NAMES = 5


def next_due(realm: Realm) -> datetime | None:
    """Return when the next notice of a realm is to be reminded of or supervised."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select least("
            " (select min(remind_at) from notices_notice where realm = %s),"
            " (select min(accept_by) + interval '1 second' from notices_notice where realm = %s"
            "  and supervised_at is null and state = 'sent'))",
            [realm, realm],
        )
        found: datetime | None = cursor.fetchone()[0]
        return found


def run_due(realm: Realm, at: datetime) -> int:
    """Remind and supervise what is due up to ``at``; return how many notices that were."""
    return _remind(realm, at) + _supervise(realm, at)


def _remind(realm: Realm, at: datetime) -> int:
    done, left = 0, set[UUID]()
    while True:
        row = None
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "select id from notices_notice where realm = %s and remind_at <= %s"
                    " and id <> all(%s) order by remind_at limit 1 for update skip locked",
                    [realm, at, list(left)],
                )
                row = cursor.fetchone()
                if row is None:
                    return done
                cursor.execute("update notices_notice set remind_at = null where id = %s", [row[0]])
                remind(realm, row[0], at=at, by=None)
        except Exception as fault:
            if row is None or not _stays_alone(realm, fault):
                raise
            left.add(row[0])
            log.error("notice %s could not be reminded of: %s", row[0], type(fault).__name__)
        else:
            done += 1


def _supervise(realm: Realm, at: datetime) -> int:
    done, left = 0, set[UUID]()
    while True:
        row = None
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "update notices_notice set supervised_at = %s, remind_at = null where id = ("
                    " select id from notices_notice where realm = %s and accept_by <= %s"
                    "  and supervised_at is null and state = 'sent' and id <> all(%s)"
                    "  order by accept_by limit 1 for update skip locked)"
                    " returning id, title_zh, title_en, urgent, sender_id, sender_unit_id",
                    [at, realm, at - GRACE, list(left)],
                )
                row = cursor.fetchone()
                if row is None:
                    return done
                _tell_superiors(cursor, realm, row, at)
        except Exception as fault:
            if row is None or not _stays_alone(realm, fault):
                raise
            left.add(row[0])
            log.error("notice %s could not be supervised: %s", row[0], type(fault).__name__)
        else:
            done += 1


def _stays_alone(realm: Realm, fault: Exception) -> bool:
    """Say whether a fault is of one notice and the others go on; in an exercise none is left out.

    The notice is found again in the next turn.
    """
    away = isinstance(fault, OperationalError | InterfaceError) and not is_ours(fault)
    return not away and not is_exercise(realm)


def _tell_superiors(cursor: Any, realm: Realm, row: tuple[Any, ...], at: datetime) -> None:
    """Tell those above the units that have not accepted, and whoever sent it."""
    id, title_zh, title_en, urgent, sender_id, sender_unit_id = row
    cursor.execute(
        "update notices_receipt set supervised_at = %s where notice_id = %s and ended_at is null"
        " and accepted_at is null returning unit_id",
        [at, id],
    )
    late = list(dict.fromkeys(unit for (unit,) in cursor.fetchall()))
    if not late:
        return
    on = organisation_day(realm, at)
    units = orgs.units_by_id(unit for unit in late if unit is not None)
    above: dict[UUID, list[UnitRef]] = {}
    superiors: dict[UUID, UnitRef] = {}
    for unit in units.values():
        superior = superior_of(unit, on=on)
        if superior is not None:
            superiors[superior.id] = superior
            above.setdefault(superior.id, []).append(unit)
    leave(realm, "notice", "supervise", [(id, {"count": len(late)})], actor="clock", at=at)
    for superior in superiors.values():
        readers, _ = of_units([superior], on=on, at=hour_of_the_realm(realm, at))
        if readers:
            _tell(realm, id, readers, above[superior.id], title_zh, title_en, urgent, at,
                  to=str(superior.id))  # fmt: skip
    if sender_id is not None and sender_unit_id not in superiors:
        reader = Recipient(person_id=sender_id, unit_id=sender_unit_id)
        _tell(realm, id, [reader], list(units.values()), title_zh, title_en, urgent, at,
              to="sender")  # fmt: skip


def _tell(
    realm: Realm,
    notice_id: UUID,
    readers: Iterable[Recipient],
    late: list[UnitRef],
    title_zh: str,
    title_en: str,
    urgent: bool,
    at: datetime,
    *,
    to: str,
) -> None:
    send(
        realm, to=readers, kind="overdue", urgent=urgent, at=at,
        href=f"/notices/{notice_id}/receipts",
        origin=f"supervise:{notice_id}:{to}",
        words=Words(
            title_zh=say("notices.late.title", "zh-CN", title=title_zh, count=len(late)),
            title_en=say("notices.late.title", "en", title=title_en, count=len(late)),
            text_zh=say("notices.late.text", "zh-CN", units=_names(late, "zh-CN")),
            text_en=say("notices.late.text", "en", units=_names(late, "en")),
        ),
    )  # fmt: skip


def _names(units: list[UnitRef], language: str) -> str:
    named = say("notices.and", language).join(u.name(language) for u in units[:_MOST_NAMES])
    more = len(units) - _MOST_NAMES
    return named if more <= 0 else say("notices.and_more", language, names=named, more=more)


def superior_of(unit: UnitRef, *, on: Any) -> UnitRef | None:
    """Return the unit above: the next in the line, else the government of the own division.

    Above the government of a division stands that of the division it lies in.
    """
    held = orgs.jurisdictions(on)
    above = TIERS[: TIERS.index(unit.tier)][::-1]
    if unit.line is not None:
        found = held.nearest_up(unit.line, unit.division_code, above, on=on)
        return found or held.area_unit(unit.division_code, on=on)
    return held.nearest_up(AREA, unit.division_code, above, on=on)


def tidy(realm: Realm, at: datetime) -> int:
    """Take away what is kept no longer: old deliveries, and the words of old notices."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "delete from notices_delivery where id in (select id from notices_delivery"
            " where realm = %s and queued_at < %s and state <> all(%s) limit %s)",
            [realm, at - DELIVERIES_KEPT, ["queued", "sending"], _AT_ONCE],
        )
        count = cursor.rowcount
        cursor.execute(
            "update notices_notice n set title_zh = '', title_en = '', text_zh = '', text_en = '',"  # noqa: S608
            " retired_at = %s where n.id in (select id from notices_notice where realm = %s"
            " and sent_at < %s and retired_at is null order by sent_at limit %s)"
            f" returning n.id, ({NOTICE_AFTER})::text",
            [at, realm, at - WORDS_KEPT, _AT_ONCE],
        )
        found = [(id, {"after": orjson.loads(after)}) for id, after in cursor.fetchall()]
        leave(realm, "notice", "retire", found, actor="clock", at=at)
    return int(count) + len(found)
