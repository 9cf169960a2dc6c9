"""Decision tables: cells compiled once, rules tried in order, hits kept with their reasons.

Hit policies FIRST and UNIQUE (DMN 1.5, chapter 8). Two rules of a UNIQUE table that both hit
are a mistake of the table: the value is null and the fault is named, since taking either rule
would hide the contradiction from the department that owns it.
"""

from dataclasses import dataclass, field

from guantong.dmn.errors import DmnFaulty
from guantong.dmn.index import KNOWN, RuleIndex
from guantong.dmn.outcome import Fault, Hit, Match, Outcome
from guantong.feel.api import Expression, FeelSyntax, Scope, UnaryTests, Value

HIT_POLICIES = ("FIRST", "UNIQUE")
NOT_UNIQUE = "not-unique"


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


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results; the default stands where no rule hits."""

    id: str
    name: str
    label: str
    default: Formula | None


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
    # What looks the rules up; none for a table that cannot be asked because of its fault.
    index: RuleIndex | None = field(init=False, repr=False, compare=False)
    _fault: tuple[int, str, FeelSyntax] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        fault = next(iter(self.faults()), None)
        object.__setattr__(self, "_fault", fault)
        cells = [[cell.tests for cell in rule.cells if cell.tests] for rule in self.rules]
        object.__setattr__(self, "index", RuleIndex(cells) if fault is None else None)

    def decide(self, scope: Scope) -> Outcome:
        """Return the value and the rules that hit; refuse a table with an unreadable cell."""
        if self._fault is not None:
            number, column, cause = self._fault
            raise DmnFaulty(decision=self.name, rule=number, column=column, cause=cause)
        values = self._values(scope)
        hit = self._hits(values, scope)
        reasons = tuple(self.reason(rule, values) for rule in hit)
        if len(hit) > 1:
            fault = Fault(NOT_UNIQUE, tuple(rule.id for rule in hit))
            return self.outcome(None, reasons, values, fault)
        results = hit[0].results if hit else tuple(column.default for column in self.outputs)
        return self.outcome(self.value(results, scope), reasons, values, None)

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

    def value(self, results: tuple[Formula | None, ...], scope: Scope) -> Value:
        """Return what these results make: one value, or a context of several."""
        values = [
            None if result is None or result.expression is None else result.expression.run(scope)
            for result in results
        ]
        if len(values) == 1:
            return values[0]
        if all(result is None for result in results):
            return None
        return {column.name: value for column, value in zip(self.outputs, values, strict=True)}

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
        return Outcome(self.decision_id, self.name, value, hits, inputs, True, fault)

    def faults(self) -> list[tuple[int, str, FeelSyntax]]:
        """Return every unreadable text with the number of its rule (0 for the head) and column."""
        found: list[tuple[int, str, FeelSyntax | None]] = []
        labels = [each.label for each in self.inputs] + [each.label for each in self.outputs]
        for column in self.inputs:
            found.append((0, column.label, column.formula.fault))
        for output in self.outputs:
            found.append((0, output.label, output.default.fault if output.default else None))
        for rule in self.rules:
            entries: tuple[Cell | Formula, ...] = (*rule.cells, *rule.results)
            pairs = zip(labels, entries, strict=True)
            found += [(rule.index, label, entry.fault) for label, entry in pairs]
        return [(rule, column, fault) for rule, column, fault in found if fault is not None]
