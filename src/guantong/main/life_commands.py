"""``guantong apps install | upgrade | withdraw | bring | cases | history``.

Each is one act on the set in the store, by the same rules as on the pages. Whoever has a shell on
the machine administers the whole installation; ``--by`` says on whose word it is done.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from guantong.base.reading import moment_text
from guantong.base.words import say
from guantong.main import store
from guantong.main.errors import DecisionUnreadable, PackageHasErrors
from guantong.main.package_file_commands import person_named
from guantong.main.terminal import language

_BY = "command:apps"
# By this a decision is about a table, and not about what an area has set.
_TABLES = "rules/"


def _words(key: str, **facts: object) -> str:
    return say(f"cli.apps.{key}", language(), **facts)


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="List what would change, and change nothing.")
@click.option("--why", default="", help="The reason; kept in the history.")
@click.option("--by", default="", help="On whose word it is done; kept in the history.")
@click.option("--approved-by", help="The account of who looked at it, where nobody known signed.")
@click.option(
    "--decide", multiple=True, metavar="ID=DECISION or TABLE=keep|take", help="Decide one conflict."
)
def install(
    path: Path,
    dry_run: bool,
    why: str,
    by: str,
    approved_by: str | None,
    decide: tuple[str, ...],
) -> None:
    """Install a package, or bring the installed one to this release."""
    tables = dict(table_decision(text) for text in decide if text.startswith(_TABLES))
    decisions = dict(_decision(text) for text in decide if not text.startswith(_TABLES))
    with store.ready():
        from guantong.base.clock import machine_now
        from guantong.packages import api as packages

        at = machine_now()
        brought = brought_from(path, at)
        plan = packages.dry_run(brought, at=at)
        for doubt in brought.doubts:
            click.echo(doubt.sentence(language()))
        for line in lines_of(plan):
            click.echo(line)
        if plan.errors:
            id = plan.package.id
            raise PackageHasErrors(id=id, errors=len(plan.errors), path=path)
        if dry_run:
            click.echo(_words("dry.nothing"))
            return
        who = _who(by)
        if approved_by is not None:
            packages.refuse_stranger(person_named(approved_by), at)
            who = f"{who} ({approved_by})"
        done = packages.enter(
            brought, by=who, why=why, at=at, decisions=decisions, tables=tables,
            approved=approved_by is not None,
        )  # fmt: skip
        click.echo(_words("done.installed", package=done.package, version=done.version))


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
def bring(path: Path) -> None:
    """Keep a release in the store, to be looked at and installed on its page."""
    with store.ready():
        from guantong.base.clock import machine_now
        from guantong.packages import api as packages

        brought = brought_from(path, machine_now())
        plan = packages.dry_run(brought, at=machine_now())
        if plan.errors:
            raise PackageHasErrors(id=plan.package.id, errors=len(plan.errors), path=path)
        id = packages.bring_in(brought, by=_BY, at=machine_now())
        click.echo(_words("done.brought", package=plan.package.id, version=plan.version, id=id))


@click.command()
@click.argument("package", metavar="ID")
@click.option("--why", required=True, help="The reason; kept in the history.")
@click.option("--by", default="", help="On whose word it is done; kept in the history.")
def withdraw(package: str, why: str, by: str) -> None:
    """Let a package begin nothing new; its running cases come to their end."""
    with store.ready():
        from guantong.base.clock import machine_now
        from guantong.flows.api import running_cases
        from guantong.packages import api as packages

        done = packages.withdraw(package, by=_who(by), why=why, at=machine_now())
        count = sum(running_cases(package).values())
        click.echo(
            _words("done.withdrawn", package=done.package, version=done.version, count=count)
        )


@click.command()
@click.argument("package", metavar="ID")
@click.option("--now", is_flag=True, help="Let those that wait go over here, without a worker.")
def cases(package: str, now: bool) -> None:
    """Say how far the running cases have gone over to the release that is installed."""
    with store.ready():
        from guantong.base import clock
        from guantong.base.realm import LIVE
        from guantong.packages import api as packages
        from guantong.packages.errors import NotInstalled

        stands = packages.standing(package)
        if stands is None:
            raise NotInstalled(package=package[:60])
        while now and packages.move_waiting(at=clock.now(LIVE)):
            pass
        found = packages.progress(package, stands.release)
        if found is None:
            click.echo(_words("cases_none", package=package, version=stands.version))
            return
        left = found.count("waiting")
        click.echo(_words("cases", package=package, version=stands.version, left=left,
                          done=found.all - left, count=found.all))  # fmt: skip
        works = packages.brought_release(stands.release).package
        for line in packages.progress_words(found, works, language()):
            click.echo(f"  {line}")


@click.command()
@click.argument("package", metavar="[ID]", required=False)
def history(package: str | None) -> None:
    """List what was installed, upgraded and withdrawn, with who and why; the newest first."""
    with store.ready():
        from guantong.packages import api as packages

        found = packages.history(package)
        for one in found:
            act = packages.act_words(one.act, one.before, language())
            click.echo(
                _words("history", at=moment_text(one.at, language()), package=one.package,
                       version=one.version, act=act, by=one.by, why=one.why)
            )  # fmt: skip
        if not found:
            click.echo(_words("history_none"))


def brought_from(path: Path, at: datetime) -> Any:
    """Return what lies at a path; what came along with the kernel goes on following the kernel."""
    from django.conf import settings

    from guantong.packages import api as packages

    brought = packages.bring(path, at=at)
    shipped = path.resolve().parent == Path(settings.APPS_FOLDER).resolve()
    return replace(brought, origin=packages.SHIPPED, doubts=()) if shipped else brought


def lines_of(plan: Any) -> Iterator[str]:
    """Yield a dry run line by line, as people read it."""
    from guantong.packages import api as packages

    yield packages.headline(plan, language())
    yield packages.rehearsal_words(plan.rehearsal, language())
    for heading, lines in packages.parts(plan, language()):
        yield f"{heading}:"
        yield from (f"  {line}" for line in lines)
    for conflict in plan.merged.conflicts:
        yield _words("decide", id=conflict.setting.id)
    for table in plan.tables.conflicts:
        choices = "keep|take" if table.can_keep else "take"
        yield _words("decide_table", path=table.path, choices=choices)
    for collision in plan.areas.conflicts:
        yield _words("decide_area", id=collision.difference.id)


def _decision(text: str) -> tuple[UUID, str]:
    id, _, decision = text.partition("=")
    try:
        return UUID(id.strip()), decision.strip()
    except ValueError:
        raise DecisionUnreadable(text=text[:80]) from None


def table_decision(text: str) -> tuple[str, str]:
    """Return the table and what is decided about it, as they were typed: ``PATH=keep``."""
    path, _, decision = text.partition("=")
    return path.strip(), decision.strip()


def _who(by: str) -> str:
    return f"{_BY} {by.strip()[:80]}".strip()
