"""Acts that a repeated request does not repeat: on a weak network an answer may not arrive.

The caller names its request (``Idempotency-Key``); the same name with the same request is answered
as before for a day, and with another request is refused. The repeated answer says so in a header.
"""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header
from pydantic import StringConstraints

from guantong.access import api as access
from guantong.base.clock import machine_now
from guantong.portal.reader import reader_of

Token = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_.-]{8,64}$"),
    Header(
        alias="Idempotency-Key",
        description="A name of your own for this request, such as a UUID: sent again with the same "
        "request, the act is done once and answered as before, for a day",
        examples=["7f0c5f4e-2b6c-4c6e-9a56-0d0a4b3f8a11"],
    ),
]
REPEATED = "Idempotent-Replayed"


def earlier(token: str, request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any] | None:
    """Return what was answered to this request before; None when it comes for the first time."""
    return access.answered(reader_of(request).user, token, _whole(request, asked))


def done_once(
    request: HttpRequest,
    response: HttpResponse,
    token: str,
    asked: dict[str, Any],
    do: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Do something once for this token; the act was allowed before, and is not judged here."""
    found, repeated = access.once(
        reader_of(request).user, token, _whole(request, asked), do, at=machine_now()
    )
    if repeated:
        response[REPEATED] = "true"
    return found


def _whole(request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any]:
    """Return all that makes a request the same: where, in which realm, and what is sent."""
    return {"path": request.path, "realm": reader_of(request).realm, "asked": asked}


def plain(id: UUID, **more: Any) -> dict[str, Any]:
    """Return an answer as it can be kept: its number as text."""
    return {"id": str(id), **more}
