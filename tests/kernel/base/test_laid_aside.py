"""Facts laid aside: seen, tried again, set aside for good, brought back; what is kept of them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.province import EVENING

from guantong.base import laid_aside
from guantong.base.clock import machine_now
from guantong.base.ids import new_id
from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE

pytestmark = pytest.mark.django_db


def fact(event: str = "GateMoved", state: str = "dead", **more: Any) -> OutboxMessage:
    given: dict[str, Any] = {
        "realm": LIVE, "event": event, "body": {"gate": "north"}, "written_at": EVENING,
        "state": state, "attempts": 12, "fault": "…\nValueError: stuck", "id": new_id(),
    }  # fmt: skip
    return OutboxMessage.objects.create(**(given | more))


def state(of: OutboxMessage) -> str:
    of.refresh_from_db()
    return of.state


def test_facts_are_found_by_their_state_newest_first_page_by_page() -> None:
    made = [fact() for _ in range(5)]
    fact(state="done")

    first = laid_aside.facts("dead", most=3)
    rest = laid_aside.facts("dead", before=first[-1].seq, most=3)

    assert [f.seq for f in first + rest] == [m.seq for m in reversed(made)]


def test_a_fact_tried_again_waits_without_a_pause_and_begins_to_count_anew() -> None:
    bad = fact(try_at=machine_now() + timedelta(minutes=5))

    again = laid_aside.try_again(ids=[bad.id])

    assert again == [(bad.id, {"event": "GateMoved", "state": "dead", "attempts": 12})]
    bad.refresh_from_db()
    assert (bad.state, bad.attempts, bad.try_at) == ("waiting", 0, None)


def test_all_of_a_kind_are_tried_again_and_no_other_kind() -> None:
    mine, other = [fact() for _ in range(3)], fact("LevelRose")

    again = laid_aside.try_again(event="GateMoved")

    assert {id for id, _ in again} == {m.id for m in mine}
    assert state(other) == "dead"


@pytest.mark.parametrize("settled", ["done", "set_aside"])
def test_what_is_settled_is_never_tried_again(settled: str) -> None:
    over = fact(state=settled)

    assert laid_aside.try_again(ids=[over.id]) == []
    assert laid_aside.try_again(event="GateMoved") == []
    assert state(over) == settled


def test_a_fact_set_aside_keeps_the_reason_and_can_be_brought_back() -> None:
    bad = fact()

    assert laid_aside.set_aside(bad.id, reason="the gate is gone") is not None
    assert laid_aside.counts() == {"dead": 0, "retrying": 0, "waiting": 0, "set_aside": 1}
    assert laid_aside.facts("set_aside")[0].reason == "the gate is gone"
    assert laid_aside.take_back(bad.id) is not None

    assert state(bad) == "dead"


def test_only_a_fact_that_is_laid_aside_can_be_set_aside() -> None:
    waiting = fact(state="waiting", attempts=1)

    assert laid_aside.set_aside(waiting.id, reason="r") is None
    assert laid_aside.take_back(waiting.id) is None
    assert state(waiting) == "waiting"


def test_an_operator_sees_no_name_mobile_or_identity_number_of_a_body() -> None:
    body = {
        "name": "张三", "list": ["13800138000"], "id": {"no": "33010219900101123X"},
        "case_id": "0193a1b2-0000-7000-8000-138001380000", "division_code": "331081000000",
    }  # fmt: skip
    bad = fact(body=body)

    shown = laid_aside.fact(bad.id)

    assert shown is not None
    assert shown.body == body | {"name": "…", "list": ["…"], "id": {"no": "…"}}


def test_only_facts_handed_on_long_ago_are_forgotten() -> None:
    now = machine_now()

    def made(at: datetime, state: str) -> OutboxMessage:
        rest = new_id().int & ((1 << 80) - 1)
        return fact(state=state, id=UUID(int=int(at.timestamp() * 1000) << 80 | rest))

    old = now - laid_aside.KEPT - timedelta(seconds=1)
    gone = made(old, "done")
    kept = [made(old, "dead"), made(old, "waiting"), made(now - laid_aside.KEPT, "done")]
    # A fact of an old typhoon that was replayed a minute ago.
    kept.append(fact(state="done", written_at=old - laid_aside.KEPT))

    assert laid_aside.prune(now=now) == 1

    left = set(OutboxMessage.objects.values_list("seq", flat=True))
    assert gone.seq not in left
    assert {m.seq for m in kept} <= left
