"""Tasks as the actors of an exercise (演练) see them: what each is, who holds it, who looks at it.

``guantong.packages`` plays the actors; the rows are read here, because these tables are nobody
else's.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from guantong.base.realm import Realm
from guantong.orgs.api import prefix


@dataclass(frozen=True, slots=True)
class Duty:
    """What whoever acts on a task needs to know of it."""

    id: UUID
    key: str
    package: str
    item: str
    case_id: UUID
    unit_id: UUID
    verifier_id: UUID | None
    doer_id: UUID | None
    finder_id: UUID | None
    sent_back_times: int
    state: str
    # Who opened the case by hand, where that bars them from this task.
    opener_id: UUID | None = None


_DUTY = (
    "select id, key, package, item, case_id, unit_id, verifier_id, doer_id, finder_id,"
    " sent_back_times, state, opener_id from flows_task"
)


def duties(realm: Realm, ids: Iterable[str | UUID]) -> list[Duty]:
    """Return tasks of a realm in the order of their keys; ids of other realms are passed over."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_DUTY} where realm = %s and id = any(%s::uuid[]) order by key",
            [realm, list(ids)],
        )
        return [Duty(*row) for row in cursor.fetchall()]


def duties_at(realm: Realm, item: str, place: str) -> list[Duty]:
    """Return the tasks of one step or item in a division: its own first, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_DUTY} where realm = %s and item = %s and division_code like %s"
            " order by division_code = %s desc, sent_at desc, key",
            [realm, item, f"{prefix(place)}%", place],
        )
        return [Duty(*row) for row in cursor.fetchall()]


def duties_in(realm: Realm, states: Collection[str]) -> list[Duty]:
    """Return the tasks of a realm that are in one of these states, in the order of their keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_DUTY} where realm = %s and state = any(%s) order by key", [realm, list(states)]
        )
        return [Duty(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Tasks of one case that one unit holds: what people are told of them together."""

    case_id: UUID
    case_number: str
    package: str
    process: str
    matter: str
    division_code: str
    level: str
    unit_id: UUID
    unit_zh: str
    unit_en: str
    # The unit that gives them out anew, and watches them when they are late.
    heir_id: UUID
    tasks: int
    titles: tuple[str, ...]
    # Who has taken on one of them already.
    taken_by: UUID | None


def batches(realm: Realm, ids: Iterable[str | UUID]) -> list[Batch]:
    """Return tasks of a realm by case, unit and the unit above it; one query for any number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.id, c.number, c.package, c.process, c.matter, c.division_code, c.level,"
            " t.unit_id, min(t.unit_name), min(t.unit_name_en),"
            " coalesce(t.superior_id, t.coordinating_id, t.unit_id), count(*),"
            " array_agg(distinct t.title), (array_agg(t.doer_id order by t.accepted_at)"
            "  filter (where t.accepted_at is not null and t.doer_id is not null))[1]"
            " from flows_task t join flows_case c on c.id = t.case_id"
            " where t.realm = %s and t.id = any(%s::uuid[])"
            " group by c.id, t.unit_id, coalesce(t.superior_id, t.coordinating_id, t.unit_id)"
            " order by c.number, min(t.key)",
            [realm, list(ids)],
        )
        return [
            Batch(
                case_id=row[0], case_number=row[1], package=row[2], process=row[3], matter=row[4],
                division_code=row[5], level=row[6], unit_id=row[7], unit_zh=row[8], unit_en=row[9],
                heir_id=row[10], tasks=row[11], titles=tuple(row[12]), taken_by=row[13],
            )
            for row in cursor.fetchall()
        ]  # fmt: skip


def variables(realm: Realm, case_id: UUID) -> dict[str, Any]:
    """Return the variables of a case's process."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select data::text from flows_case where realm = %s and id = %s", [realm, case_id]
        )
        found: dict[str, Any] = orjson.loads(cursor.fetchone()[0])
        return found


def recount() -> None:
    """Let the store count the rows of cases and tasks anew, after many have come at once."""
    with connection.cursor() as cursor:
        cursor.execute("analyze flows_task, flows_case")
