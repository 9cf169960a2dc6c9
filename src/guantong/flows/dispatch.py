"""New tasks: who holds each, by when, and who will look at it.

A role and a place are resolved to one unit and its two parents; many tasks go down in one COPY.
A task whose key the case has given out already is not given out again: raising a level twice
gives nobody the same duty twice, and a task withdrawn before is taken up again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from guantong.access.api import Rows
from guantong.base.clock import organisation_day
from guantong.base.ids import new_id
from guantong.base.outbox import publish
from guantong.base.realm import Realm
from guantong.base.words import say
from guantong.flows.case_role import CaseRole
from guantong.flows.errors import NobodyResponsible
from guantong.flows.events import TasksDispatched
from guantong.flows.level import rank
from guantong.flows.plan import Plan, PlanItem
from guantong.flows.trail import TASK_AFTER, leave, person
from guantong.orgs.api import (
    Responsibility,
    Role,
    divisions,
    jurisdictions,
    lift,
    prefix,
    resolve,
)
from guantong.registry.api import objects

_COLUMNS = (
    "id, realm, key, case_id, package, kind, item, title, token, plan, level, division_code, line,"
    " unit_id, unit_name, unit_name_en, superior_id, coordinating_id, verifier_id, subject_id,"
    " closes, state, finder_id, opener_id, sent_at, limit_at, answers, reason, sent_back_times,"
    " rejected_times"
)


_FEW = 8  # below this a COPY through a table of its own costs more than it saves


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A duty to give out. ``key`` is what it is, within its case."""

    key: str
    kind: str
    item: str
    title: str
    role: Role
    place: str
    limit: timedelta
    verify: Role | None = None
    closes: str = "verify"
    level: str = "none"
    plan: str = ""
    token: int | None = None
    subject_id: UUID | None = None
    finder_id: UUID | None = None
    # Who opened the case, where that bars them from this task, and a unit that must not hold it.
    opener_id: UUID | None = None
    apart_from: UUID | None = None


def responsible(role: Role, place: str, *, on: date) -> Responsibility:
    """Return who answers for ``role`` at ``place``, or refuse, naming the gap."""
    found = resolve(role, place, units=jurisdictions(on), on=on)
    if not isinstance(found, Responsibility):
        raise NobodyResponsible(role=str(role), place=place, why=found.sentence("en"))
    return found


def give_out(
    realm: Realm,
    case_id: UUID,
    package: str,
    number: str,
    tasks: Sequence[NewTask],
    *,
    at: datetime,
) -> list[UUID]:
    """Give tasks to their holders in the running transaction; return the ids of the new ones."""
    if not tasks:
        return []
    on = organisation_day(realm, at)
    rows = [_row(realm, case_id, package, number, task, at=at, on=on) for task in tasks]
    made = _insert(rows)
    leave(realm, "task", "dispatch", ((id, person(by), after) for id, by, after in made), at=at)
    ids = [id for id, _, _ in made]
    if ids:
        publish(realm, TasksDispatched(case_id=str(case_id), task_ids=tuple(map(str, ids))), at=at)
    return ids


def _insert(rows: Sequence[tuple[Any, ...]]) -> list[tuple[UUID, UUID | None, str]]:
    """Insert tasks whose key is new; return id, finder and audited columns of each."""
    rest = f" on conflict (realm, key) do nothing returning t.id, t.finder_id, {TASK_AFTER}::text"
    with connection.cursor() as cursor:
        if len(rows) < _FEW:
            places = ", ".join(["(" + ", ".join(["%s"] * len(rows[0])) + ")"] * len(rows))
            cursor.execute(
                f"insert into flows_task as t ({_COLUMNS}) values {places}{rest}",  # noqa: S608
                [value for row in rows for value in row],
            )
            few: list[tuple[UUID, UUID | None, str]] = cursor.fetchall()
            return few
        cursor.execute("create temporary table given (like flows_task) on commit drop")
        with cursor.copy(f"copy given ({_COLUMNS}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"insert into flows_task as t select * from given{rest}")  # noqa: S608
        made: list[tuple[UUID, UUID | None, str]] = cursor.fetchall()
        cursor.execute("drop table given")
        return made


def _row(
    realm: Realm, case_id: UUID, package: str, number: str, task: NewTask, *, at: datetime, on: date
) -> tuple[Any, ...]:
    who = holder_of(task, on=on)
    verifier = responsible(task.verify, task.place, on=on).unit.id if task.verify else None
    return (
        new_id(), realm, f"{number}/{task.key}", case_id, package, task.kind, task.item, task.title,
        task.token, task.plan, task.level, task.place, task.role.line, who.unit.id,
        who.unit.name_zh, who.unit.name_en, who.superior.id if who.superior else None,
        who.coordinating.id if who.coordinating else None, verifier, task.subject_id, task.closes,
        "dispatched", task.finder_id, task.opener_id, at, at + task.limit, "{}", "", 0, 0,
    )  # fmt: skip


def holder_of(task: NewTask, *, on: date) -> Responsibility:
    """Return who is to hold a task on a day, or refuse, naming the gap."""
    return _another(responsible(task.role, task.place, on=on), task)


def _another(who: Responsibility, task: NewTask) -> Responsibility:
    """Return another unit where the one that answers must not hold the task: the one above it."""
    if task.apart_from is None or who.unit.id != task.apart_from:
        return who
    above = who.superior or who.coordinating
    if above is None or above.id == task.apart_from:
        raise NobodyResponsible(role=str(task.role), place=task.place, why=_no_other("en"))
    return replace(who, unit=above, superior=None)


def _no_other(language: str) -> str:
    return say("flows.no-other-unit", language)


def expand(
    realm: Realm,
    case_id: UUID,
    package: str,
    number: str,
    plan: Plan,
    *,
    place: str,
    level: str,
    wave: int = 0,
    finder_id: UUID | None,
    opener_id: UUID | None = None,
    data: Mapping[str, Any] | None = None,
    at: datetime,
) -> list[UUID]:
    """Expand ``plan`` at ``level`` for ``place``: new tasks, and those withdrawn before again.

    ``wave`` counts how often people have gone home since the case was opened: in a new wave
    every duty is a new task.
    """
    name = f"{plan.id}@{wave}" if wave else plan.id
    taken_up = _take_up_again(realm, case_id, name, level, at=at)
    tasks: list[NewTask] = []
    for item in plan.items:
        settled = _settled(item, data or {})
        made = _tasks_of(realm, settled, name, place=place, level=level, finder_id=finder_id)
        tasks += [replace(task, opener_id=opener_id) for task in made]
    return taken_up + give_out(realm, case_id, package, number, tasks, at=at)


def _settled(item: PlanItem, data: Mapping[str, Any]) -> PlanItem:
    """Return an item whose roles have the lines that the case names."""
    role, verify = item.role, item.verify
    if isinstance(role, CaseRole):
        role = role.settled(data)
    if isinstance(verify, CaseRole):
        verify = verify.settled(data)
    return replace(item, role=role, verify=verify)


def _tasks_of(
    realm: Realm, item: PlanItem, plan_id: str, *, place: str, level: str, finder_id: UUID | None
) -> Iterable[NewTask]:
    subjects: list[tuple[str, str, UUID | None, str]]
    if item.each_object is not None:
        found = objects(realm, item.each_object, rows=Rows(everything=True), under=prefix(place))
        column = item.object_level
        subjects = [
            (o.key, o.division_code, o.id, str(o.body[column]) if column else item.from_level)
            for o in found
        ]
    elif item.each_division is not None:
        whole = lift(place, item.each_within) if item.each_within is not None else None
        below = divisions(tier=item.each_division, under=whole or place)  # type: ignore[arg-type]
        subjects = [(d.code, d.code, None, item.from_level) for d in below]
    else:
        subjects = [(place, place, None, item.from_level)]
    assert isinstance(item.role, Role), "its roles are settled"
    assert not isinstance(item.verify, CaseRole), "its roles are settled"
    for key, where, subject_id, from_level in subjects:
        if rank(from_level) <= rank(level):
            yield NewTask(
                key=f"{plan_id}/{item.id}/{key}", kind="plan", item=item.id, title=item.title,
                role=item.role, place=where, limit=item.limit, verify=item.verify,
                closes=item.closes, level=from_level, plan=plan_id, subject_id=subject_id,
                finder_id=finder_id,
            )  # fmt: skip


def _take_up_again(
    realm: Realm, case_id: UUID, plan_id: str, level: str, *, at: datetime
) -> list[UUID]:
    levels = [
        name for name in ("none", "blue", "yellow", "orange", "red") if rank(name) <= rank(level)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "update flows_task t set state = 'dispatched', sent_at = %s, closed_at = null,"  # noqa: S608
            " received_at = null, read_at = null, accepted_at = null, fed_back_at = null,"
            " doer_id = null, supervised_at = null, reminded_at = null,"
            " limit_at = %s + (t.limit_at - t.sent_at)"
            " where t.case_id = %s and t.plan = %s and t.state = 'withdrawn' and t.level = any(%s)"
            f" returning t.id, t.finder_id, {TASK_AFTER}::text",
            [at, at, case_id, plan_id, levels],
        )
        again = cursor.fetchall()
    leave(realm, "task", "take_up_again", ((i, person(by), after) for i, by, after in again), at=at)
    ids = [id for id, _, _ in again]
    if ids:
        publish(realm, TasksDispatched(case_id=str(case_id), task_ids=tuple(map(str, ids))), at=at)
    return ids
