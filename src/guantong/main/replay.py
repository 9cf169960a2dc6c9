"""``guantong replay``: a package's real input through the whole installation, as an exercise.

The options of the command and the keys of its answer are the package's (``replay.yaml``). The
files are read and checked before anything is started or written; then the store is made
ready, the unfinished exercise of the same input is continued or a new one begun, and the answer
is read from the store.
"""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from guantong.base.words import say
from guantong.main.errors import NotInstalledHere, UnknownApplication
from guantong.main.home import current
from guantong.main.measure import Cost
from guantong.main.terminal import language


def replayable() -> list[str]:
    """Return the ids of the packages that declare a replay."""
    return sorted(path.parent.name for path in _apps().glob("*/replay.yaml"))


def command_of(id: str) -> click.Command:
    """Return the command that replays one package."""
    if id not in replayable():
        raise UnknownApplication(id=id, known=", ".join(replayable()))
    import yaml

    declared = yaml.safe_load((_apps() / id / "replay.yaml").read_text(encoding="utf-8"))
    options: list[click.Parameter] = [
        click.Option(
            [f"--{name.replace('_', '-')}", name],
            type=click.Path(path_type=Path), metavar="FILE", help=given["help"]["en"],
        )
        for name, given in declared["inputs"].items()
    ]  # fmt: skip
    options.append(
        click.Option(["--json", "as_json"], is_flag=True, help="Answer as one JSON object.")
    )

    def run(as_json: bool, **files: Path | None) -> None:
        replay(id, files, as_json=as_json)

    return click.Command(id, params=options, callback=run, help=f"Replay {id}.")


def replay(id: str, files: dict[str, Path | None], *, as_json: bool) -> None:
    """Replay a package with the given input files and print what it came to."""
    import django

    django.setup()
    from guantong.base import clock
    from guantong.main import packages, store, wiring
    from guantong.packages import api

    package = api.read(_apps() / id)
    # The files first: whether one is wrong is known at once, what the doctor says takes seconds.
    inputs = packages.inputs(package, files)
    packages.refuse_unsound(package)

    with store.running(), Cost(current().postgres) as cost:
        packages.remember_sound(package)
        store.make_ready()
        wiring.install_packages()
        package = _installed(package)
        realm = api.begin(package, inputs, at=clock.machine_now())
        with _bar() as bar:
            line = bar.add_task(say("cli.replay.working", language()), total=None, at="")

            def progress(now: api.Progress) -> None:
                bar.update(
                    line, completed=now.done, total=now.total, at=f"{now.now:%Y-%m-%d %H:%M}"
                )

            api.play(package, realm, progress=progress)
        answer = {**api.outcome(package, realm), **cost.so_far()}
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else _summary(package.id, answer))


def _installed(package: Any) -> Any:
    """Return the release that is installed: what works here is rehearsed, not what lies beside."""
    from guantong.packages import api

    standing = api.standing(package.id)
    if standing is None or standing.state != api.INSTALLED:
        raise NotInstalledHere(id=package.id)
    found = api.installed(package.id)
    assert found is not None, "what the store says is installed is carried out"
    return found


def _summary(title: str, answer: dict[str, Any]) -> str:
    return say(
        "cli.replay.done", language(), title=title, alerts=answer.get("alerts"),
        opened=(answer.get("cases") or {}).get("opened"),
        tasks=sum((answer.get("tasks") or {}).values()), unresolved=answer["unresolved"],
        seconds=answer["seconds"],
    )  # fmt: skip


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TextColumn("{task.fields[at]}"), TimeElapsedColumn(), console=Console(stderr=True),
        transient=True,
    )  # fmt: skip


def _apps() -> Path:
    from django.conf import settings

    folder: Path = settings.APPS_FOLDER
    return folder
