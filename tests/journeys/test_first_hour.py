"""The director's first hour, in a browser: the story that the README tells.

An installation of release 0.1.0 is upgraded. The head of a county brings in a workbook with two
doubts and corrects them, appoints and delegates; the new officer signs in with a second factor,
sees only their own and asks why; a proof of the appointment is verified without Guantong;
everything is backed up, destroyed and restored.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from openpyxl import Workbook
from playwright.sync_api import Browser, Page, expect
from tests.journeys.installation import Installation, installation
from tests.journeys.old_release import PASSWORD, Up, at_work, left_by

from guantong.base.clock import local_day, machine_now

pytestmark = [pytest.mark.browser, pytest.mark.province, pytest.mark.enable_socket]

OWN_PASSWORD = "tidal-lantern-harbour-7"
HEADINGS = ["人员编号", "姓名", "任职单位编码", "岗位", "职务", "手机号码"]
LONG = 60_000  # milliseconds to wait for a page of a busy machine


@pytest.fixture(scope="module")
def own() -> Iterator[Installation]:
    with installation() as made:
        left_by("0.1.0", made)
        yield made


@pytest.fixture(scope="module")
def outside() -> Iterator[Path]:
    """A folder that is not the installation's: the director's own disk."""
    with installation() as other:
        yield other.folder


def workbook(path: Path) -> Path:
    """Write three people, one in a unit that is not there, one with a phone number cut short."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "岗位人员"
    for row in (
        HEADINGS,
        ["WL-2001", "陈晓岚", "emergency@331081", "工作人员", "应急指挥科科员", "13800000001"],
        ["WL-2002", "林海生", "water@331801", "工作人员", "科员", "13800000002"],
        ["WL-2003", "周立新", "water@331081", "工作人员", "科员", "1380000"],
    ):
        sheet.append(row)
    book.save(path)
    return path


def signed_in(browser: Browser, up: Up, username: str, password: str = PASSWORD) -> Page:
    context = browser.new_context(locale="zh-CN", viewport={"width": 1600, "height": 900})
    page = context.new_page()
    page.set_default_timeout(LONG)
    page.goto(up.url("/sign-in"))
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url or "second" in url)
    return page


def code_of_app(secret: str) -> str:
    counter = next(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counter))


def test_a_director_is_at_work_in_an_hour(
    browser: Browser, own: Installation, outside: Path
) -> None:
    backup = outside / "first.backup"
    with at_work(own) as up:
        people = brings_people_in(browser, up, outside)
        page, unit = people
        officer = page.url.rpartition("/")[2]
        appoints_and_delegates(page, up, unit, officer)
        proof_href = takes_a_proof(page, outside)
        username, code = invites(page, up, officer)
        secret = signs_in_with_a_second_factor(browser, up, username, code)
        sees_only_their_own_and_asks_why(browser, up, username, secret)
        made = own.run("backup", backup)
        assert made.code == 0, made.err
    keys = own.run(
        "backup", outside / "first.keys", "--keys", GUANTONG_BACKUP_PASSPHRASE="three short words"
    )
    assert keys.code == 0, keys.err

    shutil.rmtree(own.home)
    restored = own.run(
        "restore", backup, "--keys", outside / "first.keys",
        GUANTONG_BACKUP_PASSPHRASE="three short words",
    )  # fmt: skip

    assert restored.code == 0, restored.err
    checked = own.run("check", "audit", "--json").last
    assert checked["faults"] == []
    with at_work(own) as up:
        page = signed_in(browser, up, username, OWN_PASSWORD)
        expect(page).to_have_url(re.compile("/sign-in/second"))
        page = signed_in(browser, up, "wenling-head")
        page.goto(up.url(f"/people/{officer}"))
        expect(page.locator("main")).to_contain_text("陈晓岚")
        page.goto(up.url(proof_href))
        expect(page.locator("main")).to_contain_text("appointment", ignore_case=True)


def brings_people_in(browser: Browser, up: Up, outside: Path) -> tuple[Page, str]:
    """Bring a workbook in and correct its two doubts; return the page of one who came."""
    page = signed_in(browser, up, "wenling-head")
    page.goto(up.url("/people/import"))
    page.set_input_files("input[type=file]", workbook(outside / "people.xlsx"))
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile("/people/import/.+"))
    expect(page.locator("main")).to_contain_text("2 行存疑")
    for field in page.locator(".plan-row").all():
        if "林海生" in field.inner_text():
            field.locator("input[name$='-unit']").fill("water@331081")
        else:
            field.locator("input[name$='-mobile']").fill("13800000003")
    page.get_by_role("button", name=re.compile("更正|改正|保存")).first.click()
    expect(page.locator("main")).to_contain_text("没有存疑了")
    page.get_by_role("button", name=re.compile("生效|执行|应用")).first.click()
    expect(page.locator("main")).to_contain_text("已生效")

    page.goto(up.url("/people?q=陈晓岚"))
    page.locator("main a", has_text="陈晓岚").first.click()
    page.wait_for_url(re.compile("/people/[0-9a-f-]{36}"))
    unit = page.locator("main a[href^='/units/']").first.get_attribute("href")
    assert unit is not None
    return page, unit


def appoints_and_delegates(page: Page, up: Up, unit: str, officer: str) -> None:
    """Give the officer a second post, and one's own post for a week."""
    here = page.url
    page.goto(up.url(f"{unit}/appoint"))
    page.fill("[name=number]", "WL-2001")
    page.select_option("[name=post]", "deputy_head") if page.locator(
        "select[name=post]"
    ).count() else page.check("[name=post][value=deputy_head]")
    page.locator("main form button").first.click()
    page.goto(here)
    expect(page.locator("main")).to_contain_text("副")

    page.goto(up.url("/me/delegation"))
    page.wait_for_url(re.compile("/people/"))
    page.goto(f"{page.url.partition('#')[0]}/delegate")
    page.fill("[name=number]", "WL-2001")
    until = local_day(machine_now()) + timedelta(days=7)
    page.fill("[name=until]", until.isoformat())
    page.locator("main form button").first.click()
    page.goto(here)
    expect(page.locator("#delegations")).to_contain_text(
        re.compile("WL-|镇长|市长|负责人|首长|主要")
    )
    page.goto(here)


def takes_a_proof(page: Page, outside: Path) -> str:
    """Take the proof of the appointment and verify it with Python alone."""
    href = page.locator("main a[href^='/proof/appointment/']").first.get_attribute("href")
    assert href is not None
    page.goto(page.url.split("/people/")[0] + href)
    for _ in range(30):
        if page.locator("a[download]", has_text=re.compile("下载")).count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    for link, name in (
        ("/file", "proof.json"),
        ("/verify.py", "verify.py"),
        ("/keys", "guantong.keys"),
    ):
        with page.expect_download() as waiting:
            page.locator(f"a[href$='{link}']").first.click()
        waiting.value.save_as(outside / name)

    verify = [sys.executable, "-I", outside / "verify.py", "--key", outside / "guantong.keys"]
    sound = subprocess.run(
        [*verify, outside / "proof.json"], capture_output=True, text=True, check=False
    )
    forged = outside / "forged.json"
    text = (outside / "proof.json").read_text("utf-8")
    before, leaves, told = text.partition('"leaves"')
    # As if the appointment had been made a year earlier.
    forged.write_text(before + leaves + told.replace("2026-", "2025-", 1), "utf-8")

    assert sound.returncode == 0, sound.stdout + sound.stderr
    assert subprocess.run([*verify, forged], capture_output=True, check=False).returncode == 1
    return href


def invites(page: Page, up: Up, officer: str) -> tuple[str, str]:
    """Make an account for the officer; return its name and the code that is shown once."""
    page.goto(up.url(f"/people/{officer}"))
    page.locator("form[action='/accounts/invite'] button").click()
    username, code = page.locator("dd.number").all_inner_texts()[:2]
    return username.strip(), code.strip()


def signs_in_with_a_second_factor(browser: Browser, up: Up, username: str, code: str) -> str:
    """Activate the account, choose a password, enrol an authenticator app; return its secret."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(LONG)
    page.goto(up.url("/activate"))
    page.fill("[name=username]", username)
    page.fill("[name=code]", code)
    for field in page.locator("input[type=password]").all():
        field.fill(OWN_PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "/activate" not in url)
    page.goto(up.url("/account/app"))
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.fill("[name=code]", code_of_app(secret))
    page.locator("form[action='/account/app'] button").click()
    expect(page.locator("ol.codes li")).to_have_count(10)
    context.close()
    return secret


def sees_only_their_own_and_asks_why(browser: Browser, up: Up, username: str, secret: str) -> None:
    """Sign in with both factors; the neighbour county's unit is refused, and the page says why."""
    page = signed_in(browser, up, username, OWN_PASSWORD)
    expect(page).to_have_url(re.compile("/sign-in/second"))
    # The code that enrolled the app was used; the next one comes within half a minute.
    used = code_of_app(secret)
    while (fresh := code_of_app(secret)) == used:
        page.wait_for_timeout(1000)
    page.fill("[name=code]", fresh)
    page.press("[name=code]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto(up.url("/cases"))
    areas = page.locator("main").inner_text()
    assert "温岭" in areas
    assert "苍南" not in areas

    with up.own.store() as store:
        row = store.execute("select id from orgs_unit where code = 'emergency@330327'").fetchone()
    assert row is not None
    page.goto(up.url(f"/units/{row[0]}"))
    expect(page.locator("main")).to_contain_text("苍南")
    page.locator("main a[href^='/rights']").first.click()
    expect(page.locator("main")).to_contain_text("规则")
