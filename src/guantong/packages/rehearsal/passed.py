"""The ways that cases of a rehearsal take, counted in the transaction that moves the case.

Only rehearsals are counted: nobody asks where the cases of a province have been, way by way. In
an exercise with people, other processes move cases, too; they know it by what it is to judge.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from guantong.base.realm import Realm, is_exercise

# Whether the ways of an exercise are counted, as this process has found out.
_watched: dict[Realm, bool] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A sequence flow that one case has taken, and how often."""

    case_id: UUID
    process: str
    way: str
    times: int


def watch(realm: Realm) -> None:
    """Count the ways of a realm's cases from now on, whatever it is to judge."""
    _watched[realm] = True


def ways(realm: Realm) -> list[Way]:
    """Return every way the cases of a rehearsal have taken so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select case_id, process, way, times from packages_passed where realm = %s"
            " order by seq",
            [realm],
        )
        return [
            Way(case_id=case_id, process=process, way=way, times=times)
            for case_id, process, way, times in cursor.fetchall()
        ]


def count(realm: Realm, case_id: UUID, process: str, taken: Sequence[str]) -> None:
    """Count the ways a case has just taken, in the running transaction; others are passed over."""
    if not taken or not is_exercise(realm) or not _is_watched(realm):
        return
    counted = Counter(taken)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into packages_passed (realm, case_id, process, way, times)"
            " select %s, %s, %s, * from unnest(%s::text[], %s::int[])"
            " on conflict (realm, case_id, way) do update"
            " set times = packages_passed.times + excluded.times",
            [realm, case_id, process, list(counted), list(counted.values())],
        )


def _is_watched(realm: Realm) -> bool:
    if realm not in _watched:
        with connection.cursor() as cursor:
            cursor.execute("select exists (select from packages_deed where realm = %s)", [realm])
            _watched[realm] = bool(cursor.fetchone()[0])
    return _watched[realm]
