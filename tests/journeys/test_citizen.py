"""A real province begins with nobody: one administrator, then a citizen who asks who looked at her.

No demonstration account exists here. The citizen's pages are walked without script on a phone of
390 pixels, in both languages, and each is examined by axe (WCAG 2.1 AA).
"""

import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from tests.journeys.installation import COMMAND, ROOT, Installation
from tests.journeys.test_sign_in import CITIZEN, WORD, _free_ports, _wait, code_now

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1600, "height": 900}
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
LONG = 60_000

pytestmark = [pytest.mark.browser, pytest.mark.province, pytest.mark.enable_socket]


@dataclass(frozen=True)
class Real:
    """A province that was begun with GUANTONG_DEMO=no, and its first code."""

    installation: Installation
    official: str
    citizen: str
    account: str
    code: str


@pytest.fixture(scope="module")
def real() -> Iterator[Real]:
    with tempfile.TemporaryDirectory(prefix="guantong-up-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        applications = Path(folder) / "none"
        applications.mkdir()
        own = Installation(Path(folder))
        told = own.run(
            "people", "first-administrator", "周某", GUANTONG_DEMO="no",
            GUANTONG_APPS=str(applications),
        )  # fmt: skip
        assert told.code == 0, told.err
        account, code = re.search(r"Account: (\S+)\nActivation code: (\S+)", told.out).groups()  # type: ignore[union-attr]
        ports = _free_ports(3)
        with (Path(folder) / "up.log").open("w") as log:
            # Without the setting: the home remembers that it is a real province.
            process = subprocess.Popen(
                [COMMAND, "up"],
                env=own.environment(
                    GUANTONG_PORT=str(ports[0]), GUANTONG_GATEWAY_PORT=str(ports[1]),
                    GUANTONG_CITIZEN_PORT=str(ports[2]), GUANTONG_APPS=str(applications),
                ),
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
        try:
            web, citizen = f"http://localhost:{ports[0]}", f"http://localhost:{ports[2]}"
            _wait(process, f"{web}/sign-in", f"{citizen}/sign-in")
            yield Real(own, web, citizen, account, code)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


class People:
    """Browsers of different people; a citizen's has no script and is a phone."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.contexts: list[BrowserContext] = []

    def _page(self, context: BrowserContext) -> Page:
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LONG)
        return page

    def officer(self) -> Page:
        return self._page(self.browser.new_context(locale="en-GB", viewport=DESK))

    def citizen(self) -> Page:
        return self._page(
            self.browser.new_context(locale="en-GB", viewport=PHONE, java_script_enabled=False)
        )

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture
def people(browser: Browser) -> Iterator[People]:
    found = People(browser)
    yield found
    found.close()


def enter(page: Page, end: str, account: str, code: str) -> None:
    """Open an account with its code."""
    page.goto(f"{end}/activate")
    for field, value in {
        "username": account,
        "code": code,
        "password": WORD,
        "again": WORD,
    }.items():
        page.fill(f"#field-{field}", value)
    page.click("form[action='/activate'] button")
    page.wait_for_url("**/account?welcome=1")


def add_app(page: Page, end: str) -> str:
    """Add an authenticator app, without which an administrator gets nowhere."""
    page.goto(f"{end}/account/app")
    secret = page.inner_text(".secret").replace(" ", "")
    page.fill("#field-code", code_now(secret, steps=-1))
    page.click("form[action='/account/app'] button")
    page.wait_for_selector(".codes li")
    return secret


def faults(browser: Browser, page: Page, name: str) -> list[str]:
    """Return what is wrong with a citizen's page: too wide, small letters, axe; keep pictures."""
    found = []
    # The same page with script, for axe alone; the citizen's own browser has none.
    state = page.context.storage_state()
    for scheme in ("light", "dark"):
        for size, viewport in (("phone", PHONE), ("desk", DESK)):
            context = browser.new_context(
                storage_state=state, viewport=viewport, color_scheme=scheme, bypass_csp=True,
                locale="en-GB",
            )  # type: ignore[arg-type]  # fmt: skip
            seen = context.new_page()
            seen.goto(page.url)
            wide = seen.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                found.append(f"{name} {size}: {wide} px too wide")
            small = seen.evaluate(
                "parseFloat(getComputedStyle(document.querySelector('main')).fontSize)"
            )
            if small < 16:
                found.append(f"{name}: letters of {small} px")
            seen.evaluate(AXE)
            options = json.dumps({"runOnly": {"type": "tag", "values": RULES}})
            run = f"axe.run(document, {options}).then(r => JSON.stringify(r.violations))"
            for fault in json.loads(seen.evaluate(run)):
                nodes = [node["html"][:120] for node in fault["nodes"][:3]]
                found.append(f"{name} {size} {scheme}: {fault['id']} {nodes}")
            if folder := os.environ.get("GUANTONG_PICTURES"):
                seen.screenshot(path=f"{folder}/citizen-{name}-{size}-{scheme}.png", full_page=True)
            context.close()
    return found


def test_a_real_province_from_its_first_administrator_to_a_citizen_who_is_answered(
    real: Real, people: People, browser: Browser
) -> None:
    wrong: list[str] = []

    # Nobody's password is printed, and a second administrator is not made from the shell.
    admin = people.officer()
    admin.goto(f"{real.official}/sign-in")
    assert admin.locator("table.accounts").count() == 0
    enter(admin, real.official, real.account, real.code)
    admin.goto(f"{real.official}/inbox")
    assert admin.url.endswith("/account"), "an administrator adds a second factor first"
    add_app(admin, real.official)
    again = real.installation.run("people", "first-administrator", "吴某")
    assert again.code == 2
    assert "appoints and invites others" in again.err

    # She invites the head of the province's government.
    admin.goto(f"{real.official}/accounts?unit=area@33")
    admin.locator("tbody tr", has_text="主要负责人").locator("th a").click()
    admin.click("form[action='/accounts/invite'] button")
    head_account, head_code = admin.locator("dd.number").all_inner_texts()[:2]
    head = people.officer()
    enter(head, real.official, head_account, head_code)
    add_app(head, real.official)

    # A citizen applies, the window compares, the citizen comes in: on a phone, without script.
    citizen = people.citizen()
    citizen.goto(f"{real.citizen}/register")
    for field, value in CITIZEN.items():
        citizen.fill(f"#field-{field}", value)
    wrong += faults(browser, citizen, "register")
    citizen.click("form[action='/register'] button")
    number = citizen.inner_text(".one-time")
    admin.goto(f"{real.official}/accounts/citizens")
    admin.fill("#field-number", number)
    admin.click("form[action='/accounts/citizens'] button")
    admin.check("input[name=compared]")
    admin.click("form[action='/accounts/citizens'] button")
    enter(citizen, real.citizen, CITIZEN["mobile"], admin.inner_text(".one-time"))

    # Nothing there yet: every page says so and what to do.
    for path in ("", "notices", "looks", "household", "account", "account/sessions", "verify"):
        citizen.goto(f"{real.citizen}/{path}")
        wrong += faults(browser, citizen, (path or "home").replace("/", "-") + "-empty")

    # The administrator looks at her entry; she reads it and asks why.
    admin.goto(f"{real.official}/participants/citizen?q={CITIZEN['identity']}")
    admin.click("tbody a, .rows a")
    citizen.goto(f"{real.citizen}/looks")
    assert "mobile number" in citizen.inner_text("main")
    wrong += faults(browser, citizen, "looks")
    citizen.click(".looks a.button")
    wrong += faults(browser, citizen, "contest")
    citizen.fill("#field-why", "I was at no office that day.")
    citizen.click("main form button")
    assert "waits for an answer" in citizen.inner_text("main")

    # Whoever looked is refused; the head of the government answers, from the notice.
    head.goto(f"{real.official}/notices")
    head.click("button.tool[name=language]")  # an invited account reads Chinese until it chooses
    head.goto(f"{real.official}/notices")
    head.click("text=A citizen contests a look")
    head.click("a.button[href^='/contests/']")
    contest = head.url
    refused = admin.goto(contest)
    assert refused is not None
    assert refused.status == 403
    head.check("input[value=unfounded]")
    head.fill("#field-answer", "The entry was compared after the window.")
    head.click("main form button")
    head.wait_for_selector(".note.fine")

    # She reads the answer as a notice, and beside the look.
    citizen.goto(f"{real.citizen}/notices")
    wrong += faults(browser, citizen, "notices")
    citizen.click("main .row a")
    wrong += faults(browser, citizen, "notice")
    citizen.click("main a.button:not(.plain)")
    assert "The entry was compared after the window." in citizen.inner_text("main")
    wrong += faults(browser, citizen, "answered")

    # In Chinese, and with larger letters.
    citizen.click("button[name=language]")
    citizen.goto(f"{real.citizen}/account")
    citizen.click("form[action='/reading'] button >> nth=0")
    for path in ("", "looks", "account", "household"):
        citizen.goto(f"{real.citizen}/{path}")
        assert citizen.locator("body.elder").count() == 1
        wrong += faults(browser, citizen, (path or "home") + "-elder-zh")

    assert wrong == []


def test_the_check_of_a_real_province_finds_no_printed_password(real: Real) -> None:
    found = real.installation.run("check", "--json", GUANTONG_HOSTS="gov.example")

    lights = [json.loads(line) for line in found.out.splitlines() if line.startswith("{")]
    assert [one["light"] for one in lights if one.get("check") == "accounts"] == ["green"]
