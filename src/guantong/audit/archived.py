"""The way back of an archived month: its file is verified where it lies, and brought back in.

Nobody has watched the file since it left the store. So it is held against three things that did
not lie beside it: the digest that a leaf of the log names, the signatures of this log's keys, and
the tree of today, which must continue the head in the file. The verifier that is handed out to
strangers reads it; a leaf comes back only when all of the file holds.
"""

import hashlib
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID

import orjson
from django.db import connection, transaction

from guantong.audit import keys, ledger, note, verifier
from guantong.audit.archive import AFTER, KEPT_TABLE
from guantong.audit.errors import ArchiveForged, ArchiveUnreadable, NotArchived
from guantong.audit.export import FORMAT
from guantong.audit.leaf import Leaf
from guantong.audit.service import write as leave
from guantong.audit.tree import TileMissing
from guantong.base.realm import LIVE

_FAULTS = (ValueError, KeyError, TypeError, AttributeError, IndexError)
# It knows no types, because it must stand alone.
_verify = cast(Callable[[dict[str, Any], Iterator[bytes], list[str]], str], verifier.export)


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A file of archived leaves, and what the store knows of it."""

    id: UUID
    month: date
    first: int
    last: int
    digests: tuple[str, ...]  # of each file that was ever written of this month
    away: bool  # whether its leaves are still out of the store


def examine_archive(path: Path) -> ArchiveFile:
    """Verify an archived file where it lies; refuse one that is not what left the store."""
    with _opened(path) as file:
        with transaction.atomic(), connection.cursor() as cursor:
            begin, trusted, found = _recognized(cursor, path, file)
        _read(path, file, begin, trusted, found, lambda _place, _leaf: None)
    return found


def bring_back(path: Path, *, now: datetime) -> ArchiveFile:
    """Bring the leaves of an archived month back into the store, all of them or none."""
    with _opened(path) as file, transaction.atomic(), connection.cursor() as cursor:
        ledger.lock(cursor)
        begin, trusted, found = _recognized(cursor, path, file)
        if not found.away:
            raise NotArchived(path=path, month=f"{found.month:%Y-%m}")
        cursor.execute(
            "create temporary table audit_returning (seq bigint, encoded bytea) on commit drop"
        )
        # Read once: what was verified is what comes in, whatever becomes of the file meanwhile.
        with cursor.copy("copy audit_returning (seq, encoded) from stdin") as copy:
            _read(path, file, begin, trusted, found, lambda *leaf: copy.write_row(leaf))
        _put_back(cursor, found)
        cursor.execute(
            f"update audit_archived set returned_at = %s where id = %s returning {AFTER}",  # noqa: S608
            [now, found.id],
        )
        after = orjson.loads(cursor.fetchone()[0])
        leave(
            [Leaf(realm=LIVE, at=now, actor="operator", act="bring_back", kind="archive",
                  object_id=found.id, body={"after": after})]
        )  # fmt: skip
    return found


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as fault:
        raise ArchiveUnreadable(path=path, why=fault.strerror or "") from fault


def _recognized(cursor: Any, path: Path, file: BinaryIO) -> tuple[bytes, list[str], ArchiveFile]:
    """Return the first line, the keys of this log, and which of its archived months it is."""
    begin = file.readline()
    try:
        told = orjson.loads(begin)
        head, first, last = note.read(told["head"]), int(told["first"]), int(told["last"])
        if told["format"] != FORMAT or head is None:
            raise ValueError(FORMAT)
    except (*_FAULTS, OSError) as fault:
        raise ArchiveUnreadable(path=path, why="it is no export of an audit log") from fault
    log_id, suite = ledger.log(cursor)
    cursor.execute(
        "select id, month, array_append(earlier_digests, file_digest), returned_at is null"
        " from audit_archived where first_seq = %s and last_seq = %s",
        [first, last],
    )
    row = cursor.fetchone()
    if head.log_id != log_id or row is None:
        raise ArchiveUnreadable(path=path, why="it is none that left this log")
    found = ArchiveFile(row[0], row[1], first, last, tuple(row[2]), row[3])
    try:
        continued = ledger.tree(cursor, suite).root(head.size) == head.root
    except TileMissing:
        continued = False
    if not continued:
        raise ArchiveForged(path=path, why="the log does not continue the head in it")
    return begin, [key.text for key in keys.known(log_id)], found


def _read(
    path: Path,
    file: BinaryIO,
    begin: bytes,
    trusted: list[str],
    found: ArchiveFile,
    take: Callable[[int, bytes], None],
) -> None:
    """Hand on every leaf of the file; refuse it at its end when it does not hold."""
    digest, whole = hashlib.sha256(begin), 0

    def lines() -> Iterator[bytes]:
        nonlocal whole
        for line in file:
            digest.update(line)
            entry = orjson.loads(line)
            if "leaf" in entry:
                whole += 1
                take(int(entry["place"]), b64decode(entry["leaf"], validate=True))
            yield line

    try:
        _verify(orjson.loads(begin), lines(), trusted)
    except verifier.Wrong as wrong:
        raise ArchiveForged(path=path, why=str(wrong)) from wrong
    except _FAULTS as fault:
        raise ArchiveForged(path=path, why=type(fault).__name__) from fault
    except OSError as fault:
        raise ArchiveUnreadable(path=path, why=fault.strerror or "") from fault
    if whole != found.last - found.first + 1:
        raise ArchiveForged(path=path, why="leaves are missing in it")
    if digest.hexdigest() not in found.digests:
        raise ArchiveForged(path=path, why="its digest is none that the log names")


def _put_back(cursor: Any, found: ArchiveFile) -> None:
    cursor.execute("select to_regclass(%s) is not null", [KEPT_TABLE])
    if cursor.fetchone()[0]:
        cursor.execute(
            f"delete from {KEPT_TABLE} where seq between %s and %s",  # noqa: S608 - a constant
            [found.first, found.last],
        )
    table = ledger.open_month(cursor, found.month)
    cursor.execute(
        f"insert into {table} (id, realm, kind, object_id, encoded, seq, month)"  # noqa: S608 - a month
        " select (told->>'id')::uuid, told->>'realm', told->>'kind', (told->>'object_id')::uuid,"
        " encoded, seq, %s from (select *, audit_told(encoded) as told from audit_returning) r"
        " order by seq",
        [found.month],
    )
