"""Does somebody act in the exercise for every task, and answer what its form asks?

An exercise in which one task has no actor stands still at that task for ever; one whose actor
leaves a required question open does the same.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from guantong.bpmn.api import Kind
from guantong.feel.api import FeelSyntax, FeelTooMuch, parse, text_of
from guantong.forms.api import Form
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("actors")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield tasks without an actor, actors of nothing, and answers that do not fit."""
    tasks, whole = _tasks(subject), subject.whole("flows", "plans")
    replay = subject.one("replay")
    played = replay.data["scenario"] if replay is not None else None
    for document in subject.each("scenarios"):
        acting: set[str] = set()
        for place, actor in enumerate(document.data["actors"]):
            for number, name in enumerate(actor["does"]):
                keys = ("actors", place, "does", number)
                if name not in tasks and whole:
                    near = nearest(name, tasks)
                    yield _REPORT.error(document, "of-nothing", *keys, name=name, near=near)
                elif name in acting:
                    yield _REPORT.error(document, "twice", *keys, name=name)
                acting.add(name)
                yield from _verifies(subject, document, place, actor, name)
            yield from _answers(subject, document, place, actor)
            yield from _delays(document, place, actor)
        if document.path == played:
            for name, (where, line) in tasks.items():
                if name not in acting:
                    yield _REPORT.error(where, "nobody", at=line, task=name, scenario=played)
        yield from _given(subject, document)


def _tasks(subject: Subject) -> dict[str, tuple[Document, int]]:
    """Return every task of a person, by its name in scenarios."""
    found = {}
    for document, graph in subject.flows.values():
        for node in graph.nodes.values():
            if node.kind in (Kind.USER, Kind.MANUAL):
                found[node.id] = (document, line_of(document, f'id="{node.id}"'))
    for document in subject.each("plans"):
        for place, item in enumerate(document.data["items"]):
            found[item["id"]] = (document, document.line("items", place))
    return found


def _verifies(
    subject: Subject, document: Document, place: int, actor: Mapping[str, Any], name: str
) -> Iterator[Finding]:
    items = {item["id"]: item for plan in subject.each("plans") for item in plan.data["items"]}
    if "verify" in items.get(name, {}) and "verify" not in actor:
        yield _REPORT.error(document, "not-verified", "actors", place, name=name)


def _answers(
    subject: Subject, document: Document, place: int, actor: Mapping[str, Any]
) -> Iterator[Finding]:
    if not subject.whole("flows", "plans", "forms"):
        return
    forms = [
        form
        for _, graph in subject.flows.values()
        for node in graph.nodes.values()
        if node.id in actor["does"] and (form := subject.forms.get(node.form or ""))
    ]
    given, keys = actor.get("answers", {}), ("actors", place, "answers")
    asked = {field.name: field for form in forms for field in form.fields}
    for name, text in given.items():
        if name not in asked:
            near = nearest(name, asked) or "-"
            yield _REPORT.error(document, "not-asked", *keys, name, name=name, near=near)
            continue
        yield from _value(document, (*keys, name), text, {o.value for o in asked[name].options})
    for name in sorted(_required(forms) - given.keys()):
        yield _REPORT.error(document, "unanswered", "actors", place, name=name)


def _required(forms: list[Form]) -> set[str]:
    return {field.name for form in forms for field in form.fields if field.required}


def _value(
    document: Document, keys: tuple[str | int, ...], text: str, options: set[str]
) -> Iterator[Finding]:
    if not text.startswith("="):
        return  # a message key, which the question of words asks for
    try:
        value = parse(text[1:].strip()).evaluate({})
    except (FeelSyntax, FeelTooMuch) as refusal:
        yield _REPORT.error(document, "unreadable", *keys, cause=refusal)
        return
    # Null: it depends on the case. What is certain can be compared.
    if options and value is not None and text_of(value) not in options:
        near = nearest(value, options)
        yield _REPORT.error(document, "not-a-choice", *keys, value=value, near=near)


def _delays(document: Document, place: int, actor: Mapping[str, Any]) -> Iterator[Finding]:
    for name in ("receive", "read", "accept", "complete", "verify"):
        least, most = actor.get(name, (0, 0))
        if least > most:
            yield _REPORT.error(document, "delay", "actors", place, name, name=name)


def _given(subject: Subject, document: Document) -> Iterator[Finding]:
    known = subject.ids("datasets", "objects")
    for place, name in enumerate(document.data.get("given", {}).get("samples", [])):
        if name not in known:
            keys = ("given", "samples", place)
            yield _REPORT.error(document, "sample", *keys, name=name, near=nearest(name, known))
