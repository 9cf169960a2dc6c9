"""No text and no value makes FEEL fail in a way it has not declared.

The texts are grown from the grammar, with every built-in function and any number of arguments, so
that nearly all of them are evaluated; ``test_feel_laws`` mixes signs without regard to it.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from guantong.feel.api import (
    FeelSyntax,
    FeelTooMuch,
    Months,
    kind,
    parse,
    parse_unary_tests,
    text_of,
)
from guantong.feel.functions import BUILT_INS

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
SAMPLES = """
null true false 0 1 -1 2.5 1e30 -1e-6000 9e6144 123456789012345678901234567890.1234 a b
温岭 ? "" "a" "温岭" "\\u0000" "(a+)+$" "[a-z-[aeiou]]" "\\\\d{2,}" "$1" "i" "[1..5)" "-P3M"
"2024-02-29" @"2024-02-29" @"9999-12-31" @"0001-01-01T00:00:00" @"2021-10-31T02:30:00@Europe/Paris"
@"23:59:59.999999-14:00" @"12:00:00@Asia/Shanghai" @"P999999999Y" @"-P999999999D" @"PT0.000001S"
[] {} [1..5] (<3) (!="a") [null..@"P1D"] function()1 function(x,y)x<y
"""
LITERALS = st.sampled_from(SAMPLES.split())
TYPES = st.sampled_from(
    [
        "number",
        "Any",
        "list<string>",
        "context<a: number>",
        "function<number> -> Any",
        "range<date>",
    ]
)
SIGNS = "+ - * / ** = != < <= > >= and or in"
OPERATORS = st.sampled_from(SIGNS.split())
PROPERTIES = st.sampled_from(
    ["a", "year", "weekday", "time offset", "timezone", "days", "months", "start", "end included"]
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    some_of = st.lists(inner, max_size=4).map(", ".join)
    call = st.tuples(st.sampled_from(sorted(BUILT_INS)), some_of).map(lambda t: f"{t[0]}({t[1]})")
    named = st.sampled_from(
        sorted((name, form.parameters) for name, made in BUILT_INS.items() for form in made.forms)
    ).flatmap(
        lambda pair: st.lists(inner, min_size=len(pair[1]), max_size=len(pair[1])).map(
            lambda values: (
                f"{pair[0]}("
                + ", ".join(f"{key}: {each}" for key, each in zip(pair[1], values, strict=True))
                + ")"
            )
        )
    )
    two = st.tuples(inner, inner)
    three = st.tuples(inner, inner, inner)
    return st.one_of(
        call,
        named,
        st.tuples(inner, OPERATORS, inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        two.map(lambda t: f"({t[0]})[{t[1]}]"),
        some_of.map(lambda text: f"[{text}]"),
        two.map(lambda t: f"{{a: {t[0]}, b c: {t[1]}}}"),
        st.tuples(inner, PROPERTIES).map(lambda t: f"({t[0]}).{t[1]}"),
        three.map(lambda t: f"if {t[0]} then {t[1]} else {t[2]}"),
        three.map(lambda t: f"({t[0]}) between ({t[1]}) and ({t[2]})"),
        three.map(lambda t: f"for a in {t[0]}, x in {t[1]} return {t[2]}"),
        two.map(lambda t: f"for x in ({t[0]})..({t[1]}) return [x, partial]"),
        two.map(lambda t: f"some a in {t[0]} satisfies {t[1]}"),
        two.map(lambda t: f"every a in {t[0]} satisfies {t[1]}"),
        st.tuples(inner, TYPES).map(lambda t: f"({t[0]}) instance of {t[1]}"),
        st.tuples(TYPES, inner, inner).map(lambda t: f"(function(a: {t[0]}) {t[1]})({t[2]})"),
        inner.map(lambda text: f"{{f: function(a) f({text}), r: f(1)}}.r"),
        two.map(lambda t: f"[({t[0]})..({t[1]})]"),
        inner.map(lambda text: f"-({text})"),
    )


EXPRESSIONS = st.recursive(LITERALS, _grown, max_leaves=12)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.decimals(),
        st.dates(),
        st.times(),
        st.datetimes(timezones=st.sampled_from([None, UTC])),
        st.timedeltas(),
        st.sampled_from([Months(-14), timedelta.max, date.max, time.max, Decimal("-0")]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(["a", "b"]), inner)
    ),
    max_leaves=6,
)
CONTEXTS = st.fixed_dictionaries({}, optional={"a": VALUES, "b": VALUES, "温岭": VALUES})


@settings(max_examples=250, deadline=None)
@given(text=EXPRESSIONS, context=CONTEXTS)
def test_an_expression_gives_a_value_or_a_declared_refusal(
    text: str, context: dict[str, object]
) -> None:
    try:
        value = parse(text).evaluate(context, now=NOW)
    except (FeelSyntax, FeelTooMuch):
        return
    assert kind(value)
    assert isinstance(text_of(value), str)


@settings(max_examples=100, deadline=None)
@given(text=EXPRESSIONS, value=VALUES, context=CONTEXTS)
def test_a_cell_answers_true_false_null_or_a_declared_refusal(
    text: str, value: object, context: dict[str, object]
) -> None:
    try:
        answer = parse_unary_tests(text).matches(value, context)
    except (FeelSyntax, FeelTooMuch):
        return
    assert answer in {True, False, None}


@settings(max_examples=150, deadline=None)
@given(
    pattern=st.text("ab.*+?()[]{}|^$\\-123,:dDpPLuisn ", max_size=30),
    text=st.text("ab1 \n", max_size=30),
    flags=st.text("smix", max_size=2),
)
def test_any_pattern_answers_or_is_refused(pattern: str, text: str, flags: str) -> None:
    context = {"t": text, "p": pattern, "f": flags}
    for asked in ("matches(t, p, f)", 'replace(t, p, "$1", f)', "split(t, p)"):
        try:
            value = parse(asked).evaluate(context)
        except FeelTooMuch:
            continue
        assert kind(value) in {"boolean", "string", "list", "null"}
