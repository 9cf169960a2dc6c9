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
from dataclasses import dataclass
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
_BRACES = re.compile(r"\{\{.{0,40}|\{%.{0,40}", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A SELECT that was examined: what DuckDB is given, and what it reads."""

    sql: str
    datasets: tuple[str, ...]
    parameters: tuple[str, ...]


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
    parameters = dict.fromkeys(found[1] for found in _PARAMETER.findall(sql))
    rendered = _DATASET.sub(lambda m: f'"{m[2]}"', sql)
    rendered = _PARAMETER.sub(lambda m: f"${m[2]}", rendered)
    if braces := _BRACES.search(rendered):
        raise SqlRefused(reason="braces", found=shown(braces[0]))
    try:
        trees = [tree for tree in sqlglot.parse(rendered, read="duckdb") if tree is not None]
    except (sqlglot.errors.SqlglotError, RecursionError) as fault:
        raise SqlRefused(reason="syntax", fault=_first_line(fault)) from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Select | exp.SetOperation):
        kinds = ", ".join(tree.key.upper() for tree in trees) or "—"
        raise SqlRefused(reason="one-select", found=kinds)
    _check(trees[0], frozenset(datasets))
    return Statement(sql=rendered, datasets=tuple(datasets), parameters=tuple(parameters))


def _check(tree: exp.Expression, datasets: frozenset[str]) -> None:
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    for node in tree.walk():
        if isinstance(node, exp.Func):
            name = _function(node)
            if name not in FUNCTIONS:
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
    parameters: Mapping[str, Scalar] | None = None,
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
        # Last, because registering a table is access from outside. ICU must be loaded for times.
        room.execute(
            "SET TimeZone = 'UTC'; SET enable_external_access = false;"
            " SET lock_configuration = true"
        )
        clock = threading.Timer(most_seconds, room.interrupt)
        clock.start()
        try:
            answer: pa.Table = room.execute(
                statement.sql, {name: given[name] for name in statement.parameters}
            ).to_arrow_table()
        except duckdb.InterruptException:
            raise SqlRefused(reason="time", limit=most_seconds) from None
        except duckdb.Error as fault:
            raise SqlRefused(reason="run", fault=_first_line(fault)) from None
        finally:
            clock.cancel()
        return answer


def examine_sql(
    sql: str, datasets: Mapping[str, pa.Schema], parameters: Mapping[str, Scalar]
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
