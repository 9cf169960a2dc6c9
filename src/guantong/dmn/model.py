"""Decisions, what they require, and how they are asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from guantong.dmn.errors import DmnFaulty, DmnNoDecision
from guantong.dmn.outcome import Outcome
from guantong.dmn.quick import Quick, quick_way
from guantong.dmn.table import DecisionTable, Formula
from guantong.feel.api import Function, Scope, bounded


@dataclass(frozen=True, slots=True)
class LiteralExpression:
    """A decision that is one FEEL expression."""

    decision_id: str
    name: str
    formula: Formula
    known_names: frozenset[str]

    def decide(self, scope: Scope) -> Outcome:
        """Return the value of the expression."""
        if self.formula.expression is None:
            assert self.formula.fault is not None, "a formula has an expression or a fault"
            raise DmnFaulty(decision=self.name, rule=0, column=self.name, cause=self.formula.fault)
        return Outcome(self.decision_id, self.name, self.formula.expression.run(scope))


Logic = DecisionTable | LiteralExpression


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision with everything it requires, in the order in which it is worked out."""

    id: str
    name: str
    logic: Logic
    before: tuple["Decision", ...]  # every required decision, each after those it requires
    functions: Mapping[str, Function]  # business knowledge models by name
    inputs: tuple[str, ...]  # names of the input data it requires, itself or through others
    _quick: Quick | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table = self.table_alone
        object.__setattr__(self, "_quick", quick_way(table) if table is not None else None)

    @property
    def table_alone(self) -> DecisionTable | None:
        """The table this decision is, where it requires nothing but input data."""
        alone = not self.before and not self.functions
        return self.logic if alone and isinstance(self.logic, DecisionTable) else None

    def decide(self, inputs: Mapping[str, object]) -> Outcome:
        """Return value and reasons; required decisions are worked out first."""
        if self._quick is not None:
            outcome = self._quick(inputs)
            if outcome is not None:
                return outcome
        with bounded(self.name):
            return self._decided(dict(inputs))

    def _decided(self, scope: dict[str, object]) -> Outcome:
        for required in self.before:
            answer = required.logic.decide({**scope, **required.functions})
            scope[required.name] = answer.value
        return self.logic.decide({**scope, **self.functions} if self.functions else scope)


@dataclass(frozen=True, slots=True)
class Model:
    """All decisions of one file."""

    id: str
    name: str
    decisions: tuple[Decision, ...]

    def decision(self, name_or_id: str) -> Decision:
        """Return the decision of this id, or else of this name."""
        for decision in self.decisions:
            if decision.id == name_or_id:
                return decision
        for decision in self.decisions:
            if decision.name == name_or_id:
                return decision
        known = ", ".join(decision.name for decision in self.decisions) or "-"
        raise DmnNoDecision(decision=name_or_id, model=self.name, known=known)
