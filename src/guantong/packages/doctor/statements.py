"""What all SQL of a package must keep, wherever it stands: what ``guantong.data`` lets pass,
over tables that exist, with columns that exist.
"""

import re
from collections.abc import Iterator, Mapping

import pyarrow as pa
import sqlglot
from sqlglot import exp

from guantong.data.api import Scalar, Statement, examine_sql
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding

_DATASET = re.compile(r"\{\{\s*dataset\(\s*['\"]([^'\"]+)['\"]\s*\)\s*\}\}")
_COMMENT = re.compile(r"--[^\n]*")


def parameters(subject: Subject) -> dict[str, Scalar]:
    """Return the default of every parameter the package declares."""
    document = subject.one("parameters")
    given = document.data if document is not None and document.data else {}
    return {name: declared["default"] for name, declared in given.items()}


def texts(subject: Subject) -> Iterator[tuple[Document, str, int]]:
    """Yield every SQL text of the package with its file and the line before its first."""
    for kind in ("derivations", "figures", "samples"):
        for document in subject.each(kind):
            if document.path.endswith(".sql"):
                yield document, document.text, 0
    replay = subject.one("replay")
    if replay is not None:
        for name, text in replay.data["prints"].items():
            yield replay, text, replay.line("prints", name)


def datasets_in(text: str) -> list[str]:
    """Return the datasets a text names, whether or not it is SQL that can be read."""
    return list(dict.fromkeys(_DATASET.findall(_COMMENT.sub("", text))))


def examine(
    report: Report,
    subject: Subject,
    document: Document,
    text: str,
    before: int,
    tables: Mapping[str, pa.Schema],
) -> Iterator[Finding]:
    """Yield what is wrong with one SQL text."""
    declared = subject.ids("datasets", "objects", "signals") | set(subject.kept_by)
    if any(name in declared and name not in tables for name in datasets_in(text)):
        return  # its contract is told; what its columns are cannot be known
    for finding in examine_sql(text, tables, parameters(subject)):
        at = before + line_in(text, finding.facts)
        yield report.error(document, "sql", at=at, cause=finding)


def answered_columns(statement: Statement, part: str = "") -> list[str]:
    """Return the columns a statement, or a named part of it, answers; ``*`` where it says so."""
    tree = sqlglot.parse_one(statement.sql, read="duckdb")
    if part:
        tree = next(cte.this for cte in tree.find_all(exp.CTE) if cte.alias == part)
    assert isinstance(tree, exp.Query), "read_sql lets only queries pass"
    return list(tree.named_selects)


def line_in(text: str, facts: Mapping[str, object]) -> int:
    """Return the line in which what a finding names stands, as near as can be told."""
    told = " ".join(str(fact) for fact in facts.values())
    for number, line in enumerate(text.splitlines(), start=1):
        code = _COMMENT.sub("", line)
        for name in re.findall(r'"([A-Za-z0-9_.]+)"|^([A-Za-z0-9_.]+)$', told):
            word = name[0] or name[1]
            if re.search(rf"(?<![\w.]){re.escape(word)}(?!\w)", code, re.IGNORECASE):
                return number
    return 1
