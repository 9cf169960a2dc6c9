"""Facts on their way up: none is lost, none stops the others, twice does no harm."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from tests.province import EVENING

from guantong.base import outbox
from guantong.base.clock import machine_now
from guantong.base.ids import new_id
from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE, Realm, exercise
from guantong.base.trace import traceparent

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True, kw_only=True)
class RiverRose:
    """A fact of these tests."""

    river: str


class Ear:
    """A subscriber that remembers what it heard, and fails where it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[Realm, datetime, str]] = []
        self.fails_on: set[str] = set()

    def __call__(self, realm: Realm, at: datetime, fact: Mapping[str, Any]) -> None:
        if fact["river"] in self.fails_on:
            raise ValueError("no such river")
        self.heard.append((realm, at, fact["river"]))

    @property
    def rivers(self) -> list[str]:
        return [river for _, _, river in self.heard]


@pytest.fixture
def ear() -> Iterator[Ear]:
    listening = Ear()
    outbox.subscribe(RiverRose, listening)
    yield listening
    outbox._subscribers["RiverRose"].remove(listening)


def publish(*rivers: str, realm: Realm = LIVE) -> None:
    outbox.publish(realm, *(RiverRose(river=river) for river in rivers), at=EVENING)


def deliver(realm: Realm = LIVE, *, most: int = 100) -> int:
    done = 0
    while done < most and outbox.deliver_one(realm):
        done += 1
    return done


def let_the_pause_pass() -> None:
    OutboxMessage.objects.filter(state="waiting").update(try_at=machine_now())


def states() -> dict[str, str]:
    return {m.body["river"]: m.state for m in OutboxMessage.objects.filter(event="RiverRose")}


def test_facts_reach_their_subscriber_once_in_the_order_they_were_written(ear: Ear) -> None:
    publish("Ling", "Jiao")

    count = deliver()

    assert count == 2
    assert ear.heard == [(LIVE, EVENING, "Ling"), (LIVE, EVENING, "Jiao")]
    assert deliver() == 0


def test_a_subscriber_joined_twice_hears_once(ear: Ear) -> None:
    outbox.subscribe(RiverRose, ear)
    publish("Ling")

    deliver()

    assert ear.rivers == ["Ling"]


def test_a_fact_nobody_listens_to_is_done() -> None:
    publish("Ling")

    assert deliver() == 1
    assert states() == {"Ling": "done"}


def test_a_fact_whose_change_was_undone_is_not_told(ear: Ear) -> None:
    with transaction.atomic():
        publish("Ling")
        transaction.set_rollback(True)

    assert deliver() == 0
    assert ear.rivers == []


def test_facts_of_one_realm_are_not_told_in_another(ear: Ear) -> None:
    elsewhere = exercise(new_id())
    publish("Ling", realm=elsewhere)

    assert deliver(LIVE) == 0
    assert deliver(elsewhere) == 1
    assert ear.heard == [(elsewhere, EVENING, "Ling")]


def test_a_fact_that_cannot_be_taken_in_does_not_stop_those_behind_it(ear: Ear) -> None:
    ear.fails_on = {"Ling"}
    publish("Ling", "Jiao")

    answers = [outbox.deliver_one(LIVE) for _ in range(2)]

    assert answers == [False, True]
    assert ear.rivers == ["Jiao"]
    assert states() == {"Ling": "waiting", "Jiao": "done"}


def test_a_fact_that_goes_on_failing_is_laid_aside_with_its_fault_and_counted(ear: Ear) -> None:
    ear.fails_on = {"Ling"}
    publish("Ling")

    for _ in range(outbox.MOST_ATTEMPTS):
        assert outbox.dead() == 0
        outbox.deliver_one(LIVE)
        let_the_pause_pass()

    message = OutboxMessage.objects.get(event="RiverRose")
    assert (message.state, message.attempts) == ("dead", outbox.MOST_ATTEMPTS)
    assert "ValueError: no such river" in message.fault
    assert outbox.dead() == 1


def test_a_fact_that_failed_is_not_tried_again_before_its_pause_has_passed(ear: Ear) -> None:
    ear.fails_on = {"Ling"}
    publish("Ling")
    before = machine_now()

    deliver()
    ear.fails_on = set()
    deliver()

    message = OutboxMessage.objects.get(event="RiverRose")
    assert (message.attempts, ear.rivers) == (1, [])
    assert message.try_at is not None
    assert message.try_at >= before + timedelta(seconds=1)


def test_the_pause_doubles_and_is_never_longer_than_five_minutes() -> None:
    pauses = [outbox.pause_after(n).total_seconds() for n in range(1, outbox.MOST_ATTEMPTS)]

    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_a_fault_is_kept_without_what_may_be_of_somebodys_record(ear: Ear) -> None:
    def fails(realm: Realm, at: datetime, fact: Mapping[str, Any]) -> None:
        raise ValueError("row of 张三 ('13800138000') 330102199001011234 is wrong\nDETAIL: 张三")

    outbox.subscribe(RiverRose, fails)
    publish("Ling")

    deliver()

    outbox._subscribers["RiverRose"].remove(fails)
    last = OutboxMessage.objects.get(event="RiverRose").fault.splitlines()[-1]
    assert last == "ValueError: row of … (…) … is wrong"


def test_in_one_batch_a_bad_fact_does_not_undo_what_the_others_did(ear: Ear) -> None:
    ear.fails_on = {"Jiao"}
    publish("Ling", "Jiao", "Ou")

    count = outbox.deliver(LIVE)

    assert count == 2
    assert states() == {"Ling": "done", "Jiao": "waiting", "Ou": "done"}


def test_a_batch_that_takes_long_lets_go_of_what_it_has_not_handed_on(ear: Ear) -> None:
    publish("Ling", "Jiao", "Ou")

    count = outbox.deliver(LIVE, seconds=-1)

    assert count == 1
    assert states() == {"Ling": "done", "Jiao": "waiting", "Ou": "waiting"}


def test_a_fact_carries_the_trace_under_which_it_was_written(ear: Ear) -> None:
    heard = []

    def listens(realm: Realm, at: datetime, fact: Mapping[str, Any]) -> None:
        heard.append(traceparent.get())

    outbox.subscribe(RiverRose, listens)
    token = traceparent.set("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    publish("Ling")
    traceparent.reset(token)

    deliver()

    outbox._subscribers["RiverRose"].remove(listens)
    assert heard == ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]
    assert traceparent.get() == ""


def test_a_fact_is_taken_in_once_what_stopped_it_is_gone(ear: Ear) -> None:
    ear.fails_on = {"Ling"}
    publish("Ling")
    deliver(most=4)
    ear.fails_on = set()
    let_the_pause_pass()

    deliver()

    assert ear.rivers == ["Ling"]
    assert states() == {"Ling": "done"}


def test_what_a_failing_subscriber_changed_is_undone(ear: Ear) -> None:
    def writes_and_fails(realm: Realm, at: datetime, fact: Mapping[str, Any]) -> None:
        publish("Qiantang")
        raise ValueError

    outbox.subscribe(RiverRose, writes_and_fails)
    publish("Ling")

    deliver(most=1)

    outbox._subscribers["RiverRose"].remove(writes_and_fails)
    assert states() == {"Ling": "waiting"}


def test_in_an_exercise_nothing_is_skipped_but_the_fault_comes_up(ear: Ear) -> None:
    realm = exercise(new_id())
    ear.fails_on = {"Ling"}
    publish("Ling", "Jiao", realm=realm)

    for _ in range(7):
        with pytest.raises(ValueError, match="no such river"):
            outbox.deliver_one(realm)

    assert ear.rivers == []
    assert states() == {"Ling": "waiting", "Jiao": "waiting"}


def test_a_fact_told_again_after_a_crash_says_the_same(ear: Ear) -> None:
    publish("Ling")
    deliver()
    OutboxMessage.objects.filter(event="RiverRose").update(state="waiting")

    deliver()

    assert ear.heard[0] == ear.heard[1]
