"""Cells of decision tables: which values they let pass."""

from decimal import Decimal

import pytest

from guantong.feel.api import parse_unary_tests


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("-", None, True),
        ("-", 5, True),
        ("< 5", 4.9, True),
        ("< 5", 5, False),
        (">= 10.8", 10.8, True),
        (">= 10.8", Decimal("10.79"), False),
        (">= 10.8", None, None),
        (">= 10.8", "12", None),
        ("!= 5", 4, True),
        ("-5", -5, True),
        ("[1..5]", 5, True),
        ("]1..5]", 1, False),
        ("[1..5[", 5, False),
        ("[1..5]", None, None),
        ('"a", "b"', "b", True),
        ('"a", "b"', "c", False),
        ("< 1, > 9", 10, True),
        ('not("a", "b")', "c", True),
        ('not("a")', "a", False),
        ("not(> 5)", None, None),
        ("null", None, True),
        ("null", 1, False),
        ("not(null)", 1, True),
        ("true", True, True),
        ("true", False, False),
        ("? > 3 and ? < 7", 5, True),
        ("? > 3 and ? < 7", 8, False),
        ("not(? > 3)", 2, True),
        ('starts with(?, "温")', "温岭", True),
        ("limit", 7, True),
        ("> limit - 1", 7, True),
        ("> ? - 1", 7, True),
        ("[limit..9]", 8, True),
        ("limit > 6", "anything", True),
        ("allowed", 3, True),
        ("allowed", 4, False),
        ('date("2019-08-10")', "2019-08-10", None),
    ],
)
def test_a_cell_lets_a_value_pass_or_not(cell: str, value: object, expected: bool | None) -> None:
    tests = parse_unary_tests(cell)

    assert tests.matches(value, {"limit": 7, "allowed": [1, 2, 3]}) is expected


def test_only_a_dash_passes_everything() -> None:
    assert parse_unary_tests(" - ").pass_all
    assert not parse_unary_tests("-1").pass_all


def test_a_negated_list_can_also_begin_an_expression() -> None:
    tests = parse_unary_tests("not(closed) and ? > 3")

    assert tests.matches(5, {"closed": False}) is True
    assert tests.matches(5, {"closed": True}) is False
