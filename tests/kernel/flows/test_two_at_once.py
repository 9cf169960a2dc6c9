"""Two people, or two processes, at the same moment: one wins, and nothing waits for ever."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from tests.province import (
    EVENING,
    Province,
    activate,
    at_once,
    household,
    open_case,
    open_task,
    person,
    settle_plans,
)

from guantong.audit import api as audit
from guantong.base.realm import LIVE
from guantong.flows import api as flows
from guantong.flows.errors import NotInThatState
from guantong.flows.models import Case, Task
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


@pytest.fixture
def case(transactional_db: None, province: Province, flood: Package) -> Case:
    household("HH1", evacuate_from="orange")
    return Case.objects.get(id=open_case(level="orange"))


def test_of_two_who_accept_the_same_task_one_wins_and_the_other_is_told(case: Case) -> None:
    task = open_task(case.id, "advise")
    officers = [person("emergency@331081", post).id for post in ("duty", "second_duty", "head")]

    answers = at_once(
        *[lambda who=who: flows.accept(LIVE, {task.id: who}, at=EVENING) for who in officers]
    )

    assert sorted(map(str, answers)) == sorted(map(str, [[], [], [task.id]]))
    winner = officers[answers.index([task.id])]
    assert Task.objects.get(id=task.id).doer_id == winner
    loser = next(who for who in officers if who != winner)
    with pytest.raises(NotInThatState, match="Somebody may have acted before you"):
        flows.one(LIVE, flows.ACCEPT, task.id, loser, [])


def test_two_who_open_a_case_of_one_matter_get_the_same_case(
    transactional_db: None, province: Province, flood: Package
) -> None:
    open_case(matter="EARLIER")  # the installation has its id, so that nothing else is in the way

    answers = at_once(*[lambda: open_case(matter="LEKIMA") for _ in range(4)])

    assert len(set(answers)) == 1, answers
    assert Case.objects.filter(matter="LEKIMA").count() == 1
    assert Task.objects.filter(case_id=str(answers[0]), item="advise").count() == 1
    assert audit.check().faults == ()


def test_one_step_done_by_two_at_once_moves_the_case_once(case: Case) -> None:
    task = open_task(case.id, "advise")
    officers = [person("emergency@331081", post).id for post in ("duty", "second_duty")]
    flows.accept(LIVE, {task.id: officers[0]}, at=EVENING)

    answers = at_once(*[
        lambda who=who: flows.complete(
            LIVE, {task.id: who}, at=EVENING, answers={"advice": "a"}
        )
        for who in officers
    ])  # fmt: skip

    assert sorted(map(str, answers)) == sorted(map(str, [[task.id], []]))
    assert Task.objects.filter(case_id=case.id, item="acknowledge").count() == 2


def test_both_branches_done_at_once_meet(case: Case) -> None:
    officers = [person("emergency@331081", post).id for post in ("duty", "second_duty")]
    tasks = [open_task(case.id, item) for item in ("advise", "control")]
    for task, who in zip(tasks, officers, strict=True):
        flows.accept(LIVE, {task.id: who}, at=EVENING)

    at_once(*[
        lambda task=task, who=who: flows.complete(
            LIVE, {task.id: who}, at=EVENING, answers={"advice": "a", "measures": "m"}
        )
        for task, who in zip(tasks, officers, strict=True)
    ])  # fmt: skip

    assert open_task(case.id, "propose").state == "dispatched"


def test_the_last_two_tasks_settled_at_once_let_the_case_go_on(case: Case) -> None:
    activate(case.id)
    flows.change_level(LIVE, case.id, level="none", over=True, at=EVENING)
    keep = ("schools_closed", "hospitals_ready")
    last = list(Task.objects.filter(item__in=keep))
    Task.objects.filter(kind="plan").exclude(item__in=keep).update(state="closed_out")
    verifiers = [person("emergency@331081", post).id for post in ("second_duty", "head")]
    for task in last:
        by = {task.id: person("education@331081" if "school" in task.item else "health@331081").id}
        flows.accept(LIVE, by, at=EVENING)
        flows.complete(LIVE, by, at=EVENING)
    assert Case.objects.get(id=case.id).awaits == "tasks"
    first_is_done = threading.Event()

    def first() -> None:
        with transaction.atomic():
            flows.verify(LIVE, {last[0].id: verifiers[0]}, at=EVENING)
            first_is_done.set()
            # Long enough for the other to look while this one has not committed.
            with connection.cursor() as cursor:
                cursor.execute("select pg_sleep(0.4)")

    def second() -> None:
        first_is_done.wait(10)
        flows.verify(LIVE, {last[1].id: verifiers[1]}, at=EVENING)

    answers = at_once(first, second)

    assert answers == [None, None]
    assert Case.objects.get(id=case.id).awaits == ""


def test_a_limit_that_passes_while_two_clocks_run_is_supervised_once(case: Case) -> None:
    answers = at_once(*[lambda: flows.run_due(LIVE, EVENING + 2 * HOUR) for _ in range(3)])

    assert sorted(answers, key=str) == [0, 0, 2]


def test_a_timer_goes_off_once_though_two_clocks_run(case: Case) -> None:
    activate(case.id)
    settle_plans(case.id)
    flows.change_level(LIVE, case.id, level="none", over=True, at=EVENING)

    answers = at_once(*[lambda: flows.run_due(LIVE, EVENING + 3 * HOUR) for _ in range(3)])

    assert sorted(answers, key=str) == [0, 0, 1]
    assert Task.objects.filter(case_id=case.id, item="approve_return").count() == 1
