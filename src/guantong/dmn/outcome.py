"""What a decision gives: its value, and why.

A decision without reasons cannot be appealed, so the reasons are part of the answer and not a
log beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, Protocol

from guantong.feel.api import Value


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
    """Why a table has no value although rules hit: the name of the fault and the rules."""

    code: str
    rules: tuple[str, ...]


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


_FIELDS = frozenset(each.name for each in fields(Outcome))
# The slots themselves: the outcome is frozen, and a record is worth no seven checked assignments.
new_outcome: Callable[[type[Outcome]], Outcome] = object.__new__
set_value: Callable[[Outcome, Value], None] = vars(Outcome)["value"].__set__
set_later: Callable[[Outcome, tuple[Reasons, int, Sequence[Value]]], None] = vars(_ReadLater)[
    "_later"
].__set__
