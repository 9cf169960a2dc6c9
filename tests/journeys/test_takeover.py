"""Whoever administers a small unit does not become more by it: not by posts, lines, offices, files.

Each story is one that a reviewer thought of and that worked before.
"""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from openpyxl import Workbook
from tests import province
from tests.journeys.test_people import HEAD, bring, person, today, unit_page
from tests.journeys.work_story import officer, text_of
from tests.province import Province, user_for

from guantong.access.api import User
from guantong.access.models import ActivationCode
from guantong.base.clock import machine_now
from guantong.orgs import api as orgs
from guantong.orgs.errors import SheetRefused
from guantong.orgs.workbook import read_book
from guantong.portal.sign_in import PROVED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province")]

VILLAGE = "area@331081105229"
PLATFORM = "emergency@33"


@pytest.fixture
def village(province: Province) -> Client:
    """The head of a village, who administers the village's committee and no more."""
    return officer(VILLAGE, "head")


def appointed(browser: Client, unit: str, number: str, post: str = "staff") -> int:
    form = {"number": number, "post": post, "kind": "held", "on": today().isoformat()}
    return browser.post(f"{unit_page(unit)}/appoint", form).status_code


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/{id}", "/accounts/{id}/reset-factors", "/accounts/{id}/close",
        "/accounts/invite", "/people/{id}/correct", "/people/{id}/delegate",
    ],
)  # fmt: skip
def test_a_stranger_appointed_to_one_s_own_unit_does_not_become_one_s_own(
    village: Client, path: str
) -> None:
    victim = person(PLATFORM, "head")
    province.user_for(PLATFORM, "head", "victim")
    assert appointed(village, VILLAGE, victim.number) == 302

    address = path.format(id=victim.id)
    ask: Callable[..., object] = village.get if address.endswith(str(victim.id)) else village.post
    answer = ask(address, {"person_id": str(victim.id), "name": "王某", "mobile": "13900000000"})

    assert getattr(answer, "status_code", 0) == 403
    assert User.objects.get(username="victim").is_active


def test_a_unit_does_not_take_the_rights_of_another_line_by_itself(province: Province) -> None:
    head = officer("meteorology@33", "head")
    here = f"{unit_page('meteorology@33')}/jurisdiction"
    form = {"line": "emergency", "area": "330000000000", "kind": "vertical",
            "on": today().isoformat()}  # fmt: skip

    answer = head.post(here, form)

    assert answer.status_code == 403
    assert head.get("/operations").status_code == 403


def test_the_head_of_an_office_below_the_platform_s_bureau_does_not_administer_the_platform(
    province: Province,
) -> None:
    form = {"code": "emergency@99", "name_zh": "值班室", "name_en": "Duty office"}
    assert officer(PLATFORM, "head").post(
        f"{unit_page(PLATFORM)}/office", form
    ).status_code == 302  # fmt: skip
    office = orgs.unit_by_code("emergency@99", on=today())
    assert office is not None
    number = person("meteorology@33", "duty").number
    orgs.appoint(
        person("meteorology@33", "duty").id, unit_id=office.id, post_code="head", title="",
        kind="held", on=today(), until=None, basis="", at=machine_now(), actor="test",
    )  # fmt: skip

    browser = officer("meteorology@33", "duty")

    assert number
    assert browser.get("/operations").status_code == 403


def test_a_file_brings_no_unit_of_another_place_or_line(village: Client) -> None:
    text = "单位编码,单位名称,条线,上级单位编码,区划代码\n"
    text += f"x-1,应急办,emergency,{VILLAGE},330000000000\n"

    page = text_of(village.get(bring(village, text)))

    assert "不在您的管理范围内" in page


def test_a_file_changes_nobody_s_telephone_whom_another_unit_has_too(village: Client) -> None:
    victim = person(PLATFORM, "head")
    assert appointed(village, VILLAGE, victim.number) == 302
    text = HEAD + f"{victim.number},{victim.name},{VILLAGE},工作人员,,13900000000,\n"

    page = text_of(village.get(bring(village, text)))

    assert "1 行存疑" in page


def test_the_platform_s_post_is_not_filled_by_the_bureau_s_own_staff(province: Province) -> None:
    clerk = person(PLATFORM, "second_duty")
    orgs.appoint(
        clerk.id, unit_id=province_unit(PLATFORM), post_code="administrator", title="",
        kind="held", on=today(), until=None, basis="", at=machine_now(), actor="test",
    )  # fmt: skip
    browser = officer(PLATFORM, "second_duty")
    until = (today() + timedelta(days=3)).isoformat()
    form = {"number": clerk.number, "post": "head", "kind": "acting", "on": today().isoformat(),
            "until": until}  # fmt: skip

    answer = browser.post(f"{unit_page(PLATFORM)}/appoint", form)

    assert answer.status_code == 403


def province_unit(code: str) -> UUID:
    return province.unit(code).id


def test_a_stolen_session_gets_no_code_for_its_own_account(province: Province) -> None:
    thief = officer("water@331081", "duty")

    answer = thief.post("/accounts/invite", {"person_id": str(person("water@331081", "duty").id)})

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/account/password"


def test_a_stolen_session_that_is_old_gets_no_code_for_a_colleague(province: Province) -> None:
    victim = person("water@331081", "duty")
    user_for("water@331081", "duty")
    thief = officer("water@331081", "head")
    session = thief.session
    session[PROVED] = 0
    session.save()

    answer = thief.post("/accounts/invite", {"person_id": str(victim.id)})

    assert answer.headers["Location"].startswith("/account/confirm")
    assert not ActivationCode.objects.exists()


def test_whoever_must_enrol_a_second_factor_reaches_no_account_of_others(
    province: Province,
) -> None:
    browser = officer("water@331081", "head")
    User.objects.update(printed_password=False)

    answer = browser.get("/accounts")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/account"
    assert browser.get("/account").status_code == 200


def test_a_sheet_is_bounded_wherever_in_the_workbook_it_lies() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.cell(row=200_001, column=1, value="x")
    plain, hidden = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(hidden, "w") as copy:
        for entry in source.infolist():
            name = entry.filename.replace("worksheets/sheet1.xml", "foo/sheet1.dat")
            data = source.read(entry).replace(b"worksheets/sheet1.xml", b"foo/sheet1.dat")
            copy.writestr(name, data)

    with pytest.raises(SheetRefused):
        read_book(hidden.getvalue())


def test_a_delegation_that_ended_the_same_day_still_counts_for_who_may_verify(
    province: Province,
) -> None:
    giver, second = person("water@331081", "head"), person("emergency@331081", "duty")
    id = orgs.delegate(
        giver.id, second.id, post_id=orgs.times_of_person(giver.id)[0].post_id, on=today(),
        until=today() + timedelta(days=2), at=machine_now(), actor="test",
    )  # fmt: skip

    orgs.end_delegation(id, on=today(), at=machine_now(), actor="test")

    assert orgs.stood_in_for(second.id, province_unit("water@331081"), on=today()) == (giver.id,)
