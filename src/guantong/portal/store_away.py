"""The page while the record store is away: what happened, that nothing is lost, when to try again.

Nothing is asked of the store while it is drawn: no session, no account, no language of somebody.
So both languages stand on it, and the telephone where one is named. Django calls ``fault`` for
whatever no page has answered (``handler500``); a fault that is ours stays one.
"""

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.views.defaults import server_error

from guantong.base.errors import GuantongError
from guantong.base.ids import new_id
from guantong.base.problem import problem
from guantong.base.trace import traceparent

# PostgreSQL that was stopped hard replays its log in some seconds; ours.
RETRY_SECONDS = 10


class StoreAway(GuantongError):
    """The record store does not answer: it starts, recovers, or is away."""

    code = "store-does-not-answer"


def fault(request: HttpRequest) -> HttpResponse:
    """Answer a request that failed: 503 while the store is away, else 500."""
    lost = sys.exc_info()[1]
    if isinstance(lost, OperationalError | InterfaceError):
        return away(request)
    return server_error(request)


def away(request: HttpRequest) -> HttpResponse:
    """Say that the store is away, as a page or as JSON; nothing is asked of it."""
    if _asks_json(request):
        spoken = request.headers.get("Accept-Language", "").strip().lower()
        language = "en" if spoken.startswith("en") else "zh-CN"
        body = problem(StoreAway(), language, trace=_trace())
        answer: HttpResponse = JsonResponse(body, status=503)
    else:
        page = loader.render_to_string(
            "503.html",
            {"zh": StoreAway().sentence("zh-CN"), "en": StoreAway().sentence("en"),
             "typed": request.method == "POST", "telephone": settings.TELEPHONE,
             "address": _own(request.path) if request.method == "GET" else ""},
        )  # fmt: skip
        answer = HttpResponse(page, status=503)
    answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


def _own(path: str) -> str:
    """Return an address of ours: what begins with two slashes names another machine."""
    return "/" + path.lstrip("/\\")


def _trace() -> str:
    """Return the trace under which the log of this process tells of the request."""
    parts = traceparent.get().split("-")
    return parts[1] if len(parts) > 1 else str(new_id())


def _asks_json(request: HttpRequest) -> bool:
    accepted = request.headers.get("Accept", "")
    wants = "application/json" in accepted and "text/html" not in accepted
    return wants or request.path.endswith(".json") or request.path.startswith("/api/")
