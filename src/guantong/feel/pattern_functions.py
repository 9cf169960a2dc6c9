"""Built-in functions of text that take a pattern (DMN 1.5, section 10.3.4.3).

A pattern that is none, flags that are none, and a pattern that finds the empty text where a text
is to be cut or replaced give null, as XPath's errors FORX0001 to FORX0004 do in FEEL.
"""

import re

import regex

from guantong.feel.built_in import Table
from guantong.feel.pattern import found_in, pattern_of
from guantong.feel.value import Value
from guantong.feel.work import exhaust, seconds_left, spend, spend_on_text

table = Table()
_FLAGS = ("flags", (str, type(None)))
_REPLACEMENT = re.compile(r"(?:[^\\$]|\\[\\$]|\$[0-9])*\Z")
_PIECE = re.compile(r"\\(?P<sign>[\\$])|\$(?P<group>[0-9]+)|(?P<plain>[^\\$]+)")


@table.add("matches", ("input", str), ("pattern", str), _FLAGS, required=2)
def matches(text: str, pattern: str, flags: str | None = None) -> Value:
    """Say whether the pattern occurs in the text."""
    made = pattern_of(pattern, flags or "")
    return None if made is None else found_in(made, text)


@table.add("replace", ("input", str), ("pattern", str), ("replacement", str), _FLAGS, required=3)
def replace(text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    """Return the text with every occurrence replaced; ``$1`` is the first group of the pattern."""
    made = pattern_of(pattern, flags or "")
    if made is None or not _REPLACEMENT.match(replacement) or found_in(made, ""):
        return None
    pieces = _pieces(replacement, made.groups)

    def one(found: "regex.Match[str]") -> str:
        put = "".join(piece if type(piece) is str else found[piece] or "" for piece in pieces)
        spend(1)
        spend_on_text(len(put))
        return put

    try:
        replaced = made.sub(one, text, timeout=seconds_left())
    except TimeoutError:
        exhaust()
    spend_on_text(len(replaced))
    return replaced


@table.add("split", ("string", str), ("delimiter", str))
def split(text: str, delimiter: str) -> Value:
    """Return the parts of a text between the occurrences of a pattern."""
    made = pattern_of(delimiter, "")
    if made is None or found_in(made, ""):
        return None
    try:
        cuts = [found.span() for found in made.finditer(text, timeout=seconds_left())]
    except TimeoutError:
        exhaust()
    spend(len(cuts) + 1)
    begins, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(text)]
    return [text[begin:end] for begin, end in zip(begins, ends, strict=True)]


def _pieces(replacement: str, groups: int) -> list[str | int]:
    pieces: list[str | int] = []
    for found in _PIECE.finditer(replacement):
        if found["group"] is None:
            pieces.append(found["sign"] or found["plain"])
            continue
        # "$12" is the twelfth group where there are so many, else the first and a "2".
        digits, rest = found["group"], ""
        while int(digits) > groups and len(digits) > 1:
            digits, rest = digits[:-1], digits[-1] + rest
        pieces += [int(digits) if int(digits) <= groups else "", rest]
    return pieces
