"""Is every contract complete, kept by its SQL, and shown to be right by its examples?

A dataset without a source unit has nobody to correct it; a source unit that is neither lead
nor supporting has never agreed to supply it. Without a class nobody knows who may see it, and
a derived dataset without an example is a calculation nobody has checked.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from guantong.data.api import Statement
from guantong.packages.doctor import statements
from guantong.packages.doctor.columns import tables
from guantong.packages.doctor.examples import answered, fits
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import (
    Subject,
    choices,
    column_at,
    columns,
    custom,
    custom_at,
)
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.sql import STAR

_REPORT = Report("datasets")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is missing in contracts of datasets, and what their SQL does not keep."""
    known = tables(subject)
    for document in subject.each("datasets"):
        yield from complete(_REPORT, subject, document)
        origins = {"landing", "derivedBy", "sample"} & custom(document).keys()
        if not origins:
            yield _REPORT.error(document, "no-origin", "customProperties")
        sql = subject.package.beside(document, ".sql")
        if "derivedBy" in custom(document) and sql is not None:
            yield from _derived(subject, document, sql, known)
        elif sql is not None:
            yield _REPORT.error(document, "not-derived", "customProperties", sql=sql.path)


def complete(report: Report, subject: Subject, document: Document) -> Iterator[Finding]:
    """Yield what a contract lacks: asked of datasets and of objects alike."""
    refusal = subject.refusal(document)
    if refusal is not None:
        yield report.error(document, "refused", cause=refusal)
        return
    given = custom(document)
    for needed in ("sourceUnit", "sharing", "opening"):
        if needed not in given:
            yield report.error(document, "property-missing", "customProperties", property=needed)
    yield from _source_unit(report, subject, document, given.get("sourceUnit"))
    if not any(column.get("primaryKey") for column in columns(document).values()):
        yield report.error(document, "no-key", "schema", 0, "properties")
    for name, column in columns(document).items():
        if "classification" not in column:
            yield report.error(document, "no-class", *column_at(document, name), column=name)
        yield from _held(report, document, name, column)
    yield from _related(report, subject, document)


# The least and the greatest of a value, and of the length of a text.
_BOUNDS = (("minimum", "maximum"), ("minLength", "maxLength"))


def _held(
    report: Report, document: Document, name: str, column: Mapping[str, Any]
) -> Iterator[Finding]:
    """Yield bounds that no value keeps, and examples that do not keep their own column."""
    rules, keys = column.get("logicalTypeOptions", {}), column_at(document, name)
    for low, high in _BOUNDS:
        if low in rules and high in rules and rules[low] > rules[high]:
            yield report.error(document, "bounds", *keys, column=name)
    for check_ in column.get("quality", []):
        least, most = check_.get("mustBeBetween", (0, 0))
        if least > most:
            yield report.error(document, "bounds", *keys, column=name)
    for example in column.get("examples", []):
        if not _fits(example, column, rules):
            yield report.error(document, "example", *keys, column=name, example=example)
    if column.get("primaryKey") and not column["required"]:
        yield report.error(document, "key-empty", *keys, column=name)


def _fits(example: object, column: Mapping[str, Any], rules: Mapping[str, Any]) -> bool:
    """Say whether a value is one the column would take, as far as its bounds say."""
    if isinstance(example, bool) or example is None:
        return bool(column["logicalType"] == "boolean")
    if column["logicalType"] in ("number", "integer"):
        least, most = rules.get("minimum", -math.inf), rules.get("maximum", math.inf)
        return isinstance(example, int | float) and bool(least <= example <= most)
    text = str(example)
    allowed = choices(column)
    if allowed and example not in allowed:
        return False
    long_enough = bool(rules.get("minLength", 0) <= len(text) <= rules.get("maxLength", len(text)))
    return long_enough and re.search(rules.get("pattern", ""), text) is not None


def _related(report: Report, subject: Subject, document: Document) -> Iterator[Finding]:
    """Yield columns that point to one of another type, where nothing is ever found."""
    contracts = [*subject.each("datasets"), *subject.each("objects")]
    tables_ = {other.data["schema"][0]["name"]: other for other in contracts}
    for name, column in columns(document).items():
        for relation in column.get("relationships", []):
            table, _, target = relation["to"].partition(".")
            other = columns(tables_[table]).get(target) if table in tables_ else None
            if other is not None and other["logicalType"] != column["logicalType"]:
                facts = {"column": name, "to": relation["to"], "type": other["logicalType"]}
                yield report.error(
                    document, "other-type", *column_at(document, name), own=column["logicalType"],
                    **facts,
                )  # fmt: skip


def _source_unit(
    report: Report, subject: Subject, document: Document, unit: str | None
) -> Iterator[Finding]:
    app = subject.one("app")
    if app is None or unit is None:
        return
    line = unit.partition("@")[0]
    partners = [app.data["lead"].partition("@")[0], *app.data.get("supporting", []), "area"]
    if line not in partners:
        keys = custom_at(document, "sourceUnit")
        yield report.error(
            document, "stranger", *keys, unit=unit, partners=", ".join(partners[:-1])
        )


def _derived(
    subject: Subject, document: Document, sql: Document, known: Mapping[str, pa.Schema]
) -> Iterator[Finding]:
    given = custom(document)
    if given["derivedBy"] != sql.path:
        keys = custom_at(document, "derivedBy")
        yield _REPORT.error(document, "other-sql", *keys, named=given["derivedBy"], sql=sql.path)
    found = list(statements.examine(_REPORT, subject, sql, sql.text, 0, known))
    yield from found
    read, told = set(statements.datasets_in(sql.text)), set(given.get("derivedFrom", []))
    for name in sorted(read ^ told):
        keys = custom_at(document, "derivedFrom")
        code = "input-untold" if name in read else "input-unread"
        yield _REPORT.error(document, code, *keys, dataset=name)
    statement: Statement | None = subject.compiled(sql)
    if statement is not None:
        for name in sorted(set(statement.parameters) ^ set(given.get("parameters", []))):
            keys = custom_at(document, "parameters")
            code = "parameter-untold" if name in statement.parameters else "parameter-unread"
            yield _REPORT.error(document, code, *keys, parameter=name)
    if found or statement is None or any(name not in known for name in statement.datasets):
        return
    yield from _columns(document, sql, statement)
    if not given.get("tests"):
        yield _REPORT.error(document, "no-example", "customProperties")
    yield from _examples(subject, document, statement, known)


def _columns(document: Document, sql: Document, statement: Statement) -> Iterator[Finding]:
    """Yield columns that the contract and the SQL do not have in common."""
    answered = statements.answered_columns(statement)
    if STAR in answered:
        yield _REPORT.error(sql, "star")
        return
    for name in columns(document):
        if name not in answered:
            keys = column_at(document, name)
            yield _REPORT.error(document, "column-unanswered", *keys, column=name, sql=sql.path)
    for name in answered:
        if name not in columns(document):
            yield _REPORT.error(document, "column-untold", "schema", column=name, sql=sql.path)


def _examples(
    subject: Subject, document: Document, statement: Statement, known: Mapping[str, pa.Schema]
) -> Iterator[Finding]:
    keys = custom_at(document, "tests")
    for place, test in enumerate(custom(document).get("tests", [])):
        parameters = {**statements.parameters(subject), **test.get("parameters", {})}
        at = (*keys, place)
        rows = answered(_REPORT, document, at, test, statement, known, parameters)
        if isinstance(rows, Finding):
            yield rows
            continue
        for row, expected in enumerate(test["expect"]):
            if not any(fits(expected, found, test.get("tolerance", {})) for found in rows):
                yield _REPORT.error(
                    document, "example-wrong", *at, "expect", row, name=test["name"], rows=len(rows)
                )
        for name in test["given"]:
            if name not in statement.datasets:
                yield _REPORT.error(
                    document, "example-dataset", *at, "given", name, name=test["name"], dataset=name
                )
