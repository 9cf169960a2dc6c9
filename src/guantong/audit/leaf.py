"""One leaf: who did what to which record, when, in which realm, and how the record stood then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from guantong.base.hashing import canonical


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
    """Return the canonical bytes of ``leaf``: what is stored is what is hashed.

    The keys are sorted, so every leaf ends with its id, kind, object and realm: the check
    compares that end with the columns a leaf is filed under, without reading the JSON.
    """
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
