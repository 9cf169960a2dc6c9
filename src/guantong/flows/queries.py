"""The read side of flows: an officer's inbox, lists of cases and tasks, what happened to them.

Plain SQL, a constant number of queries for a page whatever its length. Rows are cut by whoever
asks: ``rows`` is the answer of ``access``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from guantong.access.api import Rows
from guantong.base.paging import Listing, Page
from guantong.base.realm import Realm
from guantong.flows.task import ACTIVE, SETTLED
from guantong.flows.views import (
    CASE_COLUMNS,
    CASE_TABLES,
    TASK_COLUMNS,
    TASK_TABLES,
    CaseView,
    TaskView,
    case_counts,
    case_view,
    task_view,
)

# Which of an officer's tasks: all that wait for the own units, those taken on in person, those
# past their limit, those to verify, and those the reader has done for them.
CHIPS = ("unit", "mine", "late", "verify", "done")

_HELD = "t.state in ('dispatched', 'accepted', 'handling') and t.unit_id = any(%(units)s)"
_TO_VERIFY = "t.state = 'completed' and t.verifier_id = any(%(units)s)"
_TO_DISPATCH = (
    "t.state = 'sent_back'"
    " and coalesce(t.superior_id, t.coordinating_id, t.unit_id) = any(%(units)s)"
)
_WAITS = f"({_HELD} or {_TO_VERIFY} or {_TO_DISPATCH})"
_CHIP_SQL = {
    "unit": _WAITS,
    "mine": f"{_HELD} and t.doer_id = %(person)s",
    "late": f"{_WAITS} and t.limit_at < %(now)s and t.state <> 'completed'",
    "verify": _TO_VERIFY,
    "done": "t.doer_id = %(person)s and t.unit_id = any(%(units)s)"
    " and t.state in ('completed', 'verified', 'closed_out')",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for: text in numbers and unit names, or one of these titles or places."""

    text: str = ""
    titles: Collection[str] = ()
    places: Collection[str] = ()

    def sql(self, columns: Sequence[str], title: str, place: str) -> tuple[str, list[Any]]:
        """Return the predicate and its values; without a text everything is found."""
        if not self.text:
            return "true", []
        terms = [f"strpos(lower({column}), lower(%s)) > 0" for column in columns]
        terms += [f"{title} = any(%s)", f"{place} = any(%s)"]
        texts: list[Any] = [self.text] * len(columns)
        values = [*texts, list(self.titles), list(self.places)]
        return f"({' or '.join(terms)})", values


EVERYTHING = Search()


def inbox(
    realm: Realm,
    *,
    unit_ids: Collection[UUID],
    person_id: UUID | None,
    now: datetime,
    chip: str = "unit",
    search: Search = EVERYTHING,
    after: str | None = None,
    before: str | None = None,
    most: int = 25,
) -> tuple[Page[TaskView], Mapping[str, int]]:
    """Return one page of an officer's tasks, nearest limit first, and how many each chip has."""
    searched = ("t.key", "t.unit_name", "t.unit_name_en")
    found, found_values = search.sql(searched, "t.title", "t.division_code")
    places = {"units": list(unit_ids), "person": person_id, "now": now}
    counted: list[str] = []
    values: list[Any] = []
    for name in CHIPS:
        sql, own = _positional(_CHIP_SQL[name], places)
        counted.append(f"count(*) filter (where {sql})")
        values += own
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {', '.join(counted)} from flows_task t where t.realm = %s and {found}",  # noqa: S608
            [*values, realm, *found_values],
        )
        counts = dict(zip(CHIPS, cursor.fetchone(), strict=True))
    chosen, own = _positional(_CHIP_SQL[chip], places)
    listing = Listing(
        columns=TASK_COLUMNS, tables=TASK_TABLES, where=f"t.realm = %s and {chosen} and {found}",
        values=[realm, *own, *found_values], instant="t.limit_at", id="t.id", view=task_view,
        newest_first=chip == "done",
    )  # fmt: skip
    return listing.page(after=after, before=before, most=most, total=counts[chip]), counts


def _positional(sql: str, values: Mapping[str, object]) -> tuple[str, list[Any]]:
    """Return ``sql`` with its named places in order, to stand beside other conditions."""
    found: list[Any] = []
    parts = sql.split("%(")
    text = parts[0]
    for part in parts[1:]:
        name, _, rest = part.partition(")s")
        found.append(values[name])
        text += f"%s{rest}"
    return text, found


@dataclass(frozen=True, slots=True)
class CaseLink:
    """As much of a case as a link to it says."""

    id: UUID
    number: str
    process: str
    matter: str
    division_code: str
    state: str


def cases(
    realm: Realm,
    *,
    rows: Rows,
    now: datetime,
    search: Search = EVERYTHING,
    state: str = "",
    level: str = "",
    under: str = "",
    after: str | None = None,
    before: str | None = None,
    most: int = 25,
) -> tuple[Page[CaseView], Mapping[str, int]]:
    """Return one page of cases, newest first, and how many there are in each state."""
    cut, values = rows.sql("c.division_code")
    if rows.unit_ids:
        # Who holds a task of a case sees the case, wherever it lies.
        held = "select from flows_task h where h.case_id = c.id and h.unit_id = any(%s)"
        cut = f"({cut} or exists ({held}))"
        values.append(list(rows.unit_ids))
    found, found_values = search.sql(("c.number", "c.matter"), "c.process", "c.division_code")
    where = (
        f"c.realm = %s and {cut} and {found} and (%s = '' or c.level = %s)"
        " and c.division_code like %s"
    )
    values = [realm, *values, *found_values, level, level, f"{under}%"]
    with connection.cursor() as cursor:
        cursor.execute(
            f"select c.state, count(*) from flows_case c where {where} group by c.state",  # noqa: S608
            values,
        )
        counts: dict[str, int] = {"open": 0, "closed": 0, **dict(cursor.fetchall())}
    listing = Listing(
        columns=CASE_COLUMNS, tables=CASE_TABLES,
        where=f"{where} and (%s = '' or c.state = %s)",
        values=[*case_counts(now), *values, state, state], instant="c.opened_at", id="c.id",
        view=case_view, newest_first=True,
    )  # fmt: skip
    total = counts[state] if state in counts else sum(counts.values())
    return listing.page(after=after, before=before, most=most, total=total), counts


def case(realm: Realm, id: UUID, *, now: datetime) -> CaseView | None:
    """Return one case of a realm."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {CASE_COLUMNS} from {CASE_TABLES} where c.realm = %s and c.id = %s",  # noqa: S608
            [*case_counts(now), realm, id],
        )
        row = cursor.fetchone()
    return None if row is None else case_view(row)


def followers(realm: Realm, case_id: UUID, *, rows: Rows, most: int = 50) -> list[CaseLink]:
    """Return the cases that came of one, as far as the reader may see them; the newest first."""
    cut, values = rows.sql("division_code")
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, number, process, matter, division_code, state from flows_case"  # noqa: S608
            f" where follows_id = %s and realm = %s and {cut} order by opened_at desc limit %s",
            [case_id, realm, *values, most],
        )
        return [CaseLink(*row) for row in cursor.fetchall()]


def units_of_case(realm: Realm, id: UUID) -> tuple[UUID, ...]:
    """Return the units that hold a task in a case, or verify one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select unit_id from flows_task where realm = %s and case_id = %s"
            " union select verifier_id from flows_task"
            " where realm = %s and case_id = %s and verifier_id is not null",
            [realm, id, realm, id],
        )
        return tuple(row[0] for row in cursor.fetchall())


def task(realm: Realm, id: UUID) -> TaskView | None:
    """Return one task of a realm."""
    found = _tasks("t.realm = %s and t.id = %s", [realm, id], most=1)
    return found[0] if found else None


def steps_of_case(realm: Realm, case_id: UUID) -> list[TaskView]:
    """Return the tasks that are steps of the case's process, in the order they were given out."""
    return _tasks("t.realm = %s and t.case_id = %s and t.kind = 'step'", [realm, case_id], most=500)


def tasks_of_subject(realm: Realm, subject_id: UUID) -> list[TaskView]:
    """Return the tasks about one object, in the order they were given out."""
    return _tasks("t.realm = %s and t.subject_id = %s", [realm, subject_id], most=100)


def _tasks(where: str, values: Sequence[Any], *, most: int) -> list[TaskView]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {TASK_COLUMNS} from {TASK_TABLES} where {where}"  # noqa: S608
            " order by t.sent_at, t.id limit %s",
            [*values, most],
        )
        return [task_view(row) for row in cursor.fetchall()]


def tasks_of_case(
    realm: Realm, case_id: UUID, *, rows: Rows, most: int = 30
) -> tuple[list[TaskView], Mapping[tuple[str, str], int]]:
    """Return the tasks of a case that are most urgent, and how many there are by item and state."""
    cut, values = rows.sql("t.division_code", "t.unit_id", "t.line")
    where = f"t.realm = %s and t.case_id = %s and {cut}"
    values = [realm, case_id, *values]
    with connection.cursor() as cursor:
        cursor.execute(
            f"select t.item, t.state, count(*) from flows_task t where {where}"  # noqa: S608
            " group by t.item, t.state order by min(t.sent_at), t.item, t.state",
            values,
        )
        counts = {(item, state): number for item, state, number in cursor.fetchall()}
        cursor.execute(
            f"select {TASK_COLUMNS} from {TASK_TABLES} where {where}"  # noqa: S608
            " order by t.state = any(%s), t.state <> all(%s), t.limit_at, t.id limit %s",
            [*values, list(SETTLED), list(ACTIVE), most],
        )
        return [task_view(row) for row in cursor.fetchall()], counts


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """What happened in a case: to one task, or to ``count`` tasks of one kind within an hour."""

    what: str
    at: datetime
    kind: str
    title: str
    count: int
    unit_name: str
    unit_name_en: str
    person_id: UUID | None


def timeline(realm: Realm, case_id: UUID, *, rows: Rows, most: int = 60) -> list[TimelineEntry]:
    """Return what happened in a case, the newest first; tasks of a plan are told by the hour."""
    cut, values = rows.sql("t.division_code", "t.unit_id", "t.line")
    with connection.cursor() as cursor:
        cursor.execute(
            "select e.what, max(e.at), t.kind, t.title, count(*), min(t.unit_name),"  # noqa: S608
            " min(t.unit_name_en), (array_agg(e.person))[1]"
            " from flows_task t cross join lateral (values ('sent', t.sent_at, null::uuid),"
            "   ('accepted', t.accepted_at, t.doer_id), ('completed', t.completed_at, t.doer_id),"
            "   ('verified', t.verified_at, t.accepter_id), ('supervised', t.supervised_at, null),"
            "   ('sent_back', case when t.state = 'sent_back' then t.fed_back_at end, null),"
            "   ('withdrawn', case when t.state = 'withdrawn' then t.closed_at end, null)"
            " ) as e(what, at, person)"
            f" where t.realm = %s and t.case_id = %s and e.at is not null and {cut}"
            " group by e.what, t.kind, t.title, date_trunc('hour', e.at),"
            "   case when t.kind = 'step' then t.id end"
            " order by max(e.at) desc, t.title, e.what limit %s",
            [realm, case_id, *values, most],
        )
        return [
            TimelineEntry(what=what, at=at, kind=kind, title=title, count=count, unit_name=zh,
                      unit_name_en=en, person_id=person)
            for what, at, kind, title, count, zh, en, person in cursor.fetchall()
        ]  # fmt: skip
