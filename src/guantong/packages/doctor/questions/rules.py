"""Can every rule be read, does it look at columns that exist, and does it reach every level?

A rule that asks for a column the data do not have decides on nothing, and a level that no row
answers never warns anybody.
"""

from collections.abc import Iterator

from guantong.base.errors import GuantongError
from guantong.dmn.api import Decision, DecisionTable, examine
from guantong.feel.api import FeelTooMuch, Value, text_of
from guantong.packages.doctor.known import NO_LEVEL
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.subject import Subject, columns
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("rules")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield rules that are refused, doubtful, unused, or do not fit the signal that asks them."""
    asked = {signal.data["rule"] for signal in subject.each("signals")}
    for document in subject.each("rules"):
        refusal = subject.refusal(document)
        if refusal is not None:
            at = int(str(refusal.facts.get("line", 1)))
            yield _REPORT.error(document, "refused", at=at, cause=refusal)
            continue
        if document.path not in asked and subject.whole("signals"):
            yield _REPORT.warning(document, "unused")
        for decision in subject.compiled(document).decisions:
            yield from _findings(document, decision)
    for signal in subject.each("signals"):
        yield from _for_signal(subject, signal)


def _findings(document: Document, decision: Decision) -> Iterator[Finding]:
    for finding in examine(decision.logic):
        at = line_of(document, f'id="{decision.id}"')
        if isinstance(decision.logic, DecisionTable):
            ids = {rule.index: rule.id for rule in decision.logic.rules}
            at = line_of(document, f'id="{ids.get(finding.rule, decision.id)}"')
        make = _REPORT.error if finding.grave else _REPORT.warning
        yield make(document, "finding", at=at, cause=finding)


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
        yield from _levels(signal, document, decision.logic)


def _text(value: Value) -> str | None:
    """Return what a cell answers as text: a level is one, and a list could not be compared."""
    return value if value is None or isinstance(value, str) else text_of(value)


def _levels(signal: Document, document: Document, table: DecisionTable) -> Iterator[Finding]:
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
