"""The pages of parameters: everybody reads them, the unit that leads in the area sets them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import province
from tests.province import TAIPING, WENLING, user_for

from guantong.base.clock import local_day, machine_now
from guantong.packages.life.models import ParameterValue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province", "flood")]

SHOWN = "/apps/flood_response/parameters"
SET = f"{SHOWN}/land_reduction/set"
HEAD = ("emergency@331081", "head")


def browser_of(unit: str, post: str = "head", language: str = "zh-CN") -> Client:
    browser = Client()
    user = user_for(unit, post, language=language)
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


@pytest.fixture(autouse=True)
def _plain(settings: Any) -> None:
    settings.SECOND_FACTOR = "optional"


def form(**changed: str) -> dict[str, str]:
    today = local_day(machine_now())
    given = {"area": WENLING, "value": "0.65", "on": today.isoformat(), "until": ""}
    return given | {"why": "会商：平原风大"} | changed


def test_a_county_looks_at_the_change_first_and_then_sets_it() -> None:
    browser = browser_of(*HEAD)

    looked = browser.post(SET, form()).content.decode()
    assert not ParameterValue.objects.exists()
    done = browser.post(SET, form(sure="1"), follow=True).content.decode()

    assert "温岭市：自 " in looked
    assert "为 0.65（原为 0.8）" in looked
    assert "已设定温岭市的" in done
    assert "会商：平原风大" in done
    name = province.person("emergency@331081", "head").name
    assert f"{name}，" in done
    assert "0.65 · 温岭市" in done  # in force here
    row = ParameterValue.objects.get()
    assert (row.division_code, row.value) == (WENLING, 0.65)


@pytest.mark.parametrize(
    ("unit", "post"),
    [
        ("emergency@331083", "head"),  # the neighbour
        ("emergency@3310", "head"),  # the city: its word is for the city
        ("emergency@331081", "duty"),  # of the unit, but not its head
        ("area@331081", "head"),  # the government of the county does not lead this application
        ("water@331081", "head"),
        ("emergency@33", "head"),  # the platform's administrator
    ],
)
def test_only_the_head_of_the_unit_that_leads_there_sets_a_value(unit: str, post: str) -> None:
    browser = browser_of(unit, post)

    answers = [browser.get(f"{SET}?area={WENLING}"), browser.post(SET, form(sure="1"))]
    shown = browser.get(SHOWN)

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "当地牵头单位" in answers[1].content.decode()
    assert not ParameterValue.objects.exists()
    assert shown.status_code == 200
    assert f"area={WENLING}" not in shown.content.decode()


def test_a_county_sets_no_value_for_its_neighbour_by_another_number_in_the_form() -> None:
    browser = browser_of(*HEAD)

    answers = [browser.post(SET, form(area=area, sure="1")) for area in ("331083000000", "33", "x")]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not ParameterValue.objects.exists()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"value": "1.2"}, "不在 0.5 至 1.0"),
        ({"on": "2020-01-01"}, "早于今天"),
        ({"on": "soon"}, "请"),
        ({"why": ""}, "没有写明理由"),
        ({"until": "2020-01-01"}, "没有一天生效"),
    ],
)
@pytest.mark.parametrize("sure", [{}, {"sure": "1"}])
def test_what_cannot_be_is_refused_beside_its_field_and_what_was_typed_stays(
    changed: dict[str, str], sentence: str, sure: dict[str, str]
) -> None:
    answer = browser_of(*HEAD).post(SET, form(**changed, **sure))

    text = answer.content.decode()
    assert answer.status_code == 409
    assert sentence in text
    assert changed.get("value", "0.65") in text
    assert not ParameterValue.objects.exists()


def test_a_value_is_taken_back_with_a_reason_and_stays_in_the_history() -> None:
    browser = browser_of(*HEAD)
    browser.post(SET, form(sure="1"))
    row = ParameterValue.objects.get()
    end = f"{SHOWN}/settings/{row.id}/end"

    assert end in browser.get(SHOWN).content.decode()
    refused = browser.post(end, {"why": ""})
    neighbour = browser_of("emergency@331083").post(end, {"why": "too high"})
    done = browser.post(end, {"why": "汛期结束"}, follow=True).content.decode()

    assert (refused.status_code, neighbour.status_code) == (409, 403)
    assert "已终止温岭市的设定" in done
    assert "汛期结束" in done
    assert end not in done
    assert browser.get(f"{SHOWN}/settings/{WENLING}/end").status_code == 404
    assert browser.post(end, {"why": "汛期结束"}).status_code in (404, 409)


def test_the_page_says_in_english_what_will_change_and_what_a_new_word_overtakes() -> None:
    browser = browser_of(*HEAD, language="en")
    later = local_day(machine_now()) + timedelta(days=40)
    browser.post(SET, form(value="0.9", on=later.isoformat(), why="after the review", sure="1"))

    shown = browser.get(SHOWN).content.decode()
    looked = browser.post(SET, form(why="measured today")).content.decode()

    assert "from" in shown
    assert "on 0.9" in shown
    assert "To come" in shown
    assert "What was said before, 0.9" in looked


def test_what_places_inside_have_set_is_named_in_the_preview() -> None:
    at = machine_now()
    ParameterValue.objects.create(
        package="flood_response", parameter="land_reduction", division_code=TAIPING, value=0.9,
        from_day=local_day(at), why="x", by="x", at=at,
    )  # fmt: skip

    looked = browser_of(*HEAD).post(SET, form()).content.decode()

    assert "辖区内另有 1 个地区" in looked


def test_an_application_that_is_not_there_has_no_parameters() -> None:
    browser = browser_of(*HEAD)

    assert browser.get("/apps/nothing/parameters").status_code == 404
    assert browser.get(f"{SHOWN}/nothing/set").status_code == 409


def test_the_page_asks_no_more_of_the_store_for_many_areas(
    django_assert_num_queries: Any,
) -> None:
    browser, at = browser_of(*HEAD), machine_now()

    def say(area: str) -> None:
        ParameterValue.objects.create(
            package="flood_response", parameter="land_reduction", value=0.9, why="x", by="x",
            division_code=area, from_day=local_day(at), at=at,
        )  # fmt: skip

    say("331081100000")
    browser.get(SHOWN)
    with CaptureQueriesContext(connection) as few:
        browser.get(SHOWN)
    for n in range(1, 40):
        say(f"331081{100 + n}000")

    with django_assert_num_queries(len(few)):
        assert browser.get(SHOWN).status_code == 200
