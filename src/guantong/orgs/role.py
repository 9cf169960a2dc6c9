"""A role as packages write it: ``line@tier``, or ``area@tier`` for the territory itself.

The place a role is asked for (``of:``) is a key of its own in the package, not part of this.
"""

import difflib
from dataclasses import dataclass

from guantong.orgs.division import TIERS, Tier
from guantong.orgs.errors import NotARole, UnknownLine, UnknownTier
from guantong.orgs.line import AREA, lines


@dataclass(frozen=True, slots=True)
class Role:
    """Whose work something is, before one knows where."""

    line: str
    tier: Tier

    @classmethod
    def parse(cls, text: str) -> "Role":
        """Return ``text`` as a role, or refuse with the nearest word that is known."""
        line, at, tier = text.partition("@")
        if not at or not line or not tier:
            raise NotARole(text=text)
        known = (AREA, *lines())
        if line not in known:
            raise UnknownLine(line=line, role=text, nearest=_nearest(line, known))
        if tier not in TIERS:
            raise UnknownTier(tier=tier, role=text, nearest=_nearest(tier, TIERS))
        return cls(line, tier)

    def __str__(self) -> str:
        return f"{self.line}@{self.tier}"


def _nearest(word: str, known: tuple[str, ...]) -> str:
    """Return the known word most like ``word``, or all of them when none is like it."""
    found = difflib.get_close_matches(word, known, n=1)
    return found[0] if found else ", ".join(known)
