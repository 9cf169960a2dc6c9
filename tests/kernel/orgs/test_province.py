"""The province as it is founded: real divisions, the lines, invented people."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.kernel.orgs.conftest import FOUNDED

from guantong.orgs.api import (
    Counts,
    Gap,
    Responsibility,
    Role,
    division,
    divisions,
    duty_people,
    found_province,
    gaps,
    jurisdictions,
    lines,
    people_of_unit,
    posts_of_people,
    resolve,
    unit_by_code,
)
from guantong.orgs.founding import read_divisions, rows

TODAY = date(2019, 8, 10)
SHITANG_VILLAGE = "331081105229"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province")]


def test_the_divisions_are_those_of_the_bureau_of_statistics() -> None:
    counted = {tier: len(divisions(tier=tier)) for tier in ("province", "city", "county")}

    assert counted == {"province": 1, "city": 11, "county": 90}
    assert len(divisions(tier="township")) == 1387
    assert len(divisions(tier="village")) == 25547


def test_a_division_is_asked_by_its_whole_code() -> None:
    wenling = division("331081000000")

    assert wenling is not None
    assert (wenling.name, wenling.name_en, wenling.parent_code) == (
        "温岭市", "Wenling City", "331000000000",
    )  # fmt: skip
    assert division("3310") is None


def test_the_divisions_of_taizhou_are_not_mixed_with_those_of_lishui() -> None:
    found = divisions(tier="county", under="331000000000")

    assert [d.name for d in found] == [
        "椒江区", "黄岩区", "路桥区", "三门县", "天台县", "仙居县", "温岭市", "临海市", "玉环市",
    ]  # fmt: skip
    assert divisions(tier="county", under="3310") == []


def test_a_second_founding_changes_nothing(province: Counts) -> None:
    before = unit_by_code("area@331081", on=TODAY)

    again = found_province(on=FOUNDED + timedelta(days=1))

    assert again == province
    assert unit_by_code("area@331081", on=TODAY) == before


def test_the_founding_leaves_one_leaf() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_leaf where kind = 'province'")

        assert cursor.fetchone() == (1,)


def test_the_same_files_give_the_same_rows_but_for_the_ids() -> None:
    places = read_divisions()[:120]
    first, second = (rows(places, lines(), on=FOUNDED) for _ in range(2))

    assert [row[1:] for row in first.units] == [row[1:] for row in second.units]
    assert [row[1:] for row in first.people] == [row[1:] for row in second.people]
    assert {row[0] for row in first.units}.isdisjoint(row[0] for row in second.units)


def test_every_person_is_plainly_invented() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select name from orgs_person")
        names = [name for (name,) in cursor.fetchall()]

    assert all(re.fullmatch(r"\w某\d\d", name) for name in names)


def test_units_are_called_as_their_place_and_their_tier_say() -> None:
    codes = ("area@331081001", "area@331081105", "area@331081400", f"area@{SHITANG_VILLAGE}")
    found = [unit_by_code(code, on=TODAY) for code in (*codes, "water@331081")]

    assert [unit.name_zh for unit in found if unit] == [
        "太平街道办事处", "石塘镇人民政府", "东部新区管理委员会", "里箬村委会", "温岭市水利局",
    ]  # fmt: skip
    assert found[-1] is not None
    assert found[-1].name("en") == "Water Resources Bureau of Wenling City"


def test_every_unit_has_two_different_people_and_the_duty_officer_comes_first() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select id from orgs_unit")
        units = [id for (id,) in cursor.fetchall()]

    with CaptureQueriesContext(connection) as asked:
        found = duty_people(units, on=TODAY)

    assert len(asked) == 2  # the rosters, and the posts
    assert min(len(set(people)) for people in found.values()) == 2
    water = unit_by_code("water@331081", on=TODAY)
    assert water is not None
    people = people_of_unit(water.id, on=TODAY)
    assert [person.post_code for person in people] == ["duty", "second_duty", "head"]
    assert found[water.id] == tuple(person.id for person in people)


def test_the_second_person_of_a_village_is_the_duty_officer_of_its_township() -> None:
    village = unit_by_code(f"area@{SHITANG_VILLAGE}", on=TODAY)
    township = unit_by_code("area@331081105", on=TODAY)
    assert village is not None
    assert township is not None

    linked = people_of_unit(village.id, on=TODAY)[0]

    assert linked.title == "orgs.post.linked_officer"
    assert linked.id == people_of_unit(township.id, on=TODAY)[0].id
    held = posts_of_people([linked.id], on=TODAY)[linked.id]
    assert township.code in {post.unit.code for post in held}


def test_nobody_held_a_post_before_the_founding() -> None:
    unit = unit_by_code("water@331081", on=TODAY)
    assert unit is not None

    assert people_of_unit(unit.id, on=FOUNDED - timedelta(days=1)) == []
    assert unit_by_code("water@331081", on=FOUNDED - timedelta(days=1)) is None
    assert unit_by_code("water@331081", on=FOUNDED) == unit


def test_a_core_district_of_hangzhou_is_served_by_the_city_s_meteorological_bureau() -> None:
    found = resolve(
        Role.parse("meteorology@county"), "330106000000", units=jurisdictions(TODAY), on=TODAY
    )

    assert isinstance(found, Responsibility)
    assert found.unit.name_zh == "杭州市气象局"
    assert found.coordinating is not None
    assert found.coordinating.name_zh == "西湖区人民政府"
    assert found.fell_back_from == Role("meteorology", "county")


def test_every_line_answers_in_every_county_or_is_listed_as_fallen_back() -> None:
    roles = [Role(line, "county") for line in lines()]

    listed = gaps(roles, on=TODAY)

    assert not [gap for gap in listed if isinstance(gap, Gap)]
    fallen = [(a.role.line, a.place) for a in listed if isinstance(a, Responsibility)]
    assert [place for line, place in fallen if line == "meteorology"] == [
        "330102000000", "330105000000", "330106000000", "330108000000",
    ]  # fmt: skip
    assert len([place for line, place in fallen if line == "communications"]) == 90
    assert len(fallen) == 94


def test_ten_thousand_questions_cost_one_reading_of_the_table() -> None:
    places = [d.code for d in divisions(tier="village")][:10_000]
    role = Role.parse("emergency@county")

    with CaptureQueriesContext(connection) as asked:
        units = [resolve(role, place, units=jurisdictions(TODAY), on=TODAY) for place in places]

    read = [query for query in asked.captured_queries if "orgs_jurisdiction" in query["sql"]]
    assert len(read) == 1
    assert len(asked) < 100  # once a second somebody looks whether the table was changed
    assert all(isinstance(unit, Responsibility) for unit in units)


def test_a_table_that_another_process_changed_is_read_anew_within_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from guantong.orgs import queries

    monkeypatch.setattr(queries, "LOOK_SECONDS", 3600.0)
    before = jurisdictions(TODAY)
    with connection.cursor() as cursor:  # as another process would
        cursor.execute(
            "insert into orgs_organisationversion (id, number) values (1, 7)"
            " on conflict (id) do update set number = 7"
        )

    at_once = jurisdictions(TODAY)
    monkeypatch.setattr(queries, "LOOK_SECONDS", 0.0)
    later = jurisdictions(TODAY)

    assert at_once is before
    assert later is not before
    assert jurisdictions(TODAY) is later  # the number stands still, and so does the copy


def test_a_day_before_the_one_that_was_loaded_is_loaded_again() -> None:
    later = jurisdictions(TODAY + timedelta(days=30))

    earlier = jurisdictions(TODAY)

    assert earlier is not later
    assert jurisdictions(TODAY + timedelta(days=1)) is earlier
