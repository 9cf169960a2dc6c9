"""Who has lately put whom into office: such people are not each other's second person.

Whoever administers a unit may enter somebody who does not exist, appoint them and be the second
person to their own request. For a while after an appointment neither the one who made it nor the
one who got it, nor another one appointed by the same person, counts as somebody else. When an
appointment was made is read from its id and not from its first day, which may lie in the past.
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
            "with lately as (select person_id, substr(made_by, 8)::uuid as by_id"
            "  from orgs_appointment where id >= %(first)s and made_by like 'person:%%'),"
            " pairs as (select person_id as one, by_id as other from lately"
            "  union select by_id, person_id from lately"
            "  union select a.person_id, b.person_id from lately a join lately b"
            "   on a.by_id = b.by_id and a.person_id = any(%(people)s))"
            " select one, other from pairs where one = any(%(people)s) and one <> other",
            {"first": first, "people": list(found)},
        )
        for one, other in cursor.fetchall():
            found[one].add(other)
    return {id: frozenset(others) for id, others in found.items()}
