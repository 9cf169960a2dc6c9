"""Does every process lead from its start to its end, on answers that somebody gives?

A condition on a value nobody answers sends every case the same way, and nobody sees it in the
picture.
"""

import re
from collections.abc import Iterator

from guantong.bpmn.api import Graph, Kind, examine
from guantong.feel.api import names_in
from guantong.packages.doctor.known import ALERT_LEVEL, CASE_VARIABLES, CHANGE, CHANGES, NO_LEVEL
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("flows")
# Told by the question of waits, which accepts none of them.
_OF_WAITS = frozenset({"no-role", "no-limit"})
# A misspelt setting is a duty silently dropped.
_GRAVE = frozenset({"setting-misspelt"})
_COMPARED = re.compile(r'\b([A-Za-z_]\w*)\s*!?=\s*"([^"]*)"')


def check(subject: Subject) -> Iterator[Finding]:
    """Yield processes that are refused or unsound, and conditions nobody's answer can meet."""
    opened = {signal.data["opens"]["flow"] for signal in subject.each("signals")}
    for document in subject.each("flows"):
        refusal = subject.refusal(document)
        if refusal is not None:
            at = int(str(refusal.facts.get("line", 1)))
            yield _REPORT.error(document, "refused", at=at, cause=refusal)
        elif document.stem not in opened and subject.whole("signals"):
            yield _REPORT.warning(document, "never-opened")
    for document, graph in subject.flows.values():
        for finding in examine(graph):
            if finding.code not in _OF_WAITS:
                grave = finding.level == "error" or finding.code in _GRAVE
                make = _REPORT.error if grave else _REPORT.warning
                yield make(document, "finding", at=finding.line, cause=finding)
        yield from _tasks(document, graph)
        yield from _conditions(subject, document, graph)


def _tasks(document: Document, graph: Graph) -> Iterator[Finding]:
    for node in graph.nodes.values():
        at = line_of(document, f'id="{node.id}"')
        if node.kind is Kind.USER and node.form is None:
            yield _REPORT.error(document, "no-form", at=at, task=node.id)
        if node.kind is Kind.SERVICE and node.service is None:
            yield _REPORT.error(document, "no-service", at=at, task=node.id)


def _conditions(subject: Subject, document: Document, graph: Graph) -> Iterator[Finding]:
    if not subject.whole("forms", "signals"):
        return
    answers = _answers(subject, graph)
    for flow in graph.flows.values():
        if flow.condition is None:
            continue
        at = line_of(document, f'id="{flow.id}"')
        for name in sorted(names_in(flow.condition) - answers.keys()):
            near = nearest(name, answers)
            yield _REPORT.error(document, "unanswered", at=at, name=name, flow=flow.id, near=near)
        for name, value in _COMPARED.findall(flow.condition_text):
            possible = answers.get(name)
            if possible and value not in possible:
                yield _REPORT.error(
                    document, "never", at=at,
                    name=name, value=value, flow=flow.id, near=nearest(value, possible),
                )  # fmt: skip


def _answers(subject: Subject, graph: Graph) -> dict[str, frozenset[str]]:
    """Return each variable of a case with the values it can have; empty where any."""
    found = dict.fromkeys(CASE_VARIABLES, frozenset[str]())
    found[ALERT_LEVEL] = frozenset({*subject.levels, NO_LEVEL})
    found[CHANGE] = CHANGES
    for node in graph.nodes.values():
        form = subject.forms.get(node.form or "")
        for field in form.fields if form is not None else ():
            values = frozenset(option.value for option in field.options)
            known = found.get(field.name)
            found[field.name] = values | known if known else values
        if node.result is not None:
            found.setdefault(node.result, frozenset())
    return found
