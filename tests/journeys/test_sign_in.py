"""A new officer comes in, in a browser: code, password, app, passkey, sessions, lock-out.

The passkey's device is Chromium's own virtual authenticator (WebAuthn over the DevTools protocol);
the citizen end runs beside the official one, on the same host, and knows nothing of its cookies.
"""

import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, BrowserContext, Page
from tests.journeys.installation import COMMAND, ROOT, Installation

PASSWORD = "guantong-demo-2026"
WORD = "harbour lantern twelve"
LONG = 60_000
# A number of form and check character that belongs to nobody: region 999999.
CITIZEN = {"name": "王某一", "identity": "999999199001011238", "mobile": "13800000001"}

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("sign-in")]


@dataclass(frozen=True)
class Ends:
    """The two ends of one installation. Passkeys need a name: localhost, not a number."""

    official: str
    citizen: str


@pytest.fixture(scope="module")
def ends() -> Iterator[Ends]:
    with tempfile.TemporaryDirectory(prefix="guantong-up-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        applications = Path(folder) / "none"
        applications.mkdir()
        ports = _free_ports(3)
        with (Path(folder) / "up.log").open("w") as log:
            process = subprocess.Popen(
                [COMMAND, "up"],
                env=Installation(Path(folder)).environment(
                    GUANTONG_PORT=str(ports[0]), GUANTONG_GATEWAY_PORT=str(ports[1]),
                    GUANTONG_CITIZEN_PORT=str(ports[2]), GUANTONG_APPS=str(applications),
                ),
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
        try:
            found = Ends(f"http://localhost:{ports[0]}", f"http://localhost:{ports[2]}")
            _wait(process, f"{found.official}/sign-in", f"{found.citizen}/sign-in")
            yield found
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _wait(process: "subprocess.Popen[str]", *addresses: str) -> None:
    deadline = time.monotonic() + 300
    for address in addresses:
        while True:
            try:
                with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own
                    break
            except OSError:
                assert process.poll() is None, "the installation ended"
                assert time.monotonic() < deadline, f"{address} does not answer"
                time.sleep(0.5)


@pytest.fixture
def open_browser(browser: Browser) -> Iterator["Browsers"]:
    opened = Browsers(browser)
    yield opened
    for context in opened.contexts:
        context.close()


class Browsers:
    """Browsers of different people, each with cookies of its own."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.contexts: list[BrowserContext] = []

    def new(self) -> Page:
        context = self.browser.new_context(locale="en-GB")
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LONG)
        return page


def sign_in(page: Page, end: str, username: str, password: str) -> None:
    page.goto(f"{end}/sign-in")
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("form[action='/sign-in'] button")
    page.wait_for_load_state()


def code_now(secret: str, *, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def virtual_device(page: Page) -> None:
    """Give the browser a device that keeps passkeys and always recognises its owner."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip


def test_a_new_officer_comes_in_and_keeps_the_account_safe(
    ends: Ends, open_browser: Browsers
) -> None:
    # The administrator of the platform invites the duty officer of a county's government.
    admin = open_browser.new()
    sign_in(admin, ends.official, "admin", PASSWORD)
    admin.goto(f"{ends.official}/accounts?unit=area@331081")
    admin.click("tbody tr:first-child th a")
    admin.click("form[action='/accounts/invite'] button")
    numbers = admin.locator("dd.number").all_inner_texts()
    username, code = numbers[0], numbers[1]

    # The officer chooses a password, and gets nowhere before a second factor is there.
    page = open_browser.new()
    page.goto(f"{ends.official}/activate?account={username}")
    page.fill("#field-code", code.lower())
    page.fill("#field-password", WORD)
    page.fill("#field-again", WORD)
    page.click("form[action='/activate'] button")
    page.wait_for_url("**/account?welcome=1")
    page.goto(f"{ends.official}/inbox")
    assert page.url.endswith("/account")

    # An authenticator app: the picture, the secret, the first code, the sheet of codes.
    page.click("a[href='/account/app']")
    assert page.locator("img.qr").evaluate("image => image.naturalWidth") > 0
    secret = page.inner_text(".secret").replace(" ", "")
    page.fill("#field-code", code_now(secret, steps=-1))
    page.click("form[action='/account/app'] button")
    assert page.locator(".codes li").count() == 10
    page.goto(f"{ends.official}/inbox")
    assert page.url.endswith("/inbox")

    # A passkey, then out, then in again with nothing typed at all.
    virtual_device(page)
    page.goto(f"{ends.official}/account/passkey")
    page.fill("#field-name", "office computer")
    page.click("form[data-passkey=create] button")
    page.wait_for_url("**/account")
    assert "office computer" in page.inner_text(".ways")
    page.click("form[action='/sign-out'] button >> nth=-1")
    page.wait_for_url("**/sign-in")
    page.click("form[data-passkey=get] button")
    page.wait_for_url("**/inbox")

    # Another browser comes in with password and code; this one sees it and ends it.
    other = open_browser.new()
    sign_in(other, ends.official, username, WORD)
    other.fill("#field-code", code_now(secret))
    other.click("form[action='/sign-in/second'] button")
    other.wait_for_url("**/inbox")
    page.goto(f"{ends.official}/account/sessions")
    assert page.locator(".ways .row").count() == 2
    page.click("button[name=session]")
    page.wait_for_selector(".note.fine")
    other.goto(f"{ends.official}/inbox")
    assert "/sign-in" in other.url
    assert other.locator(".note.caution").count() == 1

    # Somebody guesses: the password is locked, and the owner's passkey still opens.
    for _ in range(9):
        sign_in(other, ends.official, username, "not it at all")
    assert "15" in other.inner_text(".summary")
    page.click("form[action='/sign-out'] button >> nth=0")
    page.wait_for_url("**/sign-in")
    page.click("form[data-passkey=get] button")
    page.wait_for_url("**/inbox")


def test_a_citizen_gets_an_account_at_a_window_and_the_ends_stay_apart(
    ends: Ends, open_browser: Browsers
) -> None:
    citizen, clerk = open_browser.new(), open_browser.new()
    citizen.goto(f"{ends.citizen}/register")
    for field, value in CITIZEN.items():
        citizen.fill(f"#field-{field}", value)
    citizen.click("form[action='/register'] button")
    number = citizen.inner_text(".one-time")

    sign_in(clerk, ends.official, "admin", PASSWORD)
    clerk.goto(f"{ends.official}/accounts/citizens")
    clerk.fill("#field-number", number)
    clerk.click("form[action='/accounts/citizens'] button")
    clerk.check("input[name=compared]")
    clerk.click("form[action='/accounts/citizens'] button")
    code = clerk.inner_text(".one-time")

    citizen.click("a[href='/activate']")
    citizen.fill("#field-username", CITIZEN["mobile"])
    citizen.fill("#field-code", code)
    citizen.fill("#field-password", WORD)
    citizen.fill("#field-again", WORD)
    citizen.click("form[action='/activate'] button")
    citizen.wait_for_url("**/account?welcome=1")
    citizen.goto(f"{ends.citizen}/")
    shown = citizen.inner_text("main")
    assert CITIZEN["name"] in shown
    assert CITIZEN["identity"] not in shown

    # The same browser, the same host: the other end's cookie is not looked at.
    assert citizen.goto(f"{ends.official}/inbox") is not None
    assert "/sign-in" in citizen.url
    answer = citizen.goto(f"{ends.citizen}/inbox")
    assert answer is not None
    assert answer.status == 404
