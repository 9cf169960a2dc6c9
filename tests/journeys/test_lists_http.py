"""Entering a matter by hand, through HTTP: who may, where, what is kept of what was typed."""

import pytest
from django.test import Client
from tests.apps.lists_story import PROBLEM
from tests.journeys.work_story import officer, text_of
from tests.province import CANGNAN, WENLING, person

from guantong.base.realm import Realm
from guantong.flows.models import Case, Task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("flood")]

NEW = "/cases/new/problem_lists/problem"
AUDIT = "audit@331081"


@pytest.fixture
def auditor(realm: Realm) -> Client:
    return officer(AUDIT)


def test_whoever_may_enter_a_problem_finds_the_way_from_the_cases_and_the_menu(
    auditor: Client,
) -> None:
    own, other = auditor.get("/cases"), officer("water@331081").get("/cases")

    assert own.content.decode().count(f'href="{NEW}"') == 2
    assert NEW not in other.content.decode()


def test_a_problem_is_entered_and_its_case_opens_at_the_chosen_place(
    realm: Realm, auditor: Client
) -> None:
    form = auditor.get(NEW)
    answer = auditor.post(NEW, {**PROBLEM, "place": WENLING})

    assert "登记问题" in text_of(form)
    assert "石塘镇" in text_of(form)
    assert "玉环市" not in text_of(form)
    case = Case.objects.get()
    assert answer.headers["Location"] == f"/cases/{case.id}"
    assert (case.realm, case.division_code) == (realm, WENLING)
    shown = auditor.get(f"/cases/{case.id}")
    assert "温岭市 · 某灌区泵站验收资料缺失" in text_of(shown)
    assert "问题描述 抽查发现三座泵站没有验收资料。" in text_of(shown)
    assert f"登记人 {person(AUDIT).name}" in text_of(shown)
    assert "所属清单 审计问题清单" in text_of(shown)
    assert Task.objects.get(case_id=case.id).finder_id == person(AUDIT).id


def test_what_is_wrong_is_told_beside_its_field_and_nothing_typed_is_lost(auditor: Client) -> None:
    given = {k: v for k, v in PROBLEM.items() if k != "responsible_line"}

    answer = auditor.post(NEW, given)

    assert answer.status_code == 422
    assert "责任条线: " in text_of(answer)
    assert "地点: " in text_of(answer)
    assert PROBLEM["title"] in answer.content.decode()
    assert not Case.objects.exists()


def test_a_line_that_is_none_is_refused_in_the_form(auditor: Client) -> None:
    answer = auditor.post(NEW, {**PROBLEM, "place": WENLING, "responsible_line": "watr"})

    assert answer.status_code == 422
    assert not Case.objects.exists()


def test_the_same_matter_pressed_twice_is_one_case_and_the_second_time_says_so(
    auditor: Client,
) -> None:
    auditor.post(NEW, {**PROBLEM, "place": WENLING})

    again = auditor.post(NEW, {**PROBLEM, "place": WENLING})

    number = Case.objects.get().number
    assert again.status_code == 409
    assert number in text_of(again)
    assert PROBLEM["title"] in again.content.decode()


def test_a_place_outside_the_own_area_is_refused_and_so_is_another_post(auditor: Client) -> None:
    outside = auditor.post(NEW, {**PROBLEM, "place": CANGNAN})
    other = officer("water@331081").get(NEW)

    assert (outside.status_code, other.status_code) == (403, 403)
    assert "审计" in text_of(other)
    assert not Case.objects.exists()


def test_a_process_that_only_a_signal_opens_has_no_such_page(auditor: Client) -> None:
    assert auditor.get("/cases/new/flood_response/county_response").status_code == 404


# The interface


def test_another_system_asks_what_it_may_open_and_opens_it_once(auditor: Client) -> None:
    openings = auditor.get("/api/v1/openings").json()
    sent = {
        "package": "problem_lists", "process": "problem", "place": WENLING, "answers": PROBLEM
    }  # fmt: skip
    key = {"Idempotency-Key": "0123456789abcdef"}

    first = auditor.post("/api/v1/openings", sent, "application/json", headers=key)
    again = auditor.post("/api/v1/openings", sent, "application/json", headers=key)

    assert [o["title"] for o in openings] == ["登记问题"]
    assert WENLING in openings[0]["places"]
    assert CANGNAN not in openings[0]["places"]
    asked = {q["name"]: q for q in openings[0]["form"]}
    assert {c["value"] for c in asked["list"]["choices"]} >= {"audit", "petitions"}
    assert first.status_code == 200, first.content
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    assert Case.objects.get().number == first.json()["number"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"place": CANGNAN}, 403),
        ({"process": "nothing"}, 404),
        ({"answers": {}}, 422),
        ({"answers": {**PROBLEM, "colour": "red"}}, 422),
    ],
)
def test_what_the_page_refuses_the_interface_refuses(
    auditor: Client, change: dict[str, object], status: int
) -> None:
    sent = {"package": "problem_lists", "process": "problem", "place": WENLING, "answers": PROBLEM}

    answer = auditor.post(
        "/api/v1/openings", {**sent, **change}, "application/json",
        headers={"Idempotency-Key": "0123456789abcdef"},
    )  # fmt: skip

    assert answer.status_code == status
    assert not Case.objects.exists()


# What comes of a case


def test_what_a_self_check_finds_is_entered_from_the_case_and_both_lead_to_each_other(
    auditor: Client,
) -> None:
    auditor.post(NEW, {**PROBLEM, "place": WENLING})
    first = Case.objects.get()
    way = f"{NEW}?origin={first.number}"
    found = {**PROBLEM, "title": "另一泵站资料缺失", "place": WENLING, "origin": first.number}

    before = auditor.get(f"/cases/{first.id}").content.decode()
    form = auditor.get(way).content.decode()
    auditor.post(NEW, found)

    second = Case.objects.exclude(id=first.id).get()
    assert way in before
    assert f'value="{first.number}"' in form
    assert second.follows_id == first.id
    assert f'href="/cases/{second.id}"' in auditor.get(f"/cases/{first.id}").content.decode()
    assert f'href="/cases/{first.id}"' in auditor.get(f"/cases/{second.id}").content.decode()


def test_a_number_that_no_case_has_is_refused_beside_its_field(auditor: Client) -> None:
    answer = auditor.post(NEW, {**PROBLEM, "place": WENLING, "origin": "X-1"})

    assert answer.status_code == 409
    assert "没有编号为 X-1 的案件" in text_of(answer)
    assert not Case.objects.exists()
