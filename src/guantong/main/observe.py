"""What is seen of each process from outside: alive, ready, numbers, a line and a span per request.

``/healthz`` says that the process answers; ``/readyz`` that it can do its work: the store answers,
and is of this version. Both tell strangers nothing else. ``/metrics`` is open only to whoever
carries the token of the operator: behind a proxy every request seems to come from this machine, so
an address proves nothing, and a port of its own would be one more door to guard on each machine.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from guantong.main import metrics, tracing

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger("guantong.request")

READY, METRICS = "/readyz", "/metrics"


def ready() -> tuple[int, str]:
    """Return status and word: 200 when this process can do its work, 503 and why when not."""
    from django.db import DatabaseError

    from guantong.main import backup, upgrade

    try:
        found = upgrade.store_version()
    except DatabaseError:
        return 503, "store-away\n"
    return (200, "ready\n") if found == backup.version() else (503, "other-version\n")


class Observed:
    """The outermost piece of the web process (Django's MIDDLEWARE)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        tracing.begin("web")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer what is asked by machines; count, time and trace what is asked by people."""
        if request.path == READY:
            status, word = ready()
            return HttpResponse(word, status=status, content_type="text/plain")
        if request.path == METRICS:
            if not metrics.opens(request.headers.get("Authorization", "")):
                return HttpResponse(status=404)
            return HttpResponse(metrics.page(), content_type=metrics.CONTENT_TYPE)
        began = time.perf_counter()
        parent = tracing.incoming(request.headers.get("traceparent"))
        with tracing.span("request", parent=parent) as span:
            response = self.get_response(request)
            route, took = _route(request), time.perf_counter() - began
            method = request.method or ""
            span.add(f"{method} /{route}", **{
                "http.request.method": method, "http.route": f"/{route}",
                "http.response.status_code": response.status_code,
            })  # fmt: skip
            metrics.count("web", method, route, response.status_code, took)
            if route not in ("static", "healthz"):
                _line(
                    method,
                    route,
                    response.status_code,
                    took,
                    account=_account(request, response.status_code),
                )
        return response


def _route(request: HttpRequest) -> str:
    """Return the pattern of the address, which is ours; the address itself is whoever asks's."""
    if request.resolver_match is not None:
        return str(request.resolver_match.route)
    return "static" if request.path.startswith("/static/") else "unknown"


def _account(request: HttpRequest, status: int) -> str:
    """Return the id of the account that asks; its name is a person's."""
    if status == 503:
        return ""  # the store is away: whose session it is cannot be asked
    user = getattr(request, "user", None)
    return str(user.pk) if user is not None and user.is_authenticated else ""


def _line(method: str, route: str, status: int, took: float, *, account: str) -> None:
    told = {
        "method": method, "route": f"/{route}", "status": status, "seconds": round(took, 4),
        "account": account,
    }  # fmt: skip
    log.log(logging.ERROR if status >= 500 else logging.INFO, "request", extra=told)


def observed(app: App) -> App:
    """Put the same around the gateway, which speaks ASGI."""
    tracing.begin("gateway")

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        if scope["path"] == READY:
            status, word = await asyncio.to_thread(_apart, ready)
            await _send(send, status, word.encode(), "text/plain")
            return
        if scope["path"] == METRICS:
            if not metrics.opens(_header(scope, b"authorization")):
                await _send(send, 404, b"", "text/plain")
                return
            body = await asyncio.to_thread(_apart, metrics.page)
            await _send(send, 200, body, metrics.CONTENT_TYPE)
            return
        await _count(app, scope, receive, send)

    return answer


async def _count(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    """Count and time a request until its answer begins: a stream stays open for hours."""
    began, seen = time.perf_counter(), False

    async def passed(message: MutableMapping[str, Any]) -> None:
        nonlocal seen
        if message["type"] == "http.response.start" and not seen:
            seen = True
            route = getattr(scope.get("endpoint"), "__name__", "unknown")
            took, status = time.perf_counter() - began, int(message["status"])
            metrics.count("gateway", scope["method"], route, status, took)
            if route != "healthz":
                _line(scope["method"], route, status, took, account="")
        await send(message)

    parent = tracing.incoming(_header(scope, b"traceparent"))
    with tracing.span("gateway", parent=parent):
        await app(scope, receive, passed)


def _apart(work: Callable[[], Any]) -> Any:
    """Run work that waits in a thread, and leave no connection behind in it."""
    from django.db import connection

    try:
        return work()
    finally:
        connection.close()


def _header(scope: Scope, name: bytes) -> str:
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == name), "")


async def _send(send: Send, status: int, body: bytes, kind: str) -> None:
    headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
