"""The leaves and digests of the log, read in blocks: what a check walks over.

A block is what one tile of level 1 covers. The store puts the digests of its leaves together and
says how many leaves are not filed as they say; two connections of the same snapshot do so at once
where the log is long, and never more than a few blocks stand in memory.
"""

import queue
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from guantong.audit.suite import DIGEST_BYTES, INTERNATIONAL, Suite
from guantong.audit.tree import WIDTH

BLOCK = WIDTH * WIDTH
READERS = 2
_LONG = 4 * BLOCK  # below, a second connection costs more than it saves
_AHEAD = 2

_END = (
    """convert_to(',"id":"' || id::text || '","kind":"' || kind || '","object_id":'"""
    """ || coalesce('"' || object_id::text || '"', 'null') || ',"realm":"' || realm || '"}'"""
    """, 'UTF8')"""
)
# How long that is; forming it twice would cost as much as digesting the leaf.
_LENGTH = (
    "(79 + octet_length(kind) + octet_length(realm)"
    " + case when object_id is null then 4 else 38 end)"
)
# Does a leaf end with the columns it is filed under? It does when its JSON says the same
# (``leaf``); a quotation mark in a column could make one thing look like another.
FILED = (
    "coalesce(position('\"' in kind || realm) = 0 and"
    f" substring(encoded from octet_length(encoded) + 1 - {_LENGTH}) = {_END}, false)"
)
_SHA256 = "sha256('\\x00'::bytea || encoded)"


@dataclass(frozen=True, slots=True)
class Block:
    """Places ``first`` to ``last``: the digests of their leaves, and those of their tiles.

    A tile that is not there, or is too short, is ``missing`` and stands as zeros in ``tiles``.
    """

    first: int
    last: int
    leaves: int
    digests: bytes
    strays: int
    tiles: bytes
    missing: tuple[int, ...]


def read(cursor: Any, suite: Suite, size: int) -> Iterator[Block]:
    """Yield every block of a log of ``size`` leaves, in order, in the snapshot of ``cursor``."""
    firsts = range(1, size + 1, BLOCK)
    if size <= _LONG:
        for first in firsts:
            yield _block(cursor, suite, first, size)
        return
    cursor.execute("select pg_export_snapshot()")
    snapshot = cursor.fetchone()[0]
    stop = threading.Event()
    lanes: list[queue.Queue[Block | BaseException]] = [queue.Queue(_AHEAD) for _ in range(READERS)]
    readers = [
        threading.Thread(
            target=_run, args=(snapshot, suite, size, firsts[n::READERS], lanes[n], stop)
        )
        for n in range(READERS)
    ]
    for reader in readers:
        reader.start()
    try:
        for number in range(len(firsts)):
            block = lanes[number % READERS].get()
            if isinstance(block, BaseException):
                raise block
            yield block
    finally:
        stop.set()
        for reader, lane in zip(readers, lanes, strict=True):
            while reader.is_alive():
                while not lane.empty():
                    lane.get_nowait()
                reader.join(0.05)


def leaves(cursor: Any, suite: Suite, block: Block) -> Iterator[tuple[int, UUID, bytes, bool]]:
    """Yield place, id, digest and whether it is filed as it says, of each leaf of a block."""
    wanted = _SHA256 if suite is INTERNATIONAL else "encoded"
    cursor.execute(
        f"select seq, id, {wanted}, {FILED} from audit_leaf"  # noqa: S608 - constants
        " where month is not null and seq between %s and %s order by seq",
        [block.first, block.last],
    )
    for seq, id, told, filed in cursor.fetchall():
        yield seq, id, told if suite is INTERNATIONAL else suite.leaf(bytes(told)), filed


def _run(
    snapshot: str,
    suite: Suite,
    size: int,
    firsts: Iterable[int],
    lane: "queue.Queue[Block | BaseException]",
    stop: threading.Event,
) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("begin isolation level repeatable read, read only")
            cursor.execute("set transaction snapshot %s", [snapshot])
            for first in firsts:
                if stop.is_set():
                    break
                lane.put(_block(cursor, suite, first, size))
    except BaseException as fault:  # noqa: BLE001 - whoever waits for the block raises it
        lane.put(fault)
    finally:
        connection.close()


def _block(cursor: Any, suite: Suite, first: int, size: int) -> Block:
    last = min(first + BLOCK - 1, size)
    if suite is INTERNATIONAL:
        cursor.execute(
            f"select count(*), string_agg({_SHA256}, ''::bytea order by seq),"  # noqa: S608 - constants
            f" count(*) filter (where not {FILED}) from audit_leaf"
            " where month is not null and seq between %s and %s",
            [first, last],
        )
        count, digests, strays = cursor.fetchone()
    else:
        cursor.execute(
            f"select encoded, {FILED} from audit_leaf"  # noqa: S608 - constants
            " where month is not null and seq between %s and %s order by seq",
            [first, last],
        )
        rows = cursor.fetchall()
        count, strays = len(rows), sum(not filed for _, filed in rows)
        digests = b"".join([suite.leaf(bytes(encoded)) for encoded, _ in rows])
    tiles, missing = _tiles(cursor, first, last)
    return Block(first, last, count, bytes(digests or b""), strays, tiles, missing)


def _tiles(cursor: Any, first: int, last: int) -> tuple[bytes, tuple[int, ...]]:
    """Return the digests of the leaves ``first`` to ``last``, and the tiles that are missing."""
    begin, end = (first - 1) // WIDTH, (last - 1) // WIDTH
    cursor.execute(
        "select index, digests from audit_tile where level = 0 and index between %s and %s",
        [begin, end],
    )
    held, found, missing = dict(cursor.fetchall()), [], []
    for index in range(begin, end + 1):
        length = (min(last, (index + 1) * WIDTH) - index * WIDTH) * DIGEST_BYTES
        digests = bytes(held.get(index, b""))
        if len(digests) != length:
            missing.append(index)
            digests = bytes(length)
        found.append(digests)
    return b"".join(found), tuple(missing)
