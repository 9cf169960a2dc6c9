"""Homes that many stories begin with: each is made once in a run, and copied for whoever needs it.

To found a province, or to bring the store of an old release to this one, takes ten times as long
as to copy what came of it. The originals stand in the home of the run (``tests.store``), which all
its processes share and which goes away with it; a file that runs alone makes the one it needs.

A copy has the keys of its original. A story about the beginning itself, or about two installations
that must not be alike, begins with an empty home; one that kills asks for a copy that waits for the
disk (``passing=False``), as every store of a province does.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.journeys.installation import ROOT, Installation
from tests.journeys.old_release import left_by

from guantong.main.postgres import PASSING

_FOUND = "from guantong.main import store\nwith store.ready(fresh=True):\n    pass\n"


def as_founded(own: Installation, *, passing: bool = True) -> None:
    """Fill the home of ``own`` as a first ``guantong up`` leaves it before any exercise."""
    _copy("founded", _found, own, passing=passing)


def as_upgraded(own: Installation, *, passing: bool = True) -> None:
    """Fill the home of ``own`` as release 0.1.0 left it and ``guantong upgrade`` changed it."""
    _copy("upgraded", _upgrade, own, passing=passing)


def _found(original: Installation) -> None:
    subprocess.run(
        [sys.executable, "-c", _FOUND], env=original.environment(), cwd=ROOT, check=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def _upgrade(original: Installation) -> None:
    left_by("0.1.0", original)
    answer = original.run("upgrade")
    assert answer.code == 0, answer


def _copy(
    name: str, make: Callable[[Installation], None], own: Installation, *, passing: bool
) -> None:
    place = Path(os.environ["GUANTONG_TEST_HOME"]) / "begun"
    place.mkdir(exist_ok=True)
    original, whole = Installation(place / name), place / f"{name}.whole"
    with (place / f"{name}.lock").open("w") as gate:
        # Whoever comes first makes it; another process of the run waits.
        fcntl.flock(gate, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(original.folder, ignore_errors=True)
            original.folder.mkdir()
            make(original)
            whole.touch()
    # The data folder belongs to the server's account where we are root, and must go on so.
    subprocess.run(["cp", "-a", original.home, own.home], check=True)
    if passing:
        with (own.home / "postgres" / "postgresql.auto.conf").open("a") as settings:
            settings.writelines(f"{name} = {value}\n" for name, value in PASSING.items())
