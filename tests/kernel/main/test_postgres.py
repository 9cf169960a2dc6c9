"""The embedded server after a power cut."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from guantong.main.errors import RestoreInterrupted
from guantong.main.home import EXCHANGING, Home
from guantong.main.postgres import Server


@pytest.fixture
def home() -> Iterator[Home]:
    """A home where the server's account may walk to."""
    with tempfile.TemporaryDirectory(prefix="guantong-server-") as folder:
        Path(folder).chmod(0o711)
        yield Home(Path(folder))


def test_the_number_of_a_foreign_process_in_the_lock_file_does_not_keep_the_store_away(
    home: Home,
) -> None:
    with Server(home):
        pass
    # After a power cut the file still stands there, and the number belongs to whoever got it since.
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as foreign:
        lock = home.postgres / "postmaster.pid"
        lock.write_text(f"{foreign.pid}\n{home.postgres}\n1\n5432\n\n\n 1 1\nready\n")
        began = time.monotonic()

        with Server(home):
            took = time.monotonic() - began
            own = int(lock.read_text().split()[0])

        alive = foreign.poll() is None
        foreign.kill()
    assert own not in (foreign.pid, os.getpid())
    assert alive, "nobody else is stopped in its place"
    assert took < 60


def test_a_home_that_is_being_exchanged_is_not_founded_anew(home: Home) -> None:
    home.prepare()
    (home.path / EXCHANGING).touch()

    with pytest.raises(RestoreInterrupted, match="guantong restore FILE --replace"), Server(home):
        pass

    assert not home.postgres.exists()
