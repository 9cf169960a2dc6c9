"""Decision services: asked from outside or called as functions, they hide how they work it out."""

import pytest
from tests.kernel.dmn.sample import decision, document, literal, service

from guantong.dmn.api import (
    DmnAmbiguous,
    DmnNoDecision,
    DmnReference,
    DmnUnreadable,
    Model,
    read,
)

# gust and wind are handed in; force is worked out of wind; level of force and gust.
PARTS = (
    decision("force", literal("wind / 10"), "input:wind", type="number"),
    decision("level", literal("force + gust"), "decision:force", "input:gust"),
    decision("doubled", literal("force * 2"), "decision:force"),
)
INPUTS = ("wind:number", "gust:number")


def model(*parts: str) -> Model:
    return read(document(*PARTS, *parts, inputs=INPUTS))


def test_a_service_with_one_output_gives_its_value() -> None:
    asked = model(service("s", ["level"], ["input:wind", "input:gust"])).service("s")

    outcome = asked.decide({"wind": 50, "gust": 1})

    assert asked.inputs == ("wind", "gust")
    assert outcome.value == 6
    assert [part.name for part in outcome.parts] == ["level"]


def test_a_service_with_several_outputs_gives_each_under_its_name() -> None:
    asked = model(service("s", ["level", "doubled"], ["input:wind", "input:gust"]))

    assert asked.decide("s", {"wind": 50, "gust": 1}).value == {"level": 6, "doubled": 10}


def test_an_input_decision_is_handed_in_and_never_worked_out() -> None:
    asked = model(service("s", ["level"], ["input:gust", "decision:force"]))

    assert asked.decide("s", {"wind": 50, "gust": 1, "force": 100}).value == 101


def test_what_a_service_does_not_take_it_does_not_see() -> None:
    asked = model(service("s", ["level"], ["input:wind"]))

    assert asked.decide("s", {"wind": 50, "gust": 1}).value is None


def test_an_input_of_another_type_is_null_and_told() -> None:
    asked = model(service("s", ["level"], ["input:wind", "input:gust"])).service("s")

    outcome = asked.decide({"wind": "strong", "gust": 1})

    assert outcome.value is None
    assert [fault.facts["label"] for fault in outcome.input_faults] == ["wind"]


CALLS = service("s", ["level"], ["input:gust", "decision:force"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s(1, 100)", 101),  # input data first, then input decisions
        ("s(force: 100, gust: 1)", 101),
        ("s([1], 100)", 101),
        ('s(1, "strong")', None),
        ("s(1)", None),
        ("s(1, 2, 3)", None),
        ("s(gust: 1, power: 2)", None),
    ],
)
def test_a_service_is_called_like_a_function(text: str, expected: object) -> None:
    asked = model(CALLS, decision("d", literal(text), "knowledge:s")).decision("d")

    assert asked.decide({}).value == expected


def test_a_call_leaves_the_values_outside_as_they_are() -> None:
    text = "[s(1, 100), force, gust]"
    caller = decision("d", literal(text), "knowledge:s", "decision:force", "input:gust")

    outcome = model(CALLS, caller).decision("d").decide({"wind": 50, "gust": 7})

    assert outcome.value == [101, 5, 7]
    assert [part.kind for part in outcome.parts] == ["service"]


def test_a_service_without_an_output_or_that_calls_itself_is_refused() -> None:
    with pytest.raises(DmnUnreadable, match="outputDecision"):
        model(service("s", []))
    with pytest.raises(DmnReference):
        model(service("s", ["d"]), decision("d", literal("s()"), "knowledge:s"))
    with pytest.raises(DmnReference, match="'#id_lost'"):
        model(service("s", ["lost"]))


@pytest.mark.parametrize(
    "part",
    [
        service("s", ["wind"]),
        service("s", ["level"], ["decision:wind"]),
        service("s", ["level"], ["input:force"]),
        decision("d", literal("1"), "knowledge:level"),
        decision("d", literal("1"), "decision:wind"),
        decision("d", literal("1"), "input:level"),
    ],
)
def test_a_reference_to_another_kind_of_thing_is_refused(part: str) -> None:
    with pytest.raises(DmnUnreadable, match="Correct the reference") as refusal:
        model(part)
    assert "请更正引用" in refusal.value.sentence("zh-CN")


def test_a_wrong_name_lists_the_services_there_are() -> None:
    with pytest.raises(DmnNoDecision, match="It has: s"):
        model(CALLS).service("t")


def test_two_decisions_of_one_name_are_asked_by_id() -> None:
    twice = document(decision("a", literal("1")), decision("b", literal("2"))).replace(
        b'name="b"', b'name="a"'
    )

    assert read(twice).decision("id_b").decide({}).value == 2
    with pytest.raises(DmnAmbiguous, match="id_a, id_b") as refusal:
        read(twice).decision("a")
    assert "请为每个元素取不同的名称" in refusal.value.sentence("zh-CN")


def test_two_requirements_of_one_name_are_refused() -> None:
    clash = document(
        decision("a", literal("1")), decision("d", literal("a"), "decision:a", "input:a"),
        inputs=["a"],
    ).replace(b'inputData id="id_a"', b'inputData id="in_a"')  # fmt: skip
    clash = clash.replace(b'requiredInput href="#id_a"', b'requiredInput href="#in_a"')

    with pytest.raises(DmnAmbiguous, match="'a'"):
        read(clash)


def test_a_decision_sees_what_it_requires_and_nothing_that_stands_beside_it() -> None:
    asked = read(
        document(
            decision("a", literal("x"), "input:x"),
            decision("b", literal("y"), "decision:a", "input:x"),
            inputs=["x", "y"],
        )
    )

    assert asked.decision("b").decide({"x": 1, "y": 2}).value is None
