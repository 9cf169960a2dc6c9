"""The live cockpit: who may listen, what they receive, and when it ends."""

import asyncio
import json
import threading
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from starlette.applications import Starlette
from tests.kernel.gateway.wire import Answer, TestThread, get
from tests.province import CANGNAN, EVENING, WENLING, Province, open_case, user_for

from guantong.access.api import User
from guantong.base.realm import Realm
from guantong.gateway.api import Pace, make_application
from guantong.gateway.channel import Channels
from guantong.gateway.offload import Threads
from guantong.packages.api import Package

OVERDUE = "flood_response.tasks_overdue"
ORIGIN = "http://127.0.0.1:8000"
QUICK = Pace(busy=0.01, calm=0.01, calm_after=60, heartbeat=0.05, ask_again=60)
SUSPICIOUS = Pace(busy=0.01, calm=0.01, calm_after=60, heartbeat=0.05, ask_again=0)


@pytest.fixture(autouse=True)
def _lake(tmp_path: Path, settings: Any) -> None:
    settings.LAKE = tmp_path / "lake"
    # An installation makes the folder of static files when it starts; a page is asked for, too.
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)


@pytest.fixture
def here() -> TestThread:
    return TestThread()


@pytest.fixture
def cases(province: Province, flood: Package, realm: Realm) -> None:
    for county in (WENLING, CANGNAN):
        open_case(realm=realm, county=county)


@pytest.fixture
def officer(province: Province) -> User:
    return user_for("emergency@331081")


@pytest.fixture
def wenling(officer: User) -> dict[str, str]:
    """The session of Wenling's officer, as the browser sends it."""
    return cookie(officer)


def application(here: TestThread, pace: Pace = QUICK, *, most: int = 200) -> Starlette:
    return make_application(offload=here, pace=pace, origins=[ORIGIN], most=most)


def cookie(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    return {"cookie": f"{name}={client.cookies[name].value}"}


def listen(
    app: Starlette, realm: str, area: str, signed_in: dict[str, str] | None
) -> Coroutine[Any, Any, Answer]:
    return get(app, f"/streams/{realm}/{area}", headers=signed_in or {})


def refusals() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("select convert_from(encoded, 'UTF8') from audit_leaf order by id")
        leaves = [json.loads(text) for (text,) in cursor.fetchall()]
    return [leaf for leaf in leaves if leaf["act"] == "refuse" and leaf["kind"] == "stream"]


def sql(text: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def make_a_task_late(area: str) -> None:
    sql(
        "update flows_task set limit_at = %s where id ="
        " (select id from flows_task where division_code = %s order by item limit 1)",
        EVENING - timedelta(hours=1),
        area,
    )


def overdue(state: dict[str, Any]) -> str:
    return next(figure["value"] for figure in state["figures"] if figure["id"] == OVERDUE)


def test_a_row_changed_by_sql_arrives_as_a_new_state(
    cases: None, realm: Realm, wenling: dict[str, str], here: TestThread
) -> None:
    async def story() -> tuple[str, str, bool]:
        answer = await listen(application(here), realm, WENLING, wenling)
        first = await answer.next()
        await here(make_a_task_late, WENLING)
        second = await answer.next()
        await answer.leave()
        return overdue(first.data), overdue(second.data), first.id == second.id

    assert here.tell(story()) == ("0", "1", False)


def test_nothing_is_sent_while_nothing_changes(
    cases: None, realm: Realm, wenling: dict[str, str], here: TestThread
) -> None:
    async def story() -> list[str]:
        answer = await listen(application(here), realm, WENLING, wenling)
        await answer.next(comments=True)
        await answer.next()
        later = [(await answer.next(comments=True)).data for _ in range(3)]
        await answer.leave()
        return later

    assert here.tell(story()) == [": alive"] * 3


def test_a_change_elsewhere_is_not_sent(
    cases: None, realm: Realm, wenling: dict[str, str], here: TestThread
) -> None:
    async def story() -> list[str]:
        answer = await listen(application(here), realm, WENLING, wenling)
        await answer.next()
        await here(make_a_task_late, CANGNAN)
        later = [(await answer.next(comments=True)).data for _ in range(3)]
        await answer.leave()
        return later

    assert here.tell(story()) == [": alive"] * 3


def test_the_stream_says_what_the_page_was_drawn_with(
    cases: None, realm: Realm, wenling: dict[str, str], here: TestThread
) -> None:
    client = Client(headers=wenling)
    polled = client.get("/cockpit/state.json").json()

    async def story() -> Any:
        answer = await listen(application(here), realm, WENLING, wenling)
        first = await answer.next()
        await answer.leave()
        return first.data

    assert here.tell(story()) == polled


def test_who_is_not_signed_in_is_told_to_sign_in_and_recorded(
    cases: None, realm: Realm, here: TestThread
) -> None:
    async def story() -> tuple[int, Any]:
        answer = await listen(application(here), realm, WENLING, None)
        return answer.status, await answer.json()

    status, body = here.tell(story())

    assert (status, body["code"]) == (401, "not-signed-in")
    assert set(body) == {"code", "message", "remedy", "trace"}
    assert body["remedy"] == "请重新登录后再打开页面。"
    assert [leaf["body"]["purpose"] for leaf in refusals()] == [f"trace:{body['trace']}"]


@pytest.mark.parametrize("area", [CANGNAN, "331083000000", "330000000000", "nowhere"])
def test_another_area_is_refused_with_a_sentence_and_recorded(
    cases: None, realm: Realm, officer: User, wenling: dict[str, str], area: str, here: TestThread
) -> None:
    async def story() -> tuple[int, Any]:
        answer = await listen(application(here), realm, area, wenling)
        return answer.status, await answer.json()

    status, body = here.tell(story())

    assert (status, body["code"]) == (403, "access-refused")
    assert len(body["message"]) > len(body["remedy"]) > 0
    assert [leaf["actor"] for leaf in refusals()] == [officer.username]


@pytest.mark.parametrize("realm_text", ["exercise:nobody", "dead", f"exercise:{'0' * 32}"])
def test_a_realm_that_does_not_exist_has_no_stream(
    cases: None, wenling: dict[str, str], realm_text: str, here: TestThread
) -> None:
    async def story() -> int:
        return (await listen(application(here), realm_text, WENLING, wenling)).status

    assert here.tell(story()) == 404


def test_the_stream_ends_with_a_reason_when_the_post_has_ended(
    cases: None, realm: Realm, officer: User, wenling: dict[str, str], here: TestThread
) -> None:
    async def story() -> tuple[str, str]:
        answer = await listen(application(here, SUSPICIOUS), realm, WENLING, wenling)
        await answer.next()
        await here(sql, "delete from orgs_appointment where person_id = %s", officer.person_id)
        last = await answer.next()
        await answer.body()
        return last.event, last.data["code"]

    assert here.tell(story()) == ("refused", "access-refused")


def test_the_stream_ends_when_the_session_has_ended(
    cases: None, realm: Realm, wenling: dict[str, str], here: TestThread
) -> None:
    async def story() -> tuple[str, str]:
        answer = await listen(application(here, SUSPICIOUS), realm, WENLING, wenling)
        await answer.next()
        await here(sql, "delete from access_session")
        last = await answer.next()
        await answer.body()
        return last.event, last.data["code"]

    assert here.tell(story()) == ("refused", "not-signed-in")


def test_ending_a_session_ends_its_stream_long_before_the_next_full_question(
    cases: None, realm: Realm, wenling: dict[str, str], here: TestThread
) -> None:
    pace = Pace(busy=0.01, calm=0.01, calm_after=60, heartbeat=5, ask_again=60, session_every=0.05)

    async def story() -> tuple[str, str]:
        answer = await listen(application(here, pace), realm, WENLING, wenling)
        await answer.next()
        await here(sql, "delete from access_session")
        last = await answer.next()
        await answer.body()
        return last.event, last.data["code"]

    assert here.tell(story()) == ("refused", "not-signed-in")


@pytest.mark.parametrize("change", ["kind = 'citizen'", "is_active = false"])
def test_an_account_of_the_other_end_or_a_closed_one_has_no_stream(
    cases: None, realm: Realm, wenling: dict[str, str], here: TestThread, change: str
) -> None:
    sql(f"update access_user set {change}")

    async def story() -> int:
        return (await listen(application(here), realm, WENLING, wenling)).status

    assert here.tell(story()) == 401


def test_many_who_see_the_same_are_one_question(
    cases: None, realm: Realm, wenling: dict[str, str], here: TestThread
) -> None:
    second = cookie(user_for("emergency@331081", "second_duty"))

    async def story() -> tuple[int, int, bool]:
        app = application(here, Pace(busy=30, heartbeat=0.05))
        gateway = app.routes[0].endpoint.__self__  # type: ignore[attr-defined]
        answers = [await listen(app, realm, WENLING, user) for user in (wenling, second)]
        first, other = [(await answer.next()).data for answer in answers]
        channels: Channels = gateway.channels
        together = (len(channels.open), channels.listeners)
        for answer in answers:
            await answer.leave()
        assert first == other
        return *together, channels.open == {}

    assert here.tell(story()) == (1, 2, True)


def test_polling_stops_when_the_last_page_is_closed(
    cases: None, realm: Realm, wenling: dict[str, str], here: TestThread
) -> None:
    async def story() -> tuple[int, int]:
        answer = await listen(application(here), realm, WENLING, wenling)
        await answer.next()
        await answer.leave()
        stopped = here.asked
        await asyncio.sleep(0.1)
        return stopped, here.asked

    stopped, later = here.tell(story())

    assert stopped == later


def test_one_listener_too_many_is_told_to_come_back(
    cases: None, realm: Realm, wenling: dict[str, str], here: TestThread
) -> None:
    async def story() -> tuple[int, str]:
        app = application(here, most=1)
        first = await listen(app, realm, WENLING, wenling)
        await first.next()
        second = await listen(app, realm, WENLING, wenling)
        body = await second.json()
        await first.leave()
        return second.status, body["code"]

    assert here.tell(story()) == (503, "too-many-listeners")


@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, ORIGIN), ("http://evil.example", None)])
def test_only_the_pages_of_the_portal_may_listen(
    cases: None,
    realm: Realm,
    wenling: dict[str, str],
    origin: str,
    allowed: str | None,
    here: TestThread,
) -> None:
    async def story() -> tuple[str | None, str | None]:
        headers = {**wenling, "origin": origin}
        answer = await get(application(here), f"/streams/{realm}/{WENLING}", headers=headers)
        await answer.leave()
        return (
            answer.headers.get("access-control-allow-origin"),
            answer.headers.get("content-type", "").split(";")[0],
        )

    assert here.tell(story()) == (allowed, "text/event-stream")


def test_a_store_that_is_away_for_a_moment_does_not_end_the_stream(
    caplog: pytest.LogCaptureFixture, here: TestThread
) -> None:
    states: list[dict[str, Any] | Exception] = [{"n": 1}, OSError("away"), {"n": 2}]

    async def ask() -> dict[str, Any]:
        found = states.pop(0) if states else {"n": 2}
        if isinstance(found, Exception):
            raise found
        return found

    async def story() -> list[bytes]:
        channels, changed = Channels(QUICK), asyncio.Event()
        channel = channels.join(("key",), ask, changed)
        seen = []
        for _ in range(2):
            await asyncio.wait_for(changed.wait(), 5)
            changed.clear()
            assert channel.latest is not None
            seen.append(channel.latest.body)
        channels.leave(("key",), changed)
        return seen

    assert here.tell(story()) == [b'{"n":1}', b'{"n":2}']
    assert "cockpit not read" in caplog.text


def test_the_gateway_says_that_it_is_well(here: TestThread) -> None:
    async def story() -> bytes:
        return await (await get(application(here), "/healthz")).body()

    assert here.tell(story()) == b"ok\n"


def test_work_is_done_in_other_threads_than_the_loops(here: TestThread) -> None:
    async def story() -> tuple[int, int]:
        threads = Threads()
        found = await threads(threading.get_ident)
        threads.close()
        return found, threading.get_ident()

    there, here = here.tell(story())

    assert there != here
