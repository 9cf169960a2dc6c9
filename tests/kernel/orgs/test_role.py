"""Roles as packages write them, and the lines they may name."""

import pytest

from guantong.orgs.api import Role, lines
from guantong.orgs.errors import NotARole, UnknownLine, UnknownTier


def test_a_role_reads_back_as_it_was_written() -> None:
    role = Role.parse("water@county")

    assert (role.line, role.tier, str(role)) == ("water", "county", "water@county")


def test_the_territory_itself_can_hold_a_role() -> None:
    assert Role.parse("area@village") == Role("area", "village")


def test_a_misspelt_line_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UnknownLine) as refusal:
        Role.parse("meterology@county")

    assert "meteorology" in refusal.value.sentence("en")
    assert "meteorology" in refusal.value.sentence("zh-CN")


def test_an_unknown_tier_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UnknownTier, match="nearest: county"):
        Role.parse("water@countyy")


def test_a_line_like_no_other_is_refused_with_all_that_there_are() -> None:
    with pytest.raises(UnknownLine, match=r"area, emergency, .*fire_rescue, .*petitions"):
        Role.parse("xyz@county")


@pytest.mark.parametrize("text", ["", "water", "@county", "water@", "@"])
def test_a_text_without_line_and_tier_is_no_role(text: str) -> None:
    with pytest.raises(NotARole, match="line@tier"):
        Role.parse(text)


def test_there_are_twenty_one_lines_of_which_the_text_of_flood_response_names_six() -> None:
    named = [line.id for line in lines().values() if line.named_by_text]

    assert len(lines()) == 21
    assert named == [
        "emergency", "meteorology", "water", "housing", "public_security", "agriculture",
    ]  # fmt: skip


def test_every_line_reaches_the_province_and_is_named_in_both_languages() -> None:
    for line in lines().values():
        assert "province" in line.units
        assert line.zh
        assert line.en
        assert all(called.keys() == {"zh", "en"} for called in line.units.values())
