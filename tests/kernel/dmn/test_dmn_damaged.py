"""A file that somebody damaged is refused by a sentence, or gives an answer; nothing else."""

from contextlib import suppress

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
    invocation,
    item,
    knowledge,
    literal,
    service,
    table,
)

from guantong.base.errors import GuantongError
from guantong.dmn.api import DmnUnreadable, explain, read

ROWS = [((">= 10",), ('"red"',), "a"), (("-",), ('"blue"',), "")]
PLACE = context(("name", literal('"A"')), ("level", literal("level")))
MADE = context(("f", function(literal("n + 1"), "n")), result=literal("f(x)"))
WHOLE = document(
    item("tLevel", allowed('"red", "blue"'), type="string"),
    item("tPlace", component("name", "string") + component("level", "tLevel")),
    knowledge("twice", literal("n * 2"), "n:number"),
    decision("level", table(ROWS, inputs=("x",)), "input:x", type="tLevel"),
    decision("place", PLACE, "decision:level", type="tPlace"),
    decision("called", invocation("twice", n="x"), "knowledge:twice", "input:x"),
    decision("made", MADE, "input:x"),
    service("s", ["place"], ["input:x"]),
    inputs=["x:number"],
)
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.integers())


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    cuts=st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 40)), max_size=3),
    moves=st.lists(st.tuples(*[st.integers(0, 200)] * 2), max_size=3),
    x=VALUES,
)
def test_whatever_is_cut_or_exchanged_nothing_but_a_refusal_comes_out(
    cuts: list[tuple[int, int]], moves: list[tuple[int, int]], x: object
) -> None:
    parts = WHOLE.split(b'"')
    for one, other in moves:
        # Every second part is the value of an attribute.
        parts[(one * 2 + 1) % len(parts)] = parts[(other * 2 + 1) % len(parts)]
    xml = b'"'.join(parts)
    for at, length in cuts:
        xml = xml[:at] + xml[at + length :]

    with suppress(GuantongError):
        model = read(xml)
        for asked in (*model.decisions, *model.services):
            with suppress(GuantongError):
                assert explain(asked.decide({"x": x}), "zh-CN", whole=True)


def test_the_whole_file_answers() -> None:
    model = read(WHOLE)

    assert model.decide("s", {"x": 12}).value == {"name": "A", "level": "red"}
    assert model.decide("called", {"x": 12}).value == 24
    assert model.decide("made", {"x": 12}).value == 13


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([decision("d", "<list>" * 100 + "</list>" * 100)], "more than 40 parts within parts"),
        (
            [item(f"t{n}", type=f"t{n + 1}") for n in range(100)] + [item("t100", type="number")],
            "more than 40 parts within parts",
        ),
        (
            [item("t", '<itemComponent name="a">' * 100 + "</itemComponent>" * 100)],
            "more than 40 parts within parts",
        ),
        (
            [decision("d", context(*((f"n{n}", literal("1")) for n in range(5001))))],
            "more than 5000 names",
        ),
    ],
    ids=["boxes", "types", "components", "names"],
)
def test_what_is_too_deep_or_too_much_is_refused_before_it_is_read(
    parts: list[str], said: str
) -> None:
    with pytest.raises(DmnUnreadable, match=said) as refusal:
        read(document(*parts))
    assert "请" in refusal.value.sentence("zh-CN")


def test_comments_within_a_text_are_no_part_of_it() -> None:
    xml = document(
        decision("d", "<literalExpression><text>1<!-- one --> + 1</text></literalExpression>")
    )

    assert read(xml).decide("d", {}).value == 2


def test_a_name_is_known_however_many_spaces_it_was_written_with() -> None:
    xml = document(
        decision("d", literal("wind  force + 1"), "input:wind   force"), inputs=["wind   force"]
    )

    assert read(xml).decide("d", {"wind force": 1}).value == 2
