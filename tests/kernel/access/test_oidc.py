"""Signing in with an outside provider of identities: a real one (oidc-provider) on the loopback."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from tests.province import user_for

from guantong.access.api import User
from guantong.access.provider_link import unlink
from guantong.base.clock import machine_now

ROOT = Path(__file__).parents[3]
PROVIDER = ROOT / "tests" / "oidc" / "provider.mjs"
BACK = "http://testserver/sign-in/from/oidc"
EMERGENCY = "emergency@331081"
# A provider's subject, and the number it vouches for.
NUMBERS = {
    "subject-1": "TEST-1", "subject-2": "TEST-2", "stranger": "no-such-number", "nameless": None,
}  # fmt: skip

node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        node is None or not (ROOT / "node_modules" / "oidc-provider").exists(),
        reason="oidc-provider is not installed (npm ci)",
    ),
]


class Provider:
    """The provider's process, and how tests make it misbehave."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"

    def control(self, **wish: str) -> None:
        requests.post(f"{self.issuer}/control", json=wish, timeout=10).raise_for_status()


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert node is not None
    process = subprocess.Popen(
        [node, str(PROVIDER), str(port), BACK, json.dumps(NUMBERS)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "ready":
                break
        yield Provider(port)
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture
def provider(running: Provider, settings: Any, province: Any, flood: Any) -> Provider:
    running.control()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "oidc", "name": "City Identity", "client_id": "guantong",
                    "secret": "a-secret-of-the-test-only",
                    "settings": {
                        "server_url": running.issuer, "issuer": running.issuer,
                        "name_zh": "城市统一身份", "claim": "employee_number",
                        "scope": ["openid", "profile"],
                    },
                }
            ],
        }
    }  # fmt: skip
    return running


@pytest.fixture
def officer(province: Any) -> User:
    user = user_for(EMERGENCY, username="wenling")
    _number(user, "TEST-1")
    return user


def _number(user: User, number: str) -> None:
    from guantong.orgs.models import Person

    Person.objects.filter(id=user.person_id).update(number=number)


def changed(address: str, **parts: str | None) -> str:
    """Return an address with parts of its query replaced, or without them."""
    split = urlsplit(address)
    query = {key: values[0] for key, values in parse_qs(split.query).items()} | parts
    return urlunsplit(split._replace(query=urlencode({k: v for k, v in query.items() if v})))


def ask(browser: Client, *, next: str = "/inbox") -> str:
    """Start at our page; return where the browser is sent."""
    return str(browser.get("/sign-in/with/oidc", {"next": next}).headers["Location"])


def answer_of(address: str, subject: str) -> str:
    """Go through the provider's own pages as a browser does; return where it leads back."""
    session = requests.Session()
    address = changed(address, login_hint=subject)
    for _ in range(6):
        answer = session.get(address, allow_redirects=False, timeout=20)
        assert answer.is_redirect, answer.text
        address = requests.compat.urljoin(address, answer.headers["Location"])
        if address.startswith(BACK):
            return address
    raise AssertionError("the provider leads nowhere")


def come_back(browser: Client, address: str) -> Any:
    return browser.get(address.removeprefix("http://testserver"))


def sign_in(browser: Client, subject: str, **change: str | None) -> Any:
    return come_back(browser, answer_of(changed(ask(browser), **change), subject))


def inside(browser: Client) -> bool:
    return bool(browser.get("/account").status_code == 200)


def test_whom_the_provider_names_by_number_comes_in_and_goes_on_where_they_wanted(
    provider: Provider, officer: User
) -> None:
    browser = Client()

    answer = sign_in(browser, "subject-1")

    assert answer.headers["Location"] == "/inbox"
    assert inside(browser)
    assert SocialAccount.objects.get().user_id == officer.id


def test_the_sign_in_page_names_the_provider(provider: Provider) -> None:
    page = Client(HTTP_ACCEPT_LANGUAGE="en").get("/sign-in").content.decode()

    assert "Sign in with City Identity" in page


def test_afterwards_the_subject_counts_and_not_the_number(
    provider: Provider, officer: User
) -> None:
    sign_in(Client(), "subject-1")
    _number(officer, "another-number")
    browser = Client()

    sign_in(browser, "subject-1")

    assert inside(browser)


@pytest.mark.parametrize("subject", ["stranger", "nameless"])
def test_no_account_is_made_for_a_stranger(provider: Provider, officer: User, subject: str) -> None:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")

    answer = sign_in(browser, subject)

    assert answer.status_code == 403
    assert b"no open account here belongs to the number" in answer.content
    assert User.objects.count() == 1
    assert not inside(browser)


def test_a_second_subject_with_the_same_number_is_refused_until_somebody_has_looked(
    provider: Provider, officer: User
) -> None:
    sign_in(Client(), "subject-1")
    _number(officer, "TEST-2")
    before = sign_in(Client(), "subject-2").status_code
    unlink(officer, at=machine_now(), actor="admin")
    browser = Client()

    sign_in(browser, "subject-2")

    assert before == 403
    assert inside(browser)


def test_a_closed_account_stays_closed_for_the_provider(provider: Provider, officer: User) -> None:
    User.objects.filter(id=officer.id).update(is_active=False, closed_because="left")
    browser = Client()

    assert sign_in(browser, "subject-1").status_code == 403
    assert not inside(browser)


def test_an_answer_counts_once(provider: Provider, officer: User) -> None:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    address = answer_of(ask(browser), "subject-1")
    come_back(browser, address)
    browser.post("/sign-out")

    again = come_back(browser, address)

    assert again.status_code == 403
    assert b"too old, or was answered before" in again.content
    assert not inside(browser)


def test_an_answer_to_one_browser_is_worth_nothing_in_another(
    provider: Provider, officer: User
) -> None:
    address = answer_of(ask(Client()), "subject-1")
    thief = Client()

    assert come_back(thief, address).status_code == 403
    assert not inside(thief)


def test_a_token_for_another_request_is_refused_by_its_nonce(
    provider: Provider, officer: User
) -> None:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")

    answer = sign_in(browser, "subject-1", nonce="of-another-request")

    assert answer.status_code == 403
    assert b"it answers another request" in answer.content
    assert not inside(browser)


def test_a_code_without_its_verifier_is_worth_nothing(provider: Provider, officer: User) -> None:
    browser = Client()

    answer = sign_in(browser, "subject-1", code_challenge="x" * 43)

    assert answer.status_code == 403
    assert not inside(browser)


def test_new_keys_of_the_provider_are_taken_up_at_once(provider: Provider, officer: User) -> None:
    sign_in(Client(), "subject-1")
    provider.control(keys="new")
    browser = Client()

    sign_in(browser, "subject-1")

    assert inside(browser)


def test_a_token_signed_by_a_key_out_of_service_is_refused(
    provider: Provider, officer: User
) -> None:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    address = answer_of(ask(browser), "subject-1")
    provider.control(keys="hidden")

    answer = come_back(browser, address)

    assert answer.status_code == 403
    assert b"signature, time or addressee is not right" in answer.content
    assert not inside(browser)


def test_another_issuer_at_the_same_address_is_refused(provider: Provider, officer: User) -> None:
    provider.control(issuer="https://somebody.example")
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")

    answer = browser.get("/sign-in/with/oidc")

    assert answer.status_code == 403
    assert b"another issuer" in answer.content


def test_an_answer_that_says_another_issuer_is_refused(provider: Provider, officer: User) -> None:
    browser = Client()
    address = changed(answer_of(ask(browser), "subject-1"), iss="https://somebody.example")

    assert come_back(browser, address).status_code == 403
    assert not inside(browser)


def test_a_provider_that_does_not_answer_is_said_in_a_sentence(
    provider: Provider, settings: Any
) -> None:
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]
    app["server_url"] = "http://127.0.0.1:9"

    answer = Client(HTTP_ACCEPT_LANGUAGE="en").get("/sign-in/with/oidc")

    assert answer.status_code == 403
    assert b"the identity service does not answer" in answer.content


def test_without_a_provider_there_is_no_such_address() -> None:
    assert Client().get("/sign-in/with/oidc").status_code == 404


def test_who_has_a_second_factor_is_asked_for_it_after_the_provider_too(
    provider: Provider, officer: User
) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(officer, generate_totp_secret())
    browser = Client()

    answer = sign_in(browser, "subject-1")

    assert answer.headers["Location"] == "/sign-in/second"
    assert not inside(browser)
