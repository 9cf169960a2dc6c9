"""Built-in functions at the edges of their domains: DMN 1.5, section 10.3.4, table by table."""

from datetime import UTC, datetime

import pytest

from guantong.feel.api import parse
from guantong.feel.functions import BUILT_INS

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def value(text: str) -> object:
    return parse(text).evaluate({})


def same(text: str, answer: str) -> None:
    got, expected = value(text), value(answer)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize("name", sorted(set(BUILT_INS) - {"now", "today", "is"}))
def test_without_arguments_or_with_an_unknown_name_every_function_is_null(name: str) -> None:
    assert value(f"{name}()") is None
    assert value(f"{name}(no such parameter: 1)") is None


@pytest.mark.parametrize(
    "name",
    sorted(
        set(BUILT_INS)
        - {"string", "not", "is", "list contains", "append", "index of", "now", "today"}
        - {"coincides", "count", "flatten", "reverse", "distinct values"}
    ),
)
def test_null_for_every_parameter_gives_null(name: str) -> None:
    form = BUILT_INS[name].forms[0]

    assert value(f"{name}({', '.join(['null'] * len(form.parameters))})") is None


def test_too_many_arguments_give_null_where_a_function_does_not_take_any_number() -> None:
    fixed = {
        name: made
        for name, made in BUILT_INS.items()
        if not any(form.variadic for form in made.forms)
    }

    assert {name for name in fixed if value(f"{name}({', '.join(['1'] * 9)})") is not None} == set()
    assert value("now(1)") is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        # A list of one for a value, a value for a list of one (section 10.3.2.9.4).
        ("abs([-1])", "1"),
        ("abs([-1, 2])", "null"),
        ('contains(["foobar"], "of")', "false"),
        ("count(3)", "1"),
        ("reverse(3)", "[3]"),
        ("list contains(3, 3)", "true"),
        ('string join("a")', '"a"'),
        ("list contains(null, null)", "null"),
        ("count(null)", "null"),
        ("append(null, 1)", "null"),
        ("append([], null)", "[null]"),
        ("concatenate(null, [1])", "null"),
        ("concatenate([1], 2)", "[1, 2]"),
        ("union([1, null], [null])", "[1, null]"),
        ('distinct values([1, "1", 1.0, true, [1], [1], {a: 1}])', '[1, "1", true, [1], {a: 1}]'),
        ("flatten([])", "[]"),
        ("index of([[1], 1, [1]], [1])", "[1, 3]"),
        # Positions: whole, not zero, within the list.
        ("sublist([1, 2, 3], 0)", "null"),
        ("sublist([1, 2, 3], 1.5)", "null"),
        ("sublist([1, 2, 3], 4)", "null"),
        ("sublist([1, 2, 3], -2)", "[2, 3]"),
        ("sublist([1, 2, 3], -2, 2)", "[2, 3]"),
        ("sublist([1, 2, 3], -2, 3)", "null"),
        ("sublist([1, 2, 3], 1, 0)", "null"),
        ("sublist(list: [1, 2, 3], start position: 2, length: 1)", "[2]"),
        ("insert before([1, 2], 3, 9)", "null"),
        ("insert before([1, 2], -1, 9)", "[1, 9, 2]"),
        ("insert before([1], 1, null)", "[null, 1]"),
        ("remove([1, 2], -2)", "[2]"),
        ("remove([1, 2], 3)", "null"),
        ("list replace([1, 2], -1, 9)", "[1, 9]"),
        ("list replace([1, 2], 3, 9)", "null"),
        ("list replace([1, 2], function(item, newItem) item, 9)", "null"),
        ("list replace([1, 2], function(item) true, 9)", "null"),
        ("sort([2, 1], function(a, b) null)", "null"),
        ("sort([], function(a, b) a < b)", "[]"),
        ("sort([3, 1, 2], 1)", "null"),
        ("sort(list: [3, 1, 2], precedes: before)", "[1, 2, 3]"),
        # Statistics.
        ("min([1, null])", "null"),
        ('max("b", "a")', '"b"'),
        ('max(@"2019-08-10", @"2019-08-11")', '@"2019-08-11"'),
        ("min(true, false)", "null"),
        ('sum(@"PT1H", @"PT2H")', '@"PT3H"'),
        ('sum(1, "a")', "null"),
        ("sum([])", "null"),
        ("mean([])", "null"),
        ('mean([1, "a"])', "null"),
        ("product([])", "null"),
        ("product([2, null])", "null"),
        ("median([])", "null"),
        ("median(8, 2, 5, 3, 4)", "4"),
        ("stddev([47])", "null"),
        ("stddev([])", "null"),
        ("mode([])", "[]"),
        ("mode(6, 3, 9, 6, 6)", "[6]"),
        ("all([])", "true"),
        ("all(0)", "null"),
        ("any([true, 0])", "true"),
        ("any([false, 0])", "null"),
        # Text.
        ('substring("foobar", 7)', "null"),
        ('substring("foobar", -7)', "null"),
        ('substring("foobar", 3, 0)', "null"),
        ('substring("", 1)', "null"),
        ('substring before("foobar", "x")', '""'),
        ('substring after("foobar", "")', '"foobar"'),
        ('substring after("", "a")', '""'),
        ('contains("foobar", "")', "true"),
        ('split("a;b;c;;", ";")', '["a", "b", "c", "", ""]'),
        ('split("", ";")', '[""]'),
        ('split("ab", "")', "null"),
        ('split("ab", "(")', "null"),
        ("string join([])", '""'),
        ('string join([1], "x")', "null"),
        ('string join(["a", "b"], null)', '"ab"'),
        ('matches("abc", "b", "q")', "null"),
        ('matches("abc", "[b")', "null"),
        ('matches("a\\nb", "^b$", "m")', "true"),
        ('matches("a\\nb", "^b$")', "false"),
        ('matches("a\\nb", "a.b", "s")', "true"),
        ('matches("a\\nb", "a.b")', "false"),
        ('matches("abcabc", "(abc)\\\\1")', "true"),
        ('matches("e", "[a-z-[aeiou]]")', "false"),
        ('matches("Ä", "^\\\\p{Lu}$")', "true"),
        ('matches("x", "\\\\p{Nope}")', "null"),
        ('matches("a b", "a b", "x")', "false"),
        ('replace("abc", "b", "$")', "null"),
        ('replace("abc", "b", "\\\\$")', '"a$c"'),
        ('replace("abc", "(b)", "[$12]")', '"a[b2]c"'),
        ('replace("abc", "x*", "-")', "null"),
        ('replace("abc", "(x)?b", "[$1]")', '"a[]c"'),
        ('upper case("straße")', '"STRASSE"'),
        # Numbers.
        ("decimal(1.5, null)", "null"),
        ("decimal(1/3, 40)", "decimal(1/3, 40)"),
        ("floor(1.5, -6112)", "null"),
        ("ceiling(-1.5)", "-1"),
        ("round half up(-2.5, 0)", "-3"),
        ("round half down(-2.5, 0)", "-2"),
        ("round up(0.001, 2)", "0.01"),
        ("modulo(0, 5)", "0"),
        ("sqrt(-1)", "null"),
        ("log(0)", "null"),
        ("log(1)", "0"),
        ("exp(99999)", "null"),
        ("odd(1.5)", "null"),
        ("2 ** 1000000000", "null"),
        # Conversion.
        ('number("1 000,5", " ", ",")', "1000.5"),
        ('number("1.5", ".", ".")', "null"),
        ('number("1.5", null, null)', "1.5"),
        ('number(" 1")', "null"),
        ('number("0x10")', "null"),
        ("string(null)", "null"),
        ('string([@"2019-08-10", "a"])', '"[@\\"2019-08-10\\", \\"a\\"]"'),
        ('string({"a b": 1, "{": 2})', '"{a b: 1, \\"{\\": 2}"'),
        ("date(2019, 2, 29)", "null"),
        ("date(99999999999999999999, 1, 1)", "null"),
        ("date(year: 2019, month: 8)", "null"),
        ('date("2019-08-10T00:00:00")', "null"),
        ('date and time("2019-08-10")', '@"2019-08-10T00:00:00"'),
        ('date and time("2019-08-10T24:00:01")', "null"),
        ('date and time(@"2019-08-10T05:00:00", @"01:00:00Z")', '@"2019-08-10T01:00:00Z"'),
        ("date and time(2019, 8, 10, 1, 45, 0.5)", '@"2019-08-10T01:45:00.5"'),
        ('date and time(2019, 8, 10, 1, 45, 0, @"-PT3H")', '@"2019-08-10T01:45:00-03:00"'),
        ('date and time(2019, 8, 10, 1, 45, 0, "No/Where")', "null"),
        ('time(1, 2, 3, @"PT25H")', "null"),
        ('time(@"2019-08-10")', '@"00:00:00Z"'),
        ('duration("P1Y1D")', "null"),
        ('years and months duration(@"2019-08-10", @"2018-05-11")', '@"-P1Y2M"'),
        ('range("[1..1]")', "[1..1]"),
        ('range("[2..1]")', "null"),
        ('range("[1..\\"a\\"]")', "null"),
        ('range("[1..]")', "null"),
        ('range("(date(\\"2019-08-10\\")..@\\"2019-08-11\\")")', '(@"2019-08-10"..@"2019-08-11")'),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "null"),
        ('context([{key: "a"}])', "null"),
        ('context({key: "a", value: null, more: 1})', "{a: null}"),
        # Contexts.
        ('get value({a: 1}, "b")', "null"),
        ("get value({a: 1}, null)", "null"),
        ('get value({a: {b: 1}}, ["a", "c"])', "null"),
        ("get value({a: 1}, [])", "null"),
        ("get entries({})", "[]"),
        ('context put({x: 1, y: 0, z: 0}, "y", 2)', "{x: 1, y: 2, z: 0}"),
        ('context put({x: 1}, ["y"], 2)', "{x: 1, y: 2}"),
        ('context put({x: 1}, ["y", "z"], 2)', "null"),
        ("context put({x: 1}, [], 2)", "null"),
        ("context merge([])", "{}"),
        ("context merge([{a: 1}, null])", "null"),
        ("context merge({a: 1})", "{a: 1}"),
        # Calendar.
        ('day of year(@"2020-12-31T10:00:00")', "366"),
        ('week of year(@"2003-12-29")', "1"),
        ('day of week(["x"])', "null"),
        ('is(@"2019-08-10", @"2019-08-10T00:00:00Z")', "false"),
        ("is(null, null)", "true"),
        ('is([@"10:00:00Z"], [@"10:00:00+00:00"])', "true"),
        ('is({a: @"10:00:00Z"}, {a: @"11:00:00+01:00"})', "false"),
        # Ranges.
        ("before(1, (1..5])", "true"),
        ("before(1, [1..5])", "false"),
        ("before([1..5], 5)", "false"),
        ("before([1..5), [5..9])", "true"),
        ("after([11..20], [1..11))", "true"),
        ('before(1, "a")', "null"),
        ("before(1, [null..5])", "null"),
        ("before((< 5), [5..9])", "true"),
        ("before((> 5), 9)", "false"),
        ("overlaps((< 5), (> 4))", "true"),
        ("overlaps((< 5), (> 5))", "false"),
        ("overlaps((!= 5), [1..2])", "null"),
        ("overlaps before([1..5), (1..5])", "true"),
        ("overlaps after([1..5], [1..5))", "false"),
        ("includes((> 5), [6..7])", "true"),
        ("includes([6..7], (> 5))", "false"),
        ("includes((>= 5), (> 5))", "true"),
        ("during(10, [1..10))", "false"),
        ("finishes((1..10], [1..10])", "true"),
        ("starts([1..10), [1..10])", "true"),
        ("coincides((< 5), (< 5))", "true"),
        ("coincides((< 5), (<= 5))", "false"),
        ("meets([1..5], (5..9])", "false"),
        ("met by([5..9], [1..5)) ", "false"),
        ("before(range: [1..5], point: 6)", "true"),
        ("before(point1: 1, point2: 6)", "true"),
        ("before(point1: 1, range2: [1..2])", "null"),
    ],
)
def test_a_function_answers_at_the_edge_of_what_it_takes(text: str, answer: str) -> None:
    same(text, answer)


def test_the_clock_is_the_one_that_the_caller_hands_in() -> None:
    assert parse("now()").evaluate({}, now=NOON) == NOON
    assert parse("today()").evaluate({}, now=NOON) == NOON.date()
    assert value("now()") is None
    assert value("today()") is None


def test_a_list_of_ranges_contains_a_range() -> None:
    same("list contains([[1..5], (< 3)], (< 3))", "true")
