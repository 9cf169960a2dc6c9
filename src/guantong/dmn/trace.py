"""What was called while a decision was worked out: the outcomes of knowledge, kept for the reasons.

FEEL calls a business knowledge model as a function and gets a value; why it gave that value
would be lost. Whoever wants to tell it opens a trace, and the function leaves its outcome there.
"""

import threading
from types import TracebackType

from guantong.dmn.outcome import Outcome

# Ours: a list of thousands calls as often, and nobody reads more than this.
MOST_CALLS = 20


class _Open(threading.local):
    """The calls of the innermost trace of this thread; none outside of one."""

    calls: list[Outcome] | None = None


_open = _Open()


class traced:  # noqa: N801 - it is used as a word: with traced() as calls
    """Collect the outcomes of what is called inside."""

    def __enter__(self) -> list[Outcome]:
        self.outer = _open.calls
        calls: list[Outcome] = []
        _open.calls = calls
        return calls

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        _open.calls = self.outer


def leave(outcome: Outcome) -> None:
    """Keep the outcome of a call where somebody collects them."""
    if _open.calls is not None and len(_open.calls) < MOST_CALLS:
        _open.calls.append(outcome)
