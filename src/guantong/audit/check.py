"""Verification: does the log hold together, and do the records stand as their last leaf says?

Asked in one snapshot of the store: does every leaf still hash to its place, and is it filed as it
says; does every tile hash to its place above; is every head signed, and is its root that of the
tree; is the log as long as the head that lies outside the store says; does each witnessed record
equal the state its last leaf left (a record altered, or removed, by SQL is named here).

The store digests the leaves in blocks, two at a time; the tree over them is hashed here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from guantong.audit import blocks, keys, ledger, note, stand
from guantong.audit.ports import witnesses
from guantong.audit.suite import DIGEST_BYTES, INTERNATIONAL, SUITES, Suite
from guantong.audit.tree import HEIGHT, TILE_BYTES, WIDTH, TileMissing

MOST_FAULTS = 50
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Fault:
    """One thing that is not as the log says. ``code`` names the question it failed."""

    code: str
    kind: str
    id: str


@dataclass(frozen=True)
class Report:
    """What was looked at and what was found. ``head`` is the root over all ``entries``."""

    leaves: int
    entries: int
    waiting: int
    records: int
    head: str
    faults: tuple[Fault, ...]
    log: str = ""
    suite: str = INTERNATIONAL.name
    heads: int = 0
    archived: int = 0


@dataclass
class _Look:
    """The log as it is looked at; faults are gathered until there are too many."""

    cursor: Any
    log_id: UUID | None
    suite: Suite
    size: int
    faults: list[Fault] = field(default_factory=list)

    @property
    def enough(self) -> bool:
        return len(self.faults) >= MOST_FAULTS

    def found(self, code: str, kind: str, id: object) -> None:
        self.faults.append(Fault(code, kind, str(id)))


def has_log() -> bool:
    """Say whether the store got as far as having a log; a killed first start may not."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('audit_tile') is not null")
        return bool(cursor.fetchone()[0])


def check(progress: Progress = lambda done, total: None, *, heads: Path | None = None) -> Report:
    """Verify the log and every witnessed record; ``heads`` is the folder outside the store."""
    # Read before the snapshot is taken: what lies outside is never newer than the store then.
    found = sorted(heads.glob("*.head")) if heads else []
    outside = {path.stem: path.read_text("utf-8", errors="replace") for path in found}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read")
        cursor.execute("select id, suite from audit_log")
        row = cursor.fetchone()
        known = row is not None and row[1] in SUITES
        look = _Look(
            cursor, row[0] if row else None, SUITES[row[1]] if known else INTERNATIONAL,
            ledger.size(cursor),
        )  # fmt: skip
        placed = _walk(look, progress)
        _compare_tiles(look)
        _stray(look)
        waiting = _waiting(look)
        signed = _heads(look)
        _outside(look, outside)
        records = _compare(look)
        cursor.execute(
            "select coalesce(sum(leaves), 0)::bigint from audit_archived where returned_at is null"
        )
        archived = cursor.fetchone()[0]
        return Report(
            placed + waiting, look.size, waiting, records, _root(look, look.size).hex(),
            tuple(look.faults)[:MOST_FAULTS], log=str(look.log_id or ""), suite=look.suite.name,
            heads=signed, archived=archived,
        )  # fmt: skip


def _walk(look: _Look, progress: Progress) -> int:
    """Compare every leaf with its digest, and every tile of digests with its root above."""
    look.cursor.execute(
        "select first_seq, last_seq from audit_archived where returned_at is null"
        " order by first_seq"
    )
    gone = look.cursor.fetchall()
    leaves = 0
    for block in blocks.read(look.cursor, look.suite, look.size):
        leaves += block.leaves
        if block.digests != block.tiles or block.strays:
            _name(look, block, gone)
        _compare_roots(look, block)
        progress(block.last, look.size)
        if look.enough:
            break
    return leaves


def _name(look: _Look, block: blocks.Block, gone: list[tuple[int, int]]) -> None:
    """Name the leaves of a block that are not what the log says."""
    expected = block.first
    for seq, id, digest, filed in blocks.leaves(look.cursor, look.suite, block):
        _missing(look, expected, seq, gone)
        if seq < expected:
            look.found("leaf-not-in-log", "leaf", id)  # a second one in the same place
            continue
        at = (seq - block.first) * DIGEST_BYTES
        told = block.tiles[at : at + DIGEST_BYTES]
        if not filed or (digest != told and (seq - 1) // WIDTH not in block.missing):
            look.found("leaf-altered", "leaf", id)
        expected = seq + 1
        if look.enough:
            return
    _missing(look, expected, block.last + 1, gone)


def _missing(look: _Look, seq: int, until: int, gone: list[tuple[int, int]]) -> None:
    """Name the places from ``seq`` that have no leaf, but for those that were archived."""
    while seq < until and not look.enough:
        archived = next((last for first, last in gone if first <= seq <= last), None)
        if archived is None:
            look.found("leaf-missing", "entry", seq)
            seq += 1
        else:
            seq = archived + 1


def _compare_roots(look: _Look, block: blocks.Block) -> None:
    """Compare the tiles of a block with the tile above them, which is one row."""
    first = (block.first - 1) // WIDTH
    for index in block.missing:
        look.found("node-missing", "node", f"0/{index}")
    above = ledger.read_tile(look.cursor, 1, first // WIDTH)
    for n in range((block.last - block.first + 1) // WIDTH):
        if first + n in block.missing:
            continue
        root = look.suite.fold(block.tiles[n * TILE_BYTES : (n + 1) * TILE_BYTES])
        if root != above[n * DIGEST_BYTES : (n + 1) * DIGEST_BYTES]:
            look.found("node-altered", "node", f"0/{first + n}")
            if look.enough:
                return


def _compare_tiles(look: _Look) -> None:
    """Compare the tiles of each higher level with those above it, and count them."""
    level = 1
    while (count := look.size >> (HEIGHT * level)) and not look.enough:
        look.cursor.execute(
            "select index, digests from audit_tile where level = %s order by index", [level]
        )
        rows = {index: bytes(digests) for index, digests in look.cursor.fetchall()}
        for index in range(-(-count // WIDTH)):
            held = min(WIDTH, count - index * WIDTH) * DIGEST_BYTES
            tile = rows.pop(index, b"")
            if len(tile) != held:
                look.found("node-missing", "node", f"{level}/{index}")
            elif held == TILE_BYTES:
                above = ledger.read_tile(look.cursor, level + 1, index // WIDTH)
                at = index % WIDTH * DIGEST_BYTES
                if look.suite.fold(tile) != above[at : at + DIGEST_BYTES]:
                    look.found("node-altered", "node", f"{level}/{index}")
        for index in rows:
            look.found("node-altered", "node", f"{level}/{index}")
        level += 1


def _stray(look: _Look) -> None:
    """Name leaves with a place that the log does not have."""
    look.cursor.execute(
        "select id from audit_leaf where month is not null"
        " and (seq is null or seq < 1 or seq > %s) limit %s",
        [look.size, MOST_FAULTS],
    )
    for (id,) in look.cursor.fetchall():
        look.found("leaf-not-in-log", "leaf", id)


def _waiting(look: _Look) -> int:
    """Count the leaves without a place yet, and name those that are not filed as they say."""
    look.cursor.execute(
        f"select id from {ledger.WAITING} where not ({blocks.FILED}) or audit_told(encoded) is null"  # noqa: S608
        " limit %s",
        [MOST_FAULTS],
    )
    for (id,) in look.cursor.fetchall():
        look.found("leaf-altered", "leaf", id)
    look.cursor.execute(f"select count(*) from {ledger.WAITING}")  # noqa: S608
    return int(look.cursor.fetchone()[0])


def _heads(look: _Look) -> int:
    """Compare every signed head with the tree, and see that the newest covers it."""
    look.cursor.execute("select size, note from audit_head order by size")
    rows = look.cursor.fetchall()
    for size, text in rows:
        if look.enough:
            break
        _head(look, size, text)
    if look.size and (not rows or rows[-1][0] < look.size):
        look.found("head-missing", "head", look.size)
    if look.log_id is None and (rows or look.size):
        look.found("log-exchanged", "log", "-")
    return len(rows)


def _head(look: _Look, size: object, text: str) -> None:
    head = note.read(text)
    trusted = keys.known(look.log_id) if look.log_id else ()
    ours = head is not None and head.log_id == look.log_id and head.size == size
    if head is None or not ours or not keys.holds(text, trusted):
        look.found("head-forged", "head", size)
    elif head.size > look.size:
        look.found("tail-cut", "head", size)
    elif _root(look, head.size) != head.root:
        look.found("head-broken", "head", size)


def _outside(look: _Look, kept: dict[str, str]) -> None:
    """Compare the log with the newest head that was written outside the store."""
    for name, text in kept.items():
        head = note.read(text)
        if name != str(look.log_id):
            look.found("log-exchanged", "log", name)
        else:
            _head(look, head.size if head else "-", text)


def _root(look: _Look, size: int) -> bytes:
    try:
        return ledger.tree(look.cursor, look.suite).root(size)
    except TileMissing:
        return b""  # no digest: every head differs from it, and the tile is named


def _compare(look: _Look) -> int:
    records = 0
    stand.gather(look.cursor)
    for witness in witnesses():
        query = stand.differences(witness.sql)
        for id, removed, unknown, altered in _rows(query, {"kind": witness.kind}):
            records += 1
            if look.enough:
                continue
            if removed:
                look.found("record-removed", witness.kind, id)
            elif unknown:
                look.found("record-without-leaf", witness.kind, id)
            elif altered:
                look.found("record-altered", witness.kind, id)
    return records


def _rows(query: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    # A named cursor of the server: a province has millions of records.
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, values)
        while rows := cursor.fetchmany(5000):
            yield from rows
