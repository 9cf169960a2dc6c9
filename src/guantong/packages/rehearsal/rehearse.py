"""A scenario from its beginning to the verdict, in an exercise realm of its own.

Where that realm lies is not known here: ``Box`` is a port, and ``guantong.main`` fills it with a
province in a box that is thrown away afterwards. Killed and called again, a rehearsal goes on
where it was and is judged the same.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from guantong.base import clock
from guantong.base.hashing import canonical, sha256
from guantong.base.realm import Realm
from guantong.brain import api as brain
from guantong.flows import api as flows
from guantong.packages import exercise, staging
from guantong.packages.document import Document
from guantong.packages.errors import UnknownScenario
from guantong.packages.exercise import Progress
from guantong.packages.package import Package
from guantong.packages.rehearsal import coverage, deeds, passed
from guantong.packages.rehearsal.deeds import Done
from guantong.packages.rehearsal.script import Script, line_of, read_script
from guantong.packages.rehearsal.timeline import Entry, left_out, timeline


class Box(Protocol):
    """A province in a box: a store of its own in which a package is made known."""

    def __call__(self) -> AbstractContextManager[None]:
        """Have a province for as long as the block lasts; nothing of it is left afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """A scenario that was played, and what came of it."""

    package: Package
    scenario: Document
    realm: Realm
    begins_at: datetime
    ended_at: datetime
    seconds: float
    wishes: Sequence[Done]
    # Open alerts, open cases and tasks in no end state.
    unresolved: int
    reached: coverage.Elements
    timeline: Sequence[Entry]
    cases_left_out: int

    @property
    def held(self) -> bool:
        """Say whether everything went as the scenario says."""
        return all(wish.held for wish in self.wishes)

    @property
    def failed(self) -> list[Done]:
        """Return what did not go as the scenario says."""
        return [wish for wish in self.wishes if not wish.held]

    def wish_of(self, entry: Entry) -> Done | None:
        """Return the wish that an entry of the timeline tells of, if it tells of one."""
        place = entry.facts.get("wish")
        same = (wish for wish in self.wishes if wish.kind == entry.what and wish.place == place)
        return next(same, None)

    def line(self, wish: Done) -> int:
        """Return the line of the scenario in which a wish stands."""
        return line_of(self.scenario, wish.kind, wish.place)


def scenarios(package: Package, named: str | None = None) -> list[Document]:
    """Return the scenarios of a package by name, or the one that is named, or refuse."""
    found = list(package.each("scenarios"))
    if named is None:
        return found
    chosen = [scenario for scenario in found if scenario.stem == named]
    if not chosen:
        known = ", ".join(scenario.stem for scenario in found) or "-"
        raise UnknownScenario(package=package.id, name=named, known=known)
    return chosen


def begin(package: Package, script: Script, *, at: datetime, also: str = "") -> Realm:
    """Return the unfinished rehearsal of the same scenario, or begin one.

    ``also`` tells apart what is begun in different ways: with these people or those.
    """

    def fill(realm: Realm) -> None:
        staging.feed(realm, script.coming)
        wanted = script.scenario.data["given"]["samples"]
        staging.record_samples(realm, package, wanted, at=script.begins_at)
        deeds.write(realm, script.wishes)

    return staging.open_exercise(
        package, asked=_asked(package, script, also), title=script.scenario.stem, at=at,
        begins_at=script.begins_at, fill=fill,
    )  # fmt: skip


def under_way(package: Package, script: Script, *, also: str = "") -> Realm | None:
    """Return the unfinished rehearsal of the same scenario, if there is one."""
    return staging.unfinished(package, _asked(package, script, also))


def rehearse(
    package: Package,
    scenario: Document,
    *,
    at: datetime,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Rehearsed:
    """Play a scenario to its end and judge it."""
    began = time.monotonic()
    script = read_script(package, scenario)
    realm = begin(package, script, at=at)
    passed.watch(realm)
    exercise.play(package, realm, actors=scenario.data["actors"], progress=progress)
    return judged(package, script, realm, seconds=time.monotonic() - began)


def judged(package: Package, script: Script, realm: Realm, *, seconds: float) -> Rehearsed:
    """Return what came of a rehearsal that has ended."""
    return Rehearsed(
        package=package, scenario=script.scenario, realm=realm, begins_at=script.begins_at,
        ended_at=clock.now(realm), seconds=seconds, wishes=deeds.done(realm),
        unresolved=brain.unended(realm) + flows.unended(realm),
        reached=coverage.reached(package, realm), timeline=timeline(package, realm),
        cases_left_out=left_out(package, realm),
    )  # fmt: skip


def _asked(package: Package, script: Script, also: str) -> str:
    """Return the digest by which a rehearsal is found again: these files, this scenario."""
    facts = {
        "package": package.id, "files": package.digest, "scenario": script.scenario.path,
        "also": also,
    }  # fmt: skip
    return sha256(canonical(facts)).hex()
