"""The record store is away: people read one sentence with what to do, machines the same as JSON."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from guantong.gateway.application import make_application
from guantong.portal import store_away


@pytest.fixture
def away(django_db_blocker: Any, monkeypatch: Any) -> Iterator[None]:
    """Point the connection to a socket behind which nobody listens."""
    with django_db_blocker.unblock():
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere/at/all")
        yield
        connection.close()


def browser() -> Client:
    return Client(raise_request_exception=False, HTTP_COOKIE="guantong-official=a-session")


@pytest.fixture(params=["official", "citizen"])
def end(request: Any, settings: Any) -> str:
    if request.param == "citizen":
        settings.END, settings.ROOT_URLCONF = "citizen", "guantong.main.urls_citizen"
    return str(request.param)


@pytest.mark.usefixtures("away")
def test_a_page_says_in_both_languages_that_nothing_is_lost_and_when_to_try_again(
    end: str, settings: Any
) -> None:
    settings.TELEPHONE = "0576-12345"

    answer = browser().get("/account")

    shown = answer.content.decode()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "已经确认的内容都没有丢失" in shown
    assert "Nothing that was confirmed is lost" in shown
    assert 'href="tel:0576-12345"' in shown
    assert 'href="/account"' in shown


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example/x"])
def test_to_try_again_never_leads_to_another_machine(path: str) -> None:
    request = RequestFactory().get("/")
    request.path = path

    shown = store_away.away(request).content.decode()

    assert 'href="/evil.example/x"' in shown


@pytest.mark.usefixtures("away")
def test_whoever_sent_a_form_is_told_that_it_is_still_on_the_page_before(end: str) -> None:
    answer = browser().post("/sign-in", {"username": "x", "password": "y"})

    shown = answer.content.decode()
    assert answer.status_code == 503
    assert "go back in your browser" in shown
    assert "tel:" not in shown


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize(
    ("address", "accept"),
    [("/cockpit/state.json", "*/*"), ("/inbox", "application/json"), ("/api/v1/me", "*/*")],
)
def test_who_asks_for_json_gets_the_one_shape(address: str, accept: str) -> None:
    answer = browser().get(address, HTTP_ACCEPT=accept, HTTP_ACCEPT_LANGUAGE="en")

    body = answer.json()
    assert answer.status_code == 503
    assert set(body) == {"code", "message", "remedy", "trace"}
    assert body["code"] == "store-does-not-answer"
    assert body["remedy"] == "Try again in some seconds."


def test_a_stream_says_so_in_the_same_shape() -> None:
    async def gone(*_: object) -> Any:
        raise OperationalError

    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http", "method": "GET", "path": "/streams/live/331081000000", "headers": [],
        "query_string": b"language=en", "raw_path": b"", "root_path": "", "scheme": "http",
        "server": ("127.0.0.1", 1), "client": ("127.0.0.1", 2), "http_version": "1.1",
    }  # fmt: skip
    asyncio.run(make_application(offload=gone)(scope, receive, send))

    assert told[0]["status"] == 503
    assert (b"retry-after", b"10") in told[0]["headers"]
    assert json.loads(told[1]["body"])["code"] == "stream-store-away"


@pytest.mark.django_db
def test_a_fault_of_ours_stays_a_fault(monkeypatch: Any) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("guantong.portal.views_account.page", broken)

    answer = browser().get("/sign-in")

    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers
