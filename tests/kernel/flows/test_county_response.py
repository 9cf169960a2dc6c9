"""A county answers a typhoon, by hand: every step of the real process through the real verbs."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from tests.province import (
    CANGNAN,
    EVENING,
    WENLING,
    Province,
    activate,
    begin_exercise,
    do_step,
    household,
    open_case,
    open_task,
    person,
    settle_plans,
)

from guantong.audit.models import LeafRow
from guantong.base.errors import NotFound
from guantong.base.ids import new_id
from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE
from guantong.flows import api as flows
from guantong.flows import engine
from guantong.flows.errors import AnswersIncomplete, SamePerson
from guantong.flows.models import Case, Task, Timer
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def case(province: Province, flood: Package) -> Case:
    household("HH1", evacuate_from="orange")
    return Case.objects.get(id=open_case(level="orange"))


def now(case: Case) -> Case:
    return Case.objects.get(id=case.id)


def steps(case: Case) -> set[str]:
    """Return the steps of the process that somebody must act on now."""
    open_ones = Task.objects.filter(case_id=case.id, kind="step", state__in=flows.ACTIVE)
    return set(open_ones.values_list("item", flat=True))


def alert(case: Case, level: str, *, hours: float, over: bool = False) -> None:
    flows.change_level(LIVE, case.id, level=level, over=over, at=EVENING + hours * HOUR)


def wait(case: Case, hours: float) -> None:
    flows.run_due(LIVE, EVENING + hours * HOUR)


def test_a_case_is_walked_from_the_first_advice_to_the_confirmed_review(case: Case) -> None:
    assert steps(case) == {"advise", "control"}
    do_step(case.id, "advise", advice="a")
    assert Task.objects.filter(item="acknowledge", case_id=case.id).count() == 2  # two townships
    assert steps(case) == {"control"}
    do_step(case.id, "control", measures="m")
    proposer = do_step(case.id, "propose", response_level="orange", grounds="g")
    assert open_task(case.id, "approve").finder_id == proposer

    approver = do_step(case.id, "approve", approved="yes")
    assert steps(case) == {"brief_city"}
    plan = Task.objects.filter(case_id=case.id, plan="typhoon")
    assert plan.filter(item="evacuate").count() == 1
    assert set(plan.values_list("finder_id", flat=True)) == {approver}
    do_step(case.id, "brief_city", situation="s")
    assert (steps(case), now(case).awaits) == (set(), "level")

    alert(case, "none", hours=5, over=True)
    assert now(case).awaits == "tasks"
    settle_plans(case.id, at=EVENING + 6 * HOUR)
    assert now(case).awaits == ""
    assert Timer.objects.get(state="waiting").due_at == EVENING + 9 * HOUR
    wait(case, 9)
    closer = do_step(case.id, "approve_return", at=EVENING + 10 * HOUR, approved="yes")
    home = Task.objects.get(item="evacuate")
    assert (home.state, home.closed_at) == ("closed_out", EVENING + 10 * HOUR)
    assert home.doer_id != closer

    reviewer = do_step(case.id, "review", at=EVENING + 11 * HOUR, outcome="confirmed", lessons="l")
    assert open_task(case.id, "confirm_review").finder_id == reviewer
    do_step(case.id, "confirm_review", at=EVENING + 12 * HOUR, approved="yes")

    ended = now(case)
    assert (ended.state, ended.outcome) == ("closed", "confirmed")
    assert ended.closed_at == EVENING + 12 * HOUR
    assert not Task.objects.exclude(state__in=flows.END).exists()
    told = OutboxMessage.objects.get(event="CaseClosed")
    assert told.body["outcome"] == "confirmed"


def test_whoever_proposed_the_level_cannot_approve_it(case: Case) -> None:
    do_step(case.id, "advise", advice="a")
    do_step(case.id, "control", measures="m")
    proposer = do_step(case.id, "propose", response_level="orange", grounds="g")
    approval = open_task(case.id, "approve")

    moved = flows.accept(LIVE, {approval.id: proposer}, at=EVENING)

    assert moved == []
    with pytest.raises(SamePerson, match="somebody else"):
        flows.one(LIVE, flows.ACCEPT, approval.id, proposer, moved)


def test_a_proposal_that_is_not_approved_is_made_again(case: Case) -> None:
    do_step(case.id, "advise", advice="a")
    do_step(case.id, "control", measures="m")
    do_step(case.id, "propose", response_level="red", grounds="g")
    do_step(case.id, "approve", approved="no")

    assert steps(case) == {"propose"}
    assert not Task.objects.filter(plan="typhoon").exists()
    do_step(case.id, "propose", response_level="orange", grounds="g2")
    do_step(case.id, "approve", approved="yes")
    assert Task.objects.filter(item="propose").count() == 2
    assert Task.objects.filter(plan="typhoon").exists()


def test_a_rise_of_the_alert_asks_for_a_new_proposal_and_adds_to_the_plan(case: Case) -> None:
    activate(case.id, level="orange")
    household("HH2", evacuate_from="red")
    before = Task.objects.filter(plan="typhoon").count()

    alert(case, "red", hours=2)
    assert steps(case) == {"propose"}
    do_step(case.id, "propose", response_level="red", grounds="g")
    do_step(case.id, "approve", approved="yes")
    do_step(case.id, "brief_city", situation="s")

    assert Task.objects.filter(plan="typhoon").count() == before + 1
    assert now(case).awaits == "level"


def test_a_fall_of_the_alert_stands_down_by_itself_and_watches_on(case: Case) -> None:
    activate(case.id, level="orange")

    alert(case, "blue", hours=2)

    assert (steps(case), now(case).awaits) == (set(), "level")
    assert now(case).data["response_level"] == "blue"
    assert Task.objects.get(item="hospitals_ready").state == "withdrawn"


def test_an_alert_that_rises_while_its_level_is_being_approved_is_not_forgotten(case: Case) -> None:
    do_step(case.id, "advise", advice="a")
    do_step(case.id, "control", measures="m")
    do_step(case.id, "propose", response_level="orange", grounds="g")
    alert(case, "red", hours=1)
    do_step(case.id, "approve", approved="yes")

    do_step(case.id, "brief_city", situation="s")

    assert steps(case) == {"propose"}


def test_an_alert_that_ends_during_approval_lets_the_case_wind_down(case: Case) -> None:
    do_step(case.id, "advise", advice="a")
    alert(case, "none", hours=1, over=True)
    do_step(case.id, "control", measures="m")
    do_step(case.id, "propose", response_level="blue", grounds="g")
    do_step(case.id, "approve", approved="yes")
    do_step(case.id, "brief_city", situation="s")

    assert now(case).awaits == "tasks"


def test_danger_that_comes_back_while_observing_begins_with_a_new_proposal(case: Case) -> None:
    activate(case.id, level="orange")
    settle_plans(case.id)
    alert(case, "none", hours=1, over=True)

    alert(case, "yellow", hours=2)
    wait(case, 4)

    assert steps(case) == {"propose"}


def test_danger_that_comes_back_during_the_review_is_not_left_until_the_review_is_done(
    case: Case,
) -> None:
    activate(case.id, level="orange")
    settle_plans(case.id)
    alert(case, "none", hours=1, over=True)
    wait(case, 4)
    do_step(case.id, "approve_return", at=EVENING + 5 * HOUR, approved="yes")
    assert steps(case) == {"review"}

    alert(case, "orange", hours=6)

    assert steps(case) == {"propose"}
    assert Task.objects.get(item="review").state == "withdrawn"


def test_whoever_went_home_is_moved_again_when_the_danger_comes_back(case: Case) -> None:
    activate(case.id, level="orange")
    settle_plans(case.id)
    alert(case, "none", hours=1, over=True)
    wait(case, 4)
    do_step(case.id, "approve_return", at=EVENING + 5 * HOUR, approved="yes")
    alert(case, "orange", hours=6)

    later = EVENING + 7 * HOUR
    do_step(case.id, "propose", at=later, response_level="orange", grounds="g")
    do_step(case.id, "approve", at=later, approved="yes")

    states = Task.objects.filter(item="evacuate").values_list("state", flat=True)
    assert sorted(states) == ["closed_out", "dispatched"]


def test_whoever_sleeps_in_the_shelter_when_the_danger_comes_back_is_not_sent_again(
    case: Case,
) -> None:
    activate(case.id, level="orange")
    settle_plans(case.id)
    alert(case, "none", hours=1, over=True)

    alert(case, "orange", hours=2)
    do_step(case.id, "propose", at=EVENING + 3 * HOUR, response_level="orange", grounds="g")
    do_step(case.id, "approve", at=EVENING + 3 * HOUR, approved="yes")

    assert Task.objects.get(item="evacuate").state == "verified"


def test_officers_who_judge_the_danger_lower_than_the_alert_are_not_asked_again(
    case: Case,
) -> None:
    activate(case.id, level="yellow")

    assert steps(case) == set()
    assert now(case).data["response_level"] == "yellow"
    assert not Task.objects.filter(item="evacuate").exists()

    alert(case, "red", hours=1)
    assert steps(case) == {"propose"}


def test_a_fall_of_the_alert_never_raises_the_response(case: Case) -> None:
    activate(case.id, level="blue")

    alert(case, "yellow", hours=1)

    assert now(case).data["response_level"] == "blue"


def test_a_step_without_the_answers_of_its_form_is_refused_and_stays_open(case: Case) -> None:
    with pytest.raises(AnswersIncomplete, match="advice is missing"), transaction.atomic():
        do_step(case.id, "advise")

    assert steps(case) == {"advise", "control"}


def test_a_return_that_is_not_approved_is_observed_again(case: Case) -> None:
    activate(case.id, level="orange")
    settle_plans(case.id)
    alert(case, "none", hours=1, over=True)
    wait(case, 4)

    do_step(case.id, "approve_return", at=EVENING + 5 * HOUR, approved="no")

    assert steps(case) == set()
    assert Timer.objects.get(state="waiting").due_at == EVENING + 8 * HOUR
    assert Task.objects.get(item="evacuate").state == "verified"


def test_a_review_that_does_not_convince_is_written_again(case: Case) -> None:
    activate(case.id, level="orange")
    settle_plans(case.id)
    alert(case, "none", hours=1, over=True)
    wait(case, 4)
    do_step(case.id, "approve_return", at=EVENING + 5 * HOUR, approved="yes")
    do_step(case.id, "review", at=EVENING + 6 * HOUR, outcome="confirmed", lessons="l")

    do_step(case.id, "confirm_review", at=EVENING + 7 * HOUR, approved="no")

    assert steps(case) == {"review"}
    assert now(case).state == "open"


def test_a_case_waits_until_its_last_task_is_settled(case: Case) -> None:
    activate(case.id)
    alert(case, "none", hours=1, over=True)
    last = Task.objects.get(item="duty_watch")
    Task.objects.filter(kind="plan").exclude(id=last.id).update(state="closed_out")
    doer, verifier = person("emergency@331081").id, person("area@331081", "second_duty").id
    flows.accept(LIVE, {last.id: doer}, at=EVENING + 2 * HOUR)
    flows.complete(LIVE, {last.id: doer}, at=EVENING + 2 * HOUR)
    assert now(case).awaits == "tasks"

    flows.verify(LIVE, {last.id: verifier}, at=EVENING + 2 * HOUR)

    assert now(case).awaits == ""


def test_a_closed_case_is_not_moved_by_its_alert(case: Case) -> None:
    Case.objects.filter(id=case.id).update(state="closed")
    before = Case.objects.filter(id=case.id).values().get()

    alert(case, "red", hours=1)

    assert Case.objects.filter(id=case.id).values().get() == before


def test_a_level_told_twice_changes_the_process_once(case: Case) -> None:
    activate(case.id, level="orange")

    alert(case, "red", hours=1)
    alert(case, "red", hours=1)

    assert Task.objects.filter(item="propose").count() == 2  # the first, and one for the rise


def test_a_matter_has_one_open_case_and_after_its_end_the_next(case: Case) -> None:
    again = open_case(level="red")
    assert again == case.id
    assert Case.objects.count() == 1

    Case.objects.filter(id=case.id).update(state="closed")
    following = open_case(level="red")

    assert following != case.id
    assert Case.objects.get(id=following).number != now(case).number


def test_a_case_number_says_where_when_and_which(case: Case, province: Province) -> None:
    realm = begin_exercise()
    second = Case.objects.get(id=open_case(matter="KROSA/x"))
    cangnan = Case.objects.get(id=open_case(county=CANGNAN))
    drill = Case.objects.get(id=open_case(realm=realm))

    code, rest = now(case).number.split("-", 1)
    assert len(code) == 6
    assert rest == f"20190809-{WENLING[:6]}-01"
    assert second.number == f"{code}-20190809-331081-02"
    assert cangnan.number == f"{code}-20190809-330327-01"
    assert drill.number.startswith(f"{code}-EX")
    assert drill.number.endswith("-20190809-331081-01")


def test_a_case_of_another_realm_is_not_found(case: Case) -> None:
    elsewhere = begin_exercise()

    with pytest.raises(NotFound), transaction.atomic():
        flows.change_level(elsewhere, case.id, level="red", over=False, at=EVENING)
    with pytest.raises(NotFound):
        engine.lock(LIVE, new_id(), at=EVENING)


def test_a_step_and_what_follows_from_it_are_one_change(case: Case) -> None:
    task = open_task(case.id, "advise")
    by = person("emergency@331081").id
    flows.accept(LIVE, {task.id: by}, at=EVENING)
    counts = [m.objects.count() for m in (Task, LeafRow, OutboxMessage)]
    before = Case.objects.filter(id=case.id).values().get()

    with transaction.atomic():
        flows.complete(LIVE, {task.id: by}, at=EVENING, answers={"advice": "a"})
        assert Task.objects.filter(item="acknowledge").exists()
        transaction.set_rollback(True)

    assert [m.objects.count() for m in (Task, LeafRow, OutboxMessage)] == counts
    assert Case.objects.filter(id=case.id).values().get() == before
    assert Task.objects.get(id=task.id).state == "accepted"


def test_every_change_of_a_case_leaves_a_leaf(case: Case) -> None:
    def acts() -> list[str]:
        rows = LeafRow.objects.filter(kind="case", object_id=case.id).order_by("id")
        return [json.loads(bytes(row.encoded))["act"] for row in rows]

    do_step(case.id, "advise", advice="a")
    alert(case, "red", hours=1)

    assert acts() == ["open", "done:advise", "level_changed"]
