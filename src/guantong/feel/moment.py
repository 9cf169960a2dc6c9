"""The instant that ``now()`` and ``today()`` answer: only what the caller hands in.

FEEL reads no clock. A rule that did could not be replayed in an exercise, and two cells of one
table could see two days. Without an instant both functions are null.
"""

import threading
from datetime import datetime
from types import TracebackType


class _Moment(threading.local):
    now: datetime | None = None


_moment = _Moment()


class at:  # noqa: N801 - it is used as a word: with at(now)
    """Let ``now()`` answer this instant inside."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __enter__(self) -> None:
        self.before = _moment.now
        _moment.now = self.now

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _moment.now = self.before


def current() -> datetime | None:
    """Return the instant of this evaluation, if the caller gave one."""
    return _moment.now
