"""Laws that hold for every text and every number, tried on many."""

from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from guantong.feel.api import Expression, FeelSyntax, kind, parse, parse_unary_tests

TRUTHS = st.sampled_from([True, False, None])
SIGNS = """
a b x y ? 1 2.5 .5 1e3 null true false not and or if then else between in instance of for some
function ( ) [ ] { } , : . .. < <= > >= = != + - * / ** @ - // /* */ " "t" "P1D" "2019-08-10"
abs( sum( date( duration( substring( string( item year 风速 ， 、 \\ 'x' é 😀
"""
WORDS = [*SIGNS.split(), "\n", "\ud800"]
TEXTS = st.text() | st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=5)
    | st.dates()
    | st.times()
    | st.datetimes()
    | st.timedeltas(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abxy"), inner),
    max_leaves=5,
)
EXACT = Context(prec=34, rounding=ROUND_HALF_EVEN)
NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12
).map(EXACT.plus)


def parsed_or_refused(text: str) -> Expression | FeelSyntax:
    try:
        return parse(text)
    except FeelSyntax as refusal:
        return refusal


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, context=st.dictionaries(st.sampled_from(["a", "b", "x", "y", "风速"]), VALUES))
def test_any_text_either_is_refused_or_gives_a_value(text: str, context: dict[str, object]) -> None:
    expression = parsed_or_refused(text)

    if isinstance(expression, FeelSyntax):
        assert expression.line >= 1
        assert expression.column >= 1
        assert "feel.problem" not in expression.sentence("zh-CN") + expression.sentence("en")
    else:
        assert kind(expression.evaluate(context))


@settings(max_examples=200, deadline=None)
@given(text=TEXTS, value=VALUES)
def test_any_cell_either_is_refused_or_answers_true_false_or_null(text: str, value: object) -> None:
    try:
        tests = parse_unary_tests(text)
    except FeelSyntax:
        return
    assert tests.matches(value, {"a": value, "x": 1}) in {True, False, None}


@settings(max_examples=200, deadline=None)
@given(
    operator=st.sampled_from("+-*/<>="),
    left=VALUES,
    right=VALUES,
)
def test_no_two_values_make_an_operator_fail(operator: str, left: object, right: object) -> None:
    assert kind(parse(f"a {operator} b").evaluate({"a": left, "b": right}))


@given(left=NUMBERS, right=NUMBERS)
def test_arithmetic_is_that_of_decimals_with_34_digits(left: Decimal, right: Decimal) -> None:
    context = {"a": left, "b": right}

    assert parse("a + b").evaluate(context) == EXACT.add(left, right)
    assert parse("a - b").evaluate(context) == EXACT.subtract(left, right)
    assert parse("a * b").evaluate(context) == EXACT.multiply(left, right)
    if right:
        assert parse("a / b").evaluate(context) == EXACT.divide(left, right)


@given(number=st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_with_more_digits_is_rounded_when_it_is_read(number: Decimal) -> None:
    digits = len(EXACT.plus(number).as_tuple().digits)

    assert digits <= 34
    assert parse("a").evaluate({"a": number}) == EXACT.plus(number)


@given(number=st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_reading_is_the_number_its_shortest_text_says(number: float) -> None:
    assert parse("a").evaluate({"a": number}) == Decimal(repr(number))


@given(a=TRUTHS, b=TRUTHS)
def test_negation_turns_and_into_or(a: bool | None, b: bool | None) -> None:
    context = {"a": a, "b": b}

    both = parse("not(a and b)").evaluate(context)
    either = parse("not(a) or not(b)").evaluate(context)

    assert both is either


@given(
    number=NUMBERS,
    low=NUMBERS,
    high=NUMBERS,
    left=st.sampled_from("[(]"),
    right=st.sampled_from("])["),
)
def test_a_range_cell_agrees_with_its_two_comparisons(
    number: Decimal, low: Decimal, high: Decimal, left: str, right: str
) -> None:
    cell = parse_unary_tests(f"{left}{low:f}..{high:f}{right}")

    above = number >= low if left == "[" else number > low
    below = number <= high if right == "]" else number < high
    assert cell.matches(number) is (above and below)


@given(day=st.dates(date(1900, 1, 1), date(2200, 1, 1)), days=st.integers(-1000, 1000))
def test_a_date_moved_there_and_back_is_the_same(day: date, days: int) -> None:
    context = {"day": day, "d": timedelta(days=days)}

    assert parse("day + d - d").evaluate(context) == day
    assert parse("(day + d) - day").evaluate(context) == timedelta(days=days)
