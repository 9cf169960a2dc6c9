"""Units are renamed and merged; history keeps its names (promise P11)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from tests.kernel.orgs.conftest import FOUNDED

from guantong.orgs.api import (
    Counts,
    Responsibility,
    Role,
    UnitRef,
    divisions,
    jurisdictions,
    merge_unit,
    people_of_unit,
    posts_of_people,
    rename_unit,
    resolve,
    unit_by_code,
    unit_names,
    units_by_id,
)
from guantong.orgs.errors import DayBeforeFounding, MergedIntoItself, UnknownUnit

DAY = date(2019, 8, 10)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
AT = datetime(2019, 8, 1, tzinfo=UTC)
WATER = Role.parse("water@county")
WENLING = "331081000000"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counties")]


def unit(code: str) -> UnitRef:
    found = unit_by_code(code, on=BEFORE)
    assert found is not None
    return found


def rename(on: date) -> None:
    rename_unit(
        "water@331081", name_zh="温岭市水务局", name_en="Water Bureau", on=on, at=AT, actor="test"
    )


def merge(code: str, into: str) -> None:
    merge_unit(code, into=into, on=DAY, at=AT, actor="test")


def test_a_renamed_unit_keeps_its_old_name_for_the_days_before() -> None:
    water = unit("water@331081")

    rename(DAY)

    names = [unit_names([water.id], on=on)[water.id][0] for on in (BEFORE, DAY, AFTER)]
    assert names == ["温岭市水利局", "温岭市水务局", "温岭市水务局"]
    renamed = unit_by_code("water@331081", on=DAY)
    assert renamed is not None
    assert (renamed.id, renamed.name_zh) == (water.id, "温岭市水务局")


def test_a_unit_renamed_twice_remembers_both_names() -> None:
    water = unit("water@331081")
    rename(DAY)

    rename_unit("water@331081", name_zh="第三个名", name_en="Third", on=AFTER, at=AT, actor="test")

    names = [unit_names([water.id], on=on)[water.id][0] for on in (BEFORE, DAY, AFTER)]
    assert names == ["温岭市水利局", "温岭市水务局", "第三个名"]


def test_renaming_a_second_time_to_the_same_name_changes_nothing() -> None:
    rename(DAY)

    rename(AFTER)

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from orgs_unitname")
        assert cursor.fetchone() == (1,)


def test_a_name_cannot_begin_before_the_present_one_did() -> None:
    with pytest.raises(DayBeforeFounding, match="Give a later day"):
        rename(FOUNDED)


def test_after_a_merger_the_other_unit_answers_and_before_it_the_old_one_did() -> None:
    old, new = unit("water@331081"), unit("agriculture@331081")

    merge("water@331081", "agriculture@331081")

    def answering(on: date) -> UnitRef:
        found = resolve(WATER, WENLING, units=jurisdictions(BEFORE), on=on)
        assert isinstance(found, Responsibility)
        return found.unit

    assert answering(BEFORE).id == old.id
    assert answering(DAY).id == new.id
    assert unit_by_code("water@331081", on=DAY) is None
    assert units_by_id([old.id])[old.id].name_zh == "温岭市水利局"


def test_posts_of_a_merged_unit_end_and_the_other_unit_s_people_hold_what_it_held() -> None:
    old, new = unit("water@331081"), unit("agriculture@331081")
    dismissed = people_of_unit(old.id, on=BEFORE)[0].id
    taking_over = people_of_unit(new.id, on=BEFORE)[0].id

    merge("water@331081", "agriculture@331081")

    held = posts_of_people([dismissed, taking_over], on=DAY)
    assert held[dismissed] == ()
    # In the unit that took over they act in both lines, and in the closed one as well.
    assert [(post.unit.id, post.unit.line) for post in held[taking_over]] == [
        (new.id, "agriculture"), (new.id, "water"), (old.id, "water"),
    ]  # fmt: skip
    before = posts_of_people([dismissed, taking_over], on=BEFORE)
    assert [len(posts) for posts in before.values()] == [1, 1]


def test_a_memory_loaded_before_a_merger_is_forgotten_with_it() -> None:
    resolve(WATER, WENLING, units=jurisdictions(DAY), on=DAY)

    merge("water@331081", "agriculture@331081")

    found = resolve(WATER, WENLING, units=jurisdictions(DAY), on=DAY)
    assert isinstance(found, Responsibility)
    assert found.unit.code == "agriculture@331081"


def test_a_merger_leaves_a_leaf() -> None:
    merge("water@331081", "agriculture@331081")

    with connection.cursor() as cursor:
        cursor.execute("select object_id from audit_leaf where kind = 'unit'")
        assert cursor.fetchall() == [(unit("water@331081").id,)]


def test_only_the_divisions_asked_for_and_those_above_them_are_founded(counties: Counts) -> None:
    assert [d.name for d in divisions(tier="city")] == ["温州市", "台州市", "丽水市"]
    assert [d.name for d in divisions(tier="county")] == ["苍南县", "温岭市", "庆元县"]
    assert counties.divisions == len(divisions())


def test_a_unit_cannot_merge_into_itself() -> None:
    with pytest.raises(MergedIntoItself, match="Name the other unit"):
        merge("water@331081", "water@331081")


def test_a_unit_that_was_merged_cannot_be_merged_again() -> None:
    merge("water@331081", "agriculture@331081")

    with pytest.raises(UnknownUnit, match="see whether the unit was merged"):
        merge("water@331081", "agriculture@331081")
