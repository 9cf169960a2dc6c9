"""Proofs: the history of a record with the way of each leaf to a signed head, as one file.

A proof file holds all that a verifier needs but the trust in the key: the leaves as they were
hashed, the path of each to the root, the signed head, and the public key (which a careful
verifier compares with one that came another way). ``verifier`` reads it without any of our code.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from guantong.audit import keys, ledger, note
from guantong.audit.errors import NoHeadYet, NotAHead, NotContinued, NothingToProve, NotInLogYet
from guantong.audit.note import Head

PROOF, CONSISTENCY = "guantong-proof/1", "guantong-consistency/1"
MOST_TOLD = 500  # of one record; the export holds all


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One leaf as people read it; ``seq`` is None while it waits for its place."""

    id: UUID
    seq: int | None
    at: datetime | None
    actor: str
    act: str
    realm: str
    body: dict[str, Any]
    encoded: bytes


def history(kind: str, object_id: UUID) -> list[Told]:
    """Return what the log tells of a record, oldest first."""
    with connection.cursor() as cursor:
        return _history(cursor, kind, object_id)


def proof_of(kind: str, object_id: UUID) -> bytes:
    """Return the proof file of a record: every leaf of it that has its place."""
    with transaction.atomic(), connection.cursor() as cursor:
        told = _history(cursor, kind, object_id)
        if not told:
            raise NothingToProve(kind=kind, id=object_id)
        log_id, suite = ledger.log(cursor)
        head = ledger.newest_head(cursor)
        placed = [leaf for leaf in told if leaf.seq is not None]
        if not placed or head is None:
            raise NotInLogYet(kind=kind, id=object_id)
        tree = ledger.tree(cursor, suite)
        return _text(
            {
                "format": PROOF,
                "record": {"kind": kind, "id": str(object_id)},
                "leaves": [
                    {
                        "place": leaf.seq,
                        "leaf": leaf.encoded.decode("utf-8"),
                        "path": _texts(tree.inclusion(leaf.seq - 1, head.size)),
                    }
                    for leaf in placed
                    if leaf.seq is not None and leaf.seq <= head.size
                ],
                "head": head.note,
                "keys": [key.text for key in keys.known(log_id)],
            }
        )


def newest() -> Head:
    """Return the newest signed head."""
    with connection.cursor() as cursor:
        head = ledger.newest_head(cursor)
    if head is None:
        raise NoHeadYet()
    return head


def consistency_of(old_note: str) -> bytes:
    """Return the file that proves that the log of today continues the head given."""
    old = note.read(old_note)
    with transaction.atomic(), connection.cursor() as cursor:
        log_id, suite = ledger.log(cursor)
        head = ledger.newest_head(cursor)
        if head is None:
            raise NoHeadYet()
        if old is None or old.log_id != log_id or old.size == 0:
            raise NotAHead(log=log_id)
        if old.size > head.size:
            raise NotContinued(size=old.size, now=head.size)
        tree = ledger.tree(cursor, suite)
        if tree.root(old.size) != old.root:
            raise NotContinued(size=old.size, now=head.size)
        return _text(
            {
                "format": CONSISTENCY,
                "old": old.note,
                "path": _texts(tree.consistency(old.size, head.size)),
                "head": head.note,
                "keys": [key.text for key in keys.known(log_id)],
            }
        )


def public_keys() -> str:
    """Return the public keys of the log, one line each: what a verifier pins."""
    with connection.cursor() as cursor:
        cursor.execute("select id from audit_log")
        row = cursor.fetchone()
    found = keys.known(row[0]) if row else ()
    if not found:
        raise NoHeadYet()
    return "".join(f"{key.text}\n" for key in found)


def verifier_source() -> bytes:
    """Return the stand-alone verifier, to be handed out as one file."""
    return Path(__file__).with_name("verifier.py").read_bytes()


def _history(cursor: Any, kind: str, object_id: UUID) -> list[Told]:
    cursor.execute(
        "select id, seq, realm, encoded from audit_leaf where object_id = %s and kind = %s"
        " order by seq, id limit %s",
        [object_id, kind, MOST_TOLD],
    )
    return [_told(id, seq, realm, bytes(encoded)) for id, seq, realm, encoded in cursor.fetchall()]


def _told(id: UUID, seq: int | None, realm: str, encoded: bytes) -> Told:
    try:
        said = orjson.loads(encoded)
        at = datetime.fromisoformat(said["at"])
        return Told(
            id=id, seq=seq, at=at, actor=said["actor"], act=said["act"], realm=realm,
            body=said["body"], encoded=encoded,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        # Altered behind the log's back: the page still shows that something stands there.
        return Told(id=id, seq=seq, at=None, actor="?", act="?", realm=realm, body={}, encoded=b"?")


def _texts(path: Sequence[bytes]) -> list[str]:
    return [b64encode(digest).decode() for digest in path]


def _text(facts: dict[str, Any]) -> bytes:
    return (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode()
