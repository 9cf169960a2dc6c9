"""Does somebody act in the exercise for every task, and answer what its form asks?

An exercise in which one task has no actor stands still at that task for ever; one whose actor
leaves a required question open does the same.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from guantong.forms.api import Form
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.stories import Task, answer_faults, tasks
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("actors")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield tasks without an actor, actors of nothing, and answers that do not fit."""
    known, whole = tasks(subject), subject.whole("flows", "plans")
    replay = subject.one("replay")
    played = replay.data["scenario"] if replay is not None else None
    for document in subject.each("scenarios"):
        acting: set[str] = set()
        for place, actor in enumerate(document.data["actors"]):
            for number, name in enumerate(actor["does"]):
                keys = ("actors", place, "does", number)
                if name not in known and whole:
                    near = nearest(name, known)
                    yield _REPORT.error(document, "of-nothing", *keys, name=name, near=near)
                elif name in acting:
                    yield _REPORT.error(document, "twice", *keys, name=name)
                acting.add(name)
                yield from _verifies(known, document, place, actor, name)
            yield from _answers(subject, document, place, actor, known)
            yield from _delays(document, place, actor)
        about = known if document.path == played else _told(document, known)
        for name, task in about.items():
            if name not in acting | _done(document):
                facts = {"task": name, "scenario": document.path}
                yield _REPORT.error(task.document, "nobody", at=task.line, **facts)
        yield from _given(subject, document)


def _told(document: Document, known: Mapping[str, Task]) -> Mapping[str, Task]:
    """Return the tasks of the processes a scenario is about: those it lets begin, act or end."""
    named = {name for actor in document.data["actors"] for name in actor["does"]}
    named |= {entry["act"]["task"] for entry in document.data.get("when", []) if "act" in entry}
    flows = {
        entry["case"]["flow"]
        for entry in document.data.get("then", [])
        if "case" in entry and entry["case"].get("count", 1)
    }
    flows |= {flow for name in named & known.keys() for flow in known[name].flows}
    return {name: task for name, task in known.items() if task.flows & flows}


def _done(document: Document) -> set[str]:
    """Return the tasks that a scenario itself lets be completed."""
    acts = [entry["act"] for entry in document.data.get("when", []) if "act" in entry]
    return {a["task"] for a in acts if a["verb"] == "complete" and "refused" not in a}


def _verifies(
    known: Mapping[str, Task],
    document: Document,
    place: int,
    actor: Mapping[str, Any],
    name: str,
) -> Iterator[Finding]:
    task = known.get(name)
    if task is not None and task.of_plan and task.verified and "verify" not in actor:
        yield _REPORT.error(document, "not-verified", "actors", place, name=name)


def _answers(
    subject: Subject,
    document: Document,
    place: int,
    actor: Mapping[str, Any],
    known: Mapping[str, Task],
) -> Iterator[Finding]:
    if not subject.whole("flows", "plans", "forms"):
        return
    own = [known[name] for name in actor["does"] if name in known]
    forms = [task.form for task in own if task.form is not None]
    given, keys = actor.get("answers", {}), ("actors", place, "answers")
    asked = {field.name: field for form in forms for field in form.fields}
    for name, text in given.items():
        if name not in asked:
            near = nearest(name, asked) or "-"
            yield _REPORT.error(document, "not-asked", *keys, name, name=name, near=near)
            continue
        yield from answer_faults(_REPORT, document, (*keys, name), text, asked[name])
    for name in sorted(_required(forms) - given.keys()):
        yield _REPORT.error(document, "unanswered", "actors", place, name=name)


def _required(forms: list[Form]) -> set[str]:
    return {field.name for form in forms for field in form.fields if field.required}


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
