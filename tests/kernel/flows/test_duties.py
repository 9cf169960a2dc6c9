"""What the actors of an exercise are told of tasks, and of facts that still wait."""

import pytest
from tests.province import Province, begin_exercise, open_case

from guantong.base import outbox
from guantong.base.realm import LIVE
from guantong.flows import api as flows
from guantong.flows.models import Case, Task
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(province: Province, flood: Package) -> Case:
    return Case.objects.get(id=open_case())


def test_an_actor_learns_whose_duty_a_task_is_in_the_order_of_their_keys(case: Case) -> None:
    tasks = list(Task.objects.filter(case_id=case.id).order_by("key"))

    found = flows.duties(LIVE, [str(task.id) for task in reversed(tasks)])

    assert len(found) >= 2
    assert [duty.key for duty in found] == [task.key for task in tasks]
    assert [duty.unit_id for duty in found] == [task.unit_id for task in tasks]


def test_a_task_of_another_realm_is_nobodys_duty_here(case: Case) -> None:
    ids = list(Task.objects.filter(case_id=case.id).values_list("id", flat=True))

    assert flows.duties(begin_exercise(), ids) == []


def test_an_actor_reads_the_variables_of_the_case(case: Case) -> None:
    assert flows.variables(LIVE, case.id) == case.data


def test_a_fact_waits_until_its_subscribers_have_heard_it_and_in_its_own_realm_only(
    case: Case,
) -> None:
    other = begin_exercise()

    before = outbox.waiting(LIVE)
    while outbox.deliver_one(LIVE):
        pass

    assert before
    assert not outbox.waiting(LIVE)
    assert not outbox.waiting(other)
