"""Is every figure counted from rows that can be shown, and shown to be right by examples?

Promise P7: every figure says its definition, its source and the way down to its rows. So its
SQL has a part ``evidence`` with the division of each row, and the figure is counted from that
part alone. The examples are run, because a definition in words and one in SQL drift apart.
"""

from collections.abc import Iterator, Mapping

import pyarrow as pa

from guantong.brain.api import datasets_read
from guantong.packages.doctor import statements
from guantong.packages.doctor.columns import tables
from guantong.packages.doctor.examples import answered, fits
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.kernel_datasets import RECORD_DATASETS
from guantong.packages.sql import EVIDENCE, STAR, IndicatorSql

_REPORT = Report("indicators")
_DIVISION = "division_code"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield figures that do not come from their evidence, and examples that do not hold."""
    known = tables(subject)
    shown = {
        figure for page in subject.each("pages") for figure in page.data.get("figures", [])
    } | {
        page.data["league"]["indicator"] for page in subject.each("pages") if "league" in page.data
    }
    for document in subject.each("indicators"):
        if document.data["id"] not in shown and subject.whole("pages"):
            yield _REPORT.warning(document, "never-shown", "id")
        yield from _light(document)
        sql = subject.package.beside(document, ".sql")
        if sql is not None:
            yield from _figure(subject, document, sql, known)
    replay = subject.one("replay")
    if replay is not None:
        for name, text in replay.data["prints"].items():
            before = replay.line("prints", name)
            yield from statements.examine(_REPORT, subject, replay, text, before, known)


def _light(document: Document) -> Iterator[Finding]:
    """Yield lights whose order contradicts which way is better."""
    if light := document.data.get("light"):
        higher = document.data["better"] == "higher"
        if (light["green"] > light["yellow"]) != higher:
            yield _REPORT.error(document, "light", "light", better=document.data["better"])


def _figure(
    subject: Subject, document: Document, sql: Document, known: Mapping[str, pa.Schema]
) -> Iterator[Finding]:
    figure: IndicatorSql | None = subject.compiled(sql)
    if figure is None or any(name not in known for name in figure.figure.datasets):
        yield from statements.examine(_REPORT, subject, sql, sql.text, 0, known)
        return
    yield from _brought(subject, sql, figure)
    for fault in figure.faults:
        yield _REPORT.error(sql, fault)
    if figure.faults:
        return
    examples = list(_examples(subject, document, figure, known))
    if any(finding.code == "example-failed" for finding in examples):
        # Over empty tables it can be said whether the SQL is at fault, and not the rows.
        found = list(statements.examine(_REPORT, subject, sql, sql.text, 0, known))
        yield from found or examples
        return
    yield from examples
    evidence = statements.answered_columns(figure.figure, EVIDENCE)
    if _DIVISION not in evidence and STAR not in evidence:
        yield _REPORT.error(sql, "no-division")
    split = document.data.get("split_by")
    if split is not None and split not in evidence and STAR not in evidence:
        yield _REPORT.error(document, "split", "split_by", column=split)


def _brought(subject: Subject, sql: Document, figure: IndicatorSql) -> Iterator[Finding]:
    """Yield what the brain does not bring to a figure when it counts it for a reader."""
    brought = RECORD_DATASETS | subject.ids("objects", "signals") | set(subject.kept_by)
    for name in figure.figure.datasets:
        at = statements.line_in(sql.text, {"name": name})
        if name not in brought:
            yield _REPORT.error(sql, "not-brought", at=at, dataset=name)
        elif name not in datasets_read(sql.text):
            yield _REPORT.error(sql, "quotes", at=at, dataset=name)
    for name in figure.figure.parameters:
        at = statements.line_in(sql.text, {"name": name})
        yield _REPORT.error(sql, "parameter", at=at, parameter=name)


def _examples(
    subject: Subject, document: Document, sql: IndicatorSql, known: Mapping[str, pa.Schema]
) -> Iterator[Finding]:
    for place, test in enumerate(document.data["tests"]):
        keys, parameters = ("tests", place), statements.parameters(subject)
        parameters |= test.get("parameters", {})
        rows = answered(_REPORT, document, keys, test, sql.figure, known, parameters)
        if isinstance(rows, Finding):
            yield rows
            continue
        within = test.get("tolerance", {})
        expected = test["expect"]
        if len(rows) != len(expected) or not all(
            fits(wanted, row, within) for wanted, row in zip(expected, rows, strict=True)
        ):
            told = ", ".join(str(row.get("value")) for row in rows) or "-"
            yield _REPORT.error(document, "example-wrong", *keys, name=test["name"], answered=told)
        for name in test["given"]:
            if name not in sql.figure.datasets:
                yield _REPORT.error(
                    document, "example-dataset", *keys, "given", name,
                    name=test["name"], dataset=name,
                )  # fmt: skip
