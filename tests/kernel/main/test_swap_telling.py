"""Whoever is asked to swap a shift is told once, and both are when it is done."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from tests.province import person, unit

from guantong.base.clock import BEIJING
from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE
from guantong.main.telling import on_swap_asked, on_swap_done
from guantong.notices.models import Notice, Receipt
from guantong.orgs import api as orgs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province")]
WATER = "water@331081"
AT = datetime(2026, 11, 20, 10, tzinfo=BEIJING)
NIGHT = datetime(2026, 11, 22, 20, tzinfo=BEIJING)
HANDLERS = {"SwapAsked": on_swap_asked, "SwapDone": on_swap_done}


@pytest.fixture
def asked() -> UUID:
    one, two = person(WATER, "duty").id, person(WATER, "second_duty").id
    nights = [(NIGHT + timedelta(days=n), NIGHT + timedelta(days=n, hours=12)) for n in (0, 1)]
    shifts = orgs.put_on_duty(
        unit(WATER).id, [(one, "duty", *nights[0]), (two, "duty", *nights[1])], at=AT, actor="test"
    )
    return orgs.ask_swap(shifts[0], shifts[1], by=one, at=AT, actor="test")


def deliver(event: str) -> dict[UUID, str]:
    """Hand on the newest fact of that kind, twice; return who was told what."""
    fact = OutboxMessage.objects.filter(event=event).latest("seq")
    for _ in range(2):
        HANDLERS[event](LIVE, AT, fact.body)
    told = Receipt.objects.all()
    texts = dict(Notice.objects.values_list("id", "text_zh"))
    assert len({row.notice_id for row in told}) == len(told) == len(texts)
    return {row.person_id: texts[row.notice_id] for row in told}


def test_whoever_is_asked_to_swap_is_told_once(asked: UUID) -> None:
    told = deliver("SwapAsked")

    assert list(told) == [person(WATER, "second_duty").id]
    assert "2026年11月22日 20:00" in told[person(WATER, "second_duty").id]
    assert "2026年11月23日 20:00" in told[person(WATER, "second_duty").id]


def test_nobody_is_asked_about_a_swap_that_was_answered_meanwhile(asked: UUID) -> None:
    orgs.answer_swap(asked, agreed=False, by=person(WATER, "second_duty").id, at=AT, actor="test")

    assert deliver("SwapAsked") == {}


def test_both_are_told_once_which_shift_is_theirs(asked: UUID) -> None:
    one, two = person(WATER, "duty").id, person(WATER, "second_duty").id
    orgs.answer_swap(asked, agreed=True, by=two, at=AT, actor="test")

    told = deliver("SwapDone")

    assert set(told) == {one, two}
    assert "2026年11月23日 20:00" in told[one]
    assert "2026年11月22日 20:00" in told[two]


def test_nobody_is_told_of_a_shift_that_was_cancelled_since(asked: UUID) -> None:
    two = person(WATER, "second_duty").id
    orgs.answer_swap(asked, agreed=True, by=two, at=AT, actor="test")
    coming = orgs.shifts(unit(WATER).id, since=AT, until=AT + timedelta(days=9))
    orgs.cancel_shift(coming[0].id, unit_id=unit(WATER).id, at=AT, actor="test")

    assert set(deliver("SwapDone")) == {person(WATER, "duty").id}
