"""What stands in the store of the log: its identity, its tiles, its heads, its months."""

import os
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from guantong.audit import note
from guantong.audit.errors import SuiteUnknown
from guantong.audit.note import Head
from guantong.audit.suite import DIGEST_BYTES, SUITES, Suite
from guantong.audit.tree import WIDTH, Tree
from guantong.base import clock
from guantong.base.ids import new_id

WAITING = "audit_leaf_waiting"
SEQUENCER_LOCK = 0x67745F61  # "gt_a": one sequencer of this installation at a time


def log(cursor: Any) -> tuple[UUID, Suite]:
    """Return the id and the algorithms of the log; found it where there is none yet."""
    cursor.execute("select id, suite from audit_log")
    row = cursor.fetchone()
    if row is None:
        chosen = settings.AUDIT_SUITE
        if chosen not in SUITES:
            raise SuiteUnknown(value=chosen, known=", ".join(sorted(SUITES)))
        cursor.execute(
            "insert into audit_log (id, single, suite, founded_at) values (%s, true, %s, %s)"
            " returning id, suite",
            [new_id(), chosen, clock.machine_now()],
        )
        row = cursor.fetchone()
    return row[0], SUITES[row[1]]


def size(cursor: Any) -> int:
    """Return how many leaves have a place: the tiles say it, whatever became of the leaves."""
    cursor.execute(
        "select index, octet_length(digests) from audit_tile where level = 0"
        " order by index desc limit 1"
    )
    row = cursor.fetchone()
    return row[0] * WIDTH + row[1] // DIGEST_BYTES if row else 0


def read_tile(cursor: Any, level: int, index: int) -> bytes:
    """Return the digests of a tile; none where there is no such tile."""
    cursor.execute("select digests from audit_tile where level = %s and index = %s", [level, index])
    row = cursor.fetchone()
    return bytes(row[0]) if row else b""


def tree(cursor: Any, suite: Suite) -> Tree:
    """Return the tree whose tiles stand in the store; a tile is read once."""
    kept: dict[tuple[int, int], bytes] = {}
    read = partial(read_tile, cursor)

    def once(level: int, index: int) -> bytes:
        if (level, index) not in kept:
            if len(kept) > 64:
                kept.clear()
            kept[level, index] = read(level, index)
        return kept[level, index]

    return Tree(suite, once)


def newest_head(cursor: Any) -> Head | None:
    """Return the newest signed head."""
    cursor.execute("select note from audit_head order by size desc limit 1")
    row = cursor.fetchone()
    return note.read(row[0]) if row else None


def day_of(at: datetime) -> date:
    """Return the day in UTC: months of the log do not depend on where somebody is."""
    return at.astimezone(UTC).date()


def month_of(at: datetime) -> date:
    """Return the first day of the month."""
    return day_of(at).replace(day=1)


def table_of(month: date) -> str:
    """Return the name of the table that holds the leaves placed in a month."""
    return f"audit_leaf_{month:%Y_%m}"


def open_month(cursor: Any, month: date) -> str:
    """Return the table of a month, made where it is missing.

    It is attached rather than made in place: attaching keeps nobody from writing or reading.
    """
    name = table_of(month)
    cursor.execute("select to_regclass(%s) is null", [name])
    if cursor.fetchone()[0]:
        attach(cursor, name, month)
    return name


def attach(cursor: Any, name: str, month: date) -> None:
    """Make the table of a month and let it be part of the log."""
    cursor.execute(
        f"create table {name} (like {WAITING} including defaults, check (seq > 0));"
        f"create unique index {name}_seq on {name} (seq);"
        f"create index {name}_object on {name} (object_id) where object_id is not null;"
        f"alter table {name} alter seq set not null, alter month set not null;"
        f"alter table audit_leaf attach partition {name} for values in ('{month}')"
    )


def months(cursor: Any) -> list[date]:
    """Return the months whose leaves stand in the store, oldest first."""
    cursor.execute(
        "select relname from pg_inherits join pg_class on pg_class.oid = inhrelid"
        " where inhparent = 'audit_leaf'::regclass and relname ~ '^audit_leaf_[0-9]{4}_[0-9]{2}$'"
        " order by relname"
    )
    return [date(int(name[-7:-3]), int(name[-2:]), 1) for (name,) in cursor.fetchall()]


def lock(cursor: Any) -> None:
    """Wait until nobody is sequencing, and keep everybody from it until the transaction ends."""
    cursor.execute("select pg_advisory_xact_lock(%s)", [SEQUENCER_LOCK])


def head_path(log_id: UUID) -> Path:
    """Return the file that keeps the newest head outside the store."""
    return Path(settings.HEADS) / f"{log_id}.head"


def keep_head(head: Head) -> None:
    """Write the newest head beside the store, where no SQL reaches it; an older one stays out."""
    path = head_path(head.log_id)
    held = note.read(path.read_text("utf-8")) if path.exists() else None
    if held is not None and held.size > head.size:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # By the name of its own process, and on the disk before it counts: two that keep a head at once
    # do not write into each other's, and a power cut leaves the old one or the new one whole.
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(head.note)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
