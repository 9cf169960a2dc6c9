"""The answer: allowed or not, which rows, which fields stay masked, and the sentence why.

A value that pages, files and streams carry about. How it comes about is ``rules``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from guantong.access.actor import Actor, PostHeld
from guantong.access.errors import Refused
from guantong.access.fields import PERSONAL
from guantong.access.roles import PackageRole
from guantong.access.rows import Rows
from guantong.access.thing import Thing
from guantong.base.words import say

NO_ROWS = Rows()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer, with all that is needed to explain it and to record a refusal."""

    allowed: bool
    rows: Rows = NO_ROWS
    # The classes of fields that stay hidden: nothing personal is shown by default.
    masks: frozenset[str] = PERSONAL
    reason: str
    actor: Actor
    act: str
    thing: Thing
    realm: str
    purpose: str | None = None
    # The rule that settled it, the post that opened the way, and the package's role if it was one.
    rule: str = ""
    post: PostHeld | None = None
    role: PackageRole | None = None
    # Places of the sentence; a value may be a mapping from language to word.
    facts: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """Return why, and for a refusal who may and whom to ask."""
        places: dict[str, object] = {
            "kind": say(f"access.kind.{self.thing.kind}", language),
            "act": say(f"access.act.{self.act}", language),
            "ask": say("access.ask", language),
            "place": self.thing.division_code or say("access.place", language),
        }
        for key, value in self.facts.items():
            places[key] = value[language] if isinstance(value, Mapping) else value
        return say(f"access.{self.reason}", language, **places)

    def or_refuse(self) -> "Decision":
        """Return this decision when it allows; raise ``Refused`` when it does not."""
        if not self.allowed:
            raise Refused(self)
        return self
