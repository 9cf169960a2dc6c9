"""The command line: ``guantong up | apps | doctor | rehearse | replay | check | …``.

A refusal is one plain sentence on standard error and exit code 2; nothing else is written there
then: no usage, no progress, no traceback. What a command needs is imported when it runs, so that
``--help`` answers at once and a wrong file is refused before anything is started.
"""

import os
import sys
from functools import partial
from pathlib import Path

import click

from guantong.base.errors import GuantongError
from guantong.base.words import say
from guantong.main.apps_commands import apps
from guantong.main.audit_commands import audit as audit_log
from guantong.main.errors import StoreAway
from guantong.main.exercise_commands import exercise
from guantong.main.keys_commands import keys
from guantong.main.operations_commands import backup, restore, upgrade
from guantong.main.people_commands import people
from guantong.main.terminal import language, load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guantong.main.settings")

REFUSED = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count it


class Replays(click.Group):
    """One command for each package that declares a replay, with its inputs as options."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the ids of the packages that can be replayed."""
        from guantong.main.replay import replayable

        return replayable()

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command of one package; its options are what its ``replay.yaml`` declares."""
        from guantong.main.replay import command_of

        return command_of(name)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="guantong", message="%(prog)s %(version)s", prog_name="guantong")
def guantong() -> None:
    """Guantong (贯通): the operating system of a province's digital reform."""


@guantong.command(short_help="Start everything; serve http://127.0.0.1:8000.")
def up() -> None:
    """Start the store, the web server, the gateway and the worker, and replay once per home.

    Stays in the foreground; Ctrl-C stops everything. State is in GUANTONG_HOME.
    """
    from guantong.main.supervisor import Supervisor

    sys.exit(Supervisor().run())


guantong.add_command(apps)


@guantong.command(short_help="Examine application packages before they run.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each finding.")
@click.option("--store", "in_store", is_flag=True, help="In the province of this installation.")
@click.option(
    "--former",
    "former",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="An earlier release: whether its running cases come to their end in this one.",
)
def doctor(
    paths: tuple[Path, ...], as_json: bool, in_store: bool, former: tuple[Path, ...]
) -> None:
    """Examine packages: exit 0 without errors, 1 with errors, 2 for a path that cannot be read.

    With --store in the province of the installation that GUANTONG_HOME or DATABASE_URL names,
    beside the applications that are installed there; 2 when it cannot be reached.
    """
    load()
    from guantong.main import packages

    asked = partial(packages.doctor, paths, language=language(), as_json=as_json, former=former)
    if not in_store:
        sys.exit(asked())
    try:
        with packages.around_in_store() as around:
            code = asked(around=around)
    except _lost() as lost:
        raise _away(lost) from lost
    sys.exit(code)


@guantong.command(short_help="Play a package's scenarios in a province in a box, and judge them.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--scenario", metavar="NAME", help="Only the scenario of that file name.")
@click.option(
    "--report", metavar="FILE", type=click.Path(path_type=Path), help="Write a report as HTML."
)
@click.option("--keep", is_flag=True, help="Keep what came of it in the installation.")
@click.option("--by", default="", help="On whose word it is kept.")
@click.option("--language", "spoken", type=click.Choice(["zh-CN", "en"]), help="Of the report.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each scenario.")
def rehearse(
    paths: tuple[Path, ...],
    scenario: str | None,
    report: Path | None,
    keep: bool,
    by: str,
    spoken: str | None,
    as_json: bool,
) -> None:
    """Rehearse packages: exit 0 when all held, 1 when something failed, 2 for a wrong path."""
    from guantong.main.rehearse import Wanted
    from guantong.main.rehearse import rehearse as play

    wanted = Wanted(
        paths=paths, scenario=scenario, report=report, language=spoken or language(),
        as_json=as_json, keep=keep, by=by,
    )  # fmt: skip
    try:
        sys.exit(play(wanted))
    except KeyboardInterrupt:
        click.echo(say("cli.rehearse.stopped", language()), err=True)
        sys.exit(INTERRUPTED)


@guantong.command(cls=Replays, short_help="Replay real input through an application.")
def replay() -> None:
    """Replay real input through an application package, as an exercise with its own clock."""


@guantong.group(invoke_without_command=True, short_help="Verify the installation.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each finding.")
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Verify the installation: settings, keys, disk, clock, backlog, backups, packages, the log."""
    if ctx.invoked_subcommand is None:
        from guantong.main import checks

        sys.exit(checks.everything(language(), as_json=as_json))


@check.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def audit(as_json: bool) -> None:
    """Verify the audit log and every record it tells of; exit 1 when something was altered."""
    from guantong.main import checks

    sys.exit(checks.audit(language(), as_json=as_json))


guantong.add_command(audit_log)


@check.command("files")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def check_files(as_json: bool) -> None:
    """Read every file and compare its digest; exit 1 when one is missing or altered."""
    from guantong.main import files_checks

    sys.exit(files_checks.files(language(), as_json=as_json))


@check.command("archive")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check_archive(files: tuple[Path, ...]) -> None:
    """Verify archived months of the log where they lie; exit 1 when one is not what left."""
    from guantong.main import checks

    sys.exit(checks.archives(files, language()))


guantong.add_command(exercise)
guantong.add_command(keys)
guantong.add_command(backup)
guantong.add_command(restore)
guantong.add_command(upgrade)
guantong.add_command(people)


def run(command: click.Command = guantong) -> None:
    """Run the command line; turn every refusal into one sentence and exit code 2."""
    try:
        command.main(standalone_mode=False)
    except GuantongError as refusal:
        _refuse(refusal.sentence(language()))
    except click.exceptions.NoArgsIsHelpError as wish:
        click.echo(wish.format_message())
    except click.ClickException as refusal:
        _refuse(refusal.format_message().replace("\n", " "))
    except (click.Abort, KeyboardInterrupt):
        click.echo(say("cli.stopped", language()), err=True)
        sys.exit(INTERRUPTED)
    except _lost() as lost:
        click.echo(_away(lost).sentence(language()), err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _away(lost: Exception) -> StoreAway:
    why = str(lost).strip().splitlines()
    return StoreAway(why=f"{why[0] if why else ''}. ")


def _lost() -> tuple[type[Exception], ...]:
    from django.db import InterfaceError, OperationalError

    return OperationalError, InterfaceError


def _refuse(sentence: str) -> None:
    click.echo(sentence, err=True)
    sys.exit(REFUSED)


if __name__ == "__main__":
    run()
