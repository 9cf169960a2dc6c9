"""What the clock brings: a task is late one second after its limit, and a timer on its stroke."""

import contextlib
import json
from datetime import timedelta

import pytest
from django.db import OperationalError
from psycopg import errors
from tests.province import (
    EVENING,
    Province,
    activate,
    do_step,
    open_case,
    open_task,
    person,
    settle_plans,
)

from guantong.audit.models import LeafRow
from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE, Realm
from guantong.flows import api as flows
from guantong.flows import due
from guantong.flows.models import Case, Task, Timer
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def case(province: Province, flood: Package) -> Case:
    return Case.objects.get(id=open_case())


def test_on_the_stroke_of_its_limit_a_task_is_not_late(case: Case) -> None:
    flows.run_due(LIVE, EVENING + HOUR)

    assert not Task.objects.filter(supervised_at__isnull=False).exists()


def test_one_second_after_its_limit_a_task_is_supervised_once(case: Case) -> None:
    OutboxMessage.objects.all().delete()
    at = EVENING + HOUR + SECOND

    first, second = flows.run_due(LIVE, at), flows.run_due(LIVE, at + HOUR)

    assert (first, second) == (2, 0)  # advise and control
    assert set(Task.objects.values_list("supervised_at", flat=True)) == {at}
    acts = [json.loads(bytes(row.encoded))["act"] for row in LeafRow.objects.filter(kind="task")]
    assert acts.count("supervise") == 2
    told = OutboxMessage.objects.get(event="TasksSupervised")
    assert len(told.body["task_ids"]) == 2


def test_a_task_done_in_time_is_never_late(case: Case) -> None:
    do_step(case.id, "advise", at=EVENING + HOUR, advice="a")

    flows.run_due(LIVE, EVENING + 100 * HOUR)

    assert Task.objects.get(item="advise").supervised_at is None
    assert Task.objects.get(item="control").supervised_at is not None


def test_what_is_due_next_is_the_first_limit_that_will_have_passed(case: Case) -> None:
    do_step(case.id, "advise", at=EVENING + HOUR / 2, advice="a")
    flows.run_due(LIVE, EVENING + HOUR * 3 / 4)  # they are reminded

    assert flows.next_due(LIVE) == EVENING + HOUR + SECOND

    flows.run_due(LIVE, EVENING + HOUR + SECOND)
    receipt = Task.objects.filter(
        item="acknowledge"
    ).first()  # each township says it has the advice
    assert receipt is not None
    assert flows.next_due(LIVE) == receipt.sent_at + (receipt.limit_at - receipt.sent_at) * 3 / 4


def test_nothing_is_due_where_nothing_is_open(province: Province, realm: Realm) -> None:
    assert flows.next_due(realm) is None
    assert flows.run_due(realm, EVENING + 100 * HOUR) == 0


def test_one_realm_does_not_run_what_is_due_in_another(case: Case, realm: Realm) -> None:
    assert flows.run_due(realm, EVENING + 100 * HOUR) == 0
    assert flows.next_due(realm) is None


@pytest.fixture
def observed(case: Case) -> Case:
    """A case whose danger is over and whose work is done: it observes for three hours."""
    activate(case.id, level="orange")
    settled = settle_plans(case.id)
    assert settled > 4
    flows.change_level(LIVE, case.id, level="none", over=True, at=EVENING + HOUR)
    return case


def test_a_timer_goes_off_on_its_stroke_and_not_a_second_before(observed: Case) -> None:
    timer = Timer.objects.get(state="waiting")
    assert timer.due_at == EVENING + 4 * HOUR

    early = flows.run_due(LIVE, timer.due_at - SECOND)
    on_time = flows.run_due(LIVE, timer.due_at)
    again = flows.run_due(LIVE, timer.due_at + SECOND)

    assert (early, on_time, again) == (0, 1, 0)
    assert open_task(observed.id, "approve_return").sent_at == timer.due_at


@pytest.mark.parametrize(
    ("cause", "away"), [(errors.LockNotAvailable(), False), (errors.AdminShutdown(), True)]
)
def test_a_lock_nobody_lets_go_of_stops_one_timer_and_a_store_that_is_away_stops_all(
    observed: Case, cause: Exception, away: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: object, **__: object) -> None:
        raise OperationalError from cause

    monkeypatch.setattr(due.engine, "lock", held)
    with pytest.raises(OperationalError) if away else contextlib.nullcontext():
        flows.run_due(LIVE, EVENING + 4 * HOUR)

    assert [timer.attempts for timer in flows.failing_timers(LIVE)] == ([] if away else [1])


def test_what_is_due_next_is_the_timer_where_it_comes_first(observed: Case) -> None:
    assert flows.next_due(LIVE) == EVENING + 4 * HOUR


def test_a_late_task_can_still_be_done_and_keeps_the_mark(case: Case) -> None:
    flows.run_due(LIVE, EVENING + 2 * HOUR)
    task = open_task(case.id, "advise")
    by = person("emergency@331081").id

    flows.accept(LIVE, {task.id: by}, at=EVENING + 3 * HOUR)
    flows.complete(LIVE, {task.id: by}, at=EVENING + 3 * HOUR, answers={"advice": "a"})

    assert Task.objects.get(id=task.id).state == "closed_out"
    assert Task.objects.get(id=task.id).supervised_at == EVENING + 2 * HOUR
