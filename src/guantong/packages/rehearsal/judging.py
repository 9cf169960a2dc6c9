"""Is it as the scenario says? Pure: what must be true, and what there is, give a verdict.

``in`` is a division with all that lies in it. ``count`` says how many exactly; without it, one is
enough. An alert *reaches* a level when its highest level so far stands as high or higher.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guantong.orgs.api import covers

# So many of what was found are told; a report is read by people.
MOST_TOLD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFact:
    """An alert, as far as it is judged."""

    signal: str
    division_code: str
    highest_level: str
    state: str
    feedback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact:
    """A case, and the end events its tokens came to."""

    flow: str
    division_code: str
    state: str
    ends: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFact:
    """How many tasks of one step or item are in one state in one division."""

    task: str
    division_code: str
    state: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What there is in a realm at one instant. ``levels`` are those of each signal, rising."""

    alerts: Sequence[AlertFact] = ()
    cases: Sequence[CaseFact] = ()
    tasks: Sequence[TaskFact] = ()
    figures: Mapping[tuple[str, str], float | None] = field(default_factory=dict)
    levels: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a wish came true, and what was found instead, as plain values."""

    held: bool
    found: Mapping[str, Any]


def judge(wish: Mapping[str, Any], world: World) -> Verdict:
    """Judge one entry of ``then``."""
    kind = kind_of(wish)
    return _JUDGES[kind](wish[kind], world)


def kind_of(wish: Mapping[str, Any]) -> str:
    """Return what an entry of ``then`` is about: alert, case, task or figure."""
    return next(kind for kind in _JUDGES if kind in wish)


def _counted(wanted: Mapping[str, Any], count: int) -> bool:
    expected: int | None = wanted.get("count")
    return count >= 1 if expected is None else count == expected


def _within(wanted: Mapping[str, Any], place: str) -> bool:
    return "in" not in wanted or covers(wanted["in"], place)


def _alert(wanted: Mapping[str, Any], world: World) -> Verdict:
    about = [
        alert
        for alert in world.alerts
        if alert.signal == wanted["signal"] and _within(wanted, alert.division_code)
    ]
    levels = list(world.levels.get(wanted["signal"], ()))

    def fits(alert: AlertFact) -> bool:
        if "feedback" in wanted and alert.feedback != wanted["feedback"]:
            return False
        if "reaches" not in wanted:
            return True
        return _rank(alert.highest_level, levels) >= _rank(wanted["reaches"], levels)

    count = sum(map(fits, about))
    seen = [[a.division_code, a.highest_level, a.feedback] for a in about[:MOST_TOLD]]
    return Verdict(held=_counted(wanted, count), found={"count": count, "seen": seen})


def _rank(level: str, levels: Sequence[str]) -> int:
    return levels.index(level) + 1 if level in levels else 0


def _case(wanted: Mapping[str, Any], world: World) -> Verdict:
    about = [
        case
        for case in world.cases
        if case.flow == wanted["flow"] and _within(wanted, case.division_code)
    ]
    closed = [case for case in about if case.state == "closed"]
    if "ends_at" in wanted:
        count = sum(wanted["ends_at"] in case.ends for case in closed)
    else:
        count = len(about)
    ends = _tally((end, 1) for case in closed for end in sorted(case.ends))
    found = {"count": count, "open": len(about) - len(closed), "ends": ends}
    return Verdict(held=_counted(wanted, count), found=found)


def _task(wanted: Mapping[str, Any], world: World) -> Verdict:
    about = [
        task
        for task in world.tasks
        if task.task == wanted["task"] and _within(wanted, task.division_code)
    ]
    count = sum(task.count for task in about if task.state == wanted["state"])
    states = _tally((task.state, task.count) for task in about)
    return Verdict(held=_counted(wanted, count), found={"count": count, "states": states})


def _figure(wanted: Mapping[str, Any], world: World) -> Verdict:
    value = world.figures.get((wanted["indicator"], wanted.get("in", "")))
    held = value is not None and all(
        name not in wanted or holds(value, float(wanted[name])) for name, holds in _BOUNDS.items()
    )
    return Verdict(held=held, found={"value": value})


# As near as a figure is computed: a mean of thirds equals what is written with nine digits.
_NEAR = 1e-9
_BOUNDS: Mapping[str, Callable[[float, float], bool]] = {
    "equals": lambda value, bound: abs(value - bound) <= _NEAR * max(1.0, abs(bound)),
    "at_least": lambda value, bound: value >= bound,
    "at_most": lambda value, bound: value <= bound,
}


def _tally(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, count in pairs:
        found[name] = found.get(name, 0) + count
    return dict(sorted(found.items()))


_JUDGES: Mapping[str, Callable[[Mapping[str, Any], World], Verdict]] = {
    "alert": _alert, "case": _case, "task": _task, "figure": _figure,
}  # fmt: skip
