"""Is every index dated, and made of figures whose rows have a time, a place and a unit?

What ranks people or units is versioned (promise P8): its versions rise, its colours fall, and the
month in which a row counts is told by the row itself, or an old result could not be had again.
"""

import itertools
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from guantong.brain.api import COLOURS, DIVISION, UNIT, score
from guantong.packages.doctor import statements
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.index_reading import read_index
from guantong.packages.nearest import nearest
from guantong.packages.sql import EVIDENCE, STAR

_REPORT = Report("indexes")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield indexes of figures that are not there or cannot be ranked, and examples that fail."""
    shown = {page.data.get("index") for page in subject.each("pages")}
    for document in subject.each("indexes"):
        if document.data["id"] not in shown and subject.whole("pages"):
            yield _REPORT.warning(document, "never-shown", "id")
        found = [*_versions(document), *_parts(subject, document)]
        yield from found
        if not any(finding.level == "error" for finding in found):
            yield from _examples(subject, document)


def _versions(document: Document) -> Iterator[Finding]:
    before = ""
    for place, version in enumerate(document.data["versions"]):
        keys = ("versions", place)
        try:
            date.fromisoformat(version["from"])
        except ValueError:
            yield _REPORT.error(document, "no-day", *keys, "from", day=version["from"])
        if version["from"] <= before:
            yield _REPORT.error(document, "not-rising", *keys, "from", day=version["from"])
        before = max(before, version["from"])
        cuts = [version["colours"][colour] for colour in COLOURS[:-1]]
        if any(lower >= upper for upper, lower in itertools.pairwise(cuts)):
            yield _REPORT.error(document, "cuts", *keys, "colours")
        for number, part in enumerate(version["parts"]):
            if part.get("zero", 0) == part.get("full", 100):
                at = (*keys, "parts", number)
                yield _REPORT.error(document, "scale", *at, indicator=part["indicator"])


def _parts(subject: Subject, document: Document) -> Iterator[Finding]:
    for place, version in enumerate(document.data["versions"]):
        keys = ("versions", place)
        named: list[tuple[tuple[str | int, ...], str]] = [
            ((*keys, "parts", number, "indicator"), part["indicator"])
            for number, part in enumerate(version["parts"])
        ]
        if "penalty" in version:
            named.append(((*keys, "penalty", "indicator"), version["penalty"]["indicator"]))
        seen: set[str] = set()
        for at, id in named:
            known = subject.ids("indicators")
            if id not in known:
                near = nearest(id, known)
                yield _REPORT.error(document, "unknown", *at, indicator=id, near=near)
                continue
            if id in seen:
                yield _REPORT.error(document, "twice", *at, indicator=id)
            seen.add(id)
            yield from _evidence(subject, document, at, id)


def _evidence(
    subject: Subject, document: Document, at: tuple[str | int, ...], id: str
) -> Iterator[Finding]:
    """Yield columns without which a figure cannot be counted by month, area and unit."""
    indicator = subject.by_id("indicators").get(id)
    sql = subject.package.beside(indicator, ".sql") if indicator is not None else None
    figure = subject.compiled(sql)
    if figure is None or figure.faults:
        return  # told by the question of indicators
    answered = statements.answered_columns(figure.figure, EVIDENCE)
    for column in (UNIT, DIVISION, document.data["counts_by"]):
        if column not in answered and STAR not in answered:
            yield _REPORT.error(document, "column", *at, indicator=id, column=column)


def _examples(subject: Subject, document: Document) -> Iterator[Finding]:
    index = read_index(subject.package.id, document.data)
    for place, test in enumerate(document.data["tests"]):
        keys, name = ("tests", place), test["name"]
        version = index.on(_day(test["on"]))
        if version is None:
            yield _REPORT.error(document, "example-early", *keys, name=name, day=test["on"])
            continue
        for id in test["given"].keys() - set(version.indicators):
            yield _REPORT.error(document, "example-part", *keys, name=name, indicator=id)
        found = score(version, test["given"])
        wanted: Mapping[str, Any] = test["expect"]
        if (found.value, found.colour) != (wanted["score"], wanted["colour"]):
            answered = "-" if found.value is None else f"{found.value:g}"
            yield _REPORT.error(
                document, "example-wrong", *keys, name=name, score=answered, colour=found.colour
            )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min
