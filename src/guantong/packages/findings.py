"""A finding: one thing that is wrong, or doubtful, in a package, with the way to mend it.

An *error* keeps the package from being carried out; a *warning* leaves a decision to its
makers. Facts that can say their own sentence (the refusal of an engine, a gap in the
province) are asked for it in the reader's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from guantong.base import words

Level = Literal["error", "warning"]


@runtime_checkable
class Speaks(Protocol):
    """Whatever says in both languages what is the matter."""

    def sentence(self, language: str = ...) -> str:
        """Return the sentence in ``zh-CN`` or ``en``."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One answer to one question of the doctor. ``line`` counts from 1; 0 is the whole file."""

    check: str
    path: str
    line: int
    level: Level
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str = "en") -> str:
        """Return what was found and what to do about it."""
        said = {
            name: fact.sentence(language) if isinstance(fact, Speaks) else fact
            for name, fact in self.facts.items()
        }
        return words.say(f"doctor.{self.check}.{self.code}", language, **said)


def in_order(findings: list[Finding]) -> list[Finding]:
    """Return findings file by file and line by line, each once."""
    found = {(f.path, f.line, f.check, f.code, repr(f.facts)): f for f in findings}
    return [found[key] for key in sorted(found)]
