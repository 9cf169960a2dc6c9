"""An expression says whether it has SQL: what it has answers as FEEL does, the rest says why."""

import duckdb
import pytest
from tools import feel_sql

from guantong.feel.api import parse, parse_unary_tests
from guantong.feel.functions import BUILT_INS
from guantong.feel.shapes import BOOLEAN, STRING, Shape, Typing, number
from guantong.feel.to_sql import FUNCTIONS, REASONS, targets

NAMES = {
    "a": number(10, 2), "s": STRING, "p": BOOLEAN, "wide": number(30, 6),
    "double": Shape("number", binary=True), "unknown": Shape("number"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a / 3", "rounded"),
        ("wide * wide", "digits"),
        ("unknown > 5", "digits"),
        ("double > 0.1234567890123456", "binary"),
        ("a = s", "kinds"),
        ('upper case(s) = "A"', "functions"),
        ("missing", "inputs"),
        ("[1, 2][1]", "lists"),
        ("{x: 1}", "contexts"),
        ("some x in [1] satisfies x = a", "loops"),
        ('s < "a\\u0000"', "constants"),
    ],
)
def test_what_has_no_sql_says_why(text: str, reason: str) -> None:
    found = targets(parse(text), NAMES)

    assert found.python
    assert found.sql is None
    assert found.reason is not None
    assert found.reason.reason == reason
    assert found.reason.sentence("en") != found.reason.sentence("zh-CN")


def test_a_cell_becomes_a_condition_on_its_column() -> None:
    found = targets(parse_unary_tests('not("N", "S")'), NAMES, "s")

    assert found.text is not None
    rows = duckdb.sql(f"select {found.text} from (values ('N'), ('W'), (null)) t(s)").fetchall()
    assert rows == [(False,), (True,), (True,)]


def test_a_quote_in_a_text_stays_a_text() -> None:
    expression = parse('s = "\' or 1=1 --"')
    sql = targets(expression, NAMES).text

    assert duckdb.sql(f"select {sql} from (values ('x')) t(s)").fetchone() == (False,)


def test_a_name_in_quotes_stays_a_name() -> None:
    name = 'a" or 1=1 --'
    sql = targets(parse(name, {name}), {name: BOOLEAN}).text

    assert sql == '"a"" or 1=1 --"'


def test_a_double_is_compared_by_its_shortest_text() -> None:
    sql = targets(parse("double = 0.1"), NAMES).text

    rows = duckdb.sql(f"select {sql} from (values (0.1::double), ('nan'::double)) t(double)")
    assert rows.fetchall() == [(True,), (False,)]


def test_the_page_of_what_has_no_sql_is_that_of_the_code() -> None:
    assert feel_sql.PAGE.read_text() == feel_sql.page(), "Run: python tools/feel_sql.py"


def test_every_reason_and_function_listed_exists() -> None:
    assert FUNCTIONS.keys() <= BUILT_INS.keys()
    assert set(REASONS) <= set(feel_sql.nodes())


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('a > 5 and s = "x"', []),
        ("a > s", ["no-order"]),
        ("a = s", ["never-equal"]),
        ("a = null", []),
        ("s - a", ["no-arithmetic"]),
        ("if a then 1 else 2", ["no-truth"]),
        ("p < true", ["no-order"]),
        ('a in ("x", > 3)', ["never-equal"]),
        ("nobody knows", None),
        ('@"2026-01-01" + @"P1D" > @"2026-01-01"', []),
    ],
)
def test_what_can_only_be_null_is_found_where_the_inputs_have_types(
    text: str, codes: list[str] | None
) -> None:
    typing = Typing(NAMES)
    typing.of(parse(text, {"nobody knows"}).tree)

    assert [doubt.code for doubt in typing.doubts] == (codes or [])
    for doubt in typing.doubts:
        assert doubt.sentence("en") != doubt.sentence("zh-CN")
