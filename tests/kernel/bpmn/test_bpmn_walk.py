"""Tokens walk through a process: splits, joins, gateways, timers, and steps reported twice."""

import json
from datetime import timedelta

import pytest
from tests.kernel.bpmn.process_file import chain, flow, node, process_file, timer, user

from guantong.bpmn.api import (
    Ended,
    Finished,
    Graph,
    RuleAsked,
    ServiceCalled,
    State,
    Step,
    Stuck,
    TaskCancelled,
    TaskOpened,
    TimerCancelled,
    TimerSet,
    begin,
    complete,
    fire_boundary,
    read,
)
from guantong.bpmn.errors import (
    LoopsForever,
    NotRunnable,
    NoWayOn,
    OtherGraph,
    TimerGone,
    TokenGone,
)

ENDS = node("startEvent", "start") + node("endEvent", "end")
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def fork() -> Graph:
    gateways = node("parallelGateway", "split") + node("parallelGateway", "join")
    flows = chain("start", "split", "a", "join", "end") + chain("split", "b", "join")
    return read(process_file(ENDS + gateways + user("a") + user("b") + flows))


def limited(*, interrupting: str) -> Graph:
    """A task with a boundary timer that leads to another task."""
    boundary = node(
        "boundaryEvent", "late", timer("PT30M"), attachedToRef="a", cancelActivity=interrupting
    )
    flows = chain("start", "a", "end") + chain("late", "urge", "end")
    return read(process_file(ENDS + user("a") + user("urge") + boundary + flows))


def at(step: Step, node_id: str) -> int:
    """The number of the only token that stands at a node."""
    (found,) = [token.id for token in step.state.tokens if token.node == node_id]
    return found


def test_a_process_without_a_wait_begins_and_finishes_in_one_step() -> None:
    graph = read(
        process_file(ENDS + node("manualTask", "by_hand") + chain("start", "by_hand", "end"))
    )

    step = begin(graph, {})

    assert step.effects == (Ended("end"), Finished())
    assert step.state.finished


def test_tasks_services_rules_and_timers_each_say_what_they_wait_for() -> None:
    nodes = (
        user("ask")
        + node("serviceTask", "call")
        + node("businessRuleTask", "judge")
        + node("intermediateCatchEvent", "wait", timer("PT30M"))
    )
    graph = read(process_file(ENDS + nodes + chain("start", "ask", "call", "judge", "wait", "end")))

    steps = [begin(graph, {})]
    for number in (1, 2, 3, 4):
        steps.append(complete(graph, steps[-1].state, number, {}))

    assert [step.effects for step in steps] == [
        (TaskOpened(1, "ask"),),
        (ServiceCalled(2, "call"),),
        (RuleAsked(3, "judge"),),
        (TimerSet(4, "wait", HALF_HOUR),),
        (Ended("end"), Finished()),
    ]


def test_a_join_waits_for_every_branch(fork: Graph) -> None:
    started = begin(fork, {})

    one = complete(fork, started.state, at(started, "b"), {})
    both = complete(fork, one.state, at(one, "a"), {})

    assert started.effects == (TaskOpened(1, "a"), TaskOpened(2, "b"))
    assert one.effects == ()
    assert both.effects == (Ended("end"), Finished())


def test_a_second_token_on_the_same_flow_stays_at_the_join() -> None:
    # Two flows lead from the split to task a, which therefore runs twice; b runs once.
    gateways = node("parallelGateway", "split") + node("parallelGateway", "join")
    twice = flow("split", "a") + flow("split", "a").replace('id="split_a"', 'id="again"')
    flows = (
        chain("start", "split") + twice + chain("a", "join", "end") + chain("split", "b", "join")
    )
    graph = read(process_file(ENDS + gateways + user("a") + user("b") + flows))
    step = begin(graph, {})
    for number in (1, 2):
        step = complete(graph, step.state, number, {})

    last = complete(graph, step.state, 3, {})

    assert [token.node for token in step.state.tokens] == ["b", "join", "join"]
    assert last.effects == (Ended("end"), Stuck(("join",)))
    # The first to come is the first to go: what stays is the later one of the two.
    assert last.state.tokens == step.state.tokens[2:]


def test_a_join_after_an_exclusive_choice_is_reported_as_stuck_not_waited_for() -> None:
    gateways = node("exclusiveGateway", "way", default="way_b") + node("parallelGateway", "join")
    flows = flow("start", "way") + flow("way", "a", "level = 1") + flow("way", "b")
    graph = read(
        process_file(
            ENDS + gateways + user("a") + user("b") + flows
            + chain("a", "join", "end") + flow("b", "join")
        )
    )  # fmt: skip
    step = begin(graph, {})

    stuck = complete(graph, step.state, at(step, "b"), {})

    assert stuck.effects == (Stuck(("join",)),)
    assert not stuck.state.finished


@pytest.mark.parametrize(
    ("data", "taken"),
    [
        ({"alert": {"level": "red"}}, "evacuate"),
        ({"alert": {"level": "blue"}}, "watch"),
        ({"alert": {}}, "watch"),
        ({}, "watch"),
    ],
)
def test_a_gateway_takes_the_flow_whose_condition_holds_or_else_the_default(
    data: dict[str, object], taken: str
) -> None:
    gateway = node("exclusiveGateway", "way", default="way_watch")
    flows = (
        flow("start", "way") + flow("way", "evacuate", 'alert.level = "red"') + flow("way", "watch")
    )
    graph = read(
        process_file(ENDS + gateway + user("evacuate") + user("watch") + flows
                     + chain("evacuate", "end") + chain("watch", "end"))
    )  # fmt: skip

    assert begin(graph, data).effects == (TaskOpened(1, taken),)


def test_a_condition_that_answers_something_else_than_true_does_not_hold() -> None:
    gateway = node("exclusiveGateway", "way", default="way_b") + user("a") + user("b")
    flows = flow("start", "way") + flow("way", "a", "people") + flow("way", "b")
    graph = read(process_file(ENDS + gateway + flows + chain("a", "end") + chain("b", "end")))

    assert begin(graph, {"people": 12}).effects == (TaskOpened(1, "b"),)
    assert begin(graph, {"people": True}).effects == (TaskOpened(1, "a"),)


def test_the_first_condition_that_holds_wins_in_the_order_of_the_file() -> None:
    flows = flow("start", "way") + flow("way", "a", "level > 1") + flow("way", "b", "level > 0")
    nodes = node("exclusiveGateway", "way") + user("a") + user("b")
    graph = read(process_file(ENDS + nodes + flows + chain("a", "end") + chain("b", "end")))

    assert begin(graph, {"level": 2}).effects == (TaskOpened(1, "a"),)
    assert begin(graph, {"level": 1}).effects == (TaskOpened(1, "b"),)


def test_a_gateway_without_a_way_on_is_named_with_what_to_do() -> None:
    flows = flow("start", "way") + flow("way", "end", "level > 1")
    graph = read(process_file(ENDS + node("exclusiveGateway", "way") + flows))

    with pytest.raises(NoWayOn, match=r"gateway 'way'.*give the gateway a default flow"):
        begin(graph, {"level": 1})


def test_a_step_reported_twice_is_refused_and_does_not_complete_the_next_task() -> None:
    graph = read(process_file(ENDS + user("a") + user("b") + chain("start", "a", "b", "end")))
    first = begin(graph, {})
    after = complete(graph, first.state, 1, {})

    with pytest.raises(TokenGone, match="Open the case again"):
        complete(graph, after.state, 1, {})

    assert [token.node for token in after.state.tokens] == ["b"]


def test_a_token_that_waits_at_a_join_cannot_be_completed_from_outside(fork: Graph) -> None:
    started = begin(fork, {})
    one = complete(fork, started.state, at(started, "a"), {})

    with pytest.raises(TokenGone):
        complete(fork, one.state, at(one, "join"), {})


def test_an_interrupting_timer_takes_the_place_of_its_task() -> None:
    graph = limited(interrupting="true")
    started = begin(graph, {})

    step = fire_boundary(graph, started.state, 1, "late", {})

    assert started.effects == (TaskOpened(1, "a"), TimerSet(1, "late", HALF_HOUR))
    assert step.effects == (TaskCancelled(1, "a"), TaskOpened(2, "urge"))
    with pytest.raises(TokenGone):
        complete(graph, step.state, 1, {})


def test_a_timer_that_does_not_interrupt_leaves_the_task_and_fires_once() -> None:
    graph = limited(interrupting="false")

    step = fire_boundary(graph, begin(graph, {}).state, 1, "late", {})

    assert step.effects == (TaskOpened(2, "urge"),)
    assert [token.node for token in step.state.tokens] == ["a", "urge"]
    with pytest.raises(TimerGone, match="'late'"):
        fire_boundary(graph, step.state, 1, "late", {})
    # Nothing is left of the timer, so nothing is cancelled.
    assert complete(graph, step.state, 1, {}).effects == (Ended("end"),)


def test_a_task_done_in_time_cancels_its_timer() -> None:
    graph = limited(interrupting="true")

    done = complete(graph, begin(graph, {}).state, 1, {})

    assert done.effects == (TimerCancelled(1, "late"), Ended("end"), Finished())
    with pytest.raises(TokenGone):
        fire_boundary(graph, done.state, 1, "late", {})


def test_a_timer_of_another_task_is_refused() -> None:
    graph = limited(interrupting="false")
    step = fire_boundary(graph, begin(graph, {}).state, 1, "late", {})

    with pytest.raises(TimerGone):
        fire_boundary(graph, step.state, at(step, "urge"), "late", {})


def test_of_two_timers_the_interrupting_one_cancels_the_other() -> None:
    remind = node(
        "boundaryEvent", "remind", timer("PT10M"), attachedToRef="a", cancelActivity="false"
    )
    late = node("boundaryEvent", "late", timer("PT30M"), attachedToRef="a")
    flows = chain("start", "a", "end") + chain("remind", "end") + chain("late", "end")
    graph = read(process_file(ENDS + user("a") + remind + late + flows))

    step = fire_boundary(graph, begin(graph, {}).state, 1, "late", {})

    assert step.effects == (
        TaskCancelled(1, "a"), TimerCancelled(1, "remind"), Ended("end"), Finished(),
    )  # fmt: skip


def test_a_circle_without_a_wait_is_refused_instead_of_running_for_ever() -> None:
    circle = chain("start", "one", "other", "one")
    nodes = node("manualTask", "one") + node("manualTask", "other")
    graph = read(process_file(ENDS + nodes + circle))

    with pytest.raises(LoopsForever, match="Put a task or a timer into the loop"):
        begin(graph, {})


def test_a_long_process_without_waits_is_no_circle() -> None:
    names = [f"m{number}" for number in range(12_000)]
    nodes = "".join(node("manualTask", name) for name in names)
    graph = read(process_file(ENDS + nodes + chain("start", *names, "end")))

    assert begin(graph, {}).state.finished


def test_a_loop_through_a_task_goes_round_as_often_as_the_gateway_says() -> None:
    nodes = user("u") + node("exclusiveGateway", "x", default="x_end")
    flows = chain("start", "u", "x") + flow("x", "u", "again") + flow("x", "end")
    graph = read(process_file(ENDS + nodes + flows))
    step = begin(graph, {})

    for _ in range(500):
        step = complete(graph, step.state, at(step, "u"), {"again": True})
    last = complete(graph, step.state, at(step, "u"), {"again": False})

    assert len(json.dumps(step.state.to_json())) < 100
    assert last.state.finished


def test_a_process_with_a_fault_is_not_begun_and_the_fault_is_named() -> None:
    graph = read(process_file(ENDS + flow("start", "nowhere")))

    with pytest.raises(NotRunnable, match=r"'flow-target-missing'.*Examine the process"):
        begin(graph, {})


def test_a_process_with_no_start_or_two_is_not_begun() -> None:
    without = read(process_file(node("endEvent", "end")))
    double = read(process_file(ENDS + node("startEvent", "other") + chain("start", "end")))

    with pytest.raises(NotRunnable, match="no-start"):
        begin(without, {})
    with pytest.raises(NotRunnable, match="several-starts"):
        begin(double, {})


def test_a_state_of_another_version_is_refused_by_the_node_it_names(fork: Graph) -> None:
    state = State.from_json({"next": 2, "tokens": [[1, "gone", None, True, []]]})

    with pytest.raises(OtherGraph, match=r"'gone'.*version it was started on"):
        complete(fork, state, 1, {})


def test_a_state_before_a_step_is_left_as_it_was(fork: Graph) -> None:
    started = begin(fork, {})
    before = started.state.to_json()

    complete(fork, started.state, 1, {})

    assert started.state.to_json() == before
