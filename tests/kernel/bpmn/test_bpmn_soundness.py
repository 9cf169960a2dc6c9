"""Every way a token can go is gone before a case goes it."""

from tests.kernel.bpmn.process_file import chain, flow, node, process_file, timer, user

from guantong.bpmn.api import avoiding, read, soundness

ENDS = node("startEvent", "start") + node("endEvent", "end")
TWO = user("a") + user("b")


def found(inside: str) -> list[tuple[str, str]]:
    return [(finding.code, finding.element) for finding in soundness(read(process_file(inside)))]


def fork(split: str, join: str) -> str:
    """Two tasks between a gateway that splits and one that joins."""
    default = {"default": "split_b"} if split == "exclusiveGateway" else {}
    ways = flow("split", "a", "x > 1" if default else "") + flow("split", "b")
    return (
        ENDS + TWO + node(split, "split", **default) + node(join, "join") + ways
        + chain("start", "split") + chain("a", "join", "end") + chain("b", "join")
    )  # fmt: skip


def test_branches_that_are_joined_as_they_were_split_are_sound() -> None:
    assert found(fork("parallelGateway", "parallelGateway")) == []
    assert found(fork("exclusiveGateway", "exclusiveGateway")) == []


def test_a_join_behind_a_choice_waits_for_ever() -> None:
    assert found(fork("exclusiveGateway", "parallelGateway")) == [("join-waits", "join")]


def test_what_follows_branches_that_nobody_joins_is_done_twice() -> None:
    inside = fork("parallelGateway", "exclusiveGateway").replace(
        flow("join", "end"), user("c") + chain("join", "c", "end")
    )

    assert ("done-twice", "c") in found(inside)


def test_branches_that_end_apart_are_sound() -> None:
    flows = chain("start", "split", "a", "end") + chain("split", "b", "end")

    assert found(ENDS + TWO + node("parallelGateway", "split") + flows) == []


def test_a_loop_that_never_rests_is_told_and_one_with_a_task_is_not() -> None:
    ways = flow("way", "end", "x > 1") + flow("way", "back")
    inside = ENDS + node("exclusiveGateway", "way", default="way_back") + chain("start", "way")

    turning = inside + ways + node("exclusiveGateway", "back") + flow("back", "way")
    resting = inside + ways + user("back") + flow("back", "way")

    assert [code for code, _ in found(turning)] == ["no-rest", "no-rest"]
    assert found(resting) == []


def test_a_reminder_beside_a_task_is_no_second_token_on_the_same_way() -> None:
    beside = node(
        "boundaryEvent", "late", timer("PT1H"), attachedToRef="a", cancelActivity="false"
    )  # fmt: skip
    inside = ENDS + user("a") + beside + user("remind") + chain("start", "a", "end")

    assert found(inside + chain("late", "remind", "end")) == []


def test_a_join_is_come_to_only_by_way_of_each_branch() -> None:
    graph = read(process_file(fork("parallelGateway", "parallelGateway")))
    choice = read(process_file(fork("exclusiveGateway", "exclusiveGateway")))

    assert "end" not in avoiding(graph, {"a"})
    assert "end" in avoiding(choice, {"a"})
