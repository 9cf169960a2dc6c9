"""Foreign SQL, examined and then run in a locked room.

A package is foreign code. Its SQL is one SELECT; it reads only the tables it names as
``{{ dataset('id') }}``, and calls only the functions listed here, none of which reads a file, a
setting, the clock or chance. It then runs in a process of its own (``room``), in a DuckDB in
memory, with external access off, configuration locked, and memory, threads and time bounded: two
walls, because a list of functions can have a hole and so can an engine.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import resources

import pyarrow as pa
import sqlglot
from sqlglot import exp

from guantong.base import words
from guantong.base.declared import read_declared
from guantong.data import room, room_keeper
from guantong.data.errors import SqlRefused
from guantong.data.fault import shown

Scalar = str | int | float | bool | date | datetime


@dataclass(frozen=True, kw_only=True)
class ByArea:
    """A value that areas have set for themselves: ``everywhere``, and other ones in some areas.

    An area is named by the digits all its places share; of two that hold a place the longer wins.
    """

    everywhere: Scalar
    areas: Mapping[str, Scalar] = field(default_factory=dict)

    def __str__(self) -> str:
        said = [f"{area}: {value}" for area, value in sorted(self.areas.items())]
        return "; ".join([str(self.everywhere), *said])


Parameter = Scalar | ByArea

MOST_SECONDS = 30.0
# Each word of the lists in functions.yaml, which say what they are for.
FUNCTIONS = frozenset(
    name
    for names in read_declared(
        (resources.files("guantong.data") / "functions.yaml").read_text(encoding="utf-8")
    ).values()
    for name in names.split()
)

# Rows by chance, or about the store instead of its rows.
_NOT_READING = (
    exp.TableSample, exp.Summarize, exp.Describe, exp.Version, exp.Pivot, exp.Show, exp.Pragma,
)  # fmt: skip
# Words without brackets that PostgreSQL answers from its session, and texts it reads as the clock.
_SESSION_WORDS = frozenset({"user", "current_role", "current_schema", "system_user"})
_CLOCK_WORDS = frozenset({"now", "today", "tomorrow", "yesterday"})

_DATASET = re.compile(r"\{\{\s*dataset\(\s*(['\"])([^'\"{}]+)\1\s*\)\s*\}\}")
_PARAMETER = re.compile(r"\{\{\s*parameter\(\s*(['\"])([A-Za-z_][A-Za-z0-9_]*)\1\s*\)\s*\}\}")
# The value in force for the division in a column.
_BY_AREA = re.compile(
    r"\{\{\s*parameter\(\s*(['\"])([A-Za-z_][A-Za-z0-9_]*)\1\s*,"
    r"\s*([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?)\s*\)\s*\}\}"
)
_MACRO = "parameter_by_area_"
_BRACES = re.compile(r"\{\{.{0,40}|\{%.{0,40}", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A SELECT that was examined: what DuckDB is given, and what it reads."""

    sql: str
    datasets: tuple[str, ...]
    parameters: tuple[str, ...]
    # Those of the parameters that are asked for by the division in a column.
    by_area: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing wrong with a statement, for whoever examines a package."""

    code: str
    facts: Mapping[str, object]

    def sentence(self, language: str = "en") -> str:
        """Return what is wrong and what to do."""
        return words.say(f"data.sql.{self.code}", language, **self.facts)


@functools.lru_cache(maxsize=512)
def read_sql(sql: str) -> Statement:
    """Return the statement, or refuse it with SqlRefused: what it asked for and may not."""
    datasets = dict.fromkeys(found[1] for found in _DATASET.findall(sql))
    plain = dict.fromkeys(found[1] for found in _PARAMETER.findall(sql))
    by_area = dict.fromkeys(found[1] for found in _BY_AREA.findall(sql))
    rendered = _DATASET.sub(lambda m: f'"{m[2]}"', sql)
    rendered = _PARAMETER.sub(lambda m: f"${m[2]}", rendered)
    rendered = _BY_AREA.sub(lambda m: f"{_MACRO}{m[2]}({m[3]})", rendered)
    if braces := _BRACES.search(rendered):
        raise SqlRefused(reason="braces", found=shown(braces[0]))
    try:
        trees = [tree for tree in sqlglot.parse(rendered, read="duckdb") if tree is not None]
    except (sqlglot.errors.SqlglotError, RecursionError) as fault:
        raise SqlRefused(reason="syntax", fault=_first_line(fault)) from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Select | exp.SetOperation):
        kinds = ", ".join(tree.key.upper() for tree in trees) or "—"
        raise SqlRefused(reason="one-select", found=kinds)
    tree = trees[0]
    _refuse_parts(tree, frozenset(f"{_MACRO}{name}".lower() for name in by_area))
    _refuse_tables(tree, frozenset(datasets))
    # What was examined is what runs: written anew from the tree, so that no comment and no quote
    # that DuckDB reads in another way than sqlglot hides anything.
    examined = tree.sql(dialect="duckdb", comments=False)
    return Statement(
        sql=examined, datasets=tuple(datasets), parameters=tuple(plain | by_area),
        by_area=tuple(by_area),
    )  # fmt: skip


def _refuse_parts(tree: exp.Expr, macros: frozenset[str]) -> None:
    """Refuse what no statement may hold, wherever it stands in it."""
    for node in tree.walk():
        if isinstance(node, _NOT_READING) or _asks_the_session(node):
            raise SqlRefused(reason="not-reading", found=shown(node.sql(dialect="duckdb")))
        if isinstance(node, exp.Func):
            name = _function(node)
            if name not in FUNCTIONS and name not in macros:
                raise SqlRefused(reason="function", found=shown(name))
        elif isinstance(node, exp.Command | exp.DDL | exp.DML) and not isinstance(node, exp.Query):
            raise SqlRefused(reason="one-select", found=node.key.upper())


def _asks_the_session(node: exp.Expr) -> bool:
    """Say whether a word without brackets would be answered by the clock or the session."""
    if isinstance(node, exp.Column):
        plain = isinstance(node.this, exp.Identifier) and not node.this.quoted
        return plain and not node.table and node.name.lower() in _SESSION_WORDS
    if isinstance(node, exp.Cast | exp.Date | exp.Timestamp | exp.TsOrDsToDate):
        given = node.this
        return isinstance(given, exp.Literal) and given.name.strip().lower() in _CLOCK_WORDS
    return False


def _refuse_tables(node: exp.Expr, known: frozenset[str]) -> None:
    """Refuse a table that is neither declared nor, at this place, named by a WITH.

    Only at this place: ``with x as (select * from x)`` reads a table x from outside.
    """
    ctes = node.args.get("with_")
    if ctes is not None:
        for cte in ctes.expressions:
            own = _as_stores_read(cte.args["alias"].this)
            _refuse_tables(cte.this, known | {own} if ctes.args.get("recursive") else known)
            known |= {own}
    if isinstance(node, exp.Table) and not isinstance(node.this, exp.Func):
        # A table function is looked at as a function.
        qualified = node.args.get("db") or node.args.get("catalog")
        if qualified or _as_stores_read(node.this) not in known:
            raise SqlRefused(reason="table", found=shown(node.sql(dialect="duckdb")))
    for child in node.iter_expressions():
        if child is not ctes:
            _refuse_tables(child, known)


def _as_stores_read(name: exp.Expr) -> str:
    # PostgreSQL, where figures run, folds what is not quoted; so two names DuckDB takes for one
    # may be two there, and the second a table of the store.
    quoted = isinstance(name, exp.Identifier) and name.quoted
    return name.name if quoted else name.name.lower()


def _function(node: exp.Func) -> str:
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return str(node.name).lower()
    return str(node.sql_names()[0]).lower()


def run_sql(
    statement: Statement,
    tables: Mapping[str, pa.Table],
    parameters: Mapping[str, Parameter] | None = None,
    *,
    most_seconds: float = MOST_SECONDS,
) -> pa.Table:
    """Run an examined statement over ``tables`` and return its rows; it reaches nothing else."""
    given = parameters or {}
    for name in statement.datasets:
        if name not in tables:
            raise SqlRefused(reason="dataset", found=name)
    for name in statement.parameters:
        if name not in given:
            raise SqlRefused(reason="parameter", found=name)
    tables = {name: tables[name] for name in statement.datasets}
    values = {name: _everywhere(given[name]) for name in _plain(statement)}
    macros = [_macro(name, given[name]) for name in statement.by_area]
    try:
        return room_keeper.ask(statement.sql, values, tables, most_seconds, macros=macros)
    except room_keeper.Told as told:
        raise SqlRefused(reason=told.reason, **_facts(told, most_seconds)) from None


def _facts(told: room_keeper.Told, seconds: float) -> dict[str, object]:
    match told.reason:
        case "time":
            return {"limit": seconds}
        case "run":
            return {"fault": shown(_line(told.fault))}
        case "memory":
            return {"most": room.MOST_BYTES >> 20}
        case _:
            return {"most": room.MOST_ANSWER_BYTES >> 20}


def _plain(statement: Statement) -> list[str]:
    """Return the parameters that stand in the statement as one value; DuckDB takes no others."""
    return [n for n in statement.parameters if re.search(rf"\${n}(?!\w)", statement.sql)]


def _everywhere(value: Parameter) -> Scalar:
    return value.everywhere if isinstance(value, ByArea) else value


def _macro(name: str, value: Parameter) -> str:
    """Return the function that answers a parameter's value for a division, as SQL.

    The few areas that set a value of their own are its cases, the smallest first.
    """
    areas = value.areas if isinstance(value, ByArea) else {}
    cases = [
        f"when starts_with(division, '{area}') then {_literal(areas[area])}"
        for area in sorted(areas, key=lambda area: (-len(area), area))
        if area.isascii() and area.isdigit()
    ]
    answer = _literal(_everywhere(value))
    body = f"case {' '.join(cases)} else {answer} end" if cases else answer
    return f"create temporary macro {_MACRO}{name}(division) as {body}"


def _literal(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    quoted = "'" + str(value).replace("'", "''") + "'"
    kinds = ((float, "double"), (datetime, "timestamptz"), (date, "date"))
    kind = next((name for type, name in kinds if isinstance(value, type)), "varchar")
    return f"cast({quoted} as {kind})"


def examine_sql(
    sql: str, datasets: Mapping[str, pa.Schema], parameters: Mapping[str, Parameter]
) -> list[Finding]:
    """Return what is wrong with a package's SQL, without any data: for the doctor.

    The statement is run over empty tables of those columns, so that DuckDB itself says which
    column does not exist and which types do not go together.
    """
    try:
        statement = read_sql(sql)
    except SqlRefused as refusal:
        return [Finding(code=refusal.reason, facts=refusal.facts)]
    unknown = [
        Finding(code="dataset", facts={"found": name})
        for name in statement.datasets
        if name not in datasets
    ]
    unknown += [
        Finding(code="parameter", facts={"found": name})
        for name in statement.parameters
        if name not in parameters
    ]
    if unknown:
        return unknown
    try:
        empty = {name: datasets[name].empty_table() for name in statement.datasets}
        run_sql(statement, empty, parameters)
    except SqlRefused as refusal:
        return [Finding(code=refusal.reason, facts=refusal.facts)]
    return []


def _first_line(fault: BaseException) -> str:
    return shown(_line(str(fault)) or type(fault).__name__)


def _line(text: str) -> str:
    return text.splitlines()[0] if text else ""
