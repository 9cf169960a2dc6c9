"""Reminders before a limit: once, when three quarters of the time are gone, and not too late."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.province import EVENING, Province, open_case

from guantong.base import outbox
from guantong.base.realm import LIVE, Realm
from guantong.flows import api as flows
from guantong.flows.events import TasksDueSoon
from guantong.flows.models import Task
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def soon() -> Iterator[list[str]]:
    """The tasks whose holders are to be reminded, as subscribers hear of them."""
    heard: list[str] = []

    def listen(realm: Realm, at: datetime, fact: Mapping[str, Any]) -> None:
        heard.extend(fact["task_ids"])

    outbox.subscribe(TasksDueSoon, listen)
    yield heard
    outbox._subscribers["TasksDueSoon"].remove(listen)


@pytest.fixture
def task(province: Province, flood: Package) -> Task:
    """One task with four hours."""
    case = open_case()
    outbox.deliver(LIVE)
    found = Task.objects.filter(case_id=case).order_by("key").first()
    assert found is not None
    Task.objects.exclude(id=found.id).update(state="withdrawn")
    Task.objects.filter(id=found.id).update(sent_at=EVENING, limit_at=EVENING + 4 * HOUR)
    found.refresh_from_db()
    return found


def due(at: datetime) -> None:
    flows.run_due(LIVE, at)
    outbox.deliver(LIVE)


def test_a_holder_is_reminded_once_when_a_quarter_of_the_time_is_left(
    task: Task, soon: list[str]
) -> None:
    near = EVENING + 3 * HOUR

    due(near - timedelta(seconds=1))
    assert soon == []
    due(near)
    due(near + timedelta(minutes=1))

    assert soon == [str(task.id)]
    task.refresh_from_db()
    assert task.reminded_at == near


def test_a_clock_knows_when_the_next_reminder_is_due(task: Task) -> None:
    with connection.cursor() as cursor:
        cursor.execute("delete from flows_timer")
    assert flows.next_due(LIVE) == EVENING + 3 * HOUR

    due(EVENING + 3 * HOUR)

    assert flows.next_due(LIVE) == EVENING + 4 * HOUR + timedelta(seconds=1)


@pytest.mark.parametrize("state", ["completed", "closed_out", "sent_back", "withdrawn"])
def test_nobody_is_reminded_of_what_is_done_or_not_theirs(
    task: Task, soon: list[str], state: str
) -> None:
    Task.objects.filter(id=task.id).update(state=state)

    due(EVENING + 3 * HOUR)

    assert soon == []


def test_who_is_late_already_is_told_so_and_not_reminded_as_well(
    task: Task, soon: list[str]
) -> None:
    due(EVENING + 5 * HOUR)

    task.refresh_from_db()
    assert task.supervised_at == EVENING + 5 * HOUR
    assert soon == []


def test_another_holder_is_reminded_anew(task: Task, soon: list[str]) -> None:
    due(EVENING + 3 * HOUR)
    later = EVENING + 3.5 * HOUR
    Task.objects.filter(id=task.id).update(kind="plan")
    assert flows.send_back(LIVE, {task.id: UUID(int=5)}, reason="不归我们", at=later)

    assert flows.dispatch_anew(LIVE, {task.id: UUID(int=6)}, at=later)
    due(later + 3 * HOUR)

    assert soon == [str(task.id)] * 2


def test_whose_turn_it_is_is_found_by_an_index(task: Task) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("set local enable_bitmapscan = off")
        cursor.execute(
            "explain select min((((sent_at at time zone 'UTC') + (limit_at - sent_at) * 0.75)"
            " at time zone 'UTC')) from flows_task where realm = 'live' and state in"
            " ('dispatched', 'accepted', 'handling') and reminded_at is null"
            " and supervised_at is null"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "task_to_remind" in plan
    assert "Sort" not in plan
