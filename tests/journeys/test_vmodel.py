"""An officer opens an application, sees its V, follows a unit of work, takes the demand list away.

The pages are made in the small county before the browser starts (its loop would not let Django
reach the store): all that one comes to by links from the list of applications, in each language.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.staticfiles import finders
from django.db import transaction
from playwright.sync_api import Browser, Page, Route, expect
from tests import province
from tests.journeys.looking import axe, picture
from tests.journeys.work_story import officer

from guantong.orgs.api import forget_jurisdictions

pytestmark = pytest.mark.browser

HOST = "http://localhost"
PATH = "/apps/flood_response/vmodel"
WATER = "water@331081"  # another line than the one that leads
LOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "desk-light-zh": ("zh-CN", {"viewport": {"width": 1600, "height": 900}}),
    "desk-dark-en": (
        "en", {"viewport": {"width": 1600, "height": 900}, "color_scheme": "dark"},
    ),
    "phone-light-zh": ("zh-CN", {"viewport": {"width": 390, "height": 844}, "is_mobile": True}),
    "phone-dark-en": (
        "en",
        {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "is_mobile": True},
    ),
}  # fmt: skip
WORDS = {
    "zh-CN": {
        "app": "防汛防台", "unit": "4.1 提出应急响应等级", "step": "步骤：提出应急响应等级",
        "units": "最小单元", "demand": "数据需求清单", "export": "导出 CSV", "asked": "逐户转移",
        "household": "应转移户", "to_request": "须申请共享", "task": "4 应急响应",
        "cooperation": "业务协同模型", "areas": "跨地域",
    },
    "en": {
        "app": "Flood and typhoon response", "unit": "4.1 Propose the response level",
        "step": "Step: Propose the response level", "units": "Units of work",
        "demand": "Data demand list", "export": "Export CSV", "asked": "Move endangered",
        "household": "Household on the must-move list", "to_request": "To be requested",
        "task": "4 Respond", "cooperation": "Cooperation", "areas": "Across areas",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    """What the platform answered at an address."""

    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def pages(django_db_setup: None, django_db_blocker: Any) -> dict[str, dict[str, Made]]:
    """Every page one comes to from the list of applications, in each language."""
    province._install()
    with django_db_blocker.unblock(), transaction.atomic():
        province.found()
        made = {language: _made(language) for language in WORDS}
        transaction.set_rollback(True)
    forget_jurisdictions()
    return made


def _made(language: str) -> dict[str, Made]:
    with transaction.atomic():
        made = dict(_walk(language))
        transaction.set_rollback(True)  # the account, for the other language
    return made


def _walk(language: str) -> Iterator[tuple[str, Made]]:
    browser = officer(WATER, "duty", language=language)
    browser.defaults |= {"SERVER_NAME": "localhost"}
    asked = {"show": "units", "choose": "", "q": WORDS[language]["asked"]}
    waiting, seen = ["/apps", f"{PATH}?{urlencode(asked)}"], set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = browser.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        body = answer.getvalue()
        yield address, Made(dict(answer.headers.items()), body)
        if answer.headers["Content-Type"].startswith("text/html"):
            found = re.findall(r'(?:href|data-bpmn)="(/apps[^"#]*)', body.decode())
            waiting += [unescape(href) for href in found]


def _serve(route: Route, made: dict[str, Made]) -> None:
    address = route.request.url.removeprefix(HOST)
    path = address.split("?")[0]
    if address in made:
        route.fulfill(status=200, headers=made[address].headers, body=made[address].body)
    elif path.startswith("/static/") and (file := finders.find(path.removeprefix("/static/"))):
        kind, _ = guess_type(str(file))
        route.fulfill(status=200, content_type=kind, body=Path(str(file)).read_bytes())
    else:
        route.fulfill(status=204)


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def words(look: str) -> dict[str, str]:
    return WORDS[LOOKS[look][0]]


@pytest.fixture
def page(look: str, pages: dict[str, dict[str, Made]], browser: Browser) -> Iterator[Page]:
    language, options = LOOKS[look]
    context = browser.new_context(reduced_motion="reduce", accept_downloads=True, **options)
    context.add_init_script(
        "addEventListener('securitypolicyviolation', (e) =>"
        " (window.broken ??= []).push(`${e.effectiveDirective} ${e.blockedURI}`), true)"
    )
    context.route("**/*", lambda route: _serve(route, pages[language]))
    yield context.new_page()
    context.close()


def sound(page: Page, name: str) -> None:
    """The page fits the screen, keeps its policy, can be read by everybody; a picture is kept."""
    picture(page, f"vmodel-{name}")
    assert page.evaluate("window.broken ?? []") == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), name
    assert axe(page) == []
    assert not re.search(r"\bvmodel\.[a-z_.]+", page.locator("main").inner_text())


@pytest.mark.django_db
def test_the_same_addresses_are_come_to_in_both_languages(
    pages: dict[str, dict[str, Made]],
) -> None:
    plain = {
        language: {address for address in made if "q=" not in address}
        for language, made in pages.items()
    }

    assert plain["zh-CN"] == plain["en"]
    assert f"{PATH}/demand.csv" in plain["en"]
    assert len(plain["en"]) > 40


def test_an_officer_follows_a_unit_of_work_to_its_step_and_takes_the_demand_list_away(
    page: Page, look: str, words: dict[str, str]
) -> None:
    narrow = look.startswith("phone")
    page.goto(f"{HOST}/apps")
    page.get_by_role("row", name=words["app"]).get_by_role("link", name="39 / 39").click()

    # The V: drawn where there is room, the same in lists where there is not.
    assert page.locator("svg.v").is_visible() is not narrow
    assert page.locator(".v-arm").is_visible() is narrow
    sound(page, f"picture-{look}")
    if narrow:
        page.locator("summary", has_text=words["task"]).click()
        sound(page, f"arm-open-{look}")
        unit = page.locator(".v-arm").get_by_role("link", name=words["unit"])
        assert unit.is_visible()
        unit.click()
    else:
        unit = page.locator("svg.v").get_by_role("link", name=words["unit"])
        unit.focus()
        page.keyboard.press("Enter")
    row = page.locator("#unit-propose_response")
    expect(row).to_contain_text(words["unit"])
    expect(row).to_be_in_viewport()
    sound(page, f"units-{look}")

    row.get_by_role("link", name=words["step"]).click()
    expect(page.locator("#step-propose")).to_contain_text(words["unit"])
    expect(page.locator(".djs-element.current[data-element-id=propose]")).to_have_count(1)
    sound(page, f"process-{look}")

    page.locator("#step-propose").get_by_role("link", name=words["unit"]).click()
    page.get_by_role("link", name=words["cooperation"], exact=True).click()
    sound(page, f"cooperation-{look}")
    page.get_by_role("link", name=re.compile(words["areas"])).click()
    assert page.locator("tbody tr").count() == 10

    page.get_by_role("link", name=words["demand"], exact=True).click()
    first = page.locator("tbody tr").first
    expect(first).to_contain_text(words["to_request"])
    expect(first).to_contain_text(words["household"])
    sound(page, f"demand-{look}")
    with page.expect_download() as taken:
        page.get_by_role("link", name=words["export"]).click()
    rows = list(csv.reader(io.StringIO(Path(taken.value.path()).read_text("utf-8-sig"))))
    assert len(rows) == 35
    assert any(words["to_request"] in row and words["household"] in row for row in rows)


def test_units_of_work_are_found_by_what_one_types(
    page: Page, look: str, words: dict[str, str]
) -> None:
    page.goto(f"{HOST}{PATH}?show=units")

    page.get_by_role("searchbox").last.fill(words["asked"])
    page.get_by_role("searchbox").last.press("Enter")

    assert page.locator("tbody tr").count() == 1
    expect(page.locator("#unit-move_households")).to_contain_text(words["household"])


def test_the_data_sharing_model_says_which_fields_people_read(page: Page, look: str) -> None:
    page.goto(f"{HOST}{PATH}?show=sharing")

    expect(page.locator("tbody")).to_contain_text("head_name (L3)")
    sound(page, f"sharing-{look}")
