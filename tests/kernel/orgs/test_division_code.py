"""Division codes: tiers are read by groups of digits, and places lie in places."""

import pytest

from guantong.orgs.api import covers, is_code, lift, prefix, tier_of

ZHEJIANG, HANGZHOU, TAIZHOU = "330000000000", "330100000000", "331000000000"
WENLING, ZEGUO, VILLAGE = "331081000000", "331081100000", "331081100200"


@pytest.mark.parametrize(
    ("code", "tier", "digits"),
    [
        (ZHEJIANG, "province", "33"),
        (TAIZHOU, "city", "3310"),
        (WENLING, "county", "331081"),
        (ZEGUO, "township", "331081100"),
        (VILLAGE, "village", "331081100200"),
    ],
)
def test_a_code_that_ends_in_zeros_keeps_the_zeros_of_its_own_group(
    code: str, tier: str, digits: str
) -> None:
    assert (tier_of(code), prefix(code)) == (tier, digits)


@pytest.mark.parametrize(
    "text",
    [
        "", "33", "331081", "000000000000", "33108110020", "3310811002000", "33108110020a",
        "３３１０８１１００２００", "330000100000", "330100001000", None, 330000000000,
    ],
)  # fmt: skip
def test_what_no_division_can_have_is_no_code(text: object) -> None:
    assert not is_code(text)


def test_a_place_is_lifted_to_the_tiers_above_it_and_to_its_own() -> None:
    lifted = [lift(VILLAGE, tier) for tier in ("province", "city", "county", "township", "village")]

    assert lifted == [ZHEJIANG, TAIZHOU, WENLING, ZEGUO, VILLAGE]


def test_a_place_is_not_lowered_to_a_tier_below_it() -> None:
    assert lift(TAIZHOU, "county") is None


def test_the_province_covers_a_city_and_the_city_not_the_province() -> None:
    assert covers(ZHEJIANG, HANGZHOU)
    assert not covers(HANGZHOU, ZHEJIANG)


def test_taizhou_does_not_cover_another_city_whose_code_begins_alike() -> None:
    assert covers(TAIZHOU, WENLING)
    assert not covers(TAIZHOU, "331100000000")


def test_no_area_covers_a_missing_place() -> None:
    assert not covers(ZHEJIANG, None)
    assert not covers(ZHEJIANG, "")
