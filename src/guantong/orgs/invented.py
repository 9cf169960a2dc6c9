"""Who has lately put whom into office: such people are not each other's second person.

Whoever administers a unit may enter somebody who does not exist, appoint them and be the second
person to their own request. For a while after an appointment neither the one who made it nor the
one who got it, nor another one whom the same person appointed to the same unit, counts as somebody
else: an import of a county's book must not bind the whole county. When an appointment was made is
read from its id and not from its first day, which may lie in the past.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

# Our choice: within a month a unit's other people, and whoever sees the roster, notice a stranger.
STRANGER_FOR = timedelta(days=30)


def bound_by_appointing(
    person_ids: Collection[UUID], *, at: datetime
) -> dict[UUID, frozenset[UUID]]:
    """Return for each person whom an appointment of the last days binds to them; one query."""
    found: dict[UUID, set[UUID]] = {id: set() for id in person_ids}
    # UUIDv7 begins with the millisecond (RFC 9562, section 5.7): the first one of that moment.
    first = UUID(int=int((at - STRANGER_FOR).timestamp() * 1000) << 80)
    with connection.cursor() as cursor:
        cursor.execute(
            # Beginning with those who are asked about: an import may have appointed thousands.
            "with lately as not materialized ("
            " select a.person_id, a.made_by, p.unit_id from orgs_appointment a"
            "  join orgs_post p on p.id = a.post_id"
            "  where a.id >= %(first)s and a.made_by like 'person:%%'),"
            " own as (select * from lately where person_id = any(%(people)s)),"
            " pairs as (select person_id as one, substr(made_by, 8)::uuid as other from own"
            "  union select substr(made_by, 8)::uuid, person_id from lately"
            "   where made_by = any(%(makers)s)"
            "  union select own.person_id, lately.person_id from own join lately"
            "   using (made_by, unit_id))"
            " select one, other from pairs where one <> other",
            {
                "first": first,
                "people": list(found),
                "makers": [f"person:{id}" for id in found],
            },
        )
        for one, other in cursor.fetchall():
            found[one].add(other)
    return {id: frozenset(others) for id, others in found.items()}
