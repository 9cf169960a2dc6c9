"""The read side of the brain: alerts, and how the levels went over time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from guantong.access.api import Rows
from guantong.base.realm import Realm


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """An alert as a reader sees it."""

    id: UUID
    signal: str
    package: str
    matter: str
    division_code: str
    level: str
    highest_level: str
    state: str
    opened_at: datetime
    changed_at: datetime
    case_id: UUID | None
    facts: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalView:
    """What a signal said of a matter at one time, with the rules that hit."""

    matter: str
    division_code: str
    level: str
    at: datetime
    facts: dict[str, object]
    hits: list[list[str]]
    rule_version: str = ""


def alerts(
    realm: Realm, *, rows: Rows, signal: str | None = None, most: int = 500
) -> list[AlertView]:
    """Alerts of a realm a reader may see, the last changed first."""
    where, values = rows.sql("division_code")
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, signal, package, matter, division_code, level, highest_level, state,"  # noqa: S608
            " opened_at, changed_at, case_id, facts::text from brain_alert"
            f" where realm = %s and (%s::text is null or signal = %s) and {where}"
            " order by changed_at desc, division_code limit %s",
            [realm, signal, signal, *values, most],
        )
        return [_alert(row) for row in cursor.fetchall()]


def alert_of_case(realm: Realm, case_id: UUID) -> AlertView | None:
    """Return the alert that a case was opened for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, signal, package, matter, division_code, level, highest_level, state,"
            " opened_at, changed_at, case_id, facts::text from brain_alert"
            " where realm = %s and (case_id = %s or matter ="
            "   (select matter from brain_alert where case_id = %s)) limit 1",
            [realm, case_id, case_id],
        )
        row = cursor.fetchone()
    return None if row is None else _alert(row)


def signals_of_matter(realm: Realm, signal: str, matter: str) -> list[SignalView]:
    """What was said of one matter, in the order of time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select matter, division_code, level, at, facts::text, hits::text, rule_version"
            " from brain_signal"
            " where realm = %s and signal = %s and matter = %s order by at",
            [realm, signal, matter],
        )
        return [_signal(row) for row in cursor.fetchall()]


def levels_over_time(realm: Realm, signal: str, *, rows: Rows) -> list[SignalView]:
    """Every signal with a level, in the order of time: the levels of the map at each instant."""
    where, values = rows.sql("division_code")
    with connection.cursor() as cursor:
        cursor.execute(
            "select matter, division_code, level, at, '{}', '[]', '' from brain_signal"  # noqa: S608
            f" where realm = %s and signal = %s and level <> 'none' and {where}"
            " order by at, division_code",
            [realm, signal, *values],
        )
        return [_signal(row) for row in cursor.fetchall()]


def unended(realm: Realm) -> int:
    """Return how many alerts of a realm are still open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from brain_alert where realm = %s and state = 'open'", [realm]
        )
        return int(cursor.fetchone()[0])


def signal_count(realm: Realm) -> int:
    """Return how many signals a realm has heard."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from brain_signal where realm = %s", [realm])
        return int(cursor.fetchone()[0])


def _alert(row: tuple[Any, ...]) -> AlertView:
    names = (
        "id", "signal", "package", "matter", "division_code", "level", "highest_level", "state",
        "opened_at", "changed_at", "case_id",
    )  # fmt: skip
    facts = orjson.loads(str(row[-1]))
    return AlertView(**dict(zip(names, row[:-1], strict=True)), facts=facts)


def _signal(row: tuple[Any, ...]) -> SignalView:
    matter, division, level, at, facts, hits, version = row
    return SignalView(
        matter=matter, division_code=division, level=level, at=at,
        facts=orjson.loads(str(facts)), hits=orjson.loads(str(hits)),
        rule_version=str(version),
    )  # fmt: skip
