"""The one decision: who may do what to which thing, and the sentence why."""

from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from guantong.access.actor import NOBODY, Actor, PostHeld, system_actor
from guantong.access.decision import Decision
from guantong.access.errors import Refused
from guantong.access.fields import L3, L4, PURPOSES
from guantong.access.organisation import UNIT_POSTS
from guantong.access.question import Question
from guantong.access.roles import Grant, PackageRole
from guantong.access.rules import RULES, decide, judge
from guantong.access.thing import Thing
from guantong.base.words import LANGUAGES, catalogue
from guantong.orgs.api import Role, prefix, tier_of

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
    return PostHeld(
        unit_id=unit_id(f"{line or 'area'}@{division_code}"),
        unit_code=f"{line or 'area'}@{prefix(division_code)}",
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
WENLING_CIVIL = actor(post("civil_affairs", WENLING))
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
HOUSEHOLD = Thing(
    kind="object", division_code=VILLAGE, lines=LEAD, package="storm", type="storm.household"
)
FIGURE = Thing(kind="figure", division_code=WENLING, lines=LEAD)
EXPORT = Thing(kind="export", division_code=WENLING, lines=LEAD)
STREAM = Thing(kind="stream", division_code=WENLING, lines=LEAD)
FILE = Thing(kind="file", division_code=WENLING, lines=LEAD)
TRACK = Thing(kind="dataset", division_code=ZHEJIANG, lines=("meteorology",))
SETTINGS = Thing(kind="settings", division_code=ZHEJIANG)


# What a package declares: civil affairs reads households near home, and reports them safe.
READERS = PackageRole(
    id="storm.reader",
    package="storm",
    title="role.reader",
    held_by=(Role("civil_affairs", "county"), Role("civil_affairs", "township")),
    grants=(
        Grant(act="read", kind="object", types=frozenset({"storm.household"}),
              clear=frozenset({L3})),
        Grant(act="report", kind="object"),
        Grant(act="remind", kind="task"),
    ),
)  # fmt: skip
KEEPER = PackageRole(
    id="storm.keeper",
    package="storm",
    title="role.keeper",
    held_by=(Role("area", "village"),),
    posts=("head",),
    grants=(Grant(act="read", kind="file"),),
)
FOR_RESPONSE = "emergency_response"


def ask(who: Actor, act: str, thing: Thing, purpose: str | None = None, **known: Any) -> Decision:
    roles = (READERS, KEEPER) if thing.package == "storm" else ()
    return decide(who, act, thing, realm="live", purpose=purpose, roles=roles, **known)


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
        Row(WENLING_CIVIL, "read", HOUSEHOLD, "allowed.area"),
        Row(WENLING_CIVIL, "read", replace(HOUSEHOLD, type="storm.boat"), "refused.not-your-line"),
        Row(WENLING_CIVIL, "read", replace(HOUSEHOLD, package=None), "refused.not-your-line"),
        Row(WENLING_CIVIL, "read", replace(HOUSEHOLD, kind="export"), "allowed.area"),
        Row(WENLING_CIVIL, "read", replace(FILE, package="storm"), "refused.not-your-line"),
        Row(actor(post("civil_affairs", TAIZHOU)), "read", HOUSEHOLD, "refused.not-your-line"),
        Row(actor(post("civil_affairs", CANGNAN)), "read", HOUSEHOLD, "refused.outside-area"),
        Row(WENLING_CIVIL, "report", HOUSEHOLD, "allowed.area"),
        Row(WENLING_WATER, "report", HOUSEHOLD, "refused.not-your-line"),
        Row(WENLING_EMERGENCY, "report", HOUSEHOLD, "refused.not-your-line"),
        Row(WENLING_CIVIL, "remind", replace(WATER_TASK, package="storm"), "allowed.area"),
        Row(WENLING_CIVIL, "supervise", replace(WATER_TASK, package="storm"),
            "refused.not-your-line"),
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
        Row(ADMINISTRATOR, "read", Thing(kind="fact"), "allowed.administrator"),
        Row(ADMINISTRATOR, "administer", Thing(kind="fact"), "allowed.administrator"),
        Row(GOVERNOR, "read", Thing(kind="fact"), "refused.not-administrator"),
        Row(GOVERNOR, "read", Thing(kind="audit"), "refused.not-administrator"),
        Row(WENLING_AREA, "administer", Thing(kind="audit"), "refused.not-administrator"),
        Row(GOVERNOR, "delete", CASE, "refused.no-rule"),
        Row(GOVERNOR, "administer", CASE, "refused.no-rule"),
        Row(ADMINISTRATOR, "administer", CASE, "refused.no-rule"),
        Row(GOVERNOR, "report", CASE, "refused.no-rule"),
        Row(FORECASTER, "read", Thing(kind="secret", division_code=WENLING),  # type: ignore[arg-type]
            "refused.no-rule"),
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
        (GOVERNOR, True),
        (PROVINCE_EMERGENCY, True),
    ],
)
def test_names_of_households_are_for_those_near_them(who: Actor, masked: bool) -> None:
    answer = ask(who, "read", HOUSEHOLD, FOR_RESPONSE)

    assert answer.allowed
    assert (L3 in answer.masks) is masked
    assert L4 in answer.masks


def test_two_posts_unmask_only_the_household_that_one_of_them_is_near() -> None:
    both = actor(post(None, VILLAGE, "head"), post("emergency", ZHEJIANG))
    elsewhere = Thing(kind="object", division_code="330327100200", lines=LEAD)

    assert ask(both, "read", HOUSEHOLD, FOR_RESPONSE).masks == {L4}
    assert ask(both, "read", elsewhere, FOR_RESPONSE).masks == {L3, L4}
    assert ask(both, "read", Thing(kind="object", lines=LEAD), FOR_RESPONSE).masks == {L3, L4}


def test_near_home_names_still_need_a_reason() -> None:
    mine = replace(HOUSEHOLD, unit_ids=(unit_id(f"area@{VILLAGE}"),))
    named = {p: L3 not in ask(VILLAGE_HEAD, "read", HOUSEHOLD, p).masks for p in PURPOSES}

    assert L3 in ask(VILLAGE_HEAD, "read", HOUSEHOLD).masks
    assert L3 in ask(VILLAGE_HEAD, "read", HOUSEHOLD, "curiosity").masks
    assert L3 in ask(VILLAGE_HEAD, "read", HOUSEHOLD, "trace:1").masks
    assert set(named.values()) == {True}
    assert L3 not in ask(VILLAGE_HEAD, "read", mine).masks
    assert L3 not in ask(VILLAGE_HEAD, "read", Thing(kind="object"), FOR_RESPONSE).masks
    assert L3 in ask(VILLAGE_HEAD, "read", Thing(kind="object")).masks


def test_a_purpose_opens_nothing_to_who_is_not_near() -> None:
    for purpose in PURPOSES:
        assert L3 in ask(GOVERNOR, "read", HOUSEHOLD, purpose).masks
        assert not ask(CANGNAN_AREA, "read", HOUSEHOLD, purpose).allowed


def test_sealed_fields_are_clear_only_where_a_second_person_opened_them() -> None:
    opened = ask(GOVERNOR, "read", HOUSEHOLD, "complaint", opened=frozenset({L4}))
    refused = ask(CANGNAN_AREA, "read", HOUSEHOLD, "complaint", opened=frozenset({L4}))

    assert opened.masks == {L3}
    assert not refused.allowed
    assert refused.masks == {L3, L4}


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


def test_a_process_says_itself_who_opens_a_case_and_nobody_else_does_whatever_they_lead() -> None:
    named = Thing(
        kind="case", division_code=WENLING, lines=("emergency",), openers=(Role("water", "county"),)
    )

    water, lead = ask(WENLING_WATER, "open", named), ask(WENLING_EMERGENCY, "open", named)
    area = ask(WENLING_AREA, "open", named)

    assert (water.allowed, water.reason) == (True, "allowed.opener")
    assert [lead.reason, area.reason] == ["refused.not-opener"] * 2
    assert "水利 · 县级" in lead.sentence("zh-CN")


def test_who_may_open_a_case_may_so_in_the_own_area_only() -> None:
    openers = (Role("emergency", "county"),)
    elsewhere = Thing(kind="case", division_code=CANGNAN, openers=openers)
    somewhere = Thing(kind="case", openers=openers)

    assert ask(WENLING_EMERGENCY, "open", elsewhere).reason == "refused.outside-area"
    assert ask(WENLING_EMERGENCY, "open", somewhere).rows.prefixes == (WENLING[:6],)


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
            facts={"posts": "x", "days": 30, "openers": "x"},
        ).sentence(language)
        assert not sentence.startswith("access.")
        assert "{" not in sentence
        assert "!" not in sentence


# Units, people, accounts, notices


def unit(line: str | None, place: str, **about: Any) -> Thing:
    return Thing(
        kind="unit", division_code=place, unit_ids=(unit_id(f"{line or 'area'}@{place}"),), **about
    )


WENLING_AREA_UNIT = unit(None, WENLING)
WENLING_WATER_UNIT, SHITANG_UNIT = unit("water", WENLING), unit(None, SHITANG)
CANGNAN_UNIT, TAIZHOU_UNIT, PROVINCE_UNIT = (
    unit(None, CANGNAN), unit("water", TAIZHOU), unit("water", ZHEJIANG),
)  # fmt: skip
WATER_HEAD = actor(post("water", WENLING, "head"))
WATER_CLERK = actor(post("water", WENLING, "administrator"))


@pytest.mark.parametrize(
    "row",
    [
        Row(VILLAGE_HEAD, "read", unit(None, VILLAGE), "allowed.book"),
        Row(VILLAGE_HEAD, "read", SHITANG_UNIT, "allowed.book"),
        Row(VILLAGE_HEAD, "read", WENLING_WATER_UNIT, "allowed.book"),
        Row(VILLAGE_HEAD, "read", TAIZHOU_UNIT, "allowed.book"),
        Row(VILLAGE_HEAD, "read", PROVINCE_UNIT, "allowed.book"),
        Row(VILLAGE_HEAD, "read", unit(None, "331081105230"), "refused.outside-area"),
        Row(VILLAGE_HEAD, "read", CANGNAN_UNIT, "refused.outside-area"),
        Row(WENLING_WATER, "read", unit(None, VILLAGE), "allowed.book"),
        Row(WENLING_WATER, "read", CANGNAN_UNIT, "refused.outside-area"),
        Row(CANGNAN_AREA, "read", WENLING_AREA_UNIT, "refused.outside-area"),
        Row(ADMINISTRATOR, "read", CANGNAN_UNIT, "allowed.administrator"),
        Row(NOBODY, "read", WENLING_AREA_UNIT, "refused.no-post"),
        Row(WATER_HEAD, "administer", WENLING_WATER_UNIT, "allowed.unit-administrator"),
        Row(WATER_CLERK, "administer", WENLING_WATER_UNIT, "allowed.unit-administrator"),
        Row(WENLING_WATER, "administer", WENLING_WATER_UNIT, "refused.not-unit-administrator"),
        Row(WATER_HEAD, "administer", WENLING_AREA_UNIT, "refused.not-unit-administrator"),
        Row(WATER_HEAD, "administer", SHITANG_UNIT, "refused.not-unit-administrator"),
        Row(WENLING_AREA, "administer", WENLING_WATER_UNIT, "allowed.unit-administrator"),
        Row(WENLING_AREA, "administer", SHITANG_UNIT, "allowed.unit-administrator"),
        Row(WENLING_AREA, "administer", TAIZHOU_UNIT, "refused.not-unit-administrator"),
        Row(WENLING_AREA, "administer", CANGNAN_UNIT, "refused.not-unit-administrator"),
        Row(actor(post(None, WENLING)), "administer", SHITANG_UNIT,
            "refused.not-unit-administrator"),
        Row(ADMINISTRATOR, "administer", CANGNAN_UNIT, "allowed.unit-administrator"),
        Row(system_actor("worker"), "administer", CANGNAN_UNIT, "refused.needs-person"),
        Row(actor(person=ANN), "read", Thing(kind="account", owner=ANN), "allowed.own"),
        Row(actor(person=ANN), "administer", Thing(kind="account", owner=ANN), "allowed.own"),
        Row(VILLAGE_HEAD, "administer", Thing(kind="account", owner=BEN, division_code=WENLING,
            unit_ids=WENLING_WATER_UNIT.unit_ids), "refused.not-unit-administrator"),
        Row(WATER_HEAD, "administer", Thing(kind="account", owner=BEN, division_code=WENLING,
            unit_ids=WENLING_WATER_UNIT.unit_ids), "allowed.unit-administrator"),
        Row(WENLING_WATER, "read", Thing(kind="account", owner=BEN, division_code=WENLING,
            unit_ids=WENLING_WATER_UNIT.unit_ids), "refused.not-unit-administrator"),
        Row(ADMINISTRATOR, "administer", Thing(kind="account", owner=BEN, unit_ids=(BEN,)),
            "allowed.unit-administrator"),
        Row(VILLAGE_HEAD, "read", Thing(kind="notice", owner=ANN), "allowed.own"),
        Row(VILLAGE_HEAD, "handle", Thing(kind="notice", owner=ANN), "allowed.own"),
        Row(VILLAGE_HEAD, "read", Thing(kind="notice", owner=BEN), "refused.not-recipient"),
        Row(ADMINISTRATOR, "handle", Thing(kind="notice", owner=BEN), "refused.not-recipient"),
        Row(WENLING_WATER, "send", Thing(kind="notice", division_code=SHITANG), "allowed.area"),
        Row(WENLING_WATER, "send", Thing(kind="notice", division_code=CANGNAN),
            "refused.outside-area"),
        Row(SHITANG_AREA, "send", Thing(kind="notice", division_code=WENLING),
            "refused.outside-area"),
        Row(SHITANG_AREA, "send", Thing(kind="notice", unit_ids=SHITANG_UNIT.unit_ids),
            "allowed.area"),
        Row(NOBODY, "send", Thing(kind="notice", division_code=SHITANG), "refused.no-post"),
        Row(system_actor("worker"), "send", Thing(kind="notice", division_code=SHITANG),
            "refused.needs-person"),
        Row(WENLING_WATER, "read", replace(FILE, owner=ANN), "allowed.own"),
        Row(WENLING_WATER, "read", replace(FILE, owner=BEN), "refused.not-your-line"),
        Row(WENLING_WATER, "handle", replace(FILE, owner=ANN), "refused.not-holder"),
    ],
)  # fmt: skip
def test_the_table_of_units_accounts_and_notices(row: Row) -> None:
    answer = ask(row.who, row.act, row.thing)

    assert answer.reason == row.answer
    assert answer.allowed == row.answer.startswith("allowed.")


def test_an_account_without_a_person_owns_nothing() -> None:
    unknown = Actor(account="x", person_id=None, name="x", posts=WENLING_WATER.posts)

    assert not ask(unknown, "read", Thing(kind="account", owner=None, object_id=BEN)).allowed
    assert not ask(unknown, "read", Thing(kind="notice", owner=BEN)).allowed


@pytest.mark.parametrize(
    ("who", "thing", "clear"),
    [
        (WENLING_WATER, WENLING_WATER_UNIT, True),
        (WENLING_HEALTH, WENLING_WATER_UNIT, False),
        (actor(post(None, WENLING)), WENLING_WATER_UNIT, True),
        (actor(post(None, TAIZHOU)), WENLING_WATER_UNIT, False),
        (actor(post(None, TAIZHOU, "head")), WENLING_WATER_UNIT, True),
        (SHITANG_AREA, WENLING_WATER_UNIT, False),
        (VILLAGE_HEAD, PROVINCE_UNIT, False),
        (ADMINISTRATOR, WENLING_WATER_UNIT, True),
        (SHITANG_AREA, replace(WENLING_WATER_UNIT, owner=ANN), True),
    ],
)
def test_how_to_reach_people_is_for_colleagues_neighbours_and_administrators(
    who: Actor, thing: Thing, clear: bool
) -> None:
    answer = ask(who, "read", thing)

    assert answer.allowed
    assert (L3 not in answer.masks) is clear


def test_sealed_fields_of_a_person_are_for_that_person_and_nobody_else_unopened() -> None:
    record = replace(WENLING_WATER_UNIT, owner=ANN, object_id=ANN)

    assert ask(actor(WATER_HEAD.posts[0], person=ANN), "read", record).masks == frozenset()
    assert L4 in ask(actor(WATER_HEAD.posts[0], person=BEN), "read", record).masks
    assert L4 in ask(actor(ADMINISTRATOR.posts[0], person=BEN), "read", record).masks


def test_lists_of_units_reach_down_the_area_and_up_to_the_province_but_not_sideways() -> None:
    rows = ask(SHITANG_AREA, "read", Thing(kind="unit")).rows

    seen = {place: rows.covers(place) for place in (
        ZHEJIANG, TAIZHOU, WENLING, SHITANG, VILLAGE, CANGNAN, "331081001000", "331083000000",
    )}  # fmt: skip
    assert [place for place, shown in seen.items() if shown] == [
        ZHEJIANG, TAIZHOU, WENLING, SHITANG, VILLAGE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "prefixes", "units"),
    [
        (WENLING_AREA, ("331081",), 1),
        (WATER_HEAD, (), 1),
        (actor(post(None, SHITANG, "head"), post("water", WENLING, "administrator")),
         ("331081105",), 2),
    ],
)  # fmt: skip
def test_an_administrator_s_list_holds_what_he_administers(
    who: Actor, prefixes: tuple[str, ...], units: int
) -> None:
    answer = ask(who, "administer", Thing(kind="unit"))

    assert answer.allowed
    assert answer.rows.prefixes == prefixes
    assert len(answer.rows.unit_ids) == units


def test_who_administers_nothing_has_no_list_of_it() -> None:
    refused = ask(WENLING_WATER, "administer", Thing(kind="unit"))

    assert refused.reason == "refused.not-unit-administrator"
    assert ask(ADMINISTRATOR, "administer", Thing(kind="account")).rows.everything


@pytest.mark.parametrize("code", ["duty", "second_duty", "staff", "deputy_head"])
def test_only_head_and_administrator_administer_a_unit(code: str) -> None:
    assert code not in UNIT_POSTS
    assert not ask(actor(post(None, WENLING, code)), "administer", SHITANG_UNIT).allowed


@pytest.mark.parametrize("line", [None, "emergency"])
def test_the_head_of_an_office_below_a_government_or_the_bureau_administers_the_office_alone(
    line: str | None,
) -> None:
    place = ZHEJIANG if line else WENLING
    office = replace(post(line, place, "head"), unit_code="office-001", unit_id=unit_id("office"))
    head = actor(office)

    assert ask(
        head, "administer", Thing(kind="unit", division_code=place, unit_ids=(office.unit_id,))
    ).allowed
    assert not ask(head, "administer", SHITANG_UNIT).allowed
    assert not ask(head, "read", SETTINGS).allowed
    assert ask(head, "administer", Thing(kind="unit")).rows.prefixes == ()


# Delegation (promise P2)

WENLING_CHIEF = UUID(int=103)


def delegated(post_: PostHeld, giver: UUID) -> PostHeld:
    return replace(post_, kind="delegated", for_person_id=giver)


DONE = Thing(
    kind="task", division_code=WENLING, unit_ids=(unit_id(f"emergency@{WENLING}"),), doers=(BEN,)
)
CHIEF_POST = post("emergency", WENLING, "head")


def test_who_stands_in_acts_with_the_post_that_was_handed_over() -> None:
    stand_in = actor(post("health", WENLING), delegated(CHIEF_POST, WENLING_CHIEF))

    assert ask(stand_in, "verify", DONE).allowed
    assert ask(stand_in, "verify", DONE).post == delegated(CHIEF_POST, WENLING_CHIEF)
    assert not ask(actor(post("health", WENLING)), "verify", DONE).allowed


def test_nobody_verifies_through_another_what_that_other_did() -> None:
    stand_in = actor(post("health", WENLING), delegated(CHIEF_POST, BEN))

    assert ask(stand_in, "verify", DONE).reason == "refused.same-person"
    assert ask(stand_in, "approve", DONE).reason == "refused.same-person"


def test_who_did_it_does_not_verify_it_in_another_s_post() -> None:
    doer = actor(delegated(CHIEF_POST, WENLING_CHIEF), person=BEN)

    assert ask(doer, "verify", DONE).reason == "refused.same-person"


def test_an_own_post_beside_a_delegated_one_still_counts() -> None:
    both = actor(delegated(CHIEF_POST, BEN), post("emergency", WENLING, "second_duty"))

    answer = ask(both, "verify", DONE)

    assert answer.allowed
    assert answer.post is not None
    assert answer.post.kind == "held"


def test_a_post_delegated_twice_is_still_only_one_post_and_both_givers_count() -> None:
    # Ann stands in for Ben in one post and for the chief in another; Ben did the work.
    twice = actor(delegated(CHIEF_POST, BEN), delegated(post("emergency", WENLING), WENLING_CHIEF))

    assert ask(twice, "verify", DONE).allowed
    assert ask(twice, "verify", replace(DONE, doers=(BEN, WENLING_CHIEF))).reason == (
        "refused.same-person"
    )


def test_a_notice_is_also_for_who_stands_in_for_its_recipient() -> None:
    stand_in = actor(delegated(CHIEF_POST, BEN))
    mine = Thing(kind="notice", owner=BEN)

    assert ask(stand_in, "handle", mine).allowed
    assert not ask(actor(CHIEF_POST), "handle", mine).allowed


def test_standing_in_does_not_open_the_other_s_account_or_own_entry() -> None:
    stand_in = actor(delegated(CHIEF_POST, BEN))

    assert not ask(stand_in, "administer", Thing(kind="account", owner=BEN)).allowed
    assert L4 in ask(stand_in, "read", replace(unit("emergency", WENLING), owner=BEN)).masks


# Requests to see sealed fields

ASKED = Thing(
    kind="look", division_code=WENLING, unit_ids=(unit_id(f"area@{WENLING}"),), doers=(BEN,),
    posts=("head", "deputy_head"), owner=BEN,
)  # fmt: skip


def test_a_request_is_answered_by_a_head_who_is_not_the_asker() -> None:
    assert ask(WENLING_AREA, "approve", ASKED).allowed
    assert ask(actor(post(None, WENLING, "deputy_head")), "approve", ASKED).allowed
    assert ask(actor(post(None, WENLING)), "approve", ASKED).reason == "refused.wrong-post"
    assert ask(GOVERNOR, "approve", ASKED).reason == "refused.not-holder"
    assert ask(ADMINISTRATOR, "approve", ASKED).reason == "refused.not-holder"
    self_approved = ask(actor(post(None, WENLING, "head"), person=BEN), "approve", ASKED)
    assert self_approved.reason == "refused.same-person"


def test_an_asker_does_not_approve_through_who_stands_in_for_him() -> None:
    through = actor(delegated(post(None, WENLING, "head"), BEN))

    assert ask(through, "approve", ASKED).reason == "refused.same-person"


def test_whom_a_fresh_appointment_binds_to_the_asker_is_no_second_person() -> None:
    bound = replace(ASKED, bound=(WENLING_CHIEF,))
    head = post(None, WENLING, "head")

    assert ask(actor(head, person=WENLING_CHIEF), "approve", bound).reason == (
        "refused.appointed-lately"
    )
    assert ask(actor(head), "approve", bound).allowed
    stands_in = actor(delegated(head, WENLING_CHIEF))
    assert ask(stands_in, "approve", bound).reason == "refused.appointed-lately"
    assert "last 30 days" in ask(stands_in, "approve", bound).sentence("en")


def test_a_request_is_taken_back_by_the_asker_or_by_a_head_who_may_answer() -> None:
    assert ask(actor(person=BEN), "withdraw", ASKED).allowed
    assert ask(WENLING_AREA, "withdraw", ASKED).allowed
    assert not ask(actor(post(None, WENLING)), "withdraw", ASKED).allowed
    assert not ask(CANGNAN_AREA, "withdraw", ASKED).allowed


# Deny by default


def test_without_any_rule_everything_is_refused() -> None:
    question = Question(actor=GOVERNOR, act="read", thing=CASE, realm="live")

    assert judge(question, ()).reason == "refused.no-rule"
    assert not judge(question, ()).allowed


def test_the_last_rule_refuses_whatever_comes_to_it() -> None:
    question = Question(actor=GOVERNOR, act="read", thing=CASE, realm="live")

    answer = RULES[-1](question)

    assert answer is not None
    assert not answer.allowed


def test_an_allowed_decision_names_the_post_and_the_rule_that_opened_the_way() -> None:
    two = actor(post("water", CANGNAN), post(None, WENLING))

    answer = ask(two, "read", CASE)

    assert (answer.rule, answer.post) == ("read", two.posts[1])


def test_a_role_of_a_package_is_named_in_the_decision_it_opened() -> None:
    assert ask(WENLING_CIVIL, "read", HOUSEHOLD).role == READERS
    assert ask(WENLING_AREA, "read", HOUSEHOLD).role is None


def test_a_role_for_some_posts_is_not_for_the_others_of_the_unit() -> None:
    file = replace(FILE, package="storm", division_code=VILLAGE)
    question = Question(
        actor=VILLAGE_HEAD, act="read", thing=file, realm="live", roles=(READERS, KEEPER)
    )

    assert question.role(post(None, VILLAGE, "head")) == KEEPER
    assert question.role(post(None, VILLAGE, "duty")) is None
    assert question.role(post(None, SHITANG, "head")) is None


def test_what_is_no_kind_of_thing_is_refused_even_to_the_system() -> None:
    secret = Thing(kind="secret", division_code=WENLING)  # type: ignore[arg-type]

    assert ask(system_actor("worker"), "read", secret).reason == "refused.no-rule"


def test_a_figure_or_a_stream_is_not_opened_by_taking_part_in_it() -> None:
    own = (unit_id(f"water@{WENLING}"),)

    for thing in (FIGURE, STREAM):
        elsewhere = replace(thing, division_code=CANGNAN, unit_ids=own)
        assert ask(WENLING_WATER, "read", elsewhere).reason == "refused.outside-area"
