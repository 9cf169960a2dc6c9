"""The life of a task: which verb leads from where to where, and who may not accept his own work."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guantong.flows import task
from guantong.flows.errors import NotInThatState, SamePerson, SentBackTooOften
from guantong.flows.level import LEVELS, rank
from guantong.flows.task import (
    STATES,
    VERBS,
    Verb,
    check,
    check_accepter,
    check_sender_back,
    choose,
)

ANNA, BO, CHEN = UUID(int=1), UUID(int=2), UUID(int=3)
PEOPLE = st.sampled_from([None, ANNA, BO, CHEN])


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
@pytest.mark.parametrize("state", STATES)
def test_a_verb_is_refused_in_every_state_that_does_not_allow_it(verb: Verb, state: str) -> None:
    if state in verb.allowed:
        check(verb, state)
        return

    with pytest.raises(NotInThatState, match="open the task again") as refused:
        check(verb, state)

    assert refused.value.facts["state"] == state
    assert refused.value.facts["verb"] == verb.name


def test_the_vocabulary_of_states_is_that_of_the_style_and_closed() -> None:
    named = {state for verb in VERBS for state in (*verb.allowed, verb.becomes or "dispatched")}

    assert named <= set(STATES)
    assert set(task.ACTIVE) | set(task.SETTLED) | {"registered", "completed"} == set(STATES)
    assert not set(task.ACTIVE) & set(task.SETTLED)


def test_nothing_can_be_done_to_a_task_that_has_ended() -> None:
    for verb in VERBS:
        assert not set(verb.allowed) & set(task.END), verb.name


@given(verbs=st.lists(st.sampled_from(VERBS), max_size=12))
def test_however_verbs_follow_each_other_a_task_stays_in_the_vocabulary(verbs: list[Verb]) -> None:
    state, verified = "dispatched", False
    for verb in verbs:
        if state not in verb.allowed:
            continue
        before, state = state, verb.becomes or state
        verified = verified or verb.name == "verify"
        assert before not in task.END
        # What nobody has reported done cannot have been verified or struck off.
        assert state != "verified" or verified
    assert state in STATES


def test_a_task_may_be_sent_back_twice_and_no_more() -> None:
    check_sender_back(0)
    check_sender_back(1)

    with pytest.raises(SentBackTooOften, match=r"sent back 2 times already.*coordinating unit"):
        check_sender_back(2)


@given(person=PEOPLE, doer=PEOPLE, finder=PEOPLE)
def test_whoever_did_the_work_or_found_the_matter_does_not_verify(
    person: UUID | None, doer: UUID | None, finder: UUID | None
) -> None:
    own = person is not None and person in (doer, finder)

    if own:
        with pytest.raises(SamePerson, match="Ask a colleague"):
            check_accepter(person, doer=doer, finder=finder)
    else:
        check_accepter(person, doer=doer, finder=finder)


def test_the_duty_officer_comes_first_unless_the_matter_is_his_own() -> None:
    assert choose((ANNA, BO), without=[None]) == ANNA
    assert choose((ANNA, BO), without=[ANNA]) == BO
    assert choose((ANNA, BO), without=[ANNA, BO]) is None
    assert choose((), without=[]) is None


def test_levels_rise_from_none_to_red_and_what_is_no_level_stands_with_none() -> None:
    assert [rank(level) for level in ("none", "blue", "yellow", "orange", "red")] == [0, 1, 2, 3, 4]
    assert rank(None) == rank("purple") == rank("") == rank("none")
    assert sorted(LEVELS, key=rank) == list(LEVELS)
