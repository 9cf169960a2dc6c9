"""The read side of flows: pages that lose no row, counts that agree, rows cut to the reader."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests import province
from tests.province import DONGXING, EVENING, LIRUO, WENLING

from guantong.access.api import Rows
from guantong.base.ids import new_id
from guantong.base.paging import cursor_of, text_of
from guantong.base.realm import LIVE, Realm
from guantong.flows import api as flows
from guantong.flows.api import Search
from guantong.flows.models import Case, Task
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db

EVERYWHERE = Rows(everything=True)
HOUSEHOLD = "flood_response.household"


def make_case(realm: Realm, *, county: str = WENLING, number: str = "N-1") -> UUID:
    return Case.objects.create(
        realm=realm, number=number, package="flood_response", process="county_response",
        matter=f"LEKIMA/{number}", division_code=county, level="orange", opened_at=EVENING,
    ).id  # fmt: skip


def make_task(realm: Realm, case: UUID, n: int, **facts: object) -> Task:
    given: dict[str, object] = {
        "key": f"{case}/{n}", "package": "flood_response", "kind": "plan", "item": "evacuate",
        "title": "plan.evacuate", "plan": "typhoon", "division_code": LIRUO, "line": "area",
        "unit_id": UNIT, "unit_name": "里箬", "unit_name_en": "Liruo", "sent_at": EVENING,
        "limit_at": EVENING + timedelta(hours=2), "state": "dispatched",
    }  # fmt: skip
    return Task.objects.create(realm=realm, case_id=case, **{**given, **facts})


UNIT, OTHER, ME = new_id(), new_id(), new_id()


def ask(realm: Realm, **asked: object) -> tuple[flows.Page[flows.TaskView], dict[str, int]]:
    given: dict[str, object] = {"unit_ids": [UNIT], "person_id": ME, "now": EVENING}
    page, counts = flows.inbox(realm, **{**given, **asked})  # type: ignore[arg-type]
    return page, dict(counts)


def test_turning_pages_shows_each_task_once_even_when_limits_are_equal(realm: Realm) -> None:
    case = make_case(realm)
    made = {make_task(realm, case, n).id for n in range(7)}
    seen: list[UUID] = []
    after: str | None = None

    while True:
        page, _ = ask(realm, most=3, after=after)
        seen += [task.id for task in page.rows]
        after = page.after
        if after is None:
            break

    assert len(seen) == len(set(seen)) == 7
    assert set(seen) == made


def test_going_back_shows_the_page_one_came_from(realm: Realm) -> None:
    case = make_case(realm)
    for n in range(7):
        make_task(realm, case, n, limit_at=EVENING + timedelta(hours=n))
    first, _ = ask(realm, most=3)
    second, _ = ask(realm, most=3, after=first.after)
    third, _ = ask(realm, most=3, after=second.after)

    back, _ = ask(realm, most=3, before=third.before)
    start, _ = ask(realm, most=3, before=back.before)

    assert [t.id for t in back.rows] == [t.id for t in second.rows]
    assert [t.id for t in start.rows] == [t.id for t in first.rows]
    assert (first.before, start.before) == (None, None)
    assert (third.after, len(third.rows)) == (None, 1)


def test_a_task_that_comes_in_between_shifts_no_page(realm: Realm) -> None:
    case = make_case(realm)
    for n in range(4):
        make_task(realm, case, n, limit_at=EVENING + timedelta(hours=n + 1))
    first, _ = ask(realm, most=2)

    make_task(realm, case, 9, limit_at=EVENING)
    second, _ = ask(realm, most=2, after=first.after)

    assert [t.limit_at for t in second.rows] == [EVENING + timedelta(hours=h) for h in (3, 4)]


@pytest.mark.parametrize(
    "text", ["", "x", "2019-08-09_", "2019-08-09T12:00:00_nothing", "_", "1_2"]
)
def test_what_is_no_cursor_is_the_beginning(text: str) -> None:
    assert cursor_of(text) is None


def test_a_cursor_keeps_the_microsecond() -> None:
    at, id = EVENING + timedelta(microseconds=123_457), new_id()

    assert cursor_of(text_of(at, id)) == (at, id)


def test_the_inbox_holds_what_waits_for_the_unit_and_nothing_else(realm: Realm) -> None:
    case = make_case(realm)
    held = make_task(realm, case, 1)
    to_verify = make_task(realm, case, 2, unit_id=OTHER, verifier_id=UNIT, state="completed")
    to_dispatch = make_task(realm, case, 3, unit_id=OTHER, superior_id=UNIT, state="sent_back")
    make_task(realm, case, 4, state="completed", verifier_id=OTHER)  # done, waits for others
    make_task(realm, case, 5, state="withdrawn")
    make_task(realm, case, 6, state="sent_back", superior_id=OTHER)
    make_task(realm, case, 7, unit_id=OTHER)
    make_task(LIVE, make_case(LIVE), 8)

    page, counts = ask(realm)

    assert {t.id for t in page.rows} == {held.id, to_verify.id, to_dispatch.id}
    assert (page.total, counts["unit"], counts["verify"]) == (3, 3, 1)


def test_the_chips_count_what_they_show(realm: Realm) -> None:
    case = make_case(realm)
    late = EVENING - timedelta(hours=1)
    make_task(realm, case, 1, state="accepted", doer_id=ME)
    make_task(realm, case, 2, limit_at=late)
    make_task(realm, case, 3, unit_id=OTHER, verifier_id=UNIT, state="completed", limit_at=late)
    make_task(realm, case, 4, state="closed_out", doer_id=ME, completed_at=EVENING)

    shown = {chip: len(ask(realm, chip=chip)[0].rows) for chip in flows.CHIPS}
    _, counts = ask(realm)

    assert shown == counts == {"unit": 3, "mine": 1, "late": 1, "verify": 1, "done": 1}


def test_a_limit_that_passes_this_very_instant_is_not_late_yet(realm: Realm) -> None:
    make_task(realm, make_case(realm), 1, limit_at=EVENING)

    on_the_stroke, after_it = ask(realm), ask(realm, now=EVENING + timedelta(seconds=1))

    assert (on_the_stroke[1]["late"], after_it[1]["late"]) == (0, 1)
    assert not on_the_stroke[0].rows[0].late(EVENING)


@pytest.mark.parametrize(
    ("text", "found"), [("里箬", 1), ("liruo", 1), ("%", 0), ("_", 0), ("x", 0)]
)
def test_a_search_takes_its_text_as_it_is(realm: Realm, text: str, found: int) -> None:
    make_task(realm, make_case(realm), 1, key="N-1/evacuate/7")

    page, counts = ask(realm, search=Search(text=text))

    assert (len(page.rows), page.total, counts["unit"]) == (found, found, found)


def test_a_search_finds_by_title_or_place_as_well(realm: Realm) -> None:
    make_task(realm, make_case(realm), 1)

    by_title, _ = ask(realm, search=Search(text="转移", titles={"plan.evacuate"}))
    by_place, _ = ask(realm, search=Search(text="村", places={LIRUO}))

    assert (by_title.total, by_place.total) == (1, 1)


def test_cases_are_cut_by_area_and_by_who_takes_part(realm: Realm) -> None:
    mine = make_case(realm)
    theirs = make_case(realm, county=province.CANGNAN, number="N-2")
    make_task(realm, theirs, 1, unit_id=UNIT)

    area, _ = flows.cases(realm, rows=Rows(prefixes=("331081",)), now=EVENING)
    part, _ = flows.cases(realm, rows=Rows(unit_ids=(UNIT,)), now=EVENING)
    none, counts = flows.cases(realm, rows=Rows(), now=EVENING)

    assert [case.id for case in area.rows] == [mine]
    assert [case.id for case in part.rows] == [theirs]
    assert (none.rows, counts) == ((), {"open": 0, "closed": 0})


def test_a_case_counts_its_open_and_late_tasks(realm: Realm) -> None:
    id = make_case(realm)
    make_task(realm, id, 1, limit_at=EVENING - timedelta(minutes=1))
    make_task(realm, id, 2)
    make_task(realm, id, 3, state="verified", limit_at=EVENING - timedelta(hours=1))

    found = flows.case(realm, id, now=EVENING)

    assert found is not None
    assert (found.tasks, found.open_tasks, found.late_tasks) == (3, 2, 1)
    assert found.limit_at == EVENING - timedelta(minutes=1)
    assert flows.case(LIVE, id, now=EVENING) is None


def test_tasks_of_a_case_are_those_the_reader_may_see_the_urgent_first(realm: Realm) -> None:
    case = make_case(realm)
    make_task(realm, case, 1, state="closed_out")
    soon = make_task(realm, case, 2, limit_at=EVENING)
    later = make_task(realm, case, 3)
    make_task(realm, case, 4, division_code=DONGXING)

    rows = Rows(prefixes=(LIRUO,))
    tasks, counts = flows.tasks_of_case(realm, case, rows=rows)

    assert [t.id for t in tasks[:2]] == [soon.id, later.id]
    assert counts == {("evacuate", "dispatched"): 2, ("evacuate", "closed_out"): 1}


def test_the_timeline_tells_tasks_of_a_plan_by_the_hour_and_steps_one_by_one(realm: Realm) -> None:
    case = make_case(realm)
    for n in range(3):
        make_task(realm, case, n, accepted_at=EVENING + timedelta(minutes=10 * n + 1), doer_id=ME)
    make_task(realm, case, 4, kind="step", item="advise", title="node.advise")
    make_task(realm, case, 5, kind="step", item="advise", title="node.advise")

    told = flows.timeline(realm, case, rows=EVERYWHERE)

    accepted = [h for h in told if h.what == "accepted"]
    assert [(h.count, h.at) for h in accepted] == [(3, EVENING + timedelta(minutes=21))]
    assert len([h for h in told if h.title == "node.advise" and h.what == "sent"]) == 2
    assert told == sorted(told, key=lambda h: h.at, reverse=True)
    assert flows.timeline(realm, case, rows=Rows()) == []


def test_the_headcount_agrees_with_the_rows_at_every_tier(realm: Realm, flood: Package) -> None:
    case = make_case(realm)
    states = ["dispatched", "accepted", "completed", "verified", "closed_out", "withdrawn"]
    for n, state in enumerate(states):
        family = province.household(
            f"HH{n}", LIRUO if n % 2 else DONGXING, realm=realm, persons=n + 1
        )
        place = LIRUO if n % 2 else DONGXING
        make_task(realm, case, n, state=state, subject_id=family, division_code=place)

    def count(rows: Rows, under: str, width: int) -> list[tuple[str, int, int, int, int]]:
        found = flows.headcount(
            realm, "flood_response", "evacuate", rows=rows, under=under, width=width,
            now=EVENING + timedelta(hours=3), object=HOUSEHOLD, people="persons",
        )  # fmt: skip
        return [(c.division, c.should, c.done, c.overdue, c.people_remaining) for c in found]

    assert count(EVERYWHERE, "33", 4) == [("3310", 5, 3, 2, 3)]
    assert count(EVERYWHERE, "331081", 12) == [(LIRUO, 2, 1, 1, 2), (DONGXING, 3, 2, 1, 1)]
    assert count(Rows(prefixes=(LIRUO,)), "33", 4) == [("3310", 2, 1, 1, 2)]
    assert count(EVERYWHERE, "3303", 6) == []
    assert count(Rows(), "33", 4) == []


def test_the_state_of_each_family_is_that_of_its_own_task(realm: Realm, flood: Package) -> None:
    case, family = make_case(realm), province.household("HH1", realm=realm)
    make_task(realm, case, 1, subject_id=family, state="withdrawn")
    live = make_task(realm, case, 2, subject_id=family, state="accepted", doer_id=ME)

    found = flows.subject_states(realm, "flood_response", "evacuate", under=LIRUO)

    assert found[family].task_id == live.id
    assert found[family].doer_id == ME
    assert [t.id for t in flows.tasks_of_subject(realm, family)][-1] == live.id
