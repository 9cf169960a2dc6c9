"""Filling the places of a package's words: ``{name}`` becomes a fact, and nothing else happens.

Not ``str.format``: there a stranger's text could walk from a fact to its class and
on (``{place.__class__}``), and ask for spaces that fill the memory (``{place:>9999999999}``).
"""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")
_BRACE = re.compile(r"[{}]")


def filled(text: str, facts: Mapping[str, object]) -> str:
    """Return the text with its places filled; a place nobody fills stays as it is."""

    def fill(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        return str(facts[found[1]]) if found[1] in facts else found[0]

    return _PLACE.sub(fill, text)


def places(text: str) -> frozenset[str] | None:
    """Return the places of a text; none where a brace stands alone or a place is no plain name."""
    if _BRACE.search(_PLACE.sub("", text)):
        return None
    return frozenset(found for found in _PLACE.findall(text) if found)
