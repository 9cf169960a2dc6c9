"""Does every signal end, and does what people judge of it come back?

An alert that never ends teaches people to look away. One whose feedback nobody collects can
never become better (promise P3).
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import Any

from guantong.bpmn.api import duration
from guantong.feel.api import Expression, FeelSyntax, Value, names_in, parse
from guantong.packages.doctor.known import NO_LEVEL
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject, columns
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("signals")
# More combinations than this of what an end asks for are not tried.
_MOST_TRIED = 5_000
_NUMBER = re.compile(r"(?<![\w.\"])-?\d+(?:\.\d+)?")
_INSTANTS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))


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
        if dataset is not None:
            yield from _matters(document, given, dataset)


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
            return
    if dataset is not None and names_in(ends) and names_in(ends) <= {level, *columns(dataset)}:
        yield from _tried(document, given, ends, columns(dataset))


def _tried(
    document: Document,
    given: Mapping[str, Any],
    ends: Expression,
    known: Mapping[str, Mapping[str, Any]],
) -> Iterator[Finding]:
    """Yield an end that no value can bring about, and one that comes while the danger stands."""
    levels, others = [*given["levels"], NO_LEVEL], sorted(names_in(ends) - {given["level"]})
    values = [_values(known[name], ends.text) for name in others]
    if math.prod(map(len, values)) * len(levels) > _MOST_TRIED:
        return
    rest = [dict(zip(others, found, strict=True)) for found in product(*values)]
    held = {
        level: [ends.evaluate({**found, given["level"]: level}) is True for found in rest]
        for level in levels
    }
    keys = ("ends", "when")
    if not any(any(found) for found in held.values()):
        yield _REPORT.error(document, "end-never", *keys)
    opens = given["opens"]["from_level"]
    standing = given["levels"][given["levels"].index(opens) :] if opens in given["levels"] else []
    # An end that also asks for a column may hold where the level has not been decided anew.
    early = [level for level in standing if given["level"] in names_in(ends) and all(held[level])]
    if early:
        yield _REPORT.error(document, "end-in-danger", *keys, level=early[-1])


def _values(column: Mapping[str, Any], text: str) -> Sequence[Value]:
    """Return values of a column on either side of whatever the end compares it with."""
    match column["logicalType"]:
        case "number" | "integer":
            told = sorted({Decimal(number) for number in _NUMBER.findall(text)} | {Decimal(0)})
            return [number + step for number in told for step in (-1, 0, 1)]
        case "boolean":
            return [True, False]
        case "timestamp":
            return list(_INSTANTS)
        case "date":
            return [instant.date() for instant in _INSTANTS]
        case _:
            return [*re.findall(r'"([^"]*)"', text), "\N{REPLACEMENT CHARACTER}"]


def _matters(document: Document, given: Mapping[str, Any], dataset: Document) -> Iterator[Finding]:
    """Yield columns that tell rows apart and matters not, and kept columns that are no numbers."""
    known = columns(dataset)
    for name, column in known.items():
        if column.get("primaryKey") and name not in (given["at"], *given["same_matter"]):
            yield _REPORT.warning(document, "matters-merge", "same_matter", column=name)
    for place, name in enumerate(given.get("keep", [])):
        if name in known and known[name]["logicalType"] not in ("number", "integer"):
            yield _REPORT.error(document, "keeps-no-number", "keep", place, column=name)


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
