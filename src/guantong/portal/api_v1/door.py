"""The door of the interface: who asks, by which key, in which realm; what is refused before all.

A browser shows its session, and for an act the token of our pages; another system shows an access
key. A key stands in the live realm unless the request names an exercise, so that nobody's program
takes the one for the other.
"""

from collections.abc import Callable
from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja.utils import check_csrf

from guantong.access import api as access
from guantong.access.api import ACT, ENROL, KeyView, has_factor, must_have
from guantong.access.errors import KeyEnded, KeyReadsOnly
from guantong.audit.api import acting_with
from guantong.base import clock
from guantong.base.errors import GuantongError
from guantong.base.realm import LIVE
from guantong.portal.api_v1.language import language_asked
from guantong.portal.api_v1.refusals import (
    BodyTooLarge,
    FactorMissing,
    FormStale,
    KeyMissing,
    NoSuchAddress,
    NotJson,
    NotThatWay,
    Unreadable,
    refusal_answer,
    trace_of,
)
from guantong.portal.reader import Reader, exercises, read_reader, realm_named

FOLDER = "/api/v1/"
REALM_HEADER = "Guantong-Realm"
# No operation takes more than a form's answers.
MOST_BODY = 256 * 1024
SAFE = ("GET", "HEAD", "OPTIONS")


def answer(
    request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponse]
) -> HttpResponse:
    """Answer a request to the interface."""
    trace = trace_of(request)
    try:
        _readable(request)
        reader, key = _who(request)
    except GuantongError as refusal:
        return _finished(refusal_answer(request, refusal))
    request.reader = reader  # type: ignore[attr-defined]
    request.access_key = key  # type: ignore[attr-defined]
    facts = {"trace": trace} if key is None else {"trace": trace, "with": f"access-key:{key.id}"}
    with acting_with(facts):
        response = get_response(request)
    if response.status_code == 404 and request.resolver_match is None:
        response = refusal_answer(request, NoSuchAddress(path=request.path[:80]))
    elif response.status_code == 405:
        allowed = response.headers.get("Allow", "")
        response = refusal_answer(request, NotThatWay(method=request.method, allowed=allowed))
        response["Allow"] = allowed
    return _finished(response)


def _readable(request: HttpRequest) -> None:
    """Refuse a request whose body is too long or no JSON, or that holds what no text may hold."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_BODY:
        raise BodyTooLarge(most=MOST_BODY // 1024)
    if int(length) and request.content_type != "application/json":
        raise NotJson(type=(request.content_type or "")[:60])
    texts = [request.path, *(v for values in request.GET.lists() for v in [values[0], *values[1]])]
    if any("\x00" in text for text in texts):
        raise Unreadable(where="query", what="nul")


def _who(request: HttpRequest) -> tuple[Reader, KeyView | None]:
    shown = request.headers.get("Authorization")
    reader, key = _by_session(request) if shown is None else _by_key(request, shown)
    named = request.headers.get(REALM_HEADER)
    if named is not None:
        realm = realm_named(named)
        if realm is None:
            raise Unreadable(where=REALM_HEADER, what="unknown")
        reader = replace(reader, realm=realm, now=clock.now(realm))
    return replace(reader, language=language_asked(request, reader.user)), key


def _by_session(request: HttpRequest) -> tuple[Reader, None]:
    reader = read_reader(request)
    if reader is None:
        raise KeyMissing
    request.reader = reader  # type: ignore[attr-defined]
    request.session.touch()  # type: ignore[attr-defined]
    if must_have(reader.user, reader.actor) and not has_factor(reader.user):
        request.session[ENROL] = True
        raise FactorMissing
    if request.method not in SAFE and check_csrf(request) is not None:
        raise FormStale
    return reader, None


def _by_key(request: HttpRequest, shown: str) -> tuple[Reader, KeyView]:
    scheme, _, text = shown.partition(" ")
    if scheme.lower() != "bearer" or settings.END != access.OFFICIAL:
        raise KeyEnded
    now = clock.machine_now()
    on = clock.local_day(now)
    key, user = access.key_opens(text.strip(), at=now, most=settings.KEY_RATE)
    if access.close_if_left(user, on=on, at=now):
        raise KeyEnded
    whole = access.actor_for(user, on)
    # Asked of all the person's posts: a session in this one post alone would be refused as well.
    if must_have(user, whole) and not has_factor(user):
        raise FactorMissing
    actor = access.actor_of_key(key, user, whole, at=now)
    reader = Reader(
        user=user, actor=actor, language=language_asked(request, user), realm=LIVE, now=now, on=on,
        realms=exercises(),
    )  # fmt: skip
    request.user = user
    request.reader = reader  # type: ignore[attr-defined]
    if request.method not in SAFE and key.acts != ACT:
        raise KeyReadsOnly(name=key.name)
    return reader, key


def _finished(response: HttpResponse) -> HttpResponse:
    """Return an answer with what keeps it off disks and shared caches."""
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response
