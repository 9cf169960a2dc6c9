"""Does every signal end, and does what people judge of it come back?

An alert that never ends teaches people to look away. One whose feedback nobody collects can
never become better (promise P3).
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from guantong.bpmn.api import duration
from guantong.dmn.api import DecisionTable, borders
from guantong.feel.api import Expression, FeelSyntax, FeelTooMuch, Value, names_in, parse
from guantong.packages.doctor.known import NO_LEVEL
from guantong.packages.doctor.possible import Told, of_column, told_in, value_of
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject, columns
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("signals")
# More combinations than this of what an end asks for are not tried.
_MOST_TRIED = 20_000


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
        yield from _tried(subject, document, given, ends, columns(dataset))


def _tried(
    subject: Subject,
    document: Document,
    given: Mapping[str, Any],
    ends: Expression,
    known: Mapping[str, Mapping[str, Any]],
) -> Iterator[Finding]:
    """Yield an end that no values bring about, and one that comes while the danger stands."""
    opens, levels = given["opens"]["from_level"], given["levels"]
    standing = levels[levels.index(opens) :] if opens in levels else []
    table = _table(subject, given)
    asked = {name: told_in(ends.text) for name in {*names_in(ends)} - {given["level"]}}
    told = dict(asked)
    if table is not None and all(name in known for name in table.known_names):
        # A name that is no column is a function that FEEL does not have: told by the rules.
        for name, marks in borders(table).items():
            if name in known:
                told[name] = told.get(name, frozenset()) | marks
    if _combinations(known, told) > _MOST_TRIED:
        # The level is then taken as any, whatever the row: an end can only be told never to come.
        table, told = None, asked
    if _combinations(known, told) > _MOST_TRIED:
        return
    names = sorted(told)
    values = [of_column(known[name], told[name]) for name in names]
    ended, early = False, set()
    for found in product(*values):
        row = dict(zip(names, found, strict=True))
        for level in _levels_of(table, row, given):
            if value_of(ends, {**row, given["level"]: level}) is True:
                ended = True
                early |= {level} & set(standing) if table is not None or not told else set()
    keys = ("ends", "when")
    if not ended:
        yield _REPORT.error(document, "end-never", *keys)
    if early:
        yield _REPORT.error(document, "end-in-danger", *keys, level=max(early, key=levels.index))


def _combinations(known: Mapping[str, Mapping[str, Any]], told: Mapping[str, Told]) -> int:
    return math.prod(len(of_column(known[name], told[name])) for name in told)


def _table(subject: Subject, given: Mapping[str, Any]) -> DecisionTable | None:
    """Return the table that decides the level of a signal, where it can be asked."""
    model = subject.compiled(subject.package.documents.get(given["rule"]))
    decisions = model.decisions if model is not None else ()
    for decision in decisions:
        if given["decision"] in (decision.id, decision.name):
            table = decision.logic
            if isinstance(table, DecisionTable) and not table.faults():
                return table
    return None


def _levels_of(
    table: DecisionTable | None, row: Mapping[str, Value], given: Mapping[str, Any]
) -> Sequence[Value]:
    """Return the level the table gives a row; every level where there is no table to ask."""
    names = [column.name for column in table.outputs] if table is not None else []
    if table is None or given["level"] not in names:
        return [*given["levels"], NO_LEVEL]
    try:
        value, _ = table.settle(table.hits(row), row)
    except FeelTooMuch:
        return []  # told by the question of rules
    level = value.get(given["level"]) if isinstance(value, dict) else value
    # A list of levels is no level: the question of rules tells it.
    return [NO_LEVEL if level is None or isinstance(level, list) else level]


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
    for answer in sorted(best - set(given["feedback"])) if best & set(given["feedback"]) else ():
        yield _REPORT.error(document, "not-taken", "feedback", answer=answer)
