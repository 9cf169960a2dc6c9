"""New tasks: one holder each, two parents, nobody given the same duty twice."""

from datetime import timedelta

import pytest
from tests.province import (
    DONGXING,
    EVENING,
    FOUNDED,
    LIRUO,
    SHITANG,
    TAIPING,
    WENLING,
    Province,
    activate,
    household,
    open_case,
    person,
    unit,
)

from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE
from guantong.flows import api as flows
from guantong.flows.dispatch import NewTask, expand, give_out
from guantong.flows.errors import NobodyResponsible
from guantong.flows.models import Case, Task
from guantong.flows.plan import plan_at
from guantong.orgs.api import Role, carrier, declare_chain
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def case(province: Province, flood: Package) -> Case:
    return Case.objects.get(id=open_case())


def new(key: str = "k", role: str = "water@county", place: str = WENLING) -> NewTask:
    return NewTask(
        key=key, kind="plan", item="reservoir_check", title="t", role=Role.parse(role),
        place=place, limit=2 * HOUR, verify=Role.parse("emergency@county"),
    )  # fmt: skip


def give(case: Case, *tasks: NewTask) -> int:
    return len(give_out(LIVE, case.id, case.package, case.number, tasks, at=EVENING))


def run_plan(case: Case, level: str, *, hours: int = 0) -> list[str]:
    """Expand the typhoon plan and return the items of the tasks given out, sorted."""
    plan = plan_at("flood_response", "plans/typhoon.yaml")
    ids = expand(
        LIVE, case.id, case.package, case.number, plan, place=WENLING, level=level, finder_id=None,
        at=EVENING + hours * HOUR,
    )  # fmt: skip
    return sorted(Task.objects.filter(id__in=ids).values_list("item", flat=True))


def test_a_task_names_its_holder_its_two_parents_and_who_looks_at_it(case: Case) -> None:
    give(case, new())

    task = Task.objects.get(key=f"{case.number}/k")
    assert task.unit_id == unit("water@331081").id
    assert task.unit_name == "温岭市水利局"
    assert task.superior_id == unit("water@3310").id
    assert task.coordinating_id == unit("area@331081").id
    assert task.verifier_id == unit("emergency@331081").id
    assert (task.sent_at, task.limit_at) == (EVENING, EVENING + 2 * HOUR)
    assert task.state == "dispatched"


def test_a_duty_given_out_twice_is_one_task(case: Case) -> None:
    OutboxMessage.objects.all().delete()

    first = give(case, new())
    again = give(case, new())
    both = give(case, new("x"), new("x"))

    assert (first, again, both) == (1, 0, 1)
    told = OutboxMessage.objects.filter(event="TasksDispatched")
    assert [len(m.body["task_ids"]) for m in told.order_by("seq")] == [1, 1]


def test_the_same_duty_of_another_case_is_another_task(case: Case) -> None:
    other = Case.objects.get(id=open_case(matter="KROSA/331081000000"))

    assert (give(case, new()), give(other, new())) == (1, 1)


def test_nothing_to_give_out_is_no_fact(case: Case) -> None:
    OutboxMessage.objects.all().delete()

    assert give(case) == 0
    assert OutboxMessage.objects.count() == 0


@pytest.mark.parametrize("place", ["339999000000", "331081999000"])
def test_a_duty_for_which_nobody_answers_is_refused_and_named(case: Case, place: str) -> None:
    with pytest.raises(NobodyResponsible, match=rf"water@county at {place}.*jurisdiction table"):
        give(case, new(place=place))


def test_a_duty_goes_to_whom_the_declared_chain_names(case: Case) -> None:
    declare_chain(
        "communications", WENLING, (carrier("emergency"),), on=FOUNDED, at=EVENING, actor="test"
    )

    give(case, new(role="communications@county"))

    task = Task.objects.get(key=f"{case.number}/k")
    assert (task.unit_id, task.line) == (unit("emergency@331081").id, "communications")
    assert task.superior_id == unit("communications@3310").id


def test_a_duty_that_the_chain_gives_to_nobody_is_refused_and_named(case: Case) -> None:
    declare_chain("communications", WENLING, ("gap",), on=FOUNDED, at=EVENING, actor="test")

    with pytest.raises(NobodyResponsible, match="fallback chain says that nobody answers"):
        give(case, new(role="communications@county"))


def test_a_plan_gives_at_each_level_what_that_level_and_those_below_ask_for(case: Case) -> None:
    household("HH1", evacuate_from="yellow")
    household("HH2", evacuate_from="red")

    blue = run_plan(case, "blue")
    yellow = run_plan(case, "yellow")
    orange = run_plan(case, "orange")
    red = run_plan(case, "red")

    assert blue == ["boats_to_port", "duty_watch", "forecast_briefing", "reservoir_check"]
    assert yellow.count("open_shelters") == yellow.count("village_patrol") == 2  # two townships
    assert yellow.count("evacuate") == 1
    assert "schools_closed" in orange
    assert "evacuate" not in orange
    assert red == ["evacuate"]


def test_raising_a_level_twice_gives_nobody_the_same_duty_twice(case: Case) -> None:
    household("HH1", evacuate_from="yellow")
    run_plan(case, "orange")

    assert run_plan(case, "orange") == []
    assert run_plan(case, "yellow") == []


def test_each_household_goes_to_its_own_village_and_others_counties_are_not_touched(
    case: Case, province: Province
) -> None:
    liruo = household("HH1", LIRUO, evacuate_from="blue")
    dongxing = household("HH2", DONGXING, evacuate_from="blue")
    elsewhere = next(v for v in province.villages if v.startswith("331083"))
    household("HH3", elsewhere, evacuate_from="blue")

    run_plan(case, "blue")

    homes = Task.objects.filter(item="evacuate").order_by("key")
    assert [t.subject_id for t in homes] == [liruo, dongxing]
    assert [t.unit_id for t in homes] == [unit(f"area@{LIRUO}").id, unit(f"area@{DONGXING}").id]
    assert {t.verifier_id for t in homes} == {unit(f"area@{SHITANG[:9]}").id}
    assert {t.closes for t in homes} == {"return"}


def test_a_plan_for_each_township_reaches_those_of_the_county(case: Case) -> None:
    run_plan(case, "yellow")

    places = Task.objects.filter(item="open_shelters").values_list("division_code", flat=True)
    assert set(places) == {SHITANG, TAIPING}


def stand_down(case: Case, level: str, *, hours: int, over: bool = False) -> None:
    flows.change_level(LIVE, case.id, level=level, over=over, at=EVENING + hours * HOUR)


def test_what_a_lower_level_no_longer_asks_for_is_withdrawn_unless_somebody_took_it_on(
    case: Case,
) -> None:
    activate(case.id, level="orange")
    schools = Task.objects.get(item="schools_closed")
    by = person("education@331081").id
    flows.accept(LIVE, {schools.id: by}, at=EVENING)

    stand_down(case, "yellow", hours=1)

    states = dict(Task.objects.filter(kind="plan").values_list("item", "state"))
    assert states["schools_closed"] == "accepted"  # begun work is finished
    assert states["hospitals_ready"] == "withdrawn"
    assert states["building_sites"] == "dispatched"
    assert states["duty_watch"] == "dispatched"


def test_a_task_withdrawn_and_raised_again_is_taken_up_again_with_a_limit_begun_anew(
    case: Case,
) -> None:
    activate(case.id, level="orange")
    before = Task.objects.get(item="hospitals_ready")
    by = person("health@331081").id
    flows.accept(LIVE, {before.id: by}, at=EVENING)
    flows.run_due(LIVE, before.limit_at - timedelta(seconds=1))
    assert Task.objects.get(id=before.id).reminded_at is not None
    flows.run_due(LIVE, before.limit_at + HOUR)
    flows.send_back(LIVE, {before.id: by}, reason="?", at=before.limit_at + HOUR)
    count = Task.objects.count()
    stand_down(case, "yellow", hours=8)
    assert Task.objects.get(id=before.id).state == "withdrawn"

    again = run_plan(case, "orange", hours=9)

    after = Task.objects.get(id=before.id)
    assert "hospitals_ready" in again
    assert Task.objects.count() == count
    assert after.state == "dispatched"
    assert after.sent_at == EVENING + 9 * HOUR
    assert after.limit_at - after.sent_at == before.limit_at - before.sent_at
    assert (after.closed_at, after.accepted_at, after.read_at, after.doer_id) == (None,) * 4
    # Near its limit again, its holder is reminded again; late again, it is supervised again.
    assert (after.reminded_at, after.supervised_at) == (None, None)


def test_at_a_level_still_lower_what_was_withdrawn_stays_so(case: Case) -> None:
    activate(case.id, level="orange")
    stand_down(case, "blue", hours=1)

    again = run_plan(case, "yellow", hours=2)

    assert "building_sites" in again
    assert "hospitals_ready" not in again
