"""Installing, upgrading and withdrawing: one transaction each, kept for ever with who and why.

The doctor has been asked before (``main`` does so); what is decided here is whether the release may
follow what is installed, what becomes of the areas' words, and to which release running cases
belong. Whoever is killed in the middle leaves what was before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import OperationalError, connection, transaction

from guantong.base.clock import local_day
from guantong.base.errors import NotFound
from guantong.flows.api import adopt_cases
from guantong.packages.areas import upgrade as areas
from guantong.packages.areas.store import replace as replace_difference
from guantong.packages.errors import (
    AlreadyInstalled,
    ApprovalNeeded,
    NotInstalled,
    NotNewer,
    VersionTaken,
)
from guantong.packages.life.case_moves import ask
from guantong.packages.life.merge import Decision, Merged, decided, merge, refuse_open
from guantong.packages.life.models import Change, Installed, ParameterValue, Release
from guantong.packages.life.parameter import Value
from guantong.packages.life.parameter_store import end_row, parameters_of, settings_of
from guantong.packages.life.releases import keep, read_release
from guantong.packages.life.said import reason
from guantong.packages.life.set_number import one_at_a_time, raise_number
from guantong.packages.life.source import Brought
from guantong.packages.life.trail import leave
from guantong.packages.moving import version_of
from guantong.packages.package import Package
from guantong.packages.tables import merging
from guantong.packages.tables.store import give_back

SHIPPED = "shipped"
INSTALLED, WITHDRAWN = "installed", "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a package stands here: which release, since when, by whom and why."""

    package: str
    release: UUID
    version: str
    digest: str
    signer: str
    origin: str
    state: str
    since: datetime
    by: str
    why: str


def standing(package: str) -> Standing | None:
    """Return how a package stands; None where it was never installed."""
    row = Installed.objects.select_related("release").filter(package=package).first()
    return None if row is None else _standing(row)


def standing_if_any(package: str) -> Standing | None:
    """Return the same of a store that may be away, or of a release before there were any."""
    try:
        known = Installed._meta.db_table in connection.introspection.table_names()
    except OperationalError:
        return None
    return standing(package) if known else None


def standings() -> dict[str, Standing]:
    """Return how every package stands, by id."""
    rows = Installed.objects.select_related("release").order_by("package")
    return {row.package: _standing(row) for row in rows}


def bring_in(brought: Brought, *, by: str, at: datetime) -> UUID:
    """Keep a release in the store without installing it: to be looked at, and decided on a page."""
    with transaction.atomic():
        one_at_a_time()
        _refuse_other_content(brought)
        return keep(brought, by=by, at=at).id


def enter(
    brought: Brought,
    *,
    by: str,
    why: str,
    at: datetime,
    decisions: Mapping[UUID, Decision] | None = None,
    tables: Mapping[str, str] | None = None,
    approved: bool = False,
) -> Standing:
    """Install a package, or bring the installed one to this release; all of it or nothing.

    ``tables`` says of each table in conflict whether the version written here is kept.
    ``approved`` says that ``by`` is a named person who administers the platform and has seen it.
    """
    because = reason(why)
    package = brought.package
    if brought.doubts and not approved:
        raise ApprovalNeeded(
            reasons=brought.doubts, package=package.id, version=version_of(package)
        )
    with transaction.atomic():
        one_at_a_time()
        _refuse_other_content(brought)
        row = Installed.objects.select_related("release").filter(package=package.id).first()
        act = _act(row, brought)
        before = row.release if row is not None else None
        base = read_release(before) if before is not None else None
        done = _decided(package, base, decisions or {}, at=at)
        tables_in_conflict = merging.merged_tables(base, package, at=at).conflicts
        settled = merging.decided_tables(tables_in_conflict, tables or {})
        kept = keep(brought, by=by, at=at)
        if row is None:
            row = Installed(package=package.id)
            # Cases from before releases were kept went by what stood in the folder.
            adopt_cases(package.id, str(kept.id))
        row.release, row.state, row.since, row.by, row.why = kept, INSTALLED, at, by, because
        row.save()
        leave("application", act, row.id, at=at, actor=by)
        ask(package, kept, at=at)
        _carry_decisions(done, version_of(package), by=by, at=at)
        _carry_tables(settled, tables_in_conflict, version_of(package), by=by, at=at)
        _note(package.id, act, kept, before, by=by, why=because, at=at)
    return _standing(row)


def withdraw(package: str, *, by: str, why: str, at: datetime) -> Standing:
    """Let a package begin nothing new; its running cases come to their end."""
    because = reason(why)
    with transaction.atomic():
        one_at_a_time()
        row = Installed.objects.select_related("release").filter(package=package).first()
        if row is None or row.state == WITHDRAWN:
            raise NotInstalled(package=package[:60])
        row.state, row.since, row.by, row.why = WITHDRAWN, at, by, because
        row.save()
        leave("application", "withdraw", row.id, at=at, actor=by)
        _note(package, "withdraw", row.release, row.release, by=by, why=because, at=at)
    return _standing(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What an upgrade does to what areas have said: values, and words and forms."""

    values: Mapping[UUID, Value | None]
    words: Mapping[UUID, object]


def _decided(
    package: Package, base: Package | None, decisions: Mapping[UUID, Decision], *, at: datetime
) -> _Done:
    """Return what becomes of every word in conflict, or refuse while one is undecided."""
    values, words = merged(package, base, at=at), areas.merged(package, base, at=at)
    of_values = {one.setting.id for one in values.conflicts}
    of_words = {one.difference.id for one in words.conflicts}
    refuse_open({*of_values, *of_words}, decisions)
    mine = {id: said for id, said in decisions.items() if id in of_values}
    return _Done(
        values=decided(values.conflicts, mine),
        words={
            **{one.id: None for one in words.agreed},
            **areas.decided_for(package, words, decisions, on=local_day(at)),
        },
    )


def merged(package: Package, base: Package | None, *, at: datetime) -> Merged:
    """Return what a release would do to the values areas have set."""
    was = parameters_of(base) if base is not None else {}
    return merge(was, parameters_of(package), settings_of(package.id), today=local_day(at))


def _act(row: Installed | None, brought: Brought) -> str:
    """Return what entering a release is, or refuse one that may not follow what is installed."""
    package = brought.package
    if row is None:
        return "install"
    if row.release.digest == package.digest:
        if row.state == WITHDRAWN:
            return "install"
        raise AlreadyInstalled(package=package.id, version=row.release.version)
    # What is shipped follows the kernel, which was upgraded, or is being worked on.
    shipped = brought.origin == row.release.origin == SHIPPED
    newer = order(version_of(package)) > order(row.release.version)
    if not newer and not shipped:
        raise NotNewer(package=package.id, given=version_of(package), installed=row.release.version)
    return "install" if row.state == WITHDRAWN else "upgrade"


def order(version: str) -> tuple[int, ...]:
    """Return a version as its numbers, so that 0.10 comes after 0.9."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))


def _refuse_other_content(brought: Brought) -> None:
    """Refuse other files under a version that is known: nobody could say which one works."""
    package, version = brought.package, version_of(brought.package)
    same = Release.objects.filter(package=package.id, version=version)
    if brought.origin != SHIPPED and same.exclude(digest=package.digest).exists():
        raise VersionTaken(package=package.id, version=version)


def _carry_decisions(done: _Done, version: str, *, by: str, at: datetime) -> None:
    for id, word in done.words.items():
        replace_difference(id, word, why=f"release {version}", by=by, at=at)
    for id, value in done.values.items():
        row = ParameterValue.objects.select_for_update().get(id=id)
        until, since = row.to_day, max(row.from_day, local_day(at))
        end_row(row, why=f"release {version}", by=by, at=at)
        if value is None:
            continue
        made = ParameterValue.objects.create(
            package=row.package, parameter=row.parameter, division_code=row.division_code,
            value=value, from_day=since, to_day=until, why=row.why, by=by, at=at,
        )  # fmt: skip
        leave("parameter", "set", made.id, at=at, actor=by)


def _carry_tables(
    settled: Mapping[str, str],
    conflicts: tuple[merging.TableConflict, ...],
    version: str,
    *,
    by: str,
    at: datetime,
) -> None:
    for conflict in conflicts:
        if settled[conflict.path] == merging.TAKE:
            package = conflict.versions[0].package
            give_back(package, conflict.path, why=f"release {version}", by=by, at=at)
            continue
        for one in conflict.versions:
            leave("rule", "keep", one.id, at=at, actor=by, release=version)


def _note(
    package: str,
    act: str,
    release: Release,
    before: Release | None,
    *,
    by: str,
    why: str,
    at: datetime,
) -> None:
    """Add to the history, and let every process see that the set has changed."""
    Change.objects.create(
        package=package, act=act, release=release, before=before, by=by, why=why, at=at
    )
    raise_number()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """One entry of the history."""

    package: str
    act: str
    version: str
    before: str
    digest: str
    by: str
    why: str
    at: datetime


def history(package: str | None = None) -> list[ChangeView]:
    """Return what was installed, upgraded and withdrawn, the newest first."""
    rows = Change.objects.select_related("release", "before").order_by("-at", "-id")
    if package is not None:
        rows = rows.filter(package=package)
    return [
        ChangeView(
            package=row.package, act=row.act, version=row.release.version,
            before=row.before.version if row.before is not None else "",
            digest=row.release.digest, by=row.by, why=row.why, at=row.at,
        )
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseView:
    """One release that is kept here."""

    id: UUID
    package: str
    version: str
    digest: str
    signer: str
    origin: str
    by: str
    at: datetime


def releases_of(package: str) -> list[ReleaseView]:
    """Return the releases of a package that are kept here, the newest first."""
    rows = Release.objects.filter(package=package).order_by("-at", "-id")
    return [_release(row) for row in rows]


def waiting_releases() -> list[ReleaseView]:
    """Return releases that were brought and have never been installed, the newest first."""
    used = Change.objects.values("release_id")
    return [_release(row) for row in Release.objects.exclude(id__in=used).order_by("-at", "-id")]


def brought_release(id: UUID) -> Brought:
    """Return a release that is kept here as it was brought."""
    row = Release.objects.filter(id=id).first()
    if row is None:
        raise NotFound(what="release")
    return Brought(package=read_release(row), signer=row.signer, origin=row.origin)


def _release(row: Release) -> ReleaseView:
    return ReleaseView(
        id=row.id, package=row.package, version=row.version, digest=row.digest,
        signer=row.signer, origin=row.origin, by=row.by, at=row.at,
    )  # fmt: skip


def _standing(row: Installed) -> Standing:
    return Standing(
        package=row.package, release=row.release.id, version=row.release.version,
        digest=row.release.digest, signer=row.release.signer, origin=row.release.origin,
        state=row.state, since=row.since, by=row.by, why=row.why,
    )  # fmt: skip
