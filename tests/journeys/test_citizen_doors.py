"""Every door of the citizen end: hers, another citizen's, an officer's session, nobody's.

The part ``citizen`` of ``doors.yaml`` is the table. An address that is not in it fails, and so does
a row whose address is gone; who is refused changes nothing.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import clear_url_caches
from tests import province
from tests.journeys import doors
from tests.journeys.doors import World
from tests.journeys.test_every_door import address_of, answer_of, body_of, written

from guantong.access.api import CITIZEN, User
from guantong.orgs.api import forget_jurisdictions

pytestmark = pytest.mark.django_db

METHODS = frozenset({"GET", "POST"})
WHO = ("hers", "another", "officer", "visitor")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    province._install()
    with django_db_blocker.unblock(), transaction.atomic():
        province.found()
        yield doors.build(province.begin_exercise())
        transaction.set_rollback(True)
    forget_jurisdictions()


@pytest.fixture(autouse=True)
def _citizen_end(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.END = CITIZEN
    settings.ROOT_URLCONF = "guantong.main.urls_citizen"
    settings.SESSION_COOKIE_NAME = "guantong-citizen"
    settings.SECOND_FACTOR = "optional"
    settings.TEMPLATES = [
        {"BACKEND": "tests.journeys.blank_templates.Engine", "NAME": "blank", "DIRS": [],
         "APP_DIRS": False}
    ]  # fmt: skip
    settings.FILES = tmp_path / "files"
    clear_url_caches()
    yield
    clear_url_caches()


def browser_of(who: str) -> Client:
    if who == "visitor":
        return doors.browser_of(None)
    if who == "officer":
        # A session of an official, carried over by hand into the citizen end's cookie.
        return doors.browser_of(province.user_for("area@331081", "head", username="official"))
    return doors.browser_of(User.objects.get(username=f"c-{who}"))


def let_in(row: dict[str, Any], method: str) -> frozenset[str]:
    named = row[method]
    if named == "everybody":
        return frozenset(WHO)
    return frozenset() if named == "nobody" else frozenset(named)


def rows() -> list[dict[str, Any]]:
    return list(doors.table()["citizen"])


def test_every_address_of_the_citizen_end_is_a_door_of_its_table() -> None:
    known = {row["door"]: METHODS & row.keys() for row in rows()}

    assert known == doors.patterns()


@pytest.mark.parametrize("who", WHO)
def test_a_citizen_is_let_into_what_is_hers_and_whoever_is_refused_changes_nothing(
    who: str, world: World
) -> None:
    wrong: list[str] = []
    with transaction.atomic():
        browser = browser_of(who)
        before = written()
        allowed: list[tuple[str, str, dict[str, str]]] = []
        for row in rows():
            for method in METHODS & row.keys():
                door = (method, address_of(row, world), body_of(row, world))
                if who in let_in(row, method):
                    allowed.append(door)
                    continue
                with transaction.atomic():
                    found = answer_of(browser, *door)
                    transaction.set_rollback(True)
                if found not in ("refused", "not there"):
                    wrong.append(f"{method} {row['door']}: {found}, not refused")
        changed = {t: n - before.get(t, 0) for t, n in written().items() if n != before.get(t, 0)}
        for method, address, body in allowed:
            with transaction.atomic():
                found = answer_of(browser, method, address, body)
                transaction.set_rollback(True)
            if found != "in":
                wrong.append(f"{method} {address}: {found}, not in")
        transaction.set_rollback(True)

    assert wrong == []
    assert changed == {}
