"""One leaf: who did what to which record, when, in which realm, and how the record stood then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from guantong.base.hashing import canonical, sha256

# RFC 6962, section 2.1: a leaf is hashed behind 0x00 and an inner node behind 0x01, so that
# neither can pass for the other.
LEAF_PREFIX, CHAIN_PREFIX = b"\x00", b"\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One change. ``after`` holds the audited columns of the record as the change left them."""

    realm: str
    at: datetime
    actor: str
    act: str
    kind: str
    object_id: UUID | None
    body: Mapping[str, object]


def encode(id: UUID, leaf: Leaf) -> bytes:
    """Return the canonical bytes of ``leaf``: what is stored is what is hashed."""
    return canonical(
        {
            "id": str(id),
            "realm": leaf.realm,
            "at": leaf.at.astimezone(UTC).isoformat(),
            "actor": leaf.actor,
            "act": leaf.act,
            "kind": leaf.kind,
            "object_id": None if leaf.object_id is None else str(leaf.object_id),
            "body": leaf.body,
        }
    )


def leaf_hash(encoded: bytes) -> bytes:
    """Return the digest of an encoded leaf."""
    return sha256(LEAF_PREFIX + encoded)


def chain_hash(before: bytes, leaf: bytes) -> bytes:
    """Return the digest of the log up to and including ``leaf``."""
    return sha256(CHAIN_PREFIX + before + leaf)
