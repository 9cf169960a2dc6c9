"""Which rows an answer covers: the predicate of a list and the judgement of a row agree."""

from uuid import UUID

import pytest
from django.db import connection

from guantong.access.api import Rows

WENLING, TAIZHOU, LISHUI, QINGYUAN = (
    "331081000000", "331000000000", "331100000000", "331126000000",
)  # fmt: skip
OURS, THEIRS = UUID(int=1), UUID(int=2)


def test_rows_without_anything_cover_nothing() -> None:
    assert Rows().nothing
    assert Rows().sql("division_code") == ("false", [])
    assert not Rows().covers(WENLING, (OURS,))


def test_everything_covers_rows_without_a_place_too() -> None:
    assert Rows(everything=True).sql("division_code", "unit_id") == ("true", [])
    assert Rows(everything=True).covers(None)


def test_a_city_covers_its_counties_and_not_the_city_next_to_it() -> None:
    rows = Rows(prefixes=("3310",))

    assert rows.covers(TAIZHOU)
    assert rows.covers(WENLING)
    assert not rows.covers(LISHUI)
    assert not rows.covers("330000000000")


@pytest.mark.parametrize("place", [None, "", "3310", "3310%", "331081"])
def test_what_is_no_place_lies_in_no_area(place: str | None) -> None:
    assert not Rows(prefixes=("3310",)).covers(place)


def test_a_unit_covers_what_it_holds_wherever_that_lies() -> None:
    rows = Rows(unit_ids=(OURS,))

    assert rows.covers(QINGYUAN, (OURS, THEIRS))
    assert rows.covers(None, (OURS,))
    assert not rows.covers(QINGYUAN, (THEIRS,))


def test_a_line_covers_its_own_work_in_its_area_only() -> None:
    rows = Rows(lines=(("331081", "water"),))

    assert rows.covers(WENLING, (), ("water",))
    assert not rows.covers(WENLING, (), ("health",))
    assert not rows.covers(QINGYUAN, (), ("water",))


def test_a_column_that_is_no_column_is_a_fault_of_the_caller() -> None:
    with pytest.raises(AssertionError):
        Rows(prefixes=("33",)).sql("division_code; drop table x")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "rows",
    [
        Rows(),
        Rows(everything=True),
        Rows(prefixes=("3310",)),
        Rows(prefixes=("331081", "331126")),
        Rows(unit_ids=(OURS,)),
        Rows(prefixes=("331126",), unit_ids=(OURS,), lines=(("3310", "water"),)),
    ],
)
def test_the_predicate_picks_exactly_the_rows_that_are_covered(rows: Rows) -> None:
    stored = [
        (place, unit, line)
        for place in (TAIZHOU, WENLING, QINGYUAN, None)
        for unit in (OURS, THEIRS)
        for line in ("water", "health")
    ]
    predicate, values = rows.sql("t.place", "t.unit", "t.line")

    with connection.cursor() as cursor:
        cursor.execute(
            "select place, unit, line from (values "
            + ", ".join(["(%s::text, %s::uuid, %s::text)"] * len(stored))
            + f") as t (place, unit, line) where {predicate}",
            [value for row in stored for value in row] + values,
        )
        found = cursor.fetchall()

    assert sorted(found, key=str) == sorted(
        [row for row in stored if rows.covers(row[0], (row[1],), (row[2],))], key=str
    )
