"""Package files on the command line: made, looked at, judged; nothing of them is carried out."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from guantong.base.words import say
from guantong.main.home import current
from guantong.main.own_files import write_out
from guantong.main.packages import counted
from guantong.orgs.api import shipped_province
from guantong.packages import api as packages
from guantong.packages.api import ArchiveRefused, Finding, Package

# What a script learns from the exit code of `inspect`.
EXIT = {"may_install": 0, "needs_approval": 1, "refused": 2}
KEY_FOLDER = "publishers"


def pack(folder: Path, out: Path | None, key: packages.PrivateKey | None, language: str) -> None:
    """Write the package file of a folder in which the doctor finds no error."""
    package = packages.read(folder)
    errors = sum(f.level == "error" for f in _examined(package))
    if errors:
        raise ArchiveRefused("has-errors", id=package.id, errors=errors, path=str(folder))
    content = packages.packed(package, key)
    archive = packages.open_archive(content)
    path = out or Path(packages.file_name(archive.id, archive.version))
    write_out(path, content)
    facts = {"path": path, "files": len(archive.files), "bytes": len(content)}
    click.echo(say("cli.pack.written", language, **facts))
    click.echo(say("cli.pack.digest", language, digest=archive.manifest.digest))
    click.echo(_signed_by(archive, language))


def inspect(path: Path, *, at: datetime, language: str, as_json: bool) -> int:
    """Print what a package file or folder is and asks for; return the exit code."""
    if path.is_dir():
        package = packages.read(path)
        findings = _examined(package)
        told = {"kind": "folder", **_about(package, findings)}
        code = 1 if told["errors"] else 0
        _tell(told, as_json, lambda: _lines_of_package(package, path, findings, language))
        return code
    archive = packages.read_archive(path)
    with _trusted() as trusted, packages.unpacked(archive) as package:
        version, digest = _standing(archive.id)
        verdict = packages.judge(
            archive, trusted=trusted, installed_version=version, installed_digest=digest, at=at
        )
        findings = _examined(package)
        told = {"kind": "file", **_file(archive, verdict), **_about(package, findings)}
        _tell(
            told, as_json,
            lambda: [
                *_lines_of_file(archive, verdict, language),
                *_lines_of_package(package, path, findings, language),
            ],
        )  # fmt: skip
    return max(EXIT[verdict.state], 1 if told["errors"] else 0)


def key_path(name: str) -> Path:
    """Return where the home keeps the private key of a publisher."""
    return current().keys / KEY_FOLDER / f"{name.replace(' ', '_')}.key"


def _examined(package: Package) -> list[Finding]:
    return packages.examine(package, province=shipped_province())


@contextmanager
def _trusted() -> Iterator[tuple[packages.Publisher, ...]]:
    """Have the publishers this installation trusts; where there is no store, nobody."""
    from guantong.main import store

    if store.is_missing():
        yield ()
        return
    with store.running():
        # Looking changes nothing: a store of an older version is not brought up to date by it.
        yield packages.publishers_if_any()


def _standing(id: str) -> tuple[str | None, str | None]:
    """Return version and digest of the package of that id among those in use here."""
    from django.conf import settings

    stands = packages.standing_if_any(id)
    if stands is not None:
        return stands.version, stands.digest
    folder = Path(settings.APPS_FOLDER) / id
    if not (folder / "app.yaml").is_file():
        return None, None
    package = packages.read(folder)
    app = package.one("app")
    version = app.data.get("version") if app is not None and isinstance(app.data, dict) else None
    # What has no version cannot be in use: the doctor refuses it.
    return (version, package.digest) if packages.is_version(version) else (None, None)


def _tell(told: Mapping[str, Any], as_json: bool, lines: Any) -> None:
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for line in lines():
        click.echo(line)


def _file(archive: packages.Archive, verdict: packages.Verdict) -> dict[str, Any]:
    signed = archive.signature
    return {
        "digest": archive.manifest.digest,
        "signer": signed.signer if signed else None,
        "algorithm": signed.algorithm if signed else None,
        "fingerprint": signed.fingerprint if signed else None,
        "verdict": verdict.state,
        "reasons": [
            {"code": r.code, "zh": r.sentence("zh-CN"), "en": r.sentence("en")}
            for r in verdict.reasons
        ],
        "hooks": archive.manifest.hooks,
        "members": [
            {"path": f.path, "size": f.size, "sha256": f.sha256} for f in archive.manifest.files
        ],
    }


def _about(package: Package, findings: list[Finding]) -> dict[str, Any]:
    app = package.one("app")
    facts = app.data if app is not None and isinstance(app.data, dict) else {}
    asks = packages.asks_of(package)
    return {
        "id": package.id, "version": facts.get("version"), "kernel": facts.get("kernel"),
        "title": asks.title, "tiers": asks.tiers, "lines": asks.lines, "datasets": asks.datasets,
        "roles": asks.roles, "opens": asks.opens, "personal": asks.personal, "files": asks.counts,
        "errors": sum(f.level == "error" for f in findings),
        "warnings": sum(f.level == "warning" for f in findings),
    }  # fmt: skip


def _lines_of_file(
    archive: packages.Archive, verdict: packages.Verdict, language: str
) -> Iterator[str]:
    told = archive.manifest
    size = sum(entry.size for entry in told.files)
    yield say(
        "cli.inspect.file", language, id=told.id, version=told.version, kernel=told.kernel,
        files=len(told.files), bytes=size,
    )  # fmt: skip
    yield say("cli.pack.digest", language, digest=told.digest)
    yield _signed_by(archive, language)
    yield say(f"cli.inspect.{verdict.state}", language)
    for reason in verdict.reasons:
        yield f"  · {reason.sentence(language)}"


def _lines_of_package(
    package: Package, path: Path, findings: list[Finding], language: str
) -> Iterator[str]:
    asks = packages.asks_of(package)
    title = asks.title.get("zh" if language == "zh-CN" else "en", "")
    yield say("cli.inspect.title", language, title=_line(title), tiers=_line(", ".join(asks.tiers)))
    yield _listed("lines", asks.lines, language)
    yield _listed("datasets", asks.datasets, language)
    held = [f"{name} ({', '.join(by)})" for name, by in asks.roles.items()]
    yield _listed("roles", held, language)
    personal = [
        f"{dataset}: {', '.join(f'{name} {klass}' for name, klass in columns.items())}"
        for dataset, columns in asks.personal.items()
    ]
    yield _listed("personal", personal, language)
    yield _listed("opens", asks.opens, language)
    kinds = [f"{kind} {count}" for kind, count in asks.counts.items()]
    yield _listed("kinds", kinds, language)
    yield counted(package, path, findings, language)


def _listed(what: str, found: Any, language: str) -> str:
    named = "; ".join(_line(text) for text in found) or say("cli.inspect.none", language)
    return say(f"cli.inspect.{what}", language, named=named)


def _line(text: str) -> str:
    """Return a stranger's text as one line in which nothing steers the terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)[:300]


def _signed_by(archive: packages.Archive, language: str) -> str:
    signed = archive.signature
    if signed is None:
        return say("cli.inspect.unsigned", language)
    facts = {"signer": signed.signer, "algorithm": signed.algorithm}
    return say("cli.inspect.signed", language, fingerprint=signed.fingerprint, **facts)
