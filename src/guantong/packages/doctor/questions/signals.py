"""Does every signal end, and does what people judge of it come back?

An alert that never ends teaches people to look away. One whose feedback nobody collects can
never become better (promise P3).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from guantong.bpmn.api import duration
from guantong.feel.api import FeelSyntax, names_in, parse
from guantong.packages.doctor.known import NO_LEVEL
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject, columns
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("signals")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield ends that cannot come true, expiries that are missing, feedback nobody collects."""
    datasets = subject.by_id("datasets")
    for document in subject.each("signals"):
        given = document.data
        dataset = datasets.get(given["on"])
        yield from _end(subject, document, given, dataset)
        holds_for, expires = given["ends"]["holds_for"], given.get("expires_after")
        if expires is None:
            yield _REPORT.error(document, "no-expiry")
        elif (duration(expires) or duration("PT0S")) <= (duration(holds_for) or duration("PT0S")):  # type: ignore[operator]
            yield _REPORT.error(
                document, "expires-first", "expires_after", expires=expires, holds_for=holds_for
            )
        yield from _feedback(subject, document, given)


def _end(
    subject: Subject, document: Document, given: Mapping[str, Any], dataset: Document | None
) -> Iterator[Finding]:
    keys, text = ("ends", "when"), given["ends"]["when"]
    try:
        ends = parse(text)
    except FeelSyntax as refusal:
        yield _REPORT.error(document, "end-unreadable", *keys, cause=refusal)
        return
    level = given["level"]
    if dataset is not None:
        known = {level, *columns(dataset)}
        for name in sorted(names_in(ends) - known):
            near = nearest(name, known)
            yield _REPORT.error(document, "end-name", *keys, name=name, near=near)
    if not names_in(ends):
        yield _REPORT.error(document, "end-constant", *keys)
    for found in re.findall(rf'\b{re.escape(level)}\s*!?=\s*"([^"]*)"', text):
        if found not in (*given["levels"], NO_LEVEL):
            known_levels = [*given["levels"], NO_LEVEL]
            yield _REPORT.error(
                document, "end-level", *keys, level=found, near=nearest(found, known_levels)
            )


def _feedback(subject: Subject, document: Document, given: Mapping[str, Any]) -> Iterator[Finding]:
    if given["opens"]["flow"] not in subject.flows or not subject.whole("forms"):
        return
    _, graph = subject.flows[given["opens"]["flow"]]
    asked = [form for n in graph.nodes.values() if (form := subject.forms.get(n.form or ""))]
    offered = [
        {option.value for option in field.options} for form in asked for field in form.fields
    ]
    best = max(offered, key=lambda values: len(values & set(given["feedback"])), default=set())
    for place, answer in enumerate(given["feedback"]):
        if answer not in best:
            keys = ("feedback", place)
            yield _REPORT.error(
                document, "not-collected", *keys, answer=answer, flow=given["opens"]["flow"]
            )
