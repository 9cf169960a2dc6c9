"""Does every process lead from its start to its end, on answers that somebody gives?

A condition on a value nobody answers sends every case the same way, and nobody sees it in the
picture. Every way is gone here before a case goes it: with every answer a form allows, and with
every token that can be under way at once.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from guantong.bpmn.api import Graph, Kind, Node, examine, soundness
from guantong.feel.api import Value, names_in
from guantong.flows.api import keeps
from guantong.forms.api import Field
from guantong.orgs.api import TIERS
from guantong.packages.doctor.known import ALERT_LEVEL, CASE_VARIABLES, CHANGE, CHANGES, NO_LEVEL
from guantong.packages.doctor.possible import of_type, told_in, value_of
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
# More combinations of answers than this are not tried at one gateway.
_MOST_TRIED = 5_000
_COMPARED = re.compile(r'\b([A-Za-z_]\w*)\s*!?=\s*"([^"]*)"')


def check(subject: Subject) -> Iterator[Finding]:
    """Yield processes that are refused or unsound, and conditions nobody's answer can meet."""
    opened = {signal.data["opens"]["flow"] for signal in subject.each("signals")}
    opened |= {name for name, (_, graph) in subject.flows.items() if opens_by_hand(graph)}
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
        for finding in soundness(graph):
            yield _REPORT.error(document, "finding", at=finding.line, cause=finding)
        yield from _tasks(document, graph)
        yield from _start(subject, document, graph)
        if subject.whole("forms"):
            yield from _kept(subject, document, graph)
        yield from _conditions(subject, document, graph)


def _tasks(document: Document, graph: Graph) -> Iterator[Finding]:
    for node in graph.nodes.values():
        at = line_of(document, f'id="{node.id}"')
        if node.kind is Kind.USER and node.form is None:
            yield _REPORT.error(document, "no-form", at=at, task=node.id)
        if node.kind is Kind.SERVICE and node.service is None:
            yield _REPORT.error(document, "no-service", at=at, task=node.id)


def opens_by_hand(graph: Graph) -> bool:
    """Say whether people open cases of a process: its start asks a form."""
    return any(start.form is not None for start in graph.starts)


def _start(subject: Subject, document: Document, graph: Graph) -> Iterator[Finding]:
    """Yield starts that say not whom they ask, not what the case is about, or where in vain."""
    for start in graph.starts:
        at = line_of(document, f'id="{start.id}"')
        if start.form is None:
            for name in ("role", "matter", "places", "follows"):
                if name in start.settings:
                    yield _REPORT.error(document, "start-form", at=at, setting=name, start=start.id)
            continue
        if not (start.role or "").split():
            yield _REPORT.error(document, "start-role", at=at, start=start.id)
        for tier in start.settings.get("places", "").split():
            if tier not in TIERS:
                near = nearest(tier, TIERS)
                yield _REPORT.error(document, "start-place", at=at, tier=tier, near=near)
        form = subject.forms.get(start.form)
        if form is None:
            continue  # told by the questions of references and forms
        named = {field.name: field for field in form.fields if field.required}
        about = named.get(start.settings.get("matter", ""))
        if about is None or about.widget not in ("text", "textarea"):
            yield _REPORT.error(document, "start-matter", at=at, start=start.id, form=form.id)
        follows = start.settings.get("follows")
        texts = {field.name for field in form.fields if field.widget == "text"}
        if follows is not None and follows not in texts:
            near = nearest(follows, texts)
            yield _REPORT.error(document, "start-follows", at=at, field=follows, near=near)
        for field in form.fields:
            if field.widget == "file":
                yield _REPORT.error(document, "start-file", at=at, field=field.name, form=form.id)


def _kept(subject: Subject, document: Document, graph: Graph) -> Iterator[Finding]:
    """Yield answers that a process keeps and no form of it asks."""
    asked = [form for n in graph.nodes.values() if (form := subject.forms.get(n.form or ""))]
    known = {field.name for form in asked for field in form.fields}
    for name in keeps(graph):
        if name not in known:
            at = line_of(document, f'id="{graph.starts[0].id}"')
            near = nearest(name, known)
            yield _REPORT.error(document, "kept", at=at, name=name, near=near)


def _conditions(subject: Subject, document: Document, graph: Graph) -> Iterator[Finding]:
    if not subject.whole("forms", "signals"):
        return
    answers = answers_of(subject, graph)
    told: set[str] = set()
    for flow in graph.flows.values():
        if flow.condition is None:
            continue
        at = line_of(document, f'id="{flow.id}"')
        for name in sorted(names_in(flow.condition) - answers.keys()):
            near = nearest(name, answers)
            told.add(flow.id)
            yield _REPORT.error(document, "unanswered", at=at, name=name, flow=flow.id, near=near)
        for name, value in _COMPARED.findall(flow.condition_text):
            possible = answers.get(name)
            if possible and value not in possible:
                told.add(flow.id)
                yield _REPORT.error(
                    document, "never", at=at,
                    name=name, value=value, flow=flow.id, near=nearest(value, possible),
                )  # fmt: skip

    for node in graph.nodes.values():
        if node.kind is Kind.EXCLUSIVE and not told & {flow.id for flow in node.outgoing}:
            yield from _never_chosen(subject, document, graph, node, answers)


def _never_chosen(
    subject: Subject,
    document: Document,
    graph: Graph,
    gateway: Node,
    answers: Mapping[str, frozenset[str]],
) -> Iterator[Finding]:
    """Yield ways out of a gateway that no answers lead to, and answers that lead nowhere."""
    asking = [flow for flow in gateway.outgoing if flow.condition is not None]
    names = sorted({name for flow in asking for name in names_in(flow.condition)})  # type: ignore[arg-type]  # asked above
    if "times" in names:
        return  # how often a step was done is a number of its own for each step
    text = " ".join(flow.condition_text for flow in asking)
    fields = {field.name: field for field in _fields(subject, graph)}
    values = [_values(answers[name], fields.get(name), text) for name in names]
    if not asking or math.prod(map(len, values)) > _MOST_TRIED:
        return
    chosen: set[str] = set()
    lost: Mapping[str, Value] | None = None
    for found in product(*values):
        given = dict(zip(names, found, strict=True))
        way = next(
            (f.id for f in asking if f.condition and value_of(f.condition, given) is True), ""
        )
        chosen.add(way)
        if not way and gateway.default is None:
            lost = given
    for flow in asking:
        if flow.id not in chosen:
            at = line_of(document, f'id="{flow.id}"')
            yield _REPORT.error(document, "never-chosen", at=at, flow=flow.id)
    if lost is not None:
        at = line_of(document, f'id="{gateway.id}"')
        shown = ", ".join(f"{name} = {value}" for name, value in lost.items())
        yield _REPORT.error(document, "no-way", at=at, gateway=gateway.id, values=shown)


def _fields(subject: Subject, graph: Graph) -> Iterator[Field]:
    for node in graph.nodes.values():
        form = subject.forms.get(node.form or "")
        yield from form.fields if form is not None else ()


def _values(known: frozenset[str], field: Field | None, text: str) -> Sequence[Value]:
    """Return every value of an answer that the conditions of a gateway can tell apart."""
    if known:
        return sorted(known)
    return of_type(field.type if field is not None else "string", told_in(text))


def answers_of(subject: Subject, graph: Graph) -> dict[str, frozenset[str]]:
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
