"""The whole province in a browser: `guantong up` on an empty home, Lekima replaying meanwhile.

One installation for all stories here, in any order: what must be seen while the replay runs is
written down once, before the first of them. Pictures go to the folder ``GUANTONG_PICTURES``
names, to be looked at by a person.
"""

import json
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil
import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.journeys.installation import COMMAND, PATIENCE_SECONDS, ROOT, Installation
from tests.journeys.looking import axe, picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.province,
    pytest.mark.enable_socket,
]

PASSWORD = "guantong-demo-2026"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
DESK, PHONE = {"width": 1600, "height": 900}, {"width": 390, "height": 844}
LONG = 60_000  # milliseconds to wait for a page of a busy machine


@dataclass(frozen=True)
class Province:
    """A running installation and what it said when it started."""

    installation: Installation
    process: subprocess.Popen[str]
    web: str
    gateway: str
    # What an open page showed of two figures while the replay ran, without one reload.
    seen: dict[str, list[str]]

    def store(self) -> AbstractContextManager[psycopg.Connection[tuple[Any, ...]]]:
        return self.installation.store()


@pytest.fixture(scope="module")
def province(browser: Browser) -> Iterator[Province]:
    with tempfile.TemporaryDirectory(prefix="guantong-up-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        installation = Installation(Path(folder))
        port = _two_free_ports()
        with (Path(folder) / "up.log").open("w") as log:
            process = subprocess.Popen(
                [COMMAND, "up"],
                env=installation.environment(
                    GUANTONG_PORT=str(port), GUANTONG_GATEWAY_PORT=str(port + 1)
                ),
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
        web = f"http://127.0.0.1:{port}"
        try:
            _wait(lambda: _answers(f"{web}/sign-in"), "the first page", process)
            running = Province(installation, process, web, f"http://127.0.0.1:{port + 1}", {})
            _watch_the_replay(running, browser)
            yield running
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
        left = [
            p
            for p in psutil.process_iter(["cmdline"])
            if folder in " ".join(p.info["cmdline"] or [])
        ]
        assert not left, f"Ctrl-C left {left} behind"


@pytest.fixture
def at(province: Province, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody: ``at("wenling", "/inbox")``."""
    contexts: list[BrowserContext] = []

    def open_page(who: str, path: str, **options: Any) -> Page:
        context = _signed_in(browser, province, who, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(province.web + path, timeout=LONG)
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_no_page_breaks_its_own_content_policy(at: Callable[..., Page]) -> None:
    page = at("wenling", "/inbox")
    page.context.add_init_script(
        "addEventListener('securitypolicyviolation', (e) =>"
        " (window.broken ??= []).push([e.effectiveDirective, e.blockedURI, e.sample]), true)"
    )
    case = page.goto(page.url.replace("/inbox", "/cases"), timeout=LONG)
    assert case is not None
    href = page.locator("a[href^='/cases/']:not([href^='/cases/new'])").first.get_attribute("href")
    broken = []

    for path in ("/inbox", "/cases", str(href), "/cockpit/331081000000", "/evacuation", "/data"):
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path, timeout=LONG)
        page.wait_for_load_state("load")
        if path == href:
            page.locator("[data-bpmn][data-ready]").wait_for(timeout=LONG)
        if path.startswith("/cockpit"):
            page.locator("canvas").first.wait_for(timeout=LONG)
            page.mouse.move(800, 450)  # the tip of the map
            page.wait_for_timeout(500)
        broken += [(path, *found) for found in page.evaluate("window.broken ?? []")]

    assert broken == []


def test_pages_are_served_while_the_replay_runs_and_figures_move_by_themselves(
    province: Province,
) -> None:
    assert len(set(province.seen["counties_alerted"])) >= 3
    assert len(set(province.seen["receipt_rate"])) >= 3


def test_the_replay_ends_with_nothing_unresolved(province: Province) -> None:
    with province.store() as store:
        row = store.execute(
            "select (select count(*) from flows_case where state = 'open'),"
            " (select count(*) from brain_alert where state = 'open'),"
            " (select count(*) from flows_task where state not in ('closed_out', 'withdrawn')),"
            " (select highest_level from brain_alert where division_code = '331081000000')"
        ).fetchone()

    assert row == (0, 0, 0, "red")
    log = province.installation.home / "logs" / "replay-flood_response.log"
    assert json.loads(log.read_text().splitlines()[-1])["unresolved"] == 0


def test_a_figure_changes_when_a_row_changes_in_the_store_and_by_nothing_else(
    province: Province, at: Callable[..., Page]
) -> None:
    page = at("province", "/cockpit")
    remaining = page.locator("[data-figure='flood_response.people_remaining'] [data-value]")
    expect(remaining).to_have_text("0")
    page.wait_for_timeout(4000)
    expect(remaining).to_have_text("0")

    with province.store() as store:
        task, people = store.execute(
            "select t.id, (o.body ->> 'persons')::int from flows_task t"
            " join registry_object o on o.id = t.subject_id"
            " where t.item = 'evacuate' and t.state = 'closed_out' order by t.key limit 1"
        ).fetchone() or (None, 0)
        store.execute("update flows_task set state = 'accepted' where id = %s", [task])
        expect(remaining).to_have_text(str(people), timeout=LONG)
        store.execute("update flows_task set state = 'closed_out' where id = %s", [task])
    expect(remaining).to_have_text("0", timeout=LONG)


def test_every_figure_opens_its_definition_source_time_and_rows(at: Callable[..., Page]) -> None:
    page = at("province", "/cockpit")

    page.locator("[data-figure='flood_response.evacuation_rate']").click(timeout=LONG)
    page.wait_for_url(re.compile("/figures/flood_response.evacuation_rate"), timeout=LONG)

    expect(page.locator("h1")).to_contain_text("人员转移率")
    assert page.locator("table tbody tr").count() > 10
    assert "应转移人员" in (page.locator("main").text_content() or "")


@pytest.mark.parametrize("who", ["wenling", "qingyuan"])
@pytest.mark.parametrize("path", ["/sign-in", "/inbox", "/case", "/cockpit"])
def test_pages_have_no_wcag_violation_on_desk_and_phone_in_light_and_dark(
    who: str, path: str, province: Province, browser: Browser
) -> None:
    faults = []
    context = (
        browser.new_context(reduced_motion="reduce")
        if path == "/sign-in"
        else _signed_in(browser, province, who, reduced_motion="reduce")
    )
    page = context.new_page()
    address = province.web + (_case_of(province, who) if path == "/case" else path)
    for size, frame in (("desk", DESK), ("phone", PHONE)):
        page.set_viewport_size(frame)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.goto(address, timeout=LONG)
            page.wait_for_load_state("networkidle" if path != "/cockpit" else "load")
            page.wait_for_timeout(700)
            faults += [f"{size} {scheme}: {fault}" for fault in axe(page)]
            picture(page, f"{path.strip('/')}-{who}-{size}-{scheme}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), (
                f"{path} is wider than the {size}"
            )
    context.close()

    assert not faults


def test_the_inbox_and_the_case_page_need_no_script(
    province: Province, at: Callable[..., Page]
) -> None:
    inbox = at("wenling", "/inbox", java_script_enabled=False)
    expect(inbox.locator("h1")).to_have_text("待办")

    case = at("wenling", _case_of(province, "wenling"), java_script_enabled=False)
    expect(case.locator("h1")).to_contain_text("温岭市")
    assert case.locator("ol.steps li").count() > 5


def test_the_case_page_draws_the_process(province: Province, at: Callable[..., Page]) -> None:
    page = at("wenling", _case_of(province, "wenling"))

    page.wait_for_selector(".flow svg .djs-element", timeout=LONG)

    assert page.locator(".flow svg .djs-shape").count() >= 20


def test_an_account_of_the_next_county_is_refused_by_changed_addresses(
    province: Province, at: Callable[..., Page]
) -> None:
    wenling = _case_of(province, "wenling")
    with province.store() as store:
        household = store.execute(
            "select o.id from registry_object o where o.division_code like '331081%%'"
            " and o.type = 'flood_response.household' limit 1"
        ).fetchone()
        realm = store.execute("select realm from base_exercise").fetchone()
        before = _refusals(store)
    assert household
    assert realm
    page = at("cangnan", "/inbox")
    addresses = [
        wenling, f"/objects/{household[0]}",
        "/figures/flood_response.evacuation_rate?area=331081000000",
        "/figures/flood_response.evacuation_rate.csv?area=331081000000",
        "/objects.csv?type=flood_response.household&division=331081000000", "/cockpit/331081000000",
        "/evacuation/331081000000",
    ]  # fmt: skip

    codes = {a: page.request.get(province.web + a, timeout=LONG).status for a in addresses}
    stream = page.request.get(f"{province.gateway}/streams/{realm[0]}/331081000000", timeout=LONG)

    assert set(codes.values()) == {403}, codes
    assert stream.status == 403
    assert stream.json()["message"]
    with province.store() as store:
        assert _refusals(store) >= before + len(addresses) + 1
    page.goto(province.web + wenling, timeout=LONG)
    assert "温岭" not in (page.locator("h1").text_content() or "")


def test_the_audit_log_verifies_after_all_this(province: Province) -> None:
    answer = province.installation.run("check", "audit", "--json")

    assert answer.last["faults"] == []
    assert answer.code == 0


def _watch_the_replay(province: Province, browser: Browser) -> None:
    """Open the cockpit while the replay runs, and write down what it shows until the end."""
    for figure in ("counties_alerted", "receipt_rate"):
        province.seen[figure] = []

    # One connection for all looks: entering the store each time costs more than the look.
    with province.store() as store:
        _wait(lambda: _exercises(store, "true") == 1, "the exercise", province.process)
        # Without a graphics card the circles that spread on the map cost more than the replay.
        context = _signed_in(browser, province, "province", reduced_motion="reduce")
        page = context.new_page()
        page.goto(f"{province.web}/cockpit", timeout=LONG)

        def finished() -> bool:
            for figure, values in province.seen.items():
                shown = page.locator(f"[data-figure='flood_response.{figure}'] [data-value]")
                values.append(shown.text_content(timeout=LONG) or "")
            return _exercises(store, "state = 'finished'") == 1

        _wait(finished, "the end of the replay", province.process, every=1)
    picture(page, "cockpit-live")
    context.close()


def _signed_in(browser: Browser, province: Province, who: str, **options: Any) -> BrowserContext:
    context = browser.new_context(viewport=options.pop("viewport", DESK), **options)
    page = context.new_page()
    page.goto(f"{province.web}/sign-in", timeout=LONG)
    page.fill("input[name=username]", who)
    page.fill("input[name=password]", PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(re.compile("/inbox"), timeout=LONG)
    page.close()
    return context


def _case_of(province: Province, who: str) -> str:
    place = {"wenling": "331081000000", "qingyuan": "331126000000"}[who]
    with province.store() as store:
        found = store.execute(
            "select id from flows_case where division_code = %s", [place]
        ).fetchone()
    assert found
    return f"/cases/{found[0]}"


def _refusals(store: psycopg.Connection[tuple[Any, ...]]) -> int:
    row = store.execute(
        "select count(*) from audit_leaf"
        " where convert_from(encoded, 'UTF8')::jsonb ->> 'act' = 'refuse'"
    ).fetchone()
    assert row
    return int(row[0])


def _exercises(store: psycopg.Connection[tuple[Any, ...]], which: str) -> int:
    row = store.execute(f"select count(*) from base_exercise where {which}").fetchone()
    assert row
    return int(row[0])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _wait(
    true: Callable[[], bool], what: str, process: subprocess.Popen[str], *, every: float = 0.5
) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert process.poll() is None, f"`guantong up` ended before {what}"
        assert time.monotonic() < deadline, f"{what} did not come within {PATIENCE_SECONDS} s"
        time.sleep(every)


def _two_free_ports() -> int:
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
