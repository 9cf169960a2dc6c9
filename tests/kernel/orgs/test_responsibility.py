"""One role and one place give one unit, its superior and the coordinating area, or a gap."""

from datetime import date
from uuid import UUID

from guantong.orgs.api import (
    Gap,
    Holding,
    Jurisdictions,
    Responsibility,
    Role,
    UnitRef,
    resolve,
    tier_of,
)
from guantong.orgs.responsibility import Kind

FOUNDED, TODAY, LATER = date(2019, 1, 1), date(2019, 8, 10), date(2019, 9, 1)
ZHEJIANG, HANGZHOU, XIHU, CITY_HALL_STREET = (
    "330000000000", "330100000000", "330106000000", "330106001000",
)  # fmt: skip


def unit(code: str, division_code: str) -> UnitRef:
    line = code.partition("@")[0]
    tier = tier_of(division_code)
    assert tier is not None
    return UnitRef(
        id=UUID(int=abs(hash(code)) % 2**64),
        code=code,
        line=None if line == "area" else line,
        tier=tier,
        division_code=division_code,
        name_zh=code,
        name_en=code,
    )


def held(
    code: str,
    area: str,
    *,
    kind: Kind = "territorial",
    start: date = FOUNDED,
    end: date | None = None,
) -> Holding:
    return Holding(unit(code, area), code.partition("@")[0], area, kind, start, end)


AREAS = [
    held("area@33", ZHEJIANG),
    held("area@3301", HANGZHOU),
    held("area@330106", XIHU),
    held("area@330106001", CITY_HALL_STREET),
]
WATER = [held("water@33", ZHEJIANG), held("water@3301", HANGZHOU), held("water@330106", XIHU)]


def answer(
    role: str, place: str, holdings: list[Holding], *, on: date = TODAY
) -> Responsibility | Gap:
    return resolve(Role.parse(role), place, units=Jurisdictions(AREAS + holdings), on=on)


def codes(answer: Responsibility | Gap) -> tuple[str | None, str | None, str | None]:
    assert isinstance(answer, Responsibility)
    return (
        answer.unit.code,
        answer.superior.code if answer.superior else None,
        answer.coordinating.code if answer.coordinating else None,
    )


def test_a_township_place_is_lifted_to_the_tier_of_the_role() -> None:
    found = answer("water@county", CITY_HALL_STREET, WATER)

    assert codes(found) == ("water@330106", "water@3301", "area@330106")


def test_a_line_without_a_unit_there_answers_one_tier_up_and_says_so() -> None:
    found = answer("water@county", XIHU, WATER[:2])

    assert codes(found) == ("water@3301", "water@33", "area@330106")
    assert isinstance(found, Responsibility)
    assert found.fell_back_from == Role("water", "county")


def test_a_unit_of_its_own_is_no_fallback() -> None:
    found = answer("water@county", XIHU, WATER)

    assert isinstance(found, Responsibility)
    assert found.fell_back_from is None


def test_the_superior_is_the_next_unit_that_exists() -> None:
    found = answer("water@county", XIHU, [WATER[0], WATER[2]])

    assert codes(found) == ("water@330106", "water@33", "area@330106")


def test_the_province_has_no_superior() -> None:
    found = answer("water@province", XIHU, WATER)

    assert codes(found) == ("water@33", None, "area@33")


def test_the_territory_answers_for_itself_under_the_area_above() -> None:
    found = answer("area@township", CITY_HALL_STREET, [])

    assert codes(found) == ("area@330106001", "area@330106", "area@330106001")


def test_a_place_above_the_role_is_a_named_gap() -> None:
    found = answer("water@county", HANGZHOU, WATER)

    assert isinstance(found, Gap)
    assert found.reason == "place-above-tier"
    assert HANGZHOU in found.sentence("zh-CN")
    assert "Name one of the divisions in it" in found.sentence("en")


def test_a_line_without_any_unit_on_the_way_up_is_a_named_gap() -> None:
    found = answer("water@county", XIHU, [])

    assert isinstance(found, Gap)
    assert found.reason == "no-unit"


def test_a_place_that_does_not_exist_is_a_named_gap() -> None:
    for place in ("330199000000", "110000000000", "3301", "", "not a code"):
        found = answer("water@county", place, WATER)

        assert isinstance(found, Gap)
        assert found.reason == "unknown-place"


def test_the_day_a_jurisdiction_ends_is_no_longer_its_own() -> None:
    ended = [*WATER[:2], held("water@330106", XIHU, end=TODAY)]

    on_the_day = answer("water@county", XIHU, ended)
    the_day_before = answer("water@county", XIHU, ended, on=date(2019, 8, 9))

    assert codes(on_the_day)[0] == "water@3301"
    assert codes(the_day_before)[0] == "water@330106"


def test_the_day_a_jurisdiction_begins_is_its_own() -> None:
    begun = [*WATER[:2], held("water@330106", XIHU, start=TODAY)]

    assert codes(answer("water@county", XIHU, begun))[0] == "water@330106"
    assert codes(answer("water@county", XIHU, begun, on=date(2019, 8, 9)))[0] == "water@3301"


def test_a_zone_made_for_the_area_goes_before_the_general_unit() -> None:
    zone = Holding(unit("water@zone", XIHU), "water", XIHU, "zone", FOUNDED, None)

    for rows in ([*WATER, zone], [zone, *WATER]):
        assert codes(answer("water@county", XIHU, rows))[0] == "water@zone"
