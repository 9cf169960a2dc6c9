"""Item definitions: what goes in and what comes out is of the declared type, or null and told."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.kernel.dmn.sample import (
    allowed,
    component,
    context,
    decision,
    document,
    function,
    item,
    knowledge,
    literal,
)

from guantong.dmn.api import ARGUMENT_TYPE, WRONG_TYPE, DmnReference, DmnUnreadable, Outcome, read
from guantong.feel.api import Value

CALC = '<functionItem outputTypeRef="number"><parameters name="n" typeRef="number"/></functionItem>'
ITEMS = (
    item("tLevel", allowed('"red", "blue"'), type="string"),
    item("tLevels", allowed('"red", "blue"'), type="string", isCollection="true"),
    item("tPair", allowed("count(?) = 2", "typeConstraint"), type="number", isCollection="true"),
    item("tPlace", component("name", "string") + component("level", "tLevel")),
    item("tPlaces", type="tPlace", isCollection="true"),
    item("tTree", component("name", "string") + component("under", "list<tTree>")),
    item("tCalc", CALC),
    item("tWeek", allowed("[1..52]"), type="number"),
    item("tRange", type="range<number>"),
)  # fmt: skip


def given_as(kind: str, value: object) -> tuple[Value, bool]:
    """Return what a decision sees of an input of this type, and whether a fault was told."""
    xml = document(*ITEMS, decision("d", literal("x"), "input:x"), inputs=[f"x:{kind}"])
    outcome = read(xml).decision("d").decide({"x": value})
    return outcome.value, bool(outcome.input_faults)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", 1),
        ("string", "a"),
        ("boolean", False),
        ("date", date(2026, 6, 20)),
        ("dateTime", datetime(2026, 6, 20, tzinfo=UTC)),
        ("Any", [1, "a"]),
        ("list<number>", [1, 2]),
        ("context<a: number>", {"a": 1, "b": "more"}),
        ("tLevel", "red"),
        ("tLevels", ["red", "blue", "red"]),
        ("tPair", [1, 2]),
        ("tPlace", {"name": "A", "level": "red"}),
        ("tPlaces", [{"name": "A", "level": None}]),
        ("tTree", {"name": "A", "under": [{"name": "B", "under": []}]}),
        ("tWeek", 52),
        ("feel:number", 3),
    ],
)
def test_a_value_of_its_type_is_taken_as_it_is(kind: str, value: object) -> None:
    assert given_as(kind, value) == (value, False)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", "1"),
        ("string", 1),
        ("boolean", "true"),
        ("date", "2026-06-20"),
        ("list<number>", [1, "a"]),
        ("context<a: number>", {"b": 1}),
        ("tLevel", "green"),
        ("tLevels", ["red", "green"]),
        ("tPair", [1, 2, 3]),
        ("tPlace", {"name": "A"}),
        ("tPlace", {"name": "A", "level": "green"}),
        ("tPlaces", [{"name": 1, "level": "red"}]),
        ("tTree", {"name": "A", "under": [{"name": 1, "under": []}]}),
        ("tCalc", 1),
        ("tWeek", 53),
        ("tRange", 5),
    ],
)
def test_a_value_of_another_type_is_null_and_told(kind: str, value: object) -> None:
    assert given_as(kind, value) == (None, True)


@pytest.mark.parametrize(
    ("kind", "value", "seen"),
    [
        ("number", [1], 1),
        ("list<number>", 1, [1]),
        ("tLevels", "red", ["red"]),
        ("tPlace", [{"name": "A", "level": "red"}], {"name": "A", "level": "red"}),
        ("date and time", date(2026, 6, 20), datetime(2026, 6, 20, tzinfo=UTC)),
    ],
)
def test_three_conversions_happen_without_being_asked(
    kind: str, value: object, seen: object
) -> None:
    assert given_as(kind, value) == (seen, False)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(numbers=st.lists(st.integers(-3, 3), max_size=4))
def test_the_items_of_a_collection_are_held_to_the_values_and_the_whole_to_the_constraint(
    numbers: list[int],
) -> None:
    _, told = given_as("tPair", numbers)

    # One number alone is no pair either: a list of one becomes its item, not a list of two.
    assert told is (len(numbers) != 2)


def test_what_is_not_handed_in_is_null_and_no_fault() -> None:
    assert given_as("number", None) == (None, False)


def test_the_fault_names_the_input_the_type_and_the_value() -> None:
    xml = document(*ITEMS, decision("d", literal("x"), "input:x"), inputs=["x:tLevel"])

    (fault,) = read(xml).decision("d").decide({"x": "green"}).input_faults

    assert fault.code == WRONG_TYPE
    assert fault.facts == {"label": "x", "type": "tLevel", "value": "green"}


def result(logic: str, kind: str, *more: str) -> Outcome:
    wanted = ["knowledge:f"] if more else []
    return (
        read(document(*ITEMS, *more, decision("d", logic, *wanted, type=kind)))
        .decision("d")
        .decide({})
    )


def test_a_result_is_held_to_the_type_of_its_decision() -> None:
    wrong = result(literal('"green"'), "tLevel")

    assert result(literal('"red"'), "tLevel").value == "red"
    assert result(literal("1"), "list<number>").value == [1]
    assert wrong.value is None
    assert wrong.fault is not None
    assert wrong.fault.code == WRONG_TYPE


def test_a_result_that_required_decisions_see_is_the_one_of_its_type() -> None:
    xml = document(
        decision("a", literal('"text"'), type="number"),
        decision("b", literal("a = null"), "decision:a"),
    )

    assert read(xml).decision("b").decide({}).value is True


def test_an_entry_of_a_context_is_held_to_its_type() -> None:
    logic = context(("a", literal('"text"')), ("b", literal("a = null"))).replace(
        'name="a"', 'name="a" typeRef="number"'
    )

    assert result(logic, "Any").value == {"a": None, "b": True}


def test_an_argument_of_another_type_makes_the_call_null() -> None:
    f = knowledge("f", literal("n = null"), "n:number")

    outcome = result(literal('f("text")'), "boolean", f)

    assert outcome.value is None
    assert [fault.code for fault in outcome.faults()] == [ARGUMENT_TYPE]
    assert result(literal("f(1)"), "boolean", f).value is False


def test_a_function_is_of_a_function_type_when_its_parameters_are() -> None:
    one = function(literal("n + 1"), "n:number")
    text = function(literal("n"), "n:string")

    assert result(one, "tCalc").value is not None
    assert result(text, "tCalc").fault is not None
    assert result(function(literal("1")), "tCalc").fault is not None


def test_a_type_that_nobody_defines_is_refused_by_name() -> None:
    with pytest.raises(DmnReference, match="'tLost'"):
        given_as("tLost", 1)
    with pytest.raises(DmnReference, match="'tLost'"):
        read(document(item("tA", component("b", "tLost"))))


def test_a_type_that_is_itself_is_refused() -> None:
    with pytest.raises(DmnReference):
        read(document(item("tA", type="tB"), item("tB", type="tA")))


def test_allowed_values_that_are_no_feel_are_refused_with_the_type() -> None:
    with pytest.raises(DmnUnreadable, match="type 'tA' cannot be read") as refusal:
        read(document(item("tA", allowed('"red" "blue"'), type="string")))
    assert "类型 'tA' 允许的取值无法读取" in refusal.value.sentence("zh-CN")
