"""``guantong backup``: all that an installation must not lose, in one file, while it works.

The dump comes first and the lake after it. A run exists when the record store says so (promise
P6), and its file was on disk before the store heard of it: so a later copy of the lake holds the
file of every run of the dump. What was landed in between belongs to no run of the dump and is read
by nobody. Files go by the digest of their content, so the same holds for them.

Keys are kept apart (``guantong.main.key_backup``): whoever finds a backup must not find with it
what opens the sealed fields and signs the log.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import IO, Any

import orjson
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from guantong.main import archive
from guantong.main.errors import BackupFailed, BackupUnsound
from guantong.main.home import Home, current
from guantong.main.other_postgres import for_tools
from guantong.main.postgres import tool

SUFFIX = ".backup"
LAST = "last_backup.json"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a backup came to."""

    path: Path
    bytes: int
    rows: int
    files: int
    removed: int = 0


def machine_time() -> datetime:
    """Return the machine's time; ``base.clock`` has it, too, once Django's registry is loaded."""
    return datetime.fromtimestamp(time.time(), UTC)


def version() -> str:
    """Return the version of this kernel."""
    return metadata.version("guantong")


def take(
    target: Path,
    *,
    at: datetime,
    keep: int | None = None,
    remember: bool = True,
    progress: Progress = lambda _what, _done, _of: None,
) -> Made:
    """Write a backup to ``target``, a new file or a folder; the store must be running.

    ``remember`` says that it is one to rely on, and not one beside the disk it must outlive. It
    needs no table to look as this kernel wants it, so that an upgrade can begin with one.
    """
    home = current()
    if target.is_dir():
        target = target / f"guantong-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"
    if not target.parent.is_dir():
        raise BackupFailed(path=target, why=f"{target.parent} is not a folder")
    with archive.written(target) as made:
        # The signed heads before the dump: each must speak of a log that the dump holds.
        _copy(made, home, "heads", progress)
        with snapshot() as (connection, id):
            facts = _facts(connection, home, at=at)
            progress("database", 0, 1)
            _dump(made, id, target)
            progress("database", 1, 1)
        for folder in ("lake", "files"):
            _copy(made, home, folder, progress)
        made.close(facts)
    progress("verify", 0, 1)
    sound = verify(target)
    progress("verify", 1, 1)
    if remember:
        _remember(home, target, at=at)
    return Made(
        path=target, bytes=target.stat().st_size, rows=sum(sound.counts.values()),
        files=len(sound.members) - 1, removed=_thin(target, keep),
    )  # fmt: skip


def verify(path: Path) -> archive.Manifest:
    """Read a backup from end to end and return its manifest; refuse one that is not whole."""
    found = archive.Archive(path)
    faults = list(found.faults())
    if faults:
        raise BackupUnsound(path=path, members=len(faults), first=faults[0])
    with tempfile.NamedTemporaryFile(dir=path.parent if os.access(path.parent, os.W_OK) else None,
                                     prefix=".", suffix=".checked") as dump:  # fmt: skip
        for piece in found.pieces(archive.DATABASE):
            dump.write(piece)
        dump.flush()
        listed = subprocess.run(  # noqa: S603 - our own binary and arguments
            [tool("pg_restore"), "--list", dump.name], capture_output=True, check=False,
        )  # fmt: skip
    if listed.returncode != 0:
        raise BackupUnsound(path=path, members=1, first=archive.DATABASE)
    return found.manifest


def connection_of() -> dict[str, Any]:
    """Return by what the store is reached, by the names of libpq, as Django reaches it."""
    from django.db import connection

    held = connection.settings_dict
    named = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD",
             "dbname": "NAME"}  # fmt: skip
    plain = {name: str(held[key]) for name, key in named.items() if held.get(key)}
    return {**held["OPTIONS"], **plain}


@contextmanager
def snapshot() -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """Hold one moment of the store, which the dump and the counts both see."""
    with psycopg.connect(make_conninfo("", **connection_of())) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        row = connection.execute("select pg_export_snapshot()").fetchone()
        assert row is not None, "the store exports a snapshot"
        yield connection, row[0]


def count_rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Return how many rows each table holds; parts of a partitioned table count with the whole."""
    tables = connection.execute(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition"
        " order by c.relname"
    ).fetchall()
    counts = {}
    for (name,) in tables:
        counting = sql.SQL("select count(*) from {}").format(sql.Identifier(name))
        row = connection.execute(counting).fetchone()
        counts[name] = int(row[0]) if row else 0
    return counts


def applied(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Return the migrations a store has seen, by the app that brought them."""
    found: dict[str, list[str]] = {}
    there = connection.execute("select to_regclass('django_migrations')").fetchone()
    if there and there[0] is not None:
        for app, name in connection.execute(
            "select app, name from django_migrations order by app, name"
        ).fetchall():
            found.setdefault(app, []).append(name)
    return found


def age(home: Home) -> timedelta | None:
    """Return how old the newest backup of a home is; None when there was none yet."""
    known = last(home)
    if known is None:
        return None
    return machine_time() - datetime.fromisoformat(str(known["at"]))


def made_heads(home: Home) -> dict[str, str]:
    """Return the newest signed head of each log of a home: how far it went, and by whose word."""
    found = (p for p in sorted(home.heads.glob("*")) if p.is_file()) if home.heads.exists() else ()
    return {path.name: path.read_text("utf-8", errors="replace") for path in found}


def leave_leaf(made: Made) -> None:
    """Leave in the log that everything was copied out of the store, and when."""
    from django.db import transaction

    from guantong.audit.api import Leaf, write
    from guantong.base import clock
    from guantong.base.realm import LIVE

    body = {"bytes": made.bytes, "rows": made.rows}
    leaf = Leaf(
        realm=LIVE, at=clock.machine_now(), actor="system", act="backed_up", kind="installation",
        object_id=None, body=body,
    )  # fmt: skip
    with transaction.atomic():
        write([leaf])


def last(home: Home) -> dict[str, Any] | None:
    """Return what is known of the newest backup of a home."""
    try:
        found = orjson.loads((home.path / LAST).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _facts(connection: psycopg.Connection[Any], home: Home, *, at: datetime) -> dict[str, Any]:
    from guantong.base.installation import installation_id
    from guantong.main.upgrade import store_version

    info = connection.info
    return {
        "guantong": version(),
        "store": store_version(),
        "made_at": at.astimezone(UTC).isoformat(),
        "installation": str(installation_id(at=at)),
        "postgres": info.parameter_status("server_version") or "",
        "migrations": applied(connection),
        "counts": count_rows(connection),
        "heads": made_heads(home),
    }


def _dump(made: archive.Writer, snapshot_id: str, target: Path) -> None:
    # Level 1 takes a third of the time of the usual 6 for a sixth more: 53 MB of a province
    # instead of 46, in 3.8 s instead of 10.3.
    reach, environment = for_tools(connection_of())
    command = [
        tool("pg_dump"), "--format=custom", "--compress=gzip:1", "--no-owner", "--no-privileges",
        "--schema=public", f"--snapshot={snapshot_id}", f"--dbname={reach}",
    ]  # fmt: skip
    with tempfile.TemporaryFile() as err:
        dump = subprocess.Popen(  # noqa: S603 - our own binary and arguments
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err,
            env=environment,
        )  # fmt: skip
        try:
            assert dump.stdout is not None, "we asked for a pipe"
            made.stream(archive.DATABASE, dump.stdout, packed=True)
            code = dump.wait()
        finally:
            if dump.poll() is None:
                dump.kill()
                dump.wait()
        if code != 0:
            err.seek(0)
            told = err.read().decode(errors="replace").strip().splitlines()
            raise BackupFailed(path=target, why=told[-1] if told else f"pg_dump: {code}")


def _copy(made: archive.Writer, home: Home, folder: str, progress: Progress) -> None:
    """Copy a folder whose files never change once the record store knows them."""
    root = home.path / folder
    found = sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink())
    for number, path in enumerate(found, start=1):
        name = path.relative_to(home.path).as_posix()
        # What is still being written is not part of the dump's moment.
        if path.suffix in {".tmp", ".partial"} or path.name.startswith("_commit_"):
            continue
        with suppress(FileNotFoundError), path.open("rb") as file:
            # What is packed or sealed does not get smaller.
            packed = path.suffix == ".parquet" or folder == "files"
            made.stream(name, _until_now(file), packed=packed)
        progress(folder, number, len(found))


def _until_now(file: IO[bytes]) -> IO[bytes]:
    """Return a reader that ends where the file ends now: one that still grows ends some day."""
    return _Bounded(file, os.fstat(file.fileno()).st_size)  # type: ignore[return-value]


class _Bounded:
    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left = file, size

    def read(self, most: int) -> bytes:
        piece = self._file.read(min(most, self._left))
        self._left -= len(piece)
        return piece


def _remember(home: Home, target: Path, *, at: datetime) -> None:
    fresh = home.path / f"{LAST}.{os.getpid()}"
    body = {"path": str(target.absolute()), "at": at.astimezone(UTC).isoformat(),
            "bytes": target.stat().st_size}  # fmt: skip
    fresh.write_bytes(orjson.dumps(body))
    fresh.replace(home.path / LAST)


def _thin(target: Path, keep: int | None) -> int:
    """Remove all but the newest ``keep`` backups that this command named, in the same folder."""
    if keep is None:
        return 0
    named = sorted(target.parent.glob(f"guantong-[0-9]*T[0-9]*Z{SUFFIX}"), reverse=True)
    for old in named[keep:]:
        old.unlink(missing_ok=True)
    return len(named[keep:])
