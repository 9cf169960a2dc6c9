"""A scenario with people: its clock runs, their units are played by nobody, it is judged alike."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.kernel.rehearsal.test_rehearsed import ACTORS, ON, TODAY, check, scenario
from tests.province import person, unit

from guantong.base import clock
from guantong.base.realm import Realm
from guantong.flows import api as flows
from guantong.flows.models import Task
from guantong.packages.api import (
    Package,
    Progress,
    Rehearsed,
    begin_live,
    end_live,
    live_under_way,
    play_live,
    read_script,
    score,
)
from guantong.packages.rehearsal.live import Pace

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)
OFFICERS = "emergency@331081"


class Wall:
    """A clock on the wall that moves only while somebody waits."""

    def __init__(self) -> None:
        self.passed = 0.0

    def seconds(self) -> float:
        return self.passed

    def wait(self, seconds: float) -> None:
        self.passed += seconds


def pace(wall: Wall, *, speed: float, over: bool = False) -> tuple[Pace, list[datetime]]:
    looked: list[datetime] = []
    made = Pace(speed=speed, over=lambda: over, look=looked.append, wall=wall)
    return made, looked


def test_the_clock_goes_so_many_times_as_quick_as_the_wall() -> None:
    wall = Wall()
    made, _ = pace(wall, speed=120)

    now: datetime | None = NOON
    for _ in range(60):
        assert now is not None
        now = made(now, NOON + timedelta(days=1))

    assert now is not None
    assert now - NOON == timedelta(seconds=120 * wall.passed)
    assert wall.passed > 0


def test_what_is_due_is_done_without_waiting_and_the_clock_stops_at_it() -> None:
    wall = Wall()
    made, _ = pace(wall, speed=3600)

    assert made(NOON, NOON) == NOON
    assert made(NOON, NOON - timedelta(hours=1)) == NOON
    assert wall.passed == 0
    assert made(NOON, NOON + timedelta(seconds=1)) == NOON + timedelta(seconds=1)


def test_it_is_over_only_when_nothing_is_due_and_nobody_has_anything_left() -> None:
    assert pace(Wall(), speed=1, over=True)[0](NOON, None) is None
    assert pace(Wall(), speed=1, over=False)[0](NOON, None) is not None
    assert pace(Wall(), speed=1, over=True)[0](NOON, NOON + timedelta(hours=1)) is not None


def test_what_people_did_is_looked_at_now_and_then_not_at_every_moment() -> None:
    wall = Wall()
    made, looked = pace(wall, speed=1)

    now = NOON
    while wall.passed < 30:
        now = made(now, None) or now

    assert 5 <= len(looked) <= 7


# A busy machine draws slowly; that says nothing about the clock.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    speed=st.floats(min_value=0.1, max_value=3600),
    dues=st.lists(st.integers(min_value=-50, max_value=5000), min_size=1, max_size=10),
)
def test_the_clock_never_goes_back_and_never_past_what_is_due(
    speed: float, dues: Sequence[int]
) -> None:
    made, _ = pace(Wall(), speed=speed)
    now = NOON

    for minutes in dues:
        due = NOON + timedelta(minutes=minutes)
        then = made(now, due)
        assert then is not None
        assert now <= then <= max(now, due)
        now = then


store = pytest.mark.usefixtures("transactional_db", "province", "lake", "small_map")


def act_as_people(realm: Realm, *, verifying: bool = True) -> None:
    """Let an officer of Wenling do whatever her unit has to do."""
    now, me = clock.now(realm), person(OFFICERS).id
    answers = {
        "advise": {"advice": "a"}, "control": {"measures": "m"},
        "propose": {"response_level": "blue", "grounds": "g"}, "brief_city": {"situation": "s"},
        "review": {"outcome": "false_alarm", "lessons": "l"},
    }  # fmt: skip
    held = Task.objects.filter(realm=realm, unit_id=unit(OFFICERS).id)
    for task in held.filter(state="dispatched"):
        flows.accept(realm, {task.id: me}, at=now)
    for task in held.filter(state="accepted"):
        flows.complete(realm, {task.id: me}, at=now, answers=answers.get(task.item, {}))
    waiting = Task.objects.filter(realm=realm, verifier_id=unit(OFFICERS).id, state="completed")
    for task in waiting if verifying else ():
        flows.verify(realm, {task.id: me}, at=now)


def play(
    flood: Package,
    *,
    then: str = "",
    acting: bool = True,
    verifying: bool = True,
    most: int = 100_000,
) -> tuple[Rehearsed, frozenset[UUID]]:
    document = scenario(then=then, actors=ACTORS)
    package = flood.changed(document.path, document)
    people = frozenset({unit(OFFICERS).id})
    script = read_script(package, document)
    realm = begin_live(package, script, people=people, at=TODAY)
    turns = 0

    def progress(_: Progress) -> None:
        nonlocal turns
        turns += 1
        if turns > most:
            raise KeyboardInterrupt
        if acting:
            act_as_people(realm, verifying=verifying)

    played = play_live(
        package, script, realm, people=people, speed=3600, wall=Wall(), progress=progress
    )
    return played, people


@store
@pytest.mark.django_db(transaction=True)
def test_people_and_actors_bring_a_scenario_to_its_end_together(flood: Package) -> None:
    ends = check(f"case: {{flow: county_response, {ON}, ends_at: end, count: 1}}")
    said = check(f"alert: {{signal: flood_response.typhoon, {ON}, feedback: false_alarm}}")

    played, people = play(flood, then=ends + said)

    assert played.held, [w.result for w in played.wishes]
    assert played.unresolved == 0
    mine = [unit for unit in score(played.package, played.realm, people) if unit.by_people]
    assert [(u.unit_id in people, u.tasks > 5) for u in mine] == [(True, True)]
    assert mine[0].acceptance is not None
    others = Task.objects.filter(realm=played.realm).exclude(unit_id__in=people)
    assert others.exists()
    assert not others.exclude(state="closed_out").exists()


@store
@pytest.mark.django_db(transaction=True)
def test_nobody_acts_for_a_unit_of_people_and_it_can_be_ended_and_judged(flood: Package) -> None:
    ends = check(f"case: {{flow: county_response, {ON}, ends_at: end}}")
    with pytest.raises(KeyboardInterrupt):
        play(flood, then=ends, acting=False, most=60)
    document = scenario(then=ends, actors=ACTORS)
    package = flood.changed(document.path, document)
    people = frozenset({unit(OFFICERS).id})
    script = read_script(package, document)
    realm = live_under_way(package, script, people=people)
    assert realm is not None
    assert live_under_way(package, script, people=()) is None

    untouched = Task.objects.filter(realm=realm, unit_id__in=people)
    assert set(untouched.values_list("state", "received_at")) == {("dispatched", None)}
    played = end_live(package, script, realm)

    assert not played.held
    assert played.failed[0].result["open"] == 1
    assert live_under_way(package, script, people=people) is None


@store
@pytest.mark.django_db(transaction=True)
def test_what_people_are_to_verify_no_actor_verifies(flood: Package) -> None:
    with pytest.raises(KeyboardInterrupt):
        play(flood, verifying=False, most=300)

    theirs = Task.objects.filter(verifier_id=unit(OFFICERS).id)
    assert set(theirs.values_list("state", flat=True)) == {"completed"}
    assert Task.objects.filter(item="duty_watch", state="closed_out").count() == 1
