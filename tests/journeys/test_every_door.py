"""Every door of the platform: twelve roles in three areas before each page, file, act and stream.

``doors.yaml`` is the table: an address, what it is about, whom it lets in by GET and by POST. An
address that is not in the table fails, and so does a row whose address is gone. Who is refused
changes nothing: the store counts what each refused request writes.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from tests import province
from tests.journeys import doors
from tests.journeys.doors import AREAS, ROLES, World

from guantong.access.api import KINDS
from guantong.base.errors import GuantongError
from guantong.base.ids import new_id
from guantong.gateway.application import make_application
from guantong.gateway.listener import Asked, admit
from guantong.orgs.api import forget_jurisdictions

pytestmark = pytest.mark.django_db

# What a refusal itself writes: its leaf, the session's last moment, and who tried to sign in.
MAY_BE_WRITTEN = frozenset(
    {
        "audit_leaf",
        "audit_leaf_waiting",
        "access_session",
        "access_attempt",
        "django_session",
        "access_user",
    }
)
METHODS = frozenset({"GET", "POST"})
EVERYBODY = [f"{role}-{area}" for role in ROLES for area in AREAS]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The county in its typhoon, built once; every test leaves it as it was."""
    province._install()
    with django_db_blocker.unblock(), transaction.atomic():
        province.found()
        yield doors.build(province.begin_exercise())
        transaction.set_rollback(True)
    forget_jurisdictions()


@pytest.fixture(autouse=True)
def _plain(settings: Any, tmp_path: Any) -> None:
    settings.SECOND_FACTOR = "optional"
    # Who is let in is asked, not what is drawn: pages are left blank, and five times as fast.
    settings.TEMPLATES = [
        {"BACKEND": "tests.journeys.blank_templates.Engine", "NAME": "blank", "DIRS": [],
         "APP_DIRS": False}
    ]  # fmt: skip
    settings.FILES = tmp_path / "files"
    settings.LAKE = tmp_path / "lake"


def body_of(row: dict[str, Any], world: World) -> dict[str, str] | str:
    """Return what is sent by POST, where the act is in it; to the interface it is a text."""
    if "json" in row:
        return json.dumps(row["json"])
    return {name: str(value).format(**world.ids) for name, value in row.get("body", {}).items()}


def allowed_in(group: str) -> frozenset[str]:
    """Return who is let in by a group of the table, as ``role-area``."""
    groups = doors.table()["groups"]
    found: set[str] = set()
    for area, roles in groups[group].items():
        names = ROLES if roles == "all" else roles
        found |= {f"{role}-{area}" for role in names}
    return frozenset(found)


def answer_of(browser: Client, method: str, address: str, body: dict[str, str] | str) -> str:
    """Return what came of a request: in, refused, not there, or a fault of ours."""
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    if method == "GET":
        answer = browser.get(address)
    elif isinstance(body, str):
        named = {"Idempotency-Key": str(new_id())}
        answer = browser.post(address, body, content_type="application/json", headers=named)
    else:
        answer = browser.post(address, body)
    browser.cookies.clear()  # what a door did to the session is for that door alone
    browser.cookies.load(cookies)
    if answer.status_code == 404:
        return "not there"
    to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")
    if answer.status_code in (401, 403) or to_sign_in:
        return "refused"
    if answer.status_code >= 500:
        return f"fault {answer.status_code}"
    if getattr(answer, "streaming", False):
        b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return "in"


def written() -> dict[str, int]:
    """Return how many rows were written in the running transaction, by table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables"
            " where n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return {name: count for name, count in cursor.fetchall() if name not in MAY_BE_WRITTEN}


def address_of(row: dict[str, Any], world: World) -> str:
    """Return the address of a door in this world."""
    return "/" + str(row["at"]).format(**world.ids)


# The table and the platform name the same doors


def test_every_address_is_a_door_of_the_table_and_every_door_an_address() -> None:
    known = {row["door"] for row in doors.table()["doors"]}
    there = set(doors.patterns())

    assert sorted(there - known) == [], "add these addresses to tests/journeys/doors.yaml"
    assert sorted(known - there) == [], "these doors of tests/journeys/doors.yaml are gone"


def test_every_door_says_what_it_is_about_and_whom_it_lets_in() -> None:
    groups = doors.table()["groups"]

    for row in doors.table()["doors"]:
        assert row["kind"] in KINDS | {"open", "oneself"}, row["door"]
        assert all(row[method] in groups for method in METHODS & row.keys()), row["door"]


def test_every_door_takes_the_methods_the_table_says() -> None:
    there = doors.patterns()

    wrong = [
        row["door"] for row in doors.table()["doors"] if METHODS & row.keys() != there[row["door"]]
    ]
    assert wrong == []


def test_the_streams_of_the_gateway_are_doors_of_the_table() -> None:
    routes = {route.path for route in make_application().routes}  # type: ignore[attr-defined]

    assert routes == set(doors.table()["gateway"])


# Twelve roles, three areas


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_stands_before_a_door_is_let_in_or_refused_and_changes_nothing(
    who: str, world: World
) -> None:
    role, area = who.split("-")
    wrong: list[str] = []
    let_in: list[tuple[str, str, dict[str, str] | str]] = []
    missing = {address_of(row, world) for row in doors.table()["doors"] if row.get("missing")}
    with transaction.atomic():
        browser = doors.browser_of(doors.account(role, area))
        before = written()
        for row in doors.table()["doors"]:
            for method in METHODS & row.keys():
                door = (method, address_of(row, world), body_of(row, world))
                if who in allowed_in(row[method]):
                    let_in.append(door)
                    continue
                with transaction.atomic():
                    found = answer_of(browser, *door)
                    # What was written is counted all the same; the next door is asked afresh.
                    transaction.set_rollback(True)
                # That the import of another exists is not told: it is "not there".
                if found not in ("refused", "not there"):
                    wrong.append(f"{method} {row['door']}: {found}, not refused")
        changed = {
            table: count - before.get(table, 0)
            for table, count in written().items()
            if count != before.get(table, 0)
        }
        for method, address, body in let_in:
            with transaction.atomic():
                found = answer_of(browser, method, address, body)
                transaction.set_rollback(True)
            if found != "in" and address not in missing:
                wrong.append(f"{method} {address}: {found}, not in")
        transaction.set_rollback(True)

    assert wrong == []
    assert changed == {}


def test_a_visitor_passes_no_door_but_those_that_are_open_to_all(world: World) -> None:
    wrong = []
    with transaction.atomic():
        browser = doors.browser_of(None)
        for row in doors.table()["doors"]:
            if "GET" not in row:
                continue
            found = answer_of(browser, "GET", address_of(row, world), {})
            expected = "in" if row["GET"] == "open_to_all" else "refused"
            if found != expected and not row.get("missing"):
                wrong.append(f"{row['door']}: {found}, not {expected}")
        transaction.set_rollback(True)

    assert wrong == []


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_stream_is_for_who_may_see_its_area(who: str, world: World, settings: Any) -> None:
    role, area = who.split("-")
    expected = who in allowed_in(doors.table()["gateway"]["/streams/{realm}/{area}"])

    with transaction.atomic():
        browser = doors.browser_of(doors.account(role, area))
        name = settings.SESSION_COOKIE_NAME
        session = browser.cookies[name].value if name in browser.cookies else None
        try:
            admit(Asked(session=session, realm=world.realm, area=province.WENLING, trace="t"))
            found = True
        except GuantongError:
            found = False
        transaction.set_rollback(True)

    assert found is expected
