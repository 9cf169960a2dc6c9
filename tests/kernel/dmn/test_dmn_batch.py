"""A table over many records at once answers as it does for each of them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from guantong.dmn.api import Decision, DmnColumn, coverage, decide_all, examine, read

TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="f" name="f"
 namespace="x"><decision id="d" name="d"><decisionTable hitPolicy="{policy}">
 <input id="i" label="level"><inputExpression typeRef="{type}"><text>level</text></inputExpression>
 </input><output name="o"/>{rows}</decisionTable></decision></definitions>"""


def table(*rows: tuple[str, str], policy: str = "FIRST", type: str = "number") -> Decision:
    made = "".join(
        f'<rule id="r{number}"><inputEntry><text>{cell}</text></inputEntry>'
        f"<outputEntry><text>{out}</text></outputEntry></rule>"
        for number, (cell, out) in enumerate(rows, 1)
    )
    return read(TABLE.format(policy=policy, type=type, rows=made).encode()).decisions[0]


def levels(*values: Any, type: Any) -> pa.Table:
    return pa.table({"level": pa.array(values, type)})


HIGH = table(("&gt; 6.5", '"high"'), ("[0..6.5]", '"low"'), ("null", '"missing"'))


@pytest.mark.parametrize(
    ("type", "values", "wanted"),
    [
        (pa.decimal128(5, 2), ["6.5", "6.51", None, "-1"], ["low", "high", "missing", None]),
        (pa.decimal128(38, 30), ["6.5", "6.500000000000000000000000000001"], ["low", "high"]),
        (pa.int16(), [6, 7, None], ["low", "high", "missing"]),
        (pa.float64(), [6.5, 6.500000000000001, float("nan")], ["low", "high", "missing"]),
        (pa.null(), [None], ["missing"]),
    ],
)
def test_numbers_are_compared_exactly_whatever_they_are_kept_as(
    type: Any, values: list[Any], wanted: list[str | None]
) -> None:
    given = [Decimal(each) if isinstance(each, str) else each for each in values]

    answers = decide_all(HIGH, levels(*given, type=type))

    assert answers.values.to_pylist() == wanted
    assert answers.by == "columns"
    assert answers.sentence() == ""


def test_a_column_that_is_absent_is_null_as_a_name_is() -> None:
    answers = decide_all(HIGH, pa.table({"other": pa.array([1, 2])}))

    assert answers.values.to_pylist() == ["missing", "missing"]
    assert answers.rules.to_pylist() == [3, 3]


def test_two_hits_of_a_unique_table_have_no_value_and_are_counted() -> None:
    decision = table(("&lt; 5", "1"), ("&lt; 9", "2"), policy="UNIQUE")

    answers = decide_all(decision, levels(3, 7, 11, type=pa.int64()))

    assert answers.values.to_pylist() == [None, 2, None]
    assert answers.hits.to_pylist() == [2, 1, 0]
    assert answers.rules.to_pylist() == [None, 2, None]


def test_more_rules_than_bits_of_a_word_are_told_apart() -> None:
    decision = table(*((str(number), f'"{number}"') for number in range(200)))

    answers = decide_all(decision, levels(*range(201), type=pa.int64()))

    assert answers.values.to_pylist() == [*map(str, range(200)), None]


@pytest.mark.parametrize(
    ("decision", "records", "because"),
    [
        (table(("&lt; limit", "1")), levels(1, type=pa.int64()), "cells"),
        (table(("&lt; 5", "level + 1")), levels(1, type=pa.int64()), "results"),
        (table(("&lt; 5", "1"), policy="RULE ORDER"), levels(1, type=pa.int64()), "not-plain"),
        (table(("&lt; 5", "1"), policy="ANY"), levels(1, type=pa.int64()), "hit-policy"),
        (
            table(("-", "1"), type="dateTime"),
            levels(datetime(2026, 1, 1, tzinfo=UTC), type=pa.timestamp("us", "UTC")),
            "types",
        ),
    ],
)
def test_what_cannot_be_done_by_columns_is_done_by_rows_and_says_so(
    decision: Decision, records: pa.Table, because: str
) -> None:
    answers = decide_all(decision, records)

    assert (answers.by, answers.because) == ("rows", because)
    assert answers.sentence("en") != answers.sentence("zh-CN")
    single = [decision.decide(record).value for record in records.to_pylist()]
    assert answers.values.to_pylist() == single


def test_answers_of_several_kinds_make_no_column() -> None:
    with pytest.raises(DmnColumn, match="one by one"):
        decide_all(table(("1", '"a"'), ("2", "5")), levels(1, type=pa.int64()))


def test_days_are_looked_up_by_their_number() -> None:
    decision = table(('&lt; @"2026-06-20"', '"before"'), ("-", '"after"'), type="date")
    days = [date(2026, 6, 19), date(2026, 6, 20), date(1, 1, 1), date(9999, 12, 31)]

    answers = decide_all(decision, levels(*days, type=pa.date32()))

    assert answers.values.to_pylist() == ["before", "after", "before", "after"]


def test_the_reasons_of_an_outcome_are_there_when_they_are_read_later() -> None:
    record: dict[str, Any] = {"level": Decimal("6.51")}
    outcome = HIGH.decide(record)
    record["level"] = Decimal(0)  # the next reading of the gauge

    assert outcome.value == "high"
    assert outcome.inputs == (("level", Decimal("6.51")),)
    assert [(hit.index, hit.cells[0].value) for hit in outcome.hits] == [(1, Decimal("6.51"))]
    assert outcome == HIGH.decide({"level": Decimal("6.510")})


def test_a_number_that_is_none_is_null_and_a_text_is_no_number() -> None:
    values = [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), "7", True, [7]]

    assert [HIGH.decide({"level": each}).value for each in values] == [
        "missing", "missing", "missing", None, None, None
    ]  # fmt: skip


def test_a_long_table_is_swept_for_gaps_overlaps_and_rows_that_never_decide() -> None:
    rows = [(f"[{n}..{n + 1})", str(n)) for n in range(100) if n != 41]
    decision = table(*rows, ("[7.5..8)", "0"), policy="UNIQUE")
    halves = [Decimal(n) / 2 for n in range(200)]

    found = coverage(decision.logic, {"level": halves})  # type: ignore[arg-type]  # a table

    assert found is not None
    assert found.gap == {"level": Decimal(41)}
    assert found.overlap == (8, 100, {"level": Decimal("7.5")})
    assert found.never == ()


def test_cells_that_no_value_of_their_column_passes_and_idle_columns_are_found() -> None:
    wrong = examine(table(('"high"', "1"), ("&gt; 5", "2")).logic)
    idle = examine(table(("-", "1"), ("-", "2"), policy="COLLECT").logic)

    assert [(f.code, f.rule) for f in wrong if f.code == "no-meaning"] == [("no-meaning", 1)]
    assert "string" in next(f.sentence("en") for f in wrong if f.code == "no-meaning")
    assert [f.code for f in idle] == ["unused"]
