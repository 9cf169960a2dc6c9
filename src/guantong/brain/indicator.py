"""An indicator as a package declares it: one SQL text, its meaning, its unit, its lights.

The text reads declared datasets, gathers in the table expression ``evidence`` the rows that
count, and selects ``value`` from them. Because the figure is taken from the evidence and from
nothing else, the rows shown behind a figure are the rows that made it (promise P7). The same
text runs on DuckDB (examples, replays) and, written anew by sqlglot, on the record store.
"""

import functools
import re
from dataclasses import dataclass
from typing import Literal

import sqlglot
from sqlglot import exp

DATASET = re.compile(r"\{\{\s*dataset\('([^']+)'\)\s*\}\}")
_PREFIX = "dataset__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One figure. ``green`` and ``yellow`` are the bounds of its lights in its own direction."""

    id: str
    package: str
    title: str
    meaning: str
    unit: str
    sql: str
    source: str
    better: Literal["higher", "lower"] = "lower"
    decimals: int = 0
    green: float | None = None
    yellow: float | None = None
    split_by: str | None = None

    def light(self, value: float | None) -> str:
        """Return green, yellow or red; grey without a value, or where no light is declared."""
        if value is None or self.green is None or self.yellow is None:
            return "grey"
        sign = 1 if self.better == "higher" else -1
        if sign * value >= sign * self.green:
            return "green"
        return "yellow" if sign * value >= sign * self.yellow else "red"


def datasets_read(sql: str) -> tuple[str, ...]:
    """Return the datasets a text reads, each once, in the order of their names."""
    return tuple(sorted(set(DATASET.findall(sql))))


def parse(sql: str) -> exp.Select:
    """Return the syntax tree of a text; each dataset stands in it as one table name."""
    plain = DATASET.sub(lambda m: table_name(m.group(1)), sql)
    tree = sqlglot.parse_one(plain, read="duckdb")
    assert isinstance(tree, exp.Select), "the doctor refuses an indicator that is not one SELECT"
    return tree


def table_name(dataset: str) -> str:
    """Return the table name that stands for a dataset inside a statement."""
    return _PREFIX + dataset.replace(".", "__")


@functools.cache
def record_sql(sql: str) -> str:
    """Return any query over datasets of the record store as PostgreSQL."""
    plain = DATASET.sub(lambda m: table_name(m.group(1)), sql)
    return _written(sqlglot.parse_one(plain, read="duckdb"))


@functools.cache
def figure_sql(sql: str) -> str:
    """Return the figure itself as PostgreSQL."""
    return _written(parse(sql))


@functools.cache
def grouped_sql(sql: str, *, width: int) -> str:
    """Return the figure for each division, by the first ``width`` digits of its code."""
    tree = parse(sql)
    group = sqlglot.parse_one(f"left(division_code, {width})", read="duckdb")
    tree.set("expressions", [exp.alias_(group, "division"), *tree.expressions])
    return _written(tree.group_by(group.copy()))


@functools.cache
def split_sql(sql: str, *, column: str) -> str:
    """Return the figure for each value of a column of its evidence."""
    tree = parse(sql)
    tree.set("expressions", [exp.alias_(exp.column(column), "part"), *tree.expressions])
    return _written(tree.group_by(exp.column(column)))


@functools.cache
def evidence_sql(sql: str) -> str:
    """Return the rows behind the figure."""
    tree = parse(sql)
    tree.set("expressions", [exp.Star()])
    return _written(tree)


@functools.lru_cache(maxsize=512)
def counted_sql(sql: str, *, group: str, width: int, at: str, since: str, until: str) -> str:
    """Return the figure over the evidence of one span of time, for each value of a column.

    ``width`` cuts a code to its first digits; 0 takes the whole value.
    """
    tree = _within(parse(sql), at=at, since=since, until=until)
    column = f"left({group}, {width})" if width else f"cast({group} as varchar)"
    part = sqlglot.parse_one(column, read="duckdb")
    tree.set("expressions", [exp.alias_(part, "part"), *tree.expressions])
    return _written(tree.group_by(part.copy()))


@functools.lru_cache(maxsize=512)
def rows_of_sql(sql: str, *, column: str, begins: str, at: str, since: str, until: str) -> str:
    """Return the evidence of one span of time whose column begins with a value."""
    tree = _within(parse(sql), at=at, since=since, until=until)
    own = exp.func(
        "starts_with", exp.cast(exp.column(column), "varchar"), exp.Literal.string(begins)
    )
    tree = tree.where(own)
    tree.set("expressions", [exp.Star()])
    return _written(tree)


def _within(tree: exp.Select, *, at: str, since: str, until: str) -> exp.Select:
    """Return a text that takes only the evidence from an instant on, up to another."""
    column = exp.column(at)
    begins, ends = (exp.cast(exp.Literal.string(text), "timestamptz") for text in (since, until))
    return tree.where(exp.GTE(this=column, expression=begins)).where(
        exp.LT(this=column.copy(), expression=ends)
    )


def _written(tree: exp.Expr) -> str:
    # Every % is doubled because the text goes through a driver that fills in %(places)s.
    return tree.sql(dialect="postgres").replace("%", "%%")
