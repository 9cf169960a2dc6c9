"""How much an evaluation may do: FEEL of a package is a stranger's, and a short text can ask much.

A list whose items are the list before it, twenty times over, has a million leaves; a filter within
a filter looks at every pair. What grows so is counted in steps while it is done, by whoever does
it, and the evaluation is refused beyond a bound. Plain comparisons and sums are not counted: the
length of the text bounds them. Beside the steps stands the time of the processor, for what a step
measures badly: it is looked at now and then while steps are counted.
"""

import threading
import time
from types import TracebackType
from typing import NoReturn

from guantong.feel.errors import FeelTooMuch, excerpt

# Ours: about a second at most. No rule of the shipped packages makes a list, so they spend none.
MOST_STEPS = 200_000
# Ours: no text of a form or a rule is longer.
MOST_TEXT = 100_000
_LETTERS_A_STEP = 64
# Ours: seconds of this thread's processor; an evaluation of a page or a gateway takes microseconds.
MOST_SECONDS = 1.0
_LOOK_EVERY = 10  # as a power of two: once in 1024 steps


class _Left(threading.local):
    """The steps left in this thread; none outside of an evaluation."""

    steps: int | None = None
    until: float = 0.0


_left = _Left()


class bounded:  # noqa: N801 - it is used as a word: with bounded(text)
    """Let what is evaluated inside take so many steps; within another, its steps count there."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __enter__(self) -> None:
        self.outermost = _left.steps is None
        if self.outermost:
            _left.steps = MOST_STEPS
            _left.until = 0.0

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
                raise FeelTooMuch(
                    text=excerpt(self.text), limit=MOST_STEPS, seconds=f"{MOST_SECONDS:g}"
                ) from None


class _Exhausted(Exception):
    """The steps are used up; ``bounded`` makes the refusal of it."""


def spend(steps: int) -> None:
    """Count what is about to be done."""
    left = _left.steps
    if left is not None:
        rest = left - steps
        if rest < 0:
            raise _Exhausted
        _left.steps = rest
        if (left ^ rest) >> _LOOK_EVERY:
            _look_at_the_time()


def seconds_left() -> float:
    """Return how long one thing may still take that cannot be counted in steps."""
    if _left.steps is None:
        return MOST_SECONDS
    _look_at_the_time()
    return max(_left.until - time.thread_time(), 0.001)


def exhaust() -> NoReturn:
    """Give up what would take too long, such as a pattern that tries a text in too many ways."""
    raise _Exhausted


def _look_at_the_time() -> None:
    now = time.thread_time()
    if not _left.until:
        # The first thousand steps are free, so that a plain expression never asks the clock.
        _left.until = now + MOST_SECONDS
    elif now > _left.until:
        raise _Exhausted


def spend_on_text(length: int) -> None:
    """Count a text that is about to be made or gone through; one too long is refused."""
    if length > MOST_TEXT and _left.steps is not None:
        raise _Exhausted
    spend(length // _LETTERS_A_STEP)
