"""A table is asked for every combination of the values it tells apart, before it runs."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from tests.kernel.dmn.sample import Row, decision, document, table

from guantong.dmn.api import (
    Coverage,
    DecisionTable,
    borders,
    coverage,
    numbers_between,
    read,
)

BELOW, BORDER, ABOVE = Decimal(-1), Decimal(0), Decimal(1)


def made(rows: Sequence[Row], *, policy: str = "UNIQUE") -> DecisionTable:
    logic = table(rows, policy=policy, inputs=("over_m",))
    model = read(document(decision("signal", logic, "input:over_m"), inputs=("over_m",)))
    found = model.decision("signal").logic
    assert isinstance(found, DecisionTable)
    return found


def covered(*cells: str, policy: str = "UNIQUE") -> Coverage:
    rows: list[Row] = [((cell,), ('"red"',), "") for cell in cells]
    told = made(rows, policy=policy)
    numbers = [border for border in borders(told)["over_m"] if isinstance(border, Decimal)]
    values = numbers_between(numbers, whole=False, least=None, most=None)
    found = coverage(told, {"over_m": values})
    assert found is not None
    return found


def test_rows_that_meet_at_their_border_cover_everything_once() -> None:
    assert covered("< 0", "[0..1.5)", ">= 1.5") == Coverage(None, None, ())


def test_a_border_that_both_rows_leave_out_has_no_answer() -> None:
    assert covered("< 0", "> 0").gap == {"over_m": BORDER}


def test_a_border_that_both_rows_take_has_two_answers() -> None:
    assert covered("<= 0", ">= 0").overlap == (1, 2, {"over_m": BORDER})


@pytest.mark.parametrize("dead", ['>= "0"', "(1..1)", "[2..1)"])
def test_a_row_that_no_value_meets_never_decides(dead: str) -> None:
    assert covered("-", dead, policy="UNIQUE").never == (2,)


def test_a_narrow_row_behind_a_wide_one_never_decides() -> None:
    assert covered(">= 0", ">= 1", "-", policy="FIRST").never == (2,)
    assert covered(">= 1", ">= 0", "-", policy="FIRST").never == ()


def test_whole_numbers_have_nothing_between_neighbours() -> None:
    found = numbers_between([BORDER, ABOVE], whole=True, least=BORDER, most=None)

    assert found == [0, 1, 2]


def test_bounds_of_the_data_are_not_left() -> None:
    found = numbers_between([BELOW, ABOVE], whole=False, least=BORDER, most=ABOVE)

    assert found == [BORDER, Decimal("0.5"), ABOVE]


def test_too_many_combinations_are_not_asked() -> None:
    told = made([(("-",), ('"red"',), "")])

    assert coverage(told, {f"n{place}": [1, 2, 3, 4] for place in range(9)}) is None
