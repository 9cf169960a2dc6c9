"""What holders do with their tasks: each verb one transaction, for one task or for many at once.

A verb moves exactly those tasks whose state allows it and returns their ids; for a single task
of a page, ``one`` turns "none moved" into the refusal that says why. Tasks are given with the
person who acts, because a unit has several.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from guantong.base.errors import NotFound
from guantong.base.outbox import publish
from guantong.base.realm import Realm
from guantong.flows import engine
from guantong.flows.errors import StepStays
from guantong.flows.events import TasksAccepted, TasksDispatched, TasksSentBack
from guantong.flows.task import (
    ACCEPT,
    COMPLETE,
    DISPATCH_ANEW,
    MOST_SENT_BACK,
    READ,
    RECEIVE,
    REJECT,
    SEND_BACK,
    VERIFY,
    Verb,
    check,
    check_accepter,
    check_sender_back,
)
from guantong.flows.trail import TASK_AFTER, leave, person
from guantong.orgs.api import units_by_id

Acts = Mapping[UUID, UUID | None]
"""Task → the person who acts on it."""


def receive(realm: Realm, acts: Acts, *, at: datetime) -> list[UUID]:
    """Note that tasks reached their holders; the first time counts."""
    return _move(RECEIVE, realm, acts, at=at, where="and t.received_at is null")


def read(realm: Realm, acts: Acts, *, at: datetime) -> list[UUID]:
    """Note that tasks were read; reading also receives. The first time counts."""
    return _move(
        READ, realm, acts, at=at,
        sets=", received_at = coalesce(t.received_at, %(at)s)", where="and t.read_at is null",
    )  # fmt: skip


def accept(realm: Realm, acts: Acts, *, at: datetime) -> list[UUID]:
    """Take tasks on (签收); whoever accepts is the doer unless another completes."""
    with transaction.atomic(savepoint=False):
        moved = _move(
            ACCEPT, realm, acts, at=at,
            sets=", doer_id = v.person, received_at = coalesce(t.received_at, %(at)s),"
            " read_at = coalesce(t.read_at, %(at)s)",
            where="and v.person is distinct from t.finder_id"
            " and v.person is distinct from t.opener_id",
        )  # fmt: skip
        for case_id, ids in _by_case(moved).items():
            publish(realm, TasksAccepted(case_id=str(case_id), task_ids=ids), at=at)
    return moved


def send_back(realm: Realm, acts: Acts, *, reason: str, at: datetime) -> list[UUID]:
    """Send tasks back with a reason (退回), at most twice; the superior gives them out anew."""
    with transaction.atomic(savepoint=False):
        moved = _move(
            SEND_BACK, realm, acts, at=at,
            sets=", reason = %(reason)s, sent_back_times = t.sent_back_times + 1",
            where="and t.sent_back_times < %(most)s and t.kind = 'plan'",
            values={"reason": reason, "most": MOST_SENT_BACK},
        )  # fmt: skip
        for case_id, ids in _by_case(moved).items():
            publish(realm, TasksSentBack(case_id=str(case_id), task_ids=ids), at=at)
    return moved


def dispatch_anew(realm: Realm, acts: Acts, *, at: datetime) -> list[UUID]:
    """Give tasks that were sent back to the superior of their unit, with a limit begun anew.

    Where there is no superior, the coordinating unit takes them.
    """
    with transaction.atomic(savepoint=False):
        heirs = _heirs(list(acts))
        names = units_by_id(heirs.values())
        units = [names[unit_id] for unit_id in heirs.values()]
        moved = _move(
            DISPATCH_ANEW, realm, {id: acts[id] for id in heirs}, at=at,
            sets=", unit_id = u.id, unit_name = u.zh, unit_name_en = u.en,"
            " received_at = null, read_at = null, accepted_at = null, fed_back_at = null,"
            " doer_id = null, supervised_at = null, reminded_at = null,"
            " limit_at = %(at)s + (t.limit_at - t.sent_at)",
            tables=", unnest(%(ids)s::uuid[], %(units)s::uuid[], %(zh)s::text[], %(en)s::text[])"
            " as u(task, id, zh, en)",
            where="and u.task = t.id",
            values={
                "units": [u.id for u in units], "zh": [u.name_zh for u in units],
                "en": [u.name_en for u in units],
            },
        )  # fmt: skip
        for case_id, ids in _by_case(moved).items():
            publish(realm, TasksDispatched(case_id=str(case_id), task_ids=ids), at=at)
    return moved


def _heirs(task_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return for each task the unit that must take it when its holder sent it back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, coalesce(superior_id, coordinating_id, unit_id) from flows_task"
            " where id = any(%s) order by key",
            [list(task_ids)],
        )
        return dict(cursor.fetchall())


def complete(
    realm: Realm, acts: Acts, *, at: datetime, answers: Mapping[str, object] | None = None
) -> list[UUID]:
    """Report tasks done (办结) with the answers of their form; a step's case goes on at once."""
    with transaction.atomic(savepoint=False):
        moved = _move(
            COMPLETE, realm, acts, at=at,
            becomes="case when t.closes = 'complete' then 'closed_out' else 'completed' end",
            sets=", doer_id = coalesce(v.person, t.doer_id), fed_back_at = %(at)s,"
            " answers = %(answers)s::jsonb,"
            " closed_at = case when t.closes = 'complete' then %(at)s end",
            where="and v.person is distinct from t.finder_id"
            " and v.person is distinct from t.opener_id",
            values={"answers": orjson.dumps(dict(answers or {})).decode()},
        )  # fmt: skip
        engine.after_tasks(realm, moved, at=at)
    return moved


def verify(realm: Realm, acts: Acts, *, at: datetime) -> list[UUID]:
    """Verify completed tasks (核查); the verifier neither did the work nor found the matter.

    A task that closes by verification is closed out with it.
    """
    with transaction.atomic(savepoint=False):
        moved = _move(
            VERIFY, realm, acts, at=at,
            becomes="case when t.closes = 'verify' then 'closed_out' else 'verified' end",
            sets=", accepter_id = v.person,"
            " closed_at = case when t.closes = 'verify' then %(at)s end",
            where="and v.person is not null and v.person is distinct from t.doer_id"
            " and v.person is distinct from t.finder_id"
            " and v.person is distinct from t.opener_id",
        )  # fmt: skip
        engine.after_tasks(realm, moved, at=at)
    return moved


def reject(realm: Realm, acts: Acts, *, reason: str, at: datetime) -> list[UUID]:
    """Send completed work back to its doer: it does not yet stand up to verification."""
    return _move(
        REJECT, realm, acts, at=at,
        sets=", reason = %(reason)s, completed_at = null, rejected_times = t.rejected_times + 1",
        where="and v.person is distinct from t.doer_id"
        " and v.person is distinct from t.opener_id",
        values={"reason": reason},
    )  # fmt: skip


def one(
    realm: Realm, verb: Verb, task_id: UUID, person_id: UUID | None, moved: Sequence[UUID]
) -> None:
    """Refuse, saying why, where ``verb`` on a single task has moved nothing."""
    if moved:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "select state, kind, doer_id, finder_id, opener_id, sent_back_times from flows_task"
            " where id = %s and realm = %s",
            [task_id, realm],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound(what=str(task_id))
    state, kind, doer, finder, opener, times = row
    check(verb, state)
    if verb is SEND_BACK:
        if kind == "step":
            raise StepStays()
        check_sender_back(times)
    check_accepter(person_id, doer=doer if verb in (VERIFY, REJECT) else None, finder=finder)
    check_accepter(person_id, doer=None, finder=opener)


def _move(
    verb: Verb,
    realm: Realm,
    acts: Acts,
    *,
    at: datetime,
    becomes: str = "%(becomes)s",
    sets: str = "",
    tables: str = "",
    where: str = "",
    values: Mapping[str, Any] | None = None,
) -> list[UUID]:
    """Move tasks and leave a leaf for each, in one round trip and one COPY.

    Their cases are held first, as the engine does: it changes tasks of a case it holds.
    """
    if not acts:
        return []
    target = f"state = {becomes}, " if verb.becomes else ""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        engine.hold_cases(acts.keys())
        cursor.execute(
            f"update flows_task t set {target}{verb.stamps} = %(at)s{sets}"  # noqa: S608
            f" from unnest(%(ids)s::uuid[], %(people)s::uuid[]) as v(id, person){tables}"
            " where t.id = v.id and t.realm = %(realm)s and t.state = any(%(allowed)s)"
            f" {where} returning t.id, v.person, {TASK_AFTER}::text",
            {
                "ids": list(acts), "people": list(acts.values()), "realm": realm, "at": at,
                "allowed": list(verb.allowed), "becomes": verb.becomes, **(values or {}),
            },
        )  # fmt: skip
        moved = cursor.fetchall()
        leave(realm, "task", verb.name, ((i, person(by), after) for i, by, after in moved), at=at)
    return [id for id, _, _ in moved]


def _by_case(task_ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, tuple[str, ...]] = {}
    if task_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "select case_id, id from flows_task where id = any(%s) order by key",
                [list(task_ids)],
            )
            for case_id, id in cursor.fetchall():
                found[case_id] = (*found.get(case_id, ()), str(id))
    return found
