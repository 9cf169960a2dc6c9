"""``guantong restore``: an installation made again from a backup, checked, then put in place.

All is made beside what is there: a store of its own in ``<home>/restoring-<pid>``. When the rows
are counted, older tables brought to this version and the log verified, the folders are exchanged,
and what was there before is kept in ``<home>/before-<time>``. Whatever fails before leaves the
home as it was. No sign-in, access key or unused code outlasts a restore: whoever was shut out since
the backup must not be let in again by it.
"""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from guantong.base.errors import GuantongError
from guantong.main import archive, backup
from guantong.main.errors import (
    BackupNewer,
    HomeInUse,
    HomeNotEmpty,
    NoBackup,
    RestoreFailed,
    StoreNotEmpty,
)
from guantong.main.home import EXCHANGING, Home
from guantong.main.key_backup import put_keys
from guantong.main.other_postgres import (
    STAGED,
    Staged,
    address,
    connected,
    holds_installation,
    named,
)
from guantong.main.postgres import Server, socket_folder, tool

# What a backup speaks for. Locks, logs and what can be made again stay where they are.
STATE = ("postgres", "lake", "files", "heads", "keys", "secret_key")

Progress = Callable[[str, int, int], None]


@dataclass(slots=True, kw_only=True)
class Restored:
    """What a restore came to."""

    manifest: archive.Manifest
    kept: Path | None
    kept_schema: str | None = None
    keys: str  # "file" | "kept" | "none"
    migrated: bool = False
    sessions: int = 0
    faults: list[Any] = field(default_factory=list)
    leaves: int = 0


def restore(
    path: Path,
    home: Home,
    *,
    at: datetime,
    replace: bool = False,
    keys: Mapping[str, bytes] | None = None,
    as_it_was: bool = False,
    progress: Progress = lambda _what, _done, _of: None,
) -> Restored:
    """Make ``home`` again from the backup at ``path``.

    ``as_it_was`` leaves older tables as they are, for the release that wrote them.
    """
    found = archive.Archive(path)
    staging = Home(home.path / f"restoring-{os.getpid()}")
    other = Staged(f"{STAGED}{os.getpid()}") if named() else None
    with _speaking_of(staging), other.speaking() if other else nullcontext():
        return _restore(found, home, staging, other, at, replace, keys, as_it_was, progress)


@contextmanager
def _speaking_of(staging: Home) -> Iterator[None]:
    """Let the settings, which are read once, speak of the staged home."""
    before = os.environ.get("GUANTONG_HOME")
    os.environ["GUANTONG_HOME"] = str(staging.path)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("GUANTONG_HOME")
        else:
            os.environ["GUANTONG_HOME"] = before


def _restore(
    found: archive.Archive,
    home: Home,
    staging: Home,
    other: Staged | None,
    at: datetime,
    replace: bool,
    keys: Mapping[str, bytes] | None,
    as_it_was: bool,
    progress: Progress,
) -> Restored:
    path = found.path
    refuse_newer(path, found.manifest)
    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(home):
        there = [name for name in STATE if _holds(home.path / name)]
        # Keys alone are no installation: they may have been put there before the restore.
        if {"postgres", "lake", "files"} & set(there) and not replace:
            raise HomeNotEmpty(home=home.path)
        if other is not None and not replace and holds_installation():
            raise StoreNotEmpty(database=address().get("dbname", ""))
        _remove_left(home)
        try:
            staging.prepare()
            if other is not None:
                other.begin()
            made = _make(found, staging, other, home, keys, at, as_it_was, progress)
        except OSError as fault:
            _give_up(staging, other)
            raise RestoreFailed(path=path, why=fault.strerror or str(fault)) from fault
        except BaseException:
            _give_up(staging, other)
            raise
        _exchange(home, staging, other, there, at, made)
    return made


def _give_up(staging: Home, other: Staged | None) -> None:
    shutil.rmtree(staging.path, ignore_errors=True)
    if other is not None:
        # What cannot be removed now, because the server is away, the next restore removes.
        with suppress(psycopg.Error, GuantongError):
            other.give_up()


def refuse_newer(path: Path, manifest: archive.Manifest) -> None:
    """Refuse a backup whose tables this kernel does not know."""
    from guantong.main.upgrade import strangers

    seen = [(app, name) for app, names in manifest.migrations.items() for name in names]
    if strangers(seen):
        raise BackupNewer(path=path, version=manifest.guantong)


def _make(
    found: archive.Archive,
    staging: Home,
    other: Staged | None,
    home: Home,
    keys: Mapping[str, bytes] | None,
    at: datetime,
    as_it_was: bool,
    progress: Progress,
) -> Restored:
    """Fill ``staging`` and check it."""
    _write_files(found, staging, progress)
    made = Restored(manifest=found.manifest, kept=None, keys=_bring_keys(staging, home, keys))
    dump = staging.path / archive.DATABASE
    progress("database", 0, 1)
    found.extract(archive.DATABASE, dump)
    with Server(staging) if other is None else nullcontext():
        if other is None:
            made.sessions = _fill_store(found, dump, staging)
        else:
            other.load(dump, found.path)
            with connected() as connection:
                made.sessions = _examine(found, connection)
        dump.unlink()
        progress("database", 1, 1)
        if not as_it_was:
            progress("check", 0, 1)
            _settle(made, at)
            progress("check", 1, 1)
    return made


def _write_files(found: archive.Archive, staging: Home, progress: Progress) -> None:
    for folder in archive.FOLDERS:
        names = found.names(folder)
        for number, name in enumerate(names, start=1):
            found.extract(name, staging.path / name)
            progress(folder, number, len(names))


def _bring_keys(staging: Home, home: Home, keys: Mapping[str, bytes] | None) -> str:
    """Put keys into the staged home: those given, else those of the home that is replaced."""
    if keys is not None:
        put_keys(staging, dict(keys))
        return "file"
    own = [p for p in home.keys.rglob("*") if p.is_file()] if home.keys.exists() else []
    secret = [home.path / "secret_key"] if (home.path / "secret_key").exists() else []
    held = [*own, *secret]
    put_keys(staging, {p.relative_to(home.path).as_posix(): p.read_bytes() for p in held})
    return "kept" if own else "none"


def _fill_store(found: archive.Archive, dump: Path, staging: Home) -> int:
    """Bring the rows into the staged store, end every session, and return how many those were."""
    reach = {"PGHOST": str(socket_folder(staging)), "PGUSER": "postgres", "PGDATABASE": "postgres"}
    with psycopg.connect(
        host=reach["PGHOST"], user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        # The dump brings the schema itself; one that stays empty would be in its way.
        connection.execute("drop schema public")
        run = subprocess.run(  # noqa: S603 - our own binary and arguments
            [tool("pg_restore"), "--jobs=2", "--no-owner", "--exit-on-error", "--dbname=postgres",
             str(dump)],
            env={**os.environ, **reach}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if run.returncode != 0:
            told = run.stderr.strip().splitlines()
            raise RestoreFailed(path=found.path, why=told[0] if told else "pg_restore")
        return _examine(found, connection)


def _examine(found: archive.Archive, connection: psycopg.Connection[Any]) -> int:
    """Count the rows against the manifest, end every way in, and return how many sessions were."""
    counts = backup.count_rows(connection)
    wrong = sorted(name for name, rows in found.manifest.counts.items() if counts.get(name) != rows)
    if wrong or set(counts) != set(found.manifest.counts):
        raise NoBackup(path=found.path, why=f"rows are missing: {', '.join(wrong[:5])}")
    connection.execute("analyze")
    import django

    django.setup()
    from guantong.access.api import end_ways_in

    return end_ways_in(connection)


def _settle(made: Restored, at: datetime) -> None:
    """Bring the restored store to this version and verify its log."""
    import django

    django.setup()
    from django.db import connections, transaction

    from guantong.access import api as access
    from guantong.audit.api import Leaf, check, sequence, write
    from guantong.base.realm import LIVE
    from guantong.main import upgrade, wiring

    try:
        made.migrated = upgrade.bring_up_to_date(at=at, backed_up=True) is not None
        wiring.bring_witnesses()
        with transaction.atomic():
            access.end_all_keys(because="restored", at=at, actor="system")
            body = {"made_at": made.manifest.made_at, "version": made.manifest.guantong}
            write([
                Leaf(realm=LIVE, at=at, actor="system", act="restored", kind="installation",
                     object_id=None, body=body)
            ])  # fmt: skip
        while sequence():
            pass
        report = check()
        made.leaves, made.faults = report.leaves, list(report.faults)
    finally:
        connections.close_all()


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Hold the locks by which commands of this home know of each other."""
    with ExitStack() as held:
        for name in ("up.lock", "postgres.users"):
            file = held.enter_context((home.path / name).open("a"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise HomeInUse(home=home.path) from None
        yield


def _exchange(
    home: Home,
    staging: Home,
    other: Staged | None,
    there: list[str],
    at: datetime,
    made: Restored,
) -> None:
    """Put what was restored in place of what was there, and keep that."""
    stamp = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    kept = home.path / f"before-{stamp}"
    # A home half exchanged must not be founded anew by the next command: see Server.
    mark = home.path / EXCHANGING
    mark.touch()
    if other is not None:
        try:
            made.kept_schema = other.exchange(f"before_{stamp.lower()}")
        except BaseException:
            mark.unlink()
            _give_up(staging, other)
            raise
    if there:
        kept.mkdir(mode=0o700)
    for name in STATE:
        if _holds(home.path / name):
            (home.path / name).rename(kept / name)
        elif (home.path / name).is_dir():
            (home.path / name).rmdir()
    for name in STATE:
        if (staging.path / name).exists():
            (staging.path / name).rename(home.path / name)
    mark.unlink()
    shutil.rmtree(staging.path, ignore_errors=True)
    made.kept = kept if there else None


def _holds(place: Path) -> bool:
    """Say whether a place of the home holds anything."""
    return any(place.iterdir()) if place.is_dir() else place.exists()


def _remove_left(home: Home) -> None:
    """Remove what killed restores left beside the home's own state."""
    for left in home.path.glob("restoring-*"):
        with suppress(OSError):
            if (left / "postgres" / "postmaster.pid").exists():
                # Its server may still run; whoever enters takes it over and stops it.
                with Server(Home(left)):
                    pass
        shutil.rmtree(left, ignore_errors=True)
