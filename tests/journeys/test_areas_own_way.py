"""A county says and asks things its own way: its officer sees it, the neighbour not; an upgrade.

Through HTTP in this process: words and a form changed for one county with a look before, read on
the task, in the inbox and by the interface; a release that changed both is decided side by side;
what is taken back gives way to the package's word.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.test import Client
from tests import province
from tests.journeys.work_story import file_of, officer, step, text_of
from tests.kernel.packages.releases import enter, version
from tests.province import WENLING, YUHUAN

from guantong.base.clock import local_day, machine_now
from guantong.main import wiring
from guantong.packages import api as packages
from guantong.packages.api import Brought, Package
from guantong.packages.life import current
from guantong.packages.life.models import AreaDifference

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province", "flood")]

ALL = "/apps/flood_response/areas"
OURS, NEIGHBOURS = f"{ALL}/{WENLING}", f"{ALL}/{YUHUAN}"
REWORD = f"{OURS}/words/node.advise"
ADD, QUESTION = f"{OURS}/forms/advisory/add", f"{OURS}/forms/advisory/fields/advice"
PLATFORM = ("emergency@33", "head")


@pytest.fixture(autouse=True)
def _followed(flood: Package, settings: Any) -> Iterator[None]:
    settings.SECOND_FACTOR = "optional"
    enter(flood)
    packages.follow()
    yield
    current.forget()
    wiring.install_folder(django_settings.APPS_FOLDER)


@pytest.fixture
def head() -> Client:
    return officer("emergency@331081", "head")


def said(**more: str) -> dict[str, str]:
    today = local_day(machine_now()).isoformat()
    return {"on": today, "until": "", "why": "本地一直这样叫"} | more


def reworded(text: str = "报送防御建议") -> dict[str, str]:
    return said(**{"zh-CN": text, "en": "Issue the risk advisory"})


def added(**more: str) -> dict[str, str]:
    return said(**{
        "type": "choice", "label-zh-CN": "广播是否开通", "label-en": "Loudspeakers on?",
        "hint-zh-CN": "", "hint-en": "", "choices": "已开通 | on\n未开通 | off\n", "after": "-",
    }) | more  # fmt: skip


def asked(flood: Package, label: str, hint: str = "") -> dict[str, str]:
    """Return the question of the advisory as its page posts it, with another Chinese label."""
    en, own = flood.own_words("en"), flood.own_words("zh-CN")
    return said(**{
        "label-zh-CN": label, "label-en": en["form.advice"],
        "hint-zh-CN": hint or own["form.advice_hint"], "hint-en": en["form.advice_hint"],
        "after": "-",
    })  # fmt: skip


def make(browser: Client, path: str, given: dict[str, str]) -> str:
    """Look at a change, make it, and return what is shown afterwards."""
    looked = browser.post(path, given)
    assert looked.status_code == 200, text_of(looked)
    done = browser.post(path, given | {"sure": "1"}, follow=True)
    assert done.status_code == 200, text_of(done)
    return text_of(done)


def advice(county: str) -> tuple[UUID, str]:
    """Open a case in a county, and return its first task with its address."""
    task = step(province.open_case(county=county), "advise")
    return task.id, f"/tasks/{task.id}"


def duty(county: str) -> Client:
    return officer(f"emergency@{county[:6]}", "duty")


def test_a_county_s_officer_reads_and_answers_it_its_own_way_and_the_neighbour_not(
    flood: Package, head: Client
) -> None:
    before = flood.say("node.advise", "zh-CN")
    empty = text_of(head.get(ALL))
    found = text_of(head.get(f"{OURS}/words", {"q": before}))
    looked = text_of(head.post(REWORD, reworded()))
    assert not AreaDifference.objects.exists()
    make(head, REWORD, reworded())
    forms = make(head, ADD, added())
    ours, theirs = duty(WENLING), duty(YUHUAN)
    (id, here), (_, there) = advice(WENLING), advice(YUHUAN)

    mine, others = text_of(ours.get(here)), text_of(theirs.get(there))
    inbox, search = text_of(ours.get("/inbox")), text_of(ours.get("/inbox", {"q": "报送防御"}))
    ours.post(here + "/act", {"act": "accept"})
    by_key = ours.get(f"/api/v1/tasks/{id}").json()
    page = text_of(ours.get(here))
    wrong = ours.post(here + "/act", {"act": "complete", "advice": "请加强防范",
                                      "own_331081_1": "也许"})  # fmt: skip
    ours.post(here + "/act", {"act": "complete", "advice": "请加强防范", "own_331081_1": "已开通"})
    theirs.post(there + "/act", {"act": "accept"})
    theirs.post(there + "/act", {"act": "complete", "advice": "请加强防范"})

    assert "各地都按应用原文" in empty
    assert "改表述" in empty
    assert before in found
    assert f"{before} → 报送防御建议" in looked
    assert "广播是否开通 选填 本地增加" in forms
    assert "报送防御建议 · 温岭市" in mine
    assert "报送防御建议 · 温岭市" in inbox
    assert "报送防御建议 · 温岭市" in search
    assert f"{before} · 玉环市" in others
    assert "报送防御建议" not in others
    assert by_key["title"].startswith("报送防御建议")
    assert [q["name"] for q in by_key["form"]] == ["own_331081_1", "advice"]
    assert by_key["form"][0]["choices"][0] == {"value": "已开通", "label": "已开通"}
    assert "广播是否开通 （选填）" in page
    assert wrong.status_code == 422
    assert "广播是否开通: " in text_of(wrong)
    done = text_of(ours.get(here))
    assert "广播是否开通 已开通" in done
    assert "广播是否开通" not in text_of(theirs.get(there))


def test_only_who_leads_the_application_in_the_area_changes_it_and_everybody_reads_it(
    head: Client,
) -> None:
    make(head, REWORD, reworded())
    row = AreaDifference.objects.get(entry="words/zh-CN/node.advise")

    for browser in (officer("emergency@331083", "head"), officer("emergency@33", "head"),
                    officer("water@331081", "head")):  # fmt: skip
        assert "报送防御建议" in text_of(browser.get(ALL))
        assert "收回" not in text_of(browser.get(ALL)).replace("收回表述", "")
        for path in (REWORD, ADD, f"{OURS}/words", f"{OURS}/forms", QUESTION,
                     f"{ALL}/said/{row.id}/end"):  # fmt: skip
            assert browser.get(path).status_code == 403, path
        assert browser.post(REWORD, reworded("另一种") | {"sure": "1"}).status_code == 403
    assert AreaDifference.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "given", "sentence"),
    [
        (REWORD, reworded("报送{storm}建议"), "占位与原文不同"),
        (REWORD, reworded(""), "文字不能为空"),
        (REWORD, reworded() | {"why": ""}, "没有写明理由"),
        (REWORD, reworded() | {"on": "2019-01-01"}, "不能改写"),
        (ADD, added(choices="已开通 | on"), "2 至 20"),
        (ADD, added(type="file"), "类型不能由各地改变"),
        (ADD, added(**{"label-en": ""}), "文字不能为空"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_sentence_and_nothing_typed_is_lost(
    head: Client, path: str, given: dict[str, str], sentence: str
) -> None:
    answer = head.post(path, given)

    assert answer.status_code == 409
    assert sentence in text_of(answer)
    for name in ("zh-CN", "label-zh-CN", "why"):
        assert given.get(name, "") in answer.content.decode()
    assert not AreaDifference.objects.exists()


def test_a_question_left_as_it_is_changes_nothing(head: Client, flood: Package) -> None:
    answer = head.post(QUESTION, asked(flood, flood.own_words("zh-CN")["form.advice"]))

    assert answer.status_code == 409
    assert "与该地区现行的一样" in text_of(answer)


def test_a_question_that_is_worded_anew_stays_where_it_stands_whatever_was_put_before_it(
    head: Client, flood: Package
) -> None:
    form = f"{OURS}/forms/approval"
    make(head, f"{form}/add", added(after="approved"))
    zh, en = flood.own_words("zh-CN"), flood.own_words("en")
    shown = head.get(f"{form}/fields/remark").content.decode()
    make(head, f"{form}/fields/remark", said(**{
        "label-zh-CN": "批示", "label-en": en["form.remark"], "hint-zh-CN": zh["form.remark_hint"],
        "hint-en": en["form.remark_hint"], "after": "approved",
    }))  # fmt: skip

    assert '<option value="approved" selected>' in shown
    assert set(AreaDifference.objects.values_list("entry", flat=True)) == {
        "forms/approval/own_331081_1/own", "forms/approval/remark/label/zh-CN",
    }  # fmt: skip
    fields = packages.form_at("flood_response", flood.forms["approval"], WENLING).fields
    assert [f.name for f in fields] == ["approved", "own_331081_1", "remark"]


def newer(flood: Package) -> Package:
    """Return a release that words the step and the question another way, and leaves the rest."""
    zh = flood.documents["messages/zh-CN.yaml"].text
    for key, now in (("node.advise", "县级提出建议"), ("form.advice", "建议采取的措施")):
        was = f"{key}: {flood.own_words('zh-CN')[key]}"
        assert was in zh
        zh = zh.replace(was, f"{key}: {now}", 1)
    return version(flood, "0.2.0", **{"messages/zh-CN.yaml": zh})


def test_an_upgrade_that_collides_is_decided_with_all_three_side_by_side_and_then_taken_back(
    head: Client, flood: Package
) -> None:
    make(head, REWORD, reworded())
    make(head, QUESTION, asked(flood, "请写建议"))
    make(head, ADD, added())
    brought = packages.bring_in(Brought(package=newer(flood)), by="x", at=machine_now())
    release = f"/apps/releases/{brought}"
    platform = officer(*PLATFORM)

    shown = platform.get(release)
    undecided = platform.post(release, {"why": "年度更新"})
    fields = re.findall(r'name="(decide-[0-9a-f-]{36})"', shown.content.decode())
    step_, asks = dict.fromkeys(fields)
    anew = asks.replace("decide", "anew")
    decided = {"why": "年度更新", step_: "keep", asks: "anew", anew: "写明建议"}
    done = platform.post(release, decided, follow=True)

    page = text_of(shown)
    was = flood.own_words("zh-CN")
    for key, theirs_, ours_ in (("node.advise", "县级提出建议", "报送防御建议"),
                                ("form.advice", "建议采取的措施", "请写建议")):  # fmt: skip
        three = f"原版本 0.1.0 {was[key]} 新版本 0.2.0 {theirs_} 温岭市的表述 {ours_}"
        assert three in page
    assert "各地自行表述的词语和表单" in page  # the added question collides with nothing
    assert undecided.status_code == 409
    assert "请对每一个作出决定" in text_of(undecided)
    assert "0.2.0 已安装" in text_of(done)
    (_, here), (_, there) = advice(WENLING), advice(YUHUAN)
    ours, theirs = duty(WENLING), duty(YUHUAN)
    ours.post(here + "/act", {"act": "accept"})
    theirs.post(there + "/act", {"act": "accept"})
    mine, others = text_of(ours.get(here)), text_of(theirs.get(there))
    assert "报送防御建议 · 温岭市" in mine
    assert "写明建议" in mine
    assert "广播是否开通" in mine
    assert "县级提出建议 · 玉环市" in others
    assert "建议采取的措施" in others

    row = AreaDifference.objects.get(entry="words/zh-CN/node.advise", ended_at=None)
    ended = head.post(f"{ALL}/said/{row.id}/end", {"why": "改用新叫法"}, follow=True)

    assert "已收回温岭市的表述" in text_of(ended)
    assert "改用新叫法" in text_of(ended)
    assert "县级提出建议 · 温岭市" in text_of(ours.get(here))
    exported = file_of(head.get(f"{ALL}.csv", {"area": WENLING}))
    assert "words/zh-CN/node.advise" in exported
    assert exported.count("release 0.2.0") == 2  # both that were decided
