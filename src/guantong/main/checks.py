"""``guantong check``: is the installation sound, are the packages, was anything altered?"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guantong.base.errors import GuantongError
from guantong.base.words import say
from guantong.main import files_checks, store

if TYPE_CHECKING:
    from guantong.main.health import Finding


def everything(language: str, *, as_json: bool) -> int:
    """Check the installation, the packages and the audit log; return the exit code."""
    store.refuse_missing()
    with store.running():
        # Only now: what reads packages needs Django's registry of tables.
        from guantong.main import health, wiring

        wiring.join()
        found = []
        for finding in health.everything():
            found.append(finding)
            if not as_json:
                click.echo(say(f"cli.health.light.{finding.light}", language)
                           + finding.sentence(language))  # fmt: skip
        if as_json:
            for finding in found:
                click.echo(_as_json(finding))
        worst = int(any(f.light == "red" for f in found))
        if any(f.check == "version" and f.light == "red" for f in found):
            return worst
        worst = max(worst, _packages(language, quiet=as_json))
        wiring.bring_witnesses()
        worst = max(worst, files_checks.sealed(language, as_json=as_json))
        worst = max(worst, files_checks.of_running(language, as_json=as_json))
        # Within the block: the server need not stop and start again in between.
        return max(worst, audit(language, as_json=as_json))


def _packages(language: str, *, quiet: bool) -> int:
    from django.conf import settings
    from django.db import connection

    from guantong.main import packages
    from guantong.orgs.api import shipped_province
    from guantong.packages.api import examine, read

    with connection.cursor() as cursor:
        cursor.execute("show server_version")
        version = f"PostgreSQL {cursor.fetchone()[0]}"
    if not quiet:
        click.echo(say("cli.check.store", language, version=version))
    worst = 0
    for path in sorted(p.parent for p in settings.APPS_FOLDER.glob("*/app.yaml")):
        package = read(path)
        findings = examine(package, province=shipped_province())
        if not quiet:
            click.echo(packages.counted(package, path, findings, language))
        worst = max(worst, int(any(f.level == "error" for f in findings)))
    return worst


def _as_json(finding: "Finding") -> str:
    facts = {
        "check": finding.check, "light": finding.light, "code": finding.key,
        "zh": finding.sentence("zh-CN"), "en": finding.sentence("en"),
    }  # fmt: skip
    return json.dumps(facts, ensure_ascii=False)


def audit(language: str, *, as_json: bool) -> int:
    """Verify the audit log; print what was found; return 0, or 1 when something was altered."""
    with store.as_it_stands():
        from django.conf import settings

        from guantong.audit.api import check
        from guantong.main import wiring

        wiring.bring_witnesses()
        report = check(heads=settings.HEADS)
    if as_json:
        facts = {
            "leaves": report.leaves, "entries": report.entries, "waiting": report.waiting,
            "records": report.records, "head": report.head, "log": report.log,
            "suite": report.suite, "heads": report.heads, "archived": report.archived,
            "faults": [{"code": f.code, "kind": f.kind, "id": f.id} for f in report.faults],
        }  # fmt: skip
        click.echo(json.dumps(facts))
        return int(bool(report.faults))
    click.echo(
        say(
            "cli.check.audit", language, leaves=report.leaves, entries=report.entries,
            waiting=report.waiting, records=report.records, head=report.head[:16],
        )
    )  # fmt: skip
    if report.heads:
        click.echo(
            say("cli.check.signed", language, log=report.log, suite=report.suite,
                heads=report.heads, archived=report.archived)
        )  # fmt: skip
    for fault in report.faults:
        click.echo(say(f"cli.check.fault.{fault.code}", language, kind=fault.kind, id=fault.id))
    if not report.faults:
        click.echo(say("cli.check.sound", language))
    return int(bool(report.faults))


def archives(files: Sequence[Path], language: str) -> int:
    """Verify archived months where they lie; return 0, or 1 when one is not what left the store."""
    worst = 0
    with store.as_it_stands():
        from guantong.audit.api import examine_archive

        for file in files:
            try:
                found = examine_archive(file)
            except GuantongError as refusal:
                # The others are looked at, too: who has a shelf of files wants to know of each.
                click.echo(refusal.sentence(language), err=True)
                worst = 1
            else:
                click.echo(
                    say("cli.audit.archive_holds", language, file=file, first=found.first,
                        last=found.last, month=f"{found.month:%Y-%m}")
                )  # fmt: skip
    return worst
