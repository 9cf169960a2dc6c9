"""The benchmark of decisions: its records are distinct, and what it calls checked was compared."""

import random
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from benchmarks import decisions as benchmark

from guantong.dmn.api import read

RULES: list[dict[str, Any]] = [
    {"age": [20, 30], "income": 5000, "region": "S", "kind": None, "days": None,
     "score": 10, "out": "o0"},
    dict.fromkeys(("age", "income", "region", "kind", "days", "score")) | {"out": "default"},
]  # fmt: skip
RECORD = {
    "age": Decimal(30), "income": Decimal("4999.99"), "region": "S", "kind": "A",
    "days": Decimal(1), "score": Decimal(10),
}  # fmt: skip


def test_no_record_is_drawn_twice() -> None:
    seen: set[tuple[Any, ...]] = set()
    pick = random.Random(1)

    drawn = [*benchmark.records(500, pick, seen), *benchmark.records(500, pick, seen)]

    assert len({tuple(record.values()) for record in drawn}) == len(seen) == 1000


@pytest.mark.parametrize(("change", "wanted"), [({}, "o0"), ({"income": Decimal(5000)}, "default")])
def test_the_reference_reads_the_rules_from_the_first_to_the_last(
    change: dict[str, Any], wanted: str
) -> None:
    assert benchmark.reference(RULES, RECORD | change) == wanted


def test_both_references_agree_and_the_columns_are_decimals() -> None:
    table = benchmark.arrow(3000, np.random.default_rng(1))

    by_columns = benchmark._reference_of_columns(RULES, table).tolist()

    assert by_columns == [benchmark.reference(RULES, record) for record in table.to_pylist()]
    assert set(by_columns) == {"o0", "default"}
    assert table.column("income").type == pa.decimal128(12, 2)


def test_an_answer_without_its_reasons_is_not_taken_as_right() -> None:
    outcome = (
        read(benchmark.planted())
        .decisions[0]
        .decide({"amount": Decimal(5), "region": "N", "day": date(2026, 1, 1)})
    )
    answer = ("o10", outcome.hits, outcome.inputs)

    assert not benchmark._reasoned(answer, {"amount": Decimal(5)})


def test_the_planted_gap_and_overlap_are_found() -> None:
    line = benchmark.examination()

    assert line["checked"]
    assert line["rules"] == 500
