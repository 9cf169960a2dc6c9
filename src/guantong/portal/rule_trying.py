"""Asking a decision by hand: the fields for its inputs, what was typed as values, the answer.

The values stand in the address, so that a question can be sent to a colleague and asked again.
An empty field is a value that nobody knows: null, as it is where data are missing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from guantong.base.errors import GuantongError
from guantong.base.words import say
from guantong.dmn.api import Decision, DecisionTable, LiteralExpression, Model, Outcome, explain
from guantong.feel.api import names_in, parse
from guantong.packages.api import Node, Package, Sheet
from guantong.portal.errors import NotAValue
from guantong.portal.people_forms import field, option
from guantong.portal.rule_words import RuleWords

PREFIX = "in-"
MOST_LETTERS = 500
_TEXT = re.compile(r'"([^"]*)"')
_MOMENT = {"moment": "date and time", "time": "time", "length": "duration"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One thing a decision asks for: its name, what it is called, its kind, values to choose."""

    name: str
    label: str
    kind: str
    type: str
    choices: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of a question: the answer of each decision on the way, or why there is none."""

    outcomes: Mapping[str, Outcome]
    sentence: str = ""
    refused: str = ""


def decision_of(model: Model, asked: str, preferred: str) -> Decision:
    """Return the decision that is asked: the one named, else the package's, else the last one."""
    known = {decision.id: decision for decision in model.decisions}
    named = {decision.name: decision for decision in model.decisions}
    found = known.get(asked) or known.get(preferred) or named.get(preferred)
    if found is not None:
        return found
    required = {before.id for decision in model.decisions for before in decision.before}
    return next((d for d in reversed(model.decisions) if d.id not in required), model.decisions[-1])


def inputs_of(
    decision: Decision,
    sheets: Mapping[str, Sheet],
    nodes: Sequence[Node],
    package: Package,
    words: RuleWords,
) -> list[Input]:
    """Return what a decision asks for, itself or by what it requires."""
    data = {node.name: node for node in nodes if node.kind == "data"}
    columns = {
        column.expression: column
        for one in (*decision.before, decision) if one.id in sheets
        for column in sheets[one.id].columns if column.role == "input"
    }  # fmt: skip
    known = {c.name: c for contract in package.contracts.values() for c in contract.columns}
    found = []
    for name in decision.inputs or sorted(_used(decision)):
        node, column, held = data.get(name), columns.get(name), known.get(name)
        type_ = (node.type if node else "") or (column.type if column else "")
        texts = (node.values if node else "") or (column.values if column else "")
        choices = tuple(_TEXT.findall(texts)) or tuple(
            str(value) for value in (held.allowed if held and held.allowed else ())
        )
        label = words.column(column) if column is not None else words.named(name, name)
        hint = " · ".join(
            part for part in (words.type(type_), (held.unit if held else "") or "") if part
        )
        found.append(
            Input(name=name, label=label, kind=_kind(type_, choices), type=type_,
                  choices=choices, hint=hint)
        )  # fmt: skip
    return found


def _used(decision: Decision) -> Iterator[str]:
    """Yield the names a decision reads where its file declares no input data."""
    formulas = [
        formula
        for leaf in decision.logic.leaves()
        for formula in (
            [column.formula for column in leaf.inputs] if isinstance(leaf, DecisionTable)
            else [leaf.formula] if isinstance(leaf, LiteralExpression)
            else []
        )
    ]  # fmt: skip
    for formula in formulas:
        if formula.expression is not None:
            yield from names_in(formula.expression) - {each.name for each in decision.before}


def _kind(type_: str, choices: tuple[str, ...]) -> str:
    name = type_.removeprefix("feel:")
    known = {
        "number": "number", "boolean": "boolean", "date": "date", "dateTime": "moment",
        "date and time": "moment", "time": "time", "dayTimeDuration": "length",
        "days and time duration": "length", "yearMonthDuration": "length",
        "years and months duration": "length",
    }  # fmt: skip
    if name == "string":
        return "choice" if choices else "string"
    return known.get(name, "feel")


def fields(
    inputs: Sequence[Input],
    sent: QueryDict,
    errors: Mapping[str, str],
    filled: Mapping[str, tuple[str, str]],
    words: RuleWords,
) -> list[dict[str, object]]:
    """Return the fields of the form; ``filled`` are values known already, and from where."""
    made = []
    for one in inputs:
        name = PREFIX + one.name
        value, source = filled.get(one.name, ("", ""))
        typed = sent.get(name)
        options = [option(c, words.value(f'"{c}"') or c) for c in one.choices]
        if one.kind == "boolean":
            options = [
                option("true", words.say("rules.yes")),
                option("false", words.say("rules.no")),
            ]
        widget = {"number": "number", "date": "date", "choice": "select", "boolean": "select"}
        part = field(
            name, one.label, widget=widget.get(one.kind, "text"), required=False,
            value=value if typed is None else typed, options=options, error=errors.get(one.name),
            hint=one.hint + (words.say(f"rules.try_hint_{one.kind}") if one.kind in _HINTS else ""),
            max_length=MOST_LETTERS,
        )  # fmt: skip
        made.append(part | ({"prefilled_from": source} if typed is None and source else {}))
    return made


_HINTS = frozenset({"feel", "moment", "time", "length"})


def values_of(
    inputs: Sequence[Input], sent: QueryDict, language: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values that were typed, and beside which field which one is refused."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for one in inputs:
        text = sent.get(PREFIX + one.name, "").strip()[:MOST_LETTERS]
        try:
            values[one.name] = _value(one, text) if text else None
        except GuantongError as refusal:
            errors[one.name] = refusal.sentence(language)
    return values, errors


def _value(one: Input, text: str) -> Any:
    if one.kind == "number":
        return _number(text)
    if one.kind in ("string", "choice"):
        return text
    if one.kind == "boolean":
        if text in ("true", "false"):
            return text == "true"
        raise NotAValue(text=text[:40])
    if one.kind == "date":
        try:
            return date.fromisoformat(text.replace("/", "-").replace(".", "-"))
        except ValueError:
            raise NotAValue(text=text[:40]) from None
    if one.kind in _MOMENT:
        if '"' in text or "\\" in text:
            raise NotAValue(text=text[:40])
        found = parse(f'{_MOMENT[one.kind]}("{text}")').evaluate({})
        if found is None:
            raise NotAValue(text=text[:40])
        return found
    return parse(text).evaluate({})


def _number(text: str) -> Decimal:
    try:
        found = Decimal(text.replace("，", ".").replace(" ", ""))
    except InvalidOperation:
        raise NotAValue(text=text[:40]) from None
    if not found.is_finite():
        raise NotAValue(text=text[:40])
    return found


def tried(
    decision: Decision, values: Mapping[str, Any], labels: Mapping[str, str], language: str
) -> Tried:
    """Return the answer, with that of each decision it rests on, and the sentence why."""
    try:
        outcomes = {one.id: one.decide(values) for one in (*decision.before, decision)}
    except GuantongError as refusal:
        return Tried(outcomes={}, refused=refusal.sentence(language))
    gap = say("dmn.explain.gap", language)
    sentence = gap.join(explain(outcome, language, labels) for outcome in outcomes.values())
    return Tried(outcomes=outcomes, sentence=sentence)
