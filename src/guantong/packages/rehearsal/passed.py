"""The ways that cases of a rehearsal take, counted in the transaction that moves the case.

Only rehearsals are counted: nobody asks where the cases of a province have been, way by way.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from guantong.base.realm import Realm
from guantong.flows.api import bring_walk_watch

_watched: set[Realm] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A sequence flow that one case has taken, and how often."""

    case_id: UUID
    process: str
    way: str
    times: int


def watch(realm: Realm) -> None:
    """Count the ways of a realm's cases from now on, in this process."""
    bring_walk_watch(_count)
    _watched.add(realm)


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


def _count(realm: Realm, case_id: UUID, process: str, taken: Sequence[str]) -> None:
    if realm not in _watched or not taken:
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
