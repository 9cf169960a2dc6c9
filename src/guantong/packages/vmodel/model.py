"""What ``vmodel.yaml`` says, as values: goals, the tasks that serve them, the units of work.

The file is closed by its schema before it gets here. That what it names exists is not decided
here: ``completeness`` counts it, and the doctor asks it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal

from guantong.bpmn.api import duration

CarrierKind = Literal["step", "item", "rule", "signal", "dataset", "indicator", "form"]

# The key of vmodel.yaml under which each kind of alternative stands, and that of its part.
_KEYS: tuple[tuple[CarrierKind, str, str], ...] = (
    ("step", "flow", "node"),
    ("item", "plan", "item"),
    ("rule", "rule", ""),
    ("signal", "signal", ""),
    ("dataset", "dataset", ""),
    ("indicator", "indicator", ""),
    ("form", "form", ""),
)


@dataclass(frozen=True, slots=True)
class Carrier:
    """One declared alternative that carries a unit of work out: a step, an item, a rule, …

    ``name`` is the id of the process, plan or thing (of a rule the path), ``part`` a step or item.
    """

    kind: CarrierKind
    name: str
    part: str = ""

    @property
    def file(self) -> "Carrier":
        """Return the process or plan this is a part of; anything else is whole by itself."""
        return Carrier(self.kind, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What the application is for: an indicator and the value it must reach, at least or at most.

    ``by`` is the day it must be reached; without one it holds from the first day on.
    """

    id: str
    title: str
    indicator: str
    at_least: float | None
    at_most: float | None
    by: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is said of data that exist nowhere yet: of which class, who should have them, why."""

    title: str
    classification: str
    source: str
    purpose: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Which fields of one dataset a unit of work needs.

    With ``wanted`` nobody has such data yet; ``dataset`` is the name by which they are asked for.
    """

    dataset: str
    fields: tuple[str, ...]
    wanted: Wanted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkUnit:
    """A unit of work (最小单元): the smallest piece that one unit of government answers for."""

    id: str
    title: str
    role: str
    helpers: tuple[str, ...]
    done_by: tuple[Carrier, ...]
    needs: tuple[Need, ...]
    limit: timedelta | None
    basis: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTask:
    """One task (任务) on the way from goals to units of work."""

    id: str
    title: str
    serves: tuple[str, ...]
    units: tuple[WorkUnit, ...]


@dataclass(frozen=True, kw_only=True)
class VModel:
    """The whole left arm of the V."""

    goals: tuple[Goal, ...]
    tasks: tuple[WorkTask, ...]

    @cached_property
    def units(self) -> Mapping[str, WorkUnit]:
        """Return every unit of work by its id, in the order of the file."""
        return {unit.id: unit for task in self.tasks for unit in task.units}

    @cached_property
    def task_of(self) -> Mapping[str, WorkTask]:
        """Return the task each unit of work belongs to."""
        return {unit.id: task for task in self.tasks for unit in task.units}

    @cached_property
    def unit_of(self) -> Mapping[Carrier, str]:
        """Return the unit of work that each alternative carries out; the first that names it."""
        found: dict[Carrier, str] = {}
        for unit in self.units.values():
            for carrier in unit.done_by:
                found.setdefault(carrier, unit.id)
        return found


def read_model(data: Mapping[str, Any]) -> VModel:
    """Return what a vmodel.yaml that keeps its schema says."""
    return VModel(
        goals=tuple(_goal(given) for given in data["goals"]),
        tasks=tuple(
            WorkTask(
                id=given["id"], title=given["title"], serves=tuple(given["serves"]),
                units=tuple(_unit(unit) for unit in given["units"]),
            )
            for given in data["tasks"]
        ),
    )  # fmt: skip


def _goal(given: Mapping[str, Any]) -> Goal:
    target = given["target"]
    return Goal(
        id=given["id"], title=given["title"], indicator=given["indicator"],
        at_least=target.get("at_least"), at_most=target.get("at_most"), by=_day(given.get("by")),
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    """Return a day; one that is in no calendar is no day, and its file is the doctor's to tell."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None


def _unit(given: Mapping[str, Any]) -> WorkUnit:
    return WorkUnit(
        id=given["id"], title=given["title"], role=given["role"],
        helpers=tuple(given.get("with", ())),
        done_by=tuple(read_carriers(given["done_by"])),
        needs=tuple(read_needs(given["needs"])),
        limit=duration(given["limit"]), basis=given["basis"],
    )  # fmt: skip


def read_needs(given: list[Mapping[str, Any]]) -> Iterator[Need]:
    """Yield what one unit of work needs, in the order of the file."""
    for one in given:
        wanted = None
        if "wanted" in one:
            wanted = Wanted(
                title=one["title"], classification=one["classification"], source=one["source"],
                purpose=one["purpose"],
            )  # fmt: skip
        fields = tuple(one["fields"])
        yield Need(dataset=one["wanted" if wanted else "dataset"], fields=fields, wanted=wanted)


def read_carriers(given: list[Mapping[str, str]]) -> Iterator[Carrier]:
    """Yield the alternatives of one unit of work, in the order of the file."""
    for one in given:
        kind, key, part = next(found for found in _KEYS if found[1] in one)
        yield Carrier(kind, one[key], one.get(part, ""))
