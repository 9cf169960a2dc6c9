"""The leaves of notices, and what a notice and an acceptance look like now (the witnesses).

The audited columns are put together in SQL, once for the change and once for the check. Who reads
a notice goes in as one digest, so that a reader slipped in or taken away is found as well.
Acceptance that came from elsewhere (a task was taken on) has its leaf there and none here.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from guantong.audit.api import Leaf, Witness, bring_witness, write
from guantong.base.realm import Realm

_TOLD = (
    "n.kind", "n.asks", "n.urgent", "n.title_zh", "n.title_en", "n.text_zh", "n.text_en", "n.href",
    "n.about", "n.origin", "n.sender_id", "n.sender_unit_id", "extract(epoch from n.sent_at)",
    "extract(epoch from n.accept_by)",
)  # fmt: skip
_DIGEST = "encode(sha256(convert_to(concat_ws('|', {}), 'UTF8')), 'hex')".format(
    ", ".join(f"coalesce({column}::text, '-')" for column in _TOLD)
)
# The columns alone; ``readers`` stands in receipts, which an insert does not see yet.
NOTICE_COLUMNS_AFTER = f"jsonb_build_object('state', n.state, 'digest', {_DIGEST})"
_READERS = (
    "(select encode(sha256(convert_to(coalesce(string_agg(x.line, ',' order by x.line"
    " collate \"C\"), ''), 'UTF8')), 'hex') from notices_receipt r cross join lateral"
    " (select concat(r.person_id, ':', coalesce(r.unit_id::text, '-')) as line) x"
    " where r.notice_id = n.id)"
)
NOTICE_AFTER = f"{NOTICE_COLUMNS_AFTER} || jsonb_build_object('readers', {_READERS})"
RECEIPT_AFTER = (
    "jsonb_build_object('accepted_by', r.accepted_by, 'accepted_at',"
    " extract(epoch from r.accepted_at))"
)

bring_witness(
    Witness(kind="notice", sql=f"select n.id, {NOTICE_AFTER} as after from notices_notice n")  # noqa: S608
)
bring_witness(
    Witness(
        kind="receipt",
        sql=f"select r.id, {RECEIPT_AFTER} as after from notices_receipt r"  # noqa: S608
        " join notices_notice n on n.id = r.notice_id"
        " where r.accepted_at is not null and n.about is null",
    )
)


def readers_digest(readers: Iterable[tuple[UUID, UUID | None]]) -> str:
    """Return the digest of who reads a notice, as the store forms it."""
    lines = sorted(f"{person}:{unit or '-'}" for person, unit in readers)
    return hashlib.sha256(",".join(lines).encode()).hexdigest()


def leave(
    realm: Realm,
    kind: str,
    act: str,
    changes: Iterable[tuple[UUID, Mapping[str, object]]],
    *,
    actor: str,
    at: datetime,
) -> None:
    """Write a leaf for each (id, body) in the running transaction."""
    write(
        Leaf(realm=realm, at=at, actor=actor, act=act, kind=kind, object_id=id, body=body)
        for id, body in changes
    )


def person(id: UUID | None, otherwise: str = "clock") -> str:
    """Return how the log names who acted."""
    return f"person:{id}" if id is not None else otherwise
