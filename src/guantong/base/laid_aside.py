"""Facts that could not be handed on: looked at, tried again, or set aside for good by a person.

Nothing here decides who may; and the leaf of each act is written by whoever calls, in the same
transaction, because the log stands above the ground. Trying again is for when the cause is
mended: the fact itself is never edited, for it says what became true.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from guantong.base.outbox import wake

# Facts that were handed on are kept as long as somebody may ask what was told to whom.
KEPT = timedelta(days=90)
_PRUNED_AT_ONCE = 5000

# What an operator looks at: facts being tried again, laid aside, set aside for good, still waiting.
STATES = ("dead", "retrying", "waiting", "set_aside")
_WHERE = {
    "dead": "state = 'dead'",
    "retrying": "state = 'waiting' and attempts > 0",
    "waiting": "state = 'waiting' and attempts = 0",
    "set_aside": "state = 'set_aside'",
}
_COUNT = "(select count(*) from base_outboxmessage where {})"
COUNTING = "select " + ", ".join(_COUNT.format(_WHERE[state]) for state in STATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact as an operator sees it. ``body`` holds no personal data."""

    seq: int
    id: UUID
    realm: str
    event: str
    subject: str
    body: Mapping[str, Any]
    written_at: datetime
    state: str
    attempts: int
    fault: str
    failed_at: datetime | None
    try_at: datetime | None
    reason: str

    @property
    def fault_line(self) -> str:
        """The last line of the fault: what it was, without where."""
        lines = self.fault.strip().splitlines()
        return lines[-1] if lines else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How many facts of one kind stand in one state."""

    event: str
    count: int


_COLUMNS = (
    "seq, id, realm, event, subject, body::text, written_at, state, attempts, fault, failed_at,"
    " try_at, reason"
)


def facts(state: str, *, event: str = "", before: int | None = None, most: int = 50) -> list[Fact]:
    """Return facts in one of ``STATES``, newest first, those with a number below ``before``."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from base_outboxmessage where {_WHERE[state]}"  # noqa: S608
            " and (%s = '' or event = %s) and (%s::bigint is null or seq < %s)"
            " order by seq desc limit %s",
            [event, event, before, before, most],
        )
        return [_fact(row) for row in cursor.fetchall()]


def fact(id: UUID) -> Fact | None:
    """Return one fact, whatever its state."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from base_outboxmessage where id = %s",  # noqa: S608
            [id],
        )
        row = cursor.fetchone()
    return None if row is None else _fact(row)


def kinds(state: str) -> list[Kind]:
    """Return how many facts of each kind stand in ``state``, most first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select event, count(*) from base_outboxmessage"  # noqa: S608
            f" where {_WHERE[state]} group by event order by 2 desc, 1"
        )
        return [Kind(event=event, count=count) for event, count in cursor.fetchall()]


def counts() -> dict[str, int]:
    """Return how many facts stand in each of ``STATES``.

    Each is counted from an index that holds nothing of what was handed on: the history may be as
    long as it likes. "Not done" in one sentence would read all of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNTING)
        return dict(zip(STATES, cursor.fetchone(), strict=True))


def try_again(
    *, ids: Collection[UUID] = (), event: str = ""
) -> list[tuple[UUID, dict[str, object]]]:
    """Let facts laid aside, or pausing, be tried at once, by id or all of a kind laid aside.

    Returns the id of each and what it was before; what is done or set aside for good stays so.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "update base_outboxmessage m set state = 'waiting', attempts = 0, try_at = null"
            " from (select seq, state, attempts from base_outboxmessage"
            "  where (id = any(%s) and (state = 'dead' or state = 'waiting' and attempts > 0))"
            "  or (event = %s and state = 'dead') order by seq for update skip locked) o"
            " where m.seq = o.seq returning m.id, m.event, o.state, o.attempts",
            [list(ids), event],
        )
        again = [
            (id, {"event": kind, "state": state, "attempts": attempts})
            for id, kind, state, attempts in cursor.fetchall()
        ]
        wake(cursor)
    return again


def set_aside(id: UUID, *, reason: str) -> dict[str, object] | None:
    """Set a fact that was laid aside aside for good; None when it is not laid aside any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update base_outboxmessage set state = 'set_aside', reason = %s"
            " where id = %s and state = 'dead' returning event, attempts",
            [reason, id],
        )
        row = cursor.fetchone()
    return None if row is None else {"event": row[0], "state": "dead", "attempts": row[1]}


def take_back(id: UUID) -> dict[str, object] | None:
    """Undo ``set_aside``: the fact is laid aside again, for somebody to look at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update base_outboxmessage set state = 'dead', reason = ''"
            " where id = %s and state = 'set_aside' returning event, attempts",
            [id],
        )
        row = cursor.fetchone()
    return None if row is None else {"event": row[0], "state": "set_aside", "attempts": row[1]}


def prune(*, now: datetime) -> int:
    """Forget facts handed on long ago, some at a time; return how many.

    Their age is in the id, by the clock of the machine (UUIDv7): in a replay of an old typhoon
    ``written_at`` is years ago when the fact is a minute old.
    """
    oldest = UUID(int=int((now - KEPT).timestamp() * 1000) << 80)
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from base_outboxmessage where seq in (select seq from (select seq, id"
            "  from base_outboxmessage where state = 'done' order by seq limit %s) o"
            " where id < %s)",
            [_PRUNED_AT_ONCE, oldest],
        )
        return int(cursor.rowcount)


def _fact(row: tuple[Any, ...]) -> Fact:
    (seq, id, realm, event, subject, body, written_at, state, attempts, fault, failed_at, try_at,
     reason) = row  # fmt: skip
    return Fact(
        seq=seq, id=id, realm=realm, event=event, subject=subject,
        body=_shown(orjson.loads(body)), written_at=written_at, state=state, attempts=attempts,
        fault=fault, failed_at=failed_at, try_at=try_at, reason=reason,
    )  # fmt: skip


# Facts hold ids and codes. Should one hold a name, a mobile or an identity number, it is not shown.
_PERSONAL = re.compile(r"[\u3400-\u9fff]|(?<![\d-])1\d{10}(?!\d)|(?<![\w-])\d{17}[\dXx](?!\w)")


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _shown(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_shown(held) for held in value]
    return "…" if isinstance(value, str) and _PERSONAL.search(value) else value
