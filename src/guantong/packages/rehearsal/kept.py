"""Rehearsals that are kept with the release they were made of, and read back as they were.

Whoever is to install a release sees whether somebody has played it, and what came of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from guantong.base.errors import NotFound
from guantong.orgs.api import DivisionRef, places
from guantong.packages.life.models import Release
from guantong.packages.life.releases import read_release
from guantong.packages.life.trail import leave
from guantong.packages.package import Package
from guantong.packages.rehearsal.live import UnitScore
from guantong.packages.rehearsal.models import Rehearsal
from guantong.packages.rehearsal.rehearse import Rehearsed, scenarios
from guantong.packages.rehearsal.saying import places_named
from guantong.packages.rehearsal.written import (
    Values,
    from_values,
    to_values,
    unit_from,
    unit_values,
)

BOX, PEOPLE = "box", "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRehearsal:
    """One rehearsal of a release: ``played`` of its ``declared`` scenarios, ``failed`` of these."""

    id: UUID
    package: str
    release: UUID
    version: str
    digest: str
    kind: str
    at: datetime
    by: str
    played: int
    declared: int
    failed: int
    seconds: float

    @property
    def held(self) -> bool:
        """Say whether every scenario of the release was played and held."""
        return not self.failed and self.played == self.declared


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRehearsal:
    """A rehearsal that is kept, with all that its report is made of."""

    kept: KeptRehearsal
    package: Package
    played: Sequence[Rehearsed]
    units: Sequence[UnitScore]
    # The divisions that its sentences name.
    places: Mapping[str, DivisionRef]


def outcome_of(played: Iterable[Rehearsed], units: Iterable[UnitScore] = ()) -> Values:
    """Return what came of scenarios as plain values, to be kept in another store than theirs."""
    return {
        "scenarios": [to_values(one) for one in played],
        "units": [unit_values(unit) for unit in units],
    }


def keep_rehearsal(
    release: UUID, outcome: Mapping[str, Any], *, kind: str, by: str, at: datetime
) -> KeptRehearsal:
    """Keep what came of scenarios of a release; an exercise that is kept stays as it was judged."""
    made_of = Release.objects.get(id=release)
    package = read_release(made_of)
    played = [from_values(package, values) for values in outcome["scenarios"]]
    realm = played[0].realm if kind == PEOPLE else ""
    with transaction.atomic():
        known = Rehearsal.objects.filter(realm=realm).first() if realm else None
        if known is not None:
            return _kept(known)
        row = Rehearsal.objects.create(
            package=package.id, release=made_of, kind=kind, realm=realm, at=at, by=by,
            played=len(played), declared=len(scenarios(package)),
            failed=sum(not one.held for one in played), seconds=sum(one.seconds for one in played),
            outcome={**outcome, "scenarios": [_brief(v) for v in outcome["scenarios"]]},
            timelines=[values["timeline"] for values in outcome["scenarios"]],
        )  # fmt: skip
        leave("rehearsal", "keep", row.id, at=at, actor=by)
    return _kept(row)


def rehearsals_of(
    package: str, *, before: UUID | None = None, most: int = 1000
) -> list[KeptRehearsal]:
    """Return the rehearsals of a package that are kept, the newest first."""
    rows = _rows().filter(package=package).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [_kept(row) for row in rows.defer("outcome")[:most]]


def count_rehearsals(package: str) -> int:
    """Return how many rehearsals of a package are kept."""
    return Rehearsal.objects.filter(package=package).count()


def newest_rehearsals(releases: Iterable[UUID]) -> dict[UUID, KeptRehearsal]:
    """Return the newest rehearsal in a box of each release that has one."""
    rows = (
        _rows()
        .filter(release__in=list(releases), kind=BOX)
        .order_by("release_id", "-id")
        .distinct("release_id")
        .defer("outcome")
    )
    return {row.release_id: _kept(row) for row in rows}


def newest_of_digest(package: str, digest: str) -> KeptRehearsal | None:
    """Return the newest rehearsal in a box of these very files, if they were ever played."""
    rows = _rows().filter(release__package=package, release__digest=digest, kind=BOX)
    row = rows.defer("outcome").order_by("-id").first()
    return None if row is None else _kept(row)


def read_rehearsals(kept: Sequence[KeptRehearsal]) -> list[ReadRehearsal]:
    """Return rehearsals with what came of them but the timelines; each release is read once."""
    rows = Rehearsal.objects.filter(id__in=[one.id for one in kept])
    outcomes: dict[UUID, Values] = dict(rows.values_list("id", "outcome"))
    releases = Release.objects.in_bulk({one.release for one in kept})
    packages = {id: read_release(release) for id, release in releases.items()}
    read = [_read(one, packages[one.release], outcomes[one.id]) for one in kept]
    named = places_named(played for one in read for played in one.played)
    known = places(named)
    return [replace(one, places=known) for one in read]


def read_rehearsal(package: str, id: UUID) -> ReadRehearsal:
    """Return one rehearsal of a package with its timelines, or refuse."""
    row = Rehearsal.objects.select_related("release").filter(package=package, id=id).first()
    if row is None:
        raise NotFound(what="rehearsal")
    told = zip(row.outcome["scenarios"], row.timelines, strict=True)
    outcome = {**row.outcome, "scenarios": [{**v, "timeline": lines} for v, lines in told]}
    return _read(_kept(row), read_release(row.release), outcome)


def _rows() -> Any:
    return Rehearsal.objects.select_related("release").defer("timelines")


def _brief(values: Mapping[str, Any]) -> Values:
    return {name: value for name, value in values.items() if name != "timeline"}


def _read(kept: KeptRehearsal, package: Package, outcome: Values) -> ReadRehearsal:
    return ReadRehearsal(
        kept=kept,
        package=package,
        played=[from_values(package, values) for values in outcome["scenarios"]],
        units=[unit_from(values) for values in outcome["units"]],
        places={},
    )


def _kept(row: Rehearsal) -> KeptRehearsal:
    return KeptRehearsal(
        id=row.id, package=row.package, release=row.release_id, version=row.release.version,
        digest=row.release.digest, kind=row.kind, at=row.at, by=row.by, played=row.played,
        declared=row.declared, failed=row.failed, seconds=row.seconds,
    )  # fmt: skip
