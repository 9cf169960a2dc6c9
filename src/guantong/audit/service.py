"""Write leaves, and give them their place in the tree.

``write`` is called inside the transaction of the change and does nothing but store the leaf.
``sequence`` is called by whoever holds the sequencer's lock: it takes leaves that have no place
yet, oldest id first, moves them to the month they are placed in, lets the tree grow and signs
its head, all in one transaction. A leaf that commits late simply gets a later place; nothing is
claimed by "id > last".
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from guantong.audit import keys, ledger, note
from guantong.audit.instrument import told
from guantong.audit.leaf import Leaf, encode
from guantong.audit.note import Head
from guantong.audit.suite import INTERNATIONAL, Suite
from guantong.audit.tree import Address, Tree, grow
from guantong.base import clock
from guantong.base.ids import new_id

log = logging.getLogger(__name__)

BATCH = 20_000
FEW = 8  # a COPY costs two round trips more than it saves on a few rows
_COLUMNS = "(id, realm, kind, object_id, encoded)"
_INSERTS = tuple(
    f"insert into {ledger.WAITING} {_COLUMNS} values "  # noqa: S608 - a constant
    + ", ".join(["(%s, %s, %s, %s, %s)"] * count)
    for count in range(FEW)
)


def write(leaves: Iterable[Leaf]) -> None:
    """Write ``leaves`` in the running transaction; many go down in one COPY."""
    rows = []
    for leaf in leaves:
        id = new_id()
        whole = replace(leaf, body=told(leaf.body))
        rows.append((id, leaf.realm, leaf.kind, leaf.object_id, encode(id, whole)))
    if not rows:
        return
    assert connection.in_atomic_block, "a leaf is written in the transaction of its change"
    with connection.cursor() as cursor:
        if len(rows) < FEW:
            cursor.execute(_INSERTS[len(rows)], [value for row in rows for value in row])
        else:
            with cursor.copy(f"copy {ledger.WAITING} {_COLUMNS} from stdin") as copy:
                for row in rows:
                    copy.write_row(row)


def sequence(*, most: int = BATCH) -> int:
    """Give up to ``most`` waiting leaves their place in the log; return how many got one.

    Returns 0 at once when another process is sequencing.
    """
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [ledger.SEQUENCER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(f"select exists(select from {ledger.WAITING})")  # noqa: S608 - a constant
        if not cursor.fetchone()[0]:
            return 0
        log_id, suite = ledger.log(cursor)
        ids, digests = _waiting(cursor, suite, most)
        size, at = ledger.size(cursor), clock.machine_now()
        _place(cursor, ids, after=size, at=at)
        changed = grow(suite, partial(ledger.read_tile, cursor), size, digests)
        _store(cursor, changed)
        size += len(ids)
        root = Tree(suite, partial(_read, cursor, changed)).root(size)
        _sign(cursor, log_id, suite, size, root, at)
        return len(ids)


def sign_unsigned() -> None:
    """Sign a head over leaves that have a place and no head yet.

    A log that an upgrade carried over has its places before its first head; where it was killed in
    between, nothing may wait any more that would bring one.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        ledger.lock(cursor)
        size = ledger.size(cursor)
        newest = ledger.newest_head(cursor)
        if size and (newest is None or newest.size < size):
            log_id, suite = ledger.log(cursor)
            root = ledger.tree(cursor, suite).root(size)
            _sign(cursor, log_id, suite, size, root, clock.machine_now())


def _sign(cursor: Any, log_id: UUID, suite: Suite, size: int, root: bytes, at: datetime) -> None:
    signer = keys.signer(log_id, suite)
    head = note.read(signer.sign(note.body(log_id, size, root, suite, at)))
    assert head is not None, "what was signed can be read"
    _keep(cursor, head)
    transaction.on_commit(partial(_outside, head))


def recount() -> None:
    """Let the store count the leaves anew, after many have come at once."""
    with connection.cursor() as cursor:
        cursor.execute("analyze audit_leaf")


def _waiting(cursor: Any, suite: Suite, most: int) -> tuple[list[Any], bytes]:
    """Return the ids of leaves that wait, oldest first, and their digests behind each other."""
    # The store digests SHA-256 itself, so that the leaves need not travel; it has no SM3.
    here = suite is not INTERNATIONAL
    digest = "encoded" if here else "sha256('\\x00'::bytea || encoded)"
    cursor.execute(f"select id, {digest} from {ledger.WAITING} order by id limit %s", [most])  # noqa: S608
    rows = cursor.fetchall()
    digests = b"".join(suite.leaf(bytes(row[1])) if here else row[1] for row in rows)
    return [row[0] for row in rows], digests


def _place(cursor: Any, ids: list[Any], *, after: int, at: datetime) -> None:
    """Move leaves to the month of ``at``, with the places that follow ``after``."""
    month = ledger.month_of(at)
    table = ledger.open_month(cursor, month)
    cursor.execute(
        "with place as ("  # noqa: S608 - names of tables
        "  select id, %s + n as seq from unnest(%s::uuid[]) with ordinality t(id, n)),"
        f" gone as (delete from {ledger.WAITING} w using place p where w.id = p.id"
        "  returning w.id, w.realm, w.kind, w.object_id, w.encoded, p.seq)"
        f" insert into {table} (id, realm, kind, object_id, encoded, seq, month)"
        " select id, realm, kind, object_id, encoded, seq, %s from gone order by seq",
        [after, ids, month],
    )
    assert cursor.rowcount == len(ids), "a leaf that waits is moved by the sequencer only"


def _store(cursor: Any, changed: dict[Address, bytes]) -> None:
    cursor.execute(
        "insert into audit_tile (level, index, digests)"
        " select * from unnest(%s::smallint[], %s::bigint[], %s::bytea[])"
        " on conflict (level, index) do update set digests = excluded.digests",
        [[a[0] for a in changed], [a[1] for a in changed], list(changed.values())],
    )


def _read(cursor: Any, changed: dict[Address, bytes], level: int, index: int) -> bytes:
    found = changed.get((level, index))
    return ledger.read_tile(cursor, level, index) if found is None else found


def _keep(cursor: Any, head: Head) -> None:
    """Keep the head. Of each hour the last one stays: it proves all that those before it did."""
    cursor.execute("select size, at from audit_head order by size desc limit 1")
    before = cursor.fetchone()
    if before is not None and _hour(before[1]) == _hour(head.at):
        cursor.execute("delete from audit_head where size = %s", [before[0]])
    cursor.execute(
        "insert into audit_head (size, at, note) values (%s, %s, %s)",
        [head.size, head.at, head.note],
    )


def _hour(at: datetime) -> tuple[int, ...]:
    return at.utctimetuple()[:4]


def _outside(head: Head) -> None:
    try:
        ledger.keep_head(head)
    except OSError:
        # The head stands in the store; what lies outside is one batch older then.
        log.exception("the newest head of the audit log could not be kept outside the store")
