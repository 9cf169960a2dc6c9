"""Is every file of a known kind, readable, and closed by its schema?

A key nobody reads is a rule silently missing; a file nobody reads is a promise silently
broken. So both are refused, with the nearest one that is known.
"""

from collections.abc import Iterator

from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.kinds.known import KINDS

_REPORT = Report("schema")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with files as such, files that are missing, and files left alone."""
    yield from subject.schema_findings
    package = subject.package
    for kind in KINDS:
        if kind.needed and package.one(kind.name) is None:
            yield _REPORT.error(Document(kind.places[0], kind.name, b""), "file-missing", at=0)
    for language in ("zh-CN", "en"):
        path = f"messages/{language}.yaml"
        if path not in package.documents:
            yield _REPORT.error(Document(path, "messages", b""), "file-missing", at=0)
    for declared, sql in (("indicators", "figures"), ("datasets", "derivations")):
        for document in package.each(sql):
            if package.beside(document, ".yaml") is None:
                yield _REPORT.error(document, "sql-alone", kind=declared)
    for document in package.each("indicators"):
        if package.beside(document, ".sql") is None:
            yield _REPORT.error(document, "no-sql")
