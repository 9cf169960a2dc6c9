"""The pages of applications: what stands and why is open to everybody, changing it is not."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from tests import province
from tests.kernel.packages.releases import enter, narrower, set_land, version
from tests.province import QINGYUAN, user_for

from guantong.base.clock import machine_now
from guantong.main import wiring
from guantong.packages import api as packages
from guantong.packages.api import Brought, Package
from guantong.packages.life import current
from guantong.packages.life.models import Change
from guantong.portal import views_apps

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province", "flood")]

PAGE, ID = "/apps/flood_response", "flood_response"


@pytest.fixture(autouse=True)
def _as_before(flood: Package, settings: Any) -> Iterator[None]:
    """Put this process back to the package of the folder: others test with it."""
    settings.SECOND_FACTOR = "optional"
    yield
    current.forget()
    wiring.install_folder(django_settings.APPS_FOLDER)


def browser_of(unit: str, post: str = "head", language: str = "zh-CN") -> Client:
    browser = Client()
    user = user_for(unit, post, language=language)
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def bring(package: Package) -> str:
    id = packages.bring_in(Brought(package=package), by="person:x", at=machine_now())
    return f"/apps/releases/{id}"


def test_who_installed_what_and_why_is_there_for_everybody_in_a_post(flood: Package) -> None:
    head = province.person("emergency@33", "head")
    enter(flood, by=f"person:{head.id}", why="防汛准备")
    reader = browser_of("water@331081", "duty")

    listed, shown = (reader.get(path).content.decode() for path in ("/apps", PAGE))

    assert f'href="{PAGE}"' in listed
    assert "在用" in listed
    assert "防汛准备" in shown
    assert f"{head.name}, " in shown
    assert "没有签名" in shown
    assert "停用</a>" not in shown


def test_a_release_that_waits_is_listed_and_its_changes_are_read_before_it_is_installed(
    flood: Package,
) -> None:
    enter(flood)
    path = bring(narrower(flood))
    admin = browser_of("emergency@33", language="en")

    listed = admin.get("/apps").content.decode()
    looked = admin.get(path).content.decode()
    before = Change.objects.count()
    done = admin.post(path, {"why": "a new season"}, follow=True).content.decode()

    assert f'href="{path}"' in listed
    assert "flood_response 0.2.0: would take the place of 0.1.0" in looked
    assert "Changed parameters: land_reduction" in looked
    assert "Data that must come: flood_response.typhoon_track from meteorology@province" in looked
    assert before == 1
    assert "0.2.0 upgraded from 0.1.0" in done
    assert "a new season" in done
    assert path not in admin.get("/apps").content.decode()
    assert "Version 0.2.0 is in use." in admin.get(path).content.decode()
    assert 'name="why"' not in admin.get(path).content.decode()


def test_the_doctor_examines_a_release_once_however_many_look_at_it(
    flood: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(flood)
    examined: list[str] = []
    found = packages.examine(version(flood, "no version"), province=None)

    def examine(package: Package, **_: object) -> list[packages.Finding]:
        examined.append(package.id)
        return found[:1] if package.id == ID else []

    monkeypatch.setattr(views_apps, "examine", examine)
    views_apps._found.cache_clear()
    reader = browser_of("water@331081", "duty")

    pages = [reader.get(path).content.decode() for path in ("/apps", PAGE, PAGE)]

    views_apps._found.cache_clear()
    assert sorted(examined) == sorted({package.id for package in packages.all_installed()})
    assert [found[0].sentence("zh-CN") in unescape(page) for page in pages] == [False, True, True]


@pytest.mark.parametrize(("unit", "post"), [("emergency@331081", "head"), ("emergency@33", "duty")])
def test_nobody_but_the_platform_s_administrator_installs_or_withdraws(
    flood: Package, unit: str, post: str
) -> None:
    enter(flood)
    path = bring(version(flood, "0.2.0"))
    browser = browser_of(unit, post)

    answers = [
        browser.post(path, {"why": "a new season"}),
        browser.post(f"{PAGE}/withdraw", {"why": "a new season"}),
        browser.get(f"{PAGE}/withdraw"),
    ]
    read = browser.get(path)

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert read.status_code == 200
    assert 'name="why"' not in read.content.decode()
    assert Change.objects.count() == 1


def test_a_conflict_is_decided_beside_the_word_it_is_about(flood: Package) -> None:
    enter(flood)
    id = set_land(flood, QINGYUAN, "0.6")
    path, admin = bring(narrower(flood)), browser_of("emergency@33")

    undecided = admin.post(path, {"why": "年度更新"})
    outside = admin.post(path, {"why": "年度更新", f"decide-{id}": "0.65"})
    admin.post(path, {"why": "年度更新", f"decide-{id}": "终止"})

    assert (undecided.status_code, outside.status_code) == (409, 409)
    assert "请对每一个作出决定" in undecided.content.decode()
    assert 'value="0.65"' in outside.content.decode()
    assert packages.standing(ID).version == "0.2.0"  # type: ignore[union-attr]
    assert packages.settings_of(ID)[0].ended_at is not None


def test_a_release_with_errors_cannot_be_installed_and_says_why(flood: Package) -> None:
    enter(flood)
    path = bring(version(flood, "0.2.0", **{"messages/en.yaml": None}))
    admin = browser_of("emergency@33", language="en")

    shown = admin.get(path).content.decode()
    answer = admin.post(path, {"why": "a new season"})

    assert "What keeps it from being installed" in shown
    assert 'name="why"' not in shown
    assert answer.status_code == 409
    assert packages.standing(ID).version == "0.1.0"  # type: ignore[union-attr]


def test_a_withdrawn_application_says_so_on_its_page_and_keeps_its_cases(flood: Package) -> None:
    enter(flood)
    packages.follow()
    case = province.open_case()
    admin = browser_of("emergency@33")

    asked = admin.get(f"{PAGE}/withdraw").content.decode()
    refused = admin.post(f"{PAGE}/withdraw", {"why": ""})
    done = admin.post(f"{PAGE}/withdraw", {"why": "换用新应用"}, follow=True).content.decode()
    officer = browser_of("emergency@331081", "duty")

    assert "1 个在办案件继续办结" in asked
    assert refused.status_code == 409
    assert "该应用已停用" in done
    assert "1 个在办案件按启动时的版本继续办结" in done
    assert officer.get(f"/cases/{case}").status_code == 200
    assert "已停用" in officer.get("/apps").content.decode()
    assert admin.post(f"{PAGE}/withdraw", {"why": "换用新应用"}).status_code == 409


def test_a_release_that_is_not_there_is_not_found() -> None:
    reader = browser_of("water@331081", "duty")

    assert reader.get("/apps/releases/01a22c7f-4914-76db-a86f-e252e460acf2").status_code == 404
    assert reader.get("/apps/nothing").status_code == 404
