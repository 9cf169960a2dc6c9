"""Several workers and people at once: nobody waits in a circle, no number twice, no timer lost."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from tests.province import (
    EVENING,
    YUHUAN,
    Province,
    activate,
    at_once,
    open_case,
    open_task,
    person,
    settle_plans,
)

from guantong.base.realm import LIVE
from guantong.flows import api as flows
from guantong.flows import engine, steps
from guantong.flows.models import Case, Task, Timer
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


@pytest.fixture
def case(province: Province, flood: Package) -> Case:
    return Case.objects.get(id=open_case())


def holding(
    case: Case, then: Callable[[engine.OpenCase], None]
) -> tuple[Callable[[], None], threading.Event]:
    """Return what holds a case for a moment and then acts on it, and the sign that it holds it."""
    holds = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            held = engine.lock(LIVE, case.id, at=EVENING)
            assert held is not None
            holds.set()
            time.sleep(0.3)  # long enough for the other to take its first lock
            then(held)

    return hold, holds


def test_an_officer_who_completes_what_the_process_withdraws_does_not_wait_in_a_circle(
    case: Case,
) -> None:
    task, officer = open_task(case.id, "advise"), person("emergency@331081").id
    flows.accept(LIVE, {task.id: officer}, at=EVENING)

    def withdraw(held: engine.OpenCase) -> None:
        steps.withdraw(held, "t.kind = 'step'", {}, states=("dispatched", "accepted"))

    hold, holds = holding(case, withdraw)

    def complete() -> list[object]:
        holds.wait(10)
        return list(flows.complete(LIVE, {task.id: officer}, at=EVENING, answers={"advice": "a"}))

    answers = at_once(hold, complete)

    assert answers == [None, []]
    assert Task.objects.get(id=task.id).state == "withdrawn"


def test_cases_opened_at_once_in_one_county_have_numbers_of_their_own(
    province: Province, flood: Package
) -> None:
    open_case(matter="EARLIER")

    answers = at_once(*[lambda n=n: open_case(matter=f"STORM{n}") for n in range(6)])

    assert len(set(answers)) == 6, answers
    numbers = sorted(Case.objects.values_list("number", flat=True))
    assert [number[-2:] for number in numbers] == [f"{n:02d}" for n in range(1, 8)]


def test_a_case_of_a_matter_that_has_one_uses_up_no_number(
    province: Province, flood: Package
) -> None:
    for matter in ("A", "A", "A", "B"):
        open_case(matter=matter)

    assert sorted(n[-2:] for n in Case.objects.values_list("number", flat=True)) == ["01", "02"]


def due_timer(case_id: object) -> None:
    activate(case_id)  # type: ignore[arg-type]
    settle_plans(case_id)  # type: ignore[arg-type]
    flows.change_level(LIVE, case_id, level="none", over=True, at=EVENING)  # type: ignore[arg-type]


def test_a_timer_whose_case_somebody_holds_stops_no_other_and_goes_off_afterwards(
    case: Case,
) -> None:
    other = open_case(county=YUHUAN)
    for id in (case.id, other):
        due_timer(id)
    hold, holds = holding(case, lambda held: None)

    def clock() -> int:
        holds.wait(10)
        return flows.run_due(LIVE, EVENING + 3 * HOUR)

    answers = at_once(hold, clock)
    afterwards = flows.run_due(LIVE, EVENING + 3 * HOUR)

    assert (answers, afterwards) == ([None, 1], 1)
    assert set(Timer.objects.values_list("state", flat=True)) == {"done"}


def test_timers_of_many_cases_go_off_once_each_though_three_workers_run(
    province: Province, flood: Package
) -> None:
    cases = [open_case(matter=f"STORM{n}") for n in range(4)]
    for id in cases:
        due_timer(id)

    def work() -> int:
        done = 0
        while Timer.objects.filter(state="waiting").exists():
            done += flows.run_due(LIVE, EVENING + 3 * HOUR)
        return done

    answers = at_once(work, work, work)

    assert sum(answers) == 4  # type: ignore[arg-type]
    assert Task.objects.filter(item="approve_return").count() == 4
