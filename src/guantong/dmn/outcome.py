"""What a decision gives: its value, and why.

A decision without reasons cannot be appealed, so the reasons are part of the answer and not a
log beside it. A boxed expression keeps the outcomes of its parts, a decision those of the
decisions it required, so that any figure can be followed down to the row that gave it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

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


class Reasons(Protocol):
    """What puts together a field of an outcome that nobody has read yet."""

    def read(self, name: str, rule: int, values: Sequence[Value]) -> Any:
        """Return the field of this name, for the rule that hit (0: none) and the values asked."""
        ...


class _ReadLater:
    """Fields that are not set are put together when they are first read, and kept."""

    __slots__ = ("_later",)
    _later: tuple[Reasons, int, Sequence[Value]]

    def __getattr__(self, name: str) -> Any:
        # Python comes here for what is not set only.
        if name not in _FIELDS:
            raise AttributeError(name)
        reasons, rule, values = self._later
        made = reasons.read(name, rule, values)
        object.__setattr__(self, name, made)
        return made


@dataclass(frozen=True, slots=True)
class Outcome(_ReadLater):
    """The value of a decision with the rules that led to it and the inputs they looked at.

    Most records of many are asked for their value only; ``later`` makes an outcome whose reasons
    are put together when they are read, and read as if they had been there from the beginning.
    """

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


_FIELDS = frozenset(each.name for each in fields(Outcome))
# The slots themselves: the outcome is frozen, and a record is worth no seven checked assignments.
new_outcome: Callable[[type[Outcome]], Outcome] = object.__new__
set_value: Callable[[Outcome, Value], None] = vars(Outcome)["value"].__set__
set_later: Callable[[Outcome, tuple[Reasons, int, Sequence[Value]]], None] = vars(_ReadLater)[
    "_later"
].__set__
