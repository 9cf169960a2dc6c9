"""The compiled process: nodes, flows and lanes, immutable, ready for the token rules.

Values only. How they are read from a file is ``reading``; what they make tokens do is ``walk``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from guantong.bpmn.diagram import Shape
from guantong.bpmn.finding import Finding
from guantong.feel.api import Expression

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Kind(StrEnum):
    """What a node is; the value is the name of its element in BPMN 2.0."""

    START = "startEvent"
    END = "endEvent"
    USER = "userTask"
    MANUAL = "manualTask"
    SERVICE = "serviceTask"
    RULE = "businessRuleTask"
    EXCLUSIVE = "exclusiveGateway"
    PARALLEL = "parallelGateway"
    TIMER = "intermediateCatchEvent"
    BOUNDARY = "boundaryEvent"


# Activities at which a token rests until the world outside answers; only these can carry a
# boundary timer, because nothing can interrupt what takes no time.
WAITING_ACTIVITIES = frozenset({Kind.USER, Kind.SERVICE, Kind.RULE})


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. ``condition`` is parsed FEEL, ``condition_text`` what was written."""

    id: str
    source: str
    target: str
    line: int
    name: str = ""
    condition: Expression | None = None
    condition_text: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """One flow node. What does not apply to its kind is empty or none.

    ``duration`` belongs to timers, ``attached_to`` and ``interrupting`` to boundary timers,
    ``boundaries`` are the ids of the boundary timers on an activity, in the order of the file.
    ``settings`` holds each ``guantong:*`` attribute as it was written, by its local name.
    """

    id: str
    kind: Kind
    line: int
    name: str = ""
    incoming: tuple[Flow, ...] = ()
    outgoing: tuple[Flow, ...] = ()
    boundaries: tuple[str, ...] = ()
    default: str | None = None
    duration: timedelta | None = None
    attached_to: str | None = None
    interrupting: bool = True
    lane: str | None = None
    role: str | None = None
    form: str | None = None
    limit: timedelta | None = None
    verifies: str | None = None
    separate: str | None = None
    service: str | None = None
    decision: str | None = None
    result: str | None = None
    settings: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane: the role that answers for its nodes, such as ``emergency@county``."""

    id: str
    name: str
    role: str
    nodes: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Graph:
    """One executable process. ``source`` is the file byte for byte, ``faults`` what breaks it.

    A graph with faults can be drawn and examined, never begun.
    """

    process_id: str
    name: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: Mapping[str, Lane]
    shapes: Mapping[str, Shape]
    source: bytes = field(repr=False)
    line: int = 0
    faults: tuple[Finding, ...] = ()

    @cached_property
    def starts(self) -> tuple[Node, ...]:
        """Return the start events in the order of the file."""
        return tuple(node for node in self.nodes.values() if node.kind is Kind.START)
