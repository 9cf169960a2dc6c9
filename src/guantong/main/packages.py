"""The application packages of this installation, on the command line: read, examine, list."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from guantong.base.clock import local_day, machine_now
from guantong.base.words import say
from guantong.main import store, upgrade
from guantong.main.errors import PackageHasErrors, StoreOlder
from guantong.main.home import current
from guantong.orgs.api import Province, province_on, shipped_province
from guantong.packages.api import (
    INSTALLED,
    CannotRead,
    Finding,
    Input,
    Package,
    brought_release,
    examine,
    reached,
    read,
    standings,
)


def refuse_unsound(package: Package) -> None:
    """Refuse a package in which the doctor finds an error; what it found once is remembered."""
    if not _mark(package).exists():
        errors = [f for f in examine(package, province=shipped_province()) if f.level == "error"]
        if errors:
            raise PackageHasErrors(id=package.id, errors=len(errors), path=package.folder)


def remember_sound(package: Package) -> None:
    """Write down in the home that the doctor found no error in a package, as it stands."""
    # Apart from the refusal: a home is not touched before everything that was asked for is checked.
    mark = _mark(package)
    mark.parent.mkdir(mode=0o700, exist_ok=True)
    mark.touch()


def _mark(package: Package) -> Path:
    return current().path / "examined" / f"{package.id}-{package.digest[:32]}"


def inputs(package: Package, files: Mapping[str, Path | None]) -> list[Input]:
    """Read and check the input files of a replay: all or nothing, before anything is started."""
    from guantong.data.api import read_strict

    replay = package.one("replay")
    assert replay is not None, "only a package with replay.yaml is replayed"
    found = []
    for name, given in replay.data["inputs"].items():
        path = files.get(name) or package.source(given["default"])
        if given["dataset"] not in package.contracts:
            refuse_unsound(package)
        batch = read_strict(path, package.contracts[given["dataset"]])
        rows = [row.values for row in batch.rows]
        found.append(Input(dataset=given["dataset"], at=given["at"], rows=rows))
    return found


def overview(language: str) -> Iterator[str]:
    """Yield a line for each application package of the folder the settings name."""
    from django.conf import settings

    for path in sorted(p.parent for p in settings.APPS_FOLDER.glob("*/app.yaml")):
        package = read(path)
        app = package.one("app")
        title = app.data["title"]["zh" if language == "zh-CN" else "en"] if app else package.id
        findings = examine(package, province=shipped_province())
        yield f"{package.id}  {title}  " + counted(package, path, findings, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Where packages are to work: a province, and the applications that stand there already."""

    province: Province
    others: tuple[Package, ...] = ()


@contextmanager
def around_in_store() -> Iterator[Around]:
    """Have the province and the installed applications of the store, or refuse; nothing changes."""
    with store.as_it_stands():
        if upgrade.waiting():
            raise StoreOlder(store=upgrade.store_version())
        yield Around(
            province=province_on(local_day(machine_now())),
            others=tuple(
                brought_release(one.release).package
                for one in standings().values()
                if one.state == INSTALLED
            ),
        )


def doctor(
    paths: Sequence[Path],
    *,
    language: str,
    as_json: bool,
    quiet: bool = False,
    around: Around | None = None,
    former: Sequence[Path] = (),
) -> int:
    """Examine packages and print what was found; return the exit code.

    ``quiet`` says nothing of a package that has no error. Without ``around`` the province is the
    shipped one, and nothing stands there. ``former`` are earlier releases.
    """
    around = around or Around(province=shipped_province())
    worst = 0
    try:
        earlier = [read(path) for path in former]
    except CannotRead as refusal:
        click.echo(refusal.sentence(language), err=True)
        return 2
    for path in paths:
        try:
            package = read(path)
        except CannotRead as refusal:
            click.echo(refusal.sentence(language), err=True)
            worst = 2
            continue
        own = [one for one in earlier if one.id == package.id]
        findings = examine(package, province=around.province, others=around.others, former=own)
        if quiet and not any(f.level == "error" for f in findings):
            continue
        for finding in findings:
            click.echo(_json(path, finding) if as_json else _line(path, finding, language))
        if not as_json:
            click.echo(counted(package, path, findings, language))
        if any(f.level == "error" for f in findings):
            worst = max(worst, 1)
    return worst


def _line(folder: Path, finding: Finding, language: str) -> str:
    place = (
        f"{folder / finding.path}:{finding.line}" if finding.line else f"{folder / finding.path}"
    )
    return f"{place}: [{finding.check}] {finding.level}: {finding.sentence(language)}"


def _json(folder: Path, finding: Finding) -> str:
    return json.dumps(
        {
            "path": str(folder / finding.path), "line": finding.line, "check": finding.check,
            "level": finding.level, "code": finding.code, "zh": finding.sentence("zh-CN"),
            "en": finding.sentence("en"),
        },
        ensure_ascii=False,
    )  # fmt: skip


def counted(package: Package, path: Path, findings: Sequence[Finding], language: str) -> str:
    """Return one line on a package: its version, what was found, how mature it is."""
    app = package.one("app")
    errors = sum(f.level == "error" for f in findings)
    facts = {
        "path": path, "package": package.id, "version": app.data.get("version") if app else "",
        "errors": errors, "warnings": len(findings) - errors, "rung": _rung(package),
    }  # fmt: skip
    key = "cli.doctor.counted" if findings else "cli.doctor.sound"
    return say(key, language, **facts)


def _rung(package: Package) -> str:
    maturity = package.one("maturity")
    rules = maturity.data.get("rules", {}) if maturity and isinstance(maturity.data, dict) else {}
    return reached(rules) or "-"
