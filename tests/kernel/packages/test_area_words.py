"""Areas say words and forms differently: where they hold, what is refused, what a release does."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.kernel.packages.releases import enter, version
from tests.province import QINGYUAN, SHITANG, WENLING, YUHUAN

from guantong.audit.api import check, sequence
from guantong.base.clock import local_day, machine_now
from guantong.base.errors import GuantongError, NotFound
from guantong.main import wiring
from guantong.packages import api as packages
from guantong.packages.api import Brought, Entry, Package, property_entry, text_entry, word_entry
from guantong.packages.areas.checking import checked
from guantong.packages.areas.entry import read
from guantong.packages.areas.errors import (
    ApplicationMoved,
    EntryUnknown,
    FormChangeRefused,
    NothingDifferent,
    UnsoundForArea,
    WordRefused,
)
from guantong.packages.areas.form import fitted
from guantong.packages.areas.judging import refuse_unsound
from guantong.packages.errors import (
    MergeUndecided,
    ParameterReasonMissing,
    ParameterTooEarly,
)
from guantong.packages.life import current
from guantong.packages.life.models import AreaDifference

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province")]

ID, WHY = "flood_response", "本地叫法"
TAIZHOU = "331000000000"
STEP = word_entry("zh-CN", "node.advise")
REMARK = property_entry("approval", "remark", "required")
LABEL = text_entry("advisory", "advice", "label", "zh-CN")
QUESTION = {
    "type": "choice", "label": {"zh-CN": "广播是否开通", "en": "Loudspeakers on?"},
    "choices": [{"zh-CN": "已开通", "en": "on"}, {"zh-CN": "未开通", "en": "off"}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _followed(flood: Package) -> Iterator[None]:
    """Let this process follow the store, and put it back to the package of the folder."""
    enter(flood)
    packages.follow()
    yield
    current.forget()
    wiring.install_folder(django_settings.APPS_FOLDER)


def say(flood: Package, area: str, changes: dict[Entry, Any], **more: Any) -> list[UUID]:
    at = machine_now()
    given = {"from_day": local_day(at), "why": WHY, "by": "person:y", "at": at} | more
    made = packages.say_differently(flood, area, changes, **given)
    packages.look_now()
    return made


def own(area: str, form: str = "advisory") -> Entry:
    return packages.own_field(ID, form, area, packages.differences_of(ID))


def step(place: str, language: str = "zh-CN") -> str:
    found = packages.installed_at(ID, place)
    assert found is not None
    return found.say("node.advise", language)


def names(flood: Package, form: str, place: str) -> list[str]:
    return [f.name for f in packages.form_at(ID, flood.forms[form], place).fields]


def test_an_area_s_word_is_read_in_it_and_below_and_nowhere_else(flood: Package) -> None:
    before = step(YUHUAN)

    say(flood, WENLING, {STEP: "镇里先报建议"})

    assert step(WENLING) == step(SHITANG) == "镇里先报建议"
    assert step(YUHUAN) == step(TAIZHOU) == step("") == before
    assert step(WENLING, "en") == flood.say("node.advise", "en")  # it said nothing in English


def test_the_smallest_area_is_heard_and_the_wider_one_again_when_it_ends(flood: Package) -> None:
    say(flood, TAIZHOU, {STEP: "全市统一"})
    (id,) = say(flood, WENLING, {STEP: "温岭自己的"})
    assert (step(WENLING), step(YUHUAN)) == ("温岭自己的", "全市统一")

    packages.take_back(id, why="统一叫法", by="person:z", at=machine_now())
    packages.look_now()

    assert step(WENLING) == "全市统一"
    ended = packages.difference(id)
    assert ended is not None
    assert (ended.by, ended.ended_by, ended.ended_why) == ("person:y", "person:z", "统一叫法")
    with pytest.raises(NotFound):
        packages.take_back(id, why="再收一次", by="person:z", at=machine_now())


def test_a_word_of_a_later_day_waits_for_it(flood: Package) -> None:
    later = local_day(machine_now()) + timedelta(days=3)
    before = step(WENLING)

    say(flood, WENLING, {STEP: "下周起"}, from_day=later)

    assert step(WENLING) == before
    then = packages.package_at(flood, WENLING, day=later)
    assert then.say("node.advise", "zh-CN") == "下周起"


def test_a_form_is_worded_moved_made_stricter_and_asked_more_for_one_area(flood: Package) -> None:
    added = own(WENLING, "approval")
    say(flood, WENLING, {
        REMARK: True, text_entry("approval", "remark", "label", "zh-CN"): "批示原文",
        property_entry("approval", "remark", "after"): "", added: QUESTION,
    })  # fmt: skip

    form = packages.form_at(ID, flood.forms["approval"], SHITANG)
    words = packages.installed_at(ID, SHITANG)

    assert words is not None
    assert [f.name for f in form.fields] == ["remark", "approved", added.field]
    assert words.say(form.fields[0].label, "zh-CN") == "批示原文"
    assert words.say(form.fields[0].label, "en") == flood.say("form.remark", "en")
    assert words.words("en")["value.已开通"] == "on"
    assert [e.field for e in form.parse({"approved": "yes"}).errors] == ["remark"]
    assert form.parse({"approved": "yes", "remark": "同意"}).accepted  # the added one is optional
    wrong = form.parse({"approved": "yes", "remark": "同意", added.field: "也许"})
    assert [e.code for e in wrong.errors] == ["not-a-choice"]
    assert names(flood, "approval", YUHUAN) == ["approved", "remark"]


def test_a_wider_area_s_question_and_an_area_s_own_stand_in_one_form(flood: Package) -> None:
    say(flood, TAIZHOU, {own(TAIZHOU): QUESTION})
    say(flood, WENLING, {own(WENLING): QUESTION})

    assert names(flood, "advisory", WENLING) == ["advice", "own_3310_1", "own_331081_1"]
    assert names(flood, "advisory", YUHUAN) == ["advice", "own_3310_1"]


def test_a_question_that_was_taken_back_never_gives_its_name_to_another(flood: Package) -> None:
    (id,) = say(flood, WENLING, {own(WENLING): QUESTION})
    packages.take_back(id, why="不再需要", by="person:y", at=machine_now())
    packages.look_now()

    assert own(WENLING).field == "own_331081_2"
    assert names(flood, "advisory", WENLING) == ["advice"]
    assert packages.own_label(ID, "own_331081_1", "zh-CN") == "广播是否开通"


def test_the_words_of_a_list_cost_no_query_however_many_rows_there_are(flood: Package) -> None:
    say(flood, WENLING, {STEP: "镇里先报建议", REMARK: True})

    with CaptureQueriesContext(
        connection,
    ) as asked:
        for place in (WENLING, SHITANG, YUHUAN, QINGYUAN) * 50:
            step(place)
            packages.form_at(ID, flood.forms["approval"], place)

    assert len(asked) == 0


@pytest.mark.parametrize(
    ("entry", "value", "refusal", "sentence"),
    [
        (STEP, "  ", WordRefused, "文字不能为空"),
        (STEP, "很" * 301, WordRefused, "300 个字以内"),
        (STEP, "上报{storm}", WordRefused, "占位与原文不同"),
        (STEP, "上报\u202e", WordRefused, "控制字符"),
        (word_entry("zh-CN", "case.title"), "没有占位", WordRefused, "{place}"),
        (word_entry("zh-CN", "node.nothing"), "某", EntryUnknown, "node.nothing"),
        (word_entry("zh-CN", "page.cockpit"), "某", EntryUnknown, "page.cockpit"),
        (property_entry("approval", "approved", "required"), False, FormChangeRefused, "必填"),
        (property_entry("approval", "approved", "choices"), ["yes", "perhaps"],
         FormChangeRefused, "只能减少选项"),
        (property_entry("approval", "approved", "choices"), [], FormChangeRefused, "至少要留一个"),
        (property_entry("approval", "remark", "choices"), ["a"], FormChangeRefused, "类型"),
        (property_entry("approval", "remark", "after"), "nothing", FormChangeRefused, "排在"),
        (property_entry("approval", "nothing", "required"), True, EntryUnknown, "nothing"),
        (property_entry("approval", "remark", "own"), QUESTION, FormChangeRefused, "已有名为"),
        (property_entry("approval", "own_331081_1", "own"), QUESTION | {"choices": []},
         FormChangeRefused, "2 至 20"),
        (property_entry("approval", "own_331081_1", "own"), QUESTION | {"type": "file"},
         FormChangeRefused, "类型"),
    ],
)  # fmt: skip
def test_what_the_package_does_not_bear_is_refused_with_the_rule(
    flood: Package, entry: Entry, value: Any, refusal: type[GuantongError], sentence: str
) -> None:
    with pytest.raises(refusal) as caught:
        say(flood, WENLING, {entry: value})

    assert sentence in caught.value.sentence("zh-CN")
    assert caught.value.sentence("en").endswith(".")
    assert not AreaDifference.objects.exists()


@pytest.mark.parametrize(
    ("form", "field", "left", "refusal"),
    [
        ("approval", "approved", "yes", FormChangeRefused),
        ("proposal", "response_level", "red", UnsoundForArea),
    ],
)
def test_choices_that_the_flow_or_the_levels_need_stay(
    flood: Package, form: str, field: str, left: str, refusal: type[GuantongError]
) -> None:
    with pytest.raises(refusal) as caught:
        say(flood, WENLING, {property_entry(form, field, "choices"): [left]})

    assert any(word in caught.value.sentence("zh-CN") for word in ("体检", "流程"))
    assert not AreaDifference.objects.exists()


def test_choices_that_nothing_depends_on_can_be_fewer_in_one_area() -> None:
    lists = packages.installed("problem_lists")
    assert lists is not None
    forms = [(f, q) for f in lists.forms.values() for q in f.fields if len(q.options) > 2]
    narrowed = [(f, q) for f, q in forms if borne(lists, f.id, q.name, q.options[0].value)]

    assert narrowed, "no form of the lists has choices that an area may leave out"
    form, field = narrowed[0]
    fewer = fitted(form, {property_entry(form.id, field.name, "choices"): [field.options[0].value]})
    (asked,) = [q for q in fewer.fields if q.name == field.name]
    assert [option.value for option in asked.options] == [field.options[0].value]


def borne(package: Package, form: str, field: str, left: str) -> bool:
    entry = property_entry(form, field, "choices")
    try:
        refuse_unsound(package, {entry: checked(package, entry, [left])})
    except GuantongError:
        return False
    return True


def test_the_past_the_unexplained_and_what_holds_already_are_refused(flood: Package) -> None:
    say(flood, WENLING, {STEP: "镇里先报建议"})

    with pytest.raises(NothingDifferent):
        say(flood, WENLING, {STEP: "镇里先报建议"})
    with pytest.raises(ParameterReasonMissing):
        say(flood, WENLING, {STEP: "别的"}, why="")
    with pytest.raises(ParameterTooEarly):
        say(flood, WENLING, {STEP: "别的"}, from_day=local_day(machine_now()) - timedelta(days=1))
    assert AreaDifference.objects.count() == 1


def test_words_about_a_release_that_was_overtaken_meanwhile_are_refused(flood: Package) -> None:
    enter(version(flood, "0.2.0"))

    with pytest.raises(ApplicationMoved):
        say(flood, WENLING, {STEP: "镇里先报建议"})


def reworded(flood: Package, number: str, was: str, now: str, **more: str) -> Package:
    """Return a release in which one Chinese word, or more files, are others."""
    zh = flood.documents["messages/zh-CN.yaml"].text
    assert was in zh
    return version(flood, number, **{"messages/zh-CN.yaml": zh.replace(was, now), **more})


def test_an_upgrade_keeps_what_it_leaves_alone_and_asks_about_the_rest(flood: Package) -> None:
    was = f"node.advise: {flood.say('node.advise', 'zh-CN')}"
    other = word_entry("zh-CN", "node.control")
    mine, kept = say(flood, WENLING, {STEP: "镇里先报建议", other: "本地管控"})
    (strict,) = say(flood, WENLING, {REMARK: True})
    looser = flood.documents["forms/approval.json"].text.replace(
        '"required": ["approved"]', '"required": ["approved", "remark"]'
    )
    newer = reworded(
        flood, "0.2.0", was, "node.advise: 县防指提建议", **{"forms/approval.json": looser}
    )

    plan = packages.dry_run(Brought(package=newer), at=machine_now())

    assert [d.id for d in plan.areas.kept] == [kept]
    assert [d.id for d in plan.areas.agreed] == [strict]  # the release asks for it as well
    (conflict,) = plan.areas.conflicts
    assert (conflict.difference.id, conflict.theirs) == (mine, "县防指提建议")
    told = "\n".join(line for _, lines in packages.parts(plan, "zh-CN") for line in lines)
    assert "新版本：县防指提建议｜本地：镇里先报建议" in told
    with pytest.raises(MergeUndecided, match="does not take 1 values or words"):
        enter(newer)
    assert packages.standing(ID).version == "0.1.0"  # type: ignore[union-attr]

    enter(newer, decisions={mine: packages.KEEP})
    packages.look_now()

    assert step(WENLING) == "镇里先报建议"
    assert step(YUHUAN) == "县防指提建议"
    ended = packages.difference(strict)
    assert ended is not None
    assert ended.ended_why == "release 0.2.0"
    assert (
        packages.dry_run(Brought(package=version(newer, "0.3.0")), at=machine_now()).areas.conflicts
        == ()
    )


@pytest.mark.parametrize(
    ("decision", "holds"), [("theirs", "县防指提建议"), ("另写一句", "另写一句")]
)
def test_a_conflict_is_decided_for_the_release_or_written_anew(
    flood: Package, decision: str, holds: str
) -> None:
    (id,) = say(flood, WENLING, {STEP: "镇里先报建议"})
    was = f"node.advise: {flood.say('node.advise', 'zh-CN')}"
    newer = reworded(flood, "0.2.0", was, "node.advise: 县防指提建议")

    with pytest.raises(WordRefused):
        enter(newer, decisions={id: "加了{place}"})
    enter(newer, decisions={id: decision})
    packages.look_now()

    assert step(WENLING) == holds


def test_a_case_of_an_old_release_is_asked_by_what_fits_its_form(flood: Package) -> None:
    added = own(WENLING, "approval")
    say(flood, WENLING, {REMARK: True, added: QUESTION, LABEL: "建议内容"})
    old = flood.forms["approval"].document()
    old["layout"] = [place for place in old["layout"] if place["field"] != "remark"]
    del old["schema"]["properties"]["remark"]
    from guantong.forms.api import read as read_form

    found = packages.form_at(ID, read_form(old), WENLING)

    assert [f.name for f in found.fields] == ["approved", added.field]
    assert flood.forms["approval"].document()["layout"][1]["field"] == "remark"


def test_every_entry_is_named_so_that_it_can_be_read_again() -> None:
    for entry in (STEP, REMARK, LABEL, property_entry("a", "own_1", "own")):
        assert read(str(entry)) == entry
    for wrong in ("words/fr/node.a", "words/zh-CN/", "forms/a/b/label", "forms/a/b/type", "x"):
        with pytest.raises(EntryUnknown):
            read(wrong)


def test_a_row_that_nobody_can_read_keeps_no_other_word_from_people(flood: Package) -> None:
    say(flood, WENLING, {STEP: "镇里先报建议"})
    AreaDifference.objects.update(entry="words/fr/node.advise")

    say(flood, YUHUAN, {STEP: "玉环的叫法"})

    assert step(YUHUAN) == "玉环的叫法"
    assert step(WENLING) == flood.say("node.advise", "zh-CN")


@pytest.mark.django_db(transaction=True)
def test_the_log_names_a_word_that_was_altered_behind_its_back(flood: Package) -> None:
    (id,) = say(flood, WENLING, {STEP: "镇里先报建议"})
    wiring.bring_witnesses()
    while sequence():
        pass
    whole = check()

    AreaDifference.objects.filter(id=id).update(value="改过的")
    altered = check()

    assert whole.faults == ()
    assert [(f.kind, f.id) for f in altered.faults] == [("difference", str(id))]
