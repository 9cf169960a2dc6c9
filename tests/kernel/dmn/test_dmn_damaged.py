"""A file that somebody damaged is refused by a sentence, or gives an answer; nothing else."""

from contextlib import suppress

from hypothesis import given, settings
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
from guantong.dmn.api import explain, read

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


@settings(max_examples=150)
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
