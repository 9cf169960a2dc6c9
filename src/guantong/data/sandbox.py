"""Foreign SQL, examined and then run in a locked room.

A package is foreign code. Its SQL is one SELECT; it reads only the tables it names as
``{{ dataset('id') }}``, and calls only the functions listed here, none of which reads a file, a
setting, the clock or chance. It then runs in a DuckDB of its own, in memory, with external
access off, configuration locked, and memory, threads and time bounded: two walls, because a
list of functions can have a hole and so can an engine.
"""

import functools
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import resources

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from guantong.base import words
from guantong.base.declared import read_declared
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
_ROOM: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,  # several workers derive at once; each keeps to one core
    "memory_limit": "512MB",
    "temp_directory": "",
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}

# Each word of the lists in functions.yaml, which say what they are for.
FUNCTIONS = frozenset(
    name
    for names in read_declared(
        (resources.files("guantong.data") / "functions.yaml").read_text(encoding="utf-8")
    ).values()
    for name in names.split()
)

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
    _check(trees[0], frozenset(datasets), frozenset(f"{_MACRO}{name}".lower() for name in by_area))
    return Statement(
        sql=rendered, datasets=tuple(datasets), parameters=tuple(plain | by_area),
        by_area=tuple(by_area),
    )  # fmt: skip


def _check(tree: exp.Expression, datasets: frozenset[str], macros: frozenset[str]) -> None:
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    for node in tree.walk():
        if isinstance(node, exp.Func):
            name = _function(node)
            if name not in FUNCTIONS and name not in macros:
                raise SqlRefused(reason="function", found=shown(name))
        elif isinstance(node, exp.Table):
            if isinstance(node.this, exp.Func):
                continue  # a table function is looked at as a function
            qualified = node.args.get("db") or node.args.get("catalog")
            if qualified or (node.name not in own and node.name not in datasets):
                raise SqlRefused(reason="table", found=shown(node.sql(dialect="duckdb")))
        elif isinstance(node, exp.Command | exp.DDL | exp.DML) and not isinstance(node, exp.Query):
            raise SqlRefused(reason="one-select", found=node.key.upper())


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
    with duckdb.connect(":memory:", config=dict(_ROOM)) as room:
        for name in statement.datasets:
            room.register(name, tables[name])
        for name in statement.by_area:
            room.execute(_macro(name, given[name]))
        # Last, because registering a table is access from outside. ICU must be loaded for times.
        room.execute(
            "SET TimeZone = 'UTC'; SET enable_external_access = false;"
            " SET lock_configuration = true"
        )
        clock = threading.Timer(most_seconds, room.interrupt)
        clock.start()
        try:
            answer: pa.Table = room.execute(
                statement.sql, {name: _everywhere(given[name]) for name in _plain(statement)}
            ).to_arrow_table()
        except duckdb.InterruptException:
            raise SqlRefused(reason="time", limit=most_seconds) from None
        except duckdb.Error as fault:
            raise SqlRefused(reason="run", fault=_first_line(fault)) from None
        finally:
            clock.cancel()
        return answer


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
    return shown(str(fault).splitlines()[0] if str(fault) else type(fault).__name__)
