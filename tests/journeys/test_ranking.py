"""The control index, through HTTP: by area and by unit, its version, and down to the rows."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.apps.lists_story import AUDIT, WATER, bring_to_acceptance, enter, step
from tests.journeys.work_story import officer, text_of
from tests.province import EVENING, SHITANG, WENLING, YUHUAN, unit

from guantong.base.models import Exercise
from guantong.base.realm import Realm

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("flood")]

INDEX = "/rankings/problem_lists.control"
GOVERNMENT = "area@331081"


def accepted(realm: Realm, **answers: object) -> UUID:
    """Enter a problem and bring it through acceptance and prevention in August 2019."""
    case = enter(realm=realm, **answers)  # type: ignore[arg-type]
    bring_to_acceptance(case)
    step(case, "accept_it", AUDIT)
    step(case, "prevent", WATER, "duty")
    return case


def row_of(text: str, name: str) -> str:
    """Return what stands behind a name in the text of a page."""
    return text[text.index(name) :][:80]


def test_a_county_that_did_all_is_green_in_words_too(realm: Realm) -> None:
    accepted(realm)

    text = text_of(officer(GOVERNMENT).get(f"{INDEX}?area={WENLING}&by=unit"))

    # Own found, in time, at the first time, with a mechanism: 70 of 95 have rows, all full.
    assert "温岭市 · 2019年8月 100.0 绿色" in text
    assert "温岭市水利局 1 100.0 绿色" in text
    assert "自 2019-01-01" in text
    assert "绿色：90 分及以上" in text
    assert "红色：60 分以下" in text


def test_what_a_higher_level_had_to_find_costs_the_county(realm: Realm) -> None:
    accepted(realm)
    accepted(realm, title="某河道采砂未按许可", found_by="upper", by="audit@3310")

    text = text_of(officer(GOVERNMENT).get(f"{INDEX}?area={WENLING}"))

    # Half found from above: 10 of 20 points are gone, of the 70 that have rows.
    assert "85.7 蓝色" in text


def test_the_way_down_leads_from_a_score_to_the_rows_and_the_case(realm: Realm) -> None:
    case = accepted(realm)
    leader = officer(GOVERNMENT)
    water = unit(WATER).id

    shown = leader.get(
        f"{INDEX}?area={WENLING}&by=unit&row={water}&part=problem_lists.own_found_rate"
    )

    assert f'href="/cases/{case}"' in shown.content.decode()
    assert "本地自查发现" in text_of(shown)
    assert "一次验收通过率 100.0 100.0 15" in text_of(shown)


def test_another_month_is_another_result_and_no_month_to_come_is_shown(realm: Realm) -> None:
    accepted(realm)
    leader = officer(GOVERNMENT)

    before = text_of(leader.get(f"{INDEX}?area={WENLING}&month=2019-07"))
    to_come = text_of(leader.get(f"{INDEX}?area={WENLING}&month=2019-12"))
    too_early = text_of(leader.get(f"{INDEX}?area={WENLING}&month=2018-12"))

    assert "温岭市 · 2019年7月 – 不评定" in before
    assert "本月没有可计入的记录" in before
    assert "温岭市 · 2019年8月 100.0 绿色" in to_come
    assert "这个月还没有生效的版本" in too_early


def test_an_old_month_can_be_had_again_after_it_is_over(realm: Realm) -> None:
    accepted(realm)
    Exercise.objects.filter(realm=realm).update(now_at=EVENING + timedelta(days=40))
    leader = officer(GOVERNMENT)

    now, then = (
        text_of(leader.get(f"{INDEX}?area={WENLING}&month={month}"))
        for month in ("2019-09", "2019-08")
    )

    # The self-checks became overdue in August, at the end of their fifteen days.
    assert "2019年9月 – 不评定" in now
    assert "2019年8月 82.4 蓝色" in then


def test_the_neighbour_county_sees_nothing_of_it_and_the_city_ranks_both(realm: Realm) -> None:
    accepted(realm)
    neighbour, city = officer("area@331083"), officer("area@3310", "head")

    refused = neighbour.get(f"{INDEX}?area={WENLING}")
    own = text_of(neighbour.get(INDEX))
    both = text_of(city.get(INDEX))

    assert refused.status_code == 403
    assert "温岭" not in own
    assert "温岭市 1 100.0 绿色" in both
    assert f"area={YUHUAN}" not in both


def test_a_reader_of_another_line_sees_the_score_and_not_the_rows(realm: Realm) -> None:
    case = accepted(realm)

    shown = officer("housing@331081").get(f"{INDEX}?area={WENLING}&by=unit&row={unit(WATER).id}")

    assert "温岭市水利局 · 100" in text_of(shown)
    assert str(case) not in shown.content.decode()


def test_the_number_of_queries_does_not_grow_with_the_problems(realm: Realm) -> None:
    leader = officer(GOVERNMENT)
    accepted(realm)
    leader.get(INDEX)
    with CaptureQueriesContext(
        connection,
    ) as few:
        leader.get(INDEX)
    for number in range(3):
        accepted(realm, title=f"第 {number} 处泵站资料缺失")
    with CaptureQueriesContext(connection) as more:
        leader.get(INDEX)

    assert len(more) == len(few)


def test_the_rows_of_a_county_are_those_of_its_townships_too(realm: Realm) -> None:
    case = accepted(realm, place=SHITANG, by="area@331081105")

    shown = officer("area@3310", "head").get(f"{INDEX}?row={WENLING}")

    assert f'href="/cases/{case}"' in shown.content.decode()
