"""A problem of the seven lists in the browser: found, listed, analysed, mended, returned, accepted.

Several people, each with a window of their own: Chromium fills the forms, and every request is
answered by the platform itself within the test's transaction. Nobody may do another's part: the
doer does not accept, the finder neither, and the neighbour county sees nothing of it.
"""

import contextvars
import re
from collections.abc import Iterator
from datetime import timedelta
from mimetypes import guess_type
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from tests.apps.lists_story import PROBLEM
from tests.journeys.looking import axe, picture
from tests.journeys.work_story import officer
from tests.province import WENLING

from guantong.access.models import User
from guantong.base.models import Exercise
from guantong.base.realm import Realm
from guantong.flows.models import Case, Task

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.usefixtures("flood")]

HOST = "http://localhost"
AUDIT, WATER, TOWNSHIP = "audit@331081", "water@331081", "area@331081105"
SHEETS = {
    "desk-light": {"viewport": {"width": 1600, "height": 900}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}


@pytest.fixture(autouse=True, scope="module")
def _the_loop_of_the_browser_may_reach_the_store() -> Iterator[None]:
    # One thread and one transaction: the browser waits while the platform answers.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


class Windows:
    """Browsers of several people; each request is answered by the platform in this process."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.clients: dict[tuple[str, str], Client] = {}
        self.contexts: list[BrowserContext] = []
        # Playwright answers in a context of its own, in which Django would open a connection of
        # its own, outside the test's transaction.
        self.own = contextvars.copy_context()

    def of(self, unit: str, post: str = "duty", *, sheet: str = "desk-light") -> Page:
        """Open a window of whoever holds a post; English on the dark phone."""
        language = "en" if sheet == "phone-dark" else "zh-CN"
        client = self._client(unit, post)
        User.objects.filter(username=f"{post}.{unit}").update(language=language)
        context = self.browser.new_context(reduced_motion="reduce", **SHEETS[sheet])  # type: ignore[arg-type]
        self.contexts.append(context)
        context.route("**/*", lambda route: _answer(route, client, self.own))
        return context.new_page()

    def _client(self, unit: str, post: str) -> Client:
        key = (unit, post)
        if key not in self.clients:
            self.clients[key] = officer(unit, post)
            self.clients[key].defaults["SERVER_NAME"] = "localhost"
        return self.clients[key]


def _answer(route: Route, client: Client, own: contextvars.Context) -> None:
    request = route.request
    address = request.url.removeprefix(HOST)
    path = address.split("?")[0]
    if path.startswith("/static/"):
        file = finders.find(path.removeprefix("/static/"))
        kind, _ = guess_type(str(file))
        route.fulfill(status=200, content_type=kind, body=Path(str(file)).read_bytes())
        return
    if not request.is_navigation_request():
        route.fulfill(status=204)  # a picture of the flow, a stream: not what is looked at here
        return
    kind = request.headers.get("content-type", "text/html")
    body = request.post_data_buffer or b""
    status, headers, content = own.copy().run(_ask, client, request.method, address, body, kind)
    route.fulfill(status=status, headers=headers, body=content)


def _ask(
    client: Client, method: str, address: str, body: bytes, kind: str
) -> tuple[int, dict[str, str], bytes]:
    """Return what the platform answers, and where it leads on, what stands there."""
    answer = client.generic(method, address, data=body, content_type=kind)
    while answer.status_code in (302, 303):
        answer = client.get(answer.headers["Location"])
    return answer.status_code, dict(answer.headers.items()), answer.getvalue()


@pytest.fixture(scope="module")
def chromium(django_db_setup: None, browser: Browser) -> Iterator[Browser]:
    """The browser, over a store that was there before it; what was opened under it is closed."""
    yield browser
    connections.close_all()


@pytest.fixture
def windows(realm: Realm, chromium: Browser) -> Windows:
    return Windows(chromium)


def go(page: Page, path: str) -> Page:
    page.goto(HOST + path)
    return page


def take_on(page: Page, task: Task) -> None:
    """Open a task from its address and accept it (签收)."""
    go(page, f"/tasks/{task.id}")
    page.get_by_role("button", name="签收").click()
    page.wait_for_load_state()


def finish(page: Page, task: Task, **answers: str) -> None:
    """Accept a task, fill in its form, and report it done."""
    take_on(page, task)
    fill(page, **answers)
    page.get_by_role("button", name="办结").click()
    page.wait_for_load_state()
    assert Task.objects.get(id=task.id).state == "closed_out", page.locator("main").inner_text()


def fill(page: Page, **answers: str) -> None:
    for name, value in answers.items():
        field = page.locator(f"main [name={name}]")
        if field.first.get_attribute("type") == "radio":
            page.locator(f"main [name={name}][value={value}]").check()
        elif field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def waiting(case: Case, item: str) -> Task:
    return Task.objects.get(case_id=case.id, item=item, state__in=["dispatched", "accepted"])


def test_a_problem_from_its_finding_to_the_self_checks_and_the_ranking(
    windows: Windows, realm: Realm
) -> None:
    finder = windows.of(AUDIT)
    enter(finder)
    case = Case.objects.get()
    auditor, water = windows.of(AUDIT, "second_duty"), windows.of(WATER)

    the_finder_may_not_list_it(finder, case)
    finish(auditor, waiting(case, "list_it"), on_list="yes", grade="serious")
    the_responsible_unit_has_it_in_its_inbox(water)
    finish(water, waiting(case, "analyse"), cause="duty", analysis="责任没有落到岗位",
           plan="三十天内补齐资料")  # fmt: skip
    finish(auditor, waiting(case, "approve_measures"), measures="approved")
    finish(water, waiting(case, "rectify"), done="已补齐两座泵站资料")
    the_doer_may_not_accept(water, case)
    finish(auditor, waiting(case, "accept_it"), acceptance="returned", opinion="还缺一座泵站")
    finish(water, waiting(case, "rectify"), done="三座泵站资料均已补齐")
    finish(auditor, waiting(case, "accept_it"), acceptance="accepted", opinion="资料齐全")
    finish(water, waiting(case, "prevent"), mechanism="rule", lesson="验收先交资料再付款")

    a_township_checks_itself(windows, case)
    the_neighbour_sees_nothing(windows, case)
    the_ranking_shows_colour_and_word(windows)


def enter(page: Page) -> None:
    """Enter a problem from the list of cases; what is wrong comes back, and is put right."""
    go(page, "/cases")
    page.locator("main").get_by_role("link", name="登记问题").click()
    fill(page, **{k: v for k, v in PROBLEM.items() if k != "responsible_line"}, place=WENLING)
    page.get_by_role("button", name="提交").click()
    expect(page.locator("main")).to_contain_text("责任条线")
    expect(page.locator("main [name=title]")).to_have_value(PROBLEM["title"])
    picture(page, "lists-form-wrong")
    fill(page, responsible_line="water")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("h1")).to_contain_text(PROBLEM["title"])


def the_finder_may_not_list_it(page: Page, case: Case) -> None:
    go(page, f"/tasks/{waiting(case, 'list_it').id}")

    expect(page.locator("main")).to_contain_text("发现、办理和验收须由不同的人承担")
    expect(page.get_by_role("button", name="签收")).to_have_count(0)


def the_responsible_unit_has_it_in_its_inbox(page: Page) -> None:
    go(page, "/inbox")

    expect(page.locator("main")).to_contain_text("根源分析")
    expect(page.locator("main")).to_contain_text("温岭市")


def the_doer_may_not_accept(page: Page, case: Case) -> None:
    task = waiting(case, "accept_it")
    go(page, f"/tasks/{task.id}")

    expect(page.get_by_role("button", name="签收")).to_have_count(0)
    assert Task.objects.get(id=task.id).state == "dispatched"


def a_township_checks_itself(windows: Windows, case: Case) -> None:
    """Do the self-check of a township, verify it, and enter what it found as a new problem."""
    page = windows.of(TOWNSHIP)
    task = Task.objects.get(case_id=case.id, item="check_itself", division_code="331081105000")
    go(page, "/inbox")
    expect(page.locator("main")).to_contain_text("对照自查同类问题 · 石塘镇")
    take_on(page, task)
    page.get_by_role("button", name="办结").click()
    go(page, f"/cases/{case.id}")
    page.get_by_role("link", name=re.compile("由本案引出")).click()
    expect(page.locator("main [name=origin]")).to_have_value(case.number)
    fill(page, list="audit", title="石塘某泵站资料缺失", description="自查发现",
         found_by="own", responsible_line="water", place="331081105000")  # fmt: skip
    page.get_by_role("button", name="提交").click()
    assert Case.objects.get(follows_id=case.id).division_code == "331081105000"
    auditor = windows.of(AUDIT, "second_duty")
    go(auditor, f"/tasks/{task.id}")
    auditor.get_by_role("button", name="核查通过").click()
    auditor.wait_for_load_state()
    assert Task.objects.get(id=task.id).state == "closed_out"


def the_neighbour_sees_nothing(windows: Windows, case: Case) -> None:
    page = windows.of("audit@331083")

    go(page, "/cases")
    expect(page.locator("main")).not_to_contain_text(PROBLEM["title"])
    go(page, f"/cases/{case.id}")
    expect(page.locator("main")).not_to_contain_text(PROBLEM["title"])
    go(page, f"/rankings/problem_lists.control?area={WENLING}")
    expect(page.locator("main")).not_to_contain_text("按单位")


def the_ranking_shows_colour_and_word(windows: Windows) -> None:
    way = f"/rankings/problem_lists.control?area={WENLING}&by=unit"
    for sheet in SHEETS:
        page = windows.of("area@331081", "head", sheet=sheet)
        go(page, way)
        expect(page.locator("main table").first).to_contain_text(
            "温岭市水利局" if sheet == "desk-light" else "Water Resources Bureau"
        )
        expect(page.locator("main table .light").first).to_have_text(re.compile("蓝色|Blue"))
        expect(page.locator("main table .shape-blue").first).to_be_visible()
        picture(page, f"lists-ranking-{sheet}")
        page.locator("main table th a").first.click()
        expect(page.locator("#rows-title")).to_be_visible()
        picture(page, f"lists-ranking-row-{sheet}")
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
        go(page, f"/cases/{Case.objects.earliest('opened_at').id}")
        picture(page, f"lists-case-{sheet}")
    finder = windows.of(AUDIT, sheet="phone-dark")
    go(finder, "/cases/new/problem_lists/problem")
    picture(finder, "lists-form-phone-dark")
    assert axe(finder) == []


def test_what_stays_undone_is_late_and_its_leader_sees_which_step(
    windows: Windows, realm: Realm
) -> None:
    page = windows.of(AUDIT)
    enter(page)
    case = Case.objects.get()
    finish(windows.of(AUDIT, "second_duty"), waiting(case, "list_it"), on_list="yes",
           grade="serious")  # fmt: skip
    Exercise.objects.filter(realm=realm).update(
        now_at=waiting(case, "analyse").limit_at + timedelta(hours=1)
    )

    leader = windows.of("area@331081", "head")
    go(leader, f"/figures/problem_lists.late_steps?area={WENLING}")

    expect(leader.locator(".figure-value").first).to_contain_text("1")
    expect(leader.locator("main table")).to_contain_text("根源分析")
