"""Regular expressions of strangers, as far as they end in bounded time.

Python's engine tries every way in which a pattern can fit; a repetition within a repetition has
more ways than there is time (``(a+)+$``). A form of a code or a number needs neither that nor
references back, so they are refused, and a text longer than any code does not fit at all.
"""

import re
from collections.abc import Iterable, Iterator
from re import _constants as code  # type: ignore[attr-defined]  # the parser has no public name
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

# Ours: no code, number or name has more.
LONGEST_TEXT = 1_000
LONGEST_PATTERN = 500
# A repetition of at most so many counts as none; one that may go on longer is a wide one.
_NARROW = 32
_REPEATS = frozenset({code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT})
_ANCHORS = frozenset({code.AT_BEGINNING, code.AT_BEGINNING_STRING})


class PatternExplodes(ValueError):
    """A pattern that could take longer than anybody waits."""


def compiled(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern; ValueError (or re.error) where it is none that ends in time."""
    if len(pattern) > LONGEST_PATTERN:
        raise PatternExplodes(pattern)
    try:
        tree = parser.parse(pattern)
    except (RecursionError, OverflowError):
        raise PatternExplodes(pattern) from None
    parts = list(tree)
    wide = list(_wide(parts, within=False))
    anchored = bool(parts) and parts[0][0] is code.AT and parts[0][1] in _ANCHORS
    # Each wide repetition multiplies the ways by the length of the text; so does a free beginning.
    if len(wide) + (not anchored) > 2:
        raise PatternExplodes(pattern)
    return re.compile(pattern)


def fits(pattern: re.Pattern[str], text: str) -> bool:
    """Say whether the text has the form; one longer than a code has not."""
    return len(text) <= LONGEST_TEXT and pattern.search(text) is not None


def _wide(parts: Iterable[Any], *, within: bool) -> Iterator[Any]:
    """Yield the wide repetitions; refuse one that may fit in several ways within another."""
    for kind, value in parts:
        if kind in _REPEATS:
            least, most, inner = value
            varies = least != most
            if within and varies:
                raise PatternExplodes(str(value))
            is_wide = most > _NARROW
            if is_wide:
                yield value
            yield from _wide(inner, within=within or most > 1)
        elif kind is code.SUBPATTERN:
            yield from _wide(value[-1], within=within)
        elif kind is code.BRANCH:
            if within:
                raise PatternExplodes(str(value))
            for branch in value[1]:
                yield from _wide(branch, within=within)
        elif kind in {code.ASSERT, code.ASSERT_NOT}:
            yield from _wide(value[1], within=within)
        elif kind in {code.GROUPREF, code.GROUPREF_EXISTS, code.ATOMIC_GROUP}:
            raise PatternExplodes(str(kind))
