"""A task given out at night is told to whoever has the night, by the clock of its realm."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from tests.province import EVENING, WENLING, Province, open_case, person, unit

from guantong.base.clock import BEIJING, local_day, machine_now, organisation_day
from guantong.base.ids import new_id
from guantong.base.models import Exercise, OutboxMessage
from guantong.base.realm import LIVE, Realm, exercise
from guantong.flows.dispatch import NewTask, give_out
from guantong.flows.models import Case
from guantong.main.telling import hour_of_the_realm, on_tasks_dispatched
from guantong.notices.models import Receipt
from guantong.orgs import api as orgs
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db
WATER = "water@331081"


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


def test_an_exercise_asks_the_roster_of_its_people_by_the_hour_of_its_own_clock(
    province: Province, flood: Package
) -> None:
    realm = exercise(new_id())
    Exercise.objects.create(
        realm=realm,
        package="flood_response",
        asked="t",
        now_at=EVENING,
        begins_at=EVENING,
        started_at=machine_now(),
    )
    on = organisation_day(realm, EVENING)
    night = person(WATER, "head").id
    yesterday = on - timedelta(days=1)
    orgs.put_on_duty(unit(WATER).id, [(night, "duty", *orgs.times_of(yesterday, "night"))],
                     at=machine_now(), actor="test")  # fmt: skip

    assert told(realm, datetime(2019, 8, 10, 2, tzinfo=BEIJING)) == [night]
    assert told(realm, datetime(2019, 8, 10, 9, tzinfo=BEIJING)) == [person(WATER, "duty").id]
    two = hour_of_the_realm(realm, on, datetime(2019, 8, 10, 2, tzinfo=BEIJING))
    assert (local_day(two), two.astimezone(BEIJING).hour) == (on, 2)
