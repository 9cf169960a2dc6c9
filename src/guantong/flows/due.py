"""What the clock brings: timers of processes, and limits that have passed (promise P1).

A task is late one second after its limit, not on the stroke; then its superior unit supervises
it (督办). ``next_due`` tells an exercise when something will happen next; the worker of a live
installation simply calls ``run_due``.
"""

from datetime import datetime

from django.db import connection, transaction

from guantong.base.outbox import publish
from guantong.base.realm import Realm
from guantong.bpmn.api import Kind
from guantong.flows import engine
from guantong.flows.events import TasksSupervised
from guantong.flows.task import ACTIVE, END
from guantong.flows.trail import TASK_AFTER, leave

GRACE = "interval '1 second'"


def next_due(realm: Realm) -> datetime | None:
    """Return when the next timer is due or the next limit will have passed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select least("  # noqa: S608 - constants
            " (select min(due_at) from flows_timer where realm = %s and state = 'waiting'),"
            f" (select min(limit_at) + {GRACE} from flows_task"
            "  where realm = %s and supervised_at is null and state = any(%s)))",
            [realm, realm, list(ACTIVE)],
        )
        found: datetime | None = cursor.fetchone()[0]
        return found


def run_due(realm: Realm, at: datetime) -> int:
    """Let timers go off and supervise late tasks, up to ``at``; return how many there were."""
    return _run_timers(realm, at) + _supervise(realm, at)


def _run_timers(realm: Realm, at: datetime) -> int:
    done = 0
    while True:
        with transaction.atomic(savepoint=False):
            with connection.cursor() as cursor:
                cursor.execute(
                    "select t.id, t.case_id, t.token, t.element from flows_timer t"
                    " join flows_case c on c.id = t.case_id"
                    " where t.realm = %s and t.state = 'waiting' and t.due_at <= %s"
                    " order by t.due_at, c.number, t.token limit 1",
                    [realm, at],
                )
                row = cursor.fetchone()
                if row is None:
                    return done
                timer, case_id, token, element = row
                # The case first, as everywhere: whoever holds it may be cancelling this timer.
                case = engine.lock(realm, case_id, at=at)
                cursor.execute(
                    "update flows_timer set state = 'done' where id = %s and state = 'waiting'",
                    [timer],
                )
                mine = cursor.rowcount == 1
            if mine and case is not None and element in case.process.graph.nodes:
                if case.process.graph.nodes[element].kind is Kind.BOUNDARY:
                    engine.go_off(case, token, element)
                else:
                    engine.go_on(case, token, act=f"timer:{element}")
        done += mine


def _supervise(realm: Realm, at: datetime) -> int:
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            "update flows_task t set supervised_at = %s"  # noqa: S608
            " where t.realm = %s and t.supervised_at is null and t.state = any(%s)"
            f" and t.limit_at + {GRACE} <= %s returning t.id, {TASK_AFTER}::text",
            [at, realm, list(ACTIVE), at],
        )
        late = cursor.fetchall()
        leave(realm, "task", "supervise", ((id, "clock", after) for id, after in late), at=at)
        if late:
            publish(realm, TasksSupervised(task_ids=tuple(str(id) for id, _ in late)), at=at)
    return len(late)


def unended(realm: Realm) -> int:
    """Return how many cases and tasks of a realm have not come to their end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from flows_case where realm = %s and state = 'open')"
            " + (select count(*) from flows_task where realm = %s and state <> all(%s))",
            [realm, realm, list(END)],
        )
        return int(cursor.fetchone()[0])
