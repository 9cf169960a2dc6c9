"""The shipped province answers who answers for a role, without a store."""

from guantong.orgs.api import Gap, Responsibility, Role, resolve, shipped_province

WENLING, SHANGCHENG = "331081000000", "330102000000"


def answer(role: str, place: str) -> Responsibility | Gap:
    province = shipped_province()
    return resolve(Role.parse(role), place, units=province.jurisdictions, on=province.on)


def test_every_tier_of_the_province_is_there() -> None:
    counts = {tier: len(places) for tier, places in shipped_province().by_tier.items()}

    assert counts == {
        "province": 1, "city": 11, "county": 90, "township": 1387, "village": 25547,
    }  # fmt: skip


def test_a_county_with_a_bureau_answers_itself() -> None:
    found = answer("water@county", WENLING)

    assert isinstance(found, Responsibility)
    assert found.unit.code == "water@331081"
    assert found.fell_back_from is None


def test_a_district_without_a_bureau_is_answered_for_by_the_city() -> None:
    found = answer("meteorology@county", SHANGCHENG)

    assert isinstance(found, Responsibility)
    assert found.unit.code == "meteorology@3301"
    assert found.fell_back_from == Role.parse("meteorology@county")


def test_a_place_outside_the_province_is_a_gap() -> None:
    assert isinstance(answer("water@county", "310101000000"), Gap)
