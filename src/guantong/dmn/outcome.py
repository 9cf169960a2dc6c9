"""What a decision gives: its value, and why.

A decision without reasons cannot be appealed, so the reasons are part of the answer and not a
log beside it. A boxed expression keeps the outcomes of its parts, a decision those of the
decisions it required, so that any figure can be followed down to the row that gave it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from guantong.feel.api import Value

_NO_FACTS: Mapping[str, object] = MappingProxyType({})


class Match(NamedTuple):
    """One cell of a rule that matched; ``-`` cells match everything and are left out."""

    label: str
    text: str
    value: Value
    input_id: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that hit: its id, its number counted from 1, its annotation, the cells."""

    rule_id: str
    index: int
    annotation: str
    cells: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value is null that should not be: the name of the fault, the rules, what was found."""

    code: str
    rules: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=lambda: _NO_FACTS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The value of a decision with the rules that led to it and the inputs they looked at."""

    decision_id: str
    name: str
    value: Mapping[str, Value] | Value
    hits: tuple[Hit, ...] = ()
    inputs: tuple[tuple[str, Value], ...] = ()
    by_table: bool = False
    fault: Fault | None = None
    kind: str = "expression"  # of the logic: table, context, invocation, conditional, …
    parts: tuple["Outcome", ...] = ()  # of a boxed expression, and of the knowledge it called
    facts: Mapping[str, object] = field(
        default_factory=lambda: _NO_FACTS
    )  # what the sentence of this kind tells
    before: tuple["Outcome", ...] = ()  # of the decisions that were required
    input_faults: tuple[Fault, ...] = ()  # inputs that were taken as null, and why

    def all_hits(self) -> Iterator[Hit]:
        """Yield the rules that hit, then those of the parts and of the decisions before it."""
        yield from self.hits
        for each in (*self.parts, *self.before):
            yield from each.all_hits()

    def faults(self) -> Iterator[Fault]:
        """Yield every fault there was, those of parts and required decisions included."""
        yield from self.input_faults
        if self.fault is not None:
            yield self.fault
        for each in (*self.before, *self.parts):
            yield from each.faults()
