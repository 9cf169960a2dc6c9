"""Write leaves, and give them their order.

``write`` is called inside the transaction of the change. ``sequence`` is called by whoever
holds the sequencer's lock: it takes leaves that have no place yet, oldest id first, and chains
them. A leaf that commits late simply gets a later place; nothing is claimed by "id > last".
"""

from collections.abc import Iterable

from django.db import connection, transaction

from guantong.audit.leaf import Leaf, chain_hash, encode, leaf_hash
from guantong.base.ids import new_id

GENESIS = bytes(32)
BATCH = 20_000
_SEQUENCER_LOCK = 0x67745F61  # "gt_a": one sequencer of this installation at a time


def write(leaves: Iterable[Leaf]) -> None:
    """Write ``leaves`` in the running transaction; many go down in one COPY."""
    rows = []
    for leaf in leaves:
        id = new_id()
        encoded = encode(id, leaf)
        rows.append((id, leaf.realm, leaf.kind, leaf.object_id, encoded, leaf_hash(encoded)))
    if not rows:
        return
    assert connection.in_atomic_block, "a leaf is written in the transaction of its change"
    statement = "audit_leaf (id, realm, kind, object_id, encoded, leaf_hash)"
    with connection.cursor() as cursor:
        if len(rows) < 8:  # a COPY costs two round trips more than it saves on a few rows
            places = "values (%s, %s, %s, %s, %s, %s)"
            cursor.executemany(f"insert into {statement} {places}", rows)
        else:
            with cursor.copy(f"copy {statement} from stdin") as copy:
                for row in rows:
                    copy.write_row(row)


def sequence(*, most: int = BATCH) -> int:
    """Give up to ``most`` waiting leaves their place in the log; return how many got one.

    Returns 0 at once when another process is sequencing.
    """
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [_SEQUENCER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("select seq, chain_hash from audit_entry order by seq desc limit 1")
        last = cursor.fetchone()
        seq, chain = (last[0], bytes(last[1])) if last else (0, GENESIS)
        cursor.execute(
            "select id, leaf_hash from audit_leaf where seq is null order by id limit %s", [most]
        )
        waiting = cursor.fetchall()
        if not waiting:
            return 0
        entries = []
        for id, digest in waiting:
            seq, chain = seq + 1, chain_hash(chain, bytes(digest))
            entries.append((seq, id, bytes(digest), chain))
        with cursor.copy(
            "copy audit_entry (seq, leaf_id, leaf_hash, chain_hash) from stdin"
        ) as copy:
            for entry in entries:
                copy.write_row(entry)
        cursor.execute(
            "update audit_leaf set seq = e.seq from audit_entry e"
            " where e.leaf_id = audit_leaf.id and e.seq > %s",
            [entries[0][0] - 1],
        )
        return len(entries)


def recount() -> None:
    """Let the store count the leaves anew, after many have come at once."""
    with connection.cursor() as cursor:
        cursor.execute("analyze audit_leaf")
