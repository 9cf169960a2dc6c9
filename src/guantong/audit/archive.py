"""Old months leave the store: written into a file, verified, and taken out in one piece.

What stays is the tree: digests and heads are never removed, so every proof and every check goes
on to work, and a file that was archived is verified against them for ever. The last leaf of each
record stays as well, because the record is compared with it. That a month was archived is a
record with a leaf of its own: a month that somebody merely removed is not excused by it.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
from django.db import connection, transaction

from guantong.audit import ledger
from guantong.audit.errors import ArchiveUnsound, NoHeadYet, TooYoung
from guantong.audit.export import Progress, write
from guantong.audit.leaf import Leaf
from guantong.audit.ports import Witness, bring_witness
from guantong.audit.service import write as leave
from guantong.base.ids import new_id
from guantong.base.realm import LIVE

# The Cybersecurity Law (网络安全法, 2016), article 21(3), asks for six months at least, and GB/T
# 22239-2019 leaves it at that. Ours is three years: who answers for a decision is asked later than
# after half a year.
RETENTION_YEARS = 3
KEPT = date(1, 1, 1)  # the "month" of leaves that stay: the last ones of records
KEPT_TABLE = "audit_leaf_kept"

AFTER = (
    "jsonb_build_object('month', month::text, 'first', first_seq, 'last', last_seq,"
    " 'leaves', leaves, 'file', file_name, 'digest', file_digest)"
    # Only then: months that were archived before there was a way back are told without it.
    " || case when returned_at is null then '{}'::jsonb"
    " else jsonb_build_object('returned', true) end"
    # A second file of a month is another one; copies of the first are genuine for ever.
    " || case when earlier_digests = '{}' then '{}'::jsonb"
    " else jsonb_build_object('earlier', earlier_digests) end"
)
bring_witness(
    Witness(kind="archive", sql=f"select id, {AFTER} as after from audit_archived")  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class ArchivedMonth:
    """One month that left the store."""

    month: date
    first: int
    last: int
    kept: int
    path: Path


def archive(
    before: date,
    folder: Path,
    *,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> list[ArchivedMonth]:
    """Write every month that ended before ``before`` into ``folder``; take it out of the store."""
    youngest = years_before(ledger.day_of(now))
    if before > youngest:
        raise TooYoung(before=before, youngest=youngest, years=RETENTION_YEARS)
    folder.mkdir(parents=True, exist_ok=True)
    done: list[ArchivedMonth] = []
    with connection.cursor() as cursor:
        months = [month for month in ledger.months(cursor) if _next(month) <= before]
    for month in months:
        done += _archive(month, folder, now, progress)
    return done


def years_before(day: date) -> date:
    """Return the youngest day before which leaves may leave the store."""
    return date(day.year - RETENTION_YEARS, day.month, 1)


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _archive(
    month: date, folder: Path, now: datetime, progress: Progress
) -> Iterator[ArchivedMonth]:
    table = ledger.table_of(month)
    with transaction.atomic(), connection.cursor() as cursor:
        ledger.lock(cursor)
        cursor.execute(f"select min(seq), max(seq), count(*) from {table}")  # noqa: S608 - a month
        first, last, leaves = cursor.fetchone()
        head = ledger.newest_head(cursor)
        if head is None:
            raise NoHeadYet()
        if not leaves:
            _take_out(cursor, table)
            return
        path = folder / f"audit-{month:%Y-%m}-{first}-{last}.jsonl"
        digest = _written(cursor, path, first, last, progress)
        kept = _keep(cursor, table)
        _take_out(cursor, table)
        id = new_id()
        cursor.execute(
            "insert into audit_archived"  # noqa: S608 - a constant
            " (id, month, first_seq, last_seq, leaves, file_name, file_digest, archived_at,"
            " earlier_digests) values (%s, %s, %s, %s, %s, %s, %s, %s, '{}')"
            # One that came back, and goes again.
            " on conflict (month) do update set leaves = excluded.leaves, file_name ="
            " excluded.file_name, file_digest = excluded.file_digest, archived_at ="
            " excluded.archived_at, returned_at = null, earlier_digests ="
            " array_append(audit_archived.earlier_digests, audit_archived.file_digest)"
            f" returning {AFTER}, id",
            [id, month, first, last, leaves - kept, path.name, digest, now],
        )
        told, id = cursor.fetchone()
        after = orjson.loads(told)
        leave(
            [Leaf(realm=LIVE, at=now, actor="operator", act="archive", kind="archive",
                  object_id=id, body={"after": after})]
        )  # fmt: skip
    yield ArchivedMonth(month, first, last, kept, path)


def _written(cursor: Any, path: Path, first: int, last: int, progress: Progress) -> str:
    """Write the file of a month and return its digest; refuse what does not hold together."""
    head = ledger.newest_head(cursor)
    assert head is not None, "a log with leaves has a head"
    fresh = path.with_suffix(".part")
    with fresh.open("wb") as file:
        wrong = write(cursor, file, first, last, head, progress)
        file.flush()
        os.fsync(file.fileno())
    if wrong:
        fresh.unlink()
        raise ArchiveUnsound(place=wrong[0])
    with fresh.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    fresh.rename(path)
    return digest


def _keep(cursor: Any, table: str) -> int:
    """Keep the leaves that are the last word on a record; return how many those are."""
    cursor.execute("select to_regclass(%s) is null", [KEPT_TABLE])
    if cursor.fetchone()[0]:
        ledger.attach(cursor, KEPT_TABLE, KEPT)
    cursor.execute(
        f"""
        with told as (
            select kind, object_id, max(seq) as seq from {table}
            where object_id is not null and audit_told(encoded) -> 'body' ? 'after'
            group by kind, object_id
        )
        insert into {KEPT_TABLE} (id, realm, kind, object_id, encoded, seq, month)
        select l.id, l.realm, l.kind, l.object_id, l.encoded, l.seq, %s
        from {table} l join told using (kind, object_id, seq)
        where not exists (
            select from audit_leaf later
            where later.object_id = l.object_id and later.kind = l.kind
                and (later.seq is null or later.seq > l.seq)
                and audit_told(later.encoded) -> 'body' ? 'after'
        )
        """,  # noqa: S608 - names of tables
        [KEPT],
    )
    return int(cursor.rowcount)


def _take_out(cursor: Any, table: str) -> None:
    # Whoever reads the log meanwhile is waited for, but not for ever.
    cursor.execute("set local lock_timeout = '60s'")
    cursor.execute(f"alter table audit_leaf detach partition {table}; drop table {table}")
