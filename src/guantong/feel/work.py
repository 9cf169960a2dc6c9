"""How much an evaluation may do: FEEL of a package is a stranger's, and a short text can ask much.

A list whose items are the list before it, twenty times over, has a million leaves; a filter within
a filter looks at every pair. What grows so is counted in steps while it is done, by whoever does
it, and the evaluation is refused beyond a bound. Plain comparisons and sums are not counted: the
length of the text bounds them.
"""

import threading
from types import TracebackType

from guantong.feel.errors import FeelTooMuch, excerpt

# Ours: some tenths of a second. The largest rule of the shipped packages takes fewer than 1,000.
MOST_STEPS = 500_000
# Ours: no text of a form or a rule is longer.
MOST_TEXT = 100_000
_LETTERS_A_STEP = 64


class _Left(threading.local):
    """The steps left in this thread; none outside of an evaluation."""

    steps: int | None = None


_left = _Left()


class bounded:  # noqa: N801 - it is used as a word: with bounded(text)
    """Let what is evaluated inside take so many steps; within another, its steps count there."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __enter__(self) -> None:
        self.outermost = _left.steps is None
        if self.outermost:
            _left.steps = MOST_STEPS

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self.outermost:
            _left.steps = None
            if kind is RecursionError or kind is _Exhausted:
                # Values within values so deep, or so many, that no rule of a department means it.
                raise FeelTooMuch(text=excerpt(self.text), limit=MOST_STEPS) from None


class _Exhausted(Exception):
    """The steps are used up; ``bounded`` makes the refusal of it."""


def spend(steps: int) -> None:
    """Count what is about to be done."""
    left = _left.steps
    if left is not None:
        if left < steps:
            raise _Exhausted
        _left.steps = left - steps


def spend_on_text(length: int) -> None:
    """Count a text that is about to be made or gone through; one too long is refused."""
    if length > MOST_TEXT and _left.steps is not None:
        raise _Exhausted
    spend(length // _LETTERS_A_STEP)
