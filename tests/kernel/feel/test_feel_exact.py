"""No fast way changes an answer: everything made up is compared with the plain reference.

The suite runs a small fixed part; ``make exact`` runs a hundred thousand expressions and tables.
"""

import os
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from tests.kernel.feel import reference
from tests.kernel.feel.made_up import TYPES, MadeUp

from guantong.dmn.api import Decision, DecisionTable, decide_all
from guantong.dmn.api import read as read_dmn
from guantong.feel.api import Expression, parse
from guantong.feel.to_sql import targets

NUMBER = int(os.environ.get("GUANTONG_EXACT", "600"))
SEED = 20260620
ARROW = {
    "a": pa.decimal128(12, 2), "b": pa.decimal128(6, 0), "s": pa.string(), "t": pa.string(),
    "p": pa.bool_(), "q": pa.bool_(), "d": pa.date32(), "e": pa.date32(),
}  # fmt: skip
# What else a column of numbers may be kept as; each holds what the others cannot.
NUMBERS = (
    (pa.decimal128(12, 2), "a"), (pa.decimal128(12, 2), "a"), (pa.int64(), "b"), (pa.int16(), "b"),
    (pa.decimal128(38, 6), "wide"), (pa.float64(), "binary"), (pa.decimal128(30, -3), "high"),
)  # fmt: skip
WIDE = {
    "wide": [Decimal("44"), Decimal("44.000001"), Decimal(10) ** 29, -(Decimal(10) ** 30)],
    "binary": [0.1, 0.2, 0.1 + 0.2, 0.3, -0.0, 44.0, float("nan"), float("inf"), 1e300, 5e-324],
    "high": [Decimal(1000), Decimal("1e6"), Decimal("9e30"), Decimal("-1e6")],
}
AT_ONCE = 500


def same(one: Any, other: Any) -> bool:
    """Say whether two answers are the same value of the same kind."""
    if type(one) is list and type(other) is list:
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def test_compiled_expressions_answer_as_the_reference_walks_them() -> None:
    made = MadeUp(SEED)
    wrong = []
    for turn in range(NUMBER * 6 // 10):
        expression = parse(made.any_expression())
        record = made.record(typed=turn % 2 == 0)
        found = expression.evaluate(record)
        wanted = reference.value(expression.tree, record)
        if not same(found, wanted):
            wrong.append((expression.text, record, found, wanted))

    assert wrong == []


def test_sql_answers_as_the_reference_wherever_an_expression_has_it(
    database: duckdb.DuckDBPyConnection,
) -> None:
    made = MadeUp(SEED + 1)
    records = [made.record(typed=True) for _ in range(12)]
    database.register("records", _arrow(records))
    waiting: list[tuple[Expression, str]] = []
    compiled = 0
    for _ in range(NUMBER * 2 // 10):
        expression = parse(made.any_expression(2))
        sql = targets(expression, TYPES).text
        if sql is not None:
            waiting.append((expression, sql))
        if len(waiting) == AT_ONCE:
            compiled += _compare_sql(database, waiting, records)
            waiting = []
    compiled += _compare_sql(database, waiting, records)

    assert compiled > NUMBER // 20


def _compare_sql(
    database: duckdb.DuckDBPyConnection,
    waiting: list[tuple[Expression, str]],
    records: list[dict[str, Any]],
) -> int:
    if not waiting:
        return 0
    columns = ", ".join(f"{sql} as c{number}" for number, (_, sql) in enumerate(waiting))
    answers = database.sql(f"select {columns} from records").fetchall()
    for (expression, sql), found in zip(waiting, zip(*answers, strict=True), strict=True):
        wanted = [reference.value(expression.tree, record) for record in records]
        told = [(f, w) for f, w in zip(found, wanted, strict=True) if not _same_in_sql(f, w)]
        assert told == [], (expression.text, sql)
    return len(waiting)


def _same_in_sql(found: Any, wanted: Any) -> bool:
    # SQL gives whole numbers as int; the values are compared as numbers.
    if type(found) is int and type(wanted) is not bool:
        found = type(wanted)(found)
    return same(found, wanted)


def test_tables_answer_the_same_singly_in_a_batch_and_by_the_reference() -> None:
    made = MadeUp(SEED + 2)
    by = {"columns": 0, "rows": 0}
    for turn in range(NUMBER * 2 // 10):
        names = made.random.sample(["a", "b", "s", "t", "p", "d"], made.random.randint(1, 4))
        policy = made.random.choice(("FIRST", "FIRST", "UNIQUE"))
        rules = (
            made.random.choice((1, 3, 6, 6, 70)) if turn % 20 == 0 else made.random.randint(1, 6)
        )
        decision = read_dmn(made.table(names, rules, policy)).decisions[0]
        typed = [made.record(typed=True) for _ in range(8)]
        for record in (*typed, *(made.record(typed=False) for _ in range(4))):
            _compare_single(decision, record)
        batch = _arrow(typed, made.random)
        answers = decide_all(decision, batch)
        by[answers.by] += 1
        single = [decision.decide(record) for record in batch.to_pylist()]
        assert answers.values.to_pylist() == [each.value for each in single]
        assert answers.hits.to_pylist() == [len(each.hits) for each in single]
        one = [each.hits[0].index if len(each.hits) == 1 else None for each in single]
        assert answers.rules.to_pylist() == one

    assert min(by.values()) > NUMBER // 100


def _compare_single(decision: Decision, record: dict[str, Any]) -> None:
    table = decision.logic
    assert isinstance(table, DecisionTable)
    hits = []
    for rule in table.rules:
        cells = [
            reference.passes(cell.tests.tree, reference.read(record.get(column.label)), record)
            for column, cell in zip(table.inputs, rule.cells, strict=True)
            if cell.tests is not None
        ]
        if all(cell is True for cell in cells):
            hits.append(rule)
    hits = hits[:1] if table.hit_policy == "FIRST" else hits
    found = decision.decide(record)
    told = [cell.text for rule in table.rules for cell in rule.cells], record
    assert [hit.index for hit in found.hits] == [rule.index for rule in hits], told
    none = table.outputs[0].default
    wanted = None if none is None or len(hits) > 1 else "none"
    assert found.value == (f"o{hits[0].index}" if len(hits) == 1 else wanted), told
    given = tuple((c.label, reference.read(record.get(c.label))) for c in table.inputs)
    assert found.inputs == given, told


def _arrow(records: list[dict[str, Any]], pick: random.Random | None = None) -> pa.Table:
    columns = {n: pa.array([r[n] for r in records], type_) for n, type_ in ARROW.items()}
    if pick is not None:
        type_, of = pick.choice(NUMBERS)
        values = WIDE.get(of) or [record[of] for record in records if record[of] is not None]
        column = [pick.choice((*values, None)) for _ in records]
        whole = pa.types.is_integer(type_)
        columns["a"] = pa.array(
            [int(v) % 100 if whole and v is not None else v for v in column], type_
        )
        columns["s"] = columns["s"].dictionary_encode()
    return pa.table(columns)
