"""A contest is a real wait: in real time, for whoever may answer now, and for nobody afterwards."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests import province as small
from tests.kernel.access.test_citizen_end import Ends, text
from tests.kernel.access.test_residents import (
    HOUSE,
    at_home,
    come_in,
    contested,
    ends,
    house,
    look,
    officer,
)
from tests.kernel.notices.conftest import strayed
from tests.province import EVENING

from guantong.access import api as access
from guantong.access.resident_models import Contest
from guantong.base.clock import local_day, machine_now
from guantong.base.ids import new_id
from guantong.base.models import Exercise
from guantong.base.realm import LIVE, Realm, exercise
from guantong.main import telling
from guantong.notices import api as notices
from guantong.notices.models import Notice, Receipt
from guantong.orgs import api as orgs

TOWNSHIP, OTHER_TOWNSHIP, COUNTY = "area@331081105", "area@331081001", "area@331081"
FOUNDED = {"outcome": "founded", "answer": "不应查看，已批评。"}
SECOND = timedelta(seconds=1)

__all__ = ["ends", "house"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province", "flood")]


@pytest.fixture
def played() -> Realm:
    """An exercise whose clock stopped long ago."""
    realm = exercise(new_id())
    Exercise.objects.create(
        realm=realm, package="flood_response", title="利奇马复盘", asked="t", now_at=EVENING,
        begins_at=EVENING, started_at=machine_now(), state="finished",
    )  # fmt: skip
    return realm


def contested_in(ends: Ends, realm: Realm) -> Contest:
    """Let a citizen contest a look at her household in an exercise."""
    house = small.household(HOUSE, realm=realm, at=EVENING)
    at_home(ends, house)
    seen = look(ends, house)
    answer = come_in(ends).post(f"/looks/{seen.id}/contest", {"why": "我没有投诉过"})
    assert answer.status_code == 302, text(answer)
    return Contest.objects.get()


def test_a_contest_about_a_record_of_an_exercise_waits_in_real_time(
    ends: Ends, played: Realm
) -> None:
    made = contested_in(ends, played)
    told = Notice.objects.get()

    due = notices.run_due(LIVE, made.answer_by + SECOND)

    assert made.realm == played
    assert machine_now() - made.asked_at < timedelta(minutes=5)
    assert (told.realm, told.accept_by) == (LIVE, made.answer_by)
    assert due > 0
    assert Notice.objects.filter(realm=LIVE, kind="overdue").exists()


def test_of_an_exercise_a_notice_says_its_name_and_nothing_else(ends: Ends, played: Realm) -> None:
    made = contested_in(ends, played)
    officer(ends, TOWNSHIP).post(f"/contests/{made.id}/answer", FOUNDED)

    for row in Notice.objects.all():
        assert "利奇马复盘" in row.text_zh
        assert not any(said in row.text_zh + row.title_zh for said in (HOUSE, "林某01", "我没有"))


@pytest.mark.parametrize("where", ["exercise", "live"])
def test_its_head_answers_from_whichever_realm_and_the_citizen_is_told(
    ends: Ends, played: Realm, where: str
) -> None:
    made = contested_in(ends, played)
    browser = officer(ends, TOWNSHIP)
    session = browser.session
    session["realm"] = played if where == "exercise" else LIVE
    session.save()

    listed = text(browser.get("/contests"))
    shown = text(browser.get(f"/contests/{made.id}"))
    answer = browser.post(f"/contests/{made.id}/answer", FOUNDED)

    assert "我没有投诉过" in listed
    assert "利奇马复盘" in listed
    assert "利奇马复盘" in shown
    assert answer.status_code == 302
    assert "Your question about a look is answered" in text(come_in(ends).get("/notices"))


def test_an_open_contest_is_not_hidden_by_newer_ones_that_are_answered(
    ends: Ends, house: UUID
) -> None:
    waits = contested(ends, house)
    by, units = small.person(TOWNSHIP, "head").id, waits.unit_ids
    copy: dict[str, Any] = {
        f.name: getattr(waits, f.name) for f in Contest._meta.fields
    }  # fmt: skip
    for days in (1, 2):
        at = waits.asked_at + timedelta(days=days)
        done = {"outcome": "founded", "answer": "x", "answered_by": by, "answered_at": at}
        Contest.objects.create(**copy | done | {"id": new_id(), "citizen_id": new_id(),
                                                "asked_at": at})  # fmt: skip

    first = access.contests_for(units, most=1)
    every = access.contests_for(units)

    assert [view.id for view in first] == [waits.id]
    assert [(v.asked_at - waits.asked_at).days for v in every] == [0, 2, 1]


def nobody_waits(made: Contest) -> None:
    """See that nobody is told afterwards that a contest is late."""
    notices.run_due(LIVE, made.answer_by + SECOND)
    assert not Notice.objects.filter(kind="overdue").exists()
    assert strayed() == set()


def test_after_a_merge_the_heads_of_the_heir_answer_and_nobody_is_late(
    ends: Ends, house: UUID
) -> None:
    made = contested(ends, house)
    at = machine_now()
    gone, into = small.unit(TOWNSHIP), small.unit(OTHER_TOWNSHIP)
    heir = officer(ends, OTHER_TOWNSHIP)
    orgs.merge_unit(TOWNSHIP, into=OTHER_TOWNSHIP, on=local_day(at), at=at, actor="test")
    telling.on_unit_merged(LIVE, at, {"unit_id": str(gone.id), "into_id": str(into.id)})

    told = Receipt.objects.filter(unit_id=into.id, ended_at=None)
    heads = {p.id for p in orgs.people_of_unit(into.id, on=local_day(at)) if p.post_code == "head"}
    assert {row.person_id for row in told} >= heads
    answer = heir.post(f"/contests/{made.id}/answer", FOUNDED)

    assert answer.status_code == 302, text(answer)
    asked = Notice.objects.filter(asks="acceptance").values("id")
    assert not Receipt.objects.filter(notice_id__in=asked, ended_at=None, accepted_at=None).exists()
    nobody_waits(made)


def test_when_the_only_head_leaves_the_head_above_is_told_and_may_answer(
    ends: Ends, house: UUID
) -> None:
    made = contested(ends, house)
    at = machine_now()
    for row in list(Receipt.objects.filter(unit_id=small.unit(TOWNSHIP).id)):
        orgs.leave_office(row.person_id, on=local_day(at), at=at, actor="test")
        telling.on_person_left(LIVE, at, {"person_id": str(row.person_id)})

    told = Receipt.objects.get(ended_at=None, person_id=small.person(COUNTY, "head").id)
    answer = officer(ends, COUNTY).post(f"/contests/{made.id}/answer", FOUNDED)

    assert answer.status_code == 302, text(answer)
    told.refresh_from_db()
    assert told.accepted_at is not None
    nobody_waits(made)


def test_who_is_on_duty_but_no_head_is_not_handed_a_contest(ends: Ends, house: UUID) -> None:
    contested(ends, house)
    at = machine_now()
    gone, into = small.unit(TOWNSHIP), small.unit(OTHER_TOWNSHIP)
    orgs.merge_unit(TOWNSHIP, into=OTHER_TOWNSHIP, on=local_day(at), at=at, actor="test")

    telling.on_unit_merged(LIVE, at, {"unit_id": str(gone.id), "into_id": str(into.id)})

    duty = small.person(OTHER_TOWNSHIP, "duty").id
    assert not Receipt.objects.filter(person_id=duty).exists()
