"""Tasks as the actors of an exercise (演练) see them: what each is, who holds it, who looks at it.

``guantong.packages`` plays the actors; the rows are read here, because these tables are nobody
else's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from guantong.base.realm import Realm


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


def duties(realm: Realm, ids: Iterable[str | UUID]) -> list[Duty]:
    """Return tasks of a realm in the order of their keys; ids of other realms are passed over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, key, package, item, case_id, unit_id, verifier_id, doer_id, finder_id,"
            " sent_back_times, state from flows_task where realm = %s and id = any(%s::uuid[])"
            " order by key",
            [realm, list(ids)],
        )
        return [Duty(*row) for row in cursor.fetchall()]


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
