"""How a running case goes over to another release of its package: what is declared, as rules.

Pure: which cases go (their places and a condition say so), what their variables are called
afterwards, and under which step the log of who did what goes on. What becomes of tasks and timers
is ``moving``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guantong.bpmn.api import Carriage, Graph, Node, State
from guantong.feel.api import Expression, FeelTooMuch
from guantong.flows.process import Process
from guantong.flows.steps import AWAITED_SERVICES

# What a condition may ask of a case besides its variables.
OF_CASE = frozenset({"level", "division_code"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable of the new process: what it was called before, and what it is where none is."""

    name: str
    was: str
    default: Any = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """How the cases of one process go over from one release to another."""

    old: Process
    new: Process
    carriage: Carriage
    condition: Expression | None = None
    variables: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingCase:
    """A case as far as it decides whether it goes over."""

    state: State
    data: Mapping[str, Any]
    level: str
    division_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a case: where its tokens go, or why it stays.

    ``why``: ``step`` (one of its places is declared to stay), ``condition``, ``holder`` (whoever
    has accepted a task may not do the new one), ``release`` (it is another's by now).
    """

    state: State | None
    why: str = ""
    place: str = ""


def rests(node: Node) -> bool:
    """Say whether a token can wait at a service."""
    return node.service in AWAITED_SERVICES


def verdict(move: Move, case: MovingCase) -> Verdict:
    """Return whether a case goes over, and where its tokens stand then."""
    place = move.carriage.stays_at(case.state)
    if place is not None:
        return Verdict(state=None, why="step", place=place)
    if move.condition is not None and not _holds(move.condition, case):
        return Verdict(state=None, why="condition")
    return Verdict(state=move.carriage.carried(case.state))


def _holds(condition: Expression, case: MovingCase) -> bool:
    given = {**case.data, "level": case.level, "division_code": case.division_code}
    try:
        return condition.evaluate(given) is True
    except FeelTooMuch:
        return False


def carried_data(move: Move, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of a case after it has gone over; what is not named stays."""
    gone = {one.was for one in move.variables if one.was != one.name}
    found = {name: value for name, value in data.items() if name not in gone}
    for one in move.variables:
        value = data.get(one.was)
        if isinstance(value, str):
            value = one.values.get(value, value)
        value = one.default if value is None else value
        if value is not None:
            found[one.name] = value
    return found | _by_step(move, data)


def _by_step(move: Move, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return who did each step, how often, and under which names it was held, by its new name."""
    names = _new_names(move)
    found: dict[str, Any] = {}
    if doers := data.get("doers"):
        found["doers"] = {names.get(step, step): who for step, who in doers.items()}
    if times := data.get("times"):
        counted: dict[str, int] = {}
        for step, count in times.items():
            counted[names.get(step, step)] = counted.get(names.get(step, step), 0) + count
        found["times"] = counted
    before: Mapping[str, list[str]] = data.get("former_steps", {})
    former: dict[str, list[str]] = {}
    for step in {*names, *before}:
        name = names.get(step, step)
        known = [*([step] if name != step else []), *before.get(step, [])]
        if known:
            former[name] = sorted({*former.get(name, []), *known})
    return found | ({"former_steps": former} if former else {})


def _new_names(move: Move) -> dict[str, str]:
    """Return the new name of each old step, and of the start: who opened a case is known by it."""
    steps = {
        old: new
        for old, new in move.carriage.goes.items()
        if new is not None and old in move.carriage.old.nodes
    }
    return {**steps, _start(move.carriage.old): _start(move.carriage.new)}


def _start(graph: Graph) -> str:
    return graph.starts[0].id
