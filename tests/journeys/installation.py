"""An installation of a test's own: the command line, as a person runs it, in a home of its own.

Every command is a process of its own with an environment made here, so that no variable of the
developer's reaches it. The folder stands directly under the system's place for passing files:
as root the store belongs to another account, which must be able to walk to it.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from guantong.main.home import Home
from guantong.main.postgres import Server, socket_folder

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("guantong")
LEKIMA = ROOT / "apps" / "flood_response" / "samples" / "lekima_2019.csv"
# What a replay costs differs from run to run; all else of its answer may not.
COSTS = ("seconds", "cpu_seconds", "peak_mb")
# A busy machine may be many times slower than a quiet one; this only ends what hangs.
PATIENCE_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> dict[str, Any]:
        """The JSON object on the last line of standard output."""
        assert self.out.strip(), f"exit code {self.code} and nothing said; errors: {self.err}"
        found: dict[str, Any] = json.loads(self.out.strip().splitlines()[-1])
        return found

    @property
    def told(self) -> dict[str, Any]:
        """The answer of a replay without what it cost."""
        assert self.code == 0, f"exit code {self.code}: {self.err}"
        return {name: value for name, value in self.last.items() if name not in COSTS}


@dataclass(frozen=True, slots=True)
class Installation:
    """One home under ``folder``; ``named`` says whether GUANTONG_HOME names it."""

    folder: Path
    named: bool = True

    @property
    def home(self) -> Path:
        """The folder of all state; it need not exist yet."""
        return self.folder / ("home" if self.named else ".local/share/guantong")

    def environment(self, **more: str) -> dict[str, str]:
        """Return the whole environment of a command."""
        plain = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"}
        if self.named:
            plain["GUANTONG_HOME"] = str(self.home)
        return plain | more

    def run(self, *arguments: str | Path, **environment: str) -> Answer:
        """Run one command to its end."""
        done = subprocess.run(
            [COMMAND, *arguments], env=self.environment(**environment), cwd=ROOT,
            capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL,
            timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str | Path, **environment: str) -> "Running":
        """Start a command and let it run."""
        return Running(
            subprocess.Popen(
                [COMMAND, *arguments], env=self.environment(**environment), cwd=ROOT, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                encoding="utf-8", preexec_fn=_as_from_a_terminal,
            )
        )  # fmt: skip

    def replay(self, track: Path | None = None) -> Answer:
        """Replay a track, or the committed sample, and answer as JSON."""
        named: list[str | Path] = ["--track", track] if track else []
        return self.run("replay", "flood_response", "--json", *named)

    def files(self) -> set[Path]:
        """Return everything that stands in the folder of this installation."""
        return set(self.folder.rglob("*"))

    @contextmanager
    def store(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """Connect to the store behind the platform's back, as one with the password could."""
        home = Home(self.home)
        with (
            Server(home),
            psycopg.connect(
                host=str(socket_folder(home)), user="postgres", dbname="postgres", autocommit=True
            ) as connection,
        ):
            yield connection


def _as_from_a_terminal() -> None:
    """Let Ctrl-C end a command; what a shell starts in the background is deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Running:
    """A command under way; what it says is read while it runs, so that no pipe fills up."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._said: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        self._said.extend(self.process.communicate())

    def ended(self, seconds: float) -> bool:
        """Wait at most so long; say whether the command has ended."""
        self._reader.join(seconds)
        return not self._reader.is_alive()

    def answer(self) -> Answer:
        """Wait for the end and return what the command gave back."""
        assert self.ended(PATIENCE_SECONDS), "the command hangs"
        out, err = self._said
        return Answer(self.process.returncode, out, err)


@contextmanager
def installation(*, named: bool = True) -> Iterator[Installation]:
    """Have an installation that has not been made yet; everything of it goes away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="guantong-journey-"))
    made = Installation(folder, named)
    try:
        yield made
    finally:
        if (made.home / "postgres" / "postmaster.pid").exists():
            # A killed command left its server behind; whoever enters takes it over and stops it.
            with Server(Home(made.home)):
                pass
        shutil.rmtree(folder, ignore_errors=True)
