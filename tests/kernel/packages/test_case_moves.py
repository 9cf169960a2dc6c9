"""Running cases go over to a release that says how: each whole, once, with holders and limits."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from tests import province
from tests.kernel.packages.releases import MOVES, changed, enter, renamed
from tests.province import EVENING, WENLING, YUHUAN, at_once, holder, open_task

from guantong.audit.api import check, sequence
from guantong.base.clock import machine_now
from guantong.base.realm import LIVE
from guantong.flows import api as flows
from guantong.flows import moving
from guantong.flows.models import Case, CaseMove, Task
from guantong.main import wiring
from guantong.packages import api as packages
from guantong.packages.api import Brought, Finding, Package
from guantong.packages.doctor.questions import migrations
from guantong.packages.doctor.subject import Subject
from guantong.packages.errors import ReleaseUnsound
from guantong.packages.life import current

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province")]

ID, LATER = "flood_response", EVENING + timedelta(minutes=20)


@pytest.fixture(autouse=True)
def _as_before(flood: Package) -> Iterator[None]:
    """Put this process back to the package of the folder: others test with it."""
    yield
    current.forget()
    wiring.install_folder(django_settings.APPS_FOLDER)


@pytest.fixture
def first(flood: Package) -> packages.Standing:
    """The release of the folder, followed by this process."""
    found = enter(flood)
    packages.follow()
    return found


def upgrade(package: Package) -> packages.Standing:
    found = enter(package)
    current._looked_at = 0.0
    assert packages.look()
    return found


def asked(package: Package, *former: Package) -> list[Finding]:
    return list(migrations.check(Subject(package, former=former)))


def moved_all() -> int:
    return packages.move_waiting(at=LATER)


def places(case_id: UUID) -> list[str]:
    return [token[1] for token in Case.objects.get(id=case_id).tokens["tokens"]]


def test_a_case_goes_over_with_its_tasks_their_holders_and_their_limits(
    flood: Package, first: packages.Standing
) -> None:
    case = province.open_case()
    task = open_task(case, "control")
    by = holder(task)
    flows.accept(LIVE, {task.id: by}, at=EVENING)
    second = upgrade(renamed(flood))

    waiting = Case.objects.get(id=case).release
    assert moved_all() == 1
    moved = Task.objects.get(id=task.id)

    assert waiting == str(first.release)
    found = Case.objects.get(id=case)
    assert (found.release, found.came_from) == (str(second.release), str(first.release))
    assert sorted(places(case)) == ["advise", "take_control"]
    assert (moved.item, moved.title, moved.state) == (
        "take_control",
        "node.take_control",
        "accepted",
    )
    assert (moved.doer_id, moved.unit_id, moved.limit_at) == (by, task.unit_id, task.limit_at)
    assert moved.key.endswith(f"/take_control/{task.token}")
    assert Task.objects.filter(case_id=case).count() == 2


def test_a_case_that_went_over_is_finished_by_the_new_release(
    flood: Package, first: packages.Standing
) -> None:
    case = province.open_case()
    province.do_step(case, "control", measures="watch the sea walls")
    upgrade(renamed(flood))
    moved_all()

    province.do_step(case, "advise", advice="a", at=LATER)
    proposer = province.do_step(case, "propose", response_level="orange", grounds="g", at=LATER)

    data = Case.objects.get(id=case).data
    assert (data["orders"], "measures" in data) == ("watch the sea walls", False)
    assert data["former_steps"] == {"take_control": ["control"]}
    assert set(data["doers"]) == {"take_control", "advise", "propose"}
    done = flows.steps_of_case(LIVE, case)[0]
    read = {t.item: t.release for t in flows.steps_of_case(LIVE, case)}
    assert read["control"] == str(first.release), "what was done is read by the form of then"
    assert done.case_id == case
    # Who proposed may not approve, as in any case of the new release (promise P2).
    assert open_task(case, "approve").finder_id == proposer


def test_what_is_declared_to_stay_stays_and_a_condition_chooses(
    flood: Package, first: packages.Standing
) -> None:
    red, low, at_city = (province.open_case(matter=m) for m in ("A", "B", "C"))
    Case.objects.filter(id=red).update(level="red")
    for item, answers in (
        ("advise", {"advice": "a"}), ("control", {"measures": "m"}),
        ("propose", {"response_level": "orange", "grounds": "g"}), ("approve", {"approved": "yes"}),
    ):  # fmt: skip
        province.do_step(at_city, item, **answers)
    said = MOVES.replace("    steps:", '    cases: level != "red"\n    steps:')
    second = renamed(flood, moves=said)
    plan = packages.dry_run(Brought(package=second), at=machine_now())

    lines = [line for _, part in packages.parts(plan, "en") for line in part]
    upgrade(second)
    moved_all()

    assert plan.errors == ()
    assert [line for line in lines if "running cases" in line] == [
        "1 running cases of county_response (0.1.0) go over: from Issue the risk advisory and Issue"
        " the control order to Issue the risk advisory and Issue the control order",
        "1 running cases of county_response (0.1.0) stay: they are none of those that are to go"
        " over",
        "1 running cases of county_response (0.1.0) stay: they wait at Report to the city"
        " headquarters",
    ]  # fmt: skip
    assert "Why cases of county_response go over: the control order has a new name" in lines
    came = {id: (m, why) for id, m, why in CaseMove.objects.values_list("case_id", "state", "why")}
    assert came == {
        red: ("stays", "condition"), low: ("moved", ""), at_city: ("stays", "step"),
    }  # fmt: skip
    assert Case.objects.get(id=at_city).release == str(first.release)
    province.do_step(at_city, "brief_city", situation="s")
    assert moved_all() == 0, "whether a case goes over is decided once"


def test_a_task_nobody_has_accepted_goes_to_whoever_answers_now_and_is_no_younger(
    flood: Package, first: packages.Standing
) -> None:
    case = province.open_case()
    task = open_task(case, "control")
    second = renamed(flood)
    path = "flows/county_response.bpmn"
    text = second.documents[path].text.replace(
        '"take_control" guantong:role="emergency@county"',
        '"take_control" guantong:role="water@county"',
    )
    upgrade(changed(second, **{path: text}))
    moved_all()

    moved = Task.objects.get(id=task.id)

    assert moved.unit_id == province.unit("water@331081").id
    assert (moved.limit_at, moved.sent_at) == (task.limit_at, task.sent_at)
    assert (moved.line, moved.unit_name) == ("water", province.unit("water@331081").name_zh)


def test_a_case_that_cannot_go_over_now_stands_as_before_and_is_tried_again(
    flood: Package, first: packages.Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, other = province.open_case(), province.open_case(county=YUHUAN)
    before = Case.objects.filter(id=case).values().get()
    second = upgrade(renamed(flood))
    move_task = moving._move_task

    def broken(case: object, *rest: object) -> None:
        move_task(case, *rest)  # type: ignore[arg-type]
        if case.division_code == WENLING:  # type: ignore[attr-defined]
            raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(moving, "_move_task", broken)
        moved_all()
    after = Case.objects.filter(id=case).values().get()
    failing = packages.progress(ID, second.release)
    CaseMove.objects.update(try_at=None)
    again = moved_all()

    assert after == before
    assert Case.objects.get(id=other).release == str(second.release)
    assert failing is not None
    told = packages.progress_words(failing, flood, "en")
    assert told[0] == "1 still to go over"
    assert "could not go over so far, and is tried again (1 times): Something broke" in told[-1]
    assert again == 1
    assert Case.objects.get(id=case).release == str(second.release)
    assert Task.objects.filter(case_id=case).count() == 2


def test_whoever_holds_a_task_may_not_come_to_accept_their_own_work(
    flood: Package, first: packages.Standing
) -> None:
    case = province.open_case()
    for item, answers in (("advise", {"advice": "a"}), ("control", {"measures": "m"})):
        province.do_step(case, item, **answers)
    task = open_task(case, "propose")
    by = holder(task)
    flows.accept(LIVE, {task.id: by}, at=EVENING)
    second = renamed(flood)
    path = "flows/county_response.bpmn"
    # In the new release the proposal accepts the control order, which the same person gave.
    text = second.documents[path].text.replace(
        '"propose" guantong:role', '"propose" guantong:verifies="take_control" guantong:role'
    )
    upgrade(changed(second, **{path: text}))
    moved_all()

    assert CaseMove.objects.values_list("state", "why", "place").get() == (
        "stays", "holder", "propose",
    )  # fmt: skip
    assert Case.objects.get(id=case).release == str(first.release)


def test_a_later_release_overtakes_cases_that_have_not_gone_over_yet(
    flood: Package, first: packages.Standing
) -> None:
    case = province.open_case()
    upgrade(renamed(flood))
    third = upgrade(renamed(flood, "0.3.0"))
    moved_all()

    assert list(CaseMove.objects.order_by("id").values_list("state", flat=True)) != []
    states = dict(CaseMove.objects.values_list("becomes", "state"))
    assert states.pop(str(third.release)) == "moved"
    assert list(states.values()) == ["overtaken"]
    assert Case.objects.get(id=case).release == str(third.release)


@pytest.mark.parametrize(
    ("was", "now", "code", "line"),
    [
        ("      control: take_control\n", "", "unmapped", 5),
        ("take_control", "take_controls", "no-target", 7),
        ("control: take_control", "contrl: take_control", "no-such-wait", 7),
        ("watch: watch", "watch: observe", "other-kind", 11),
        ("{from: measures}", "{from: measure}", "no-old-variable", 18),
        ("orders:", "order:", "no-variable", 18),
        ("approve: approve\n", "approve: brief_city\n", "unsound", 9),
        ("propose: propose", "propose: brief_city", "unsound", 8),
        ("orders: {from: measures}", "response_level: {from: measures}", "choices", 18),
        ("    steps:", '    cases: nevel = "red"\n    steps:', "unknown-name", 5),
    ],
)
def test_a_wrong_map_is_found_with_its_line(
    flood: Package, was: str, now: str, code: str, line: int
) -> None:
    assert was in MOVES
    package = renamed(flood, moves=MOVES.replace(was, now))

    found = {f.code: (f.path, f.line, f.sentence()) for f in asked(package, flood)}

    assert found[code][:2] == ("migrations/0.1.0.yaml", line)
    assert "{" not in found[code][2]


def test_a_release_with_a_wrong_map_is_not_installed(
    flood: Package, first: packages.Standing
) -> None:
    province.open_case()
    package = renamed(flood, moves=MOVES.replace("      control: take_control\n", ""))

    plan = packages.dry_run(Brought(package=package), at=machine_now())
    with pytest.raises(ReleaseUnsound):
        enter(package)

    assert "unmapped" in {finding.code for finding in plan.errors}
    assert plan.moves == ()
    assert not CaseMove.objects.exists()
    assert packages.standing(ID) == first


def test_an_answer_the_case_has_passed_by_is_given_a_default_or_it_stays(flood: Package) -> None:
    path = "flows/county_response.bpmn"
    # Since the new release the order says whether there was one, and the approval asks for it.
    text = (
        renamed(flood)
        .documents[path]
        .text.replace(
            "approved = &quot;yes&quot;", "orders != &quot;&quot; and approved = &quot;yes&quot;", 1
        )
    )
    without = MOVES.replace("    variables:\n      orders: {from: measures}\n", "")
    given = MOVES.replace("{from: measures}", "{default: none}")

    def missing(moves: str) -> list[str]:
        package = changed(renamed(flood, moves=moves), **{path: text})
        return [str(f.facts["name"]) for f in asked(package, flood) if f.code == "unasked"]

    assert missing(without) == ["orders"]
    assert missing(MOVES) == []
    assert missing(given) == []


def test_without_the_earlier_release_only_this_package_is_looked_at(flood: Package) -> None:
    missing = renamed(flood, moves=MOVES.replace("      control: take_control\n", ""))

    assert asked(missing) == []


def test_cases_of_exercises_stay_with_what_they_were_begun_with(
    flood: Package, first: packages.Standing
) -> None:
    realm = province.begin_exercise()
    province.open_case(realm=realm)
    second = renamed(flood)
    plan = packages.dry_run(Brought(package=second), at=machine_now())
    lines = [line for _, part in packages.parts(plan, "en") for line in part]
    upgrade(second)

    assert moved_all() == 0
    assert any(line.startswith("1 running cases of county_response in exercises") for line in lines)


@pytest.mark.django_db(transaction=True)
def test_two_workers_move_a_case_once_and_the_log_knows_it(
    flood: Package, first: packages.Standing
) -> None:
    case = province.open_case()
    second = upgrade(renamed(flood))
    wiring.bring_witnesses()

    found = at_once(moved_all, moved_all)
    while sequence():
        pass
    whole = check()
    # By which release a case goes on is part of what the log holds, once it went over.
    Case.objects.filter(id=case).update(release=str(first.release))
    altered = check()

    assert sorted(str(one) for one in found) == ["0", "1"]
    assert CaseMove.objects.get().becomes == str(second.release)
    assert Task.objects.filter(case_id=case).count() == 2
    assert whole.faults == ()
    assert [fault.kind for fault in altered.faults] == ["case"]
