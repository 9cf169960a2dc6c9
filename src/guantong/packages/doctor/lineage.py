"""Where the columns of a SELECT come from: through all its parts, down to the datasets it names.

The syntax tree is qualified over the known columns, so that every column has the table it is
taken from. What cannot be traced (SQL that is refused elsewhere) is none, and tells nothing.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope, traverse_scope

from guantong.data.api import Statement

# A figure of many rows is nobody's: what is only counted or added up is not passed on.
_TOGETHER = (exp.Count, exp.CountIf, exp.Sum, exp.Avg)


@dataclass(frozen=True, slots=True)
class Source:
    """One column of one dataset."""

    dataset: str
    column: str


@dataclass(frozen=True)
class Lineage:
    """One SELECT with the table of every column."""

    root: Scope
    datasets: Mapping[str, str] = field(repr=False)

    def passed_on(self, part: str = "") -> Mapping[str, frozenset[Source]]:
        """Return the columns a SELECT, or a named part of it, answers, and whose values they show.

        A column that is only counted, added up or averaged shows nobody's value.
        """
        scope = self.root
        if part:
            named = self.root.cte_sources.get(part)
            if not isinstance(named, Scope):
                return {}
            scope = named
        return {
            column.alias_or_name: frozenset(self._shown(column, scope))
            for column in _selects(scope)
        }

    def compared(self) -> Iterator[tuple[exp.Expr, Source, tuple[exp.Expr, ...]]]:
        """Yield each comparison of a column with constants: itself, the column, the constants."""
        for scope in traverse_scope(self.root.expression):
            for test in scope.find_all(exp.EQ, exp.NEQ, exp.In):
                sides = (test.this, *(test.expressions or [test.args.get("expression")]))
                columns = [side for side in sides if isinstance(side, exp.Column)]
                constants = tuple(side for side in sides if isinstance(side, exp.Literal))
                if len(columns) == 1 and constants and len(constants) == len(sides) - 1:
                    source = self._itself(columns[0], scope)
                    if source is not None:
                        yield test, source, constants

    def _itself(self, column: exp.Column, scope: Scope) -> Source | None:
        """Return the column of a dataset that this is, unchanged."""
        source = scope.sources.get(column.table)
        if isinstance(source, exp.Table):
            id = self.datasets.get(source.name)
            return None if id is None else Source(id, column.name)
        if isinstance(source, Scope) and isinstance(source.expression, exp.Select):
            for answered in _selects(source):
                made = answered.unalias()
                if answered.alias_or_name == column.name and isinstance(made, exp.Column):
                    return self._itself(made, source)
        return None

    def _shown(self, expression: exp.Expr, scope: Scope) -> Iterator[Source]:
        for column in expression.find_all(exp.Column):
            if column.find_ancestor(*_TOGETHER) is not None:
                continue
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                if (id := self.datasets.get(source.name)) is not None:
                    yield Source(id, column.name)
            elif isinstance(source, Scope):
                for answered, inner in _answers(source, column.name):
                    yield from self._shown(answered, inner)


def _answers(scope: Scope, name: str) -> Iterator[tuple[exp.Expr, Scope]]:
    """Yield what answers a column of a part; of several queries put together, each by its place."""
    names = [answered.alias_or_name for answered in _selects(scope)]
    if name not in names:
        return
    for inner in scope.set_operation_scopes or [scope]:
        if len(_selects(inner)) > names.index(name):
            yield _selects(inner)[names.index(name)], inner


def _selects(scope: Scope) -> list[exp.Expr]:
    """Return what a query answers, in order."""
    query = scope.expression
    return list(query.selects) if isinstance(query, exp.Query) else []


def traced(statement: Statement, tables: Mapping[str, pa.Schema]) -> Lineage | None:
    """Return the lineage of a statement over the tables it names; none where it has none."""
    names = tuple((id, tuple(tables[id].names)) for id in statement.datasets if id in tables)
    return _traced(statement.sql, names)


@functools.lru_cache(maxsize=256)
def _traced(sql: str, tables: tuple[tuple[str, tuple[str, ...]], ...]) -> Lineage | None:
    # Names with a point become short ones: sqlglot would take the part before it for a schema.
    short = {id: f"dataset_{place}" for place, (id, _) in enumerate(tables)}
    schema: dict[str, object] = {short[id]: dict.fromkeys(names, "varchar") for id, names in tables}
    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
        for table in tree.find_all(exp.Table):
            if table.name in short:
                if not table.alias:
                    alias = exp.to_identifier(table.name, quoted=True)
                    table.set("alias", exp.TableAlias(this=alias))
                table.set("this", exp.to_identifier(short[table.name]))
        qualified = qualify(
            tree, schema=schema, dialect="duckdb", validate_qualify_columns=False,
            quote_identifiers=False,
        )  # fmt: skip
        root = build_scope(qualified)
    except SqlglotError:
        return None
    return None if root is None else Lineage(root, {name: id for id, name in short.items()})
