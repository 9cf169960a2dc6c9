"""What holders do with their tasks: each verb from each state, and each rule with its refusal."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from tests.province import (
    EVENING,
    WENLING,
    Province,
    begin_exercise,
    open_case,
    open_task,
    person,
    unit,
)

from guantong.audit.models import LeafRow
from guantong.base.errors import NotFound
from guantong.base.ids import new_id
from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE, Realm
from guantong.flows import api as flows
from guantong.flows import task as rules
from guantong.flows.dispatch import NewTask, give_out
from guantong.flows.errors import NotInThatState, SamePerson, SentBackTooOften, StepStays
from guantong.flows.models import Case, Task
from guantong.orgs.api import Role
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LIMIT = 2 * HOUR


@pytest.fixture
def case(province: Province, flood: Package) -> Case:
    return Case.objects.get(id=open_case())


@pytest.fixture
def patrol(case: Case) -> Task:
    """A task of the water bureau, that the emergency bureau verifies and Wenling's head found."""
    return give(case)


def give(case: Case, key: str = "patrol", *, closes: str = "verify") -> Task:
    new = NewTask(
        key=key, kind="plan", item="reservoir_check", title="t", role=Role.parse("water@county"),
        place=WENLING, limit=LIMIT, verify=Role.parse("emergency@county"), closes=closes,
        finder_id=person("area@331081", "head").id,
    )  # fmt: skip
    (id,) = give_out(LIVE, case.id, "flood_response", case.number, [new], at=EVENING)
    return Task.objects.get(id=id)


DOER = ("water@331081", "duty")
COLLEAGUE = ("water@331081", "second_duty")
VERIFIER = ("emergency@331081", "duty")
FINDER = ("area@331081", "head")


def who(of: tuple[str, str]) -> UUID:
    return person(*of).id


Act = Callable[[UUID], list[UUID]]
LATER = EVENING + HOUR
ACTS: dict[str, Act] = {
    "receive": lambda id: flows.receive(LIVE, {id: who(DOER)}, at=LATER),
    "read": lambda id: flows.read(LIVE, {id: who(DOER)}, at=LATER),
    "accept": lambda id: flows.accept(LIVE, {id: who(DOER)}, at=LATER),
    "send_back": lambda id: flows.send_back(LIVE, {id: who(DOER)}, reason="not ours", at=LATER),
    "dispatch_anew": lambda id: flows.dispatch_anew(LIVE, {id: None}, at=LATER),
    "complete": lambda id: flows.complete(LIVE, {id: who(DOER)}, at=LATER),
    "verify": lambda id: flows.verify(LIVE, {id: who(VERIFIER)}, at=LATER),
    "reject": lambda id: flows.reject(LIVE, {id: who(VERIFIER)}, reason="no photo", at=LATER),
}
VERBS = {verb.name: verb for verb in rules.VERBS}
# What closes by verification is struck off with it.
BECOMES = {**{v.name: v.becomes for v in rules.VERBS}, "verify": "closed_out"}


def leaves() -> int:
    return LeafRow.objects.count()


def row(task: Task) -> dict[str, object]:
    return dict(Task.objects.filter(id=task.id).values().get())


@pytest.mark.parametrize("name", ACTS)
def test_a_verb_moves_a_task_from_the_states_that_allow_it_and_from_no_other(
    patrol: Task, name: str
) -> None:
    verb = VERBS[name]
    for state in rules.STATES:
        Task.objects.filter(id=patrol.id).update(
            state=state, received_at=None, read_at=None, sent_back_times=0, doer_id=None
        )
        before, written = row(patrol), leaves()

        moved = ACTS[name](patrol.id)

        if state in verb.allowed:
            assert moved == [patrol.id], state
            assert row(patrol)["state"] == (BECOMES[name] or state)
            assert row(patrol)[verb.stamps] == LATER
            assert leaves() == written + 1
        else:
            assert moved == [], state
            assert row(patrol) == before
            assert leaves() == written
            with pytest.raises(NotInThatState, match=f"'{name}' is not possible.*'{state}'"):
                flows.one(LIVE, verb, patrol.id, who(COLLEAGUE), moved)


def test_of_many_tasks_those_move_whose_state_allows_it(case: Case) -> None:
    one, other = give(case, "one"), give(case, "other")
    flows.accept(LIVE, {one.id: who(DOER)}, at=EVENING)

    moved = flows.accept(LIVE, {one.id: who(DOER), other.id: who(DOER)}, at=LATER)

    assert moved == [other.id]
    assert row(one)["accepted_at"] == EVENING


def test_receipts_keep_their_first_time(patrol: Task) -> None:
    flows.receive(LIVE, {patrol.id: who(DOER)}, at=EVENING)
    flows.receive(LIVE, {patrol.id: who(DOER)}, at=LATER)
    flows.read(LIVE, {patrol.id: who(DOER)}, at=LATER)
    flows.read(LIVE, {patrol.id: who(DOER)}, at=LATER + HOUR)

    assert (row(patrol)["received_at"], row(patrol)["read_at"]) == (EVENING, LATER)


def test_whoever_accepts_has_received_and_read(patrol: Task) -> None:
    flows.receive(LIVE, {patrol.id: who(DOER)}, at=EVENING)
    flows.accept(LIVE, {patrol.id: who(DOER)}, at=LATER)

    found = row(patrol)
    assert (found["received_at"], found["read_at"], found["accepted_at"]) == (EVENING, LATER, LATER)
    assert found["doer_id"] == who(DOER)


def test_a_colleague_may_complete_and_is_then_the_doer(patrol: Task) -> None:
    flows.accept(LIVE, {patrol.id: who(DOER)}, at=EVENING)

    flows.complete(LIVE, {patrol.id: who(COLLEAGUE)}, at=LATER, answers={"note": "done"})

    assert row(patrol)["doer_id"] == who(COLLEAGUE)
    assert row(patrol)["answers"] == {"note": "done"}
    assert row(patrol)["fed_back_at"] == LATER


def done(task: Task) -> Task:
    flows.accept(LIVE, {task.id: who(DOER)}, at=EVENING)
    flows.complete(LIVE, {task.id: who(DOER)}, at=EVENING)
    return Task.objects.get(id=task.id)


@pytest.mark.parametrize("own", [DOER, FINDER], ids=["doer", "finder"])
def test_whoever_did_the_work_or_found_the_matter_cannot_verify_it(
    patrol: Task, own: tuple[str, str]
) -> None:
    before = done(patrol)

    moved = flows.verify(LIVE, {patrol.id: who(own)}, at=LATER)

    assert moved == []
    assert row(patrol)["state"] == before.state == "completed"
    with pytest.raises(SamePerson, match=r"somebody else must verify it\. Ask a colleague"):
        flows.one(LIVE, flows.VERIFY, patrol.id, who(own), moved)


def test_nobody_cannot_verify(patrol: Task) -> None:
    done(patrol)

    assert flows.verify(LIVE, {patrol.id: None}, at=LATER) == []
    assert row(patrol)["state"] == "completed"


@pytest.mark.parametrize(("verb", "act"), [(flows.ACCEPT, "accept"), (flows.COMPLETE, "complete")])
def test_whoever_found_the_matter_does_not_do_the_work(
    patrol: Task, verb: rules.Verb, act: str
) -> None:
    if act == "complete":
        flows.accept(LIVE, {patrol.id: who(DOER)}, at=EVENING)
    before = row(patrol)

    moved = getattr(flows, act)(LIVE, {patrol.id: who(FINDER)}, at=LATER)

    assert moved == []
    assert row(patrol) == before
    with pytest.raises(SamePerson):
        flows.one(LIVE, verb, patrol.id, who(FINDER), moved)


def test_the_store_itself_refuses_a_doer_who_accepts_his_own_work(patrol: Task) -> None:
    with pytest.raises(IntegrityError, match="doer_never_accepts"), transaction.atomic():
        Task.objects.filter(id=patrol.id).update(doer_id=who(DOER), accepter_id=who(DOER))


def test_the_store_knows_no_state_outside_the_vocabulary(patrol: Task) -> None:
    with pytest.raises(IntegrityError, match="task_state"), transaction.atomic():
        Task.objects.filter(id=patrol.id).update(state="finished")


def test_the_verifier_is_kept_and_the_task_struck_off(patrol: Task) -> None:
    done(patrol)

    flows.verify(LIVE, {patrol.id: who(VERIFIER)}, at=LATER)

    found = row(patrol)
    assert (found["state"], found["accepter_id"]) == ("closed_out", who(VERIFIER))
    assert (found["verified_at"], found["closed_at"]) == (LATER, LATER)


def test_what_waits_for_the_return_is_verified_but_not_struck_off(case: Case) -> None:
    task = done(give(case, "home", closes="return"))

    flows.verify(LIVE, {task.id: who(VERIFIER)}, at=LATER)

    assert (row(task)["state"], row(task)["closed_at"]) == ("verified", None)


def test_what_nobody_must_look_at_is_struck_off_when_done(case: Case) -> None:
    task = done(give(case, "hello", closes="complete"))

    assert (task.state, task.closed_at) == ("closed_out", EVENING)


def test_rejected_work_goes_back_to_its_doer_and_can_be_done_again(patrol: Task) -> None:
    done(patrol)

    flows.reject(LIVE, {patrol.id: who(VERIFIER)}, reason="no photo", at=LATER)
    again = flows.complete(LIVE, {patrol.id: who(DOER)}, at=LATER + HOUR)

    assert again == [patrol.id]
    assert row(patrol)["reason"] == "no photo"
    assert row(patrol)["completed_at"] == LATER + HOUR


def test_a_doer_does_not_reject_his_own_work(patrol: Task) -> None:
    done(patrol)

    moved = flows.reject(LIVE, {patrol.id: who(DOER)}, reason="again", at=LATER)

    assert moved == []
    with pytest.raises(SamePerson):
        flows.one(LIVE, flows.REJECT, patrol.id, who(DOER), moved)


def test_what_was_sent_back_goes_to_the_superior_with_a_limit_begun_anew(patrol: Task) -> None:
    flows.receive(LIVE, {patrol.id: who(DOER)}, at=EVENING)
    flows.accept(LIVE, {patrol.id: who(DOER)}, at=EVENING)
    flows.run_due(LIVE, EVENING + LIMIT + HOUR)
    flows.send_back(LIVE, {patrol.id: who(DOER)}, reason="not ours", at=EVENING + LIMIT + HOUR)

    moved = flows.dispatch_anew(LIVE, {patrol.id: None}, at=EVENING + 5 * HOUR)

    found = Task.objects.get(id=patrol.id)
    assert moved == [patrol.id]
    assert found.unit_id == unit("water@3310").id
    assert (found.unit_name, found.unit_name_en) == (
        unit("water@3310").name_zh,
        unit("water@3310").name_en,
    )
    assert (found.sent_at, found.limit_at) == (EVENING + 5 * HOUR, EVENING + 5 * HOUR + LIMIT)
    receipts = (found.received_at, found.read_at, found.accepted_at, found.fed_back_at)
    assert receipts == (None, None, None, None)
    assert (found.doer_id, found.supervised_at) == (None, None)
    assert (found.reason, found.sent_back_times) == ("not ours", 1)


def test_both_halves_of_sending_back_are_told(patrol: Task) -> None:
    OutboxMessage.objects.all().delete()

    ACTS["send_back"](patrol.id)
    ACTS["dispatch_anew"](patrol.id)

    told = OutboxMessage.objects.order_by("seq").values_list("event", "body__task_ids")
    assert list(told) == [
        ("TasksSentBack", [str(patrol.id)]),
        ("TasksDispatched", [str(patrol.id)]),
    ]


def test_a_task_is_sent_back_twice_and_then_it_stays(patrol: Task) -> None:
    for _ in range(2):
        assert ACTS["send_back"](patrol.id) == [patrol.id]
        assert ACTS["dispatch_anew"](patrol.id) == [patrol.id]

    moved = ACTS["send_back"](patrol.id)

    assert moved == []
    assert row(patrol)["state"] == "dispatched"
    with pytest.raises(SentBackTooOften, match="Accept it, or speak with the coordinating unit"):
        flows.one(LIVE, flows.SEND_BACK, patrol.id, who(DOER), moved)


def test_without_a_superior_the_coordinating_unit_takes_it(patrol: Task) -> None:
    Task.objects.filter(id=patrol.id).update(superior_id=None)

    ACTS["send_back"](patrol.id)
    ACTS["dispatch_anew"](patrol.id)

    assert row(patrol)["unit_id"] == unit("area@331081").id


def test_a_step_of_the_process_cannot_be_sent_back_and_it_is_said_why(case: Case) -> None:
    step = open_task(case.id, "advise")

    moved = flows.send_back(LIVE, {step.id: who(VERIFIER)}, reason="busy", at=LATER)

    assert moved == []
    with pytest.raises(StepStays, match="Complete it, or speak with the coordinating unit"):
        flows.one(LIVE, flows.SEND_BACK, step.id, who(VERIFIER), moved)


def test_a_task_of_one_realm_does_not_move_in_another(patrol: Task) -> None:
    elsewhere = begin_exercise()

    moved = flows.accept(elsewhere, {patrol.id: who(DOER)}, at=LATER)

    assert moved == []
    assert row(patrol)["state"] == "dispatched"
    with pytest.raises(NotFound):
        flows.one(elsewhere, flows.ACCEPT, patrol.id, who(DOER), moved)


def test_a_task_that_is_not_there_is_refused_as_not_found(province: Province) -> None:
    with pytest.raises(NotFound):
        flows.one(Realm("live"), flows.ACCEPT, new_id(), new_id(), [])


def test_what_moved_is_not_refused(patrol: Task) -> None:
    moved = ACTS["accept"](patrol.id)

    flows.one(LIVE, flows.ACCEPT, patrol.id, who(DOER), moved)

    assert moved == [patrol.id]
