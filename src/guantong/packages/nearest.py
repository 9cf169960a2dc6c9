"""The known word that is most like a misspelt one, so that a finding can offer it."""

import difflib
from collections.abc import Iterable


def nearest(word: object, known: Iterable[object]) -> str:
    """Return the known word most like ``word``, however unlike; empty where none is known."""
    found = difflib.get_close_matches(str(word), [str(k) for k in known], n=1, cutoff=0.0)
    return found[0] if found else ""
