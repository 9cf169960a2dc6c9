"""An exercise runs by itself to the end, and ends alike whatever stops it on the way."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.province import CANGNAN, QINGYUAN, WENLING, YUHUAN, at_once

from guantong.audit import api as audit
from guantong.base.models import Exercise, OutboxMessage
from guantong.base.realm import Realm
from guantong.brain.models import AlertRow, SignalRow
from guantong.data import catalogue as data
from guantong.flows import api as flows
from guantong.flows.models import Case, Task
from guantong.orgs.api import duty_people
from guantong.packages.api import Input, Package, Progress, begin, play
from guantong.packages.models import Errand, FeedRow
from guantong.registry.models import RegistryObject

TODAY = datetime(2026, 3, 1, 9, tzinfo=UTC)
LANDFALL = datetime(2019, 8, 9, 18, tzinfo=UTC)


def points(*given: tuple[float, float, float, float], storm: str = "STORM") -> list[Input]:
    """Return a track: latitude, longitude, wind and hours before landfall of each point."""
    rows: list[Mapping[str, object]] = [
        {"track_id": storm, "season": 2019, "basin": "WP", "lat": lat, "lon": lon,
         "observed_at": LANDFALL - timedelta(hours=h), "wind_kt": wind, "pressure_hpa": 950.0}
        for lat, lon, wind, h in given
    ]  # fmt: skip
    return [Input(dataset="flood_response.typhoon_track", at="observed_at", rows=rows)]


# Three points twelve hours apart, the last of them at Wenling.
PASSING = ((26.5, 123.0, 90.0, 24.0), (27.4, 122.2, 90.0, 12.0), (28.3, 121.4, 85.0, 0.0))
FAR_AWAY = ((14.0, 135.0, 60.0, 24.0), (14.2, 134.0, 60.0, 12.0), (14.4, 133.0, 60.0, 0.0))


@dataclass(frozen=True)
class Ending:
    """How an exercise ended: everything but ids and the times of this machine."""

    tasks: Mapping[object, int]
    cases: Mapping[object, int]
    alerts: Mapping[object, int]
    signals: int
    facts: Mapping[object, int]
    clock: datetime

    @classmethod
    def of(cls, realm: Realm) -> "Ending":
        duties = Task.objects.filter(realm=realm).values_list(
            "item", "division_code", "state", "sent_at", "accepted_at", "completed_at", "closed_at",
            "supervised_at", "sent_back_times",
        )  # fmt: skip
        cases = Case.objects.filter(realm=realm)
        alerts = AlertRow.objects.filter(realm=realm)
        facts = OutboxMessage.objects.filter(realm=realm).values_list(
            "event", "state", "written_at"
        )
        return cls(
            tasks=Counter(duties),
            cases=Counter(cases.values_list("division_code", "state", "outcome", "closed_at")),
            alerts=Counter(
                alerts.values_list("division_code", "highest_level", "state", "because", "feedback")
            ),
            signals=SignalRow.objects.filter(realm=realm).count(),
            facts=Counter(facts),
            clock=Exercise.objects.get(realm=realm).now_at,
        )


pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("transactional_db", "province", "lake", "small_map"),
]


def run(flood: Package, given: list[Input], *, killed_after: int | None = None) -> Realm:
    """Play to the end; where ``killed_after`` is told, once it is killed there and called again."""
    realm = begin(flood, given, at=TODAY)
    if killed_after is not None:
        turns = 0

        def kill(_: Progress) -> None:
            nonlocal turns
            turns += 1
            if turns == killed_after:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            play(flood, realm, progress=kill)
        assert Exercise.objects.get(realm=realm).state == "running"
        if killed_after == 1:
            # The first batch has landed; this kill came before that was noted.
            assert FeedRow.objects.filter(realm=realm, state="known").update(state="waiting") == 1
        assert begin(flood, given, at=TODAY + timedelta(days=1)) == realm
    play(flood, realm)
    return realm


@pytest.fixture
def wenling_only(small_map: None) -> None:
    """One county is enough where it is played again and again."""
    provider = data.provider_of("base.county")
    assert provider is not None, "the small map brings it"
    whole = provider()
    kept = [code == WENLING for code in whole["division_code"].to_pylist()]
    data.bring_dataset("base.county", lambda: whole.filter(kept))


def unresolved(realm: Realm) -> int:
    return (
        AlertRow.objects.filter(realm=realm, state="open").count()
        + Case.objects.filter(realm=realm, state="open").count()
        + Task.objects.filter(realm=realm).exclude(state__in=("closed_out", "withdrawn")).count()
    )


def test_a_storm_is_played_from_its_first_point_to_its_last_closed_case(
    flood: Package, lake: Path
) -> None:
    realm = run(flood, points(*PASSING))

    assert unresolved(realm) == 0
    levels = dict(AlertRow.objects.values_list("division_code", "highest_level"))
    assert levels[WENLING] == levels[YUHUAN] == "red"
    assert set(levels) <= {WENLING, YUHUAN, CANGNAN, QINGYUAN}
    assert AlertRow.objects.count() == len(levels)  # nobody is alerted twice
    assert Case.objects.filter(outcome="confirmed").count() == Case.objects.count() > 0
    evacuated = Task.objects.filter(item="evacuate", state="closed_out").count()
    in_danger = RegistryObject.objects.filter(type="flood_response.household")
    assert evacuated == in_danger.count() > 0
    assert not Task.objects.filter(accepter_id=None, verified_at__isnull=False).exists()
    assert not Errand.objects.exists()
    assert set(FeedRow.objects.values_list("state", flat=True)) == {"known"}
    report = audit.check()
    assert (report.faults, report.waiting) == ((), 0)


@pytest.mark.usefixtures("wenling_only")
def test_an_exercise_that_was_played_is_left_alone(flood: Package) -> None:
    realm = run(flood, points(*PASSING))
    before, ended = Ending.of(realm), Exercise.objects.get(realm=realm)

    play(flood, realm)

    assert Ending.of(realm) == before
    assert Exercise.objects.get(realm=realm).ended_at == ended.ended_at


@pytest.mark.usefixtures("wenling_only")
def test_killed_at_any_moment_and_called_again_it_ends_as_it_would_have(flood: Package) -> None:
    told: list[Progress] = []
    whole = begin(flood, points(*PASSING), at=TODAY)
    play(flood, whole, progress=told.append)
    undisturbed, turns = Ending.of(whole), len(told)

    for moment in (1, turns // 3, 3 * turns // 4):
        assert Ending.of(run(flood, points(*PASSING), killed_after=moment)) == undisturbed, moment
    report = audit.check()
    assert (report.faults, report.waiting) == ((), 0)


def test_a_storm_that_never_comes_near_alerts_nobody(flood: Package) -> None:
    realm = run(flood, points(*FAR_AWAY))

    assert AlertRow.objects.count() == Case.objects.count() == Task.objects.count() == 0
    assert Exercise.objects.get(realm=realm).state == "finished"


def test_an_unfinished_exercise_is_continued_only_by_the_same_command(flood: Package) -> None:
    first = begin(flood, points(*PASSING), at=TODAY)

    assert begin(flood, points(*PASSING), at=TODAY) == first
    assert begin(flood, points(*FAR_AWAY), at=TODAY) != first
    assert begin(flood, points(*PASSING, storm="OTHER"), at=TODAY) != first


def test_an_exercise_begins_at_the_first_thing_that_becomes_known(flood: Package) -> None:
    realm = begin(flood, points(*PASSING), at=TODAY)

    found = Exercise.objects.get(realm=realm)
    assert found.begins_at == found.now_at == LANDFALL - timedelta(hours=24)
    assert found.started_at == TODAY


@pytest.mark.usefixtures("wenling_only")
def test_progress_counts_up_and_the_clock_never_goes_back(flood: Package) -> None:
    told: list[Progress] = []
    realm = begin(flood, points(*PASSING), at=TODAY)

    play(flood, realm, progress=told.append)

    assert [p.done for p in told] == sorted(p.done for p in told)
    assert [p.now for p in told] == sorted(p.now for p in told)
    assert (told[-1].done, told[-1].total) == (3, 3)
    assert told[-1].now > LANDFALL + timedelta(hours=24)


def test_two_commands_that_play_one_exercise_take_turns(flood: Package, wenling_only: None) -> None:
    alone = run(flood, points(*PASSING, storm="ALONE"))
    given = points(*PASSING, storm="TWICE")

    realms = at_once(lambda: begin(flood, given, at=TODAY), lambda: begin(flood, given, at=TODAY))
    realm = Realm(str(realms[0]))
    answers = at_once(lambda: play(flood, realm), lambda: play(flood, realm))

    assert realms[0] == realms[1]
    assert answers == [None, None]
    assert unresolved(realm) == 0
    assert Ending.of(realm).cases == Ending.of(alone).cases
    assert len(Ending.of(realm).tasks) == len(Ending.of(alone).tasks)
    assert audit.check().faults == ()


def test_what_people_do_in_an_exercise_is_gone_on_with_by_its_actors(
    flood: Package, wenling_only: None
) -> None:
    realm = begin(flood, points(*PASSING), at=TODAY)

    def take_part(now: Progress) -> None:
        # A person takes on every task the moment it is given out, and does nothing more.
        for task in Task.objects.filter(realm=realm, state="dispatched"):
            people = duty_people([task.unit_id], on=TODAY.date())[task.unit_id]
            flows.accept(realm, {task.id: people[-1]}, at=now.now)

    play(flood, realm, progress=take_part)

    assert unresolved(realm) == 0
    assert not Task.objects.filter(realm=realm, sent_back_times__gt=0).exists()
