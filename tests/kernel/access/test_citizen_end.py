"""The citizen end: its own addresses and cookies, accounts by a service window, no enumeration."""

import importlib
import re
from typing import Any

import pytest
from django.conf import settings as live
from django.test import Client
from django.urls import clear_url_caches, set_urlconf
from tests.province import PASSWORD, user_for

from guantong.access.api import User, create_demo_citizen, name_of_mobile
from guantong.access.models import CitizenApplication
from guantong.access.service import DEMO_PASSWORD
from guantong.base.clock import machine_now

# A number of form and check character that belongs to nobody: region 999999.
IDENTITY, MOBILE = "999999199001011238", "13800000001"
OTHER = "999999199202022443"
WORD = "harbour lantern twelve"
GIVEN = {"name": "王某一", "identity": IDENTITY, "mobile": "138 0000 0001"}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province", "flood")]


@pytest.fixture(autouse=True)
def _quick_hash(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "guantong.access.passwords.Argon2",
    ]


class Ends:
    """Turns this process into one end or the other, as GUANTONG_END does for a whole process."""

    def __init__(self, settings: Any) -> None:
        self.settings = settings

    def citizen(self) -> Client:
        self._be("citizen", "guantong.main.urls_citizen", "guantong.portal.citizen.frame.frame")
        return Client(HTTP_ACCEPT_LANGUAGE="en")

    def official(self) -> Client:
        self._be("official", "guantong.main.urls", "guantong.portal.context.frame")
        return Client(HTTP_ACCEPT_LANGUAGE="en")

    def _be(self, end: str, urls: str, frame: str) -> None:
        self.settings.END = end
        self.settings.ROOT_URLCONF = urls
        self.settings.SESSION_COOKIE_NAME = f"guantong-{end}"
        templates = [{**live.TEMPLATES[0], "OPTIONS": {**live.TEMPLATES[0]["OPTIONS"]}}]
        processors = templates[0]["OPTIONS"]["context_processors"]
        templates[0]["OPTIONS"]["context_processors"] = [*processors[:-1], frame]
        self.settings.TEMPLATES = templates
        importlib.import_module(urls)
        clear_url_caches()
        set_urlconf(None)


@pytest.fixture
def ends(settings: Any) -> Ends:
    return Ends(settings)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def apply_there(ends: Ends, given: dict[str, str] = GIVEN) -> str:
    shown = ends.citizen().post("/register", given)
    found = re.search(r"(\d{4}) (\d{3}) (\d{3})", text(shown))
    assert found is not None, text(shown)
    return "".join(found.groups())


def granted(ends: Ends, number: str) -> str:
    clerk = ends.official()
    if not User.objects.filter(username="clerk").exists():
        user_for("area@331081105", "head", username="clerk", language="en")
    clerk.post("/sign-in", {"username": "clerk", "password": PASSWORD})
    shown = clerk.post("/accounts/citizens", {"number": number, "step": "grant", "compared": "on"})
    found = re.search(r"one-time\">([0-9A-Z-]{11})<", shown.content.decode())
    assert found is not None, text(shown)
    return found[1]


def activated(ends: Ends) -> Client:
    code = granted(ends, apply_there(ends))
    browser = ends.citizen()
    answer = browser.post(
        "/activate", {"username": MOBILE, "code": code, "password": WORD, "again": WORD}
    )
    assert answer.status_code == 302, text(answer)
    return browser


def test_a_citizen_applies_the_window_compares_and_the_citizen_comes_in(ends: Ends) -> None:
    browser = activated(ends)

    shown = text(browser.get("/"))

    assert "王某一" in shown
    assert "999***********1238" in shown
    assert IDENTITY not in shown
    assert "138****0001" in shown


def test_no_code_is_given_before_the_document_was_compared(ends: Ends) -> None:
    number = apply_there(ends)
    user_for("area@331081105", "head", username="clerk", language="en")
    clerk = ends.official()
    clerk.post("/sign-in", {"username": "clerk", "password": PASSWORD})

    seen = clerk.post("/accounts/citizens", {"number": number})
    refused = clerk.post("/accounts/citizens", {"number": number, "step": "grant"})

    assert IDENTITY in text(seen)
    assert refused.status_code == 403
    assert not User.objects.filter(kind="citizen").exists()


def test_an_application_is_used_once_and_its_data_are_gone_afterwards(ends: Ends) -> None:
    number = apply_there(ends)
    granted(ends, number)
    clerk = ends.official()
    clerk.post("/sign-in", {"username": "clerk", "password": PASSWORD})

    again = clerk.post("/accounts/citizens", {"number": number})

    assert "no open application" in text(again)
    row = CitizenApplication.objects.get(number=number)
    assert (row.name, row.identity, row.mobile) == ("", "", "")


def test_what_a_citizen_typed_is_sealed_in_the_store(ends: Ends) -> None:
    row = CitizenApplication.objects.get(number=apply_there(ends))

    assert all(value.startswith("gs1.") for value in (row.name, row.identity, row.mobile))
    assert MOBILE not in name_of_mobile(MOBILE)


def test_whoever_applies_gets_the_same_answer(ends: Ends) -> None:
    activated(ends)
    browser = ends.citizen()

    known = browser.post("/register", GIVEN)
    unknown = browser.post("/register", {**GIVEN, "identity": OTHER, "mobile": "13900000002"})

    digits = re.compile(r"\d{4} \d{3} \d{3}")
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert digits.sub("", text(known)) == digits.sub("", text(unknown))


def test_an_unknown_mobile_and_a_wrong_password_get_the_same_sentence(ends: Ends) -> None:
    activated(ends)
    browser = ends.citizen()

    known = browser.post("/sign-in", {"username": MOBILE, "password": "not it"})
    unknown = browser.post("/sign-in", {"username": "13900000002", "password": "not it"})

    assert text(known).replace(MOBILE, "") == text(unknown).replace("13900000002", "")


def test_a_wrong_number_of_identity_is_said_beside_its_field(ends: Ends) -> None:
    answer = ends.citizen().post("/register", {**GIVEN, "identity": IDENTITY[:-1] + "0"})

    assert answer.status_code == 403
    assert 'id="error-identity"' in answer.content.decode()
    assert not CitizenApplication.objects.exists()


def test_an_official_does_not_sign_in_at_the_citizen_end_nor_a_citizen_at_the_official(
    ends: Ends,
) -> None:
    activated(ends)
    user_for("emergency@331081", username="wenling")

    there = ends.citizen().post("/sign-in", {"username": "wenling", "password": PASSWORD})
    here = ends.official().post("/sign-in", {"username": name_of_mobile(MOBILE), "password": WORD})

    assert (there.status_code, here.status_code) == (403, 403)


def test_a_citizens_session_carried_to_the_official_end_is_nobodys(ends: Ends) -> None:
    browser = activated(ends)
    key = browser.cookies["guantong-citizen"].value
    official = ends.official()
    official.cookies["guantong-official"] = key

    answer = official.get("/inbox")

    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("path", ["/inbox", "/cases", "/cockpit", "/accounts", "/data", "/search"])
def test_no_address_of_the_official_end_is_known_at_the_citizen_end(ends: Ends, path: str) -> None:
    browser = activated(ends)

    assert browser.get(path).status_code == 404


def test_a_mobile_that_changed_hands_leads_to_the_new_bearers_account_only(ends: Ends) -> None:
    activated(ends)
    first = User.objects.get(username=name_of_mobile(MOBILE)).id

    granted(ends, apply_there(ends, {**GIVEN, "identity": OTHER, "name": "李某二"}))

    assert User.objects.get(username=name_of_mobile(MOBILE)).id != first


def test_the_citizen_of_a_demonstration_signs_in_with_the_printed_password(ends: Ends) -> None:
    at = machine_now()
    made = [create_demo_citizen(at=at), create_demo_citizen(at=at)]
    browser = ends.citizen()

    browser.post("/sign-in", {"username": made[0][0], "password": DEMO_PASSWORD})

    assert made[0] == made[1] == ("13800000000", True)
    assert "陈某" in text(browser.get("/"))
