"""``guantong exercise``: a scenario with real people in the running installation, and its score.

The command is the one who plays: it moves the clock, lets things become known and acts for
everybody who does not take part. People sign in as always and choose the exercise on the pages.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from guantong.base.words import say
from guantong.main import store
from guantong.main.errors import NoSuchExercise, NotAmongThem
from guantong.main.rehearse import refuse_report, write_report
from guantong.main.terminal import language, passing_line

if TYPE_CHECKING:
    from guantong.packages.api import Package, Rehearsed, Script, UnitScore


_BY = "command:exercise"


@dataclass(frozen=True, kw_only=True)
class Live:
    """An exercise: what is played, in which realm's store, with which people."""

    package: "Package"
    script: "Script"
    people: frozenset[UUID]
    report: Path | None


@click.group("exercise", short_help="Play a scenario with real people, and score it.")
def exercise() -> None:
    """Play a package's scenario in the running installation, with real people, and score it."""


_REPORT = click.option(
    "--report", metavar="FILE", type=click.Path(path_type=Path), help="Write a report as HTML."
)
_WITH = click.option(
    "--with", "units", metavar="UNIT", multiple=True,
    help="A unit in which people take part, such as emergency@331081; may be given several times.",
)  # fmt: skip


@exercise.command(short_help="Begin an exercise, or go on with it, until it is over.")
@click.argument("app")
@click.argument("scenario")
@_WITH
@click.option(
    "--speed", type=click.FloatRange(0.1, 3600), default=1.0, show_default=True,
    help="How many times as quick as real time its clock goes.",
)  # fmt: skip
@_REPORT
def begin(
    app: str, scenario: str, units: tuple[str, ...], speed: float, report: Path | None
) -> None:
    """Begin an exercise with people, or go on with the one of the same people.

    Stays in the foreground until nothing is left to do. Ctrl-C stops its clock; the same command
    goes on. Exit 0 when all held, 1 when something did not.
    """
    with _running(app, scenario, units, report) as live:
        from guantong.base import clock
        from guantong.packages import api

        realm = api.begin_live(
            live.package, live.script, people=live.people, at=clock.machine_now()
        )
        with passing_line() as bar:
            line = bar.add_task("", total=None)

            def progress(now: api.Progress) -> None:
                at = f"{now.now.astimezone(clock.BEIJING):%Y-%m-%d %H:%M}"
                text = say("cli.exercise.running", language(), title=_title(live), at=at)
                bar.update(line, description=text)

            played = api.play_live(
                live.package, live.script, realm, people=live.people, speed=speed,
                progress=progress,
            )  # fmt: skip
        code = _tell(live, played)
    sys.exit(code)


@exercise.command("end", short_help="End an exercise as it stands, and judge it.")
@click.argument("app")
@click.argument("scenario")
@_WITH
@_REPORT
def end_now(app: str, scenario: str, units: tuple[str, ...], report: Path | None) -> None:
    """End the exercise of this scenario and these people as it stands, and score it.

    Stop the command that plays it first. What was not looked at by then has failed.
    """
    with _running(app, scenario, units, report) as live:
        from guantong.packages import api

        realm = api.live_under_way(live.package, live.script, people=live.people)
        if realm is None:
            raise NoSuchExercise(scenario=scenario)
        code = _tell(live, api.end_live(live.package, live.script, realm))
    sys.exit(code)


@contextmanager
def _running(
    app: str, scenario: str, units: tuple[str, ...], report: Path | None
) -> Iterator[Live]:
    """Have the installation, the package and the units that were named, or refuse."""
    refuse_report(report)
    import django

    django.setup()
    from guantong.main import wiring
    from guantong.packages import api

    with store.running():
        store.make_ready()
        wiring.install_packages()
        package = api.installed(app)
        if package is None:
            known = ", ".join(found.id for found in api.all_installed()) or "-"
            raise NotAmongThem(id=app, known=known)
        (chosen,) = api.scenarios(package, scenario)
        yield Live(
            package=package, script=api.read_script(package, chosen), people=_people(units),
            report=report,
        )  # fmt: skip


def _people(codes: tuple[str, ...]) -> frozenset[UUID]:
    from guantong.base import clock
    from guantong.orgs.api import unit_by_code
    from guantong.orgs.errors import UnknownUnit

    today = clock.local_day(clock.machine_now())
    found = set()
    for code in codes:
        unit = unit_by_code(code, on=today)
        if unit is None:
            raise UnknownUnit(code=code, on=today)
        found.add(unit.id)
    return frozenset(found)


def _tell(live: Live, played: "Rehearsed") -> int:
    """Print verdict and score, keep them, write the report, and return the exit code."""
    from guantong.base import clock
    from guantong.packages import api

    spoken = language()
    speaker = api.Speaker(live.package, spoken)
    click.echo(
        say(
            "cli.rehearse.held" if played.held else "cli.rehearse.failed", spoken,
            package=live.package.id, title=_title(live), held=sum(w.held for w in played.wishes),
            all=len(played.wishes), unresolved=played.unresolved, seconds=f"{played.seconds:.1f}",
        )
    )  # fmt: skip
    for wish in played.failed:
        click.echo("  " + speaker.failure(played, wish, played.scenario.path))
    units = api.score(live.package, played.realm, live.people)
    # Judged once, kept once: by its realm an exercise is known that was kept already.
    api.keep_rehearsal(
        UUID(api.release_of(live.package.id)), api.outcome_of([played], units), kind=api.PEOPLE,
        by=_BY, at=clock.machine_now(),
    )  # fmt: skip
    for unit in units:
        if unit.by_people:
            click.echo("  " + _scored(unit, spoken))
    if live.report is not None:
        report = api.Report(at=clock.machine_now(), language=spoken)
        report.add(live.package, [played], units=units)
        write_report(live.report, report.html())
    return int(not played.held)


def _scored(unit: "UnitScore", language: str) -> str:
    return say(
        "cli.exercise.unit", language,
        unit=unit.name_zh if language == "zh-CN" else unit.name_en, tasks=unit.tasks,
        receipt=_minutes(unit.receipt), acceptance=_minutes(unit.acceptance), late=unit.late,
    )  # fmt: skip


def _minutes(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _title(live: Live) -> str:
    return live.package.say(live.script.scenario.data["scenario"], language())
