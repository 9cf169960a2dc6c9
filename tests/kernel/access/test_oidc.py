"""Signing in with an outside provider of identities: a real one (oidc-provider) on the loopback."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from tests import province as small
from tests.kernel.access.test_citizen_end import Ends
from tests.province import PASSWORD, user_for

from guantong.access.account import new_code
from guantong.access.api import User
from guantong.access.models import ActivationCode
from guantong.access.provider_link import unlink
from guantong.base import sealing
from guantong.base.clock import machine_now
from guantong.orgs import api as orgs
from guantong.portal.sign_in import PROVIDER_TOKEN

ROOT = Path(__file__).parents[3]
PROVIDER = ROOT / "tests" / "oidc" / "provider.mjs"
BACK = "http://testserver/sign-in/from/oidc"
EMERGENCY = "emergency@331081"
# A provider's subject, and the number it vouches for.
NUMBERS = {
    "subject-1": "TEST-1", "subject-2": "TEST-2", "stranger": "no-such-number", "nameless": None,
    "citizen-1": "999999199001011238",
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
        self.seen = 0

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


@pytest.fixture(autouse=True)
def _quick_hash(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "guantong.access.passwords.Argon2",
    ]


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


def answer_of(address: str, subject: str, session: requests.Session | None = None) -> str:
    """Go through the provider's own pages as a browser does; return where it leads back."""
    session = session or requests.Session()
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


# The citizen end, and the two ends apart


@pytest.fixture
def citizen(province: Any) -> User:
    keeper = small.unit("area@331081105")
    person = orgs.register_citizen(
        name="王某一", identity="999999199001011238", mobile="13800000001", unit_id=keeper.id,
        division_code=keeper.division_code, at=machine_now(), actor="test",
    )  # fmt: skip
    return User.objects.create(username="c-1", password="!", person_id=person, kind="citizen")


def test_a_citizen_comes_in_at_the_citizen_end_by_the_number_of_identity(
    provider: Provider, citizen: User, settings: Any
) -> None:
    browser = Ends(settings).citizen()

    answer = sign_in(browser, "citizen-1")

    assert answer.status_code == 302
    assert inside(browser)
    assert SocialAccount.objects.get().user_id == citizen.id


def test_the_first_link_shuts_whoever_else_has_opened_the_citizens_account(
    provider: Provider, citizen: User, settings: Any
) -> None:
    citizen.set_password(PASSWORD)
    citizen.save()
    new_code(citizen, at=machine_now(), actor="test")
    another = Ends(settings).citizen()
    another.force_login(citizen, backend="django.contrib.auth.backends.ModelBackend")
    before = inside(another)
    browser = Ends(settings).citizen()

    sign_in(browser, "citizen-1")

    assert before
    assert inside(browser)
    assert not inside(another)
    assert not User.objects.get(id=citizen.id).has_usable_password()
    assert not ActivationCode.objects.filter(user=citizen).exists()


def test_an_official_keeps_the_password_for_when_the_provider_is_away(
    provider: Provider, officer: User
) -> None:
    sign_in(Client(), "subject-1")

    assert User.objects.get(id=officer.id).has_usable_password()


def test_an_identity_of_one_end_never_signs_in_at_the_other(
    provider: Provider, officer: User, citizen: User, settings: Any
) -> None:
    ends = Ends(settings)
    # Both are linked at their own end first, so that it is not the number that decides.
    sign_in(ends.citizen(), "citizen-1")
    sign_in(ends.official(), "subject-1")

    official = ends.official()
    citizen_there = sign_in(official, "citizen-1")
    stands_official = inside(official)
    browser = ends.citizen()
    officer_there = sign_in(browser, "subject-1")

    assert (citizen_there.status_code, officer_there.status_code) == (403, 403)
    assert not stands_official
    assert not inside(browser)
    assert SocialAccount.objects.count() == 2


# Signing out there, too


def signed_out_there(address: str, session: requests.Session) -> str:
    """Go through the provider's page of signing out; return where it leads back."""
    page = session.get(address, timeout=20)
    assert page.status_code == 200, page.text
    action = re.search(r'action="([^"]+)"', page.text)
    form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
    assert action is not None, page.text
    answer = session.post(action[1], data=form, allow_redirects=False, timeout=20)
    return str(answer.headers["Location"])


@pytest.mark.parametrize("end", ["official", "citizen"])
def test_signing_out_here_signs_out_at_the_provider_and_comes_back(
    provider: Provider, officer: User, citizen: User, settings: Any, end: str
) -> None:
    ends = Ends(settings)
    browser = ends.official() if end == "official" else ends.citizen()
    subject = "subject-1" if end == "official" else "citizen-1"
    there = requests.Session()
    come_back(browser, answer_of(ask(browser), subject, there))

    away = browser.post("/sign-out").headers["Location"]
    stays = inside(browser)
    back = signed_out_there(away, there)
    answer = come_back(browser, back)

    asked = parse_qs(urlsplit(away).query)
    assert away.startswith(f"{provider.issuer}/session/end?")
    assert asked["id_token_hint"][0].count(".") == 2
    assert not stays
    assert answer.headers["Location"] == "/sign-in?out=1"
    told = browser.get("/sign-in?out=1").content.decode()
    assert "City Identity" in told or "城市统一身份" in told
    # Nobody is signed in there any more: without a hint the provider asks who it is.
    again = there.get(ask(browser), allow_redirects=False, timeout=20)
    assert "/interaction/" in again.headers["Location"]


def test_an_answer_with_another_state_is_not_believed(provider: Provider, officer: User) -> None:
    browser = Client()
    sign_in(browser, "subject-1")
    browser.post("/sign-out")

    assert browser.get("/sign-out/done", {"state": "x"}).headers["Location"] == "/sign-in"
    assert browser.get("/sign-out/done").headers["Location"] == "/sign-in"


def test_the_token_is_sealed_in_the_session(provider: Provider, officer: User) -> None:
    browser = Client()
    sign_in(browser, "subject-1")

    kept = browser.session[PROVIDER_TOKEN]

    assert kept.startswith("gs1.")


def test_who_came_with_a_password_is_not_sent_to_the_provider(
    provider: Provider, officer: User
) -> None:
    browser = Client()
    browser.post("/sign-in", {"username": "wenling", "password": PASSWORD})

    assert browser.post("/sign-out").headers["Location"] == "/sign-in"


def test_a_provider_that_is_away_does_not_keep_anybody_signed_in(
    provider: Provider, officer: User, settings: Any
) -> None:
    browser = Client()
    sign_in(browser, "subject-1")
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]
    app["server_url"] = "http://127.0.0.1:9"

    answer = browser.post("/sign-out")

    assert answer.headers["Location"] == "/sign-in"
    assert not inside(browser)


def logout_token(provider: Provider, browser: Client) -> str:
    """Let the provider's own sign-out send its word, and return it."""
    there = requests.Session()
    come_back(browser, answer_of(ask(browser), "subject-1", there))
    other = Client()
    come_back(other, answer_of(ask(other), "subject-1", there))
    signed_out_there(other.post("/sign-out").headers["Location"], there)
    for _ in range(50):
        sent = requests.get(f"{provider.issuer}/captured", timeout=10).json()
        if len(sent) > provider.seen:
            provider.seen = len(sent)
            return str(sent[-1])
        time.sleep(0.1)
    raise AssertionError("the provider sent nothing")


def test_who_signs_out_at_the_provider_is_signed_out_here(
    provider: Provider, officer: User
) -> None:
    browser = Client()
    word = logout_token(provider, browser)
    before = inside(browser)

    answer = Client(enforce_csrf_checks=True).post("/sign-out/told", {"logout_token": word})

    assert before
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert not inside(browser)


def test_a_word_of_the_provider_that_is_repeated_ends_no_later_session(
    provider: Provider, officer: User
) -> None:
    word = logout_token(provider, Client())
    Client().post("/sign-out/told", {"logout_token": word})
    time.sleep(2.1)  # the word's own second is over
    browser = Client()
    sign_in(browser, "subject-1")

    Client().post("/sign-out/told", {"logout_token": word})

    assert inside(browser)


def test_only_a_logout_token_signs_anybody_out(provider: Provider, officer: User) -> None:
    browser = Client()
    sign_in(browser, "subject-1")
    identity = sealing.unseal(browser.session[PROVIDER_TOKEN], about="session.provider_token")
    word = logout_token(provider, Client())

    for wrong in ("", "x.y.z", identity, word[:-4] + "AAAA"):
        answer = Client().post("/sign-out/told", {"logout_token": wrong})
        assert answer.status_code == 400, wrong

    assert inside(browser)
