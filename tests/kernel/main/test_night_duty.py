"""A task given out at night is told to whoever has the night, by the clock of its realm."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from tests.province import EVENING, WENLING, Province, open_case, person, unit, user_for

from guantong.base.clock import (
    BEIJING,
    hour_of_the_realm,
    local_day,
    machine_now,
    organisation_day,
)
from guantong.base.ids import new_id
from guantong.base.models import Exercise, OutboxMessage
from guantong.base.realm import LIVE, Realm, exercise
from guantong.flows.dispatch import NewTask, give_out
from guantong.flows.models import Case
from guantong.main.telling import on_tasks_dispatched
from guantong.notices import api as notices
from guantong.notices.api import Recipient, Words
from guantong.notices.models import Receipt
from guantong.orgs import api as orgs
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db
WATER = "water@331081"
SHITANG = "area@331081105"


def told(realm: Realm, at: datetime) -> list[UUID]:
    """Give out a duty of the water bureau at that time; return who is told of it."""
    case = Case.objects.get(id=open_case(realm=realm, matter=str(new_id())))
    task = NewTask(
        key="k", kind="plan", item="reservoir_check", title="t", place=WENLING,
        role=orgs.Role.parse("water@county"), limit=timedelta(hours=2),
    )  # fmt: skip
    give_out(realm, case.id, case.package, case.number, [task], at=at)
    fact = OutboxMessage.objects.filter(event="TasksDispatched").latest("seq")
    before = set(Receipt.objects.values_list("id", flat=True))
    on_tasks_dispatched(realm, at, fact.body)
    fresh = Receipt.objects.exclude(id__in=before)
    return [row.person_id for row in fresh if row.unit_id == unit(WATER).id]


@pytest.mark.usefixtures("province", "flood")
def test_a_task_of_two_in_the_morning_goes_to_who_has_the_night() -> None:
    evening = date(2026, 11, 22)
    night = person(WATER, "head").id
    orgs.put_on_duty(unit(WATER).id, [(night, "duty", *orgs.times_of(evening, "night"))],
                     at=EVENING, actor="test")  # fmt: skip

    two = datetime(2026, 11, 23, 2, tzinfo=BEIJING)
    stroke = datetime(2026, 11, 23, 8, tzinfo=BEIJING)

    assert told(LIVE, two) == [night]
    assert told(LIVE, stroke) == [person(WATER, "duty").id]


@pytest.fixture
def realm(province: Province, flood: Package) -> Realm:
    """An exercise of August 2019, played with the people of today."""
    found = exercise(new_id())
    Exercise.objects.create(
        realm=found,
        package="flood_response",
        asked="t",
        now_at=EVENING,
        begins_at=EVENING,
        started_at=machine_now(),
    )
    return found


TWO = datetime(2019, 8, 10, 2, tzinfo=BEIJING)


def has_the_night(realm: Realm, code: str) -> UUID:
    """Give the head of a unit the night in which the day of an exercise begins."""
    night = person(code, "head").id
    yesterday = organisation_day(realm, EVENING) - timedelta(days=1)
    orgs.put_on_duty(unit(code).id, [(night, "duty", *orgs.times_of(yesterday, "night"))],
                     at=machine_now(), actor="test")  # fmt: skip
    return night


def test_an_exercise_asks_the_roster_of_its_people_by_the_hour_of_its_own_clock(
    realm: Realm,
) -> None:
    night = has_the_night(realm, WATER)

    assert told(realm, TWO) == [night]
    assert told(realm, datetime(2019, 8, 10, 9, tzinfo=BEIJING)) == [person(WATER, "duty").id]
    two = hour_of_the_realm(realm, TWO)
    assert local_day(two) == organisation_day(realm, TWO)
    assert two.astimezone(BEIJING).hour == 2


@pytest.mark.parametrize(("hour", "post"), [(2, "head"), (9, "duty")])
def test_of_the_superior_of_a_late_unit_who_has_that_hour_of_an_exercise_is_told(
    realm: Realm, hour: int, post: str
) -> None:
    has_the_night(realm, "area@331081")
    at = datetime(2019, 8, 10, hour, tzinfo=BEIJING)
    late = person(SHITANG)
    notices.send(
        realm, to=[Recipient(person_id=late.id, unit_id=unit(SHITANG).id)], kind="message",
        asks="acceptance", accept_by=at - timedelta(hours=1), at=at - timedelta(hours=2),
        words=Words.same("加强巡查", ""),
    )  # fmt: skip

    notices.run_due(realm, at)

    told = Receipt.objects.exclude(person_id=late.id).get()
    assert told.person_id == person("area@331081", post).id


@pytest.mark.parametrize(("hour", "post"), [(2, "head"), (9, "duty")])
def test_a_notice_written_by_hand_in_an_exercise_reaches_who_has_that_hour(
    realm: Realm, hour: int, post: str
) -> None:
    has_the_night(realm, SHITANG)
    Exercise.objects.update(now_at=datetime(2019, 8, 10, hour, tzinfo=BEIJING))
    browser = Client()
    browser.force_login(user_for("area@331081", "head"))
    session = browser.session
    session["realm"] = realm
    session.save()

    answer = browser.post(
        "/notices/new",
        {"post": str(unit("area@331081").id), "group": "area_below", "who": "duty",
         "title": "加强巡查", "asks": "information", "act": "send",
         "unit": str(unit(SHITANG).id)},
    )  # fmt: skip

    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert Receipt.objects.get().person_id == person(SHITANG, post).id
