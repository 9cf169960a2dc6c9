"""What the clock brings: timers of processes, and limits that have passed (promise P1).

When three quarters of its time are gone, as its light turns yellow, whoever holds a task is
reminded (催办), once. A task is late one second after its limit, not on the stroke; then its
superior unit supervises it (督办). As many workers may call ``run_due`` as there are: no timer goes
off twice, and one whose case cannot go on (its process is gone, nobody answers) pauses and is
tried for ever. ``next_due`` tells an exercise when something will happen next.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction

from guantong.base.clock import machine_now
from guantong.base.lag import bring_gauge
from guantong.base.outbox import fault_text, is_ours, pause_after, publish
from guantong.base.realm import LIVE, Realm, is_exercise
from guantong.bpmn.api import Kind
from guantong.flows import engine
from guantong.flows.events import TasksDueSoon, TasksSupervised
from guantong.flows.task import ACTIVE, END
from guantong.flows.trail import TASK_AFTER, leave

GRACE = "interval '1 second'"

# Ours: a quarter of the time is left, which is when pages show the task in yellow.
REMINDER_AT = 0.75
# As the index "task_to_remind" has it, to the letter; in UTC, or no index could hold it.
_REMIND_AT = (
    f"(((sent_at at time zone 'UTC') + (limit_at - sent_at) * {REMINDER_AT}) at time zone 'UTC')"
)
_TO_REMIND = (
    "state in ('dispatched', 'accepted', 'handling') and reminded_at is null"
    " and supervised_at is null"
)

log = logging.getLogger(__name__)


def next_due(realm: Realm) -> datetime | None:
    """Return when the next timer is due or the next limit will have passed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select least("  # noqa: S608 - constants
            " (select min(due_at) from flows_timer where realm = %s and state = 'waiting'),"
            f" (select min(limit_at) + {GRACE} from flows_task"
            "  where realm = %s and supervised_at is null and state = any(%s)),"
            f" (select min({_REMIND_AT}) from flows_task where realm = %s and {_TO_REMIND}))",
            [realm, realm, list(ACTIVE), realm],
        )
        found: datetime | None = cursor.fetchone()[0]
        return found


def run_due(realm: Realm, at: datetime) -> int:
    """Let timers go off, supervise late tasks and remind of others, up to ``at``; count them."""
    return _run_timers(realm, at) + _supervise(realm, at) + _remind(realm, at)


def _run_timers(realm: Realm, at: datetime) -> int:
    done, left_out = 0, set[UUID]()
    while True:
        timer, case_id = None, None
        try:
            with transaction.atomic():
                claimed = _claim(realm, at, left_out)
                if claimed is None:
                    return done
                timer, case_id, token, element = claimed
                done += _go_off(realm, timer, case_id, token, element, at=at)
        except (OperationalError, InterfaceError) as lost:
            # A lock nobody lets go of is of this case; a store that is away is of nobody's.
            if not is_ours(lost) or timer is None or is_exercise(realm):
                raise
            left_out.add(timer)
            _note_failure(timer, lost)
        except Exception as error:
            # A boundary: a case that cannot go on must not stop the timers of the others. In an
            # exercise nothing may be left out.
            if timer is None or is_exercise(realm):
                raise
            left_out.add(timer)
            _note_failure(timer, error)


def _claim(realm: Realm, at: datetime, left_out: set[UUID]) -> tuple[UUID, UUID, int, str] | None:
    """Claim the timer that is due first, by holding its case; None when nobody's is left.

    The case first, as everywhere: whoever holds it may be cancelling this timer. A case that
    somebody holds is skipped; its timer is found again in the next turn.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select t.id, t.case_id, t.token, t.element from flows_timer t"
            " join flows_case c on c.id = t.case_id"
            " where t.realm = %s and t.state = 'waiting' and t.due_at <= %s"
            " and (t.try_at is null or t.try_at <= %s) and t.id <> all(%s)"
            " order by t.due_at, c.number, t.token limit 1 for update of c skip locked",
            [realm, at, machine_now(), list(left_out)],
        )
        found: tuple[UUID, UUID, int, str] | None = cursor.fetchone()
        return found


def _go_off(
    realm: Realm, timer: UUID, case_id: UUID, token: int, element: str, *, at: datetime
) -> bool:
    """Let one timer go off; False when it was cancelled, or went off, while it was claimed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update flows_timer set state = 'done', fault = '', try_at = null"
            " where id = %s and state = 'waiting'",
            [timer],
        )
        if cursor.rowcount == 0:
            return False
    case = engine.lock(realm, case_id, at=at)
    if case is not None and element in case.process.graph.nodes:
        if case.process.graph.nodes[element].kind is Kind.BOUNDARY:
            engine.go_off(case, token, element)
        else:
            engine.go_on(case, token, act=f"timer:{element}")
    return True


def _note_failure(timer: UUID, error: Exception) -> None:
    """Let a timer pause that could not go off. It is tried for ever: no wait may end unseen."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update flows_timer set attempts = least(attempts + 1, 30000), fault = %s"
            " where id = %s and state = 'waiting' returning attempts",
            [fault_text(error), timer],
        )
        row = cursor.fetchone()
        if row is not None:
            cursor.execute(
                "update flows_timer set try_at = %s where id = %s",
                [machine_now() + pause_after(row[0]), timer],
            )
    log.error("timer %s could not go off: %s", timer, type(error).__name__)


def _supervise(realm: Realm, at: datetime) -> int:
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            "update flows_task t set supervised_at = %s"  # noqa: S608
            # Those somebody holds are supervised in the next turn, if they are still late then.
            " where t.id in (select x.id from flows_task x"
            "  where x.realm = %s and x.supervised_at is null and x.state = any(%s)"
            f"  and x.limit_at + {GRACE} <= %s order by x.id for update skip locked)"
            f" returning t.id, {TASK_AFTER}::text",
            [at, realm, list(ACTIVE), at],
        )
        late = cursor.fetchall()
        leave(realm, "task", "supervise", ((id, "clock", after) for id, after in late), at=at)
        if late:
            publish(realm, TasksSupervised(task_ids=tuple(str(id) for id, _ in late)), at=at)
    return len(late)


def _remind(realm: Realm, at: datetime) -> int:
    """Remind of tasks whose limit is near; that one was, is no state of its and leaves no leaf."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            "update flows_task set reminded_at = %s where id in (select id from flows_task"  # noqa: S608
            f" where realm = %s and {_TO_REMIND} and {_REMIND_AT} <= %s"
            " order by id for update skip locked) returning id, limit_at",
            [at, realm, at],
        )
        found = cursor.fetchall()
        soon = sorted(str(id) for id, limit_at in found if limit_at > at)
        if soon:
            publish(realm, TasksDueSoon(task_ids=tuple(soon)), at=at)
    return len(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingTimer:
    """A timer that could not go off so far."""

    id: UUID
    case_id: UUID
    number: str
    element: str
    due_at: datetime
    attempts: int
    fault: str
    try_at: datetime | None


def failing_timers(realm: Realm, *, most: int = 50) -> list[FailingTimer]:
    """Return timers that are due and could not go off, the longest overdue first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select t.id, t.case_id, c.number, t.element, t.due_at, t.attempts, t.fault, t.try_at"
            " from flows_timer t join flows_case c on c.id = t.case_id"
            " where t.realm = %s and t.state = 'waiting' and t.attempts > 0"
            " order by t.due_at, t.id limit %s",
            [realm, most],
        )
        return [
            FailingTimer(
                id=id, case_id=case_id, number=number, element=element, due_at=due_at,
                attempts=attempts, fault=fault, try_at=try_at,
            )
            for id, case_id, number, element, due_at, attempts, fault, try_at in cursor.fetchall()
        ]  # fmt: skip


def try_timers_again(realm: Realm) -> list[UUID]:
    """Let every failing timer be tried at once, in the running transaction; return their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update flows_timer set try_at = null"
            " where realm = %s and state = 'waiting' and attempts > 0 and try_at is not null"
            " returning id",
            [realm],
        )
        return [id for (id,) in cursor.fetchall()]


def _gauge(now: datetime) -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) filter (where attempts = 0), count(*) filter (where attempts > 0),"
            " extract(epoch from %s - min(due_at) filter (where attempts = 0))"
            " from flows_timer where realm = %s and state = 'waiting' and due_at <= %s",
            [now, LIVE, now],
        )
        due, failing, oldest = cursor.fetchone()
    return {
        "timers_due": float(due),
        "timers_failing": float(failing),
        "timer_oldest_seconds": max(0.0, float(oldest or 0)),
    }


bring_gauge("timers", _gauge)


def unended(realm: Realm) -> int:
    """Return how many cases and tasks of a realm have not come to their end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from flows_case where realm = %s and state = 'open')"
            " + (select count(*) from flows_task where realm = %s and state <> all(%s))",
            [realm, realm, list(END)],
        )
        return int(cursor.fetchone()[0])
