"""What answers where a line has no unit: the declared chain, its links, its rings, its history."""

from datetime import date

import pytest
from tests.kernel.orgs.test_responsibility import (
    AREAS,
    CITY_HALL_STREET,
    FOUNDED,
    HANGZHOU,
    LATER,
    TODAY,
    WATER,
    XIHU,
    ZHEJIANG,
    codes,
    held,
)

from guantong.orgs.api import (
    Chains,
    Declaration,
    Gap,
    Holding,
    Jurisdictions,
    Responsibility,
    Role,
    carrier,
    chain_words,
    line_name,
    lines,
    read_chain,
    resolve,
)
from guantong.orgs.errors import ChainGoesInARing, ChainLinkUnknown, ChainNotSensible
from guantong.orgs.fallback import refuse_rings

HEALTH = [held("health@33", ZHEJIANG), held("health@3301", HANGZHOU), held("health@330106", XIHU)]


def says(
    line: str, area: str, *chain: str, start: date = FOUNDED, end: date | None = None
) -> Declaration:
    return Declaration(line, area, chain, start, end)


def answer(
    role: str, place: str, *declared: Declaration, holdings: list[Holding], on: date = TODAY
) -> Responsibility | Gap:
    units = Jurisdictions(AREAS + holdings, chains=Chains(declared))
    return resolve(Role.parse(role), place, units=units, on=on)


def test_every_shipped_line_says_who_answers_where_it_has_no_unit() -> None:
    for line in lines().values():
        assert read_chain(line.id, chain_words(line.fallback, "zh-CN")) == line.fallback


def test_the_government_of_the_place_answers_where_the_chain_says_so() -> None:
    found = answer("water@county", XIHU, says("water", XIHU, "area"), holdings=WATER[:2])

    assert codes(found) == ("area@330106", "water@3301", "area@330106")
    assert isinstance(found, Responsibility)
    assert found.fell_back_from == Role("water", "county")


def test_the_bureau_that_carries_the_duty_answers_and_the_line_stays_its_superior() -> None:
    found = answer("water@county", XIHU, says("water", XIHU, carrier("health")),
                   holdings=WATER[:2] + HEALTH)  # fmt: skip

    assert codes(found) == ("health@330106", "water@3301", "area@330106")


def test_where_the_line_has_nobody_above_the_carrier_s_own_line_is_told() -> None:
    found = answer("water@county", XIHU, says("water", XIHU, carrier("health")), holdings=HEALTH)

    assert codes(found) == ("health@330106", "health@3301", "area@330106")


def test_a_carrier_without_a_unit_is_asked_for_its_own_chain() -> None:
    found = answer("water@county", XIHU, says("water", XIHU, carrier("health")),
                   says("health", ZHEJIANG, "area"), holdings=HEALTH[:2])  # fmt: skip

    assert codes(found)[0] == "area@330106"
    assert isinstance(found, Responsibility)
    assert found.through == (carrier("health"), "area")


def test_a_link_that_finds_nobody_leads_to_the_next_one() -> None:
    found = answer("water@county", XIHU, says("water", XIHU, "next_tier", "area"), holdings=[])

    assert codes(found)[0] == "area@330106"
    assert isinstance(found, Responsibility)
    assert found.through == ("area",)


def test_nobody_is_a_gap_with_a_name_though_a_unit_stands_above() -> None:
    found = answer("water@county", XIHU, says("water", XIHU, "gap"), holdings=WATER[:2])

    assert isinstance(found, Gap)
    assert found.reason == "declared"
    assert "says that nobody answers" in found.sentence("en")


def test_a_unit_of_its_own_is_asked_before_any_chain() -> None:
    found = answer("water@county", XIHU, says("water", XIHU, "gap"), holdings=WATER)

    assert codes(found)[0] == "water@330106"


def test_the_declaration_for_the_smaller_area_wins() -> None:
    wide, near = says("water", ZHEJIANG, "gap"), says("water", XIHU, "area")

    assert codes(answer("water@county", XIHU, wide, near, holdings=[]))[0] == "area@330106"
    assert codes(answer("water@county", XIHU, near, wide, holdings=[]))[0] == "area@330106"
    assert isinstance(answer("water@city", HANGZHOU, wide, near, holdings=[]), Gap)


def test_what_lies_in_an_area_is_asked_by_its_chain() -> None:
    found = answer("water@township", CITY_HALL_STREET, says("water", HANGZHOU, "area"), holdings=[])

    assert codes(found)[0] == "area@330106001"


def test_a_declaration_holds_from_its_first_day_up_to_its_end() -> None:
    declared = says("water", XIHU, "area", start=TODAY, end=LATER)

    def unit_on(on: date) -> str | None:
        return codes(answer("water@county", XIHU, declared, holdings=WATER[:2], on=on))[0]

    assert unit_on(date.fromordinal(TODAY.toordinal() - 1)) == "water@3301"
    assert unit_on(TODAY) == "area@330106"
    assert unit_on(date.fromordinal(LATER.toordinal() - 1)) == "area@330106"
    assert unit_on(LATER) == "water@3301"


def test_the_way_is_told_in_one_sentence_of_each_language() -> None:
    declared = says("water", XIHU, carrier("health"))
    found = answer("water@county", XIHU, declared, holdings=HEALTH[:2])
    own = answer("water@county", XIHU, holdings=WATER)

    assert isinstance(found, Responsibility)
    assert isinstance(own, Responsibility)
    assert found.way("en") == (
        "Water resources has no unit there; Health carries its duty; Health has no unit there; its"
        " unit above answers (the chain declared from 2019-01-01 on)."
    )
    assert found.way("zh-CN") == (
        "水利在当地没有单位，由卫生健康条线承接；卫生健康在当地没有单位，由上级卫生健康单位承担"
        "（按 2019-01-01 起声明的承接顺序）。"
    )
    assert own.way("en") == "The line has a unit there, and it answers."


def test_a_chain_is_read_as_people_write_it() -> None:
    assert read_chain("water", "卫生健康 → 上级条线、本级政府") == (
        carrier("health"), "next_tier", "area",
    )  # fmt: skip
    assert read_chain("water", "Health -> line above > nobody") == (
        carrier("health"), "next_tier", "gap",
    )  # fmt: skip
    assert read_chain("water", "line:health, area") == (carrier("health"), "area")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("  ", "chain-empty"),
        ("area → area", "chain-twice"),
        ("gap → area", "chain-after-nobody"),
        ("water", "chain-itself"),
    ],
)
def test_a_chain_that_cannot_be_followed_is_refused(text: str, code: str) -> None:
    with pytest.raises(ChainNotSensible) as refusal:
        read_chain("water", text)

    assert refusal.value.code == code
    assert refusal.value.sentence("zh-CN").startswith("没有办理")


def test_a_word_that_is_no_link_is_refused_and_named() -> None:
    with pytest.raises(ChainLinkUnknown, match="'Atlantis' in the fallback chain is no line"):
        read_chain("water", "Atlantis → area")


# Rings


def test_two_lines_that_would_carry_each_other_are_refused() -> None:
    first, second = says("water", XIHU, carrier("health")), says("health", XIHU, carrier("water"))

    with pytest.raises(ChainGoesInARing, match="water → health → water"):
        refuse_rings(Chains([first, second]), second)


def test_a_ring_over_three_lines_and_two_tiers_is_refused_where_it_closes() -> None:
    wide = says("water", ZHEJIANG, carrier("health"))
    middle = says("health", HANGZHOU, carrier("energy"))
    last = says("energy", XIHU, "area", carrier("water"))

    refuse_rings(Chains([wide, middle]), middle)
    with pytest.raises(ChainGoesInARing):
        refuse_rings(Chains([wide, middle, last]), last)


def test_a_smaller_area_that_breaks_the_ring_is_no_ring_but_the_wider_one_still_is() -> None:
    water, health = says("water", ZHEJIANG, carrier("health")), says(
        "health", XIHU, carrier("water")
    )  # fmt: skip
    near = says("water", XIHU, "area")

    refuse_rings(Chains([water, near, health]), health)
    with pytest.raises(ChainGoesInARing):
        refuse_rings(Chains([water, health]), health)


def test_a_ring_that_closes_on_a_later_day_is_refused_today() -> None:
    later = says("water", XIHU, carrier("health"), start=LATER)
    now = says("health", XIHU, carrier("water"), start=TODAY)

    with pytest.raises(ChainGoesInARing, match="from 2019-09-01 on"):
        refuse_rings(Chains([later, now]), now)


def test_chains_that_end_before_the_other_begins_make_no_ring() -> None:
    ended = says("water", XIHU, carrier("health"), end=TODAY)
    now = says("health", XIHU, carrier("water"), start=TODAY)

    refuse_rings(Chains([ended, now]), now)


def test_a_ring_that_came_in_past_the_rules_ends_in_a_gap_and_not_in_a_loop() -> None:
    found = answer("water@county", XIHU, says("water", XIHU, carrier("health")),
                   says("health", XIHU, carrier("water")), holdings=[])  # fmt: skip

    assert isinstance(found, Gap)
    assert found.reason == "no-unit"


def test_a_line_has_a_name_in_both_languages() -> None:
    assert (line_name("water", "zh-CN"), line_name("area", "en")) == ("水利", "the territory")
