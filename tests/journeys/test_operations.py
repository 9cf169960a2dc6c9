"""The person on call sees what stands still and why, tries it again, or sets it aside."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests import province
from tests.journeys.work_story import file_of, officer, text_of
from tests.province import EVENING, Province

from guantong.audit.models import LeafRow
from guantong.base import lag, outbox, workers
from guantong.base.clock import machine_now
from guantong.base.ids import new_id
from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE, Realm
from guantong.base.words import catalogue
from guantong.flows.models import Timer
from guantong.main import worker
from guantong.main.wiring import join
from guantong.packages.api import Package
from guantong.portal.views_operations import FIGURES

ADMINISTRATOR = ("emergency@33", "head")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateMoved:
    """A fact of these tests."""

    gate: str


@pytest.fixture
def on_call(province: Province) -> Client:
    """The browser of the platform's administrator."""
    return officer(*ADMINISTRATOR, language="en")


def laid_aside(**more: Any) -> OutboxMessage:
    given: dict[str, Any] = {
        "id": new_id(), "realm": LIVE, "event": "GateMoved", "body": {"gate": "north"},
        "written_at": EVENING, "state": "dead", "attempts": 12, "fault": "…\nValueError: stuck",
    }  # fmt: skip
    return OutboxMessage.objects.create(**(given | more))


def leaves(kind: str) -> list[dict[str, Any]]:
    return [json.loads(bytes(row.encoded)) for row in LeafRow.objects.filter(kind=kind)]


pytestmark = pytest.mark.django_db


def test_when_all_is_handed_on_the_page_says_that_nothing_is_to_be_done(on_call: Client) -> None:
    now = machine_now()
    workers.begin("worker@here", host="here", pid=7, at=now)

    said = text_of(on_call.get("/operations"))

    assert "Everything is handed on in time. Nothing to do." in said
    assert "worker@here" in said


def test_a_fact_laid_aside_turns_the_light_red_and_the_page_says_what_to_do(
    on_call: Client,
) -> None:
    workers.begin("worker@here", host="here", pid=7, at=machine_now())
    laid_aside()

    said = text_of(on_call.get("/operations"))

    assert "Something stands still" in said
    assert "mend the cause the fault names" in said


def test_without_a_worker_the_page_says_which_log_to_read(on_call: Client) -> None:
    assert "logs/worker.log" in text_of(on_call.get("/operations"))


def test_the_last_day_can_be_exported(on_call: Client) -> None:
    lag.keep(machine_now())

    lines = file_of(on_call.get("/operations.csv")).splitlines()

    assert lines[0].lstrip("\ufeff").startswith("Time,workers_missing,")
    assert len(lines) == 2
    assert [leaf["act"] for leaf in leaves("fact")] == ["export"]


def test_a_fact_is_tried_again_with_a_leaf_that_says_what_it_was(on_call: Client) -> None:
    bad = laid_aside()

    answer = on_call.post(f"/operations/facts/{bad.id}/act", {"act": "try_again"}, follow=True)

    bad.refresh_from_db()
    assert bad.state == "waiting"
    assert "The fact is tried again now." in text_of(answer)
    (leaf,) = leaves("fact")
    assert (leaf["act"], leaf["body"]["was"]["state"]) == ("try_again", "dead")


def test_all_facts_of_a_kind_are_tried_again_at_one_press(on_call: Client) -> None:
    bad, other = [laid_aside() for _ in range(3)], laid_aside(event="LevelRose")

    answer = on_call.post("/operations/facts/again", {"event": "GateMoved"}, follow=True)

    states = dict(OutboxMessage.objects.values_list("id", "state"))
    assert {states[f.id] for f in bad} == {"waiting"}
    assert states[other.id] == "dead"
    assert "3 facts are tried again now." in text_of(answer)
    assert len(leaves("fact")) == 3


@pytest.mark.parametrize(
    ("reason", "sentence"), [(" ", "the reason is missing"), ("x" * 501, "more than 500 letters")]
)
def test_a_fact_is_not_set_aside_without_a_reason_that_can_be_kept(
    on_call: Client, reason: str, sentence: str
) -> None:
    bad = laid_aside()

    answer = on_call.post(f"/operations/facts/{bad.id}/act", {"act": "set_aside", "reason": reason})

    bad.refresh_from_db()
    assert (answer.status_code, bad.state) == (422, "dead")
    assert sentence in text_of(answer)
    assert leaves("fact") == []


def test_a_fact_set_aside_keeps_its_reason_out_of_the_log_and_can_be_taken_back(
    on_call: Client,
) -> None:
    bad = laid_aside()
    act = f"/operations/facts/{bad.id}/act"

    aside = on_call.post(act, {"act": "set_aside", "reason": "张三 says so"}, follow=True)
    back = on_call.post(act, {"act": "take_back"}, follow=True)

    bad.refresh_from_db()
    assert bad.state == "dead"
    assert "张三 says so" in text_of(aside)
    assert "laid aside again" in text_of(back)
    assert [leaf["act"] for leaf in leaves("fact")] == ["set_aside", "take_back"]
    assert "张三" not in json.dumps(leaves("fact"), ensure_ascii=False)


def test_an_act_that_comes_too_late_changes_nothing_and_says_so(on_call: Client) -> None:
    bad = laid_aside(state="done")

    answer = on_call.post(f"/operations/facts/{bad.id}/act", {"act": "try_again"}, follow=True)

    bad.refresh_from_db()
    assert bad.state == "done"
    assert "Nothing was changed" in text_of(answer)
    assert leaves("fact") == []


@pytest.mark.parametrize("post", ["duty", "second_duty"])
def test_whoever_does_not_administer_the_platform_neither_sees_nor_acts(
    province: Province, post: str
) -> None:
    bad = laid_aside()
    browser = officer("emergency@33", post)

    answers = [
        browser.get("/operations"),
        browser.get("/operations.csv"),
        browser.get("/operations/facts"),
        browser.get(f"/operations/facts/{bad.id}"),
        browser.post(f"/operations/facts/{bad.id}/act", {"act": "try_again"}),
        browser.post("/operations/facts/again", {"event": "GateMoved"}),
        browser.post("/operations/timers"),
    ]

    bad.refresh_from_db()
    assert {answer.status_code for answer in answers} == {403}
    assert bad.state == "dead"


def test_only_whoever_administers_the_platform_finds_the_page_in_the_menu(
    on_call: Client,
) -> None:
    mine = on_call.get("/inbox").content.decode()
    other = officer("emergency@33").get("/inbox").content.decode()

    assert 'href="/operations"' in mine
    assert 'href="/operations"' not in other


def test_a_timer_whose_process_is_gone_pauses_is_shown_and_goes_off_when_it_is_back(
    on_call: Client, flood: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    from guantong.flows import api as flows
    from guantong.flows import process

    case = province.open_case()
    other = province.open_case(county=province.YUHUAN)
    for id in (case, other):
        province.activate(id)
        province.settle_plans(id)
        flows.change_level(LIVE, id, level="none", over=True, at=EVENING)
    at = EVENING + timedelta(hours=3)
    known = dict(process._processes)
    # A store may be started without the folder of one of its packages.
    moved = {key: value for key, value in known.items() if key[1] != "county_response"}
    monkeypatch.setattr(process, "_processes", moved)

    gone = flows.run_due(LIVE, at)
    said = text_of(on_call.get("/operations"))
    on_call.post("/operations/timers")
    monkeypatch.setattr(process, "_processes", known)
    back = flows.run_due(LIVE, at)

    assert (gone, back) == (0, 2)
    assert "Timers that could not go off" in said
    assert "its process county_response is not there" in said
    assert set(Timer.objects.values_list("state", "attempts")) == {("done", 1)}
    assert len(leaves("timer")) == 2


@pytest.fixture
def heard() -> Iterator[list[float]]:
    """When the gate was heard of."""
    times: list[float] = []

    def listen(realm: Realm, at: datetime, fact: Mapping[str, Any]) -> None:
        times.append(time.monotonic())

    outbox.subscribe(GateMoved, listen)
    yield times
    outbox._subscribers["GateMoved"].remove(listen)


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    assert true()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_waits_is_woken_by_a_fact_long_before_it_would_look_by_itself(
    heard: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "IDLE_SECONDS", 30.0)
    monkeypatch.setattr(worker, "PARTS", (worker._deliver,))
    monkeypatch.setattr(worker, "SELDOM", ())
    stop, doing, published = threading.Event(), worker.Doing(), list[float]()

    def publish_while_it_waits() -> None:
        try:
            until(lambda: doing.now[0] == "")
            time.sleep(0.3)  # it listens now
            published.append(time.monotonic())
            outbox.publish(LIVE, GateMoved(gate="north"), at=EVENING)
            until(lambda: heard)
        finally:
            stop.set()
            outbox.publish(LIVE, GateMoved(gate="south"), at=EVENING)  # wakes it, so that it stops
            connection.close()

    somebody = threading.Thread(target=publish_while_it_waits)
    somebody.start()
    # A worker works in the main thread of its process: there the time of a fact is watched.
    worker._work(stop, doing)
    somebody.join()

    assert heard[0] - published[0] < 10


@pytest.mark.django_db(transaction=True)
def test_a_part_of_the_worker_that_fails_keeps_no_other_from_its_work(
    heard: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def _broken() -> bool:
        raise ValueError("broken")

    stop = threading.Event()

    def _last() -> bool:
        stop.set()
        return False

    monkeypatch.setattr(worker, "PARTS", (_broken, worker._deliver, _last))
    monkeypatch.setattr(worker, "SELDOM", ())
    outbox.publish(LIVE, GateMoved(gate="north"), at=EVENING)

    worker._work(stop, worker.Doing())

    assert len(heard) == 1


def test_everything_a_worker_does_and_every_fact_has_its_words_on_the_page() -> None:
    join()
    parts = [part.__name__.strip("_") for part in (*worker.PARTS, *worker.SELDOM)]
    keys = [f"operations.doing.{part}" for part in parts]
    # What a test made up has nobody left who hears it.
    keys += [f"operations.event.{event}" for event, heard in outbox._subscribers.items() if heard]
    keys += [f"operations.figure.{name}" for name in FIGURES]
    keys += [f"operations.remedy.{name}" for name in FIGURES]

    missing = [key for key in keys if not {key} <= set(catalogue("zh-CN")) & set(catalogue("en"))]

    assert missing == []
    assert set(FIGURES) <= set(lag.readings())
