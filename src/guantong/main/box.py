"""A province in a box: a home of its own with a store of its own, thrown away afterwards.

Whoever rehearses needs no installation and touches none. A box that a kill left behind is found
by the lock nobody holds any more, and removed by the next one.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from guantong.main.home import Home, current
from guantong.main.postgres import Server

_PREFIX = "guantong-box-"
_ALIVE = "alive"


@contextmanager
def folder() -> Iterator[Path]:
    """Have an empty home that this process and those it starts take for theirs.

    Enter it before anything reads Django's settings: they read where the home is once.
    """
    _sweep()
    path = Path(tempfile.mkdtemp(prefix=_PREFIX))
    with (path / _ALIVE).open("w") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        os.environ["GUANTONG_HOME"] = str(path)
        # The store of the box is its own, and so are its people, whatever the settings here say.
        for name in ("DATABASE_URL", "GUANTONG_DEMO"):
            os.environ.pop(name, None)
        with _told_to_stop():
            try:
                yield path
            finally:
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def province() -> Iterator[None]:
    """Have a province in the home of the box: divisions, units, people, and nothing else."""
    import django

    home = current()
    home.prepare()
    with Server(home, passing=True):
        django.setup()
        from django.db import connections

        try:
            _found()
            yield
        finally:
            connections.close_all()


def _found() -> None:
    from guantong.base import clock
    from guantong.base.installation import installation_id
    from guantong.main import upgrade, wiring
    from guantong.orgs.api import found_province

    now = clock.machine_now()
    upgrade.bring_up_to_date(at=now)
    installation_id(at=now)
    found_province(on=clock.local_day(now))
    wiring.join()


@contextmanager
def _told_to_stop() -> Iterator[None]:
    """Take SIGTERM as Ctrl-C, so that the box is put away in either case."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _sweep() -> None:
    """Remove the boxes whose process is gone; their servers are stopped first."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError), (path / _ALIVE).open("r+") as alive:
            if path.stat().st_uid != os.geteuid():
                continue
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if (path / "postgres").exists():
                # Entering takes a server over that a kill left; leaving stops it.
                with Server(Home(path), passing=True):
                    pass
            shutil.rmtree(path, ignore_errors=True)
