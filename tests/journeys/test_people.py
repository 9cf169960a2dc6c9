"""Bringing people in, appointing, delegating, leaving: through HTTP, by the head of a county."""

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from tests import province
from tests.journeys.work_story import AREA, officer, text_of
from tests.province import Province

from guantong.access import api as access
from guantong.access.api import Thing
from guantong.base.clock import local_day, machine_now
from guantong.base.realm import LIVE
from guantong.orgs import api as orgs
from guantong.orgs.api import PersonRef

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province")]

CANGNAN = "area@330327"
HEAD = "人员编号,姓名,任职单位编码,岗位,职务,手机号码,身份证号\n"


def today() -> date:
    return local_day(machine_now())


@pytest.fixture
def head(province: Province) -> Client:
    """The head of Wenling's government, who administers the county."""
    return officer(AREA, "head")


@pytest.fixture
def neighbour(province: Province) -> Client:
    return officer(CANGNAN, "head")


def person(unit: str, post: str = "duty") -> PersonRef:
    return province.person(unit, post)


def unit_page(code: str) -> str:
    return f"/units/{province.unit(code).id}"


def bring(browser: Client, text: str, **more: str) -> str:
    file = SimpleUploadedFile("people.csv", text.encode("gb18030"))
    answer = browser.post("/people/import", {"file": file, **more})
    assert answer.status_code == 302, text_of(answer)
    return str(answer.headers["Location"])


def posts_of(id: UUID) -> list[tuple[str, str, str]]:
    return [(p.unit.code, p.post_code, p.kind) for p in orgs.posts_of_people([id], on=today())[id]]


def may(id: UUID, act: str, unit_code: str) -> bool:
    actor = access.actors_for_people([id], on=today())[id]
    unit = province.unit(unit_code)
    thing = Thing(kind="unit", division_code=unit.division_code, unit_ids=(unit.id,))
    return access.decide(actor, act, thing, realm=LIVE).allowed


# An import


def test_two_doubts_are_corrected_on_the_page_and_the_same_file_again_changes_nothing(
    head: Client,
) -> None:
    text = HEAD + (
        "WL-0001,王小明,water@331081,工作人员,科员,13800000001,11010519491231002X\n"
        "WL-0002,李小红,water@331801,工作人员,科员,,\n"
        "WL-0003,张大海,emergency@331081,工作人员,科员,1380000,\n"
    )
    here = bring(head, text)
    page = head.get(here)
    assert "2 行存疑" in text_of(page)
    assert "没有编码为 water@331801 的单位" in text_of(page)
    assert "手机号码不是以 13 至 19 开头的十一位数字" in text_of(page)
    assert head.post(f"{here}/apply").status_code == 409

    fields = re.findall(r'name="(cell-\d+-\w+)"', page.content.decode())
    values = {name: "water@331081" if name.endswith("unit") else "13900000003" for name in fields}
    rows = re.findall(r'name="row" value="(\d+)"', page.content.decode())
    corrected = head.post(f"{here}/correct", {"row": rows, **values}, follow=True)
    assert "没有存疑了" in text_of(corrected)
    applied = head.post(f"{here}/apply", follow=True)

    assert "已生效" in text_of(applied)
    for number, unit in (("WL-0001", "water"), ("WL-0002", "water"), ("WL-0003", "emergency")):
        id = orgs.person_by_number(number)
        assert id is not None
        assert posts_of(id) == [(f"{unit}@331081", "staff", "held")]
    right = text.replace("water@331801", "water@331081").replace("1380000,", "13900000003,")
    assert "没有需要变更的内容" in text_of(head.get(bring(head, right)))


def test_a_plan_is_opened_by_nobody_else(head: Client, neighbour: Client) -> None:
    here = bring(head, HEAD + "WL-0001,王小明,water@331081,工作人员,,,\n")

    other = officer(AREA, "duty")

    assert neighbour.get(here).status_code == 404
    assert neighbour.post(f"{here}/apply").status_code == 404
    assert other.get(here).status_code == 403
    assert orgs.person_by_number("WL-0001") is None


def test_a_file_that_is_no_table_is_refused_with_one_sentence(head: Client) -> None:
    file = SimpleUploadedFile("people.xlsx", b"%PDF-1.7 not a workbook")

    answer = head.post("/people/import", {"file": file})

    assert answer.status_code == 409
    assert "既不是 Excel 工作簿（.xlsx），也不是 CSV 文本" in text_of(answer)


def test_the_book_goes_out_as_a_workbook_that_comes_back_without_a_change(head: Client) -> None:
    taken = head.get("/people/book.xlsx").content

    file = SimpleUploadedFile("book.xlsx", taken)
    answer = head.post("/people/import", {"file": file}, follow=True)

    assert "没有需要变更的内容" in text_of(answer)


# Appointing


def test_somebody_new_is_appointed_seen_and_undone(head: Client) -> None:
    here = unit_page("water@331081")
    form = {"number": "WL-9", "name": "王小明", "post": "staff", "title": "科员", "kind": "held",
            "on": today().isoformat()}  # fmt: skip

    assert head.post(f"{here}/appoint", form).status_code == 302
    id = orgs.person_by_number("WL-9")
    assert id is not None
    mine = orgs.times_of_person(id)[0].appointment_id
    page = text_of(head.get(f"/people/{id}"))
    assert "科员（工作人员）" in page
    assert head.post(f"/appointments/{mine}/undo").status_code == 302

    assert posts_of(id) == []
    assert "没有任职" in text_of(head.get(f"/people/{id}"))


def test_a_filled_post_is_refused_beside_its_field_and_taken_by_acting_with_an_end(
    head: Client,
) -> None:
    here, acting = unit_page("water@331081"), person("emergency@331081", "second_duty")
    form = {"number": acting.number, "post": "head", "kind": "held", "on": today().isoformat()}

    refused = head.post(f"{here}/appoint", form)
    endless = head.post(f"{here}/appoint", form | {"kind": "acting"})
    until = (today() + timedelta(days=30)).isoformat()
    done = head.post(f"{here}/appoint", form | {"kind": "acting", "until": until})

    assert refused.status_code == endless.status_code == 409
    assert 'id="error-post"' in refused.content.decode()
    assert "必须有截止日" in text_of(endless)
    assert done.status_code == 302
    assert ("water@331081", "head", "acting") in posts_of(acting.id)


# Delegation


def test_a_delegate_acts_until_the_end_comes_and_then_no_longer(head: Client) -> None:
    giver = person(AREA, "head")
    colleague = person("emergency@331081", "duty")
    assert not may(colleague.id, "administer", "water@331081")
    form = {
        "post": str(orgs.times_of_person(giver.id)[0].post_id), "number": colleague.number,
        "on": today().isoformat(), "until": (today() + timedelta(days=1)).isoformat(),
        "reason": "出差",
    }  # fmt: skip

    assert head.post(f"/people/{giver.id}/delegate", form).status_code == 302

    delegate = officer("emergency@331081", "duty")
    water = unit_page("water@331081")
    assert (AREA, "head", "delegated") in posts_of(colleague.id)
    assert may(colleague.id, "administer", "water@331081")
    assert delegate.get(f"{water}/appoint").status_code == 200
    assert "生效中" in text_of(head.get(f"/people/{giver.id}"))
    with connection.cursor() as cursor:  # a day passes
        cursor.execute(
            "update orgs_delegation set valid_from = valid_from - 1, valid_to = valid_to - 1"
        )
    assert not may(colleague.id, "administer", "water@331081")
    assert delegate.get(f"{water}/appoint").status_code == 403


def test_what_was_delegated_is_not_handed_on(head: Client) -> None:
    giver, second = person(AREA, "head"), person("emergency@331081", "duty")
    third = person("water@331081", "duty")
    post = str(orgs.times_of_person(giver.id)[0].post_id)
    until = (today() + timedelta(days=1)).isoformat()
    form = {"post": post, "on": today().isoformat(), "until": until}
    head.post(f"/people/{giver.id}/delegate", form | {"number": second.number})

    delegate = officer("emergency@331081", "duty")
    answer = delegate.post(f"/people/{second.id}/delegate", form | {"number": third.number})

    assert answer.status_code == 409
    assert "受托的岗位不能转授" in text_of(answer)


def test_whoever_has_a_delegation_may_end_it_early(head: Client) -> None:
    giver, second = person(AREA, "head"), person("emergency@331081", "duty")
    post = orgs.times_of_person(giver.id)[0].post_id
    id = orgs.delegate(
        giver.id, second.id, post_id=post, on=today(), until=today() + timedelta(days=9),
        at=machine_now(), actor="test",
    )  # fmt: skip

    stranger = officer("water@331081", "duty").post(f"/delegations/{id}/end")
    ended = officer("emergency@331081", "duty").post(f"/delegations/{id}/end")

    assert (stranger.status_code, ended.status_code) == (403, 302)
    assert (AREA, "head", "delegated") not in posts_of(second.id)


# Leaving


def test_a_leaver_s_rights_end_at_once(head: Client) -> None:
    leaver = person("water@331081", "head")
    browser = officer("water@331081", "head")
    assert browser.get(f"{unit_page('water@331081')}/appoint").status_code == 200
    here = f"/people/{leaver.id}/leave"

    shown = head.post(here, {"on": today().isoformat()})
    assert "账号关闭，会话立即结束" in text_of(shown)
    assert posts_of(leaver.id) != []
    assert head.post(here, {"on": today().isoformat(), "sure": "1"}).status_code == 302

    assert posts_of(leaver.id) == []
    assert browser.get(unit_page("water@331081")).status_code in (302, 403)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from base_outboxmessage where event = 'PersonLeft'")
        assert cursor.fetchone() == (1,)


# Units


def test_a_merger_is_shown_before_it_is_done_and_history_stays(head: Client) -> None:
    here, into = unit_page("water@331081"), "agriculture@331081"
    form = {"into": into, "on": today().isoformat()}

    shown = head.post(f"{here}/merge", form)
    assert "承接：水利" in text_of(shown)
    assert province.unit("water@331081")  # still open
    done = head.post(f"{here}/merge", form | {"sure": "1"}, follow=True)

    assert "已于" in text_of(done)
    assert "并入" in text_of(head.get(unit_page(into)))
    found = orgs.resolve(
        orgs.Role.parse("water@county"), province.WENLING,
        units=orgs.jurisdictions(today()), on=today(),
    )  # fmt: skip
    assert isinstance(found, orgs.Responsibility)
    assert found.unit.code == into


def test_a_line_split_off_is_answered_by_the_new_unit(head: Client) -> None:
    water = province.unit("water@331081")
    row = orgs.jurisdictions_of(water.id)[0].id
    form = {"code": "wl-rivers", "name_zh": "温岭市河湖管理局", f"take-{row}": "on",
            "on": today().isoformat(), "sure": "1"}  # fmt: skip

    assert head.post(f"/units/{water.id}/split", form).status_code == 302

    page = text_of(head.get(f"/units/{water.id}"))
    assert "分设出: 温岭市河湖管理局" in page
    found = orgs.resolve(
        orgs.Role.parse("water@county"), province.WENLING,
        units=orgs.jurisdictions(today()), on=today(),
    )  # fmt: skip
    assert isinstance(found, orgs.Responsibility)
    assert found.unit.code == "wl-rivers"


def test_a_unit_that_appoints_a_stranger_does_not_learn_their_telephone(head: Client) -> None:
    stranger = person("emergency@331081", "second_duty")
    orgs.correct_person(stranger.id, name=stranger.name, mobile="13800000001", identity=None,
                        at=machine_now(), actor="test")  # fmt: skip
    bureau = officer("water@331081", "head")
    form = {"number": stranger.number, "post": "staff", "kind": "held", "on": today().isoformat()}

    assert bureau.post(f"{unit_page('water@331081')}/appoint", form).status_code == 302

    assert "13800000001" not in text_of(bureau.get(f"/people/{stranger.id}"))
    assert "13800000001" in text_of(head.get(f"/people/{stranger.id}"))


# Who answers where a line has no unit


def test_a_declared_chain_is_shown_before_it_holds_and_closes_a_gap(head: Client) -> None:
    ask = f"/people/answers?line=water&tier=county&place={province.WENLING}"
    here = "/people/chains/declare"
    form = {"line": "water", "area": province.WENLING, "on": today().isoformat()}
    row = orgs.jurisdictions_of(province.unit("water@331081").id)[0].id
    orgs.give_up(row, on=today(), at=machine_now(), actor="test")
    orgs.declare_chain("water", province.WENLING, ("gap",), on=today(),
                       at=machine_now(), actor="test")  # fmt: skip
    assert "声明为无人承担" in text_of(head.get(ask))

    shown = head.post(here, form | {"chain": "应急管理 → 上级条线"})
    assert "水利 · 县级，温岭市：无人承担 → 温岭市应急管理局" in text_of(shown)
    assert "声明为无人承担" in text_of(head.get(ask))
    done = head.post(here, form | {"chain": "应急管理 → 上级条线", "sure": "1"}, follow=True)

    assert "已声明，水利的承接顺序为：应急管理 → 上级条线" in text_of(done)
    page = text_of(head.get(ask))
    assert "温岭市应急管理局" in page
    assert "水利在当地没有单位，由应急管理条线承接（按" in page
    gaps = text_of(head.get("/people/gaps"))
    assert "其他条线承接" in gaps
    assert "由应急管理条线承接" in gaps
    assert "由应急管理条线承接" in head.get("/people/gaps.csv").content.decode()


def test_who_answered_on_a_day_that_is_past_is_still_told(head: Client) -> None:
    orgs.declare_chain("communications", province.WENLING, ("area",), on=today(),
                       at=machine_now(), actor="test")  # fmt: skip
    ask = f"/people/answers?line=communications&tier=county&place={province.WENLING}"

    now = text_of(head.get(ask))
    before = text_of(head.get(f"{ask}&on={(today() - timedelta(days=1)).isoformat()}"))

    assert "温岭市人民政府" in now
    assert "由本级政府承担" in now
    assert "台州市通信发展管理办公室" in before
    assert "默认的承接顺序" in before


def test_a_chain_of_words_that_are_none_is_refused_beside_its_field(head: Client) -> None:
    form = {"line": "water", "area": province.WENLING, "on": today().isoformat()}

    refused = head.post("/people/chains/declare", form | {"chain": "龙王"})

    assert refused.status_code == 409
    assert 'id="error-chain"' in refused.content.decode()


def test_a_chain_is_withdrawn_by_whoever_administers_its_area_alone(
    head: Client, neighbour: Client
) -> None:
    id = orgs.declare_chain("communications", province.WENLING, ("area",), on=today(),
                            at=machine_now(), actor="test")  # fmt: skip

    assert neighbour.post(f"/people/chains/{id}/withdraw").status_code == 403
    assert "本级政府 " in text_of(head.get("/people/chains"))
    assert head.post(f"/people/chains/{id}/withdraw").status_code == 302

    form = {"line": "water", "area": province.WENLING, "on": today().isoformat(), "chain": "area"}
    assert neighbour.post("/people/chains/declare", form).status_code == 403
    chains = orgs.jurisdictions(today()).chains
    assert chains.chain("communications", province.WENLING, on=today()) == ("next_tier",)


# The neighbour


def test_the_neighbour_s_head_is_refused_everywhere(neighbour: Client) -> None:
    water, officer_ = province.unit("water@331081"), person("water@331081", "duty")
    mine = orgs.times_of_person(officer_.id)[0].appointment_id
    row = orgs.jurisdictions_of(water.id)[0].id

    for address in (
        f"/units/{water.id}", f"/units/{water.id}/roster", f"/people/{officer_.id}",
        f"/units/{water.id}/appoint", f"/units/{water.id}/rename", f"/units/{water.id}/merge",
        f"/units/{water.id}/split", f"/units/{water.id}/office",
        f"/units/{water.id}/jurisdiction", f"/people/{officer_.id}/leave",
        f"/people/{officer_.id}/correct", f"/people/{officer_.id}/delegate",
        f"/appointments/{mine}/end", f"/appointments/{mine}/move",
    ):  # fmt: skip
        assert neighbour.get(address).status_code == 403, address
    for address in (
        f"/appointments/{mine}/undo", f"/units/{water.id}/jurisdiction/{row}/end",
        f"/units/{water.id}/roster", f"/units/{water.id}/roster/import",
        f"/people/{officer_.id}/leave", f"/units/{water.id}/merge",
    ):  # fmt: skip
        form = {"on": today().isoformat(), "sure": "1"}
        assert neighbour.post(address, form).status_code == 403, address
    here = bring(neighbour, HEAD + f"{officer_.number},{officer_.name},water@331081,工作人员,,,\n")
    assert "不在您的管理范围内" in text_of(neighbour.get(here))
    assert "温岭市水利局" not in text_of(neighbour.get("/people?q=温岭市水利局")).replace(
        "按单位名称", ""
    )


def test_a_bureau_s_head_administers_the_bureau_and_nothing_beside_it(province: Province) -> None:
    head = officer("water@331081", "head")

    assert head.get(f"{unit_page('water@331081')}/appoint").status_code == 200
    assert head.get(f"{unit_page('emergency@331081')}/appoint").status_code == 403
    here = bring(head, HEAD + "WL-0001,王小明,emergency@331081,工作人员,,,\n")
    assert "不在您的管理范围内" in text_of(head.get(here))


# Rosters and participants


def test_a_roster_is_brought_whole_or_not_at_all_and_its_gaps_are_listed(head: Client) -> None:
    here, duty = f"{unit_page('water@331081')}/roster", person("water@331081", "duty")
    lead = person("water@331081", "head")
    day = today().isoformat()
    good = (
        f"日期,班次,人员编号,方式\n{day},白班,{duty.number},值班\n{day},夜班,{lead.number},带班\n"
    )

    wrong = SimpleUploadedFile("roster.csv", good.replace("夜班", "中班").encode())
    refused = head.post(f"{here}/import", {"file": wrong})
    assert "第 3 行" in text_of(refused)
    file = SimpleUploadedFile("roster.csv", good.encode())
    brought = head.post(f"{here}/import", {"file": file}, follow=True)

    assert "新排或更改 2 个班" in text_of(brought)
    assert "无人值班" in text_of(brought)
    unit = province.unit("water@331081").id
    assert set(orgs.duty_people([unit], on=today())[unit][:2]) == {duty.id, lead.id}

    shift = next(s for s in orgs.shifts(unit, since=orgs.times_of(today(), "day")[0],
                                        until=orgs.times_of(today(), "night")[1])
                 if s.person_id == duty.id)  # fmt: skip
    head.post(f"{here}/{shift.id}/cancel")
    again = head.post(f"{here}/import", {"file": SimpleUploadedFile("r.csv", good.encode())})
    assert "第 2 行：该班次已从值班表取消" in text_of(again)
    assert orgs.on_duty_now(unit, at=shift.starts_at) == []


def test_holes_of_the_week_and_a_leaver_s_shifts_are_named_on_the_unit_s_page(
    head: Client,
) -> None:
    unit, leaver = province.unit("water@331081"), person("water@331081", "second_duty")
    tomorrow = today() + timedelta(days=1)
    orgs.put_on_duty(unit.id, [(leaver.id, "duty", *orgs.times_of(tomorrow, "night"))],
                     at=machine_now(), actor="test")  # fmt: skip
    page = text_of(head.get(unit_page("water@331081")))
    assert "今天起七天内无人值班的时段" in page
    assert f"至 {tomorrow.year}年{tomorrow.month}月{tomorrow.day}日 20:00" in page

    orgs.leave_office(leaver.id, on=today(), at=machine_now(), actor="test")

    assert f"{leaver.name} 自" in text_of(head.get(unit_page("water@331081")))
    assert "已离任" in text_of(head.get(f"{unit_page('water@331081')}/roster"))


@pytest.mark.usefixtures("flood")
def test_two_swap_their_shifts_when_the_other_agrees_and_the_head_swaps_at_once(
    head: Client,
) -> None:
    here, unit = f"{unit_page('water@331081')}/roster", province.unit("water@331081").id
    one, two = person("water@331081", "duty"), person("water@331081", "second_duty")
    nights = [orgs.times_of(today() + timedelta(days=n), "night") for n in (1, 2)]
    first, second = orgs.put_on_duty(
        unit, [(one.id, "duty", *nights[0]), (two.id, "duty", *nights[1])],
        at=machine_now(), actor="test",
    )  # fmt: skip

    def who() -> list[UUID]:
        return [orgs.on_duty_now(unit, at=night[0])[0].person_id for night in nights]

    asker, other = officer("water@331081", "duty"), officer("water@331081", "second_duty")
    assert other.post(f"{here}/swap", {"shift": first, "other": second}).status_code == 403
    asked = asker.post(f"{here}/swap", {"shift": first, "other": second}, follow=True)
    assert "对方同意后生效" in text_of(asked)
    assert who() == [one.id, two.id]
    province.deliver(LIVE)
    assert f"{one.name} 想与您换班" in text_of(other.get("/notices"))
    answer = re.findall(r'action="([^"]*/swaps/[^"]*)"', other.get(here).content.decode())[0]
    assert asker.post(answer, {"answer": "agree"}).status_code == 403
    assert "已换班" in text_of(other.post(answer, {"answer": "agree"}, follow=True))
    assert who() == [two.id, one.id]
    province.deliver(LIVE)
    assert "您的班次已换" in text_of(asker.get("/notices"))
    assert asker.post(answer, {"answer": "agree"}).status_code == 403

    now = orgs.shifts(unit, since=nights[0][0], until=nights[1][1])
    head.post(f"{here}/swap", {"shift": now[0].id, "other": now[1].id})
    assert who() == [one.id, two.id]


def test_a_roster_comes_as_a_workbook_with_hours_of_its_own(head: Client) -> None:
    from io import BytesIO

    from openpyxl import Workbook

    here, duty = f"{unit_page('water@331081')}/roster", person("water@331081", "duty")
    second = person("water@331081", "second_duty")
    book, day = Workbook(), today() + timedelta(days=1)
    sheet = book.active
    assert sheet is not None
    for row in (["日期", "班次", "人员编号", "方式"], [day, "18:00-06:00", duty.number, "值班"],
                [day, "18:00-06:00", second.number, "副班"]):  # fmt: skip
        sheet.append(row)
    buffer = BytesIO()
    book.save(buffer)

    file = SimpleUploadedFile("roster.xlsx", buffer.getvalue())
    brought = head.post(f"{here}/import", {"file": file}, follow=True)

    assert "新排或更改 2 个班" in text_of(brought)
    unit = province.unit("water@331081").id
    start, end = orgs.shifts(unit, since=orgs.times_of(day, "day")[0],
                             until=orgs.times_of(day, "night")[1])[0].times()[0]  # fmt: skip
    assert (end - start) == timedelta(hours=12)
    on_duty = orgs.on_duty_now(unit, at=end - timedelta(seconds=1))
    assert [s.person_id for s in on_duty] == [duty.id, second.id]


def test_a_citizen_is_registered_found_by_number_and_read_by_the_keeper_alone(
    head: Client, neighbour: Client
) -> None:
    form = {"name": "林小月", "identity": "11010519491231002X", "mobile": "13800000001",
            "place": province.WENLING}  # fmt: skip
    wrong = head.post("/participants/citizen", form | {"identity": "110105194912310021"})
    assert 'id="error-identity"' in wrong.content.decode()
    made = head.post("/participants/citizen", form)

    here = str(made.headers["Location"])
    assert "13800000001" in text_of(head.get(here))
    assert "13800000001" not in text_of(head.get("/participants/citizen"))
    assert "林小月" in text_of(head.get("/participants/citizen?q=11010519491231002X"))
    assert neighbour.get(here).status_code == 403
    assert "林小月" not in text_of(neighbour.get("/participants/citizen"))
    assert str(orgs.citizen_by_identity("11010519491231002X")) in here


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_of_people_has_words_in_both_languages(
    province_pages: list[str], language: str
) -> None:
    browser = officer(AREA, "head", language=language)

    for address in province_pages:
        page = browser.get(address)
        assert page.status_code == 200, address
        assert not re.findall(r"\bpeople\.[a-z_.]+", text_of(page)), address


@pytest.fixture
def province_pages(province: Province) -> list[str]:
    unit, one = unit_page("water@331081"), person("water@331081")
    mine = orgs.times_of_person(one.id)[0].appointment_id
    acts = ("appoint", "rename", "merge", "split", "office", "jurisdiction", "roster")
    return [
        "/people", "/people/chains", "/people/chains/declare", "/people/answers",
        f"/people/answers?line=communications&place={provinces_county()}",
        "/people?q=water", f"/people?place={provinces_county()}", "/people/gaps",
        "/people/import", unit, *(f"{unit}/{act}" for act in acts), f"/people/{one.id}",
        f"/people/{one.id}/leave", f"/people/{one.id}/correct", f"/people/{one.id}/delegate",
        f"/appointments/{mine}/end", f"/appointments/{mine}/move", "/participants/citizen",
        "/participants/enterprise", "/participants/external_system",
    ]  # fmt: skip


def provinces_county() -> str:
    return province.WENLING
