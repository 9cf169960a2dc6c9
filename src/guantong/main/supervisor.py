"""``guantong up``: the processes of an installation, started, watched, started again, stopped.

``web`` and ``gateway`` serve, ``worker`` does what is due, ``replay`` plays the exercise of a new
home once. All state is in the stores, so any of them may die at any moment: it is started
again after a pause that grows while it keeps dying. When this process ends, however that
happens, its children end with it.
"""

import fcntl
import gzip
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

import click

from guantong.base.errors import GuantongError
from guantong.base.words import say
from guantong.main import store
from guantong.main.errors import AlreadyUp, PortTaken
from guantong.main.home import current
from guantong.main.lifeline import end_with_parent
from guantong.main.operations_commands import report_upgrade, tell_upgrade
from guantong.main.terminal import language

HOST = "127.0.0.1"
TICK_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
GRACE_SECONDS = 10.0
# 20 MB is some days of a county; ten of them, compressed, are some weeks and about 20 MB. Ours.
LONGEST_LOG = 20 * 1024 * 1024
KEPT_LOGS = 10


@dataclass(slots=True)
class Child:
    """One process to keep alive. ``once`` ends for good when it ends well."""

    name: str
    command: list[str]
    once: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    log: IO[bytes] | None = None
    pause: float = 1.0
    start_at: float = 0.0
    started: float = 0.0
    over: bool = False


@dataclass(slots=True)
class Supervisor:
    """Everything ``guantong up`` keeps running in one home."""

    children: list[Child] = field(default_factory=list)
    stopping: bool = False
    lock: IO[str] | None = None

    def run(self) -> int:
        """Start everything, watch it until told to stop, stop it; return the exit code."""
        home = current()
        home.prepare()
        self._be_the_only_one(home.path)
        import django

        django.setup()
        from django.conf import settings

        for port in (settings.WEB_PORT, settings.GATEWAY_PORT, settings.CITIZEN_PORT):
            if port is not None:
                _refuse_taken(port)
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        click.echo(say("cli.up.preparing", language(), home=home.path))
        with store.running():
            replays = _apart(_prepare)
            self.children = [
                Child("web", _server("wsgi", settings.WEB_PORT)),
                Child("gateway", _server("asgi", settings.GATEWAY_PORT)),
                *_workers(settings.WORKERS),
            ]
            if settings.CITIZEN_PORT is not None:
                command = _server("wsgi", settings.CITIZEN_PORT)
                self.children.append(
                    Child("citizen", command, environment={"GUANTONG_END": "citizen"})
                )
            self.children += [
                Child(
                    f"replay-{id}",
                    [sys.executable, "-m", "guantong.main.cli", "replay", id, "--json"],
                    once=True,
                )
                for id in replays
            ]
            try:
                while not self.stopping:
                    self._look_after()
                    time.sleep(TICK_SECONDS)
            finally:
                click.echo(say("cli.up.stopping", language()))
                self._end_all()
        return 0

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _be_the_only_one(self, path: Path) -> None:
        self.lock = (path / "up.lock").open("a+")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            from django.conf import settings

            raise AlreadyUp(home=path, url=f"http://{HOST}:{settings.WEB_PORT}/") from None

    def _look_after(self) -> None:
        """Start what is not running and may run now; keep its log from filling the disk."""
        for child in self.children:
            turn_over(current().logs / f"{child.name}.log")
            if child.over:
                continue
            if child.process is None:
                if time.monotonic() >= child.start_at:
                    _start(child)
                continue
            code = child.process.poll()
            if code is None:
                if time.monotonic() - child.started > LONGEST_PAUSE_SECONDS:
                    child.pause = 1.0
                continue
            child.process = None
            if child.once and code in (0, 2):  # done, or refused: trying again would not help
                child.over = True
                continue
            child.start_at = time.monotonic() + child.pause
            child.pause = min(child.pause * 2, LONGEST_PAUSE_SECONDS)
            _tell(child, code)

    def _end_all(self) -> None:
        running = [c.process for c in self.children if c.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _apart(work: Callable[[], list[str]]) -> list[str]:
    """Return what ``work`` returns, done in a process that ends, so that this one stays small."""
    from django.db import connections

    connections.close_all()  # two processes must not speak through one connection
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, mp_context=fork, initializer=end_with_parent) as alone:
        return alone.submit(work).result()


def _prepare() -> list[str]:
    """Make store and packages ready, and say so; return the packages that are to be replayed."""
    from django.conf import settings

    # The doctor sees each package once, before three processes ask at the same time.
    upgraded = store.make_ready(tell=tell_upgrade, refused=_tell_refusal)
    if upgraded is not None:
        # Sound or not: cases wait. What is wrong was said, with the way back.
        report_upgrade(upgraded)
    replays = _replays_to_do()
    _greet(f"http://{HOST}:{settings.WEB_PORT}/", replaying=bool(replays))
    return replays


def _server(interface: str, port: int) -> list[str]:
    threads = ["--blocking-threads", "4"] if interface == "wsgi" else []
    return [
        sys.executable, "-m", "granian", "--interface", interface, "--host", HOST,
        "--port", str(port), "--workers", "1", *threads, "--no-ws", "--respawn-failed-workers",
        # A stream stays open as long as somebody looks; it must not hold up the end.
        "--workers-kill-timeout", "5",
        "--log-level", "warning",
        f"guantong.main.{interface}:application",
    ]  # fmt: skip


def _workers(count: int) -> list[Child]:
    """Return the workers: the first is called as it always was, so that its log goes on."""
    names = ["worker", *(f"worker-{n}" for n in range(2, count + 1))]
    return [Child(name, [sys.executable, "-m", "guantong.main.worker", name]) for name in names]


def _start(child: Child) -> None:
    child.log = (current().logs / f"{child.name}.log").open("ab")
    child.process = subprocess.Popen(  # noqa: S603 - our own commands
        child.command, stdin=subprocess.DEVNULL, stdout=child.log, stderr=child.log,
        env={
            **os.environ, **_ENVIRONMENT, **child.environment, "GUANTONG_PROCESS": child.name,
        },
        preexec_fn=_before_start,
    )  # fmt: skip
    child.log.close()
    child.started = time.monotonic()


def turn_over(path: Path) -> None:
    """Put a log that has grown too long aside, compressed, and go on with an empty one.

    The process keeps its file open, so the file is emptied and not moved. What is written between
    the copy and the emptying, some thousandths of a second, is lost.
    """
    try:
        if not path.exists() or path.stat().st_size < LONGEST_LOG:
            return
        for number in range(KEPT_LOGS - 1, 0, -1):
            older = path.with_name(f"{path.name}.{number}.gz")
            if older.exists():
                older.replace(path.with_name(f"{path.name}.{number + 1}.gz"))
        with path.open("rb") as full, gzip.open(path.with_name(f"{path.name}.1.gz"), "wb") as kept:
            shutil.copyfileobj(full, kept)
        os.truncate(path, 0)
    except OSError as fault:
        # A full disk must not end the supervisor; the check says that it is full.
        click.echo(f"{path.name}: {fault.strerror}", err=True)


# Each process of Python would else keep an arena of memory per core for threads it never starts.
_ENVIRONMENT: Mapping[str, str] = {"MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1"}


def _before_start() -> None:
    # Ctrl-C reaches the whole terminal; only the supervisor listens, and stops its children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


def _tell(child: Child, code: int) -> None:
    log = current().logs / f"{child.name}.log"
    click.echo(say("cli.up.again", language(), name=child.name, code=code, log=log), err=True)


def _refuse_taken(port: int) -> None:
    """Refuse a port another program holds; one that is just being let go of is waited for."""
    until = time.monotonic() + GRACE_SECONDS
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                if time.monotonic() > until:
                    raise PortTaken(port=port) from None
            else:
                return
        time.sleep(TICK_SECONDS)


def _tell_refusal(refusal: GuantongError) -> None:
    click.echo(refusal.sentence(language()), err=True)


def _replays_to_do() -> list[str]:
    """Return the packages whose own replay, of their own sample, was not finished in this home."""
    from django.conf import settings

    from guantong.main.packages import inputs
    from guantong.main.replay import replayable
    from guantong.packages.api import asked, exercises, read

    if os.environ.get("GUANTONG_REPLAY") == "0" or not store.is_demonstration():
        return []  # a real province needs no example
    left = []
    for id in replayable():
        package = read(settings.APPS_FOLDER / id)
        sample = asked(package, inputs(package, {}))
        if not any(e.state == "finished" and e.asked == sample for e in exercises(id)):
            left.append(id)
    return left


def _greet_citizens() -> None:
    """Say where the citizen end is, and with whose account it may be tried."""
    from django.conf import settings

    from guantong.access.api import create_demo_citizen
    from guantong.base import clock

    if settings.CITIZEN_PORT is None:
        return
    if not store.is_demonstration():
        where = f"http://{HOST}:{settings.CITIZEN_PORT}/"
        click.echo(say("cli.up.citizen_changed", language(), url=where))
        return
    mobile, printed = create_demo_citizen(at=clock.machine_now())
    url = f"http://{HOST}:{settings.CITIZEN_PORT}/"
    key = "cli.up.citizen" if printed else "cli.up.citizen_changed"
    click.echo(say(key, language(), url=url, mobile=mobile))


def _greet(url: str, *, replaying: bool) -> None:
    from guantong.access.api import create_demo_accounts
    from guantong.base import clock

    spoken = language()
    if not store.is_demonstration():
        click.echo(say("cli.up.ready", spoken, url=url))
        click.echo(say("cli.up.real", spoken))
        _greet_citizens()
        click.echo(say("cli.up.stop", spoken))
        return
    accounts = create_demo_accounts(clock.local_day(clock.machine_now()))
    password = next((a.password for a in accounts if a.password), None)
    click.echo(say("cli.up.ready", spoken, url=url))
    key = "cli.up.accounts" if password else "cli.up.accounts_changed"
    click.echo(say(key, spoken, password=password))
    for account in accounts:
        title = account.title_zh if spoken == "zh-CN" else account.title_en
        click.echo(f"  {account.username:<14} {title}")
    _greet_citizens()
    if replaying:
        click.echo(say("cli.up.replaying", spoken, url=url))
    click.echo(say("cli.up.stop", spoken))
