"""Running cases go over to a release when it is installed, where it says how.

What would become of each is counted before (``forecasts``); with the installation the cases are
listed (``ask``); a worker moves them in small batches (``move_waiting``); the page of the release
shows how far they are (``progress``).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from guantong.flows.api import (
    FailingMove,
    Move,
    MoveCount,
    Process,
    ask_moves,
    drop_moves,
    failing_moves,
    move_cases,
    moves_to,
    process_of,
    running,
    running_cases,
    verdict,
)
from guantong.packages.doctor.questions.migrations import check
from guantong.packages.doctor.subject import Subject
from guantong.packages.errors import ReleaseUnsound
from guantong.packages.life.models import Installed, Release
from guantong.packages.life.releases import read_release
from guantong.packages.moving import move_of, moves_between, moves_from, version_of
from guantong.packages.package import Package

# One turn of a worker; between two turns it does its other work.
BATCH = 25

_Way = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What would become of the running cases of a process: so many go each way, so many stay."""

    version: str
    release: str
    process: str
    why: Mapping[str, str]
    old: Package
    goes: Mapping[_Way, int]
    stays: Mapping[tuple[str, str], int]


def former_of(package: Package) -> list[Release]:
    """Return the releases kept here whose cases the package says something about."""
    versions = moves_from(package)
    if not versions:
        return []
    used = {release for release, _ in running_cases(package.id)}
    used |= {str(id) for id in _standing(package.id)}
    rows = Release.objects.filter(package=package.id, version__in=list(versions))
    kept = rows.exclude(digest=package.digest).order_by("at", "id")
    return [row for row in kept if str(row.id) in used]


def _standing(package: str) -> list[UUID]:
    return list(Installed.objects.filter(package=package).values_list("release_id", flat=True))


def forecasts(package: Package) -> list[Forecast]:
    """Return what would become of the running cases if a release were installed."""
    found = []
    for former in former_of(package):
        old = read_release(former)
        for move, said in moves_between(old, package, was=str(former.id), becomes=""):
            found.append(_forecast(package, former, old, move, said["why"]))
    return found


def _forecast(
    package: Package, former: Release, old: Package, move: Move, why: Mapping[str, str]
) -> Forecast:
    goes: Counter[_Way] = Counter()
    stays: Counter[tuple[str, str]] = Counter()
    for case in running(package.id, move.old.id, str(former.id)):
        found = verdict(move, case)
        if found.state is None:
            stays[found.why, found.place] += 1
        else:
            goes[case.state.places, found.state.places] += 1
    return Forecast(
        version=former.version, release=str(former.id), process=move.old.id, why=why, old=old,
        goes=goes, stays=stays,
    )  # fmt: skip


def ask(package: Package, kept: Release, *, at: datetime) -> int:
    """List the cases that may go over, in the transaction that installs; refuse a wrong map.

    The doctor has seen the map before; what it was examined against may have changed since.
    """
    drop_moves(package.id)
    former = former_of(package)
    if not former:
        return 0
    packages = {row: read_release(row) for row in former}
    subject = Subject(package, former=tuple(packages.values()))
    errors = [finding for finding in check(subject) if finding.level == "error"]
    if errors:
        raise ReleaseUnsound(package=package.id, version=version_of(package), errors=len(errors))
    asked = 0
    for row, old in packages.items():
        pairs = moves_between(old, package, was=str(row.id), becomes=str(kept.id))
        processes = [move.old.id for move, _ in pairs]
        asked += ask_moves(
            package.id, was=str(row.id), becomes=str(kept.id), processes=processes, at=at
        )
    return asked


def move_waiting(*, at: datetime, most: int = BATCH) -> int:
    """Move some of the cases that wait for it; return how many."""
    known: dict[tuple[str, str, str, str], Move | None] = {}

    def find(package: str, process: str, was: str, becomes: str) -> Move | None:
        key = (package, process, was, becomes)
        if key not in known:
            known[key] = _move(*key)
        return known[key]

    return move_cases(find, at=at, most=most)


def _move(package: str, process: str, was: str, becomes: str) -> Move | None:
    """Return how the cases of a process go over between two releases that are kept here."""
    rows = Release.objects.filter(package=package).in_bulk([UUID(was), UUID(becomes)])
    old, new = rows[UUID(was)], read_release(rows[UUID(becomes)])
    document = moves_from(new).get(old.version)
    said: Mapping[str, Any] | None = document.data["flows"].get(process) if document else None
    if said is None:
        return None
    pair: tuple[Process, Process] = (
        process_of(package, process, was), process_of(package, process, becomes),
    )  # fmt: skip
    return move_of(*pair, said)


@dataclass(frozen=True, kw_only=True)
class MovesSoFar:
    """How far the cases have gone over to a release."""

    counts: tuple[MoveCount, ...]
    failing: tuple[FailingMove, ...]
    versions: Mapping[str, str]

    def count(self, state: str) -> int:
        """Return how many cases are in a state."""
        return sum(one.count for one in self.counts if one.state == state)

    @property
    def all(self) -> int:
        """How many cases were listed."""
        return sum(one.count for one in self.counts)


def progress(package: str, release: UUID) -> MovesSoFar | None:
    """Return how far the cases have gone over to a release; None where none was to."""
    counts = moves_to(package, str(release))
    if not counts:
        return None
    rows = Release.objects.filter(package=package).values_list("id", "version")
    return MovesSoFar(
        counts=tuple(counts), failing=tuple(failing_moves(package, str(release))),
        versions={str(id): version for id, version in rows},
    )  # fmt: skip
