"""Every page that a door of the table leads to, as a person sees it: on a phone and on a desk.

The pages are made in the small county in its typhoon, for somebody whom the table lets in, and
then shown by Chromium under their own headers: in Chinese on a light desk, in English on a dark
phone. None may break its own content policy, be wider than the screen, hinder somebody who cannot
see it (axe, WCAG 2.1 A and AA), or lack a word. Pictures go to the folder ``GUANTONG_PICTURES``
names, to be looked at.

Pages are made before the browser starts: its loop would not let Django reach the store.
"""

import re
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import transaction
from django.test import Client
from playwright.sync_api import Browser, Page, Route
from tests import province
from tests.journeys import doors
from tests.journeys.doors import World
from tests.journeys.looking import axe, picture
from tests.journeys.test_every_door import address_of, allowed_in

from guantong.base.words import catalogue
from guantong.orgs.api import forget_jurisdictions

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("pages")]

HOST = "http://localhost"
LOOKS = {
    "desk-light-zh": ("zh-CN", {"viewport": {"width": 1600, "height": 900}}),
    "phone-dark-en": (
        "en",
        {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "is_mobile": True},
    ),
}
# What a page without a word shows in its place: its key (``base.words.say``), or an unfilled place.
KEY = re.compile(r"\b[a-z_]+(?:\.[a-z_]+)+\b|\{[a-z_]+\}")


@dataclass(frozen=True)
class Made:
    """What the platform answered at a door: a page, or a file that a page asks for."""

    door: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_page(self) -> bool:
        """Say whether this is a page, which a person reads here and does not take away."""
        taken_away = self.headers.get("Content-Disposition", "").startswith("attachment")
        return self.headers.get("Content-Type", "").startswith("text/html") and not taken_away


@pytest.fixture(scope="module")
def pages(django_db_setup: None, django_db_blocker: Any) -> dict[str, list[Made]]:
    """Every page, made once in each language."""
    province._install()
    with django_db_blocker.unblock(), transaction.atomic():
        province.found()
        world = doors.build(province.begin_exercise())
        made = {name: _make(world, language) for name, (language, _) in LOOKS.items()}
        transaction.set_rollback(True)
    forget_jurisdictions()
    return made


def _make(world: World, language: str) -> list[Made]:
    """Make every page in a language, each for somebody whom the table lets in."""
    browsers: dict[str, Client] = {}
    made = []
    with transaction.atomic():
        for row in doors.table()["doors"]:
            if "GET" not in row or row.get("missing"):
                continue
            browser = Client()
            if row["GET"] not in ("open_to_all", "nobody_at_all"):
                browser = _browser_of(_reader(row["GET"]), language, browsers)
            else:
                browser.cookies["language"] = language
            browser.defaults["SERVER_NAME"] = "localhost"  # the policy names the hosts it is for
            with transaction.atomic():
                answer = browser.get(address_of(row, world))
                transaction.set_rollback(True)
            body = answer.getvalue()
            for close in answer._resource_closers:  # ``close()`` would end the connection, too
                close()
            if answer.status_code == 200:
                path, headers = address_of(row, world), dict(answer.headers.items())
                made.append(Made(row["door"], path, headers, body))
        transaction.set_rollback(True)
    return made


def _reader(group: str) -> str:
    """Return somebody of a group: of the county itself where there is one."""
    who = allowed_in(group)
    return min(who, key=lambda name: (doors.AREAS.index(name.split("-")[1]), name))


def _browser_of(who: str, language: str, known: dict[str, Client]) -> Client:
    if who not in known:
        user = doors.account(*who.split("-"))
        user.language = language
        user.save(update_fields=["language"])
        known[who] = doors.browser_of(user)
    return known[who]


def _serve(route: Route, made: dict[str, Made]) -> None:
    """Answer a request of the browser: a page that was made, or a static file."""
    address = route.request.url.removeprefix(HOST)
    path = address.split("?")[0]
    if address in made:
        page = made[address]
        route.fulfill(status=200, headers=page.headers, body=page.body)
    elif path.startswith("/static/") and (file := finders.find(path.removeprefix("/static/"))):
        kind, _ = guess_type(str(file))
        route.fulfill(status=200, content_type=kind, body=Path(str(file)).read_bytes())
    else:
        route.fulfill(status=204)  # a picture, a stream, a map: not what is looked at here


def _faults(page: Page, made: Made) -> list[str]:
    faults = [f"breaks its policy: {found}" for found in page.evaluate("window.broken ?? []")]
    if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"):
        faults.append(f"is {page.evaluate('document.documentElement.scrollWidth')} px wide")
    if page.locator("h1").count() != 1:
        faults.append(f"has {page.locator('h1').count()} headings of the first order")
    read = page.locator("body").inner_text()
    subjects = {key.split(".")[0] for key in catalogue("en")} | {"{"}
    faults += [
        f"lacks the word {key}"
        for key in KEY.findall(read)
        if key.split(".")[0] in subjects
        and not key.endswith(
            (".bpmn", ".csv", ".dmn", ".json", ".md", ".py", ".sql", ".xlsx", ".yaml")
        )
    ]
    return [f"{made.path}: {fault}" for fault in faults + axe(page)]


@pytest.mark.django_db
def test_most_doors_that_are_opened_by_looking_lead_to_a_page(
    pages: dict[str, list[Made]],
) -> None:
    doors_of = {look: [one.door for one in made if one.is_page] for look, made in pages.items()}

    assert doors_of["desk-light-zh"] == doors_of["phone-dark-en"]
    assert len(doors_of["desk-light-zh"]) > 50


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_fits_the_screen_keeps_its_policy_and_can_be_read_by_everybody(
    look: str, pages: dict[str, list[Made]], browser: Browser
) -> None:
    made = {page.path: page for page in pages[look]}
    context = browser.new_context(reduced_motion="reduce", **LOOKS[look][1])
    context.add_init_script(
        "addEventListener('securitypolicyviolation', (e) =>"
        " (window.broken ??= []).push(`${e.effectiveDirective} ${e.blockedURI}`), true)"
    )
    context.route("**/*", lambda route: _serve(route, made))
    page = context.new_page()
    faults = []

    for one in filter(lambda answer: answer.is_page, made.values()):
        page.goto(HOST + one.path)
        faults += _faults(page, one)
        name = re.sub(r"[^a-z0-9]+", "_", one.door.replace("<uuid:id>", "id")).strip("_") or "home"
        picture(page, f"page-{name}-{look}")
    context.close()

    assert faults == []
