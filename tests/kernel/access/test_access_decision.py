"""The one decision: who may do what to which thing, and the sentence why."""

from typing import NamedTuple
from uuid import UUID

import pytest

from guantong.access.actor import NOBODY, Actor, PostHeld, system_actor
from guantong.access.decision import L3, Decision, decide
from guantong.access.errors import Refused
from guantong.access.thing import Thing
from guantong.base.words import LANGUAGES, catalogue
from guantong.orgs.api import tier_of

ZHEJIANG, TAIZHOU, WENLING, CANGNAN = (
    "330000000000", "331000000000", "331081000000", "330327000000",
)  # fmt: skip
SHITANG, VILLAGE = "331081105000", "331081105229"
ANN, BEN = UUID(int=101), UUID(int=102)
LEAD = ("emergency",)


def unit_id(code: str) -> UUID:
    return UUID(int=int.from_bytes(code.encode()) % 2**120)


def post(line: str | None, division_code: str, post_code: str = "duty") -> PostHeld:
    tier = tier_of(division_code)
    assert tier is not None
    code = f"{line or 'area'}@{division_code}"
    return PostHeld(
        unit_id=unit_id(code),
        unit_code=code,
        line=line,
        tier=tier,
        division_code=division_code,
        post_code=post_code,
    )


def actor(*posts: PostHeld, person: UUID = ANN) -> Actor:
    return Actor(account="ann", person_id=person, name="ann", posts=posts)


GOVERNOR = actor(post(None, ZHEJIANG))
PROVINCE_EMERGENCY = actor(post("emergency", ZHEJIANG))
ADMINISTRATOR = actor(post("emergency", ZHEJIANG, "head"))
FORECASTER = actor(post("meteorology", ZHEJIANG))
TAIZHOU_EMERGENCY = actor(post("emergency", TAIZHOU))
WENLING_EMERGENCY = actor(post("emergency", WENLING))
WENLING_AREA = actor(post(None, WENLING, "head"))
WENLING_WATER = actor(post("water", WENLING))
WENLING_HEALTH = actor(post("health", WENLING))
SHITANG_AREA = actor(post(None, SHITANG))
VILLAGE_HEAD = actor(post(None, VILLAGE, "head"))
CANGNAN_EMERGENCY = actor(post("emergency", CANGNAN))
CANGNAN_AREA = actor(post(None, CANGNAN))

CASE = Thing(kind="case", division_code=WENLING, lines=LEAD)
ALERT = Thing(kind="alert", division_code=WENLING, lines=LEAD)
WATER_TASK = Thing(
    kind="task",
    division_code=SHITANG,
    unit_ids=(unit_id(f"water@{WENLING}"),),
    lines=(*LEAD, "water"),
)
HOUSEHOLD = Thing(kind="object", division_code=VILLAGE, lines=LEAD, readers=("civil_affairs",))
FIGURE = Thing(kind="figure", division_code=WENLING, lines=LEAD)
EXPORT = Thing(kind="export", division_code=WENLING, lines=LEAD)
STREAM = Thing(kind="stream", division_code=WENLING, lines=LEAD)
FILE = Thing(kind="file", division_code=WENLING, lines=LEAD)
TRACK = Thing(kind="dataset", division_code=ZHEJIANG, lines=("meteorology",))
SETTINGS = Thing(kind="settings", division_code=ZHEJIANG)


def ask(who: Actor, act: str, thing: Thing) -> Decision:
    return decide(who, act, thing, realm="live")


class Row(NamedTuple):
    who: Actor
    act: str
    thing: Thing
    answer: str


@pytest.mark.parametrize(
    "row",
    [
        Row(WENLING_EMERGENCY, "read", CASE, "allowed.area"),
        Row(WENLING_AREA, "read", CASE, "allowed.area"),
        Row(TAIZHOU_EMERGENCY, "read", CASE, "allowed.area"),
        Row(PROVINCE_EMERGENCY, "read", CASE, "allowed.area"),
        Row(GOVERNOR, "read", HOUSEHOLD, "allowed.area"),
        Row(WENLING_WATER, "read", CASE, "allowed.area"),
        Row(WENLING_WATER, "read", STREAM, "allowed.area"),
        Row(WENLING_WATER, "read", FIGURE, "allowed.area"),
        Row(WENLING_WATER, "read", WATER_TASK, "allowed.area"),
        Row(WENLING_HEALTH, "read", WATER_TASK, "refused.not-your-line"),
        Row(WENLING_WATER, "read", HOUSEHOLD, "refused.not-your-line"),
        Row(WENLING_WATER, "read", FILE, "refused.not-your-line"),
        Row(SHITANG_AREA, "read", CASE, "refused.outside-area"),
        Row(SHITANG_AREA, "read", HOUSEHOLD, "allowed.area"),
        Row(VILLAGE_HEAD, "read", HOUSEHOLD, "allowed.area"),
        Row(VILLAGE_HEAD, "read", WATER_TASK, "refused.outside-area"),
        Row(NOBODY, "read", CASE, "refused.no-post"),
        Row(actor(), "read", CASE, "refused.no-post"),
        Row(NOBODY, "read", TRACK, "refused.no-post"),
        Row(VILLAGE_HEAD, "read", TRACK, "allowed.post"),
        Row(FORECASTER, "land", TRACK, "allowed.source"),
        Row(actor(post("meteorology", TAIZHOU)), "land", TRACK, "refused.not-source"),
        Row(PROVINCE_EMERGENCY, "land", TRACK, "refused.not-source"),
        Row(actor(post("meteorology", CANGNAN)), "land",
            Thing(kind="dataset", division_code=WENLING, lines=("meteorology",)),
            "refused.not-source"),
        Row(GOVERNOR, "land", TRACK, "refused.not-source"),
        Row(ADMINISTRATOR, "administer", SETTINGS, "allowed.administrator"),
        Row(ADMINISTRATOR, "read", SETTINGS, "allowed.administrator"),
        Row(PROVINCE_EMERGENCY, "administer", SETTINGS, "refused.not-administrator"),
        Row(GOVERNOR, "read", SETTINGS, "refused.not-administrator"),
        Row(actor(post("emergency", TAIZHOU, "head")), "administer", SETTINGS,
            "refused.not-administrator"),
        Row(WENLING_WATER, "handle", WATER_TASK, "allowed.holder"),
        Row(WENLING_EMERGENCY, "handle", WATER_TASK, "refused.not-holder"),
        Row(GOVERNOR, "handle", WATER_TASK, "refused.not-holder"),
        Row(WENLING_EMERGENCY, "remind", WATER_TASK, "allowed.area"),
        Row(WENLING_HEALTH, "remind", WATER_TASK, "refused.not-your-line"),
        Row(CANGNAN_EMERGENCY, "remind", WATER_TASK, "refused.outside-area"),
        Row(WENLING_EMERGENCY, "open", CASE, "allowed.area"),
        Row(WENLING_WATER, "open", CASE, "refused.not-your-line"),
        Row(VILLAGE_HEAD, "report", HOUSEHOLD, "allowed.area"),
        Row(GOVERNOR, "report", HOUSEHOLD, "refused.not-your-line"),
        Row(CANGNAN_AREA, "report", HOUSEHOLD, "refused.outside-area"),
        Row(GOVERNOR, "delete", CASE, "refused.no-rule"),
        Row(GOVERNOR, "land", CASE, "refused.no-rule"),
        Row(system_actor("worker"), "read", HOUSEHOLD, "allowed.system"),
        Row(system_actor("worker"), "verify", WATER_TASK, "refused.needs-person"),
        Row(system_actor("worker"), "administer", SETTINGS, "refused.needs-person"),
    ],
)  # fmt: skip
def test_the_table_of_who_may_do_what(row: Row) -> None:
    answer = ask(row.who, row.act, row.thing)

    assert answer.reason == row.answer
    assert answer.allowed == row.answer.startswith("allowed.")


@pytest.mark.parametrize(
    "thing", [CASE, ALERT, WATER_TASK, HOUSEHOLD, FIGURE, EXPORT, STREAM, FILE]
)
@pytest.mark.parametrize("who", [CANGNAN_EMERGENCY, CANGNAN_AREA])
def test_a_valid_account_of_another_county_is_refused_whatever_it_asks_for(
    who: Actor, thing: Thing
) -> None:
    answer = ask(who, "read", thing)

    assert not answer.allowed
    assert answer.reason == "refused.outside-area"
    assert answer.rows.nothing


def test_a_county_whose_code_begins_alike_is_another_county() -> None:
    neighbour = Thing(kind="case", division_code="331082000000", lines=LEAD)

    assert not ask(WENLING_EMERGENCY, "read", neighbour).allowed
    assert ask(TAIZHOU_EMERGENCY, "read", neighbour).allowed


def test_a_case_of_the_city_is_not_the_county_s() -> None:
    of_the_city = Thing(kind="case", division_code=TAIZHOU, lines=LEAD)

    assert not ask(WENLING_EMERGENCY, "read", of_the_city).allowed


def test_who_takes_part_in_a_case_of_another_place_may_read_it() -> None:
    joint = Thing(
        kind="case", division_code=CANGNAN, unit_ids=(unit_id(f"water@{WENLING}"),), lines=LEAD
    )

    assert ask(WENLING_WATER, "read", joint).allowed
    assert not ask(WENLING_HEALTH, "read", joint).allowed


def test_a_thing_without_a_place_is_read_only_by_its_units() -> None:
    placeless = Thing(kind="task", unit_ids=(unit_id(f"water@{WENLING}"),), lines=LEAD)

    assert ask(WENLING_WATER, "read", placeless).allowed
    assert not ask(GOVERNOR, "read", placeless).allowed


@pytest.mark.parametrize("place", ["", "33", "331081", "33%", "999999999999x", "330000100000"])
def test_a_place_that_does_not_exist_is_nobody_s(place: str) -> None:
    answer = ask(GOVERNOR, "read", Thing(kind="case", division_code=place, lines=LEAD))

    assert answer.reason == "refused.unknown-place"


def test_a_list_is_cut_to_the_area() -> None:
    answer = ask(WENLING_EMERGENCY, "read", Thing(kind="case", lines=LEAD))

    assert answer.allowed
    assert answer.rows.covers(SHITANG)
    assert not answer.rows.covers(CANGNAN)
    assert not answer.rows.covers(TAIZHOU)


def test_a_list_of_tasks_shows_another_line_its_own_work_only() -> None:
    rows = ask(WENLING_WATER, "read", Thing(kind="task", lines=LEAD)).rows

    assert rows.covers(SHITANG, (), ("water",))
    assert not rows.covers(SHITANG, (), ("health",))
    assert rows.covers(CANGNAN, (unit_id(f"water@{WENLING}"),))


def test_a_list_of_households_shows_another_line_only_what_it_holds() -> None:
    rows = ask(WENLING_WATER, "read", Thing(kind="object", lines=LEAD)).rows

    assert not rows.covers(VILLAGE)
    assert rows.covers(VILLAGE, (unit_id(f"water@{WENLING}"),))


def test_a_list_that_can_hold_nothing_for_the_actor_is_refused() -> None:
    assert ask(WENLING_WATER, "read", Thing(kind="file")).allowed
    assert ask(WENLING_WATER, "read", Thing(kind="audit")).reason == "refused.not-administrator"


def test_somebody_with_two_posts_sees_the_union() -> None:
    both = actor(post(None, SHITANG), post("water", CANGNAN))

    assert ask(both, "read", HOUSEHOLD).allowed
    assert ask(both, "read", Thing(kind="case", division_code=CANGNAN)).allowed
    rows = ask(both, "read", Thing(kind="case", lines=LEAD)).rows
    assert rows.prefixes == ("330327", "331081105")


@pytest.mark.parametrize(
    ("who", "masked"),
    [
        (VILLAGE_HEAD, False),
        (SHITANG_AREA, False),
        (WENLING_AREA, False),
        (actor(post("civil_affairs", WENLING)), False),
        (actor(post("civil_affairs", SHITANG)), False),
        (WENLING_EMERGENCY, True),
        (TAIZHOU_EMERGENCY, True),
        (actor(post(None, TAIZHOU)), True),
        (actor(post("civil_affairs", TAIZHOU)), True),
        (GOVERNOR, True),
        (PROVINCE_EMERGENCY, True),
    ],
)
def test_names_of_households_are_for_those_near_them(who: Actor, masked: bool) -> None:
    answer = ask(who, "read", HOUSEHOLD)

    assert answer.allowed
    assert (L3 in answer.masks) is masked


def test_two_posts_unmask_only_the_household_that_one_of_them_is_near() -> None:
    both = actor(post(None, VILLAGE, "head"), post("emergency", ZHEJIANG))
    elsewhere = Thing(kind="object", division_code="330327100200", lines=LEAD)

    assert ask(both, "read", HOUSEHOLD).masks == frozenset()
    assert ask(both, "read", elsewhere).masks == {L3}
    assert ask(both, "read", Thing(kind="object", lines=LEAD)).masks == {L3}


def test_who_found_or_did_it_does_not_verify_it() -> None:
    done = Thing(
        kind="task",
        division_code=WENLING,
        unit_ids=(unit_id(f"emergency@{WENLING}"),),
        doers=(ANN,),
    )
    ben = actor(post("emergency", WENLING, "second_duty"), person=BEN)

    assert ask(WENLING_EMERGENCY, "verify", done).reason == "refused.same-person"
    assert ask(WENLING_EMERGENCY, "approve", done).reason == "refused.same-person"
    assert ask(WENLING_EMERGENCY, "handle", done).allowed
    assert ask(ben, "verify", done).allowed


def test_an_account_without_a_person_verifies_nothing() -> None:
    unknown = Actor(account="x", person_id=None, name="x", posts=WENLING_WATER.posts)

    assert ask(unknown, "verify", WATER_TASK).reason == "refused.same-person"


def test_a_step_for_the_head_is_not_for_the_duty_officer() -> None:
    step = Thing(
        kind="task", division_code=WENLING, unit_ids=(unit_id(f"area@{WENLING}"),), posts=("head",)
    )

    refused = ask(actor(post(None, WENLING, "duty")), "approve", step)

    assert refused.reason == "refused.wrong-post"
    assert "主要负责人" in refused.sentence("zh-CN")
    assert ask(WENLING_AREA, "approve", step).allowed


@pytest.mark.parametrize("realm", ["live", "exercise:01a2029d-5cfa-76b5-bc21-492e74417bd5"])
def test_a_realm_changes_no_rule_and_is_passed_through(realm: str) -> None:
    allowed = decide(WENLING_EMERGENCY, "read", CASE, realm=realm)
    refused = decide(CANGNAN_EMERGENCY, "read", CASE, realm=realm)

    assert (allowed.allowed, refused.allowed) == (True, False)
    assert {allowed.realm, refused.realm} == {realm}


def test_a_refusal_is_raised_with_the_sentence_of_the_decision() -> None:
    refused = ask(CANGNAN_EMERGENCY, "read", CASE)

    with pytest.raises(Refused) as raised:
        refused.or_refuse()

    assert raised.value.sentence("zh-CN") == refused.sentence("zh-CN")
    assert raised.value.decision is refused


def test_an_allowed_decision_is_handed_on() -> None:
    allowed = ask(WENLING_EMERGENCY, "read", CASE)

    assert allowed.or_refuse() is allowed


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_sentence_without_an_empty_place(language: str) -> None:
    reasons = {
        key.removeprefix("access.")
        for key in catalogue(language)
        if key.startswith(("access.allowed.", "access.refused."))
    }
    refused = ask(CANGNAN_EMERGENCY, "read", CASE)

    assert len(reasons) > 15
    for reason in reasons:
        sentence = Decision(
            allowed=False,
            reason=reason,
            actor=refused.actor,
            act="read",
            thing=CASE,
            realm="live",
            facts={"posts": "x"},
        ).sentence(language)
        assert not sentence.startswith("access.")
        assert "{" not in sentence
        assert "!" not in sentence
