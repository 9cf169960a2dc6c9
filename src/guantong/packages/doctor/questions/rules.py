"""Can every rule be read, does it look at columns that exist, and does it reach every level?

A rule that asks for a column the data do not have decides on nothing, and a level that no row
answers never warns anybody. Where the contract says which values there can be, every one of them
is tried: none may be without an answer, none may have two, and no row may be there for nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from guantong.base.errors import GuantongError
from guantong.dmn.api import (
    Coverage,
    Decision,
    DecisionTable,
    Knowledge,
    borders,
    coverage,
    examine,
)
from guantong.feel.api import FeelTooMuch, Value, text_of
from guantong.packages.doctor.known import NO_LEVEL
from guantong.packages.doctor.possible import of_column
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.subject import Subject, columns
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("rules")
# The type a column of a table may declare for each type of a contract.
_TYPES = {
    "string": frozenset({"string"}),
    "number": frozenset({"number"}),
    "integer": frozenset({"number"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date"}),
    "timestamp": frozenset({"dateTime", "date and time"}),
}
_NO_TYPE = frozenset({"", "Any"})


def check(subject: Subject) -> Iterator[Finding]:
    """Yield rules that are refused, doubtful, unused, or do not fit the signal that asks them."""
    asked = {signal.data["rule"] for signal in subject.each("signals")}
    models = [model for each in subject.each("rules") if (model := subject.compiled(each))]
    imported = {namespace for model in models for namespace in model.imports}
    for document in subject.each("rules"):
        refusal = subject.refusal(document)
        if refusal is not None:
            at = int(str(refusal.facts.get("line", 1)))
            yield _REPORT.error(document, "refused", at=at, cause=refusal)
            continue
        model = subject.compiled(document)
        used = document.path in asked or model.namespace in imported
        if not used and subject.whole("signals", "rules"):
            yield _REPORT.warning(document, "unused")
        for decision in model.decisions:
            yield from _findings(document, decision, _coverage(subject, document, decision))
        for knowledge in model.knowledge:
            yield from _findings(document, knowledge, None)
    for signal in subject.each("signals"):
        yield from _for_signal(subject, signal)


def _findings(
    document: Document, decision: Decision | Knowledge, covered: Coverage | None
) -> Iterator[Finding]:
    found = examine(decision.logic)
    if covered is not None and isinstance(decision.logic, DecisionTable):
        dead = {f.rule for f in found if f.code in ("unreachable", "unreadable", "unknown-name")}
        yield from _uncovered(document, decision.logic, covered, dead)
        # What may have no answer is known exactly.
        found = [finding for finding in found if finding.code != "gap"]
    for finding in found:
        at = line_of(document, f'id="{decision.id}"')
        if isinstance(decision.logic, DecisionTable):
            ids = {rule.index: rule.id for rule in decision.logic.rules}
            at = line_of(document, f'id="{ids.get(finding.rule, decision.id)}"')
        make = _REPORT.error if finding.grave else _REPORT.warning
        yield make(document, "finding", at=at, cause=finding)


def _uncovered(
    document: Document, table: DecisionTable, covered: Coverage, told: set[int]
) -> Iterator[Finding]:
    """Yield values without an answer or with two, and rows that never decide."""
    ids = {rule.index: rule.id for rule in table.rules}
    head = line_of(document, f'id="{table.decision_id}"')
    if covered.gap is not None:
        yield _REPORT.error(document, "no-answer", at=head, values=_shown(covered.gap))
    if covered.overlap is not None and table.hit_policy in ("UNIQUE", "ANY"):
        one, other, given = covered.overlap
        at = line_of(document, f'id="{ids[other]}"')
        yield _REPORT.error(
            document, "two-answers", at=at,
            one=one, other=other, values=_shown(given), policy=table.hit_policy,
        )  # fmt: skip
    for number in covered.never:
        if number not in told:
            at = line_of(document, f'id="{ids[number]}"')
            yield _REPORT.error(document, "never-decides", at=at, rule=number)


def _shown(given: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} = {'null' if v is None else v}" for name, v in given.items())


def _coverage(subject: Subject, document: Document, decision: Decision) -> Coverage | None:
    """Return what the table leaves open over the values its signal's data can have."""
    table = decision.logic
    if not isinstance(table, DecisionTable) or decision.before:
        return None  # which values another decision gives is not said by the data
    datasets = subject.by_id("datasets")
    for signal in subject.each("signals"):
        data = datasets.get(signal.data["on"])
        asks = signal.data["decision"] in (decision.id, decision.name)
        if asks and signal.data["rule"] == document.path and data is not None:
            known = columns(data)
            if all(name in known for name in decision.inputs):
                told = borders(table)
                values = {n: of_column(known[n], told.get(n, ())) for n in decision.inputs}
                try:
                    return coverage(table, values)
                except FeelTooMuch:
                    return None  # told where the level of the row is looked at
    return None


def _for_signal(subject: Subject, signal: Document) -> Iterator[Finding]:
    document = subject.package.documents.get(signal.data["rule"])
    model = subject.compiled(document)
    if model is None or document is None:
        return
    try:
        decision = model.decision(signal.data["decision"])
    except GuantongError:
        return  # told by the question of references
    dataset = subject.by_id("datasets").get(signal.data["on"])
    if dataset is not None:
        known = columns(dataset)
        for name in decision.inputs:
            if name not in known:
                at = line_of(document, f'name="{name}"')
                yield _REPORT.error(
                    document, "input", at=at,
                    name=name, dataset=signal.data["on"], near=nearest(name, known),
                )  # fmt: skip
        if isinstance(decision.logic, DecisionTable):
            yield from _types(document, decision.logic, known)
    if isinstance(decision.logic, DecisionTable):
        yield from _levels(signal, document, decision.logic)


def _types(
    document: Document, table: DecisionTable, known: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    """Yield columns of a table that declare another type than the data have."""
    for column in table.inputs:
        name = column.formula.text.strip()
        own = known[name]["logicalType"] if name in known else None
        if own is not None and column.type not in _TYPES[own] | _NO_TYPE:
            at = line_of(document, f'id="{column.id}"')
            facts: dict[str, Any] = {"column": name, "type": column.type, "own": own}
            yield _REPORT.error(document, "other-type", at=at, **facts)


def _text(value: Value) -> str | None:
    """Return what a cell answers as text: a level is one, and a list could not be compared."""
    return value if value is None or isinstance(value, str) else text_of(value)


def _levels(signal: Document, document: Document, table: DecisionTable) -> Iterator[Finding]:
    if table.gives_list:
        at = line_of(document, f'id="{table.decision_id}"')
        yield _REPORT.error(document, "several-levels", at=at, policy=table.hit_policy)
        return
    names = [column.name for column in table.outputs]
    level = signal.data["level"]
    if level not in names:
        yield _REPORT.error(signal, "output", "level", name=level, near=nearest(level, names))
        return
    place = names.index(level)
    known = [*signal.data["levels"], NO_LEVEL]
    answered = set()
    for rule in table.rules:
        expression = rule.results[place].expression
        try:
            value = _text(None if expression is None else expression.evaluate({}))
        except FeelTooMuch as refusal:
            at = line_of(document, f'id="{rule.id}"')
            yield _REPORT.error(document, "refused", at=at, cause=refusal)
            continue
        answered.add(value)
        if value is None and expression is not None:
            at = line_of(document, f'id="{rule.id}"')
            yield _REPORT.error(document, "no-level", at=at, rule=rule.index)
        if value is not None and value not in known:
            at = line_of(document, f'id="{rule.id}"')
            yield _REPORT.error(
                document, "level", at=at, level=value, rule=rule.index, near=nearest(value, known)
            )
    for number, wanted in enumerate(signal.data["levels"]):
        if wanted not in answered:
            yield _REPORT.error(
                signal, "level-never", "levels", number, level=wanted, rule=document.path
            )
