"""Decision tables: cells compiled once, rules tried in order, hits kept with their reasons.

What the hits are worth together is said by ``policy``. A value outside of the values that a
column declares makes the table answer null, with the column and the value named: a table that
was written for others says nothing about it (DMN 1.5, section 8.3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from guantong.dmn.errors import DmnFaulty
from guantong.dmn.index import KNOWN, RuleIndex
from guantong.dmn.outcome import Fault, Hit, Match, Outcome
from guantong.dmn.policy import BY_VALUES, NOT_UNIQUE, Rank, settle
from guantong.feel.api import Expression, FeelSyntax, Scope, UnaryTests, Value, equal, size

INPUT_NOT_ALLOWED = "input-not-allowed"
OUTPUT_NOT_ALLOWED = "output-not-allowed"


@dataclass(frozen=True, slots=True)
class Cell:
    """An input entry: its tests, or why they cannot be read."""

    text: str
    tests: UnaryTests | None
    fault: FeelSyntax | None = None

    @property
    def passes_all(self) -> bool:
        """Say whether the cell is ``-``."""
        return self.tests is not None and self.tests.pass_all


@dataclass(frozen=True, slots=True)
class Formula:
    """An output entry, an input expression or a default: its expression, or why it has none."""

    text: str
    expression: Expression | None
    fault: FeelSyntax | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions; ``type`` is the one it declares, empty where it declares none."""

    id: str
    label: str
    formula: Formula
    type: str = ""
    allowed: Cell | None = None  # the values it may have, where they are declared


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results; the default stands where no rule hits.

    ``values`` are those that the column declares, the one of highest priority first.
    """

    id: str
    name: str
    label: str
    default: Formula | None
    type: str = ""
    allowed: Cell | None = None
    values: tuple[Value, ...] = ()

    def rank(self, value: Value) -> int:
        """Return the place of a value in their order; what is not declared comes last."""
        for place, declared in enumerate(self.values):
            if equal(declared, value) is True:
                return place
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row."""

    id: str
    index: int
    cells: tuple[Cell, ...]
    results: tuple[Formula, ...]
    annotation: str

    @property
    def passes_all(self) -> bool:
        """Say whether every cell is ``-``."""
        return all(cell.passes_all for cell in self.cells)


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A table of one decision, ready to be asked."""

    decision_id: str
    name: str
    hit_policy: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    known_names: frozenset[str]
    aggregation: str = ""
    # What looks the rules up; none for a table that cannot be asked because of its fault.
    index: RuleIndex | None = field(init=False, repr=False, compare=False)
    _fault: tuple[int, str, FeelSyntax] | None = field(init=False, repr=False, compare=False)
    # Whether a result may be one that its column does not allow.
    _doubtful: bool = field(init=False, repr=False, compare=False)
    _facts: Mapping[str, object] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        fault = next(iter(self.faults()), None)
        object.__setattr__(self, "_fault", fault)
        cells = [[cell.tests for cell in rule.cells if cell.tests] for rule in self.rules]
        object.__setattr__(self, "index", RuleIndex(cells) if fault is None else None)
        facts = MappingProxyType({"policy": self.hit_policy, "aggregation": self.aggregation})
        object.__setattr__(self, "_facts", facts)
        object.__setattr__(self, "_doubtful", not self._all_allowed())

    def decide(self, scope: Scope) -> Outcome:
        """Return the value and the rules that hit; refuse a table with an unreadable cell."""
        if self._fault is not None:
            number, column, cause = self._fault
            raise DmnFaulty(decision=self.name, rule=number, column=column, cause=cause)
        values = self._values(scope)
        if (refused := self._refused(self.inputs, values, INPUT_NOT_ALLOWED)) is not None:
            return self.outcome(None, (), values, refused)
        hit = self._hits(values, scope)
        value, fault = self.settle(hit, scope)
        reasons = tuple([self.reason(rule, values) for rule in hit])
        return self.outcome(value, reasons, values, fault)

    def settle(self, hit: Sequence[Rule], scope: Scope) -> tuple[Value, Fault | None]:
        """Return what these hits give, or the default where there are none, and why it is null."""
        if not hit:
            return self._without_hit(scope)
        if len(hit) > 1 and self.hit_policy == "UNIQUE":
            return None, Fault(NOT_UNIQUE, tuple(rule.id for rule in hit))
        answers, ranks = [], []
        for rule in hit:
            answer, rank, fault = self._answer(rule, scope)
            if fault is not None:
                return None, fault
            answers.append(answer)
            ranks.append(rank)
        value, code = settle(self.hit_policy, self.aggregation, answers, ranks)
        return value, Fault(code, tuple(rule.id for rule in hit)) if code else None

    def _without_hit(self, scope: Scope) -> tuple[Value, Fault | None]:
        defaults = [column.default for column in self.outputs]
        if all(default is None for default in defaults):
            return (Decimal(0) if self.aggregation == "COUNT" else None), None
        values = [None if each is None else _run(each, scope) for each in defaults]
        return self._together(values), None

    def _answer(self, rule: Rule, scope: Scope) -> tuple[Value, Rank, Fault | None]:
        values = [_run(result, scope) for result in rule.results]
        fault = None
        if self._doubtful:
            fault = self._refused(self.outputs, values, OUTPUT_NOT_ALLOWED, rule.id)
        rank: Rank = ()
        if self.hit_policy in BY_VALUES:
            pairs = zip(self.outputs, values, strict=True)
            rank = tuple(column.rank(value) for column, value in pairs if column.values)
        return self._together(values), rank, fault

    def _all_allowed(self) -> bool:
        """Say whether every result is written out and allowed, so that none need be asked again."""
        for place, column in enumerate(self.outputs):
            if column.allowed is None or column.allowed.tests is None:
                continue
            for rule in self.rules:
                result = rule.results[place].expression
                if result is None or size(result.tree) > 1:
                    return False
                if column.allowed.tests.matches(result.evaluate({})) is not True:
                    return False
        return True

    def _refused(
        self, columns: Sequence[Input | Output], values: Sequence[Value], code: str, *rules: str
    ) -> Fault | None:
        for column, value in zip(columns, values, strict=True):
            if column.allowed is None or column.allowed.tests is None or value is None:
                continue
            run = column.allowed.tests.run
            # The values of a column of lists are those of the items.
            items = value if type(value) is list else [value]
            if run(value, {}) is not True and not all(run(item, {}) is True for item in items):
                return Fault(code, rules, {"label": column.label, "value": value})
        return None

    def _together(self, values: Sequence[Value]) -> Value:
        if len(values) == 1:
            return values[0]
        return {column.name: value for column, value in zip(self.outputs, values, strict=True)}

    @property
    def gives_list(self) -> bool:
        """Say whether its value is a list of answers."""
        in_order = self.hit_policy in ("RULE ORDER", "OUTPUT ORDER")
        return in_order or (self.hit_policy == "COLLECT" and not self.aggregation)

    def hits(self, scope: Scope) -> list[Rule]:
        """Return the rules that hit, without reasons; the table must be without faults."""
        return self._hits(self._values(scope), scope)

    def _values(self, scope: Scope) -> list[Value]:
        return [column.formula.expression.run(scope) for column in self.inputs]  # type: ignore[union-attr]  # no fault

    def _hits(self, values: list[Value], scope: Scope) -> list[Rule]:
        index = self.index
        assert index is not None, "a table without faults has an index"
        if not KNOWN.issuperset(map(type, values)):
            return self._tried(values, scope)
        if self.hit_policy == "FIRST":
            number = index.first(values, scope)
            return [self.rules[number - 1]] if number else []
        return [self.rules[number - 1] for number in index.every(values, scope)]

    def _tried(self, values: list[Value], scope: Scope) -> list[Rule]:
        """Try row by row, cell by cell: for values that no index can hold."""
        hits = []
        for rule in self.rules:
            if all(
                cell.tests is not None and cell.tests.run(value, scope) is True
                for cell, value in zip(rule.cells, values, strict=True)
            ):
                hits.append(rule)
                if self.hit_policy == "FIRST":
                    break
        return hits

    def reason(self, rule: Rule, values: list[Value]) -> Hit:
        """Return a rule that hit with its cells that tested something."""
        cells = tuple(
            Match(column.label, cell.text, value, column.id)
            for column, cell, value in zip(self.inputs, rule.cells, values, strict=True)
            if not cell.passes_all
        )
        return Hit(rule.id, rule.index, rule.annotation, cells)

    def outcome(
        self, value: Value, hits: tuple[Hit, ...], values: list[Value], fault: Fault | None
    ) -> Outcome:
        """Return the outcome of these hits, with the values that were looked at."""
        inputs = tuple(
            (column.label, given) for column, given in zip(self.inputs, values, strict=True)
        )
        return Outcome(
            self.decision_id, self.name, value, hits, inputs, True, fault, "table",
            facts=self._facts,
        )  # fmt: skip

    def leaves(self) -> "list[DecisionTable]":
        """Return the table itself: it has no logic within it."""
        return [self]

    @property
    def cost(self) -> int:
        """Return about how many steps it takes to ask it once."""
        return len(self.rules) * (len(self.inputs) + len(self.outputs)) + 1

    def faults(self) -> list[tuple[int, str, FeelSyntax]]:
        """Return every unreadable text with the number of its rule (0 for the head) and column."""
        found: list[tuple[int, str, FeelSyntax | None]] = []
        labels = [each.label for each in self.inputs] + [each.label for each in self.outputs]
        for column in self.inputs:
            found.append((0, column.label, column.formula.fault))
            found.append((0, column.label, column.allowed.fault if column.allowed else None))
        for output in self.outputs:
            found.append((0, output.label, output.default.fault if output.default else None))
            found.append((0, output.label, output.allowed.fault if output.allowed else None))
        for rule in self.rules:
            entries: tuple[Cell | Formula, ...] = (*rule.cells, *rule.results)
            pairs = zip(labels, entries, strict=True)
            found += [(rule.index, label, entry.fault) for label, entry in pairs]
        return [(rule, column, fault) for rule, column, fault in found if fault is not None]


def _run(formula: Formula, scope: Scope) -> Value:
    assert formula.expression is not None, "a table with a fault is not asked"
    return formula.expression.run(scope)
