"""Data in, alerts out: one alert for each matter, whoever hears it first and however often."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.province import (
    CANGNAN,
    EVENING,
    QINGYUAN,
    WENLING,
    YUHUAN,
    Province,
    activate,
    at_once,
    deliver,
    expose,
)

from guantong.access.api import Rows
from guantong.audit import api as audit
from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE, Realm
from guantong.brain import service
from guantong.brain.api import (
    alert_of_case,
    alerts,
    end_due,
    levels_over_time,
    next_due,
    on_case_closed,
    signal_count,
    signal_kind,
    signals_of_matter,
    unended,
)
from guantong.brain.models import AlertRow, SignalRow
from guantong.flows.models import Case, Task
from guantong.packages.api import Package

TYPHOON = "flood_response.typhoon"
MATTER = f"LEKIMA/{WENLING}"
HOUR = timedelta(hours=1)
ALL = Rows(everything=True)
in_store = pytest.mark.django_db


@pytest.fixture
def world(province: Province, flood: Package, lake: Path) -> Province:
    return province


def hear(levels: Mapping[str, str], *, hours: float = 0, realm: Realm = LIVE) -> dict[Any, int]:
    at = EVENING + hours * HOUR
    return assess(expose(levels, at=at, realm=realm), at=at, realm=realm)


def assess(run: UUID, *, at: datetime = EVENING, realm: Realm = LIVE) -> dict[Any, int]:
    return service.assess(realm, signal_kind(TYPHOON), run, at=at)


def alert(matter: str = MATTER) -> AlertRow:
    return AlertRow.objects.get(matter=matter)


def case() -> Case:
    return Case.objects.order_by("id").last()  # type: ignore[return-value]


def changes() -> list[str]:
    told = OutboxMessage.objects.filter(event="AlertChanged").order_by("seq")
    return [message.body["change"] for message in told]


@in_store
def test_a_county_in_danger_gets_one_alert_and_one_case(world: Province) -> None:
    counts = hear({WENLING: "orange", QINGYUAN: "none"})

    assert counts == {"opened": 1}
    assert (alert().level, alert().highest_level, alert().state) == ("orange", "orange", "open")
    assert alert().case_id == case().id
    assert (case().division_code, case().level) == (WENLING, "orange")
    assert case().data["alert_level"] == "orange"
    assert alert().facts["distance_km"] == 170.0
    assert changes() == ["opened"]


@in_store
def test_a_county_the_storm_never_came_near_is_not_kept(world: Province) -> None:
    hear({QINGYUAN: "none"})

    assert AlertRow.objects.count() == SignalRow.objects.count() == Case.objects.count() == 0


@in_store
def test_each_county_has_an_alert_of_its_own(world: Province) -> None:
    hear({WENLING: "red", YUHUAN: "orange", CANGNAN: "blue"})

    found = {a.division_code: a.level for a in alerts(LIVE, rows=ALL)}
    assert found == {WENLING: "red", YUHUAN: "orange", CANGNAN: "blue"}
    assert unended(LIVE) == 3


@in_store
def test_another_storm_is_another_matter(world: Province) -> None:
    hear({WENLING: "red"})
    assess(expose({WENLING: "blue"}, storm="KROSA", at=EVENING))

    assert {a.matter for a in alerts(LIVE, rows=ALL)} == {MATTER, f"KROSA/{WENLING}"}


@in_store
def test_a_run_assessed_twice_changes_nothing(world: Province) -> None:
    run = expose({WENLING: "orange"})
    assess(run)
    before = AlertRow.objects.values().get()
    told = OutboxMessage.objects.count()

    again = assess(run, at=EVENING + HOUR)

    assert again == {}
    assert AlertRow.objects.values().get() == before
    assert SignalRow.objects.count() == 1
    assert OutboxMessage.objects.count() == told


@in_store
def test_a_batch_that_lands_is_assessed_without_anybody_asking(world: Province) -> None:
    expose({WENLING: "orange"})

    deliver()

    assert alert().level == "orange"


@in_store
def test_a_rise_and_a_fall_change_the_alert_and_its_case(world: Province) -> None:
    hear({WENLING: "yellow"})
    rise = hear({WENLING: "red"}, hours=1)
    raised_case = case().level
    fall = hear({WENLING: "blue"}, hours=2)

    assert (rise, fall) == ({"raised": 1}, {"lowered": 1})
    assert (raised_case, case().level) == ("red", "blue")
    assert (alert().level, alert().highest_level) == ("blue", "red")
    assert Case.objects.count() == AlertRow.objects.count() == 1
    assert changes() == ["opened", "raised", "lowered"]


@in_store
def test_the_same_level_again_tells_nobody(world: Province) -> None:
    hear({WENLING: "yellow"})
    told = OutboxMessage.objects.exclude(event="BatchLanded").count()

    assert hear({WENLING: "yellow"}, hours=1) == {"unchanged": 1}
    assert OutboxMessage.objects.exclude(event="BatchLanded").count() == told
    assert alert().heard_at == EVENING + HOUR


@in_store
def test_late_news_is_kept_as_a_signal_and_changes_nothing(world: Province) -> None:
    hear({WENLING: "yellow"})
    before = AlertRow.objects.values().get()

    counts = hear({WENLING: "red"}, hours=-1)

    assert counts == {"unchanged": 1}
    assert AlertRow.objects.values().get() == before
    said = [(s.level, s.at) for s in signals_of_matter(LIVE, TYPHOON, MATTER)]
    assert said == [("red", EVENING - HOUR), ("yellow", EVENING)]


@in_store
def test_a_signal_says_which_rule_hit_and_why(world: Province) -> None:
    hear({WENLING: "red"})

    (said,) = signals_of_matter(LIVE, TYPHOON, MATTER)
    assert said.hits[0][0] == "red_by_mean_wind"
    assert "32.7 m/s" in said.hits[0][1]
    assert said.facts["closest_km"] == 20.0


@in_store
def test_an_alert_ends_after_six_hours_below_and_not_a_second_before(world: Province) -> None:
    hear({WENLING: "yellow"})
    hear({WENLING: "none"}, hours=1)
    assert next_due(LIVE) == EVENING + 7 * HOUR

    early = end_due(LIVE, EVENING + 7 * HOUR - timedelta(seconds=1))
    on_time = end_due(LIVE, EVENING + 7 * HOUR)
    again = end_due(LIVE, EVENING + 8 * HOUR)

    assert (early, on_time, again) == (0, 1, 0)
    assert (alert().state, alert().because, alert().level) == ("closed", "below", "none")
    assert alert().closed_at == EVENING + 7 * HOUR
    assert case().data["alert_over"] is True
    assert next_due(LIVE) is None
    assert unended(LIVE) == 0
    assert changes() == ["opened", "lowered", "ended"]


@in_store
def test_an_alert_nobody_renewed_runs_out_after_a_day(world: Province) -> None:
    hear({WENLING: "yellow"})
    assert next_due(LIVE) == EVENING + 24 * HOUR

    assert end_due(LIVE, EVENING + 24 * HOUR) == 1
    assert alert().because == "expired"


@in_store
def test_one_realm_neither_sees_nor_ends_the_alerts_of_another(
    world: Province, realm: Realm
) -> None:
    hear({WENLING: "yellow"})
    hear({WENLING: "red"}, realm=realm)

    assert end_due(realm, EVENING + 100 * HOUR) == 1
    assert unended(LIVE) == 1
    assert [a.level for a in alerts(LIVE, rows=ALL)] == ["yellow"]
    assert (signal_count(LIVE), signal_count(realm)) == (1, 1)


@in_store
def test_danger_that_comes_back_while_the_case_winds_down_is_told_to_that_case(
    world: Province,
) -> None:
    hear({WENLING: "orange"})
    activate(case().id)
    end_due(LIVE, EVENING + 24 * HOUR)
    assert case().awaits == "tasks"

    counts = hear({WENLING: "yellow"}, hours=25)

    assert counts == {"reopened": 1}
    assert Case.objects.count() == 1
    assert (case().data["alert_level"], case().data["alert_over"]) == ("yellow", False)
    assert (alert().level, alert().highest_level) == ("yellow", "orange")
    assert changes() == ["opened", "ended", "reopened"]


def close(outcome: str = "confirmed") -> dict[str, str]:
    """Close the newest case as its review would, and return the fact that it was closed."""
    Case.objects.filter(id=case().id).update(state="closed", outcome=outcome)
    return {
        "case_id": str(case().id),
        "package": "flood_response",
        "matter": MATTER,
        "outcome": outcome,
    }


@in_store
@pytest.mark.parametrize(
    ("outcome", "feedback"), [("confirmed", "confirmed"), ("false_alarm", "false_alarm"), ("?", "")]
)
def test_what_the_review_said_becomes_the_feedback_of_the_alert(
    world: Province, outcome: str, feedback: str
) -> None:
    hear({WENLING: "orange"})
    end_due(LIVE, EVENING + 24 * HOUR)
    fact = close(outcome)

    on_case_closed(LIVE, EVENING + 30 * HOUR, fact)
    on_case_closed(LIVE, EVENING + 30 * HOUR, fact)

    assert alert().feedback == feedback
    assert Case.objects.count() == 1


@in_store
def test_an_alert_open_again_when_its_case_closes_gets_its_next_case(world: Province) -> None:
    hear({WENLING: "orange"})
    first = case()
    fact = close()

    on_case_closed(LIVE, EVENING + HOUR, fact)
    on_case_closed(LIVE, EVENING + HOUR, fact)

    assert Case.objects.count() == 2
    assert case().id != first.id
    assert alert().case_id == case().id
    assert case().data["alert_level"] == "orange"


@in_store
def test_danger_that_comes_back_after_the_case_was_closed_opens_the_next_case(
    world: Province,
) -> None:
    hear({WENLING: "orange"})
    end_due(LIVE, EVENING + 24 * HOUR)
    on_case_closed(LIVE, EVENING + 30 * HOUR, close())

    hear({WENLING: "red"}, hours=31)

    assert (Case.objects.count(), AlertRow.objects.count()) == (2, 1)
    assert alert().case_id == case().id
    assert case().level == "red"


@in_store
def test_a_case_that_belongs_to_no_alert_changes_none(world: Province) -> None:
    hear({WENLING: "orange"})
    before = AlertRow.objects.values().get()

    on_case_closed(LIVE, EVENING, {"case_id": str(UUID(int=1)), "outcome": "confirmed"})

    assert AlertRow.objects.values().get() == before


@in_store
def test_readers_see_the_alerts_of_their_area_and_no_others(world: Province) -> None:
    hear({WENLING: "red", CANGNAN: "blue"})
    own = Rows(prefixes=("3310",))

    assert [a.division_code for a in alerts(LIVE, rows=own)] == [WENLING]
    assert [s.division_code for s in levels_over_time(LIVE, TYPHOON, rows=own)] == [WENLING]
    assert alerts(LIVE, rows=Rows()) == []


@in_store
def test_an_alert_is_found_by_its_case(world: Province) -> None:
    hear({WENLING: "red"})

    found = alert_of_case(LIVE, case().id)

    assert found is not None
    assert (found.id, found.case_id) == (alert().id, case().id)
    assert alert_of_case(LIVE, UUID(int=1)) is None


@pytest.fixture
def committed(transactional_db: None, world: Province) -> Province:
    return world


@pytest.mark.django_db(transaction=True)
def test_one_run_assessed_by_four_at_once_is_heard_once(committed: Province) -> None:
    run = expose({WENLING: "orange", CANGNAN: "blue"})

    answers = at_once(*[lambda: assess(run)] * 4)

    assert sorted(map(str, answers)) == ["{'opened': 2}", "{}", "{}", "{}"]
    assert (AlertRow.objects.count(), Case.objects.count()) == (2, 2)
    assert audit.check().faults == ()


@pytest.mark.django_db(transaction=True)
def test_two_runs_of_one_matter_assessed_at_once_make_one_alert_of_the_newer_level(
    committed: Province,
) -> None:
    early = expose({WENLING: "red"}, at=EVENING)
    late = expose({WENLING: "yellow"}, at=EVENING + HOUR)

    answers = at_once(lambda: assess(early), lambda: assess(late, at=EVENING + HOUR))

    assert all(isinstance(answer, dict) for answer in answers), answers
    assert (AlertRow.objects.count(), Case.objects.count()) == (1, 1)
    assert alert().level == "yellow"
    assert SignalRow.objects.count() == 2
    assert Task.objects.filter(item="advise").count() == 1
    assert audit.check().faults == ()
