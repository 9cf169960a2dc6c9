"""Does every SQL text give the same answer each time, and ask for values that can occur?

Where the order of rows decides and nobody gave one, the same rows answer this today and that
tomorrow. A comparison with a value the column never has counts nothing, and a join on nothing
counts everything once for each of everything else: both look like figures.
"""

import math
from collections.abc import Iterator, Mapping

import pyarrow as pa
import sqlglot
from sqlglot import exp

from guantong.base.errors import GuantongError
from guantong.data.api import Statement
from guantong.flows.api import STATES
from guantong.packages.doctor import statements
from guantong.packages.doctor.columns import tables
from guantong.packages.doctor.examples import answer
from guantong.packages.doctor.known import NO_LEVEL
from guantong.packages.doctor.lineage import Source, traced
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject, choices, columns
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest
from guantong.packages.sql import IndicatorSql

_REPORT = Report("sql")
# Functions of a window whose answer is the order of its rows.
_ORDERED = (exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)
# Functions that answer whichever row comes first.
_FIRST_COME = (exp.First, exp.Last, exp.AnyValue)
_SIDES = 2
_OPEN_CLOSED = frozenset({"open", "closed"})
_KINDS = frozenset({"plan", "step"})


def check(subject: Subject) -> Iterator[Finding]:
    """Yield SQL whose answer is left to chance, joins on nothing, and values that never occur."""
    known, possible = tables(subject), _possible(subject)
    for kind in ("derivations", "figures"):
        for document in subject.each(kind):
            made = subject.compiled(document)
            statement = made.figure if isinstance(made, IndicatorSql) else made
            if not isinstance(statement, Statement):
                continue
            tree = sqlglot.parse_one(statement.sql, read="duckdb")
            yield from _chance(document, tree)
            yield from _joins(document, tree)
            yield from _values(document, statement, known, possible)
            if isinstance(made, IndicatorSql) and not made.faults:
                yield from _of_nothing(document, statement, known)


def _chance(document: Document, tree: exp.Expr) -> Iterator[Finding]:
    """Yield windows and limits whose rows nobody has put in order."""
    for window in tree.find_all(exp.Window):
        if isinstance(window.this, _ORDERED) and not window.args.get("order"):
            yield _told(document, "no-order", window)
    for called in tree.find_all(*_FIRST_COME):
        if called.find_ancestor(exp.Window, exp.WithinGroup) is None:
            yield _told(document, "first-come", called)
    for query in tree.find_all(exp.Select):
        if query.args.get("limit") and not query.args.get("order"):
            yield _told(document, "no-order", query.args["limit"])


def _joins(document: Document, tree: exp.Expr) -> Iterator[Finding]:
    for join in tree.find_all(exp.Join):
        on = join.args.get("on")
        sides = {column.table for column in on.find_all(exp.Column)} if on is not None else set()
        # A column without its table may be of either side.
        if on is not None and "" not in sides and len(sides) < _SIDES:
            yield _told(document, "joined-on-nothing", join)


def _told(document: Document, code: str, part: exp.Expr) -> Finding:
    shown = part.sql(dialect="duckdb")
    name = next((column.name for column in part.find_all(exp.Column)), "")
    at = statements.line_in(document.text, {"name": name}) if name else 1
    return _REPORT.error(document, code, at=at, part=shown if len(shown) < 80 else shown[:79] + "…")


def _values(
    document: Document,
    statement: Statement,
    known: Mapping[str, pa.Schema],
    possible: Mapping[Source, frozenset[str]],
) -> Iterator[Finding]:
    """Yield comparisons with what the column is not, or never has."""
    lineage = traced(statement, known)
    for _, source, constants in lineage.compared() if lineage is not None else ():
        schema = known[source.dataset]
        if source.column not in schema.names:
            continue  # DuckDB says so
        is_text = pa.types.is_string(schema.field(source.column).type)
        allowed = possible.get(source)
        for constant in constants:
            at = statements.line_in(document.text, {"name": source.column})
            facts = {"column": source.column, "value": constant.this}
            if is_text and not constant.is_string:
                yield _REPORT.error(document, "other-type", at=at, **facts)
            elif allowed and constant.is_string and constant.this not in allowed:
                near = nearest(constant.this, allowed)
                yield _REPORT.error(document, "never-occurs", at=at, **facts, near=near)


def _possible(subject: Subject) -> Mapping[Source, frozenset[str]]:
    """Return the values a column can have, where a file or the kernel says them all."""
    items = {item["id"] for plan in subject.each("plans") for item in plan.data["items"]}
    items |= {node for _, graph in subject.flows.values() for node in graph.nodes}
    levels = frozenset({*subject.levels, NO_LEVEL})
    signals = frozenset(subject.ids("signals"))
    processes = frozenset(flow.stem for flow in subject.package.each("flows"))
    own = frozenset({subject.package.id})
    found = {
        Source("flows.task", "state"): frozenset(STATES),
        Source("flows.task", "kind"): _KINDS,
        Source("flows.task", "package"): own,
        Source("flows.task", "item"): frozenset(items),
        Source("flows.case", "state"): _OPEN_CLOSED,
        Source("flows.case", "package"): own,
        Source("flows.case", "process"): processes,
        Source("flows.case", "level"): levels,
        Source("brain.alert", "state"): _OPEN_CLOSED,
        Source("brain.alert", "package"): own,
        Source("brain.alert", "signal"): signals,
        Source("brain.alert", "level"): levels,
        Source("brain.alert", "highest_level"): levels,
    }
    for kind in ("datasets", "objects"):
        for document in subject.each(kind):
            for name, column in columns(document).items():
                if allowed := choices(column):
                    found[Source(document.data["id"], name)] = frozenset(map(str, allowed))
    return found if subject.whole("flows", "plans", "signals") else {}


def _of_nothing(
    document: Document, statement: Statement, known: Mapping[str, pa.Schema]
) -> Iterator[Finding]:
    """Yield figures that are no number before there is anything to count."""
    if any(name not in known for name in statement.datasets) or statement.parameters:
        return  # told by the question of indicators
    try:
        rows = answer(statement, {}, known, {})
    except GuantongError:
        return  # told by the question of indicators
    for row in rows:
        value = row.get("value")
        if isinstance(value, float) and not math.isfinite(value):
            at = statements.line_in(document.text, {"name": "value"})
            yield _REPORT.error(document, "of-nothing", at=at, value=str(value))
