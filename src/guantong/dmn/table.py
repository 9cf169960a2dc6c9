"""Decision tables: cells compiled once, rules tried in order, hits kept with their reasons.

Hit policies FIRST and UNIQUE (DMN 1.5, chapter 8). Two rules of a UNIQUE table that both hit
are a mistake of the table: the value is null and the fault is named, since taking either rule
would hide the contradiction from the department that owns it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from guantong.dmn.errors import DmnFaulty
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


# Per rule only the cells that test something: (column, test) in the order of the columns.
_Tests = tuple[tuple[int, Callable[[Value, Scope], "bool | None"]], ...]


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
    _tests: tuple[tuple[Rule, _Tests], ...] = field(init=False, repr=False, compare=False)
    _fault: tuple[int, str, FeelSyntax] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tests = tuple(
            (
                rule,
                tuple(
                    (column, cell.tests.run)
                    for column, cell in enumerate(rule.cells)
                    if cell.tests is not None and not cell.tests.pass_all
                ),
            )
            for rule in self.rules
        )
        object.__setattr__(self, "_tests", tests)
        object.__setattr__(self, "_fault", next(iter(self.faults()), None))

    def decide(self, scope: Scope) -> Outcome:
        """Return the value and the rules that hit; refuse a table with an unreadable cell."""
        if self._fault is not None:
            number, column, cause = self._fault
            raise DmnFaulty(decision=self.name, rule=number, column=column, cause=cause)
        values = self._values(scope)
        hit = self._hits(values, scope)
        reasons = tuple(self._reason(rule, values) for rule in hit)
        if len(hit) > 1:
            fault = Fault(NOT_UNIQUE, tuple(rule.id for rule in hit))
            return self._outcome(None, reasons, values, fault)
        results = hit[0].results if hit else tuple(column.default for column in self.outputs)
        return self._outcome(self._value(results, scope), reasons, values, None)

    def hits(self, scope: Scope) -> list[Rule]:
        """Return the rules that hit, without reasons; the table must be without faults."""
        return self._hits(self._values(scope), scope)

    def _values(self, scope: Scope) -> list[Value]:
        return [column.formula.expression.run(scope) for column in self.inputs]  # type: ignore[union-attr]  # no fault

    def _hits(self, values: list[Value], scope: Scope) -> list[Rule]:
        first = self.hit_policy == "FIRST"
        hits = []
        for rule, tests in self._tests:
            for column, test in tests:
                if test(values[column], scope) is not True:
                    break
            else:
                hits.append(rule)
                if first:
                    break
        return hits

    def _value(self, results: tuple[Formula | None, ...], scope: Scope) -> Value:
        values = [
            None if result is None or result.expression is None else result.expression.run(scope)
            for result in results
        ]
        if len(values) == 1:
            return values[0]
        if all(result is None for result in results):
            return None
        return {column.name: value for column, value in zip(self.outputs, values, strict=True)}

    def _reason(self, rule: Rule, values: list[Value]) -> Hit:
        cells = tuple(
            Match(column.label, cell.text, value, column.id)
            for column, cell, value in zip(self.inputs, rule.cells, values, strict=True)
            if not cell.passes_all
        )
        return Hit(rule.id, rule.index, rule.annotation, cells)

    def _outcome(
        self, value: Value, hits: tuple[Hit, ...], values: list[Value], fault: Fault | None
    ) -> Outcome:
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
