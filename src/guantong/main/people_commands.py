"""``guantong people``: bring people in from a file, and take the organisation book out.

The same plan as on the page: without ``--apply`` it lists changes and doubts and changes nothing.
Whoever has a shell on the machine administers the whole installation, so the scope is everything;
the log names the command as the actor.
"""

import sys
from pathlib import Path

import click

from guantong.base.reading import moment_text
from guantong.base.words import say
from guantong.main import store
from guantong.main.home import current
from guantong.main.own_files import read_given, write_out
from guantong.main.terminal import language

IN_DOUBT = 1
_MOST_LISTED = 50


@click.group(short_help="Bring people in from a file, take the book out.")
def people() -> None:
    """Bring units and people in from a workbook, and take the organisation book out as one."""


@people.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--apply", "apply_it", is_flag=True, help="Apply it when nothing is in doubt.")
@click.option("--leave-missing", is_flag=True, help="Whoever is not in the file leaves.")
def import_people(file: Path, apply_it: bool, leave_missing: bool) -> None:
    """List what a file of units and people would change and what is in doubt; exit 1 on doubts."""
    sys.exit(_import(file, apply_it=apply_it, leave_missing=leave_missing))


def _import(file: Path, *, apply_it: bool, leave_missing: bool) -> int:
    content = read_given(file)  # before anything is started
    with store.ready():
        from uuid import UUID

        from guantong.base.clock import local_day, machine_now
        from guantong.orgs import api as orgs

        at = machine_now()
        on, everything = local_day(at), orgs.Scope(everything=True)
        # The plan belongs to nobody who signs in: no page shows it.
        id = orgs.plan_import(
            content, file.name, person_id=UUID(int=0), scope=everything,
            leave_missing=leave_missing, on=on, at=at, actor="command:people",
        )  # fmt: skip
        _until(id, "reading")
        plan = orgs.plan_view(id)
        for name, count in sorted(plan.counts.items()):
            click.echo(f"{say(f'cli.people.count.{name}', language())}: {count}")
        for row in orgs.plan_rows(id, which="doubts", most=_MOST_LISTED)[0]:
            for doubt in row.doubts:
                facts = ", ".join(f"{key} {value}" for key, value in doubt.facts)
                click.echo(
                    say("cli.people.doubt", language(), sheet=row.sheet, number=row.number,
                        code=doubt.code, field=doubt.field, facts=facts),
                    err=True,
                )  # fmt: skip
        if plan.doubts:
            return IN_DOUBT
        if apply_it:
            orgs.apply_plan(id, on=on, scope=everything, at=at, actor="command:people")
            _until(id, "applying")
            plan = orgs.plan_view(id)
            click.echo(say(f"cli.people.{plan.state}", language()))
            return 0 if plan.state == "applied" and not plan.counts.get("refused") else IN_DOUBT
        orgs.drop_plan(id, at=at, actor="command:people")
    return 0


def _until(id: object, state: str) -> None:
    """Go on with a large plan here; a worker that runs beside may take a batch, too."""
    from guantong.base.clock import machine_now
    from guantong.base.realm import LIVE
    from guantong.orgs import api as orgs

    while (plan := orgs.plan_view(id)).state == state:  # type: ignore[arg-type]
        if plan.total:
            done = say("cli.people.progress", language(), done=plan.done, total=plan.total)
            click.echo(done, err=True)
        orgs.go_on(LIVE, machine_now(), {"plan_id": str(id)})


@people.command("export")
@click.argument("file", type=click.Path(path_type=Path))
def export_people(file: Path) -> None:
    """Write the whole organisation book as a workbook that an import reads back unchanged."""
    with store.ready():
        from guantong.base.clock import local_day, machine_now
        from guantong.orgs import api as orgs

        on = local_day(machine_now())
        everything = (orgs.EVERYTHING, orgs.EVERYTHING, orgs.EVERYTHING)
        write_out(file, orgs.book_workbook(*everything, on=on, language=language()))
    click.echo(say("cli.people.exported", language(), file=file))


@people.command("first-administrator")
@click.argument("name")
def first_administrator(name: str) -> None:
    """Appoint the platform's first administrator; print a code that opens the account once."""
    with store.ready(fresh=not current().is_demonstration()):
        from guantong.access import api as access
        from guantong.base.clock import machine_now

        at = machine_now()
        account, code = access.first_administrator(name, at=at, actor="command:people")
        until = moment_text(at + access.CODE_LIFE, language())
    click.echo(say("cli.people.first", language(), account=account, code=code, until=until))


@people.command("close-demo-accounts")
def close_demo_accounts() -> None:
    """Close every account whose password is printed on the screen of a demonstration."""
    with store.ready():
        from guantong.access import api as access
        from guantong.base.clock import machine_now

        count = access.close_printed_accounts(at=machine_now(), actor="command:people")
    click.echo(say("cli.people.demo_closed", language(), count=count))
