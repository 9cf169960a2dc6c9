"""What is wrong with a decision before it runs: questions of the doctor about one table.

Only what can be said from the texts: cells that are no FEEL, names that nobody declares, rules
that can never hit, cells that no value of their column's type passes, columns that decide nothing,
inputs that no rule may cover. Gaps and overlaps within the declared input space need the values
there can be: ``coverage``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from guantong.base import words
from guantong.dmn.boxed import LiteralExpression, Logic, NoLogic
from guantong.dmn.policy import SEVERAL
from guantong.dmn.table import DecisionTable
from guantong.feel.api import (
    KINDS_OF_TYPES,
    Doubt,
    Expression,
    FeelSyntax,
    UnaryTests,
    doubts_of_test,
    names_in,
)

_Written: TypeAlias = DecisionTable | LiteralExpression


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a decision: what, in which rule (0: the head) and column, and the remedy."""

    # unwritten, unreadable, unknown-name, unreachable, overlap, gap, no-meaning, unused
    code: str
    decision: str
    rule: int
    column: str
    grave: bool
    facts: Mapping[str, object] = field(default_factory=dict)
    cause: FeelSyntax | Doubt | None = None

    def sentence(self, language: str = "en") -> str:
        """Return the finding with its remedy in ``zh-CN`` or ``en``."""
        cause = self.cause.sentence(language) if self.cause else ""
        return words.say(
            f"dmn.finding.{self.code}",
            language,
            decision=self.decision,
            rule=self.rule,
            column=self.column,
            cause=cause,
            **self.facts,
        )


def examine(logic: Logic) -> list[Finding]:
    """Return every finding about the tables and expressions of a decision, rule by rule."""
    found: list[Finding] = []
    for leaf in logic.leaves():
        if isinstance(leaf, NoLogic):
            found.append(Finding("unwritten", leaf.name, 0, "", grave=True))
        elif isinstance(leaf, DecisionTable):
            found += [*_unreadable(leaf, leaf.faults()), *_unknown_names(leaf, _texts(leaf))]
            found += [*_never_alone(leaf), *_gap(leaf), *_without_meaning(leaf)]
        else:
            fault = leaf.formula.fault
            found += _unreadable(leaf, [(0, leaf.name, fault)] if fault else [])
            found += _unknown_names(leaf, [(0, leaf.name, leaf.formula.expression)])
    return sorted(found, key=lambda finding: finding.rule)


def _unreadable(leaf: _Written, faults: list[tuple[int, str, FeelSyntax]]) -> Iterator[Finding]:
    for rule, column, fault in faults:
        yield Finding("unreadable", leaf.name, rule, column, grave=True, cause=fault)


def _texts(table: DecisionTable) -> list[tuple[int, str, Expression | UnaryTests | None]]:
    head: list[tuple[int, str, Expression | UnaryTests | None]] = [
        (0, column.label, column.formula.expression) for column in table.inputs
    ]
    head += [(0, column.label, c.expression) for column in table.outputs if (c := column.default)]
    for rule in table.rules:
        head += [
            (rule.index, column.label, cell.tests)
            for column, cell in zip(table.inputs, rule.cells, strict=True)
        ]
        head += [
            (rule.index, column.label, result.expression)
            for column, result in zip(table.outputs, rule.results, strict=True)
        ]
    return head


def _unknown_names(
    leaf: _Written, texts: Sequence[tuple[int, str, Expression | UnaryTests | None]]
) -> Iterator[Finding]:
    for rule, column, text in texts:
        if text is None:
            continue
        for name in sorted(names_in(text) - leaf.known_names):
            facts = {"name": name, "known": ", ".join(sorted(leaf.known_names)) or "-"}
            yield Finding("unknown-name", leaf.name, rule, column, grave=True, facts=facts)


def _never_alone(table: DecisionTable) -> Iterator[Finding]:
    # Under FIRST the later of two such rules is dead; under UNIQUE both hit and none decides.
    # The other policies are there to let several rules hit.
    if table.hit_policy in SEVERAL:
        return
    code = "unreachable" if table.hit_policy == "FIRST" else "overlap"
    same: dict[tuple[str, ...], int] = {}
    all_pass = [rule.index for rule in table.rules if rule.passes_all]
    for rule in table.rules:
        texts = tuple(cell.text for cell in rule.cells)
        others = [same.setdefault(texts, rule.index), *all_pass]
        hiding = [
            other
            for other in others
            if other < rule.index or (code == "overlap" and other != rule.index)
        ]
        if hiding:
            facts = {"other": min(hiding)}
            yield Finding(code, table.name, rule.index, "", grave=True, facts=facts)


def _without_meaning(table: DecisionTable) -> Iterator[Finding]:
    """Yield cells that no value of their column's type passes, and columns that decide nothing."""
    for place, column in enumerate(table.inputs):
        cells = [(rule.index, rule.cells[place].tests) for rule in table.rules]
        for rule, tests in cells if column.type in KINDS_OF_TYPES else ():
            if tests is None:
                continue
            for doubt in doubts_of_test(tests, KINDS_OF_TYPES[column.type]):
                yield Finding("no-meaning", table.name, rule, column.label, grave=True, cause=doubt)
        # In a table of one row every column may have to stand there for the rows to come.
        if len(cells) > 1 and all(tests is not None and tests.pass_all for _, tests in cells):
            yield Finding("unused", table.name, 0, column.label, grave=False)


def _gap(table: DecisionTable) -> Iterator[Finding]:
    if table.hit_policy == "COLLECT":
        return  # that nothing is collected is an answer
    covered = any(rule.passes_all for rule in table.rules)
    if not covered and not all(column.default for column in table.outputs):
        yield Finding("gap", table.name, len(table.rules), "", grave=False)
