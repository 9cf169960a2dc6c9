"""Change the key that seals: a new one becomes current, and all rows are sealed anew under it.

In batches, each one transaction, so that work goes on meanwhile and a killed rotation continues
where it stood: a row that is under the current key already is not touched again. Only a key that
nothing needs any more may be retired. It then leaves the ring, but stays in a file of its own
beside it, because an old backup may still need it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.db import connection

from guantong.base import key_ring
from guantong.base.errors import GuantongError
from guantong.base.key_master import master
from guantong.base.key_ring import FieldKey, Ring
from guantong.base.sealed_places import sealed_places
from guantong.base.sealing import ring_again

BATCH = 500
_ROTATION_LOCK = 0x67745F6B  # "gt_k": one rotation of an installation at a time
# Other processes look at the ring every few seconds; until then they may write under the old key.
SETTLE_SECONDS = 2 * key_ring.LOOK_SECONDS

Progress = Callable[[int, int], None]


class UnknownFieldKey(GuantongError):
    """A key was named that is not there."""

    code = "field-key-unknown"


class KeyStillNeeded(GuantongError):
    """A key was to be retired that is current, or that rows need."""

    code = "field-key-needed"


class RotationRuns(GuantongError):
    """Another process is changing keys."""

    code = "field-rotation-runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """One key of the ring, and how many rows need it in each place."""

    id: str
    suite: str
    made_at: str
    current: bool
    rows: dict[str, int]


def key_states() -> list[KeyState]:
    """Return the keys of the ring, the current one first, with what needs them."""
    held = ring_again()
    found = [
        KeyState(
            id=key.id, suite=key.suite, made_at=key.made_at, current=key.id == held.current,
            rows={place.name: place.sealed_under(key.id) for place in sealed_places()},
        )
        for key in held.keys.values()
    ]  # fmt: skip
    return sorted(found, key=lambda state: (not state.current, state.made_at))


def retired() -> list[str]:
    """Return the keys that were retired here and could be brought back."""
    return sorted(path.stem for path in _aside().glob("*.json"))


def rotate(suite: str, *, at: datetime) -> FieldKey:
    """Make a new key current; what the others sealed still opens. Sealing anew is ``reseal``."""
    with _alone():
        held = ring_again()
        fresh = key_ring.new_key(suite, at=at)
        _put(key_ring.with_new_current(held, fresh, at=at))
        return fresh


def waiting() -> int:
    """Return how many rows are plain yet or under an older key."""
    current = ring_again().current
    return sum(place.waiting(current) for place in sealed_places())


def reseal(progress: Progress = lambda done, total: None, *, batch: int = BATCH) -> int:
    """Seal all waiting rows under the current key; return how many. Killed, it goes on later."""
    with _alone():
        current, done = ring_again().current, 0
        total = sum(place.waiting(current) for place in sealed_places())
        for place in sealed_places():
            while count := place.reseal(current, most=batch):
                done += count
                progress(done, max(total, done))
        return done


def retire(id: str, *, pause: Callable[[float], None] = time.sleep) -> Path:
    """Take a key that nothing needs out of the ring; return the file it was put into."""
    with _alone():
        held = ring_again()
        if id not in held.keys:
            raise UnknownFieldKey(key=id[:20], known=", ".join(held.keys))
        if id == held.current:
            raise KeyStillNeeded(key=id, rows="current")
        pause(SETTLE_SECONDS)
        needed = sum(place.sealed_under(id) for place in sealed_places())
        if needed:
            raise KeyStillNeeded(key=id, rows=needed)
        target = _aside() / f"{id}.json"
        target.parent.mkdir(mode=0o700, exist_ok=True)
        # First aside, then out: killed between the two, the key is in both places.
        alone = replace(held, current=id, keys={id: held.keys[id]})
        key_ring.write(target, alone, master())
        _put(key_ring.without(held, id))
        return target


def reopen(id: str) -> None:
    """Bring a retired key back into the ring, to read an old backup; it does not become current."""
    with _alone():
        held, source = ring_again(), _aside() / f"{Path(id).name}.json"
        if not source.exists():
            raise UnknownFieldKey(key=id[:20], known=", ".join(retired()) or "-")
        brought = key_ring.read(source, master())
        key = brought.keys[brought.current]
        _put(replace(held, keys={**held.keys, key.id: key}))


def wrap_again() -> str:
    """Write the ring under the master the environment names now; return the master's kind."""
    with _alone():
        _put(ring_again())
        return master().name


def missing() -> list[str]:
    """Return the keys that rows need and the ring does not hold."""
    used = {key for place in sealed_places() for key in place.keys_in_use()}
    return sorted(used - ring_again().keys.keys()) if used else []


def _put(ring: Ring) -> None:
    key_ring.write(key_ring.path(), ring, master())
    key_ring.forget()


def _aside() -> Path:
    return key_ring.path().parent / "retired"


@contextmanager
def _alone() -> Iterator[None]:
    """One change of keys at a time, among all processes of the installation."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [_ROTATION_LOCK])
        if not cursor.fetchone()[0]:
            raise RotationRuns()
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [_ROTATION_LOCK])
