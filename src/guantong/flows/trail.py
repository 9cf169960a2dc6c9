"""The leaf of each change of a case or a task, formed by the store itself.

The audited columns are put together in SQL, once for the change and once for the check, so that
both agree to the bit. What is long goes in as a digest.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import orjson

from guantong.audit.api import Leaf, Witness, bring_witness, write
from guantong.base.realm import Realm


def _digest(*columns: str, later: str = "''") -> str:
    joined = ", '|', ".join(f"coalesce({column}::text, '-')" for column in columns)
    joined = f"{joined}, {later}"
    return f"encode(sha256(convert_to(concat({joined}), 'UTF8')), 'hex')"


def _instant(column: str) -> str:
    # As a number: the text of a timestamp depends on the session's time zone.
    return f"extract(epoch from {column})"


# Who opened the case and what was rejected came later: a task without them keeps its digest.
_LATER = (
    "case when t.opener_id is not null then '|opener ' || t.opener_id end,"
    " case when t.rejected_times > 0 then '|rejected ' || t.rejected_times end"
)
TASK_AFTER = "jsonb_build_object('state', t.state, 'digest', {})".format(
    _digest(
        "t.key", "t.unit_id", "t.verifier_id", "t.subject_id", "t.finder_id", "t.doer_id",
        "t.accepter_id", "t.answers", "t.sent_back_times",
        *(
            _instant(f"t.{column}_at")
            for column in (
                "sent", "received", "read", "accepted", "fed_back", "completed", "verified",
                "closed", "limit", "supervised",
            )
        ),
        later=_LATER,
    )
)  # fmt: skip
CASE_AFTER = "jsonb_build_object('state', c.state, 'level', c.level, 'digest', {})".format(
    _digest(
        "c.number", "c.matter", "c.outcome", "c.tokens", "c.data", "c.awaits",
        # Only of a case that went over to another release.
        later="case when c.came_from <> '' then '|moved ' || c.came_from || ' ' || c.release end",
    )
)  # fmt: skip

bring_witness(Witness(kind="task", sql=f"select t.id, {TASK_AFTER} as after from flows_task t"))  # noqa: S608
bring_witness(Witness(kind="case", sql=f"select c.id, {CASE_AFTER} as after from flows_case c"))  # noqa: S608


def leave(
    realm: Realm, kind: str, act: str, changes: Iterable[tuple[UUID, str, str]], *, at: datetime
) -> None:
    """Write a leaf for each (id, actor, after) in the running transaction."""
    write(
        Leaf(realm=realm, at=at, actor=actor, act=act, kind=kind, object_id=id,
             body={"after": orjson.loads(after)})
        for id, actor, after in changes
    )  # fmt: skip


def person(id: UUID | None, otherwise: str = "process") -> str:
    """Return how the log names who acted."""
    return f"person:{id}" if id is not None else otherwise
