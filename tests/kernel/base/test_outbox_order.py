"""Several workers at once: each fact once, those of one subject in order, none stuck for ever."""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import psycopg
import pytest
from django.db import connection, transaction
from tests.province import EVENING, at_once

from guantong.base import outbox
from guantong.base.clock import machine_now
from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE, Realm

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateMoved:
    """A fact of these tests: facts of one gate are told in order."""

    ordered_by: ClassVar[str] = "gate"
    gate: str
    to: int


class Keeper:
    """A subscriber that several threads call; slow, so that they get into each other's way."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.heard: list[tuple[str, int]] = []
        self.fails_on: set[tuple[str, int]] = set()
        self.seconds = seconds
        self._lock = threading.Lock()

    def __call__(self, realm: Realm, at: datetime, fact: Mapping[str, Any]) -> None:
        time.sleep(self.seconds)
        what = (fact["gate"], fact["to"])
        if what in self.fails_on:
            raise ValueError("stuck")
        with self._lock:
            self.heard.append(what)

    def of(self, gate: str) -> list[int]:
        return [to for name, to in self.heard if name == gate]


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    listening = Keeper()
    outbox.subscribe(GateMoved, listening)
    yield listening
    outbox._subscribers["GateMoved"].remove(listening)


def move(gate: str, *positions: int) -> None:
    outbox.publish(LIVE, *(GateMoved(gate=gate, to=to) for to in positions), at=EVENING)


def work_until_empty() -> None:
    while outbox.waiting(LIVE):
        if not outbox.deliver(LIVE):
            time.sleep(0.002)


def test_workers_at_once_hand_on_each_fact_once_and_each_subject_in_order(keeper: Keeper) -> None:
    keeper.seconds = 0.001
    gates = [f"gate-{n}" for n in range(6)]
    for to in range(10):
        for gate in gates:
            move(gate, to)

    at_once(*[work_until_empty] * 3)

    assert sorted(keeper.heard) == sorted((gate, to) for gate in gates for to in range(10))
    assert all(keeper.of(gate) == list(range(10)) for gate in gates)


def test_a_fact_waits_while_another_worker_holds_an_earlier_one_of_its_subject(
    keeper: Keeper,
) -> None:
    move("north", 1, 2)
    move("south", 1)
    holds, may_go_on = threading.Event(), threading.Event()

    def holder() -> None:
        with transaction.atomic():
            assert [c.body["to"] for c in outbox._claim(LIVE, machine_now(), 1)] == [1]
            holds.set()
            may_go_on.wait(10)

    def other() -> int:
        holds.wait(10)
        count = outbox.deliver(LIVE)
        may_go_on.set()
        return count

    answers = at_once(holder, other)

    assert answers == [None, 1]
    assert keeper.heard == [("south", 1)]


def test_a_fact_that_fails_holds_back_its_subject_and_no_other(keeper: Keeper) -> None:
    keeper.fails_on = {("north", 1)}
    move("north", 1, 2)
    move("south", 1, 2)

    while outbox.deliver(LIVE):
        pass

    assert keeper.heard == [("south", 1), ("south", 2)]


def test_once_a_fact_is_laid_aside_its_subject_goes_on(keeper: Keeper) -> None:
    keeper.fails_on = {("north", 1)}
    move("north", 1, 2)
    for _ in range(outbox.MOST_ATTEMPTS):
        OutboxMessage.objects.filter(state="waiting").update(try_at=None)
        outbox.deliver(LIVE)

    outbox.deliver(LIVE)

    assert keeper.heard == [("north", 2)]


def test_a_worker_that_dies_lets_go_of_what_it_held(keeper: Keeper) -> None:
    move("north", 1)
    with connection.cursor() as cursor:
        cursor.execute("select current_database()")
        name = cursor.fetchone()[0]
    settings = connection.get_connection_params()
    dying = psycopg.connect(host=settings["host"], user=settings["user"], dbname=name)
    dying.execute("select seq from base_outboxmessage where state = 'waiting' for update")

    before = outbox.deliver(LIVE)
    dying.close()
    until = time.monotonic() + 10
    after = 0
    while not after and time.monotonic() < until:
        after = outbox.deliver(LIVE)

    assert (before, after) == (0, 1)
    assert keeper.heard == [("north", 1)]


def test_a_fault_found_only_at_the_commit_stops_the_bad_fact_alone(keeper: Keeper) -> None:
    def spoils(realm: Realm, at: datetime, fact: Mapping[str, Any]) -> None:
        if fact["to"] == 2:
            with connection.cursor() as cursor:
                cursor.execute("insert into late_child values (1)")

    with connection.cursor() as cursor:
        cursor.execute("create table late_parent (id int primary key)")
        cursor.execute(
            "create table late_child (id int references late_parent deferrable initially deferred)"
        )
    outbox.subscribe(GateMoved, spoils)
    move("north", 1)
    move("south", 2)
    move("west", 3)
    try:
        outbox.deliver(LIVE)
    finally:
        outbox._subscribers["GateMoved"].remove(spoils)
        with connection.cursor() as cursor:
            cursor.execute("drop table late_child, late_parent")

    states = dict(OutboxMessage.objects.values_list("body__gate", "state"))
    assert states == {"north": "done", "south": "waiting", "west": "done"}
    assert OutboxMessage.objects.get(body__gate="south").attempts == 1


def test_whoever_listens_is_woken_when_a_fact_is_committed_and_not_before(keeper: Keeper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_database()")
        name = cursor.fetchone()[0]
    settings = connection.get_connection_params()
    ears = psycopg.connect(
        host=settings["host"], user=settings["user"], dbname=name, autocommit=True
    )
    with ears:
        ears.execute(f"listen {outbox.CHANNEL}")
        with transaction.atomic():
            move("north", 1)
            early = list(ears.notifies(timeout=0.05, stop_after=1))
        told = list(ears.notifies(timeout=5, stop_after=1))

    assert early == []
    assert [n.channel for n in told] == [outbox.CHANNEL]
