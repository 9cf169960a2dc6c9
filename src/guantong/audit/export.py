"""The whole log, or all of it from a place on, as a file of JSON lines that is read line by line.

The first line names the log, the head and the keys, and holds the roots of what lies left and
right of the leaves that follow, so that a part of the log is verified against the same head as
the whole. Then comes a line for each leaf, with its bytes and its digest, and after the last
leaf of a head the head. A leaf that was archived, or removed, has its digest only: it is in the
tree for ever.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from django.db import connection, transaction

from guantong.audit import keys, ledger, note
from guantong.audit.blocks import BLOCK
from guantong.audit.errors import NoHeadYet, NotAPlace
from guantong.audit.note import Head
from guantong.audit.suite import DIGEST_BYTES
from guantong.audit.tree import WIDTH

FORMAT = "guantong-export/1"
Progress = Callable[[int, int], None]


def export(
    file: BinaryIO, *, first: int = 1, progress: Progress = lambda done, total: None
) -> tuple[int, int]:
    """Write the leaves from place ``first`` to the newest head; return first and last place."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        head = ledger.newest_head(cursor)
        if head is None:
            raise NoHeadYet()
        if not 1 <= first <= head.size:
            raise NotAPlace(place=first, size=head.size)
        write(cursor, file, first, head.size, head, progress)
        return first, head.size


def write(
    cursor: Any, file: BinaryIO, first: int, last: int, head: Head, progress: Progress
) -> tuple[int, ...]:
    """Write places ``first`` to ``last`` under ``head``; return those whose leaf is not theirs."""
    log_id, suite = ledger.log(cursor)
    tree = ledger.tree(cursor, suite)
    begin = {
        "format": FORMAT, "log": note.origin(log_id), "first": first, "last": last,
        "left": _pieces(tree.pieces(0, first - 1)), "right": _pieces(tree.pieces(last, head.size)),
        "head": head.note, "keys": [key.text for key in keys.known(log_id)],
    }  # fmt: skip
    _line(file, begin)
    cursor.execute(
        "select size, note from audit_head where size between %s and %s order by size",
        [first, last],
    )
    heads = dict(cursor.fetchall())
    wrong: list[int] = []
    for block in range(first, last + 1, BLOCK):
        until = min(block + BLOCK - 1, last)
        digests = _digests(cursor, block, until)
        cursor.execute(
            "select seq, encoded from audit_leaf where month is not null"
            " and seq between %s and %s order by seq",
            [block, until],
        )
        leaves = dict(cursor.fetchall())
        for place in range(block, until + 1):
            digest = digests[(place - block) * DIGEST_BYTES :][:DIGEST_BYTES]
            entry = {"place": place, "digest": _text(digest)}
            leaf = leaves.get(place)
            if leaf is not None:
                entry["leaf"] = _text(bytes(leaf))
            if leaf is None or suite.leaf(bytes(leaf)) != digest:
                wrong.append(place)
            _line(file, entry)
            if place in heads:
                _line(file, {"head": heads[place]})
        progress(until - first + 1, last - first + 1)
    return tuple(wrong)


def _digests(cursor: Any, first: int, last: int) -> bytes:
    """Return the digests of the leaves ``first`` to ``last`` as the tiles hold them."""
    tile = (first - 1) // WIDTH
    cursor.execute(
        "select string_agg(digests, ''::bytea order by index) from audit_tile"
        " where level = 0 and index between %s and %s",
        [tile, (last - 1) // WIDTH],
    )
    digests = bytes(cursor.fetchone()[0] or b"")
    return digests[(first - 1 - tile * WIDTH) * DIGEST_BYTES :]


def _pieces(pieces: Iterator[tuple[int, bytes]]) -> list[tuple[int, str]]:
    return [(height, _text(digest)) for height, digest in pieces]


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _line(file: BinaryIO, facts: dict[str, Any]) -> None:
    file.write(json.dumps(facts).encode() + b"\n")
