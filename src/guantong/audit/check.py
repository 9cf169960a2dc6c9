"""Verification: does the log hold together, and do the records stand as their last leaf says?

Five questions: is each entry's digest the chain of those before it; does each leaf still hash to
what was chained; is each entry's leaf there; is each placed leaf in the log; does each witnessed
record equal the state its last leaf left (a record altered, or removed, by SQL is named here).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, transaction

from guantong.audit.leaf import chain_hash, leaf_hash
from guantong.audit.ports import witnesses
from guantong.audit.service import GENESIS

MOST_FAULTS = 50


@dataclass(frozen=True)
class Fault:
    """One thing that is not as the log says. ``code`` names the question it failed."""

    code: str
    kind: str
    id: str


@dataclass(frozen=True)
class Report:
    """What was looked at and what was found."""

    leaves: int
    entries: int
    waiting: int
    records: int
    head: str
    faults: tuple[Fault, ...]


def has_log() -> bool:
    """Say whether the store got as far as having a log; a killed first start may not."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('audit_entry') is not null")
        return bool(cursor.fetchone()[0])


def check(progress: Callable[[int, int], None] = lambda done, total: None) -> Report:
    """Verify the whole log and every witnessed record, in one snapshot of the store."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute(
            "select (select count(*) from audit_leaf), (select count(*) from audit_entry),"
            " (select count(*) from audit_leaf where seq is null)"
        )
        leaves, entries, waiting = cursor.fetchone()
        head, faults = _walk(progress, entries)
        records, strayed = _compare()
        return Report(
            leaves, entries, waiting, records, head, tuple(faults + strayed)[:MOST_FAULTS]
        )


def _walk(progress: Callable[[int, int], None], total: int) -> tuple[str, list[Fault]]:
    faults: list[Fault] = []
    chain, expected = GENESIS, 0
    for seq, chained, entry_hash, leaf_id, encoded, *named in _rows(
        "select e.seq, e.chain_hash, e.leaf_hash, e.leaf_id, l.encoded, l.realm, l.kind,"
        " l.object_id::text from audit_entry e"
        " left join audit_leaf l on l.id = e.leaf_id order by e.seq"
    ):
        expected += 1
        chain = chain_hash(chain, bytes(entry_hash))
        if seq != expected:
            faults.append(Fault("entry-missing", "entry", str(expected)))
            expected = seq
        if chain != bytes(chained):
            faults.append(Fault("chain-broken", "entry", str(seq)))
            chain = bytes(chained)  # go on from what stands there, so that one fault is one line
        if encoded is None:
            faults.append(Fault("leaf-missing", "leaf", str(leaf_id)))
        elif leaf_hash(bytes(encoded)) != bytes(entry_hash) or named != _named(bytes(encoded)):
            faults.append(Fault("leaf-altered", "leaf", str(leaf_id)))
        if len(faults) >= MOST_FAULTS:
            break
        if seq % 5000 == 0:
            progress(seq, total)
    for (leaf_id,) in _rows(
        "select l.id from audit_leaf l left join audit_entry e on e.leaf_id = l.id"
        " where l.seq is not null and e.seq is null"
    ):
        faults.append(Fault("leaf-not-in-log", "leaf", str(leaf_id)))
    for leaf_id, encoded, stored, *named in _rows(
        "select id, encoded, leaf_hash, realm, kind, object_id::text from audit_leaf"
        " where seq is null"
    ):
        if leaf_hash(bytes(encoded)) != bytes(stored) or named != _named(bytes(encoded)):
            faults.append(Fault("leaf-altered", "leaf", str(leaf_id)))
    progress(total, total)
    return chain.hex(), faults


def _named(encoded: bytes) -> list[object]:
    """Return realm, kind and object as the leaf itself says them: its columns must not stray."""
    said = orjson.loads(encoded)
    return [said["realm"], said["kind"], said["object_id"]]


def _compare() -> tuple[int, list[Fault]]:
    faults: list[Fault] = []
    records = 0
    for witness in witnesses():
        # The leaf's bytes are UTF-8 text; only the last leaf of each record counts.
        query = f"""
            with told as (
                select id, object_id,
                    -- What was altered is named elsewhere; it may not even be text any more.
                    case when sha256('\\x00'::bytea || encoded) = leaf_hash
                        then convert_from(encoded, 'UTF8')::jsonb -> 'body' end as body
                from audit_leaf where kind = %s and object_id is not null
            ), last as (
                select distinct on (object_id) object_id, body -> 'after' as after
                from told where body ? 'after' order by object_id, id desc
            ), now as ({witness.sql})
            select coalesce(last.object_id, now.id), now.id is null, last.object_id is null,
                last.after is distinct from now.after
            from last full join now on now.id = last.object_id
        """  # noqa: S608 - the witness is code of a kernel package
        for id, removed, unknown, altered in _rows(query, [witness.kind]):
            records += 1
            if removed and id is not None:
                faults.append(Fault("record-removed", witness.kind, str(id)))
            elif unknown:
                faults.append(Fault("record-without-leaf", witness.kind, str(id)))
            elif altered:
                faults.append(Fault("record-altered", witness.kind, str(id)))
    return records, faults


def _rows(query: str, values: list[Any] | None = None) -> Iterator[tuple[Any, ...]]:
    # A named cursor of the server: ten million leaves do not fit into memory.
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, values or [])
        while rows := cursor.fetchmany(5000):
            yield from rows
