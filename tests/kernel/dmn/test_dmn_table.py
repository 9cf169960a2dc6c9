"""A department asks its table; the table answers and says which rows hit."""

from decimal import Decimal

import pytest
from tests.kernel.dmn.sample import SIGNAL_ROWS, decision, document, signal, table

from guantong.dmn.api import NOT_UNIQUE, DmnFaulty, read


def decide(xml: bytes, **inputs: object) -> object:
    return read(xml).decision("signal").decide(inputs).value


@pytest.mark.parametrize(
    ("wind_ms", "hours", "level"),
    [
        (32.7, 6, "red"),
        (32.69, 6, "orange"),
        (40, 6.1, "orange"),
        (40, 12.1, "none"),
        (None, 3, "none"),
        ("40", 3, "none"),
    ],
)
def test_the_first_row_that_fits_decides(wind_ms: object, hours: float, level: str) -> None:
    assert decide(signal(), wind_ms=wind_ms, hours=hours) == level


def test_what_is_not_handed_in_is_null_and_fits_only_a_dash() -> None:
    assert decide(signal()) == "none"


def test_the_rows_that_hit_are_named_with_the_cells_that_matched() -> None:
    outcome = read(signal()).decision("signal").decide({"wind_ms": 33.1, "hours": 5})

    (hit,) = outcome.hits
    assert (hit.rule_id, hit.index, hit.annotation) == ("rule_1", 1, "中国气象局令第16号：红色")
    assert hit.cells == (
        ("wind_ms", ">= 32.7", Decimal("33.1"), "in_wind_ms"),
        ("hours", "<= 6", Decimal(5), "in_hours"),
    )
    assert outcome.inputs == (("wind_ms", Decimal("33.1")), ("hours", Decimal(5)))


def test_under_first_no_row_after_the_first_is_a_hit() -> None:
    outcome = read(signal()).decision("signal").decide({"wind_ms": 40, "hours": 1})

    assert [hit.index for hit in outcome.hits] == [1]


def test_under_unique_one_row_decides_and_two_are_a_fault_with_both_named() -> None:
    rows = [(("> 10", "-"), ('"blue"',), ""), (("> 20", "-"), ('"red"',), "")]
    asked = read(signal(rows=rows, policy="UNIQUE")).decision("signal")

    one = asked.decide({"wind_ms": 15})
    two = asked.decide({"wind_ms": 25})

    assert one.value == "blue"
    assert one.fault is None
    assert two.value is None
    assert two.fault is not None
    assert (two.fault.code, two.fault.rules) == (NOT_UNIQUE, ("rule_1", "rule_2"))
    assert [hit.index for hit in two.hits] == [1, 2]


def test_a_table_without_a_hit_policy_is_unique() -> None:
    xml = signal(policy="UNIQUE").replace(b' hitPolicy="UNIQUE"', b"")

    assert read(xml).decision("signal").decide({"wind_ms": 40, "hours": 1}).fault is not None


def test_without_a_hit_the_default_stands_and_else_null() -> None:
    rows = SIGNAL_ROWS[:1]

    assert decide(signal(rows=rows, default='"calm"'), wind_ms=1) == "calm"
    assert decide(signal(rows=rows), wind_ms=1) is None


def test_several_outputs_give_a_mapping() -> None:
    rows = [(("> 10", "-"), ('"blue"', "wind_ms * 2"), "")]
    xml = signal(rows=rows, outputs=("level", "twice"))

    assert decide(xml, wind_ms=11) == {"level": "blue", "twice": Decimal(22)}
    assert decide(xml, wind_ms=9) is None


def test_an_empty_cell_is_a_dash_as_editors_write_it() -> None:
    rows = [(("", ""), ('"any"',), "")]

    assert decide(signal(rows=rows), wind_ms=1) == "any"


def test_a_table_with_a_cell_that_is_no_feel_is_not_asked() -> None:
    xml = signal(rows=[((">= 32.7", "<= "), ('"red"',), ""), *SIGNAL_ROWS])

    with pytest.raises(DmnFaulty, match="rule 1, column 'hours' cannot be read") as refusal:
        decide(xml, wind_ms=40, hours=1)
    assert "请改正该单元格" in refusal.value.sentence("zh-CN")


def test_asking_leaves_the_inputs_as_they_were() -> None:
    inputs = {"wind_ms": 33, "hours": 1}

    read(signal()).decision("signal").decide(inputs)

    assert inputs == {"wind_ms": 33, "hours": 1}


def test_each_of_fifty_rows_is_reached() -> None:
    rows = [((f"[{n}..{n + 0.5}]", f"> {n}"), (f'"{n}"',), "") for n in range(50)]
    logic = table([*rows, (("-", "-"), ('"none"',), "")])
    asked = read(document(decision("signal", logic))).decision("signal")

    answers = [asked.decide({"wind_ms": n + 0.5, "hours": 100}).value for n in range(51)]

    assert answers == [*(str(n) for n in range(50)), "none"]
