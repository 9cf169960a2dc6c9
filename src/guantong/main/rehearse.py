"""``guantong rehearse``: packages played in a province in a box, judged, and told.

The doctor first: what cannot be carried out is not played. Then the box stands up once, and each
scenario has a realm of its own in it. Nothing of the box is left afterwards, however it ends; what
came of it is kept in the installation where that was asked for (``guantong.main.keep_rehearsal``).
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from guantong.base.words import say
from guantong.main import box
from guantong.main.errors import PackageTwice, ReportNotWritten
from guantong.main.keep_rehearsal import Keeper
from guantong.main.terminal import passing_line

if TYPE_CHECKING:
    from guantong.packages.api import Document, Package, Rehearsed

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the command was asked for."""

    paths: Sequence[Path]
    scenario: str | None
    report: Path | None
    language: str
    as_json: bool
    keep: bool = False
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A package without errors, and the scenarios to be played."""

    path: Path
    package: "Package"
    scenarios: "Sequence[Document]"


def rehearse(wanted: Wanted) -> int:
    """Rehearse packages and print what came of it; return the exit code."""
    refuse_report(wanted.report)
    keeper = Keeper(by=wanted.by, language=wanted.language) if wanted.keep else None
    with box.folder():
        import django

        django.setup()
        worst, sound = _examined(wanted)
        if sound:
            if keeper is not None:
                for one in sound:
                    keeper.bring(one.path)
            worst = max(worst, _play_all(wanted, sound, keeper))
    return worst


def _examined(wanted: Wanted) -> tuple[int, list[Sound]]:
    """Read and examine the packages; return the worst exit code so far, and the sound ones."""
    from guantong.main import packages
    from guantong.packages import api

    worst, sound = 0, list[Sound]()
    for path in wanted.paths:
        try:
            package = api.read(path)
        except api.CannotRead as refusal:
            click.echo(refusal.sentence(wanted.language), err=True)
            worst = 2
            continue
        if any(package.id == other.package.id for other in sound):
            raise PackageTwice(id=package.id, path=path)
        if packages.doctor([path], language=wanted.language, as_json=wanted.as_json, quiet=True):
            click.echo(say("cli.rehearse.unsound", wanted.language, path=path), err=True)
            worst = max(worst, 1)
            continue
        scenarios = api.scenarios(package, wanted.scenario)
        if not scenarios:
            click.echo(say("cli.rehearse.none", wanted.language, path=path), err=True)
            worst = max(worst, 1)
            continue
        sound.append(Sound(path=path, package=package, scenarios=scenarios))
    return worst, sound


def _play_all(wanted: Wanted, sound: Sequence[Sound], keeper: Keeper | None) -> int:
    from guantong.base import clock
    from guantong.packages import api

    worst = 0
    report = api.Report(at=clock.machine_now(), language=wanted.language)
    with _bar(wanted.language) as show:
        show(say("cli.rehearse.box", wanted.language))
        with box.province():
            for one in sound:
                api.install(one.package)
                played = []
                for scenario in one.scenarios:
                    played.append(_play(wanted, one, scenario, show))
                    _tell(wanted, one, played)
                    worst = max(worst, int(not played[-1].held))
                if not wanted.as_json:
                    for line in _coverage(wanted, one, played):
                        click.echo(line)
                report.add(one.package, played)
                if keeper is not None:
                    keeper.keep(one.path, one.package.digest, played)
                    page = f"/apps/{one.package.id}/rehearsals"
                    told = say("cli.rehearse.kept", wanted.language, page=page)
                    click.echo(told, err=wanted.as_json)
            if wanted.report is not None:
                write_report(wanted.report, report.html())
    return worst


def _play(wanted: Wanted, one: Sound, scenario: "Document", show: Tell) -> "Rehearsed":
    from guantong.base import clock
    from guantong.packages import api

    title = one.package.say(scenario.data["scenario"], wanted.language)

    def progress(now: api.Progress) -> None:
        text = say(
            "cli.rehearse.playing", wanted.language, package=one.package.id, title=title,
            at=f"{now.now.astimezone(clock.BEIJING):%Y-%m-%d %H:%M}",
        )  # fmt: skip
        show(text)

    return api.rehearse(one.package, scenario, at=clock.machine_now(), progress=progress)


def _tell(wanted: Wanted, one: Sound, played: "Sequence[Rehearsed]") -> None:
    """Print what came of the last scenario."""
    from guantong.packages import api

    last, speaker = played[-1], api.Speaker(one.package, wanted.language)
    if wanted.as_json:
        click.echo(json.dumps(_json(one, played), ensure_ascii=False))
        return
    facts = {
        "package": one.package.id, "title": speaker.title(last), "seconds": f"{last.seconds:.1f}",
        "held": sum(w.held for w in last.wishes), "all": len(last.wishes),
        "unresolved": last.unresolved,
    }  # fmt: skip
    click.echo(say("cli.rehearse.held" if last.held else "cli.rehearse.failed",
                   wanted.language, **facts))  # fmt: skip
    for wish in last.failed:
        path = str(one.path / last.scenario.path)
        click.echo("  " + speaker.failure(last, wish, path))


def _json(one: Sound, played: "Sequence[Rehearsed]") -> dict[str, Any]:
    from guantong.packages import api

    last = played[-1]
    possible = api.possible(one.package)
    speakers = {
        name: api.Speaker(one.package, language)
        for name, language in (("zh", "zh-CN"), ("en", "en"))
    }
    path = str(one.path / last.scenario.path)
    return {
        "package": one.package.id, "scenario": last.scenario.stem, "path": path,
        "held": last.held, "unresolved": last.unresolved, "seconds": round(last.seconds, 2),
        "begins_at": last.begins_at.isoformat(), "ended_at": last.ended_at.isoformat(),
        "wishes": [
            {
                "kind": wish.kind, "line": last.line(wish), "held": wish.held,
                "at": wish.due_at.isoformat() if wish.due_at else None, "found": wish.result,
                **({} if wish.held else {
                    name: speaker.failure(last, wish, path) for name, speaker in speakers.items()
                }),
            }
            for wish in last.wishes
        ],
        "coverage": {t.name: t.to_json() for t in api.topics(possible, last.reached)},
        "together": {t.name: t.to_json() for t in api.topics(possible, api.union(played))},
    }  # fmt: skip


def _coverage(wanted: Wanted, one: Sound, played: "Sequence[Rehearsed]") -> Iterator[str]:
    """Yield a line for each topic: how much of it all scenarios reached, and what was missed."""
    from guantong.packages import api

    yield say("cli.rehearse.coverage", wanted.language, package=one.package.id)
    for topic in api.topics(api.possible(one.package), api.union(played)):
        key = "cli.rehearse.topic-missing" if topic.missing else "cli.rehearse.topic"
        reached = len(topic.all & topic.reached)
        yield "  " + say(
            key, wanted.language, topic=say(f"rehearsal.topic.{topic.name}", wanted.language),
            reached=reached, all=len(topic.all), missing=topic.missing_told,
        )  # fmt: skip


def refuse_report(path: Path | None) -> None:
    """Refuse a report that could not be written, before minutes are spent on it."""
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise ReportNotWritten(path=path)


def write_report(path: Path, html: bytes) -> None:
    """Write a report, or refuse a place where that is not possible."""
    try:
        path.write_bytes(html)
    except OSError as wrong:
        raise ReportNotWritten(path=path) from wrong


@contextmanager
def _bar(language: str) -> Iterator[Tell]:
    """Show what is being done and for how long, on standard error, while the block lasts."""
    with passing_line() as bar:
        line = bar.add_task(say("cli.rehearse.box", language), total=None)

        def show(text: str) -> None:
            bar.update(line, description=text)

        yield show
