"""How many should, how many are done, how many remain: counted from the tasks, and only from them.

A task of a plan item stands for one object (a household); it is done once its holder has reported
it done, and taken off the list when it was withdrawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from guantong.access.api import Rows
from guantong.base.realm import Realm
from guantong.flows.task import ACTIVE
from guantong.registry.api import dataset_sql, object_type

DONE = ("completed", "verified", "closed_out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount:
    """The count of one division; ``division`` are its leading digits."""

    division: str
    should: int
    done: int
    verified: int
    remaining: int
    overdue: int
    people_remaining: int = 0


def headcount(
    realm: Realm,
    package: str,
    item: str,
    *,
    rows: Rows,
    under: str,
    width: int,
    now: datetime,
    object: str | None = None,
    people: str | None = None,
) -> list[Headcount]:
    """Count the tasks of a plan item for each division of ``width`` digits below ``under``.

    With ``object`` and its column ``people`` the people of the remaining objects are summed up.
    """
    cut, cut_values = _named(*rows.sql("t.division_code"))
    joined, persons = "", "0"
    if object is not None and people is not None:
        known = object_type(object)
        assert people in known.columns, f"{object!r} has no column {people!r}"
        joined = f" left join ({dataset_sql(known)}) o on o.id = t.subject_id"
        persons = f"coalesce(sum(o.{people}) filter (where t.state <> all(%(done)s)), 0)::bigint"
    with connection.cursor() as cursor:
        cursor.execute(
            "select left(t.division_code, %(width)s), count(*),"  # noqa: S608
            " count(*) filter (where t.state = any(%(done)s)),"
            " count(*) filter (where t.state in ('verified', 'closed_out')),"
            " count(*) filter (where t.state <> all(%(done)s)),"
            " count(*) filter (where t.state = any(%(active)s) and t.limit_at < %(now)s),"
            f" {persons} from flows_task t{joined}"
            " where t.realm = %(realm)s and t.package = %(package)s and t.item = %(item)s"
            f" and t.state <> 'withdrawn' and t.division_code like %(under)s and {cut}"
            " group by 1 order by 1",
            {
                "realm": realm, "package": package, "item": item, "under": f"{under}%",
                "width": width, "now": now, "done": list(DONE), "active": list(ACTIVE),
                **cut_values,
            },
        )  # fmt: skip
        return [
            Headcount(division=division, should=should, done=done, verified=verified,
                      remaining=remaining, overdue=overdue, people_remaining=int(left))
            for division, should, done, verified, remaining, overdue, left in cursor.fetchall()
        ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectState:
    """How the task about one object stands."""

    task_id: UUID
    state: str
    limit_at: datetime
    completed_at: datetime | None
    doer_id: UUID | None


def subject_states(
    realm: Realm, package: str, item: str, *, under: str
) -> Mapping[UUID, SubjectState]:
    """Return for each object below a division how its task of a plan item stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select subject_id, id, state, limit_at, completed_at, doer_id from flows_task"
            " where realm = %s and package = %s and item = %s and subject_id is not null"
            " and state <> 'withdrawn' and division_code like %s order by sent_at",
            [realm, package, item, f"{under}%"],
        )
        return {
            subject: SubjectState(
                task_id=id, state=state, limit_at=limit, completed_at=done, doer_id=doer
            )
            for subject, id, state, limit, done, doer in cursor.fetchall()
        }


def _named(sql: str, values: list[Any]) -> tuple[str, dict[str, Any]]:
    """Return a predicate with its places named, to stand beside other named ones."""
    names = [f"cut{place}" for place in range(len(values))]
    parts = sql.split("%s")
    text = parts[0] + "".join(f"%({n})s{part}" for n, part in zip(names, parts[1:], strict=True))
    return text, dict(zip(names, values, strict=True))
