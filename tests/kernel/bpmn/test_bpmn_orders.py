"""Whatever the order in which people finish, a process ends exactly once and loses no token."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel.bpmn.process_file import chain, node, process_file, timer, user

from guantong.bpmn.api import (
    Ended,
    Finished,
    Graph,
    State,
    Step,
    TaskOpened,
    TimerCancelled,
    TimerSet,
    begin,
    complete,
    fire_boundary,
    read,
)

ENDS = node("startEvent", "start") + node("endEvent", "end")


def branches(width: int, depth: int) -> Graph:
    """A split into ``width`` branches of ``depth`` tasks each, and a join."""
    inside = ENDS + node("parallelGateway", "split") + node("parallelGateway", "join")
    inside += chain("start", "split") + chain("join", "end")
    for branch in range(width):
        names = [f"t{branch}_{place}" for place in range(depth)]
        inside += "".join(user(name) for name in names) + chain("split", *names, "join")
    return read(process_file(inside))


def through_json(step: Step) -> State:
    """The state as it comes back from a store; it must be the same."""
    stored = State.from_json(json.loads(json.dumps(step.state.to_json())))
    assert stored == step.state
    return stored


@settings(deadline=None)  # a busy machine is no fault
@given(width=st.integers(1, 5), depth=st.integers(1, 4), chosen=st.data())
def test_in_every_order_each_task_opens_once_and_the_process_finishes_once(
    width: int, depth: int, chosen: st.DataObject
) -> None:
    graph = branches(width, depth)
    step = begin(graph, {})
    effects = list(step.effects)
    ends = 0

    while not step.state.finished:
        # One token per branch, at a task or at the join, until all of them have met.
        assert len(step.state.tokens) == width
        ready = [token.id for token in step.state.tokens if token.waiting]
        step = complete(graph, through_json(step), chosen.draw(st.sampled_from(ready)), {})
        effects += step.effects
        ends += Ended("end") in step.effects

    opened = [effect.node for effect in effects if isinstance(effect, TaskOpened)]
    assert sorted(opened) == sorted(f"t{b}_{p}" for b in range(width) for p in range(depth))
    assert (ends, effects.count(Finished())) == (1, 1)


def with_timers() -> Graph:
    """Two tasks in parallel, each with a reminder beside it and a limit that interrupts it."""
    inside = ENDS + node("parallelGateway", "split") + node("parallelGateway", "join")
    for name in ("a", "b"):
        inside += user(name) + node(
            "boundaryEvent",
            f"{name}_remind",
            timer("PT1H"),
            attachedToRef=name,
            cancelActivity="false",
        )
        inside += node("boundaryEvent", f"{name}_late", timer("PT2H"), attachedToRef=name)
        inside += user(f"{name}_urge") + user(f"{name}_higher")
        # Merged first: a join counts flows, and only one of the two ways will bring a token.
        inside += node("exclusiveGateway", f"{name}_done") + chain(
            "split", name, f"{name}_done", "join"
        )
        inside += chain(f"{name}_remind", f"{name}_urge", "end")
        inside += chain(f"{name}_late", f"{name}_higher", f"{name}_done")
    return read(process_file(inside + chain("start", "split") + chain("join", "end")))


TIMED = with_timers()


@settings(deadline=None)  # a busy machine is no fault
@given(st.data())
def test_with_timers_going_off_at_any_moment_it_still_finishes_once_and_no_timer_is_left(
    chosen: st.DataObject,
) -> None:
    step = begin(TIMED, {})
    running = {(e.token, e.node) for e in step.effects if isinstance(e, TimerSet)}
    effects = list(step.effects)

    while not step.state.finished:
        state = through_json(step)
        acts = [(token.id, "") for token in state.tokens if token.waiting] + sorted(running)
        token, boundary = chosen.draw(st.sampled_from(acts))
        if boundary:
            step = fire_boundary(TIMED, state, token, boundary, {})
            running.remove((token, boundary))
        else:
            step = complete(TIMED, state, token, {})
        # A timer cancelled twice, or never set, would not be found here.
        for effect in step.effects:
            if isinstance(effect, TimerCancelled):
                running.remove((effect.token, effect.node))
        effects += step.effects

    urged = sum(isinstance(e, TaskOpened) and e.node.endswith("_urge") for e in effects)
    assert running == set()
    assert effects.count(Finished()) == 1
    # Each reminder comes to the end by itself, and both tasks together once more.
    assert effects.count(Ended("end")) == urged + 1
