"""What a decision gives: its value, and why.

A decision without reasons cannot be appealed, so the reasons are part of the answer and not a
log beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

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
