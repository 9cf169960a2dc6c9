"""Which ways cases take through their processes, told to whoever wants to know.

Cases themselves keep only where they stand. A rehearsal wants to know where they have been, so
it brings a watch; it is told in the transaction that moved the case.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from guantong.base.realm import Realm

WalkWatch = Callable[[Realm, UUID, str, Sequence[str]], None]
"""Realm, case, process, and the ids of the flows its tokens went along."""

_watches: list[WalkWatch] = []


def bring_walk_watch(watch: WalkWatch) -> None:
    """Let ``watch`` be told of every step of every case; bringing it twice changes nothing."""
    if watch not in _watches:
        _watches.append(watch)


def tell_walked(realm: Realm, case_id: UUID, process: str, ways: Sequence[str]) -> None:
    """Tell every watch which ways a case has just taken."""
    for watch in _watches:
        watch(realm, case_id, process, ways)
