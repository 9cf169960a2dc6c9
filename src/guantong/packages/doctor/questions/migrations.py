"""Does every running case that goes over from an earlier release come to its end in this one?

A case that goes over in the middle of a night must not be lost: not at a join that waits for a
branch nobody takes any more, not at a question that is asked before its answer, not with an answer
no form takes. Each wait of the earlier process is mapped or said to stay. Against an earlier
release that is at hand, all places where its tokens can wait at once are carried over and gone on
from; without one, only this package is looked at.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from guantong.base.errors import GuantongError
from guantong.bpmn.api import Fault, Graph, examine_carriage, places_of
from guantong.feel.api import names_in
from guantong.flows.api import OF_CASE, rests
from guantong.packages.archive.manifest import is_version
from guantong.packages.doctor.carried_answers import Carried, unfit
from guantong.packages.doctor.questions.flows import answers_of
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.moving import STAYS, carriage_of, condition_of, version_of
from guantong.packages.nearest import nearest
from guantong.packages.package import Package

_REPORT = Report("migrations")
_KEY: Mapping[str, str] = {"no-such-timer": "timers", "timer-elsewhere": "timers"}


def check(subject: Subject) -> Iterator[Finding]:
    """Yield maps of running cases that lead nowhere, or that lose something on the way."""
    own = version_of(subject.package)
    for document in subject.each("migrations"):
        if not is_version(document.stem):
            yield _REPORT.error(document, "no-version", at=1, name=document.stem)
            continue
        if is_version(own) and _order(document.stem) >= _order(own):
            yield _REPORT.error(document, "not-older", at=1, version=document.stem, own=own)
        former = [one for one in subject.former if version_of(one) == document.stem]
        for name, said in document.data["flows"].items():
            yield from _flow(subject, document, name, said, former)
        for old in former:
            for name in sorted(old.flows.keys() - document.data["flows"].keys()):
                yield _REPORT.warning(document, "flow-stays", "flows", flow=name)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _flow(
    subject: Subject,
    document: Document,
    name: str,
    said: Mapping[str, Any],
    former: list[Package],
) -> Iterator[Finding]:
    at = ("flows", name)
    if name not in subject.flows:
        near = nearest(name, subject.flows)
        if subject.whole("flows"):
            yield _REPORT.error(document, "no-flow", *at, flow=name, near=near)
        return
    try:
        condition_of(said)
    except GuantongError as refusal:
        yield _REPORT.error(document, "condition", *at, "cases", cause=refusal)
        return
    new = subject.flows[name][1]
    if new.faults or len(new.starts) != 1:
        return  # told by the question of flows
    missing = list(_targets(document, name, said, new))
    yield from missing
    for old in former if not missing else ():
        if name not in old.flows:
            yield _REPORT.error(document, "no-old-flow", *at, flow=name, version=document.stem)
            continue
        yield from _between(subject, document, name, said, Subject(old), new)


def _targets(
    document: Document, name: str, said: Mapping[str, Any], new: Graph
) -> Iterator[Finding]:
    known = places_of(new, rests)
    for place, target in said["steps"].items():
        if target != STAYS and target not in known:
            near = nearest(target, known)
            facts = {"place": place, "target": target, "near": near}
            line = document.line("flows", name, "steps", place)
            yield _REPORT.error(document, "no-target", at=line, **facts)


def _between(
    subject: Subject,
    document: Document,
    name: str,
    said: Mapping[str, Any],
    old: Subject,
    new: Graph,
) -> Iterator[Finding]:
    graph = old.flows[name][1]
    carriage = carriage_of(graph, new, said)
    faults = examine_carriage(carriage)
    for fault in faults:
        yield _told(document, name, fault, carriage.old_places)
    known = {*answers_of(old, graph), *OF_CASE}
    condition = condition_of(said)
    for variable in sorted(names_in(condition) - known if condition is not None else ()):
        near = nearest(variable, known)
        facts = {"name": variable, "near": near}
        line = document.line("flows", name, "cases")
        yield _REPORT.error(document, "unknown-name", at=line, **facts)
    if faults or not (subject.whole("forms") and old.whole("forms")):
        return
    for wrong in unfit(Carried(old=old, new=subject, carriage=carriage, said=said)):
        line = document.line("flows", name, *wrong.keys)
        yield _REPORT.error(document, wrong.code, at=line, **wrong.facts)


def _told(document: Document, name: str, fault: Fault, known: Mapping[str, str]) -> Finding:
    keys = ("flows", name, _KEY.get(fault.code, "steps"), fault.place)
    facts: dict[str, object] = {"place": fault.place, **fault.facts}
    if fault.code == "no-such-wait":
        facts["near"] = nearest(fault.place, known)
    if fault.code == "unsound":
        facts["cause"] = fault.cause if fault.cause is not None else "-"
    return _REPORT.error(document, fault.code, at=document.line(*keys), **facts)
