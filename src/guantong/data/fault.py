"""A row, what is wrong with a row, and a batch of both.

A fault keeps its code and its facts, not its sentence, so that quarantine can be read in
either language years later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from guantong.base import words

Value = str | int | float | bool | date | datetime | None

# Classes from which a value may be shown in a sentence: L3 and L4 hold personal or secret data.
_SHOWN = (None, "L1", "L2")
_MOST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: where (line as an editor counts, column as the file names it) and what."""

    code: str
    line: int | None = None
    column: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str = "en") -> str:
        """Return where, what and what to do, in ``zh-CN`` or ``en``."""
        what = words.say(f"data.fault.{self.code}", language, **self.facts)
        if self.line is None:
            return what
        place = "line" if self.column is None else "cell"
        where = words.say(f"data.place.{place}", language, line=self.line, column=self.column)
        return words.say("data.place.then", language, where=where, what=what)


@dataclass(frozen=True, slots=True)
class Row:
    """A row that keeps its contract: each column of the contract with its value."""

    line: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that does not, as it came, with every reason."""

    line: int
    raw: Mapping[str, object]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What was read in one go."""

    dialect: str
    rows: tuple[Row, ...]
    rejected: tuple[Rejected, ...]


def shown(value: object, classification: str | None = None) -> str:
    """Return ``value`` fit for a sentence: short, on one line, and hidden where it is personal."""
    if classification not in _SHOWN:
        return "…"
    text = "".join(c if c.isprintable() else "�" for c in str(value)[: _MOST_SHOWN + 1])
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"
