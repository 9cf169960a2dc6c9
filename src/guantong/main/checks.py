"""``guantong check``: is the store sound, are the packages, was anything altered?"""

import json

import click

from guantong.base.words import say
from guantong.main import store
from guantong.main.errors import NoStoreYet
from guantong.main.home import current


def everything(language: str) -> int:
    """Check the store, the packages and the audit log; return the exit code."""
    _refuse_without_store()
    with store.running():
        # Only now: what reads packages needs Django's registry of tables.
        from django.conf import settings
        from django.db import connection
        from django.db.migrations.executor import MigrationExecutor

        from guantong.base import outbox
        from guantong.main import packages
        from guantong.orgs.api import shipped_province
        from guantong.packages.api import examine, read

        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            store.make_ready()
        with connection.cursor() as cursor:
            cursor.execute("show server_version")
            version = f"PostgreSQL {cursor.fetchone()[0]}"
        click.echo(say("cli.check.store", language, version=version))
        worst = 0
        for path in sorted(p.parent for p in settings.APPS_FOLDER.glob("*/app.yaml")):
            package = read(path)
            findings = examine(package, province=shipped_province())
            click.echo(packages.counted(package, path, findings, language))
            worst = max(worst, int(any(f.level == "error" for f in findings)))
        lost = outbox.dead()
        if lost:
            click.echo(say("cli.check.dead", language, facts=lost))
            worst = 1
        # Within the block: the server need not stop and start again in between.
        return max(worst, audit(language, as_json=False))


def audit(language: str, *, as_json: bool) -> int:
    """Verify the audit log; print what was found; return 0, or 1 when something was altered."""
    _refuse_without_store()
    with store.running():
        from guantong.audit.api import check, has_log
        from guantong.main import wiring

        if not has_log():
            raise NoStoreYet(home=current().path)
        wiring.bring_witnesses()
        report = check()
    if as_json:
        facts = {
            "leaves": report.leaves, "entries": report.entries, "waiting": report.waiting,
            "records": report.records, "head": report.head,
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
    for fault in report.faults:
        click.echo(say(f"cli.check.fault.{fault.code}", language, kind=fault.kind, id=fault.id))
    if not report.faults:
        click.echo(say("cli.check.sound", language))
    return int(bool(report.faults))


def _refuse_without_store() -> None:
    import os

    home = current()
    if not os.environ.get("DATABASE_URL") and not home.postgres.exists():
        raise NoStoreYet(home=home.path)
