"""Reminders before a limit become notices: live by its rules, in an exercise inside it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests import province
from tests.kernel.notices.loopback import Receiver, receiver

from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE, Realm
from guantong.flows import api as flows
from guantong.flows.models import Task
from guantong.main import telling
from guantong.notices import api as notices
from guantong.notices import channel
from guantong.notices.models import Delivery, Notice, Receipt
from guantong.packages import errands, exercise
from guantong.packages.api import Package
from guantong.packages.exercise import scenario
from guantong.packages.models import Errand

pytestmark = pytest.mark.django_db

EMERGENCY, TAIPING = f"emergency@{province.WENLING[:6]}", "area@331081001"


@pytest.fixture
def live(province: province.Province) -> Realm:
    return LIVE


@pytest.fixture
def actors(flood: Package) -> Package:
    """The flood application with the actors of its own exercise."""
    errands.cast(flood, scenario(flood)["actors"])
    return flood


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A system of the bureau that takes notices by the hook."""
    with receiver() as system:
        path = tmp_path / "channels.yaml"
        path.write_text(f"channels: {{bus: {{type: hook, url: '{system.url}'}}}}", "utf-8")
        monkeypatch.setenv("GUANTONG_CHANNELS", str(path))
        monkeypatch.setattr(channel, "_held", None)
        yield system
    channel._held = None


def test_holders_are_reminded_before_the_limit_once_and_not_woken_for_it(
    live: Realm, flood: Package, outside: Receiver
) -> None:
    province.open_case(data={"track_id": "LEKIMA"})
    province.deliver(live)
    # Four hours that end at one in the night; a quarter of them is left at midnight.
    begins, midnight = province.EVENING + timedelta(hours=1), province.EVENING + timedelta(hours=4)
    Task.objects.update(sent_at=begins, limit_at=begins + timedelta(hours=4))

    flows.run_due(live, midnight)
    fact = OutboxMessage.objects.get(event="TasksDueSoon")
    province.deliver(live)
    telling.on_tasks_due_soon(live, midnight, fact.body)
    flows.run_due(live, midnight + timedelta(minutes=5))

    told = Notice.objects.get(title_zh__startswith="即将到期：")
    assert "2 项任务的时限已过四分之三" in told.text_zh
    assert "Three quarters of the time of 2 tasks are gone" in told.text_en
    (receipt,) = Receipt.objects.filter(notice_id=told.id)
    assert (receipt.unit_id, receipt.items) == (province.unit(EMERGENCY).id, 2)
    delivery = Delivery.objects.get(notice_id=told.id)
    seven = province.EVENING + timedelta(hours=11)  # in the morning, China
    assert (delivery.due_at, delivery.bundled) == (seven, True)


def test_the_clock_of_an_exercise_reminds_of_tasks_and_notices_within_it(
    realm: Realm, actors: Package, outside: Receiver
) -> None:
    case = province.open_case(realm=realm, data={"track_id": "LEKIMA"})
    province.deliver(realm)
    task = Task.objects.get(case_id=case, item="advise")
    soon = task.sent_at + (task.limit_at - task.sent_at) * 3 / 4
    taiping = notices.of_units([province.unit(TAIPING)], on=province.FOUNDED)[0]
    notice = notices.send(
        realm, to=taiping, words=notices.Words.same("请签收"), kind="message", asks="acceptance",
        accept_by=province.EVENING + timedelta(minutes=40), at=province.EVENING,
    )  # fmt: skip
    Errand.objects.all().delete()

    seen = []
    for _ in range(3):
        due = exercise._due(realm)
        now = due.soonest()
        assert now is not None
        seen.append(now)
        exercise._happen(actors, realm, due, now)
        province.deliver(realm)

    minute = timedelta(minutes=1)
    assert seen == [
        province.EVENING + 30 * minute, province.EVENING + 40 * minute + timedelta(seconds=1), soon
    ]  # fmt: skip
    assert Receipt.objects.get(notice_id=notice).reminded_times == 1
    assert Notice.objects.filter(kind="overdue", href=f"/notices/{notice}/receipts").exists()
    assert Notice.objects.filter(title_zh__startswith="即将到期：").count() == 1
    assert not Delivery.objects.exists(), "nothing leaves an exercise"


def test_one_fact_costs_the_same_however_many_cases_it_is_about(
    live: Realm, flood: Package, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        matter = f"M{number}/{province.WENLING}"
        flows.open_case(
            live, package="flood_response", process="county_response", matter=matter,
            division_code=province.WENLING, level="orange", at=province.EVENING,
            data={"alert_level": "orange", "alert_over": False, "matter": matter, "track_id": "L"},
        )  # fmt: skip
    fact = {"task_ids": [str(id) for id in Task.objects.values_list("id", flat=True)]}
    late = province.EVENING + timedelta(hours=2)

    telling._places(province.WENLING)  # what places are called is kept for the process

    # The tasks, who is on duty (roster and posts), the notices, their leaves.
    with django_assert_max_num_queries(5):
        telling.on_tasks_supervised(live, late, fact)

    told = Notice.objects.filter(kind="overdue")
    assert told.count() == 12, "for each case its holder and the unit above"
    assert Receipt.objects.filter(notice_id__in=told).count() == 12
