"""What would change if a release were installed here: looked at before it is done.

Everything is listed, nothing is written: what is new, changed and gone in the package, which roles
nobody has here, whose data must come, which shares would have to be asked for, which running
cases go over to it and which go on by the release they began with, what becomes of the areas'
words, and whether the release was rehearsed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from guantong.base.clock import local_day
from guantong.flows.api import running_cases
from guantong.orgs import api as orgs
from guantong.packages.areas.merge import AreasMerged
from guantong.packages.areas.upgrade import merged as areas_merged
from guantong.packages.doctor.examine import examine
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.install import all_installed
from guantong.packages.life.case_moves import Forecast, forecasts, former_of
from guantong.packages.life.installing import Standing, brought_release, merged, standing
from guantong.packages.life.merge import Merged
from guantong.packages.life.releases import read_release
from guantong.packages.life.source import Brought
from guantong.packages.moving import version_of
from guantong.packages.package import Package
from guantong.packages.rehearsal.kept import KeptRehearsal, newest_of_digest
from guantong.packages.tables.merging import MergedTables, merged_tables

# What people ask about, in the order in which it is told: the kinds of files each stands for.
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "app": ("app", "maturity"),
    "vmodel": ("vmodel",),
    "roles": ("roles",),
    "signals": ("signals", "rules"),
    "flows": ("flows", "plans"),
    "forms": ("forms",),
    "indicators": ("indicators", "figures"),
    "pages": ("pages",),
    "datasets": ("datasets", "derivations"),
    "objects": ("objects",),
    "samples": ("samples", "scenarios", "replay"),
}
UNCONDITIONAL = "unconditional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One thing of a package that would be ``new``, ``changed`` or ``gone``."""

    subject: str
    name: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """Data an application reads that somebody else is the source of."""

    dataset: str
    source: str
    sharing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """Everything that would change. ``stands`` is what is installed, ``base`` its declarations."""

    package: Package
    version: str
    signer: str
    stands: Standing | None
    base: Package | None
    changes: tuple[Changed, ...]
    findings: tuple[Finding, ...]
    must_land: tuple[Needed, ...]
    requests: tuple[Needed, ...]
    running: Mapping[tuple[str, str], int]
    moves: tuple[Forecast, ...]
    merged: Merged
    # The newest one that is kept here of these very files; None where nobody has kept any.
    rehearsal: KeptRehearsal | None
    tables: MergedTables
    areas: AreasMerged

    @property
    def here(self) -> bool:
        """Whether it is this very release that stands here."""
        return self.stands is not None and self.stands.digest == self.package.digest

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps the release from being installed."""
        return tuple(f for f in self.findings if f.level == "error")

    @property
    def gaps(self) -> tuple[Finding, ...]:
        """Roles of the package that have no unit of their own here, or none at all."""
        return tuple(f for f in self.findings if f.check == "roles")


def dry_run(brought: Brought, *, at: datetime) -> DryRun:
    """Return what installing this release would change here."""
    package = brought.package
    stands = standing(package.id)
    base = None if stands is None else brought_release(stands.release).package
    needs = tuple(_needs(package))
    former = [read_release(row) for row in former_of(package)]
    province = orgs.province_on(local_day(at))
    findings = tuple(examine(package, province=province, others=all_installed(), former=former))
    sound = all(f.level != "error" for f in findings)
    here = stands is not None and stands.digest == package.digest
    return DryRun(
        package=package, version=version_of(package), signer=brought.signer, stands=stands,
        base=base,
        changes=tuple(changes(base, package)),
        findings=findings,
        must_land=tuple(n for n in needs if n.dataset not in package.derivations),
        requests=tuple(n for n in needs if n.sharing != UNCONDITIONAL and _foreign(package, n)),
        running=running_cases(package.id),
        moves=tuple(forecasts(package)) if sound and not here else (),
        merged=merged(package, base, at=at),
        rehearsal=newest_of_digest(package.id, package.digest),
        tables=merged_tables(base, package, at=at),
        areas=areas_merged(package, base, at=at),
    )  # fmt: skip


def changes(base: Package | None, theirs: Package) -> Iterator[Changed]:
    """Yield what is new, changed and gone between two releases, subject by subject."""
    was = {} if base is None else base.documents
    for subject, kinds in SUBJECTS.items():
        before, after = _of(was, kinds), _of(theirs.documents, kinds)
        yield from _compared(subject, before, after)
    yield from _compared("parameters", _parameters(base), _parameters(theirs))
    for language in ("zh-CN", "en"):
        yield from _compared(
            "words", {} if base is None else _words(base, language), _words(theirs, language)
        )


def _of(documents: Mapping[str, Document], kinds: tuple[str, ...]) -> dict[str, object]:
    return {path: d.content for path, d in documents.items() if d.kind in kinds}


def _parameters(package: Package | None) -> dict[str, object]:
    document = None if package is None else package.one("parameters")
    return {} if document is None else dict(document.data or {})


def _words(package: Package, language: str) -> dict[str, object]:
    document = package.documents.get(f"messages/{language}.yaml")
    data = document.data if document is not None and isinstance(document.data, dict) else {}
    return {f"{language}: {key}": value for key, value in data.items()}


def _compared(
    subject: str, before: Mapping[str, object], after: Mapping[str, object]
) -> Iterator[Changed]:
    for name in sorted({*before, *after}):
        if name not in before:
            yield Changed(subject=subject, name=name, how="new")
        elif name not in after:
            yield Changed(subject=subject, name=name, how="gone")
        elif before[name] != after[name]:
            yield Changed(subject=subject, name=name, how="changed")


def _needs(package: Package) -> Iterator[Needed]:
    """Yield the datasets that somebody must bring: neither derived here nor shipped as samples."""
    for document in package.each("datasets"):
        id = document.data["id"]
        sampled = f"samples/{document.stem}.csv" in package.documents
        custom = {p["property"]: p.get("value") for p in document.data.get("customProperties", ())}
        if id in package.derivations or sampled:
            continue
        yield Needed(
            dataset=id, source=str(custom.get("sourceUnit", "")),
            sharing=str(custom.get("sharing", "")),
        )  # fmt: skip


def _foreign(package: Package, needed: Needed) -> bool:
    """Say whether another line than the leading one is the source: it is asked for its data."""
    app = package.one("app")
    assert app is not None, "the doctor refuses a package without a manifest"
    lead = str(app.data["lead"]).partition("@")[0]
    return needed.source.partition("@")[0] != lead
