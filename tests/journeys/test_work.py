"""Officers at work, through HTTP: what waits for me, may I, do it, and who checks it."""

import re
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import province
from tests.journeys.work_story import (
    AREA,
    EMERGENCY,
    TOWNSHIP,
    VILLAGE,
    bring_to_action,
    bring_to_approval,
    do_step,
    file_of,
    officer,
    step,
    task_of,
    text_of,
)

from guantong.audit.models import LeafRow
from guantong.base.realm import Realm
from guantong.flows import api as flows
from guantong.flows.models import Task
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db

NEIGHBOUR = "emergency@330327"


@pytest.fixture
def case(realm: Realm, flood: Package) -> UUID:
    return province.open_case(realm=realm, data={"track_id": "LEKIMA"})


@pytest.fixture
def family(realm: Realm, flood: Package) -> UUID:
    return province.household("HH33108110522901", realm=realm)


@pytest.fixture
def evacuation(realm: Realm, family: UUID, case: UUID) -> UUID:
    """A case whose plan is under way, with one family to be brought to safety."""
    bring_to_action(realm, case)
    return case


# Signing in


def test_nobody_gets_past_the_sign_in_and_comes_back_to_the_page_asked_for(
    realm: Realm, flood: Package
) -> None:
    province.user_for(EMERGENCY, username="wenling")
    browser = Client()

    sent_away = browser.get("/cases?state=open")
    wrong = browser.post("/sign-in", {"username": "wenling", "password": "not it"})
    right = browser.post(
        "/sign-in",
        {"username": "wenling", "password": province.PASSWORD, "next": "/cases?state=open"},
    )

    assert sent_away.headers["Location"] == "/sign-in?next=/cases%3Fstate%3Dopen"
    assert wrong.status_code == 403
    assert "账号或密码不正确" in text_of(wrong)
    assert right.headers["Location"] == "/cases?state=open"
    assert browser.get("/cases?state=open").status_code == 200


def test_after_signing_in_nobody_is_led_to_another_site(realm: Realm, flood: Package) -> None:
    province.user_for(EMERGENCY, username="wenling")

    answer = Client().post(
        "/sign-in",
        {"username": "wenling", "password": province.PASSWORD, "next": "https://example.org/"},
    )

    assert answer.headers["Location"] == "/"


def test_too_many_wrong_passwords_close_the_account_for_a_while(
    realm: Realm, flood: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guantong.access.account.ACCOUNT_FAILURES", 2)
    province.user_for(EMERGENCY, username="wenling")
    browser = Client()
    for _ in range(2):
        browser.post("/sign-in", {"username": "wenling", "password": "not it"})

    answer = browser.post("/sign-in", {"username": "wenling", "password": province.PASSWORD})

    assert answer.status_code == 403
    assert "请 15 分钟后再试" in text_of(answer)


def test_signing_out_ends_the_session(case: UUID) -> None:
    browser = officer(EMERGENCY)

    browser.post("/sign-out")

    assert browser.get("/inbox").headers["Location"].startswith("/sign-in")


def test_somebody_without_a_post_reads_nothing_and_is_told_why(case: UUID) -> None:
    from django.contrib.auth import get_user_model

    browser = Client()
    browser.force_login(
        get_user_model().objects.create(username="nobody"),
        backend="django.contrib.auth.backends.ModelBackend",
    )

    answer = browser.get(f"/cases/{case}")

    assert answer.status_code == 403
    assert "您的账号今天没有在任岗位" in text_of(answer)


# The inbox


def test_an_officer_sees_what_waits_for_the_own_unit_and_the_neighbour_nothing(case: UUID) -> None:
    mine, theirs = officer(EMERGENCY).get("/inbox"), officer(NEIGHBOUR).get("/inbox")

    assert "发出风险提示单 · 温岭市" in text_of(mine)
    assert "共 2 条" in text_of(mine)
    assert "没有待办" in text_of(theirs)
    assert "发出风险提示单" not in text_of(theirs)


def test_an_empty_inbox_says_what_was_done_last(realm: Realm, case: UUID) -> None:
    bring_to_approval(realm, case)

    answer = officer(EMERGENCY).get("/inbox?show=verify")

    assert "上一项办结：" in text_of(answer)
    assert "2019年8月9日 20:00" in text_of(answer)


def test_several_tasks_are_accepted_with_one_press_and_those_of_others_stay(
    realm: Realm, case: UUID
) -> None:
    other = province.open_case(realm=realm, county=province.CANGNAN)
    wanted = [step(case, "advise").id, step(case, "control").id, step(other, "advise").id]

    answer = officer(EMERGENCY).post("/inbox/accept", {"task": [str(id) for id in wanted]})

    states = dict(Task.objects.filter(id__in=wanted).values_list("id", "state"))
    assert answer.headers["Location"] == "/inbox"
    assert [states[id] for id in wanted] == ["accepted", "accepted", "dispatched"]
    assert _refusals() == 1


def test_the_search_finds_titles_numbers_and_places_of_what_one_may_see(
    realm: Realm, evacuation: UUID
) -> None:
    township, neighbour = officer(TOWNSHIP), officer("area@330327100")

    assert "开放避灾" in text_of(township.get("/inbox?q=避灾"))
    assert "没有待办" in text_of(township.get("/inbox?q=学校"))
    assert "里箬" in text_of(township.get("/search?q=HH33108110522901"))
    assert "没有找到" in text_of(neighbour.get("/search?q=HH33108110522901"))


# A task, from opening it to the check by somebody else


def test_opening_a_task_is_its_receipt_and_only_the_holder_gives_it(case: UUID) -> None:
    task = step(case, "advise")

    officer("emergency@3310").get(f"/tasks/{task.id}")
    unread = Task.objects.get(id=task.id).read_at
    browser = officer(EMERGENCY)
    browser.get(f"/tasks/{task.id}")
    first = Task.objects.get(id=task.id)
    browser.get(f"/tasks/{task.id}")

    assert unread is None
    assert first.read_at == province.EVENING
    assert Task.objects.get(id=task.id).received_at == first.received_at == province.EVENING


def test_a_task_is_accepted_and_completed_with_its_form(case: UUID) -> None:
    task, browser = step(case, "advise"), officer(EMERGENCY)
    address = f"/tasks/{task.id}/act"

    browser.post(address, {"act": "accept"})
    empty = browser.post(address, {"act": "complete", "advice": " "})
    kept = Task.objects.get(id=task.id).state
    done = browser.post(address, {"act": "complete", "advice": "请加强防范", "next": "/inbox"})

    assert empty.status_code == 422
    assert "请更正以下内容" in text_of(empty)
    assert 'id="error-advice"' in empty.content.decode()
    assert kept == "accepted"
    assert done.headers["Location"] == "/inbox"
    finished = Task.objects.get(id=task.id)
    assert (finished.state, finished.answers) == ("closed_out", {"advice": "请加强防范"})
    assert finished.doer_id == province.person(EMERGENCY).id


def test_what_was_typed_comes_back_with_what_is_wrong(case: UUID) -> None:
    task, browser = step(case, "advise"), officer(EMERGENCY)
    typed = "<b>" + "防" * 500
    browser.post(f"/tasks/{task.id}/act", {"act": "accept"})

    answer = browser.post(f"/tasks/{task.id}/act", {"act": "complete", "advice": typed})

    assert answer.status_code == 422
    assert typed in text_of(answer).replace("&lt;", "<")
    assert "<b>" not in answer.content.decode()
    assert Task.objects.get(id=task.id).answers == {}


def test_the_level_of_the_alert_is_filled_in_and_marked(realm: Realm, case: UUID) -> None:
    do_step(realm, case, "advise", EMERGENCY, "duty", advice="请加强防范")
    do_step(realm, case, "control", EMERGENCY, "duty", measures="落实巡查")
    task, browser = step(case, "propose"), officer(EMERGENCY)
    browser.post(f"/tasks/{task.id}/act", {"act": "accept"})

    page = browser.get(f"/tasks/{task.id}").content.decode()

    assert re.search(r'value="orange" checked', page)
    assert not re.search(r'value="red" checked', page)
    assert "已预填，来源：" in page


def test_the_forms_work_without_script_and_only_with_their_token(case: UUID) -> None:
    task = step(case, "advise")
    user = province.user_for(EMERGENCY)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = browser.get(f"/tasks/{task.id}").content.decode()
    form = page[page.index(f'action="/tasks/{task.id}/act"') :]
    form = form[: form.index("</form>")]
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', form))
    button = re.search(r'<button class="button ?" name="(\w+)" value="(\w+)"', form)
    assert button is not None

    forged = browser.post(f"/tasks/{task.id}/act", {button[1]: button[2]})
    pressed = browser.post(f"/tasks/{task.id}/act", {**hidden, button[1]: button[2]})

    assert forged.status_code == 403
    assert pressed.status_code == 302
    assert Task.objects.get(id=task.id).state == "accepted"


def test_a_task_that_somebody_else_did_meanwhile_is_refused_with_its_state(
    realm: Realm, case: UUID
) -> None:
    task, browser = step(case, "advise"), officer(EMERGENCY)
    do_step(realm, case, "advise", EMERGENCY, "second_duty", advice="请加强防范")

    answer = browser.post(f"/tasks/{task.id}/act", {"act": "accept"})

    assert answer.status_code == 409
    assert "已销号" in text_of(answer)


def test_a_task_is_sent_back_with_a_reason_and_the_superior_gives_it_out_anew(
    realm: Realm, evacuation: UUID, family: UUID
) -> None:
    task, village = task_of(family), officer(VILLAGE, "head")
    address = f"/tasks/{task.id}/act"

    without = village.post(address, {"act": "send_back", "remark": " "})
    village.post(address, {"act": "send_back", "remark": "车辆不足"})
    township = officer(TOWNSHIP)
    shown = text_of(township.get("/inbox"))
    township.post(address, {"act": "dispatch_anew"})

    assert without.status_code == 422
    assert "转移" in shown
    anew = Task.objects.get(id=task.id)
    assert (anew.state, anew.unit_id) == ("dispatched", province.unit(TOWNSHIP).id)
    assert anew.reason == "车辆不足"


def test_whoever_did_the_work_is_refused_to_check_it_and_a_colleague_may(
    realm: Realm, evacuation: UUID, family: UUID
) -> None:
    task, doer = task_of(family), province.person(TOWNSHIP).id
    flows.accept(realm, {task.id: doer}, at=province.EVENING)
    flows.complete(realm, {task.id: doer}, at=province.EVENING)

    own = officer(TOWNSHIP).post(f"/tasks/{task.id}/act", {"act": "verify"})
    between = Task.objects.get(id=task.id).state
    colleague = officer(TOWNSHIP, "second_duty").post(f"/tasks/{task.id}/act", {"act": "verify"})

    assert own.status_code == 403
    assert "发现、办理和验收须由不同的人承担" in text_of(own)
    assert between == "completed"
    assert colleague.status_code == 302
    verified = Task.objects.get(id=task.id)
    assert verified.state == "verified"
    assert verified.accepter_id == province.person(TOWNSHIP, "second_duty").id


def test_work_that_does_not_stand_up_goes_back_to_its_doer_with_the_reason(
    realm: Realm, evacuation: UUID, family: UUID
) -> None:
    task, village = task_of(family), officer(VILLAGE, "head")
    village.post(f"/objects/{family}/report")

    officer(TOWNSHIP).post(f"/tasks/{task.id}/act", {"act": "reject", "remark": "无人在避灾点"})

    assert Task.objects.get(id=task.id).state == "accepted"
    assert "无人在避灾点" in text_of(village.get(f"/tasks/{task.id}"))


def test_an_approval_is_for_the_government_and_not_for_the_proposing_bureau(
    realm: Realm, case: UUID
) -> None:
    bring_to_approval(realm, case)
    task = step(case, "approve")

    answer = officer(EMERGENCY).post(f"/tasks/{task.id}/act", {"act": "accept"})
    page = text_of(officer(EMERGENCY, "second_duty").get(f"/tasks/{task.id}"))

    assert answer.status_code == 403
    assert "您的单位不是承办单位" in text_of(answer)
    assert "您的单位不是承办单位" in page
    assert Task.objects.get(id=task.id).state == "dispatched"


# The case


def test_a_case_page_shows_its_steps_its_timeline_and_the_act_to_do_now(
    realm: Realm, case: UUID
) -> None:
    bring_to_approval(realm, case)

    answer = officer(AREA, "head").get(f"/cases/{case}")

    page = answer.content.decode()
    assert 'data-current="approve"' in page
    done = re.search(r'data-done="([^"]*)"', page)
    assert done is not None
    assert {"start", "advise", "acknowledge", "control", "propose"} <= set(done[1].split())
    assert not {"expand", "watch", "review"} & set(done[1].split())
    text = text_of(answer)
    assert "台风 LEKIMA · 温岭市 · 防台响应" in text
    assert "立案" in text
    assert f'action="/tasks/{step(case, "approve").id}/act"' in page


def test_the_flow_picture_is_the_original_with_labels_in_the_readers_language(case: UUID) -> None:
    chinese = officer(EMERGENCY).get(f"/cases/{case}/process.bpmn")
    english = officer(EMERGENCY, "second_duty", language="en").get(f"/cases/{case}/process.bpmn")

    assert chinese.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert 'name="发出风险提示单"' in chinese.content.decode()
    assert 'name="Issue the risk advisory"' in english.content.decode()
    assert b'name="raised again"' in english.content


def test_lists_of_cases_are_cut_to_the_area_and_filtered(realm: Realm, case: UUID) -> None:
    province.open_case(realm=realm, county=province.CANGNAN, level="blue")

    county = text_of(officer(EMERGENCY).get("/cases"))
    province_officer = officer("emergency@33")

    assert "共 1 条" in county
    assert "苍南县" not in county
    assert "共 2 条" in text_of(province_officer.get("/cases"))
    assert "温岭市" not in text_of(province_officer.get("/cases?level=blue"))
    assert "没有符合条件的案件" in text_of(province_officer.get("/cases?state=closed"))
    assert "苍南县" not in text_of(province_officer.get("/cases?q=温岭"))


# The neighbour, and other roads that must stay closed


def test_the_next_county_is_refused_at_every_changed_address_and_each_is_recorded(
    realm: Realm, evacuation: UUID, family: UUID
) -> None:
    task, step_task = task_of(family), step(evacuation, "brief_city")
    reads = [
        f"/cases/{evacuation}", f"/cases/{evacuation}/process.bpmn", f"/tasks/{step_task.id}",
        f"/tasks/{task.id}", f"/objects/{family}", f"/evacuation/{province.WENLING}",
        f"/evacuation/{province.LIRUO}", f"/cases.csv?division={province.WENLING}",
        f"/objects.csv?type=flood_response.household&division={province.WENLING}",
        "/evacuation/999999999999",
    ]  # fmt: skip
    writes = [
        (f"/tasks/{task.id}/act", {"act": "accept"}),
        (f"/tasks/{step_task.id}/act", {"act": "accept"}),
        (f"/objects/{family}/report", {}),
    ]
    for unit in (NEIGHBOUR, "emergency@331083", "area@331126001"):
        browser, before = officer(unit), _refusals()

        answers = [browser.get(a) for a in reads] + [browser.post(a, d) for a, d in writes]

        assert [answer.status_code for answer in answers] == [403] * len(answers), unit
        assert all("请联系" in text_of(answer) for answer in answers)
        assert _refusals() - before == len(answers)
    assert Task.objects.get(id=task.id).state == "dispatched"


def test_a_thing_of_another_realm_is_not_there(
    realm: Realm, evacuation: UUID, family: UUID
) -> None:
    browser = officer(EMERGENCY)
    browser.post("/realm", {"realm": "live", "next": "/inbox"})

    answers = [
        browser.get(address)
        for address in (
            f"/cases/{evacuation}", f"/tasks/{task_of(family).id}", f"/objects/{family}"
        )
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "共 0 条" in text_of(browser.get("/cases"))
    browser.post("/realm", {"realm": realm, "next": "/cases"})
    assert "共 1 条" in text_of(browser.get("/cases"))


def test_a_realm_that_does_not_exist_changes_nothing(realm: Realm, case: UUID) -> None:
    browser = officer(EMERGENCY)

    browser.post("/realm", {"realm": "exercise:00000000-0000-7000-8000-000000000000"})
    browser.post("/realm", {"realm": "paradise"})

    assert "共 1 条" in text_of(browser.get("/cases"))


def test_another_line_of_the_county_reads_its_own_tasks_but_no_households(
    realm: Realm, evacuation: UUID, family: UUID
) -> None:
    browser = officer("water@331081")

    own = step(evacuation, "reservoir_check")

    assert browser.get(f"/cases/{evacuation}").status_code == 200
    assert browser.get(f"/tasks/{own.id}").status_code == 200
    assert browser.get(f"/evacuation/{province.WENLING}").status_code == 200
    assert browser.get(f"/objects/{family}").status_code == 403
    assert browser.get(f"/tasks/{task_of(family).id}").status_code == 403
    assert browser.get(f"/evacuation/{province.LIRUO}").status_code == 403


# Households and the headcount


def test_a_family_is_reported_safe_with_one_press_and_the_count_changes(
    realm: Realm, evacuation: UUID, family: UUID
) -> None:
    village = officer(VILLAGE, "head")
    before = text_of(village.get(f"/evacuation/{province.LIRUO}"))

    village.post(f"/objects/{family}/report")
    again = village.post(f"/objects/{family}/report")

    after = text_of(village.get(f"/evacuation/{province.LIRUO}"))
    assert "应转移户 1 已转移户 0 未转移户 1 未转移人数 3" in before
    assert "应转移户 1 已转移户 1 未转移户 0 未转移人数 0 完成率 100.0%" in after
    assert task_of(family).state == "completed"
    assert again.status_code == 409


def test_personal_columns_are_clear_near_home_and_masked_far_away(
    realm: Realm, evacuation: UUID, family: UUID
) -> None:
    near = text_of(officer(VILLAGE, "head").get(f"/objects/{family}"))
    far = text_of(officer("emergency@33").get(f"/objects/{family}"))
    far_list = text_of(officer("emergency@33", "head").get(f"/evacuation/{province.LIRUO}"))

    assert "林某01" in near
    assert "林某01" not in far
    assert "林某01" not in far_list
    assert "部分内容按您的岗位脱敏显示" in far
    assert "户籍信息为演练虚构" in near
    assert LeafRow.objects.filter(kind="object", object_id=family).count() == 2  # made, read once


def test_a_list_of_families_read_in_the_clear_is_in_the_log_and_a_masked_one_is_not(
    realm: Realm, evacuation: UUID
) -> None:
    def read() -> int:
        leaves = LeafRow.objects.filter(kind="object").values_list("encoded", flat=True)
        return sum(b'"act":"read"' in bytes(encoded) for encoded in leaves)

    officer("emergency@33").get(f"/evacuation/{province.LIRUO}")
    masked = read()
    officer(VILLAGE, "head").get(f"/evacuation/{province.LIRUO}")

    assert (masked, read()) == (0, 1)


def test_the_task_about_a_family_leads_to_the_family(
    realm: Realm, evacuation: UUID, family: UUID
) -> None:
    page = officer(VILLAGE, "head").get(f"/tasks/{task_of(family).id}").content.decode()

    assert f'href="/objects/{family}"' in page


def test_the_headcount_is_counted_down_the_tiers(realm: Realm, evacuation: UUID) -> None:
    browser = officer("emergency@33")

    for code, below in (
        ("330000000000", "台州市"), ("331000000000", "温岭市"), (province.WENLING, "石塘镇"),
    ):  # fmt: skip
        text = text_of(browser.get(f"/evacuation/{code}"))
        assert below in text
        assert "应转移户 1" in text


# Files


def test_an_export_holds_the_rows_of_the_own_area_and_no_other(
    realm: Realm, case: UUID, family: UUID
) -> None:
    province.household("HH33032710000101", "330327100001", realm=realm)
    unnamed = "/objects.csv?type=flood_response.household"
    address = f"{unnamed}&purpose=emergency_response"

    browser = officer(EMERGENCY)
    without_purpose = file_of(browser.get(unnamed))
    wenling = browser.get(address)
    whole = file_of(officer("emergency@33").get(address))
    mine = file_of(wenling)

    assert wenling.headers["Content-Disposition"] == (
        'attachment; filename="flood_response_household.csv"'
    )
    assert mine.startswith("\ufeff")
    assert "HH33108110522901" in mine
    assert "HH33032710000101" not in mine
    assert "林某01" in mine
    assert "林某01" not in without_purpose
    assert len(whole.splitlines()) == 3
    assert "林某01" not in whole
    assert LeafRow.objects.filter(kind="export").count() == 3


def test_lists_of_tasks_and_cases_are_exported_as_they_are_shown(realm: Realm, case: UUID) -> None:
    province.open_case(realm=realm, county=province.CANGNAN)
    browser = officer(EMERGENCY)

    tasks, cases = file_of(browser.get("/inbox.csv")), file_of(browser.get("/cases.csv"))

    assert len(tasks.splitlines()) == 3
    assert "发出风险提示单 · 温岭市" in tasks
    assert len(cases.splitlines()) == 2
    assert "苍南县" not in cases


def test_a_cell_that_a_spreadsheet_would_calculate_is_written_as_text(
    realm: Realm, flood: Package
) -> None:
    province.household("=HYPERLINK(1)", realm=realm)

    sent = file_of(officer(EMERGENCY).get("/objects.csv?type=flood_response.household"))

    assert "'=HYPERLINK(1)" in sent


def test_an_unknown_type_is_said_to_be_unknown(case: UUID) -> None:
    answer = officer(EMERGENCY).get("/objects.csv?type=flood_response.dragon")

    assert answer.status_code == 404
    assert "flood_response.dragon" in text_of(answer)


# Language, and pages that do not exist


def test_the_language_is_chosen_once_and_stays(case: UUID) -> None:
    browser = officer(EMERGENCY)

    back = browser.post("/language", {"language": "en", "next": "/inbox"})
    english = browser.get("/inbox")
    browser.post("/language", {"language": "klingon", "next": "/inbox"})

    assert back.headers["Location"] == "/inbox"
    assert "Issue the risk advisory" in text_of(english)
    assert 'lang="en"' in english.content.decode()[:200]
    assert "Issue the risk advisory" in text_of(browser.get("/inbox"))


def test_a_page_that_does_not_exist_says_so_and_keeps_the_frame(case: UUID) -> None:
    answer = officer(EMERGENCY).get("/nowhere")

    assert answer.status_code == 404
    assert "没有这个页面：/nowhere" in text_of(answer)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_page_shows_a_key_instead_of_a_word(
    realm: Realm, evacuation: UUID, family: UUID, language: str
) -> None:
    browser = officer(VILLAGE, "head", language=language)
    pages = [
        "/inbox", "/cases", f"/cases/{evacuation}", f"/tasks/{task_of(family).id}",
        f"/evacuation/{province.LIRUO}", f"/objects/{family}", "/search?q=x", "/nowhere",
    ]  # fmt: skip

    for address in pages:
        keys = _visible_keys(browser.get(address).content.decode())
        assert keys == "", f"{address}: {keys}"


def _visible_keys(html: str) -> str:
    """Return what looks like a key of the catalogue where people read."""
    text = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    texts = re.findall(r">([^<>]+)<", text) + re.findall(
        r'(?:aria-label|placeholder)="([^"]+)"', text
    )
    keys = [t.strip() for t in texts if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", t.strip())]
    return " ".join(keys)


# Speed


def test_pages_ask_the_store_equally_often_however_long_they_are(
    realm: Realm, flood: Package
) -> None:
    few, many = (province.open_case(realm=realm, matter=f"LEKIMA/{n}") for n in range(2))
    first = province.household("HH33108110522901", realm=realm)
    bring_to_action(realm, few)
    browser = officer(VILLAGE, "head")
    addresses = [
        "/inbox", f"/evacuation/{province.LIRUO}", "/cases", f"/objects/{first}",
        f"/tasks/{task_of(first).id}",
    ]  # fmt: skip
    before = {a: _queries(browser, a) for a in [*addresses, f"/cases/{few}"]}

    for n in range(2, 40):
        province.household(f"HH331081105229{n:02d}", realm=realm)
    bring_to_action(realm, many)

    after = {a: _queries(browser, a) for a in addresses}
    assert after == {a: before[a] for a in addresses}
    assert _queries(browser, f"/cases/{many}") == before[f"/cases/{few}"]
    assert max(after.values()) < 25


def _queries(browser: Client, address: str) -> int:
    browser.get(address)  # the first time a receipt may be written
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


def _refusals() -> int:
    return sum(
        b'"act":"refuse"' in bytes(e) for e in LeafRow.objects.values_list("encoded", flat=True)
    )
