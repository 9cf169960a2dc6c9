"""Texts that are refused: the place, what is wrong there, and what to write instead."""

from uuid import UUID

import pytest

from guantong.feel.api import (
    MAX_LENGTH,
    MAX_NESTING,
    FeelInput,
    FeelSyntax,
    names_in,
    parse,
    parse_unary_tests,
)


@pytest.mark.parametrize(
    ("text", "line", "column", "problem", "remedy"),
    [
        ("", 1, 1, "empty", "Write an expression"),
        ("1 +", 1, 4, "unfinished", "Complete it"),
        ("1 +\n * 2", 2, 2, "operand", "Write a number"),
        ("(1 + 2", 1, 7, "expected", "Write ')' here"),
        ("[1, 2", 1, 6, "expected", "check the brackets"),
        ("{a 1}", 1, 2, "key", "Write name: value"),
        ("{a: 1", 1, 6, "expected", "'}'"),
        ('"never closed', 1, 1, "string-open", "double quotation mark"),
        ("Monthly Salary * 12", 1, 9, "two-names", "Declare the words as one name"),
        ("1 ) 2", 1, 3, "expected-end", "Take the rest away"),
        ("wind ；3", 1, 6, "character", "Take it away"),
        ("wind >= 3，5", 1, 10, "full-width", "Write ',' instead"),
        ("风速＞3", 1, 3, "full-width", "Write '>' instead"),
        ("1e9999", 1, 1, "number", "smaller"),
        ('@"no date"', 1, 2, "at-literal", 'Write for instance @"2019-08-10"'),
        ("a.5", 1, 2, "expected-end", "operator"),
        ("a.(b)", 1, 3, "property", "name of an entry"),
        ("f(a: 1, 2)", 1, 10, "mixed-arguments", "Name all of them"),
        ("for [1] return i", 1, 5, "iterator", "Write for instance: for town in towns"),
        ("every i of [1] satisfies i", 1, 7, "iterator", "return town.name"),
        ("for i in [1]", 1, 13, "expected", "'return'"),
        ("some i in [1] return i", 1, 15, "expected", "'satisfies'"),
        ("5 instance of nmber", 1, 15, "type", "list<number>"),
        ("5 instance of list<number", 1, 26, "expected", "'>'"),
        ("5 instance number", 1, 12, "expected", "'of'"),
        ("function(1) 2", 1, 10, "parameter", "function(a: number, b) a + b"),
        ('function(a) external {java: {class: "x"}}', 1, 13, "external", "in FEEL"),
        ("(< 5", 1, 5, "expected", "')'"),
        ("(1 + 2)(3)", 1, 8, "expected-end", "operator"),
        ("if a then b", 1, 12, "expected", "'else'"),
    ],
)
def test_a_refusal_names_place_cause_and_remedy(
    text: str, line: int, column: int, problem: str, remedy: str
) -> None:
    with pytest.raises(FeelSyntax) as refusal:
        parse(text)

    assert (refusal.value.line, refusal.value.column) == (line, column)
    assert refusal.value.problem == problem
    assert remedy in refusal.value.sentence("en")
    assert f"第 {line} 行第 {column} 列" in refusal.value.sentence("zh-CN")


def test_a_text_may_be_as_long_as_the_limit_and_no_longer() -> None:
    longest = '"' + "x" * (MAX_LENGTH - 2) + '"'

    assert parse(longest).evaluate({}) == longest.strip('"')
    with pytest.raises(FeelSyntax, match="Split it into several decisions"):
        parse(longest + " ")


def test_brackets_may_be_nested_as_deep_as_the_limit_and_no_deeper() -> None:
    deep = MAX_NESTING - 1

    assert parse("(" * deep + "1" + ")" * deep).evaluate({}) == 1
    with pytest.raises(FeelSyntax, match="Give the inner parts names"):
        parse("(" * (deep + 1) + "1" + ")" * (deep + 1))


@pytest.mark.parametrize("opening", ["(", "[", "{a:", "-", "x in (", "not(", "f(", "if ", "@", "]"])
def test_a_flood_of_openings_is_refused_at_once(opening: str) -> None:
    with pytest.raises(FeelSyntax):
        parse(opening * (MAX_LENGTH // len(opening)))


def test_a_long_sum_is_refused_and_a_long_chain_of_conditions_is_not() -> None:
    with pytest.raises(FeelSyntax, match="nested"):
        parse("+".join("1" * 300))

    assert parse(" or ".join(["x = 1"] * 1000)).evaluate({"x": 2}) is False


def test_a_cell_is_refused_like_an_expression() -> None:
    with pytest.raises(FeelSyntax, match="column 4"):
        parse_unary_tests(">= ")


def test_a_value_of_an_unknown_type_is_refused_with_its_type() -> None:
    with pytest.raises(FeelInput, match="type UUID was refused"):
        parse("id = 1").evaluate({"id": UUID(int=0)})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a.b + c", {"a", "c"}),
        ("{x: y, z: x}.z", {"y"}),
        ("sum(levels[item > limit])", {"levels", "limit"}),
        ("PMT(loan)", {"PMT", "loan"}),
        ("abs(1) + 2", set()),
    ],
)
def test_the_doctor_learns_which_names_a_text_reads(text: str, names: set[str]) -> None:
    assert names_in(parse(text)) == names


def test_the_value_under_test_is_no_name() -> None:
    assert names_in(parse_unary_tests("> limit, ? < 9")) == {"limit"}
