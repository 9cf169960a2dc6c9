"""What ``guantong rehearse --keep`` does in the installation, before and after the box.

The process of a rehearsal lives in its box and touches no installation, so each of the two steps is
a process of its own: the release is brought in before minutes are spent on it, and what came of it
is kept with that release.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from guantong.main import store
from guantong.main.errors import FilesChanged

if TYPE_CHECKING:
    from guantong.packages.api import Rehearsed

_BY = "command:rehearse"


class Keeper:
    """Keeps rehearsals in the installation that is named when it is made; a box names another."""

    def __init__(self, *, by: str, language: str) -> None:
        store.refuse_missing()
        self._environment = {**os.environ, "GUANTONG_LANGUAGE": language}
        self._by = f"{_BY} {by.strip()[:80]}".strip()

    def bring(self, path: Path) -> None:
        """Bring in the release that is to be rehearsed; a refusal ends the command."""
        self._run("bring", path)

    def keep(self, path: Path, digest: str, played: "Iterable[Rehearsed]") -> None:
        """Keep what came of the release at a path; a refusal ends the command."""
        from guantong.packages import api

        self._run("keep", path, digest, given=json.dumps(api.outcome_of(played)))

    def _run(self, act: str, *arguments: str | Path, given: str = "") -> None:
        done = subprocess.run(  # noqa: S603 - our own program and arguments
            [sys.executable, "-m", __name__, act, "--by", self._by, "--", *arguments],
            env=self._environment, input=given, stdout=subprocess.PIPE, encoding="utf-8",
            check=False,
        )  # fmt: skip
        if done.returncode:
            sys.exit(done.returncode)


@click.group()
def steps() -> None:
    """Take the two steps of a rehearsal that is kept."""


_BY_OPTION = click.option("--by", required=True)
_PATH = click.argument("path", type=click.Path(path_type=Path))


@steps.command()
@_BY_OPTION
@_PATH
def bring(by: str, path: Path) -> None:
    """Keep the release at a path in the store, where it is not there yet."""
    with store.ready():
        _release(path, by)


@steps.command()
@_BY_OPTION
@_PATH
@click.argument("digest")
def keep(by: str, path: Path, digest: str) -> None:
    """Keep what standard input says came of the release at a path."""
    outcome: dict[str, Any] = json.load(sys.stdin)
    with store.ready():
        from guantong.base.clock import machine_now
        from guantong.packages import api as packages

        id = _release(path, by)
        if packages.brought_release(id).package.digest != digest:
            raise FilesChanged(path=path)
        packages.keep_rehearsal(id, outcome, kind=packages.BOX, by=by, at=machine_now())


def _release(path: Path, by: str) -> Any:
    from guantong.base.clock import machine_now
    from guantong.main.life_commands import brought_from
    from guantong.packages import api as packages

    at = machine_now()
    return packages.bring_in(brought_from(path, at), by=by, at=at)


if __name__ == "__main__":
    from guantong.main.cli import run

    run(steps)
