"""An installation as an earlier release left it, made from the fixture of its store."""

import json
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from tests.journeys.installation import ROOT, Installation, Running

from guantong.main.home import Home
from guantong.main.postgres import Server, socket_folder, tool

FIXTURES = ROOT / "tests" / "fixtures"
PASSWORD = "guantong-demo-2026"
PATIENCE_SECONDS = 240


def left_by(release: str, own: Installation) -> dict[str, Any]:
    """Fill the home of ``own`` as ``release`` left it; return what was under way there."""
    home = Home(own.home)
    with zipfile.ZipFile(FIXTURES / f"store_{release.replace('.', '_')}.zip") as held:
        own.home.mkdir(mode=0o700)
        for name in held.namelist():
            held.extract(name, own.home)
        expected: dict[str, Any] = json.loads(held.read("expected.json"))
    with Server(home):
        subprocess.run(
            [tool("pg_restore"), "--jobs=2", "--no-owner", "--exit-on-error",
             "-h", str(socket_folder(home)), "-U", "postgres", "-d", "postgres",
             str(own.home / "store.dump")],
            check=True,
        )  # fmt: skip
    (own.home / "store.dump").unlink()
    (own.home / "secret_key").chmod(0o600)  # an archive keeps no rights
    return expected


def counts(own: Installation, tables: Any) -> dict[str, int]:
    """Return how many rows each of the tables holds."""
    with own.store() as connection:
        found = {}
        for table in tables:
            row = connection.execute(f"select count(*) from {table}").fetchone()
            assert row is not None
            found[table] = row[0]
        return found


class Up:
    """An installation at work, and people who sign in to it."""

    def __init__(self, own: Installation, running: Running, port: int) -> None:
        self.own = own
        self.running = running
        self.port = port

    def url(self, path: str = "/", port: int = 0) -> str:
        return f"http://127.0.0.1:{port or self.port}{path}"

    def get(self, path: str, *, port: int = 0, **headers: str) -> tuple[int, str]:
        """Ask without being signed in."""
        request = urllib.request.Request(self.url(path, port), headers=headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()


@contextmanager
def at_work(own: Installation, **environment: str) -> Iterator[Up]:
    """Have ``guantong up`` running in a home, without the replay of examples."""
    port = _free_ports()
    running = own.start("up", GUANTONG_PORT=str(port), GUANTONG_REPLAY="0", **environment)
    up = Up(own, running, port)
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while not _answers(up):
            assert not running.ended(0.3), f"it ended: {running.answer()}"
            assert time.monotonic() < until, "it does not answer"
        yield up
    finally:
        if not running.ended(0):
            running.process.terminate()
        assert running.ended(PATIENCE_SECONDS), "it does not stop"


def _answers(up: Up) -> bool:
    try:
        return up.get("/readyz")[0] == 200 and up.get("/healthz", port=up.port + 1)[0] == 200
    except OSError:
        return False


def _free_ports() -> int:
    """Return a port that is free with the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


class Person:
    """Somebody in a browser without script: signs in, reads pages, presses buttons."""

    def __init__(
        self, up: Up, username: str, password: str = PASSWORD, *, enter: bool = True
    ) -> None:
        self.up = up
        self.headers: dict[str, str] = {}
        self._jar = CookieJar()
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        self.get("/sign-in")
        if not enter:
            with suppress(urllib.error.HTTPError):
                self.post("/sign-in", username=username, password=password)
            return
        self.page = self.post("/sign-in", username=username, password=password)
        # An exercise that runs is what one sees first.
        self.post("/realm", realm="live", next="/inbox")

    def get(self, path: str) -> str:
        with self._browser.open(self.up.url(path), timeout=60) as answer:
            text: str = answer.read().decode()
            return text

    def post(self, path: str, **fields: str) -> str:
        """Send a form as its page does, with its token."""
        token = next((c.value for c in self._jar if "form" in c.name or "csrf" in c.name), "")
        body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token or ""}).encode()
        request = urllib.request.Request(self.up.url(path), data=body, headers=self.headers)  # noqa: S310
        with self._browser.open(request, timeout=60) as answer:
            text: str = answer.read().decode()
            return text

    def do(self, task: object, **answers: str) -> None:
        """Accept a task and report it done."""
        self.post(f"/tasks/{task}/act", act="accept")
        self.post(f"/tasks/{task}/act", act="complete", **answers)


def script(own: Installation, body: str, *arguments: str) -> Any:
    """Run a few lines against the store of an installation; return what they print as JSON."""
    import sys

    begin = (
        "import os, sys, json\n"
        "from guantong.main import store\n"
        "with store.running():\n"
        "    from guantong.main import wiring\n"
        "    wiring.install_packages()\n"
    )
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    done = subprocess.run(
        [sys.executable, "-c", begin + lines, *arguments], env=own.environment(), cwd=ROOT,
        capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def home_files(own: Installation, folder: str) -> set[Path]:
    """Return the files of a folder of the home, relative to it."""
    root = own.home / folder
    return {p.relative_to(root) for p in root.rglob("*") if p.is_file()}
