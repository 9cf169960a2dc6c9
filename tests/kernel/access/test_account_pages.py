"""Signing in as a browser does it: steps, adversaries, sessions, other people's accounts."""

import re
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings as live
from django.test import Client, RequestFactory
from tests import province
from tests.province import PASSWORD, user_for

from guantong.access.api import User, actor_for, must_have, new_code
from guantong.access.models import Session
from guantong.access.sealed_factors import SealedFactors
from guantong.base import sealing
from guantong.base.clock import machine_now
from guantong.packages.api import Package
from guantong.portal.sign_in import client_address, device_of, masked

EMERGENCY, HEAD = "emergency@331081", "area@331081"
WORD = "harbour lantern twelve"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province", "flood")]


@pytest.fixture(autouse=True)
def _quick_hash(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "guantong.access.passwords.Argon2",
    ]


@pytest.fixture
def officer() -> User:
    """The duty officer of Wenling's bureau, with an account of their own."""
    return _own_word(user_for(EMERGENCY, username="wenling", language="en"))


@pytest.fixture
def mayor() -> User:
    """The head of Wenling, whose post must have a second factor."""
    return _own_word(user_for(HEAD, "head", username="mayor", language="en"))


def _own_word(user: User) -> User:
    user.printed_password = False
    user.set_password(WORD)
    user.save()
    return user


def enter(user: User, *, next: str = "/inbox") -> Client:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.post("/sign-in", {"username": user.username, "password": WORD, "next": next})
    return browser


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def code_of(secret: str, *, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def enrol(browser: Client) -> tuple[str, list[str]]:
    """Add an authenticator app; return its secret and the recovery codes."""
    page = browser.get("/account/app").content.decode()
    found = re.search(r'class="number secret">([A-Z2-7 ]+)<', page)
    assert found is not None, page
    secret = found[1].replace(" ", "")
    done = browser.post("/account/app", {"code": code_of(secret, steps=-1)})
    assert done.status_code == 200, text(done)
    codes = re.findall(r"(\d{4}) (\d{4})", text(done))
    return secret, ["".join(pair) for pair in codes]


def signed_in(browser: Client) -> bool:
    return browser.get("/account").status_code == 200


def test_password_and_code_let_in_and_the_password_alone_does_not(officer: User) -> None:
    secret, _ = enrol(enter(officer))
    browser = enter(officer)

    between = signed_in(browser)
    answer = browser.post("/sign-in/second", {"code": code_of(secret)})

    assert not between
    assert answer.headers["Location"] == "/inbox"
    assert signed_in(browser)


def test_a_code_that_was_used_is_not_taken_again_in_its_half_minute(officer: User) -> None:
    secret, _ = enrol(enter(officer))
    code = code_of(secret)
    enter(officer).post("/sign-in/second", {"code": code})
    thief = enter(officer)

    answer = thief.post("/sign-in/second", {"code": code})

    assert answer.status_code == 403
    assert not signed_in(thief)


def test_a_recovery_code_works_once(officer: User) -> None:
    _, codes = enrol(enter(officer))
    first, second = enter(officer), enter(officer)

    first.post("/sign-in/second", {"code": f"{codes[0][:4]} {codes[0][4:]}"})
    again = second.post("/sign-in/second", {"code": codes[0]})

    assert len(codes) == 10
    assert signed_in(first)
    assert again.status_code == 403
    assert not signed_in(second)


def test_codes_of_the_second_step_are_not_guessed(officer: User) -> None:
    secret, _ = enrol(enter(officer))
    browser = enter(officer)
    for guess in range(8):
        browser.post("/sign-in/second", {"code": f"00000{guess}"})

    answer = browser.post("/sign-in/second", {"code": code_of(secret)})

    assert answer.status_code == 403
    assert "Too many attempts" in text(answer)


def test_the_store_does_not_hold_the_secret_of_the_app(officer: User) -> None:
    secret, _ = enrol(enter(officer))

    kept = Authenticator.objects.get(type="totp").data["secret"]

    assert secret not in kept
    assert kept.startswith("gs1.")


def test_the_second_step_without_the_first_leads_to_the_beginning(officer: User) -> None:
    secret, _ = enrol(enter(officer))

    answer = Client().post("/sign-in/second", {"code": code_of(secret)})

    assert answer.headers["Location"] == "/sign-in"


def test_a_head_of_a_unit_gets_nowhere_before_a_second_factor_is_there(mayor: User) -> None:
    browser = enter(mayor)
    sent_back = browser.get("/cases").headers["Location"]
    enrol(browser)

    assert sent_back == "/account"
    assert browser.get("/cases").status_code == 200


@pytest.mark.parametrize(
    ("unit", "post", "policy", "must"),
    [
        ("area@331081", "duty", "administrators", True),  # reads the names of its county
        ("emergency@331081", "duty", "administrators", True),  # a role of a package shows them
        ("meteorology@331081", "duty", "administrators", False),
        ("meteorology@331081", "head", "administrators", True),
        ("meteorology@331081", "duty", "required", True),
        ("area@331081", "head", "optional", False),
    ],
)
def test_the_policy_says_who_must_have_a_second_factor(
    settings: Any, unit: str, post: str, policy: str, must: bool
) -> None:
    settings.SECOND_FACTOR = policy
    user = _own_word(user_for(unit, post, username="somebody"))

    assert must_have(user, actor_for(user, province.FOUNDED)) is must


def test_the_last_second_factor_of_a_head_stays(mayor: User) -> None:
    browser = enter(mayor)
    enrol(browser)
    factor = Authenticator.objects.get(type="totp")

    answer = browser.post(f"/account/factors/{factor.id}/remove", {"current": WORD})

    assert answer.status_code == 403
    assert "this is the last" in text(answer)
    assert Authenticator.objects.filter(type="totp").exists()


def test_a_demonstration_needs_no_second_factor_until_its_password_is_its_own() -> None:
    user = user_for(HEAD, "head", username="mayor")
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.post("/sign-in", {"username": "mayor", "password": PASSWORD})
    before = browser.get("/cases").status_code

    browser.post("/account/password", {"current": PASSWORD, "password": WORD, "again": WORD})

    assert before == 200
    assert browser.get("/cases").headers["Location"] == "/account"
    assert User.objects.get(id=user.id).printed_password is False


def test_a_factor_is_removed_only_with_the_password(officer: User, settings: Any) -> None:
    settings.SECOND_FACTOR = "optional"
    browser = enter(officer)
    enrol(browser)
    factor = Authenticator.objects.get(type="totp")
    refused = browser.post(f"/account/factors/{factor.id}/remove", {"current": "not it"})

    browser.post(f"/account/factors/{factor.id}/remove", {"current": WORD})

    assert refused.status_code == 403
    assert not Authenticator.objects.exists()


def test_a_session_that_stood_open_is_asked_for_the_password_before_it_adds_a_way_in(
    officer: User,
) -> None:
    browser = enter(officer)
    session = browser.session
    session["_proved"] = time.time() - 601
    session.save()

    answer = browser.get("/account/app")
    browser.post("/account/confirm", {"current": WORD, "next": "/account/app"})

    assert answer.headers["Location"] == "/account/confirm?next=%2Faccount%2Fapp"
    assert browser.get("/account/app").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/sign-out",
    ],
)
def test_signing_in_never_leads_out_of_the_site(officer: User, address: str) -> None:
    browser = Client()

    answer = browser.post("/sign-in", {"username": "wenling", "password": WORD, "next": address})

    assert answer.headers["Location"] == "/"


def test_a_session_planted_before_signing_in_is_worth_nothing_afterwards(officer: User) -> None:
    browser = Client()
    browser.get("/sign-in/passkey/options")
    planted = browser.cookies[live.SESSION_COOKIE_NAME].value

    browser.post("/sign-in", {"username": "wenling", "password": WORD})

    thief = Client()
    thief.cookies[live.SESSION_COOKIE_NAME] = planted
    assert browser.cookies[live.SESSION_COOKIE_NAME].value != planted
    assert signed_in(browser)
    assert not signed_in(thief)


def test_the_store_holds_no_key_of_a_session(officer: User) -> None:
    browser = enter(officer)

    key = browser.cookies[live.SESSION_COOKIE_NAME].value

    assert not Session.objects.filter(session_key=key).exists()
    thief = Client()
    thief.cookies[live.SESSION_COOKIE_NAME] = Session.objects.get(account_id=officer.id).session_key
    assert not signed_in(thief)


def test_a_session_ends_when_it_is_not_used_and_in_any_case_after_its_longest_time(
    officer: User,
) -> None:
    idle, old = enter(officer), enter(officer)
    Session.objects.filter(session_key=_row(idle)).update(
        expire_date=machine_now() - timedelta(seconds=1)
    )
    session = old.session
    session["_since"] = (machine_now() - timedelta(hours=12, seconds=1)).isoformat()
    session.save()

    assert not signed_in(idle)
    assert not signed_in(old)


def _row(browser: Client) -> str:
    from guantong.access.sessions import digest

    return digest(browser.cookies[live.SESSION_COOKIE_NAME].value)


def test_people_see_where_they_are_signed_in_and_end_another_browser(officer: User) -> None:
    here, there = enter(officer), enter(officer)
    page = text(here.get("/account/sessions"))

    here.post("/account/sessions/end", {"session": _row(there)})

    assert page.count("this one") == 1
    assert signed_in(here)
    assert not signed_in(there)


def test_nobody_ends_the_session_of_somebody_else(officer: User, mayor: User) -> None:
    mine, theirs = enter(officer), enter(mayor)

    mine.post("/account/sessions/end", {"session": _row(theirs)})

    assert theirs.get("/account").status_code == 200


def test_changing_the_password_ends_every_other_session(officer: User) -> None:
    here, there = enter(officer), enter(officer)

    here.post(
        "/account/password",
        {"current": WORD, "password": "quite another word", "again": "quite another word"},
    )

    assert signed_in(here)
    assert not signed_in(there)


def test_a_session_of_the_other_end_is_nobodys_here(officer: User) -> None:
    browser = enter(officer)

    User.objects.filter(id=officer.id).update(kind="citizen")

    assert not signed_in(browser)


def test_signing_out_ends_the_session_in_the_store(officer: User) -> None:
    browser = enter(officer)

    browser.post("/sign-out")

    assert not Session.objects.filter(account_id=officer.id).exists()


# --- other people's accounts ---------------------------------------------------------------------


@pytest.fixture
def chief(flood: Package) -> Client:
    """The head of Wenling's emergency bureau, who administers it."""
    user_for(EMERGENCY, "head", username="chief")
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.post("/sign-in", {"username": "chief", "password": PASSWORD})
    User.objects.filter(username="chief").update(language="en")
    return browser


def person_id(unit: str = EMERGENCY, post: str = "second_duty") -> UUID:
    return province.person(unit, post).id


def test_the_head_of_a_unit_invites_and_the_officer_comes_in(chief: Client) -> None:
    shown = chief.post("/accounts/invite", {"person_id": str(person_id())})
    found = re.search(r"one-time\">([0-9A-Z-]{11})<", shown.content.decode())
    assert found is not None, text(shown)
    username = User.objects.get(person_id=person_id()).username
    new = Client(HTTP_ACCEPT_LANGUAGE="en")

    answer = new.post(
        "/activate", {"username": username, "code": found[1], "password": WORD, "again": WORD}
    )

    assert answer.headers["Location"] == "/account?welcome=1"
    assert signed_in(new)
    assert found[1] not in text(chief.get(f"/accounts/{person_id()}"))


def test_the_neighbours_head_administers_no_account_here(mayor: User) -> None:
    user_for("emergency@331083", "head", username="neighbour")
    browser = Client()
    browser.post("/sign-in", {"username": "neighbour", "password": PASSWORD})

    page = browser.get(f"/accounts/{person_id()}")
    invited = browser.post("/accounts/invite", {"person_id": str(person_id())})
    listed = browser.get("/accounts?unit=emergency@331081")

    assert {page.status_code, invited.status_code, listed.status_code} == {403}
    assert not User.objects.filter(person_id=person_id()).exists()


def test_an_officer_administers_nobody(officer: User, settings: Any) -> None:
    settings.SECOND_FACTOR = "optional"  # else the officer is sent to enrol one first
    browser = enter(officer)

    answers = [
        browser.get(path)
        for path in ("/accounts", f"/accounts/{person_id()}", "/accounts/citizens")
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_closing_an_account_ends_its_sessions_at_once(chief: Client, officer: User) -> None:
    browser = enter(officer)
    path = f"/accounts/{officer.person_id}"

    chief.post(f"{path}/close")
    closed = signed_in(browser), signed_in(enter(officer))
    chief.post(f"{path}/open")

    assert closed == (False, False)
    assert signed_in(enter(officer))


def test_who_lost_the_phone_gets_in_after_the_administrator_reset_the_factor(
    chief: Client, officer: User
) -> None:
    enrol(enter(officer))

    chief.post(f"/accounts/{officer.person_id}/reset-factors")

    assert signed_in(enter(officer))


def test_the_list_shows_a_unit_with_the_state_of_each_account(
    chief: Client, officer: User, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(40):
        shown = text(chief.get("/accounts"))

    assert "No account" in shown
    assert "In use" in shown


def test_an_administrator_does_not_reset_the_own_second_factor_there(chief: Client) -> None:
    own = province.person(EMERGENCY, "head").id

    answer = chief.post(f"/accounts/{own}/reset-factors")

    assert answer.headers["Location"] == "/account"


def test_a_forgotten_password_is_set_anew_with_a_new_code(officer: User) -> None:
    code = new_code(officer, at=machine_now(), actor="chief")
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    short = browser.post(
        "/activate", {"username": "wenling", "code": code, "password": "short", "again": "short"}
    )

    browser.post(
        "/activate",
        {
            "username": "wenling",
            "code": code,
            "password": "a wholly new word",
            "again": "a wholly new word",
        },
    )

    assert "at least 12 characters" in text(short)
    assert signed_in(browser)


# --- where a request comes from -------------------------------------------------------------------


def test_only_what_our_own_proxies_wrote_is_believed_as_an_address(settings: Any) -> None:
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="1.1.1.1, 198.51.100.7, 10.0.0.2"
    )

    seen = []
    for proxies in (0, 1, 2, 9):
        settings.TRUSTED_PROXIES = proxies
        seen.append(client_address(request))

    assert seen == ["10.0.0.1", "10.0.0.2", "198.51.100.7", "10.0.0.1"]


def test_devices_are_named_in_two_words_and_addresses_are_masked() -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0"
    request = RequestFactory().get("/", HTTP_USER_AGENT=agent)

    assert device_of(request) == "Edge · Windows"
    assert masked("198.51.100.7") == "198.51.100.*"
    assert masked("2001:db8:1:2::7") == "2001:db8:1:…"


def test_secrets_of_apps_move_to_the_new_key(officer: User) -> None:
    secret, codes = enrol(enter(officer))
    place = SealedFactors()
    old = sealing.ring().key.id

    counts = (place.sealed_under(old), place.waiting(old), place.waiting("another"))

    assert place.any_sealed()
    assert counts == (2, 0, 2)
    assert place.reseal(old, most=10) == 0
    assert (len(secret), len(codes)) == (32, 10)
