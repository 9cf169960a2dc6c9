"""Cases on their way to another release: listed when it is installed, moved one by one.

Each case is one transaction with its leaf: killed at any moment, it stands by the old release or by
the new one. Whether it goes over is decided once; a case that stays comes to its end by the release
it has. What cannot be done now (nobody answers for a step) is tried again.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import InterfaceError, OperationalError, connection, transaction

from guantong.base.clock import machine_now, organisation_day
from guantong.base.errors import GuantongError
from guantong.base.outbox import fault_text, is_ours, pause_after, publish
from guantong.base.realm import LIVE
from guantong.bpmn.api import Kind, State, Token
from guantong.flows import engine
from guantong.flows.dispatch import NewTask, give_out, holder_of
from guantong.flows.errors import CaseMoveFailed
from guantong.flows.events import TasksDispatched
from guantong.flows.move import Move, MovingCase, Verdict, carried_data, verdict
from guantong.flows.task import ACTIVE, SETTLED
from guantong.flows.trail import TASK_AFTER, leave

log = logging.getLogger(__name__)

FindMove = Callable[[str, str, str, str], Move | None]
"""Package, process, old release, new release → how its cases go over."""

_ACCEPTED = ("accepted", "handling")


def ask_moves(
    package: str, *, was: str, becomes: str, processes: Sequence[str], at: datetime
) -> int:
    """List the running cases of a release that may go over to another; return how many.

    Exercises stay: what was begun under a set of rules is played to its end by it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into flows_case_move (id, realm, case_id, package, process, was, becomes,"
            " state, why, place, from_places, to_places, attempts, fault, fault_facts, asked_at)"
            " select gen_random_uuid(), realm, id, package, process, release, %s, 'waiting', '',"
            " '', '', '', 0, '', '{}', %s from flows_case where realm = %s and package = %s"
            " and state = 'open' and release = %s and process = any(%s)"
            " on conflict (case_id, becomes) do nothing",
            [becomes, at, LIVE, package, was, list(processes)],
        )
        return int(cursor.rowcount)


def drop_moves(package: str) -> None:
    """Let no case go over to a release that another one has followed before it could."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update flows_case_move set state = 'overtaken' where package = %s"
            " and state = 'waiting'",
            [package],
        )


def running(package: str, process: str, release: str) -> Iterator[MovingCase]:
    """Yield the running cases of a process by a release, as far as it decides on a move."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select tokens::text, data::text, level, division_code from flows_case"
            " where realm = %s and package = %s and process = %s and release = %s"
            " and state = 'open'",
            [LIVE, package, process, release],
        )
        for tokens, data, level, division in cursor:
            yield MovingCase(
                state=State.from_json(orjson.loads(tokens)), data=orjson.loads(data), level=level,
                division_code=division,
            )  # fmt: skip


def move_cases(find: FindMove, *, at: datetime, most: int) -> int:
    """Move the cases that wait for it, each in a transaction of its own; return how many."""
    done = 0
    for id in _waiting(most):
        try:
            with transaction.atomic():
                done += _move(id, find, at=at)
        except (OperationalError, InterfaceError) as lost:
            if not is_ours(lost):
                raise
            _note_failure(id, lost)
        except Exception as error:  # noqa: BLE001 - a boundary: one case must not stop the others
            _note_failure(id, error)
    return done


def _waiting(most: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from flows_case_move where state = 'waiting'"
            " and (try_at is null or try_at <= %s) order by id limit %s",
            [machine_now(), most],
        )
        return [id for (id,) in cursor.fetchall()]


def _move(id: UUID, find: FindMove, *, at: datetime) -> bool:
    """Decide on one case and carry it out; False where another process has done so meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select case_id, package, process, was, becomes from flows_case_move where id = %s",
            [id],
        )
        case_id, package, process, was, becomes = cursor.fetchone()
    # The case first, as everywhere; whoever holds it decides.
    case = engine.lock(LIVE, case_id, at=at)
    with connection.cursor() as cursor:
        cursor.execute("select state from flows_case_move where id = %s for update", [id])
        if cursor.fetchone() != ("waiting",):
            return False
    if case is None:
        _settle(id, "ended", Verdict(state=None), at=at)
        return True
    if case.process.release != was:
        _settle(id, "stays", Verdict(state=None, why="release"), at=at)
        return True
    move = find(package, process, was, becomes)
    if move is None:
        _settle(id, "stays", Verdict(state=None, why="step"), at=at)
        return True
    before = case.state
    found = carry(case, move)
    _settle(
        id, "stays" if found.state is None else "moved", found, at=at, before=before,
    )  # fmt: skip
    return True


def carry(case: engine.OpenCase, move: Move) -> Verdict:
    """Let a case that this transaction holds go over with its tasks and timers, or stay."""
    found = verdict(
        move,
        MovingCase(
            state=case.state, data=case.data, level=case.level, division_code=case.division_code
        ),
    )
    if found.state is None:
        return found
    as_new = replace(
        case, process=move.new, state=found.state, data=carried_data(move, case.data), called=[]
    )
    pairs = list(zip(case.state.tokens, found.state.tokens, strict=True))
    tasks = [(old, _task_then(as_new, new)) for old, new in pairs if _asks(move, new)]
    barred = next((old for old, task in tasks if _barred(as_new, old, task)), None)
    if barred is not None:
        return Verdict(state=None, why="holder", place=barred.node)
    for old, task in tasks:
        _move_task(as_new, old, task)
    for old, new in pairs:
        _move_timers(as_new, move, old, new)
    with connection.cursor() as cursor:
        cursor.execute(
            "update flows_case set release = %s, came_from = %s where id = %s",
            [move.new.release, move.old.release, case.id],
        )
        # What was done is read by the forms it was done by.
        cursor.execute(
            "update flows_task set release = %s where case_id = %s and kind = 'step'"
            " and release is null and state = any(%s)",
            [move.old.release, case.id, list(SETTLED)],
        )
    # What a service of the new process waits for may have happened already.
    engine.ask_again(as_new, act="move")
    return found


def _asks(move: Move, token: Token) -> bool:
    return move.new.graph.nodes[token.node].kind is Kind.USER


def _task_then(case: engine.OpenCase, token: Token) -> NewTask:
    return engine.step_task(case, token.id, token.node)


def _barred(case: engine.OpenCase, old: Token, task: NewTask) -> bool:
    """Say whether whoever has accepted a task must not do what it becomes (promise P2)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select doer_id, unit_id from flows_task where case_id = %s and kind = 'step'"
            " and token = %s and state = any(%s)",
            [case.id, old.id, list(_ACCEPTED)],
        )
        row = cursor.fetchone()
    if row is None:
        return False
    doer, unit = row
    persons = {task.finder_id, task.opener_id} - {None}
    return doer in persons or (task.apart_from is not None and unit == task.apart_from)


def _move_task(case: engine.OpenCase, old: Token, task: NewTask) -> None:
    """Let the task of a token become the new step's: the same row, its limit and its holder.

    Who has accepted it keeps it. One that nobody has accepted goes to whoever answers for the new
    step; the limit goes on counting.
    """
    on = organisation_day(case.realm, case.at)
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, unit_id, state = any(%s) from flows_task where case_id = %s"
            " and kind = 'step' and token = %s and state = any(%s)",
            [list(_ACCEPTED), case.id, old.id, list(ACTIVE)],
        )
        row = cursor.fetchone()
    if row is None:
        give_out(case.realm, case.id, case.package, case.number, [task], at=case.at)
        return
    id, unit_id, accepted = row
    who = None if accepted else holder_of(task, on=on)
    sets = (
        "key = %(key)s, item = %(item)s, title = %(title)s, finder_id = %(finder)s,"
        " opener_id = %(opener)s"
    )
    values: dict[str, Any] = {
        "key": f"{case.number}/{task.key}", "item": task.item, "title": task.title,
        "finder": task.finder_id, "opener": task.opener_id, "id": id,
    }  # fmt: skip
    other = who is not None and who.unit.id != unit_id
    if who is not None and other:
        sets += (
            ", line = %(line)s, unit_id = %(unit)s, unit_name = %(zh)s, unit_name_en = %(en)s,"
            " superior_id = %(superior)s, coordinating_id = %(coordinating)s, received_at = null,"
            " read_at = null, reminded_at = null"
        )
        values |= {
            "line": task.role.line, "unit": who.unit.id, "zh": who.unit.name_zh,
            "en": who.unit.name_en, "superior": who.superior.id if who.superior else None,
            "coordinating": who.coordinating.id if who.coordinating else None,
        }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"update flows_task t set {sets} where t.id = %(id)s"  # noqa: S608 - our own columns
            f" returning {TASK_AFTER}::text",
            values,
        )
        after = cursor.fetchone()[0]
    leave(case.realm, "task", "move", [(id, f"process:{case.process.id}", after)], at=case.at)
    if other:
        told = TasksDispatched(case_id=str(case.id), task_ids=(str(id),))
        publish(case.realm, told, at=case.at)


def _move_timers(case: engine.OpenCase, move: Move, old: Token, new: Token) -> None:
    """Let timers go on counting under their new names; end those that are gone, begin new ones."""
    was, is_ = move.old.graph.nodes[old.node], move.new.graph.nodes[new.node]
    if was.kind is Kind.TIMER:
        _rename_timer(case, old.id, was.id, is_.id)
        return
    followed = {timer: move.carriage.timer(timer) for timer in was.boundaries}
    for timer, name in followed.items():
        if timer in old.fired:
            continue
        if name in is_.boundaries:
            _rename_timer(case, old.id, timer, name)
        else:
            engine.cancel_timer(case, old.id, timer)
    for name in is_.boundaries:
        duration = move.new.graph.nodes[name].duration
        if name not in followed.values() and duration is not None:
            engine.set_timer(case, new.id, name, case.at + duration)


def _rename_timer(case: engine.OpenCase, token: int, was: str, becomes: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update flows_timer set element = %s where case_id = %s and token = %s"
            " and element = %s and state = 'waiting'",
            [becomes, case.id, token, was],
        )


def _settle(
    id: UUID, state: str, found: Verdict, *, at: datetime, before: State | None = None
) -> None:
    places = "" if before is None else " ".join(before.places)
    with connection.cursor() as cursor:
        cursor.execute(
            "update flows_case_move set state = %s, why = %s, place = %s, from_places = %s,"
            " to_places = %s, fault = '', fault_facts = '{}', try_at = null, done_at = %s"
            " where id = %s",
            [
                state, found.why, found.place, places,
                "" if found.state is None else " ".join(found.state.places), at, id,
            ],
        )  # fmt: skip


def _note_failure(id: UUID, error: Exception) -> None:
    """Let a case pause that could not go over now; it is tried again until it can, or has ended."""
    log.error("case move %s: %s", id, fault_text(error))
    told = error if isinstance(error, GuantongError) else CaseMoveFailed(error=type(error).__name__)
    facts = {name: str(fact) for name, fact in told.facts.items()}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update flows_case_move set attempts = least(attempts + 1, 30000), fault = %s,"
            " fault_facts = %s::jsonb where id = %s and state = 'waiting' returning attempts",
            [
                told.code,
                orjson.dumps(facts).decode(), id,
            ],
        )  # fmt: skip
        row = cursor.fetchone()
        if row is not None:
            cursor.execute(
                "update flows_case_move set try_at = %s where id = %s",
                [machine_now() + pause_after(row[0]), id],
            )
