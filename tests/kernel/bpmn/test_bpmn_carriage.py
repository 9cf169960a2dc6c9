"""A case that goes over to another process comes to its end there, from wherever it stood."""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel.bpmn.process_file import chain, flow, node, process_file, timer, user

from guantong.bpmn.api import (
    Carriage,
    Graph,
    Kind,
    State,
    begin,
    complete,
    examine_carriage,
    fire_boundary,
    places_of,
    read,
)

ENDS = node("startEvent", "start") + node("endEvent", "end")
PARALLEL = (
    ENDS + user("a") + user("b") + user("c")
    + node("parallelGateway", "split") + node("parallelGateway", "join")
    + chain("start", "split", "a", "join", "c", "end") + chain("split", "b", "join")
)  # fmt: skip
ONE_AFTER_THE_OTHER = (
    ENDS + user("a") + user("b") + user("c") + chain("start", "a", "b", "c", "end")
)
SAME = {"a": "a", "b": "b", "c": "c"}


def graph(inside: str) -> Graph:
    return read(process_file(inside))


def codes(carriage: Carriage) -> list[tuple[str, str]]:
    return [(fault.code, fault.place) for fault in examine_carriage(carriage)]


def carriage(old: str, new: str, steps: dict[str, str | None], **timers: str) -> Carriage:
    return Carriage(old=graph(old), new=graph(new), steps=steps, timers=timers)


def test_what_is_the_same_in_both_goes_over_with_its_tokens_where_they_are() -> None:
    found = carriage(PARALLEL, PARALLEL, SAME)
    state = complete(found.old, begin(found.old, {}).state, 1, {}).state

    assert examine_carriage(found) == []
    assert found.carried(state) == state


def test_parallel_work_does_not_go_over_to_work_one_after_the_other() -> None:
    faults = examine_carriage(
        carriage(PARALLEL, ONE_AFTER_THE_OTHER, {**SAME, "a_join": None, "b_join": None})
    )

    assert [(fault.code, fault.place) for fault in faults] == [("unsound", "a")]
    assert faults[0].cause is not None
    assert faults[0].cause.code == "done-twice"
    assert faults[0].facts["tokens"] == "a, b"
    both = examine_carriage(
        carriage(PARALLEL, ONE_AFTER_THE_OTHER, {**SAME, "b": "a", "a_join": None, "b_join": None})
    )
    assert [fault.cause.element for fault in both if fault.cause] == ["a"]


def test_a_single_token_does_not_go_over_to_a_join_that_waits_for_two() -> None:
    faults = examine_carriage(carriage(ONE_AFTER_THE_OTHER, PARALLEL, SAME))

    assert {(fault.place, fault.cause.code) for fault in faults if fault.cause} == {
        ("a", "join-waits"), ("b", "join-waits"),
    }  # fmt: skip
    assert codes(carriage(ONE_AFTER_THE_OTHER, PARALLEL, {"a": None, "b": None, "c": "c"})) == []


def test_every_wait_is_mapped_or_said_to_stay_and_every_name_is_known() -> None:
    old = ENDS + user("a") + user("b") + chain("start", "a", "b", "end")

    assert codes(carriage(old, old, {"a": "a"})) == [("unmapped", "b")]
    assert codes(carriage(old, old, {"a": "x", "b": None, "z": "a"})) == [
        ("no-target", "a"), ("no-such-wait", "z"),
    ]  # fmt: skip
    timed = ENDS + user("a") + node("intermediateCatchEvent", "b", timer("PT1H"))
    timed += chain("start", "a", "b", "end")
    assert codes(carriage(old, timed, {"a": "a", "b": "b"})) == [("other-kind", "b")]


def test_a_map_that_would_complete_a_join_is_refused() -> None:
    three = (
        ENDS + user("a") + user("b") + user("d") + user("c")
        + node("parallelGateway", "split") + node("parallelGateway", "join")
        + chain("start", "split", "a", "join", "c", "end") + chain("split", "b", "join")
        + chain("split", "d", "join")
    )  # fmt: skip
    # Three branches were waited for, two are now: both have come, and nobody lets it go on.
    found = carriage(three, PARALLEL, {**SAME, "d": "a", "d_join": None})

    assert "join-complete" in {code for code, _ in codes(found)}


def test_timers_go_on_under_the_name_they_have_now() -> None:
    def late(name: str) -> str:
        beside = {"attachedToRef": "a", "cancelActivity": "false"}
        timed = node("boundaryEvent", name, timer("PT1H"), **beside) + chain(name, "r", "end")
        return ENDS + user("a") + user("r") + timed + chain("start", "a", "end")

    steps: dict[str, str | None] = {"a": "a", "r": "r"}
    found = carriage(late("late"), late("slow"), steps, late="slow")
    state = fire_boundary(found.old, begin(found.old, {}).state, 1, "late", {}).state
    moved = found.carried(state)
    gone = carriage(late("late"), late("slow"), steps, late="gone")
    unknown = carriage(late("late"), late("slow"), steps, late="slow", no="slow")

    assert examine_carriage(found) == []
    assert moved is not None
    assert moved.tokens[0].fired == ("slow",)
    assert codes(gone) == [("timer-elsewhere", "late")]
    assert codes(unknown) == [("no-such-timer", "no")]


@dataclass
class Drawn:
    """A process as it is drawn: blocks one after the other, some in parallel, some a choice."""

    inside: str = ENDS
    steps: list[str] = field(default_factory=list)
    last: str = "start"

    def name(self, kind: str) -> str:
        self.steps.append(kind)
        return f"{kind}{len(self.steps)}"

    def step(self) -> str:
        name = self.name("s")
        late = f"{name}t"
        self.inside += user(name)
        if len(self.steps) % 3 == 0:
            self.inside += node("boundaryEvent", late, timer("PT1H"), attachedToRef=name)
            self.inside += flow(late, "end")
        return name

    def one(self) -> None:
        made = self.step()
        self.inside += flow(self.last, made)
        self.last = made

    def both(self, kind: str) -> None:
        one, two = self.name("g"), self.name("j")
        default = {"default": f"{one}_d"} if kind == "exclusiveGateway" else {}
        self.inside += node(kind, one, **default) + node(kind, two) + flow(self.last, one)
        for place in range(2):
            made = self.step()
            way = "x = 1" if default and place else ""
            written = flow(one, made, way)
            if default and not place:
                written = written.replace(f'id="{one}_{made}"', f'id="{one}_d"')
            self.inside += written + flow(made, two)
        self.last = two


@st.composite
def processes(draw: st.DrawFn) -> str:
    drawn = Drawn()
    for block in draw(
        st.lists(st.sampled_from(["one", "parallel", "exclusive"]), min_size=1, max_size=3)
    ):
        if block == "one":
            drawn.one()
        else:
            drawn.both(f"{block}Gateway")
    return drawn.inside + flow(drawn.last, "end")


@st.composite
def maps(draw: st.DrawFn) -> Carriage:
    old, new = graph(draw(processes())), graph(draw(processes()))
    here, there = places_of(old, lambda _: True), places_of(new, lambda _: True)
    steps = {}
    for place, kind in here.items():
        targets = [name for name, other in there.items() if other == kind]
        if place in targets and draw(st.booleans()):
            steps[place] = place
        else:
            steps[place] = draw(st.sampled_from([None, *targets]))
    return Carriage(old=old, new=new, steps=steps)


def walked(graph: Graph, state: State, moves: st.DataObject, most: int = 12) -> State:
    """Let some tokens of a case go on, as it happens."""
    for _ in range(moves.draw(st.integers(0, most))):
        waiting = [token for token in state.tokens if token.waiting]
        if not waiting:
            return state
        token = moves.draw(st.sampled_from(waiting))
        timers = [t for t in graph.nodes[token.node].boundaries if t not in token.fired]
        data = {"x": moves.draw(st.integers(0, 1))}
        if timers and moves.draw(st.booleans()):
            state = fire_boundary(graph, state, token.id, timers[0], data).state
        else:
            state = complete(graph, state, token.id, data).state
    return state


@settings(max_examples=100, deadline=None)
@given(found=maps(), moves=st.data())
def test_whatever_is_drawn_a_case_that_goes_over_comes_to_its_end(
    found: Carriage, moves: st.DataObject
) -> None:
    faults = {fault.place: fault for fault in examine_carriage(found)}
    if faults:
        # What the examination refuses stays where it is; the rest of the map is examined again.
        steps = {place: None if place in faults else to for place, to in found.steps.items()}
        found = Carriage(old=found.old, new=found.new, steps=steps)
        if examine_carriage(found):
            return
    state = walked(found.old, begin(found.old, {"x": 0}).state, moves)

    moved = found.carried(state)

    if moved is None:
        assert found.stays_at(state) is not None
        return
    # One token stays one, with its number and at a place of the same kind.
    assert [(t.id, t.waiting) for t in moved.tokens] == [(t.id, t.waiting) for t in state.tokens]
    assert max(Counter(t.arrived_by for t in moved.tokens).values(), default=0) <= 1
    assert all(found.new.nodes[t.node].kind is Kind.USER or not t.waiting for t in moved.tokens)
    assert ends(found.new, walked(found.new, moved, moves), moves)


def ends(graph: Graph, state: State, moves: st.DataObject) -> bool:
    """Say whether a case is over once everybody has done what waits for them."""
    for _ in range(100):
        waiting = [token for token in state.tokens if token.waiting]
        if not waiting:
            return state.finished
        state = complete(graph, state, moves.draw(st.sampled_from(waiting)).id, {"x": 1}).state
    return False


@pytest.mark.parametrize("rests", [True, False])
def test_a_service_at_which_no_case_stands_is_no_wait(rests: bool) -> None:
    service = ENDS + user("a") + node("serviceTask", "s", guantong_service="plan")
    service += chain("start", "a", "s", "end")

    assert ("s" in places_of(graph(service), lambda _: rests)) is rests
