"""Which world a record belongs to: the live one, or one exercise (演练) (promise P12).

A realm is ``live`` or ``exercise:<uuid>``. Every case, alert, run, notice and figure carries
one; no list or figure of one realm sees another.
"""

from typing import NewType
from uuid import UUID

Realm = NewType("Realm", str)

LIVE = Realm("live")
_EXERCISE = "exercise:"


def exercise(id: UUID) -> Realm:
    """Return the realm of one exercise."""
    return Realm(f"{_EXERCISE}{id}")


def parse(text: str) -> Realm:
    """Return ``text`` as a realm; anything else than the two forms raises ValueError."""
    if text == LIVE:
        return LIVE
    if text.startswith(_EXERCISE):
        return exercise(UUID(text.removeprefix(_EXERCISE)))
    raise ValueError(f"{text!r} is neither 'live' nor 'exercise:<uuid>'")


def is_exercise(realm: Realm) -> bool:
    """Say whether ``realm`` is an exercise, whose clock is its own."""
    return realm.startswith(_EXERCISE)
