"""The same scenario with real people (演练): its clock runs, and their units are played by nobody.

People act on the pages, in the realm of the exercise; actors fill in for everybody else. It is
judged like a rehearsal, and each unit has its minutes to receipt and to acceptance beside it.
Stopped and begun again with the same people it goes on; while nobody plays it its clock stands.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from guantong.base.realm import Realm
from guantong.brain import api as brain
from guantong.flows import api as flows
from guantong.orgs.api import units_by_id
from guantong.packages import errands, exercise
from guantong.packages.exercise import Progress
from guantong.packages.package import Package
from guantong.packages.rehearsal import passed, world
from guantong.packages.rehearsal.rehearse import Rehearsed, begin, judged, under_way
from guantong.packages.rehearsal.script import Script

# So long, in real seconds, between two looks at what people did.
_LOOK_SECONDS = 0.5
# Looking for what people left to actors reads every task under way.
_SWEEP_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitScore:
    """How quick one unit was: the middle of its minutes; None where it never came to that."""

    unit_id: UUID
    name_zh: str
    name_en: str
    by_people: bool
    tasks: int
    receipt: float | None
    acceptance: float | None
    late: int


class Wall(Protocol):
    """The clock on the wall, as far as an exercise needs it."""

    def seconds(self) -> float:
        """Return the seconds since some fixed moment; they never go back."""

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""


class Machine:
    """The wall clock of this machine."""

    def seconds(self) -> float:
        """Return the seconds since this machine was started."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


_MACHINE = Machine()


class Pace:
    """The clock of an exercise with people: so many times as quick as the machine's.

    ``over`` says whether nothing is left for anybody to do; ``look`` is called now and then.
    """

    def __init__(
        self,
        *,
        speed: float,
        over: Callable[[], bool],
        look: Callable[[datetime], None],
        wall: Wall,
    ) -> None:
        self._speed, self._over, self._look, self._wall = speed, over, look, wall
        self._began: tuple[float, datetime] | None = None
        self._looked = -_SWEEP_SECONDS

    def __call__(self, now: datetime, soonest: datetime | None) -> datetime | None:
        """Wait a moment if nothing is due, and return what time it is then."""
        if self._began is None:
            self._began = (self._wall.seconds(), now)
        if soonest is not None and soonest <= now:
            return now
        if self._wall.seconds() - self._looked >= _SWEEP_SECONDS:
            self._looked = self._wall.seconds()
            self._look(now)
        if soonest is None and self._over():
            return None
        self._wall.wait(_LOOK_SECONDS)
        real, shown = self._began
        reached = shown + timedelta(seconds=(self._wall.seconds() - real) * self._speed)
        return max(now, reached if soonest is None else min(reached, soonest))


def begin_live(
    package: Package, script: Script, *, people: Collection[UUID], at: datetime
) -> Realm:
    """Return the unfinished exercise of this scenario with these people, or begin one."""
    return begin(package, script, at=at, also=_with(people))


def live_under_way(package: Package, script: Script, *, people: Collection[UUID]) -> Realm | None:
    """Return the unfinished exercise of this scenario with these people, if there is one."""
    return under_way(package, script, also=_with(people))


def play_live(
    package: Package,
    script: Script,
    realm: Realm,
    *,
    people: Collection[UUID],
    speed: float,
    wall: Wall = _MACHINE,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Rehearsed:
    """Let an exercise run beside people until nothing is left to do, and judge it."""
    passed.watch(realm)
    began = time.monotonic()

    def look(now: datetime) -> None:
        errands.go_on_after_people(realm, now)

    pace = Pace(speed=speed, over=lambda: _nothing_left(realm), look=look, wall=wall)
    exercise.play(
        package, realm, actors=script.scenario.data["actors"], people=people, pace=pace,
        progress=progress,
    )  # fmt: skip
    return judged(package, script, realm, seconds=time.monotonic() - began)


def end_live(package: Package, script: Script, realm: Realm) -> Rehearsed:
    """End an exercise as it stands, and judge it; what was never looked at has failed."""
    exercise.end(package, realm)
    return judged(package, script, realm, seconds=0.0)


def score(package: Package, realm: Realm, people: Collection[UUID]) -> list[UnitScore]:
    """Return how quick each unit was, those of real people first."""
    rows = world.ask(
        package, realm, "flows.task",
        "select unit_id, count(*) as tasks, count(supervised_at) as late,"
        " percentile_cont(0.5) within group"
        "  (order by extract(epoch from (received_at - sent_at)) / 60.0) as receipt,"
        " percentile_cont(0.5) within group"
        "  (order by extract(epoch from (accepted_at - sent_at)) / 60.0) as acceptance"
        " from {{ dataset('flows.task') }} group by unit_id",
    )  # fmt: skip
    units = units_by_id(row["unit_id"] for row in rows)
    found = [
        UnitScore(
            unit_id=row["unit_id"], name_zh=units[row["unit_id"]].name_zh,
            name_en=units[row["unit_id"]].name_en, by_people=row["unit_id"] in people,
            tasks=int(row["tasks"]), late=int(row["late"]), receipt=_minutes(row["receipt"]),
            acceptance=_minutes(row["acceptance"]),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda unit: (not unit.by_people, unit.name_zh))


def _minutes(value: float | None) -> float | None:
    return None if value is None else float(value)


def _nothing_left(realm: Realm) -> bool:
    return brain.unended(realm) + flows.unended(realm) == 0


def _with(people: Collection[UUID]) -> str:
    return "live " + " ".join(sorted(map(str, people)))
