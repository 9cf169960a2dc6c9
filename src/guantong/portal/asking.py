"""What an address asks of access: the act and the thing that its page would ask about.

The page itself is asked, not a table beside it: its view runs for the actor in question, and each
question it puts to ``decide`` is noted. Nothing of it is shown, no refusal is recorded, and what
it wrote is rolled back. So an explanation is about the very question that the page asks, for every
page there is and every page to come: the first one that is refused, else the first one.
"""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve

from guantong.access.api import Actor, Decision, Thing
from guantong.base.errors import GuantongError
from guantong.portal.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a page asks: may the reader do ``act`` to ``thing``, for that purpose?"""

    act: str
    thing: Thing
    purpose: str | None = None


def address_of(text: str) -> str:
    """Return the path and query of an address as people paste it, with or without the host."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return "/-"  # no page is there
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def asked_by(address: str, reader: Reader, actor: Actor) -> Asked | None:
    """Return what the page at an address asks when ``actor`` opens it; None where it asks nothing.

    Refusals that come before the question (there is no such thing) are passed on.
    """
    parts = urlsplit(address)
    try:
        found = resolve(parts.path)
    except Resolver404:
        return None
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = parts.path
    request.GET = QueryDict(parts.query)
    request.user = reader.user
    request.session = {}  # type: ignore[assignment]
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    request.resolver_match = found
    request.reader = replace(reader, actor=actor)  # type: ignore[attr-defined]
    asking: list[Decision] = []
    request.asking = asking  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            try:
                found.func(request, *found.args, **found.kwargs)
            finally:
                transaction.set_rollback(True)
    except GuantongError:
        if not asking:
            raise
    except Exception:  # noqa: BLE001, S110 - asked as far as it runs without a browser
        pass
    decisive = next((answer for answer in asking if not answer.allowed), None)
    told = decisive or next(iter(asking), None)
    return None if told is None else Asked(act=told.act, thing=told.thing, purpose=told.purpose)
