"""A province in a box: a home of its own with a store of its own, thrown away afterwards.

Whoever rehearses needs no installation and touches none. A box that a kill left behind is found
by the lock nobody holds any more, and removed by the next one.

To found a province takes ten times as long as to copy one, so the first box of each version is
kept, empty of everything but the shipped province, in the cache of the account. It may be deleted
at any time.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from guantong.main.backup import version
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

    home, kept = current(), _kept()
    if not _filled(home, kept):
        home.prepare()
        with Server(home, passing=True), _connected():
            django.setup()
            _found()
        _keep(home, kept)
    home.prepare()
    with Server(home, passing=True), _connected():
        django.setup()
        from guantong.main import wiring

        wiring.join()
        yield


@contextmanager
def _connected() -> Iterator[None]:
    from django.db import connections

    try:
        yield
    finally:
        # Before the server stops: nothing may meet a dead connection afterwards.
        connections.close_all()


def _found() -> None:
    from guantong.base import clock
    from guantong.base.installation import installation_id
    from guantong.main import upgrade
    from guantong.orgs.api import found_province

    now = clock.machine_now()
    upgrade.bring_up_to_date(at=now)
    installation_id(at=now)
    found_province(on=clock.local_day(now))


def _kept() -> Path:
    """Return where the box of this kernel is kept, whether or not it is there.

    Named for all that makes it: the version, the tables, and what a province is founded from.
    """
    root = Path(__file__).resolve().parent.parent
    made_of = [*root.glob("*/migrations/*.py"), *root.glob("orgs/data/*"), *root.glob("orgs/*.py")]
    digest = hashlib.sha256(version().encode())
    for path in sorted(made_of):
        digest.update(path.name.encode() + path.read_bytes())
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "guantong" / f"box-{digest.hexdigest()[:16]}"


def _filled(home: Home, kept: Path) -> bool:
    """Copy the kept box into the home; False where there is none, or it cannot be read."""
    return kept.is_dir() and _copied(kept, home.path)


def _keep(home: Home, kept: Path) -> None:
    """Keep the box of this home for the next ones, and no other. Where that fails, none is kept."""
    with contextlib.suppress(OSError):
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for older in kept.parent.glob("box-*"):
            shutil.rmtree(older, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix="fresh-", dir=kept.parent))
        try:
            if _copied(home.path, fresh):
                (fresh / _ALIVE).unlink()
                # Whole or not at all; of two that come at once the second finds it taken.
                fresh.rename(kept)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _copied(source: Path, target: Path) -> bool:
    """Copy all of a folder into another with owners and rights, and say whether that worked."""
    # The data folder belongs to the server's account where we are root: Python would not keep that.
    done = subprocess.run(  # noqa: S603 - our own folders
        ["cp", "-a", f"{source}/.", str(target)],  # noqa: S607
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


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
