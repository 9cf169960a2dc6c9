"""Does nothing come out under a weaker guard than it went in?

What a source unit shares with nobody must not come out of another line's dataset; what is
personal must stay so when it is passed on under another name. And whoever opens a figure, a map
or a league must not meet a name there: pages are read by people who have no task with it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from guantong.packages.doctor.columns import tables
from guantong.packages.doctor.lineage import Source, traced
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject, column_at, columns, custom, custom_at
from guantong.packages.doctor.work import line_of_role
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.sql import EVIDENCE, IndicatorSql

_REPORT = Report("sharing")
# Personal and important data (DB33/T 2351-2021, levels 3 and 4).
_GUARDED = frozenset({"L3", "L4"})
_NUMBERS = frozenset({"number", "integer"})


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what a dataset, a figure or a page shows to more people than its source allows."""
    contracts = {**subject.by_id("datasets"), **subject.by_id("objects")}
    guarded = {
        Source(id, name): str(column["classification"])
        for id, document in contracts.items()
        for name, column in columns(document).items()
        if column.get("classification") in _GUARDED
    }
    for document in subject.each("datasets"):
        if "derivedBy" in custom(document):
            yield from _not_shared(document, contracts)
            yield from _class_lost(subject, document, guarded)
    yield from _evidence(subject, guarded)
    yield from _signals(subject, guarded)
    yield from _pages(subject, contracts)


def _not_shared(document: Document, contracts: Mapping[str, Document]) -> Iterator[Finding]:
    """Yield inputs of another line that it shares with nobody."""
    own = line_of_role(custom(document).get("sourceUnit", ""))
    for name in custom(document).get("derivedFrom", []):
        given = custom(contracts[name]) if name in contracts else {}
        source = given.get("sourceUnit", "")
        if given.get("sharing") == "none" and line_of_role(source) != own:
            keys = custom_at(document, "derivedFrom")
            yield _REPORT.error(document, "not-shared", *keys, dataset=name, source=source)


def _class_lost(
    subject: Subject, document: Document, guarded: Mapping[Source, str]
) -> Iterator[Finding]:
    """Yield columns that pass on a guarded value under a class that guards it less."""
    statement = subject.compiled(subject.package.beside(document, ".sql"))
    if statement is None or not {source.dataset for source in guarded} & set(statement.datasets):
        return
    lineage = traced(statement, tables(subject))
    for name, sources in lineage.passed_on().items() if lineage is not None else ():
        own = columns(document).get(name, {}).get("classification", "")
        for source in sorted(sources & guarded.keys(), key=str):
            if name in columns(document) and own < guarded[source]:
                yield _REPORT.error(
                    document, "class-lost", *column_at(document, name), column=name,
                    own=own or "-", level=guarded[source],
                    source=f"{source.dataset}.{source.column}",
                )  # fmt: skip


def _evidence(subject: Subject, guarded: Mapping[Source, str]) -> Iterator[Finding]:
    """Yield figures whose rows show guarded values to whoever opens them."""
    known = tables(subject)
    for document in subject.each("figures"):
        made = subject.compiled(document)
        if not isinstance(made, IndicatorSql) or made.faults:
            continue
        if not {source.dataset for source in guarded} & set(made.figure.datasets):
            continue
        lineage = traced(made.figure, known)
        for name, sources in lineage.passed_on(EVIDENCE).items() if lineage is not None else ():
            for source in sorted(sources & guarded.keys(), key=str):
                shown = f"{source.dataset}.{source.column}"
                facts = {"column": name, "source": shown, "level": guarded[source]}
                yield _REPORT.error(document, "figure-shows", at=1, **facts)


def _signals(subject: Subject, guarded: Mapping[Source, str]) -> Iterator[Finding]:
    """Yield columns that stand in every alert, and are guarded."""
    for document in subject.each("signals"):
        for key in ("same_matter", "keep"):
            for place, name in enumerate(document.data.get(key, [])):
                level = guarded.get(Source(document.data["on"], name))
                if level is not None:
                    yield _REPORT.error(
                        document, "alert-shows", key, place, column=name, level=level
                    )


def _pages(subject: Subject, contracts: Mapping[str, Document]) -> Iterator[Finding]:
    """Yield columns of pages that are guarded, or are added up and are no numbers."""
    for document in subject.each("pages"):
        for keys, id, name, adds in _shown(document.data):
            column = columns(contracts[id]).get(name) if id in contracts else None
            if column is None:
                continue  # told by the question of references
            if column.get("classification") in _GUARDED:
                facts = {"column": name, "level": column["classification"]}
                yield _REPORT.error(document, "page-shows", *keys, **facts)
            if adds and column["logicalType"] not in _NUMBERS:
                yield _REPORT.error(document, "no-number", *keys, column=name)


def _shown(page: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, str, bool]]:
    """Yield keys, dataset and name of each column a page shows, and whether it adds it up."""
    if page["kind"] == "headcount":
        yield ("people",), page["object"], page["people"], True
    track = page.get("map", {}).get("track", {})
    for key, name in track.items():
        if key != "dataset":
            yield ("map", "track", key), track["dataset"], name, False
