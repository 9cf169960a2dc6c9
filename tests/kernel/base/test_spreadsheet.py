"""What people typed goes into a spreadsheet as text."""

import pytest

from guantong.base.spreadsheet import as_text


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_begins_like_a_formula_is_marked_as_text(begin: str) -> None:
    assert as_text(f"{begin}1+1") == f"'{begin}1+1"


@pytest.mark.parametrize("cell", ["温岭市水利局", "", "a=b", "1-2", " =1"])
def test_any_other_text_stays_as_it_is(cell: str) -> None:
    assert as_text(cell) == cell


def test_a_number_stays_a_number() -> None:
    assert as_text(-3) == -3
