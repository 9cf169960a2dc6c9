"""Front door of the process engine: read a file, examine it, move its tokens."""

from guantong.bpmn.carriage import Carriage, Fault, carried_markings, examine_carriage, places_of
from guantong.bpmn.diagram import Box, Shape
from guantong.bpmn.duration import duration
from guantong.bpmn.examine import examine
from guantong.bpmn.finding import Finding
from guantong.bpmn.graph import Flow, Graph, Kind, Lane, Node
from guantong.bpmn.marking import Marking, places_in, reachable
from guantong.bpmn.reading import read
from guantong.bpmn.soundness import avoiding, onward, soundness
from guantong.bpmn.state import (
    Effect,
    Ended,
    Finished,
    RuleAsked,
    ServiceCalled,
    State,
    Step,
    Stuck,
    TaskCancelled,
    TaskOpened,
    TimerCancelled,
    TimerSet,
    Token,
)
from guantong.bpmn.walk import begin, complete, fire_boundary

__all__ = [
    "Box",
    "Carriage",
    "Effect",
    "Ended",
    "Fault",
    "Finding",
    "Finished",
    "Flow",
    "Graph",
    "Kind",
    "Lane",
    "Marking",
    "Node",
    "RuleAsked",
    "ServiceCalled",
    "Shape",
    "State",
    "Step",
    "Stuck",
    "TaskCancelled",
    "TaskOpened",
    "TimerCancelled",
    "TimerSet",
    "Token",
    "avoiding",
    "begin",
    "carried_markings",
    "complete",
    "duration",
    "examine",
    "examine_carriage",
    "fire_boundary",
    "onward",
    "places_in",
    "places_of",
    "reachable",
    "read",
    "soundness",
]
