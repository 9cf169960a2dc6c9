"""What is wrong, or doubtful, in a process that could be read.

A finding names the rule (``code``), the element and its line; its sentence is in ``messages``.
An *error* breaks the standard or leaves a token without a way on. A *warning* is lawful BPMN
that serves nobody here: a process no case can begin, a wait nobody answers for, a gateway that
may find no way. Those who accept processes decide which warnings they accept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from guantong.base import words

WARNINGS = frozenset(
    {
        "no-start",
        "several-starts",
        "no-end",
        "no-default",
        "no-role",
        "no-limit",
        "setting-misspelt",
    }
)


@dataclass(frozen=True)
class Finding:
    """One thing found in a process; ``facts`` fill further places of its sentence."""

    code: str
    element: str
    line: int
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def level(self) -> str:
        """Return ``error`` or ``warning``."""
        return "warning" if self.code in WARNINGS else "error"

    def sentence(self, language: str = "en") -> str:
        """Return what was found, why it matters and what to do next."""
        key = f"finding.bpmn.{self.code}"
        return words.say(key, language, element=self.element, line=self.line, **self.facts)
