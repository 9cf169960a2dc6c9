"""The seven lists of problems: who finds, does and accepts; returned, relapsed, struck off."""

from datetime import timedelta

import orjson
import pytest
from django.db import connection
from tests.apps.lists_story import (
    ANSWERS,
    AUDIT,
    PROBLEM,
    WATER,
    bring_to_acceptance,
    enter,
    opening,
    step,
    waiting,
)
from tests.province import EVENING, LIRUO, SHITANG, WENLING, YUHUAN, person, settle_plans, unit

from guantong.audit.models import LeafRow
from guantong.base.realm import LIVE
from guantong.flows import api as flows
from guantong.flows.errors import AnswersIncomplete, MatterOpen, SamePerson
from guantong.flows.models import Case, Task
from guantong.flows.trail import TASK_AFTER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province", "flood")]

WATCHED = EVENING + timedelta(days=91)


def test_a_problem_that_is_entered_goes_to_a_second_person_of_its_lists_lead_office() -> None:
    case = enter()

    task = waiting(case, "list_it")
    assert task.unit_id == unit(AUDIT).id
    assert task.finder_id == task.opener_id == person(AUDIT, "duty").id
    assert Case.objects.get(id=case).matter == f"{PROBLEM['title']}/{WENLING}"
    leaf = orjson.loads(bytes(LeafRow.objects.get(kind="case", object_id=case).encoded))
    assert (leaf["act"], leaf["actor"]) == ("open", f"person:{person(AUDIT, 'duty').id}")


def test_the_same_matter_is_entered_once_and_the_second_is_told_the_number() -> None:
    number = Case.objects.get(id=enter()).number

    with pytest.raises(MatterOpen) as refused:
        enter(by="area@331081")
    enter(place=YUHUAN, by="audit@331083")

    assert refused.value.facts == {"number": number}
    assert number in refused.value.sentence("zh-CN")
    assert Case.objects.count() == 2


def test_a_problem_without_what_its_form_asks_is_refused_and_leaves_nothing() -> None:
    with pytest.raises(AnswersIncomplete, match="responsible_line"):
        flows.open_by_person(
            LIVE, opening(), division_code=WENLING, person_id=person(AUDIT).id,
            answers={k: v for k, v in PROBLEM.items() if k != "responsible_line"}, at=EVENING,
        )  # fmt: skip

    assert not Case.objects.exists()


def test_the_line_that_the_case_names_gets_the_work_as_named_last() -> None:
    case = enter(responsible_line="housing")
    step(case, "list_it", AUDIT, responsible_line="water")

    assert waiting(case, "analyse").unit_id == unit(WATER).id


def test_a_problem_left_off_the_lists_ends_there() -> None:
    case = enter()

    step(case, "list_it", AUDIT, on_list="no")

    assert Case.objects.get(id=case).state == "closed"
    assert not Task.objects.filter(case_id=case, item="analyse").exists()


def test_whoever_found_the_problem_neither_lists_nor_accepts_it() -> None:
    case = enter()
    listed = step(case, "list_it", AUDIT, "duty")
    bring_to_acceptance(case)

    accepted = step(case, "accept_it", AUDIT, "duty")

    assert (listed, accepted) == ([], [])
    task = waiting(case, "accept_it")
    with pytest.raises(SamePerson):
        flows.one(LIVE, flows.ACCEPT, task.id, person(AUDIT, "duty").id, [])
    assert step(case, "accept_it", AUDIT, "second_duty") == [task.id]


def test_whoever_found_the_problem_in_its_own_unit_does_not_rectify_it() -> None:
    case = enter(by="ecology@331081", responsible_line="ecology")
    step(case, "list_it", AUDIT, responsible_line="ecology")
    step(case, "analyse", "ecology@331081", "head")
    step(case, "approve_measures", AUDIT)

    assert step(case, "rectify", "ecology@331081", "duty") == []
    assert step(case, "rectify", "ecology@331081", "second_duty") != []


def test_the_store_itself_refuses_who_opened_a_case_as_doer(db: None) -> None:
    from django.db import IntegrityError, transaction

    case = enter()
    task = waiting(case, "list_it")

    with pytest.raises(IntegrityError, match="opener_neither"), transaction.atomic():
        Task.objects.filter(id=task.id).update(doer_id=task.opener_id)


def test_where_the_list_and_the_responsible_line_are_one_the_unit_above_accepts() -> None:
    case = enter(by="area@331081", list="ecology", responsible_line="ecology")
    step(case, "list_it", "ecology@331081", "duty", responsible_line="ecology")
    step(case, "analyse", "ecology@331081", "duty")

    task = waiting(case, "approve_measures")
    assert task.unit_id == unit("ecology@3310").id
    assert task.superior_id is None


def test_returned_once_it_is_rectified_again_and_returned_twice_it_is_supervised() -> None:
    case = enter()
    bring_to_acceptance(case)
    step(case, "accept_it", AUDIT, acceptance="returned")
    assert not Task.objects.filter(case_id=case, item="supervise").exists()
    step(case, "rectify", WATER, "duty")

    step(case, "accept_it", AUDIT, acceptance="returned")

    assert waiting(case, "supervise").unit_id == unit("area@331081").id
    step(case, "supervise", "area@331081", "head")
    assert waiting(case, "rectify").unit_id == unit(WATER).id


def test_after_acceptance_every_township_checks_itself_wherever_the_problem_lay() -> None:
    case = enter(by="area@331081105", place=SHITANG)
    bring_to_acceptance(case)
    step(case, "accept_it", AUDIT)
    step(case, "prevent", WATER, "duty")

    tasks = Task.objects.filter(case_id=case, item="check_itself").order_by("division_code")
    assert [t.division_code[:9] for t in tasks] == ["331081001", "331081105"]
    assert {t.verifier_id for t in tasks} == {unit(AUDIT).id}
    assert {t.opener_id for t in tasks} == {person("area@331081105").id}


def bring_to_the_second_look() -> object:
    case = enter()
    bring_to_acceptance(case)
    step(case, "accept_it", AUDIT)
    step(case, "prevent", WATER, "duty")
    settle_plans(case)
    flows.run_due(LIVE, EVENING + timedelta(days=89))
    assert not Task.objects.filter(case_id=case, item="look_again").exists()
    flows.run_due(LIVE, WATCHED)
    return case


def test_watched_for_ninety_days_and_still_mended_it_is_struck_off() -> None:
    case = bring_to_the_second_look()

    step(case, "look_again", AUDIT, at=WATCHED)  # type: ignore[arg-type]

    ended = Case.objects.get(id=case)
    assert (ended.state, ended.outcome) == ("closed", "mended")


def test_a_relapse_is_rectified_again_and_cannot_be_entered_as_new() -> None:
    case = bring_to_the_second_look()

    step(case, "look_again", AUDIT, at=WATCHED, outcome="relapsed")  # type: ignore[arg-type]

    assert waiting(case, "rectify").unit_id == unit(WATER).id  # type: ignore[arg-type]
    with pytest.raises(MatterOpen):
        enter()


def test_a_self_check_that_does_not_stand_up_is_counted() -> None:
    case = enter()
    bring_to_acceptance(case)
    step(case, "accept_it", AUDIT)
    step(case, "prevent", WATER, "duty")
    task = Task.objects.get(case_id=case, item="check_itself", division_code=SHITANG)
    doer = person("area@331081105").id
    flows.accept(LIVE, {task.id: doer}, at=EVENING)
    flows.complete(LIVE, {task.id: doer}, at=EVENING)

    opener = flows.reject(LIVE, {task.id: person(AUDIT).id}, reason="未查", at=EVENING)
    rejected = flows.reject(
        LIVE, {task.id: person(AUDIT, "second_duty").id}, reason="未查", at=EVENING
    )

    assert (opener, rejected) == ([], [task.id])
    assert Task.objects.get(id=task.id).rejected_times == 1


def test_every_answer_of_these_stories_is_one_that_its_form_takes() -> None:
    forms = flows.process_of("problem_lists", "problem")
    for item, answers in ANSWERS.items():
        form = forms.forms[forms.graph.nodes[item].form or ""]
        parsed = form.parse({k: str(v) for k, v in answers.items()})
        assert parsed.accepted, (item, parsed.errors)
    assert opening().form.parse({k: str(v) for k, v in PROBLEM.items()}).accepted
    assert LIRUO.startswith(SHITANG[:9])


def test_the_log_holds_who_opened_a_case_and_how_often_work_was_rejected() -> None:
    task = waiting(enter(), "list_it")
    leaf = orjson.loads(bytes(LeafRow.objects.get(kind="task", object_id=task.id).encoded))
    as_left = leaf["body"]["after"]["digest"]

    def digest() -> str:
        with connection.cursor() as cursor:
            cursor.execute(f"select {TASK_AFTER} from flows_task t where id = %s", [task.id])
            return str(orjson.loads(cursor.fetchone()[0])["digest"])

    untouched = digest()
    Task.objects.filter(id=task.id).update(rejected_times=1)
    rejected = digest()
    Task.objects.filter(id=task.id).update(rejected_times=0, opener_id=None)

    assert untouched == as_left
    assert len({as_left, rejected, digest()}) == 3
