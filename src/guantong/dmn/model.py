"""Decisions, services, knowledge: what they require, and how they are asked.

What a decision may read is what it requires and nothing else (DMN 1.5, section 10.4): a value
that happens to stand beside it would make its answer depend on who asks.
"""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from guantong.dmn.boxed import ARGUMENT_TYPE, WRONG_TYPE, LiteralExpression, Logic, typed
from guantong.dmn.conversion import converts, name_of
from guantong.dmn.errors import DmnAmbiguous, DmnNoDecision
from guantong.dmn.outcome import Fault, Outcome
from guantong.dmn.quick import Given, PlainTable, Quick, plain_table, quick_way
from guantong.dmn.table import DecisionTable
from guantong.dmn.trace import leave, traced
from guantong.feel.api import Function, Type, Value, at, bounded, spend, to_value

__all__ = ["Decision", "InputData", "Knowledge", "LiteralExpression", "Logic", "Model", "Service"]

Key: TypeAlias = tuple[str, str]  # the namespace of the file, the id of the element


@dataclass(frozen=True, slots=True)
class InputData:
    """A value that is handed in from outside."""

    key: Key
    name: str
    type: Type | None = None

    @property
    def full_name(self) -> str:
        """The name by which two inputs of one name in two files are told apart."""
        return f"{{{self.key[0]}}}{self.name}"

    def read(self, inputs: Mapping[str, object]) -> tuple[Value, Fault | None]:
        """Return the value as its type takes it, or null and the fault."""
        given = to_value(inputs.get(self.full_name, inputs.get(self.name)))
        if self.type is None:
            return given, None
        value, whole = converts(self.type, given)
        facts = {"label": self.name, "type": name_of(self.type), "value": given}
        return value, None if whole else Fault(WRONG_TYPE, (), facts)


@dataclass(frozen=True, slots=True)
class Required:
    """Something a decision reads under a path: its name, behind that of an import if it has one."""

    path: tuple[str, ...]
    thing: "InputData | Decision | Function"

    def place(self, scope: dict[str, Any], value: Value) -> None:
        """Put the value under the path."""
        for name in self.path[:-1]:
            # A copy: what stands there may be the caller's own.
            inner = scope.get(name)
            scope[name] = dict(inner) if isinstance(inner, Mapping) else {}
            scope = scope[name]
        scope[self.path[-1]] = value


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision with everything it requires, in the order in which it is worked out."""

    id: str
    name: str
    logic: Logic
    before: tuple["Decision", ...]  # every required decision, each after those it requires
    functions: Mapping[str, Function]  # business knowledge models by name
    inputs: tuple[str, ...]  # names of the input data it requires, itself or through others
    key: Key = ("", "")
    type: Type | None = None
    requires: tuple[Required, ...] = ()
    open: bool = True  # a file without any input data: every name handed in may be read
    plain: PlainTable | None = field(init=False, repr=False, compare=False)
    _quick: Quick | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        plain = self._plain()
        object.__setattr__(self, "plain", plain)
        object.__setattr__(self, "_quick", quick_way(plain) if plain is not None else None)

    def _plain(self) -> PlainTable | None:
        table, given = self.logic, {}
        for each in self.requires:
            if not isinstance(each.thing, InputData) or each.path != (each.thing.name,):
                return None
            given[each.thing.name] = Given(each.thing.full_name, each.thing.type)
        if not isinstance(table, DecisionTable) or self.before or self.functions:
            return None
        return plain_table(table, (self.id, self.name), given, self.type, open_=self.open)

    @property
    def calls(self) -> bool:
        """Say whether it may call knowledge, its own or that of another file."""
        return any(type(each.thing) is Function for each in self.requires)

    def decide(self, inputs: Mapping[str, object], *, now: datetime | None = None) -> Outcome:
        """Return value and reasons; required decisions are worked out first.

        ``now()`` and ``today()`` answer ``now``, and are null without it.
        """
        quick = self._quick
        if quick is not None:
            outcome = quick(inputs)
            if outcome is not None:
                return outcome
        with bounded(self.name):
            if now is None:
                return _Run(inputs).decided(self)
            with at(now):
                return _Run(inputs).decided(self)


@dataclass(frozen=True, slots=True)
class Service:
    """A decision service: decisions that are asked together and hide how they are worked out."""

    id: str
    name: str
    outputs: tuple[Decision, ...]
    parameters: tuple[InputData, ...]  # input data, then input decisions, whose values are given
    order: tuple[Decision, ...]  # what has to be worked out for the outputs, in this order
    type: Type | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of what is handed in."""
        return tuple(parameter.name for parameter in self.parameters)

    def decide(self, inputs: Mapping[str, object], *, now: datetime | None = None) -> Outcome:
        """Return the value of the output decision, or a context of the values of several."""
        with bounded(self.name):
            if now is None:
                return self._asked(inputs)
            with at(now):
                return self._asked(inputs)

    def _asked(self, inputs: Mapping[str, object]) -> Outcome:
        given, faults = {}, []
        for parameter in self.parameters:
            given[parameter.key], fault = parameter.read(inputs)
            faults += [fault] if fault is not None else []
        return replace(self._decided(given), input_faults=tuple(faults))

    def called(self, *values: Value) -> Value:
        """Return the value for these arguments; one of another type makes it null."""
        given: dict[Key, Value] = {}
        for parameter, value in zip(self.parameters, values, strict=True):
            made, whole = converts(parameter.type, value)
            if not whole:
                return _refuse_argument(self, parameter.name, parameter.type, value)
            given[parameter.key] = made
        outcome = self._decided(given)
        leave(outcome)
        return outcome.value

    def _decided(self, given: Mapping[Key, Value]) -> Outcome:
        run = _Run({}, given)
        for decision in self.order:
            run.work_out(decision)
        parts = tuple(run.outcomes[decision.key] for decision in self.outputs)
        values = {part.name: part.value for part in parts}
        value = parts[0].value if len(parts) == 1 else values
        outcome = Outcome(self.id, self.name, value, kind="service", parts=parts)
        return typed(outcome, self.type)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model: logic with parameters, known to those who require it."""

    id: str
    name: str
    parameters: tuple[tuple[str, Type | None], ...]
    logic: Logic
    result: Type | None

    def called(self, names: Mapping[str, object], *values: Value) -> Value:
        """Return the value for these arguments; one of another type makes it null."""
        spend(self.logic.cost)
        own: dict[str, Value] = {}
        for (name, kind), value in zip(self.parameters, values, strict=True):
            own[name], whole = converts(kind, value)
            if not whole:
                return _refuse_argument(self, name, kind, value)
        with traced() as calls:
            outcome = self.logic.decide(ChainMap(own, names))  # type: ignore[arg-type]  # only read
        outcome = typed(replace(outcome, decision_id=self.id, name=self.name), self.result)
        given = outcome.inputs or tuple(own.items())
        leave(replace(outcome, inputs=given, parts=(*outcome.parts, *calls)))
        return outcome.value


@dataclass(frozen=True, slots=True)
class Model:
    """All decisions of one file, its services, and the knowledge they share."""

    id: str
    name: str
    decisions: tuple[Decision, ...]
    services: tuple[Service, ...] = ()
    knowledge: tuple[Knowledge, ...] = ()
    namespace: str = ""
    imports: tuple[str, ...] = ()  # the namespaces of the files it imports

    def decision(self, name_or_id: str) -> Decision:
        """Return the decision of this id, or else of this name."""
        found = _found(self.decisions, name_or_id, self.name)
        if found is None:
            known = ", ".join(decision.name for decision in self.decisions) or "-"
            raise DmnNoDecision(decision=name_or_id, model=self.name, known=known)
        return found

    def service(self, name_or_id: str) -> Service:
        """Return the decision service of this id, or else of this name."""
        found = _found(self.services, name_or_id, self.name)
        if found is None:
            known = ", ".join(service.name for service in self.services) or "-"
            raise DmnNoDecision(decision=name_or_id, model=self.name, known=known)
        return found

    def decide(
        self, name_or_id: str, inputs: Mapping[str, object], *, now: datetime | None = None
    ) -> Outcome:
        """Ask the decision, or else the decision service, of this id or name."""
        service = _found(self.services, name_or_id, self.name)
        if service is not None and _found(self.decisions, name_or_id, self.name) is None:
            return service.decide(inputs, now=now)
        return self.decision(name_or_id).decide(inputs, now=now)


_Asked = TypeVar("_Asked", Decision, Service)


def _found(things: Iterable[_Asked], name_or_id: str, model: str) -> _Asked | None:
    by_name = []
    for thing in things:
        if thing.id == name_or_id:
            return thing
        by_name += [thing] if thing.name == name_or_id else []
    if len(by_name) > 1:
        ids = ", ".join(thing.id for thing in by_name)
        raise DmnAmbiguous(where=model, name=name_or_id, ids=ids)
    return by_name[0] if by_name else None


def _refuse_argument(of: Service | Knowledge, name: str, kind: Type | None, value: Value) -> None:
    facts = {"argument": name, "type": name_of(kind), "value": value}
    leave(Outcome(of.id, of.name, None, fault=Fault(ARGUMENT_TYPE, (), facts), kind="refused"))


@dataclass(slots=True)
class _Run:
    """One evaluation: what was handed in, and what has been worked out of it."""

    inputs: Mapping[str, object]
    given: Mapping[Key, Value] = field(default_factory=dict)  # the arguments of a service
    outcomes: dict[Key, Outcome] = field(default_factory=dict)
    read: dict[Key, Value] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def decided(self, decision: Decision) -> Outcome:
        """Return the outcome of a decision with those of the decisions before it."""
        for required in decision.before:
            self.work_out(required)
        outcome = self.work_out(decision)
        before = tuple(self.outcomes[required.key] for required in decision.before)
        if before or self.faults:
            outcome = replace(outcome, before=before, input_faults=tuple(self.faults))
        return outcome

    def work_out(self, decision: Decision) -> Outcome:
        """Return the outcome of one decision; what it requires has been worked out."""
        scope: dict[str, Any] = dict(self.inputs) if decision.open else {}
        for required in decision.requires:
            required.place(scope, self._value(required.thing))
        # A box may hold a function of its own; a table calls what the decision requires.
        if decision.calls or not isinstance(decision.logic, DecisionTable):
            with traced() as calls:
                outcome = decision.logic.decide(scope)
            if calls:
                outcome = replace(outcome, parts=(*outcome.parts, *calls))
        else:
            outcome = decision.logic.decide(scope)
        if outcome.name != decision.name or outcome.decision_id != decision.id:
            outcome = replace(outcome, name=decision.name, decision_id=decision.id)
        if not outcome.by_table and not outcome.inputs and decision.requires:
            outcome = replace(outcome, inputs=self._inputs_of(decision))
        if decision.type is not None:
            outcome = typed(outcome, decision.type)
        self.outcomes[decision.key] = outcome
        return outcome

    def _value(self, thing: InputData | Decision | Function) -> Value:
        if isinstance(thing, Function):
            return thing
        if thing.key in self.given:
            return self.given[thing.key]
        if isinstance(thing, Decision):
            return self.outcomes[thing.key].value
        if thing.key not in self.read:
            self.read[thing.key], fault = thing.read(self.inputs)
            self.faults += [fault] if fault is not None else []
        return self.read[thing.key]

    def _inputs_of(self, decision: Decision) -> tuple[tuple[str, Value], ...]:
        return tuple(
            (".".join(required.path), self._value(required.thing))
            for required in decision.requires
            if not isinstance(required.thing, Function)
        )
