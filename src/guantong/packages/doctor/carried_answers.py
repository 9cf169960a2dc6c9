"""What a case has been told, carried over to another release: does it fit, and is it enough?

Types and choices of the answers, answers that the new process asks for after the case has passed
the step that gives them, and work that is accepted by somebody who must know who did it (P2).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from guantong.bpmn.api import (
    Carriage,
    Graph,
    Kind,
    Marking,
    Node,
    avoiding,
    carried_markings,
    places_in,
    reachable,
)
from guantong.feel.api import names_in
from guantong.flows.api import CaseRole, Variable
from guantong.forms.api import Field
from guantong.packages.doctor.known import ALERT_LEVEL, CHANGE
from guantong.packages.doctor.subject import Subject
from guantong.packages.moving import variables_of
from guantong.packages.nearest import nearest

# The kernel keeps these in every case.
_ALWAYS = frozenset({ALERT_LEVEL, "times"})
_PYTHON: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Unfit:
    """What does not fit, and under which keys of the entry it is told."""

    code: str
    keys: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class Carried:
    """A process of an earlier release, the same of this one, and how one goes over to the other."""

    old: Subject
    new: Subject
    carriage: Carriage
    said: Mapping[str, Any]

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """Return the variables that are declared, by their new name."""
        return {one.name: one for one in variables_of(self.said)}

    @cached_property
    def old_fields(self) -> Mapping[str, Field]:
        """Return the questions of the earlier process."""
        return _fields(self.old, self.carriage.old)

    @cached_property
    def new_fields(self) -> Mapping[str, Field]:
        """Return the questions of the process of this release."""
        return _fields(self.new, self.carriage.new)

    @cached_property
    def pairs(self) -> Mapping[Marking, Marking]:
        """Return where tokens can wait at once, and where they go."""
        return carried_markings(self.carriage)[0]

    def was(self, name: str) -> str:
        """Return what the earlier release calls a variable."""
        one = self.variables.get(name)
        return name if one is None else one.was


def unfit(carried: Carried) -> Iterator[Unfit]:
    """Yield what does not fit of the variables of a case, or is missing afterwards."""
    wrong = list(_types(carried))
    yield from wrong
    if not wrong:
        yield from _missing(carried)
        yield from _unknown_doers(carried)


def _fields(subject: Subject, graph: Graph) -> dict[str, Field]:
    forms = (subject.forms.get(node.form or "") for node in graph.nodes.values())
    return {one.name: one for form in forms if form is not None for one in form.fields}


def _types(carried: Carried) -> Iterator[Unfit]:
    for name, one in carried.variables.items():
        keys: tuple[str, ...] = ("variables", name)
        if name not in carried.new_fields:
            near = nearest(name, carried.new_fields)
            yield Unfit(code="no-variable", keys=keys, facts={"name": name, "near": near})
        elif one.was not in carried.old_fields and (one.was != name or one.default is None):
            near = nearest(one.was, carried.old_fields)
            yield Unfit(code="no-old-variable", keys=keys, facts={"name": one.was, "near": near})
        elif one.default is not None and not _takes(carried.new_fields[name], one.default):
            facts = {"name": name, "value": str(one.default)}
            yield Unfit(code="default", keys=(*keys, "default"), facts=facts)
    for name, question in carried.new_fields.items():
        before = carried.old_fields.get(carried.was(name))
        if before is None:
            continue
        declared = name in carried.variables
        keys = ("variables", name) if declared else ("steps",)
        if before.type != question.type and (before.type, question.type) != ("integer", "number"):
            facts = {"name": name, "was": before.type, "now": question.type}
            yield Unfit(code="type", keys=keys, facts=facts)
        elif lost := _lost(carried, name, before, question):
            facts = {"name": name, "values": ", ".join(lost)}
            yield Unfit(code="choices", keys=keys, facts=facts)


def _lost(carried: Carried, name: str, before: Field, question: Field) -> list[str]:
    """Return the answers the earlier form took and the new one does not."""
    if not question.options:
        return []
    offered = {option.value for option in question.options}
    if not before.options:
        return ["*"]
    renamed = carried.variables[name].values if name in carried.variables else {}
    values = (option.value for option in before.options)
    return [value for value in values if renamed.get(value, value) not in offered]


def _takes(question: Field, value: object) -> bool:
    """Say whether a value could be an answer to a question."""
    offered = {option.value for option in question.options}
    right = isinstance(value, _PYTHON.get(question.type, ()))
    # A truth value is a whole number to Python, and to nobody else.
    kept = right and (question.type == "boolean" or not isinstance(value, bool))
    return kept and (not offered or value in offered)


def _missing(carried: Carried) -> Iterator[Unfit]:
    """Yield what the new process reads of a case that nobody was asked on the way it has gone."""
    new, told = carried.carriage.new, set[tuple[str, str]]()
    for reader, name in _reads(new):
        default = carried.variables.get(name)
        if name in _ALWAYS or (default is not None and default.default is not None):
            continue
        giving = _giving(carried.new, new, name)
        for old, made in carried.pairs.items():
            if reader not in reachable(new, made, giving) or _known(carried, old, name):
                continue
            place = _names(carried.carriage.old, old)
            if (reader, name) not in told:
                told.add((reader, name))
                facts = {"name": name, "reader": reader, "tokens": ", ".join(place)}
                yield Unfit(code="unasked", keys=("steps", place[0]), facts=facts)


def _reads(graph: Graph) -> Iterator[tuple[str, str]]:
    """Yield each node that reads a variable, with its name."""
    for flow in graph.flows.values():
        for name in sorted(names_in(flow.condition)) if flow.condition is not None else ():
            yield flow.source, name
    for node in graph.nodes.values():
        variable = CaseRole(node.role).variable if node.kind is Kind.USER and node.role else None
        if variable is not None:
            yield node.id, variable


def _giving(subject: Subject, graph: Graph, name: str) -> set[str]:
    return {node.id for node in graph.nodes.values() if _gives(subject, node, name)}


def _gives(subject: Subject, node: Node, name: str) -> bool:
    if name == CHANGE:
        return node.service == "watch_alert"
    form = subject.forms.get(node.form or "")
    asked = {one.name for one in form.fields} if form is not None else set()
    return name in asked or node.result == name


def _known(carried: Carried, old: Marking, name: str) -> bool:
    """Say whether a case with its tokens there has surely been told a variable."""
    giving = _giving(carried.old, carried.carriage.old, carried.was(name))
    return bool(giving) and _passed(carried.carriage.old, old, giving)


def _passed(graph: Graph, marking: Marking, steps: set[str]) -> bool:
    """Say whether one of these steps is surely done where tokens wait at these places."""
    open_ = avoiding(graph, steps)
    ways = (graph.flows[flow] for flow, _ in places_in(marking))
    return any(
        way.target not in open_ or way.source not in open_ or way.source in steps for way in ways
    )


def _unknown_doers(carried: Carried) -> Iterator[Unfit]:
    """Yield steps that accept, or keep apart from, work nobody knows who did in a moved case."""
    new, old = carried.carriage.new, carried.carriage.old
    told: set[str] = set()
    for node in new.nodes.values():
        for work in {node.verifies, node.separate} - {None}:
            assert work is not None, "none was taken out"
            before = {place for place, to in carried.carriage.goes.items() if to == work}
            if not before and work in old.nodes:
                before = {work}
            for marking, made in carried.pairs.items():
                if node.id in told or node.id not in reachable(new, made, {work}):
                    continue
                if not before or not _passed(old, marking, before):
                    told.add(node.id)
                    place = _names(old, marking)
                    facts = {"step": node.id, "work": work, "tokens": ", ".join(place)}
                    yield Unfit(code="doer-unknown", keys=("steps", place[0]), facts=facts)


def _names(graph: Graph, marking: Marking) -> list[str]:
    return sorted({graph.flows[flow].target for flow, _ in places_in(marking)})
