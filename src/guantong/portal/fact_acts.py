"""What the person on call does with facts and timers that failed: each act with its leaf.

The ground keeps the facts and knows nothing of the log above it, so both meet here, in one
transaction. What a person wrote as a reason stays beside the fact and does not enter the log.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from guantong.audit.api import Leaf, write
from guantong.base import laid_aside
from guantong.base.realm import LIVE, Realm
from guantong.flows import api as flows

MOST_LETTERS = 500


def try_again(
    *, ids: Collection[UUID] = (), event: str = "", actor: str, at: datetime
) -> list[UUID]:
    """Let facts be tried again, by id or all of a kind laid aside; return their ids."""
    with transaction.atomic():
        again = laid_aside.try_again(ids=ids, event=event)
        _leave("fact", "try_again", again, actor=actor, at=at)
    return [id for id, _ in again]


def set_aside(id: UUID, *, reason: str, actor: str, at: datetime) -> bool:
    """Set a fact aside for good; False when it is not laid aside any more."""
    with transaction.atomic():
        before = laid_aside.set_aside(id, reason=reason)
        if before is not None:
            _leave("fact", "set_aside", [(id, before)], actor=actor, at=at)
    return before is not None


def take_back(id: UUID, *, actor: str, at: datetime) -> bool:
    """Undo setting a fact aside; False when it is not set aside any more."""
    with transaction.atomic():
        before = laid_aside.take_back(id)
        if before is not None:
            _leave("fact", "take_back", [(id, before)], actor=actor, at=at)
    return before is not None


def try_timers_again(realm: Realm, *, actor: str, at: datetime) -> int:
    """Let every timer that could not go off be tried at once; return how many there were."""
    with transaction.atomic():
        again = flows.try_timers_again(realm)
        _leave("timer", "try_again", [(id, {}) for id in again], actor=actor, at=at)
    return len(again)


def _leave(
    kind: str, act: str, done: Iterable[tuple[UUID, dict[str, object]]], *, actor: str, at: datetime
) -> None:
    # The installation's own matter, whatever realm the fact is of: the live realm and its clock.
    write(
        Leaf(realm=LIVE, at=at, actor=actor, act=act, kind=kind, object_id=id, body={"was": was})
        for id, was in done
    )
