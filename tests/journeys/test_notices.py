"""Notices between units: sent by hand, read, accepted, urged, and what goes out of the platform."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any
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
    bring_to_approval,
    do_step,
    file_of,
    officer,
    step,
    text_of,
)
from tests.kernel.notices.loopback import Receiver, receiver

from guantong.audit.models import LeafRow
from guantong.base import clock
from guantong.base.realm import LIVE, Realm
from guantong.brain.events import AlertChanged
from guantong.flows import api as flows
from guantong.main import outgoing, telling
from guantong.notices import api as notices
from guantong.notices import channel
from guantong.notices.models import Delivery, Notice, Receipt
from guantong.orgs.delegations import delegate
from guantong.orgs.events import DelegationGiven, PersonAppointed
from guantong.orgs.models import Post
from guantong.packages import errands
from guantong.packages.api import Package
from guantong.packages.exercise import scenario

pytestmark = pytest.mark.django_db

TAIPING = "area@331081001"
NEIGHBOUR = "emergency@330327"


@pytest.fixture
def live(province: province.Province) -> Realm:
    """The live realm of the small province, without any exercise to look into."""
    return LIVE


@pytest.fixture
def actors(flood: Package) -> Package:
    """The flood application with the actors of its own exercise."""
    errands.cast(flood, scenario(flood)["actors"])
    return flood


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A system of the bureau that takes notices by the hook."""
    with receiver() as system:
        path = tmp_path / "channels.yaml"
        path.write_text(f"channels: {{bus: {{type: hook, url: '{system.url}'}}}}", "utf-8")
        monkeypatch.setenv("GUANTONG_CHANNELS", str(path))
        monkeypatch.setattr(channel, "_held", None)
        yield system
    channel._held = None


def draft(unit: str, group: str = "area_below", **more: str) -> dict[str, str]:
    return {
        "post": str(province.unit(unit).id), "group": group, "who": "duty",
        "title": "加强海塘巡查", "text": "请今晚十点前\n巡查一遍。", "asks": "acceptance",
        "within": "4",
        **more,
    }  # fmt: skip


def units_of(answer: Any) -> list[str]:
    return re.findall(r'name="unit" value="([^"]+)" checked', answer.content.decode())


def write(browser: Client, unit: str, **more: str) -> UUID:
    """Write a notice as the pages do: typed, looked at, sent. Return it."""
    typed = draft(unit, **more)
    looked = browser.post("/notices/new", typed)
    sent = browser.post("/notices/new", {**typed, "act": "send", "unit": units_of(looked)})
    assert sent.status_code == 302, text_of(sent)
    return UUID(sent.headers["Location"].split("/")[2])


# The story


def test_a_bureau_writes_to_its_townships_one_accepts_and_the_other_is_reminded(
    live: Realm,
) -> None:
    bureau, shitang = officer(EMERGENCY), officer(TOWNSHIP)

    looked = bureau.post("/notices/new", draft(EMERGENCY))
    notice = write(bureau, EMERGENCY)
    menu = shitang.get("/inbox").content.decode()
    listed = text_of(shitang.get("/notices"))
    opened = shitang.get(f"/notices/{notice}")
    accepted = shitang.post(f"/notices/{notice}/accept")
    reminded = bureau.post(f"/notices/{notice}/remind")
    table = text_of(bureau.get(f"/notices/{notice}/receipts"))
    waiting = text_of(bureau.get(f"/notices/{notice}/receipts?show=waiting"))
    nagged = bureau.post(f"/notices/{notice}/remind")

    assert "2 个单位，2 个接收人" in text_of(looked)
    assert re.search(r'href="/notices"(?:(?!</a>).)*<span class="count">1</span>', menu, re.DOTALL)
    assert "加强海塘巡查" in listed
    assert "待签收" in listed
    assert "请今晚十点前 巡查一遍。" in text_of(opened)
    assert "剩 3 小时 59 分" in text_of(opened)
    assert accepted.headers["Location"] == f"/notices/{notice}"
    assert "签收链" in text_of(shitang.get(f"/notices/{notice}"))
    assert reminded.status_code == 302
    assert "已签收" in table
    assert "太平街道办事处" in waiting
    assert "石塘镇人民政府" not in waiting
    assert Receipt.objects.get(reminded_times=1).unit_id == province.unit(TAIPING).id
    assert nagged.status_code == 409
    assert "十分钟内刚催办过" in text_of(nagged)


def test_a_unit_left_out_on_the_second_page_gets_nothing(live: Realm) -> None:
    bureau = officer(EMERGENCY)
    wanted = str(province.unit(TOWNSHIP).id)

    bureau.post("/notices/new", {**draft(EMERGENCY), "act": "send", "unit": [wanted]})

    assert [str(r.unit_id) for r in Receipt.objects.all()] == [wanted]


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(live: Realm) -> None:
    bureau = officer(EMERGENCY)

    empty = bureau.post("/notices/new", {**draft(EMERGENCY), "title": " ", "within": ""})
    long = bureau.post("/notices/new", {**draft(EMERGENCY), "text": "长" * 2001})
    stranger = bureau.post("/notices/new", {**draft(EMERGENCY), "group": "everybody"})
    nobody = bureau.post("/notices/new", {**draft(EMERGENCY), "act": "send"})
    back = bureau.post("/notices/new", {**draft(EMERGENCY), "act": "edit"})

    assert [a.status_code for a in (empty, long, stranger, nobody)] == [422] * 4
    assert "请填写标题。" in text_of(empty)
    assert "请选择签收时限。" in text_of(empty)
    assert "最多 2,000 字，请缩短。" in text_of(long)
    assert "请选择发给哪些单位。" in text_of(stranger)
    assert "请至少勾选一个单位。" in text_of(nobody)
    assert "巡查一遍。" in back.content.decode()
    assert Notice.objects.count() == 0


def test_a_notice_is_taken_back_at_once_and_not_after_a_minute(live: Realm) -> None:
    bureau, shitang = officer(EMERGENCY), officer(TOWNSHIP)
    first, second = write(bureau, EMERGENCY), write(bureau, EMERGENCY, title="第二条")
    shitang.get(f"/notices/{first}")
    Notice.objects.filter(id=second).update(releases_at=clock.machine_now())

    bureau.post(f"/notices/{first}/withdraw")
    late = bureau.post(f"/notices/{second}/withdraw")

    assert "发送单位已撤回这条通知" in text_of(shitang.get(f"/notices/{first}"))
    assert shitang.post(f"/notices/{first}/accept").status_code == 409
    assert late.status_code == 409
    assert "请另发一条更正通知" in text_of(late)


def test_chosen_notices_are_marked_as_read_and_can_be_searched_and_taken_away(
    live: Realm,
) -> None:
    bureau, shitang = officer(EMERGENCY), officer(TOWNSHIP)
    kept = write(bureau, EMERGENCY, title="=HYPERLINK(1)")
    read = write(bureau, EMERGENCY, title="值班安排")

    shitang.post("/notices/read", {"notice": [str(read), "nonsense"]})

    assert "值班安排" not in text_of(shitang.get("/notices"))
    assert "值班安排" in text_of(shitang.get("/notices?show=all&q=值班"))
    assert "没有找到" in text_of(shitang.get("/notices?q=海啸"))
    sheet = file_of(shitang.get("/notices.csv?show=all"))
    assert "'=HYPERLINK(1)" in sheet
    assert len(sheet.splitlines()) == 3
    assert Receipt.objects.get(notice_id=kept, person_id=province.person(TOWNSHIP).id).received_at


def test_the_table_of_receipts_is_exported_and_its_delivery_is_in_the_log(live: Realm) -> None:
    bureau = officer(EMERGENCY)
    notice = write(bureau, EMERGENCY)
    before = LeafRow.objects.filter(kind="notice").count()

    sheet = file_of(bureau.get(f"/notices/{notice}/receipts.csv"))

    assert len(sheet.splitlines()) == 3
    assert "石塘镇人民政府" in sheet
    assert LeafRow.objects.filter(kind="notice").count() == before + 1


# Who may not


def test_a_stranger_reads_accepts_reminds_and_takes_back_nothing(live: Realm) -> None:
    notice = write(officer(EMERGENCY), EMERGENCY)
    here = f"/notices/{notice}"
    for unit in (NEIGHBOUR, "water@331081", TAIPING.replace("331081001", "331083001")):
        browser = officer(unit)

        reads = [browser.get(here + end) for end in ("", "/receipts", "/receipts.csv")]
        writes = [
            browser.post(here + end) for end in ("/accept", "/remind", "/withdraw", "/send-again")
        ]

        assert [a.status_code for a in reads + writes] == [403] * 7, unit
    assert Receipt.objects.filter(read_at=None, accepted_at=None).count() == 2
    assert Notice.objects.get(id=notice).state == "sent"


def test_a_reader_does_not_see_who_else_has_accepted(live: Realm) -> None:
    notice = write(officer(EMERGENCY), EMERGENCY)

    assert officer(TOWNSHIP).get(f"/notices/{notice}/receipts").status_code == 403


def test_a_post_writes_within_its_area_only_whatever_it_sends(live: Realm) -> None:
    village = officer(VILLAGE, "head")
    foreign = str(province.unit(NEIGHBOUR).id)

    answers = [
        village.post("/notices/new", {**draft(VILLAGE, group), "act": "send", "unit": [foreign]})
        for group in ("area_below", "line_below", "own")
    ]
    disguised = village.post("/notices/new", {**draft(NEIGHBOUR), "act": "send", "unit": [foreign]})

    assert [a.status_code for a in answers] == [422, 422, 422]
    assert disguised.status_code == 422
    assert Notice.objects.count() == 0


def test_only_the_administrator_sees_what_goes_out(live: Realm) -> None:
    bureau = officer(EMERGENCY)

    assert bureau.get("/notices/deliveries").status_code == 403
    assert bureau.post("/notices/deliveries/again").status_code == 403
    assert "没有外发渠道" in text_of(officer("emergency@33", "head").get("/notices/deliveries"))


def test_whoever_stands_in_by_delegation_reads_and_accepts_for_the_other(live: Realm) -> None:
    holder, deputy = province.person(TOWNSHIP), province.person(TAIPING)
    now = clock.machine_now()
    today = clock.local_day(now)
    post = Post.objects.get(unit_id=province.unit(TOWNSHIP).id, code="duty").id
    until = today + timedelta(days=2)
    delegate(holder.id, deputy.id, post_id=post, on=today, until=until, at=now, actor="test")
    notice = write(officer(EMERGENCY), EMERGENCY)

    answer = officer(TAIPING).post(f"/notices/{notice}/accept")

    assert answer.status_code == 302
    accepted = Receipt.objects.get(notice_id=notice, unit_id=province.unit(TOWNSHIP).id)
    assert (accepted.person_id, accepted.accepted_by) == (holder.id, deputy.id)


# Facts become notices


def test_new_tasks_reach_whoever_is_on_duty_and_taking_them_on_accepts_the_notice(
    realm: Realm, actors: Package
) -> None:
    case = province.open_case(realm=realm, data={"track_id": "LEKIMA"})
    province.deliver(realm)
    bureau = officer(EMERGENCY)
    bureau.post("/realm", {"realm": realm})

    listed = text_of(bureau.get("/notices"))
    advise = step(case, "advise")
    flows.accept(realm, {advise.id: province.person(EMERGENCY).id}, at=clock.now(realm))
    province.deliver(realm)
    province.deliver(realm)

    assert "新任务：" in listed
    assert "温岭市" in listed
    receipt = Receipt.objects.get(notice_id=Notice.objects.get().id)
    assert receipt.accepted_by == province.person(EMERGENCY).id
    assert notices.unread(realm, [province.person(EMERGENCY).id]) == 0
    assert notices.unread(LIVE, [province.person(EMERGENCY).id]) == 0


def test_many_tasks_of_one_fact_are_one_notice_with_a_line_for_each_unit(
    realm: Realm, actors: Package
) -> None:
    for number in range(12):
        province.household(f"HH3310811052290{number:02d}", realm=realm)
    case = province.open_case(realm=realm, data={"track_id": "LEKIMA"})
    bring_to_approval(realm, case)
    province.deliver(realm)
    before = Notice.objects.count()

    do_step(realm, case, "approve", AREA, "head", approved="yes")
    with CaptureQueriesContext(connection) as asked:
        province.deliver(realm)

    told = Notice.objects.order_by("-sent_at", "-id").first()
    assert told is not None
    village = Receipt.objects.filter(unit_id=province.unit(VILLAGE).id).latest("items")
    assert village.items >= 12
    assert Notice.objects.count() - before <= 4
    assert len(asked) < 200


def test_late_tasks_are_told_to_their_holders_and_to_the_units_above(
    realm: Realm, actors: Package
) -> None:
    case = province.open_case(realm=realm, data={"track_id": "LEKIMA"})
    late = step(case, "advise")

    flows.run_due(realm, late.limit_at + timedelta(seconds=1))
    province.deliver(realm)

    told = {
        Receipt.objects.get(notice_id=n.id).unit_id: n.title_zh
        for n in Notice.objects.filter(kind="overdue")
    }
    assert told[province.unit(EMERGENCY).id].startswith("任务超时：")
    assert told[province.unit("emergency@3310").id].startswith("请督办：")


def test_a_red_alert_is_told_at_once_to_the_government_and_the_lead_and_no_other_level_is(
    live: Realm, flood: Package
) -> None:
    def change(level: str, how: str, alert: str) -> None:
        fact = AlertChanged(
            alert_id=alert, signal="flood_response.typhoon", matter=f"LEKIMA/{province.WENLING}",
            division_code=province.WENLING, level=level, change=how,
        )  # fmt: skip
        for _ in range(2):
            telling.on_alert_changed(LIVE, province.EVENING, asdict(fact))

    change("orange", "opened", "1")
    change("red", "lowered", "2")
    change("red", "raised", "3")

    told = Notice.objects.get()
    assert told.urgent
    assert "温岭市红色预警" in told.title_zh
    assert "Wenling" in told.title_en
    assert set(Receipt.objects.values_list("unit_id", flat=True)) == {
        province.unit(AREA).id, province.unit(EMERGENCY).id
    }  # fmt: skip


def test_an_appointment_and_a_delegation_are_told_to_the_person_once(live: Realm) -> None:
    from guantong.base.outbox import publish
    from guantong.main import wiring

    wiring.join()
    person, unit = province.person(TOWNSHIP, "head"), province.unit(TOWNSHIP)
    now = clock.machine_now()
    day = clock.local_day(now)
    for _ in range(2):
        publish(
            LIVE,
            PersonAppointed(appointment_id=unit.id, person_id=person.id, unit_id=unit.id,
                            post_code="head", kind="acting", on=day),
            DelegationGiven(delegation_id=unit.id, from_person_id=unit.id,
                            to_person_id=person.id, unit_id=unit.id, post_code="duty", on=day,
                            until=day),
            at=now,
        )  # fmt: skip
    province.deliver()

    shown = text_of(officer(TOWNSHIP, "head").get("/notices"))

    assert "代理通知：石塘镇人民政府" in shown
    assert "受托通知：石塘镇人民政府" in shown
    assert Notice.objects.filter(kind="organisation").count() == 2


# Out of the platform


def test_the_worker_sends_by_the_hook_once_and_an_exercise_sends_nothing(
    realm: Realm, outside: Receiver
) -> None:
    bureau = officer(EMERGENCY)
    bureau.post("/realm", {"realm": realm})
    write(bureau, EMERGENCY, title="演练通知", urgent="on")
    bureau.post("/realm", {"realm": "live"})
    write(bureau, EMERGENCY, title="实际通知", urgent="on")

    for _ in range(2):
        notices.deliver_due(clock.machine_now)

    titles = [envelope["data"]["title"] for envelope in outside.taken.values()]
    assert titles == ["【紧急】实际通知"] * 2
    assert len(outside.requests) == 2
    assert set(Delivery.objects.values_list("realm", flat=True)) == {LIVE}


def test_a_broken_file_of_channels_keeps_nobody_from_writing_to_people(
    live: Realm, outside: Receiver, tmp_path: Path
) -> None:
    (tmp_path / "channels.yaml").write_text("channels: [", "utf-8")
    bureau = officer(EMERGENCY)

    notice = write(bureau, EMERGENCY)

    assert Receipt.objects.filter(notice_id=notice).count() == 2
    assert outgoing.turn() is False
    assert Delivery.objects.count() == 0
    shown = text_of(officer("emergency@33", "head").get("/notices/deliveries"))
    assert "通知渠道无法使用" in shown


def test_the_administrator_sees_what_failed_and_tries_it_again(
    live: Realm, outside: Receiver
) -> None:
    outside.answers = [400, 400]
    write(officer(EMERGENCY), EMERGENCY, urgent="on")
    notices.deliver_due(clock.machine_now)
    admin = officer("emergency@33", "head")

    page = admin.get("/notices/deliveries")
    one, other = Delivery.objects.order_by("id")
    admin.post("/notices/deliveries/again", {"delivery": str(one.id)})
    admin.post("/notices/deliveries/give-up", {"delivery": str(other.id)})
    gone = admin.post("/notices/deliveries/give-up", {"delivery": str(other.id)})
    notices.deliver_due(clock.machine_now)

    assert "未发出" in text_of(page)
    assert "13800" not in text_of(page)
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["sent", "withdrawn"]
    assert gone.status_code == 409


def test_quiet_hours_digests_and_addresses_are_chosen_on_one_page(
    live: Realm, outside: Receiver
) -> None:
    shitang = officer(TOWNSHIP)
    person = province.person(TOWNSHIP).id
    wanted = {
        "quiet_from": "21:00", "quiet_to": "6：30", "daily_at": "8:00", "mode_message": "hourly",
        "through_work": "on", "channel_bus": "on", "mobile": "138 0000 0000", "mail": "",
    }  # fmt: skip

    wrong = shitang.post("/notices/settings", {**wanted, "quiet_to": "25:00", "mail": "x"})
    half = shitang.post("/notices/settings", {**wanted, "quiet_to": ""})
    address = shitang.post("/notices/settings", {**wanted, "mobile": "123"})
    right = shitang.post("/notices/settings", wanted)

    chosen = notices.preference_of(person)
    assert [wrong.status_code, half.status_code, address.status_code] == [422, 422, 422]
    assert "时间的格式不对" in text_of(wrong)
    assert "开始和结束须同时填写" in text_of(half)
    assert "手机号或邮箱的格式不对" in text_of(address)
    assert right.status_code == 302
    assert f"{chosen.quiet_from}-{chosen.quiet_to}" == "21:00:00-06:30:00"
    assert (chosen.mode("message"), chosen.channels) == ("hourly", ("bus",))
    assert chosen.through_quiet == {"work"}
    assert "06:30" in shitang.get("/notices/settings").content.decode()


# Pages


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_page_of_notices_shows_a_key_instead_of_a_word(
    live: Realm, outside: Receiver, language: str
) -> None:
    bureau = officer(EMERGENCY, language=language)
    notice = write(bureau, EMERGENCY)
    admin = officer("emergency@33", "head", language=language)
    pages = [
        bureau.get(address)
        for address in (
            "/notices", "/notices?show=all", "/notices?show=accept", "/notices/new",
            "/notices/sent", "/notices/settings", f"/notices/{notice}",
            f"/notices/{notice}/receipts",
        )
    ]  # fmt: skip
    pages += [bureau.post("/notices/new", draft(EMERGENCY)), admin.get("/notices/deliveries")]
    pages += [admin.get(f"/notices/deliveries?show={name}") for name in notices.DELIVERY_CHIPS]

    for shown in pages:
        assert shown.status_code == 200
        texts = re.findall(r">([^<>]+)<", shown.content.decode())
        keys = [t.strip() for t in texts if re.fullmatch(r"[a-z_]+(\.[a-z_-]+)+", t.strip())]
        assert keys == []


def test_pages_of_notices_ask_the_store_equally_often_however_long_they_are(live: Realm) -> None:
    bureau, shitang = officer(EMERGENCY), officer(TOWNSHIP)
    first = write(bureau, EMERGENCY)
    addresses = ("/notices?show=all", "/notices/sent", f"/notices/{first}/receipts")
    who: Callable[[str], Client] = lambda a: shitang if a.startswith("/notices?") else bureau  # noqa: E731
    before = {a: _queries(who(a), a) for a in addresses}

    for number in range(12):
        write(bureau, EMERGENCY, title=f"第{number}条")

    assert {a: _queries(who(a), a) for a in addresses} == before
    assert max(before.values()) < 25


def _queries(browser: Client, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)
