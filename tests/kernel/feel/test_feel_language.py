"""Loops, quantifiers, functions, types and ranges: DMN 1.5, sections 10.3.1 and 10.3.2."""

from decimal import Decimal

import pytest

from guantong.feel.api import (
    ContextType,
    Function,
    Member,
    SimpleType,
    coerce,
    names_in,
    parse,
    parse_type,
    text_of,
)

NUMBER = SimpleType("number")


def value(text: str, **context: object) -> object:
    return parse(text).evaluate(context)


def same(text: str, answer: str) -> None:
    got, expected = value(text), value(answer)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("for i in [] return i", "[]"),
        ("for i in 5 return i", "[5]"),
        ("for i in null return i", "null"),
        ("for i in [null] return i", "[null]"),
        ("for i in [1..3] return i", "[1, 2, 3]"),
        ("for i in [1..3) return i", "null"),
        ("for i in (< 3) return i", "null"),
        ("for i in -1..1 return i", "[-1, 0, 1]"),
        ("for i in 1..1.5 return i", "null"),
        ('for i in "a".."c" return i', "null"),
        ("for i in 1..null return i", "null"),
        ("for i in [[1, 2], [3]], j in i return j", "[1, 2, 3]"),
        ("for i in [[1, 2], [3]] return for j in i return j", "[[1, 2], [3]]"),
        ("for i in 1..2, j in 1..2 return count(partial)", "[0, 1, 2, 3]"),
        ("for i in 1..3 return partial", "[[], [[]], [[], [[]]]]"),
        ('for d in @"2019-03-01"..@"2019-02-28" return d.day', "[1, 28]"),
        ("for the town in [1, 2] return the town + 1", "[2, 3]"),
        ("(for i in 1..3 return function() i)[1]()", "1"),
        ("some i in [] satisfies true", "false"),
        ("every i in [] satisfies false", "true"),
        ("some i in [1, null] satisfies i > 0", "true"),
        ("some i in [1, null] satisfies i > 1", "null"),
        ("every i in [1, null] satisfies i > 0", "null"),
        ("every i in [1, null] satisfies i > 1", "false"),
        ("every i in [1, 2] satisfies i", "null"),
        ("some i in null satisfies true", "null"),
        ("some i in [1, 2], j in [2, 3] satisfies i = j", "true"),
        ("every i in 1..3 satisfies i < 4", "true"),
    ],
)
def test_loops_and_quantifiers_go_over_lists_and_ranges(text: str, answer: str) -> None:
    same(text, answer)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("(function(a, b) a - b)(3, 1)", "2"),
        ("(function(a, b) a - b)(b: 3, a: 1)", "-2"),
        ("(function(a, b) b)(a: 1)", "null"),
        ("(function(a, b) a)(a: 1)", "1"),
        ("(function(a) a)(c: 1)", "null"),
        ("(function(a) a)()", "null"),
        ("(function(a) a)(1, 2)", "null"),
        ("(function() 1)()", "1"),
        ("(function(a: number) a)([5])", "5"),
        ('(function(a: number) a)("5")', "null"),
        ("(function(a: number) 1)(null)", "1"),
        ("(function(a: list<number>) a)(5)", "[5]"),
        ("(function(a: list<number>) a)([1, null])", "[1, null]"),
        ("(function(a: list) a)(5)", "[5]"),
        ('(function(a: date and time) a)(@"2019-08-10")', '@"2019-08-10T00:00:00Z"'),
        ("(function(a: context<x: number>) a.x)({x: 1, y: 2})", "1"),
        ("(function(a: context<x: number>) a.x)({y: 2})", "null"),
        ("(function(f: function<number> -> number) f(2))(abs)", "2"),
        ("(function(f: function<number> -> number) f(2))(function(a, b) a)", "null"),
        ("(function(the town: number) the town + 1)(1)", "2"),
        ("{add: function(a) function(b) a + b, r: add(1)(2)}.r", "3"),
        (
            "{f: function(n: number) if n <= 1 then 1 else n * f(n - 1), r: f(20)}.r / 10 ** 18",
            "2.43290200817664",
        ),
        ("{o: {f: function(a) a * 2}, r: o.f(4)}.r", "8"),
        ("[function(a) a + 1][1](1)", "2"),
        ("(if true then abs else sqrt)(-4)", "4"),
        ("{x: 1, r: x(2)}.r", "null"),
        ("-(function(a) a)(10)", "-10"),
    ],
)
def test_functions_are_values(text: str, answer: str) -> None:
    same(text, answer)


def test_a_function_handed_in_takes_arguments_by_name_and_leaves_out_what_is_not_given() -> None:
    seen = Function(("a", "b"), lambda a, b: [a, b])

    assert value("f(b: 2)", f=seen) == [None, 2]
    assert value("f(c: 2)", f=seen) is None
    assert value("{g: f, r: g(1, 2)}.r", f=seen) == [1, 2]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("null instance of Null", "true"),
        ("null instance of Any", "false"),
        ("1 instance of Null", "false"),
        ("-1 instance of number", "true"),
        ("1 + 2 instance of number", "null"),
        ("(1 + 2) instance of number", "true"),
        ("[1] instance of list", "null"),
        ("{} instance of context", "null"),
        ("[] instance of list<number>", "true"),
        ("[null] instance of list<number>", "true"),
        ("[[1], [2]] instance of list<list<number>>", "true"),
        ('[[1], ["a"]] instance of list<list<number>>', "false"),
        ("{a: 1, b: 2} instance of context<a: number>", "true"),
        ("{b: 2} instance of context<a: number>", "false"),
        ('["a".."b"] instance of range<number>', "false"),
        ("(< 3) instance of range<number>", "true"),
        ('@"P1D" instance of days and time duration', "true"),
        ('@"P1Y" instance of days and time duration', "false"),
        ('@"2019-08-10T00:00:00" instance of date', "false"),
        ('@"2019-08-10T00:00:00" instance of date  and time', "true"),
        ("abs instance of function<number> -> number", "true"),
        ("(function(a: number) a) instance of function<number> -> Any", "true"),
        ("(function(a: number) a) instance of function<string> -> Any", "false"),
        ("(function(a: list<number>) a) instance of function<list<number>> -> Any", "true"),
        ("(function(a) a) instance of function<string, string> -> Any", "false"),
        ("1 instance of function<> -> Any", "false"),
        ("[1] instance of list<number>= true", "true"),
        ("if 1 instance of number then 1 else 2", "1"),
    ],
)
def test_a_value_is_an_instance_of_what_it_conforms_to(text: str, answer: str) -> None:
    same(text, answer)


def test_types_may_be_declared_under_names_with_spaces() -> None:
    town = ContextType((Member("people", NUMBER),))

    parsed = parse("t instance of My Town", types={"My Town": town})

    assert parsed.evaluate({"t": {"people": 3}}) is True
    assert parsed.evaluate({"t": {"people": "3"}}) is False
    assert parse_type("list<My Town>", {"My Town": town}) == parse_type(
        "list<context<people: number>>"
    )


def test_a_value_is_converted_to_a_type_or_null() -> None:
    assert coerce([Decimal(1)], NUMBER) == 1
    assert coerce([Decimal(1), Decimal(2)], NUMBER) is None
    assert coerce(Decimal(1), parse_type("list<number>")) == [1]
    assert coerce("1", NUMBER) is None
    assert coerce(None, NUMBER) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("(< 10) = (< 10)", "true"),
        ("(< 10) = (null..10)", "false"),
        ("(= 10) = [10..10]", "false"),
        ("(> 10).start", "10"),
        ("(> 10).end", "null"),
        ("(<= 10).end included", "true"),
        ("(!= 10).start included", "false"),
        ("5 in (< 10)", "true"),
        ("5 in [(< 3), (> 4)]", "true"),
        ('"b" in (> "a")', "true"),
        ("null in (< 10)", "null"),
        ("{limit: 3, r: 4 in (> limit + 1)}.r", "false"),
        ("5 in (? > 3 and ? < 6)", "true"),
        ("null[1]", "null"),
        ("null[item > 1]", "null"),
        ("5[1]", "5"),
        ("5[2]", "null"),
        ("5[item > 2]", "[5]"),
        ("[1, 2, 3][true]", "[1, 2, 3]"),
        ("[1, 2, 3][null]", "[]"),
        ("[1, 2, 3][1.5]", "null"),
        ('[1, 2, 3]["a"]', "[]"),
        ("{i: 2, r: [1, 2, 3][i]}.r", "2"),
        ("{i: 2, r: [1, 2, 3][-i]}.r", "2"),
        ("[{item: 1}, {item: 2}][item > 1]", "[{item: 2}]"),
        ("[{a: 1}, {b: 2}].a", "[1, null]"),
        ("{a: 1, a: 2}", "null"),
        ('{"a b": 1, r: a b + 1}.r', "2"),
    ],
)
def test_ranges_with_one_end_and_filters(text: str, answer: str) -> None:
    same(text, answer)


def test_the_hours_of_a_zone_are_those_that_pass() -> None:
    same('@"2021-03-28T12:00:00@Europe/Paris" - @"2021-03-27T12:00:00@Europe/Paris"', '@"PT23H"')
    same('@"2021-03-27T12:00:00@Europe/Paris" + @"P1D"', '@"2021-03-28T13:00:00@Europe/Paris"')
    same('@"2021-10-31T02:30:00@Europe/Paris" = @"2021-10-31T02:30:00+02:00"', "true")
    same('@"2020-01-02" - @"2020-01-01T00:00:00Z"', '@"P1D"')
    same('@"2020-01-02" - @"2020-01-01T00:00:00"', "null")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("for i in towns return i.people * share", {"towns", "share"}),
        ("for i in towns, j in i.streets return partial", {"towns"}),
        ("some i in towns satisfies i > limit", {"towns", "limit"}),
        ("for i in i return i", {"i"}),
        ("(function(a) a + b)(c)", {"b", "c"}),
        ("x instance of number", {"x"}),
        ("(< limit)", {"limit"}),
        ("sort(towns, before)", {"towns", "before"}),
    ],
)
def test_names_made_on_the_way_are_not_read_from_outside(text: str, names: set[str]) -> None:
    assert names_in(parse(text)) == names


def test_a_function_and_an_open_range_can_be_written_out() -> None:
    assert text_of(value("function(a) a")) == "function"
    assert text_of(value("(<= 3)")) == "(<= 3)"
