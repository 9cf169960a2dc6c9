"""How far behind the installation is: what counts, when a light turns, what is kept of a day."""

from datetime import timedelta

import pytest
from django.db import transaction
from tests.province import EVENING

from guantong.audit.api import Leaf, write
from guantong.base import lag, workers
from guantong.base.clock import machine_now
from guantong.base.ids import new_id
from guantong.base.models import OutboxMessage, Reading, Worker
from guantong.base.realm import LIVE, exercise

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def fact(**more: object) -> OutboxMessage:
    given: dict[str, object] = {
        "realm": LIVE, "event": "GateMoved", "body": {}, "written_at": EVENING, "id": new_id()
    }  # fmt: skip
    return OutboxMessage.objects.create(**(given | more))


def test_the_oldest_waiting_fact_says_how_far_behind_the_workers_are() -> None:
    now = machine_now()
    fact(written_at=now - 30 * SECOND)
    fact(written_at=now - 5 * SECOND)

    found = lag.readings(now)

    assert found["facts_waiting"] == 2
    assert found["fact_oldest_seconds"] == pytest.approx(30)


def test_a_fact_that_is_being_tried_again_is_counted_and_makes_nobody_look_late() -> None:
    now = machine_now()
    fact(written_at=now - timedelta(hours=1), attempts=3)

    found = lag.readings(now)

    assert (found["facts_retrying"], found["fact_oldest_seconds"]) == (1, 0)


def test_facts_of_an_exercise_are_not_behind_but_one_laid_aside_there_counts() -> None:
    realm = exercise(new_id())
    fact(realm=realm)
    fact(realm=realm, state="dead")

    found = lag.readings()

    assert (found["facts_waiting"], found["facts_laid_aside"]) == (0, 1)


def test_a_light_turns_on_its_value_and_not_below() -> None:
    limit = lag.Limit(yellow=10, red=120)

    lights = [limit.light(value) for value in (9.9, 10, 119.9, 120)]

    assert lights == ["green", "yellow", "yellow", "red"]


def test_a_figure_nobody_has_set_a_limit_for_is_green() -> None:
    assert lag.light("a figure of tomorrow", 1e9) == "green"


def test_a_minute_is_kept_once_whoever_comes_first() -> None:
    now = machine_now().replace(second=20, microsecond=0)

    kept = [lag.keep(now), lag.keep(now + 5 * SECOND), lag.keep(now + 60 * SECOND)]

    assert kept == [True, False, True]
    assert [at.second for at, _ in lag.history(now - timedelta(hours=1))] == [0, 0]


def test_readings_of_last_week_are_forgotten() -> None:
    now = machine_now()
    Reading.objects.create(at=now - lag.KEPT - timedelta(minutes=2), body={})

    lag.keep(now)

    assert Reading.objects.count() == 1


def test_a_worker_is_silent_when_it_has_missed_its_beats_and_not_a_second_before() -> None:
    now = machine_now()
    workers.begin("worker-1@here", host="here", pid=7, at=now)
    (seen,) = workers.workers()

    assert seen.light(now + workers.SILENT_AFTER) == "alive"
    assert seen.light(now + workers.SILENT_AFTER + SECOND) == "silent"


def test_a_worker_that_does_one_thing_for_minutes_hangs_though_it_beats() -> None:
    now = machine_now()
    workers.begin("worker-1@here", host="here", pid=7, at=now - timedelta(hours=1))
    long_ago = now - workers.HANGS_AFTER
    workers.beat("worker-1@here", pid=7, doing="deliver", doing_since=long_ago, at=now)

    (seen,) = workers.workers()

    assert seen.light(now) == "hangs"
    assert lag.readings(now)["workers_silent"] == 1


def test_the_beat_of_a_process_that_was_replaced_changes_nothing() -> None:
    now = machine_now()
    workers.begin("worker-1@here", host="here", pid=7, at=now)
    workers.begin("worker-1@here", host="here", pid=8, at=now + SECOND)

    known = workers.beat("worker-1@here", pid=7, doing="old", doing_since=now, at=now + 2 * SECOND)
    assert known, "the row stands: it is not begun again over the one that replaced it"
    workers.end("worker-1@here", pid=7)

    (seen,) = workers.workers()
    assert (seen.pid, seen.doing) == (8, "")


def test_a_worker_whose_row_was_forgotten_is_told_to_begin_again() -> None:
    now = machine_now()
    workers.begin("worker-1@here", host="here", pid=7, at=now)
    later = now + timedelta(days=2)  # the machine slept, or its clock was put right
    workers.begin("worker-2@here", host="here", pid=8, at=later)

    assert workers.beat("worker-2@here", pid=8, doing="", doing_since=later, at=later)
    assert not workers.beat("worker-1@here", pid=7, doing="", doing_since=later, at=later)


def test_without_any_worker_alive_one_is_missing() -> None:
    Worker.objects.all().delete()

    found = lag.readings()

    assert (found["workers_alive"], found["workers_missing"]) == (0, 1)
    assert lag.light("workers_missing", 1) == "red"


def test_the_sequencer_is_behind_by_the_age_of_its_oldest_leaf() -> None:
    before = lag.readings()
    with transaction.atomic():
        leaf = Leaf(
            realm=LIVE, at=EVENING, actor="test", act="try", kind="test", object_id=None, body={}
        )
        write([leaf] * 3)
    later = machine_now() + 30 * SECOND

    found = lag.readings(later)

    assert (before["leaves_waiting"], found["leaves_waiting"]) == (0, 3)
    assert before["leaf_oldest_seconds"] == 0
    assert found["leaf_oldest_seconds"] == pytest.approx(30, abs=5)
