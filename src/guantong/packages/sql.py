"""The SQL of an indicator, from its syntax tree: the figure, and the rows the figure counts.

An indicator is one SELECT over a part named ``evidence``. The figure is counted from the
evidence alone, so that every figure has rows behind it (promise P7) and can be cut to an area
by the division of its rows. What SQL of packages may do at all is decided by ``guantong.data``.
"""

from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

from guantong.data.api import Statement, read_sql

EVIDENCE = "evidence"
VALUE = "value"
STAR = "*"


@dataclass(frozen=True)
class IndicatorSql:
    """One indicator's SQL. ``figure`` answers ``value``, ``evidence`` the rows behind it."""

    figure: Statement
    evidence: Statement
    faults: tuple[str, ...]
    tree: exp.Query = field(repr=False, compare=False)


def indicator_sql(text: str) -> IndicatorSql:
    """Return an indicator's SQL in its two forms; SQL that no package may use is refused."""
    figure = read_sql(text)
    tree = sqlglot.parse_one(figure.sql, read="duckdb")
    assert isinstance(tree, exp.Query), "read_sql lets only queries pass"
    rows = exp.select("*").from_(EVIDENCE)
    rows.set("with_", tree.args.get("with_"))
    evidence = Statement(
        sql=rows.sql("duckdb"), datasets=figure.datasets, parameters=figure.parameters
    )
    return IndicatorSql(figure, evidence, tuple(_faults(tree)), tree)


def _faults(tree: exp.Query) -> list[str]:
    if not isinstance(tree, exp.Select):
        return ["not-one-select"]
    outer = tree.copy()
    own = outer.args.get("with_")
    outer.set("with_", None)
    found = []
    if own is None or EVIDENCE not in {cte.alias for cte in own.expressions}:
        return ["no-evidence"]
    if not any(column.find(exp.AggFunc) for column in tree.selects) or tree.args.get("group"):
        found.append("not-aggregate")
    if [column.alias_or_name for column in tree.selects] != [VALUE]:
        found.append("not-value")
    if {table.name for table in outer.find_all(exp.Table)} != {EVIDENCE}:
        found.append("not-from-evidence")
    return found
