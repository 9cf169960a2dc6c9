"""The escapes of a text in quotation marks (DMN 1.5, section 10.3.1.2, rule 62)."""

import re

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|([btnfr\"'\\]))")
_PLAIN_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def unescape(inside: str) -> str:
    """Return what the characters between two quotation marks mean."""
    if "\\" not in inside:
        return inside
    plain = _ESCAPE.sub(_one, inside)
    # Two escapes may be the halves of one character; a half that stands alone is replaced.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _one(found: re.Match[str]) -> str:
    if found[3] is not None:
        return _PLAIN_ESCAPES.get(found[3], found[3])
    code = int(found[1] or found[2], 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"
