"""A PostgreSQL that Guantong did not start, as a province's own database administrators run it.

The oldest one of the machine that we promise to work with, by Debian's folders; where there is
none, the one that comes along, as a second server. The role of the platform owns its database and
has no other right; it must show its password.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from guantong.main.postgres import SYSTEM_USER, tool

OLDEST = 15
_DEBIAN = Path("/usr/lib/postgresql")
# With the signs that an address must quote.
PASSWORD = "p@ss/w:rd %"


@dataclass(frozen=True, slots=True)
class OtherServer:
    """A server on a port of the loopback."""

    port: int
    version: int

    def url(self, database: str) -> str:
        """Return the address that operators write into DATABASE_URL."""
        named = f"guantong:{quote(PASSWORD, safe='')}"
        return f"postgresql://{named}@127.0.0.1:{self.port}/{database}?connect_timeout=10"

    def database(self, name: str) -> str:
        """Make an empty database, as docs/operating/running.md says; return its address."""
        with self.owner() as connection:
            connection.execute(f"create database {name} owner guantong")
        return self.url(name)

    @contextmanager
    def owner(self, database: str = "postgres") -> Iterator[psycopg.Connection[Any]]:
        """Connect as the one who administers the server."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="owner", password=PASSWORD, dbname=database,
            autocommit=True,
        ) as connection:  # fmt: skip
            yield connection


@contextmanager
def other_server() -> Iterator[OtherServer]:
    """Have such a server; it goes away afterwards."""
    found = sorted(
        (int(path.name), path / "bin")
        for path in (_DEBIAN.iterdir() if _DEBIAN.is_dir() else ())
        if path.name.isdigit() and int(path.name) >= OLDEST and (path / "bin" / "initdb").exists()
    )
    version, binaries = found[0] if found else (18, Path(tool("initdb")).parent)
    account = _account()
    place = Path(tempfile.mkdtemp(prefix="guantong-other-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    (place / "password").write_text(PASSWORD)
    if account is not None:
        for path in (place, place / "password"):
            shutil.chown(path, account)

    def run(name: str, *arguments: str | Path) -> None:
        subprocess.run(
            [binaries / name, *arguments], user=account, cwd="/", check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    data = place / "data"
    run("initdb", "--auth=scram-sha-256", f"--pwfile={place / 'password'}", "--encoding=UTF8",
        "--locale=C.UTF-8", "--username=owner", "-D", data)  # fmt: skip
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    run("pg_ctl", "start", "-w", "-D", data, "-l", place / "log", "-o", options)
    try:
        server = OtherServer(port, version)
        with server.owner() as connection:
            connection.execute(
                psycopg.sql.SQL("create role guantong login password {}").format(PASSWORD)
            )
        yield server
    finally:
        run("pg_ctl", "stop", "-m", "immediate", "-D", data)
        shutil.rmtree(place, ignore_errors=True)


def _account() -> str | None:
    """Return the account that runs the server where we are root: it refuses to be root's."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else SYSTEM_USER
