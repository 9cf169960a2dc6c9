"""Boxed expressions: logic drawn in boxes, each part logic of its own (DMN 1.5, section 10.2).

Each gives an outcome that keeps the outcomes of its parts, so that the reasons of a table that
stands within a context are not lost. A part that only names a value (a cell of a relation, an
item of a list) leaves no outcome behind: there can be thousands, and the value says it all.
"""

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol, TypeAlias

from guantong.dmn.conversion import converts, name_of
from guantong.dmn.errors import DmnFaulty
from guantong.dmn.outcome import Fault, Outcome
from guantong.dmn.table import DecisionTable, Formula
from guantong.feel.api import Function, Scope, Type, Value, size, spend

WRONG_TYPE = "wrong-type"
NO_FUNCTION = "no-function"
NO_LOGIC = "no-logic"
NOT_BOOLEAN = "not-boolean"
ARGUMENTS = "arguments"
ARGUMENT_TYPE = "argument-type"


class Logic(Protocol):
    """What a decision, a function or a part of a boxed expression holds."""

    @property
    def decision_id(self) -> str:
        """The id of the element that holds it, or of itself."""
        ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def cost(self) -> int:
        """About how many steps it takes to ask it once."""
        ...

    def decide(self, scope: Scope) -> Outcome:
        """Return the value and why, for these names."""
        ...

    def leaves(self) -> "Sequence[Leaf]":
        """Return the tables and expressions in it, at any depth."""
        ...


@dataclass(frozen=True, slots=True)
class LiteralExpression:
    """Logic that is one FEEL expression."""

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

    def leaves(self) -> "list[LiteralExpression]":
        """Return the expression itself."""
        return [self]

    @property
    def cost(self) -> int:
        """Return the number of nodes of its tree."""
        return size(self.formula.expression.tree) if self.formula.expression is not None else 1


@dataclass(frozen=True, slots=True)
class NoLogic:
    """A decision or a box that was drawn and not written yet: its value is null."""

    decision_id: str
    name: str
    cost: int = 1

    def decide(self, scope: Scope) -> Outcome:
        """Return null, and say that nobody has written it."""
        return Outcome(self.decision_id, self.name, None, fault=Fault(NO_LOGIC), kind="none")

    def leaves(self) -> "list[NoLogic]":
        """Return itself: the examiner tells what is not written."""
        return [self]


Leaf: TypeAlias = DecisionTable | LiteralExpression | NoLogic


@dataclass(frozen=True, slots=True)
class Entry:
    """One named part: an entry of a context, an argument of an invocation."""

    name: str
    type: Type | None
    logic: Logic

    def decide(self, scope: Scope) -> Outcome:
        """Return the outcome under the entry's name, its value as the type takes it."""
        return typed(replace(self.logic.decide(scope), name=self.name), self.type)


def typed(outcome: Outcome, kind: Type | None) -> Outcome:
    """Return the outcome with its value as the type takes it, or null and the fault named."""
    value, whole = converts(kind, outcome.value)
    if value is outcome.value:
        return outcome
    if whole or kind is None:
        return replace(outcome, value=value)
    facts = {"type": name_of(kind), "label": outcome.name, "value": outcome.value}
    return replace(outcome, value=None, fault=Fault(WRONG_TYPE, (), facts))


@dataclass(frozen=True, slots=True)
class Context:
    """Entries, each of which may read those before it; the result cell, if any, is the value."""

    decision_id: str
    name: str
    entries: tuple[Entry, ...]
    result: Logic | None

    def decide(self, scope: Scope) -> Outcome:
        """Return a context of the entries, or the value of the result cell."""
        made: dict[str, Value] = {}
        inner = ChainMap(made, scope)  # type: ignore[arg-type]  # only `made` is written
        parts = []
        for entry in self.entries:
            outcome = entry.decide(inner)
            made[entry.name] = outcome.value
            parts.append(outcome)
        value: Value = made
        if self.result is not None:
            result = self.result.decide(inner)
            value = result.value
            parts.append(result)
        facts = {"result": self.result is not None}
        return _outcome(self, "context", value, parts, facts)

    def leaves(self) -> list[Leaf]:
        """Return the leaves of every entry and of the result."""
        return _leaves(*(entry.logic for entry in self.entries), self.result)

    @property
    def cost(self) -> int:
        """Return the cost of every entry and of the result."""
        return _cost(*(entry.logic for entry in self.entries), self.result)


@dataclass(frozen=True, slots=True)
class Invocation:
    """A function called with its parameters bound by name."""

    decision_id: str
    name: str
    function: Logic
    bindings: tuple[Entry, ...]

    def decide(self, scope: Scope) -> Outcome:
        """Return what the function gives for the bound values."""
        called = self.function.decide(scope).value
        given = [binding.decide(scope) for binding in self.bindings]
        text = getattr(getattr(self.function, "formula", None), "text", self.function.name)
        facts: dict[str, object] = {
            "function": text,
            "given": {each.name: each.value for each in given},
        }
        if type(called) is not Function:
            return _outcome(self, "invocation", None, given, facts, Fault(NO_FUNCTION, (), facts))
        values = {each.name: each.value for each in given}
        wrong = next((each.fault for each in given if each.fault is not None), None)
        if wrong is not None:
            return _outcome(self, "invocation", None, given, facts, wrong)
        if called.by_name is None and values.keys() != set(called.parameters):
            names = {
                "bound": ", ".join(values) or "-",
                "wanted": ", ".join(called.parameters) or "-",
            }
            fault = Fault(ARGUMENTS, (), {**facts, **names})
            return _outcome(self, "invocation", None, given, facts, fault)
        value = called.apply_named(values)
        return _outcome(self, "invocation", value, given, facts)

    def leaves(self) -> list[Leaf]:
        """Return the leaves of the bindings; what is called is known by name only."""
        return _leaves(self.function, *(binding.logic for binding in self.bindings))

    @property
    def cost(self) -> int:
        """Return the cost of the bindings."""
        return _cost(self.function, *(binding.logic for binding in self.bindings))


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """Logic that becomes a function, which still sees the names of the place where it stands."""

    decision_id: str
    name: str
    parameters: tuple[tuple[str, Type | None], ...]
    body: Logic
    result: Type | None
    make: Callable[["FunctionDefinition", Scope], Function]

    def decide(self, scope: Scope) -> Outcome:
        """Return the function."""
        facts = {"parameters": ", ".join(name for name, _ in self.parameters) or "-"}
        return _outcome(self, "function", self.make(self, scope), (), facts)

    def leaves(self) -> list[Leaf]:
        """Return the leaves of the body."""
        return _leaves(self.body)

    @property
    def cost(self) -> int:
        """Return the cost of the body."""
        return self.body.cost


@dataclass(frozen=True, slots=True)
class Relation:
    """A table of values: named columns, and a context for each row."""

    decision_id: str
    name: str
    columns: tuple[tuple[str, Type | None], ...]
    rows: tuple[tuple[Logic, ...], ...]

    def decide(self, scope: Scope) -> Outcome:
        """Return the list of the rows."""
        lost: list[Fault] = []
        value = [self._row(row, scope, lost) for row in self.rows]
        return _outcome(
            self, "relation", value, (), {"count": len(value)}, next(iter(lost), None)
        )  # fmt: skip

    def _row(self, row: tuple[Logic, ...], scope: Scope, lost: list[Fault]) -> Value:
        made: dict[str, Value] = {}
        for (name, kind), cell in zip(self.columns, row, strict=True):
            outcome = Entry(name, kind, cell).decide(scope)
            made[name] = outcome.value
            lost += [outcome.fault] if outcome.fault is not None else []
        return made

    def leaves(self) -> list[Leaf]:
        """Return the leaves of every cell."""
        return _leaves(*(cell for row in self.rows for cell in row))

    @property
    def cost(self) -> int:
        """Return the cost of every cell."""
        return _cost(*(cell for row in self.rows for cell in row))


@dataclass(frozen=True, slots=True)
class Items:
    """A list, item by item."""

    decision_id: str
    name: str
    items: tuple[Logic, ...]

    def decide(self, scope: Scope) -> Outcome:
        """Return the list of the items' values."""
        value = [item.decide(scope).value for item in self.items]
        return _outcome(self, "list", value, (), {"count": len(value)})

    def leaves(self) -> list[Leaf]:
        """Return the leaves of every item."""
        return _leaves(*self.items)

    @property
    def cost(self) -> int:
        """Return the cost of every item."""
        return _cost(*self.items)


@dataclass(frozen=True, slots=True)
class Conditional:
    """``if`` a condition ``then`` one part ``else`` the other."""

    decision_id: str
    name: str
    condition: Logic
    yes: Logic
    no: Logic

    def decide(self, scope: Scope) -> Outcome:
        """Return the part that the condition chooses; null is as good as false."""
        asked = self.condition.decide(scope)
        if type(asked.value) is not bool and asked.value is not None:
            fault = Fault(NOT_BOOLEAN, (), {"value": asked.value})
            return _outcome(self, "conditional", None, (asked,), {"took": ""}, fault)
        chosen = (self.yes if asked.value is True else self.no).decide(scope)
        facts = {
            "took": "then" if asked.value is True else "else",
            "condition": _text(self.condition),
        }
        return _outcome(self, "conditional", chosen.value, (asked, chosen), facts)

    def leaves(self) -> list[Leaf]:
        """Return the leaves of the condition and of both parts."""
        return _leaves(self.condition, self.yes, self.no)

    @property
    def cost(self) -> int:
        """Return the cost of the condition and of both parts."""
        return _cost(self.condition, self.yes, self.no)


@dataclass(frozen=True, slots=True)
class Filter:
    """The items of a list that match."""

    decision_id: str
    name: str
    source: Logic
    match: Logic

    def decide(self, scope: Scope) -> Outcome:
        """Return the items for which the match is true; a match of no truth at all gives null."""
        items = _items(self.source.decide(scope).value)
        spend(len(items) * self.match.cost)
        kept: list[Value] = []
        facts: dict[str, object] = {"of": len(items), "match": _text(self.match)}
        for item in items:
            own = {"item": item, **item} if type(item) is dict else {"item": item}
            passed = self.match.decide(ChainMap(own, scope)).value  # type: ignore[arg-type]
            if type(passed) is Decimal:
                return _outcome(self, "filter", _at(items, passed), (), {**facts, "count": 1})
            if passed is not None and type(passed) is not bool:
                fault = Fault(NOT_BOOLEAN, (), {"value": passed})
                return _outcome(self, "filter", None, (), {**facts, "count": 0}, fault)
            kept += [item] if passed is True else []
        return _outcome(self, "filter", kept, (), {**facts, "count": len(kept)})

    def leaves(self) -> list[Leaf]:
        """Return the leaves of the list and of the match."""
        return _leaves(self.source, self.match)

    @property
    def cost(self) -> int:
        """Return the cost of the list and of one match."""
        return _cost(self.source, self.match)


@dataclass(frozen=True, slots=True)
class Iteration:
    """``for`` each item a value, or whether ``some`` or ``every`` item satisfies."""

    decision_id: str
    name: str
    kind: str
    variable: str
    source: Logic
    type: Type | None
    body: Logic

    def decide(self, scope: Scope) -> Outcome:
        """Return the list of the values, or the truth about all of them (null where unknown)."""
        items = _items(self.source.decide(scope).value)
        spend(len(items) * self.body.cost)
        values: list[Value] = []
        for item in items:
            own = {self.variable: converts(self.type, item)[0]}
            if self.kind == "for":
                own["partial"] = list(values)
                spend(len(values))
            values.append(self.body.decide(ChainMap(own, scope)).value)  # type: ignore[arg-type]
        facts = {"of": len(items), "count": values.count(True), "body": _text(self.body)}
        if self.kind == "for":
            return _outcome(self, "for", values, (), facts)
        strange = next((v for v in values if v is not None and type(v) is not bool), None)
        decides = self.kind == "some"  # one item of this truth is enough
        if any(value is decides for value in values):
            return _outcome(self, self.kind, decides, (), facts)
        if strange is not None or None in values:
            fault = Fault(NOT_BOOLEAN, (), {"value": strange}) if strange is not None else None
            return _outcome(self, self.kind, None, (), facts, fault)
        return _outcome(self, self.kind, not decides, (), facts)

    def leaves(self) -> list[Leaf]:
        """Return the leaves of the list and of the body."""
        return _leaves(self.source, self.body)

    @property
    def cost(self) -> int:
        """Return the cost of the list and of one item."""
        return _cost(self.source, self.body)


def _outcome(
    logic: Logic,
    kind: str,
    value: Value,
    parts: Sequence[Outcome],
    facts: Mapping[str, object],
    fault: Fault | None = None,
) -> Outcome:
    return Outcome(
        logic.decision_id, logic.name, value, fault=fault, kind=kind, parts=tuple(parts),
        facts=facts,
    )  # fmt: skip


def _leaves(*parts: Logic | None) -> list[Leaf]:
    return [leaf for part in parts if part is not None for leaf in part.leaves()]


def _cost(*parts: Logic | None) -> int:
    return 1 + sum(part.cost for part in parts if part is not None)


def _items(value: Value) -> list[Value]:
    return value if type(value) is list else [] if value is None else [value]


def _at(items: list[Value], index: Decimal) -> Value:
    if index != index.to_integral_value() or not index or abs(index) > len(items):
        return None
    position = int(index)
    return items[position - 1 if position > 0 else position]


def _text(logic: Logic) -> str:
    return logic.formula.text if isinstance(logic, LiteralExpression) else logic.name
