"""What the interface refuses, as a status and one JSON shape.

A refusal of a kernel package has its own sentence; those of the interface itself (no key, a body
that cannot be read) are here.
"""

import logging
import re

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja.errors import ValidationError

from guantong.access.errors import (
    KeyEnded,
    KeyReadsOnly,
    KeyTooOften,
    Refused,
    TokenReused,
)
from guantong.base.errors import GuantongError, NotFound
from guantong.base.ids import new_id
from guantong.base.problem import problem
from guantong.portal.api_v1.language import language_asked

log = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


class KeyMissing(GuantongError):
    """A request came with neither an access key nor a session."""

    code = "key-missing"


class FormStale(GuantongError):
    """A browser's act came without the token that shows that our own page sent it."""

    code = "form-stale"


class FactorMissing(GuantongError):
    """An account that must have a second factor has none yet."""

    code = "factor-missing"


class Unreadable(GuantongError):
    """A part of the request is not what the description says; ``where`` and ``what`` say which."""

    code = "request-unreadable"


class AnswersWrong(GuantongError):
    """Answers to a form do not fit it; ``what`` holds a sentence for each field."""

    code = "answers-wrong"


class BodyTooLarge(GuantongError):
    """A body is larger than any operation takes."""

    code = "body-too-large"


class NotJson(GuantongError):
    """A body was sent that is no JSON."""

    code = "body-not-json"


class NoSuchAddress(GuantongError):
    """Nothing is at this address of the interface."""

    code = "no-such-address"


class NotThatWay(GuantongError):
    """The address does not take this method."""

    code = "not-that-way"


class OurFault(GuantongError):
    """Something broke on our side."""

    code = "our-fault"


STATUS: dict[type[GuantongError], int] = {
    Refused: 403, NotFound: 404, KeyMissing: 401, KeyEnded: 401, KeyReadsOnly: 403,
    KeyTooOften: 429, TokenReused: 422, FormStale: 403, FactorMissing: 403, Unreadable: 422,
    AnswersWrong: 422, BodyTooLarge: 413, NotJson: 415, NoSuchAddress: 404, NotThatWay: 405,
    OurFault: 500,
}  # fmt: skip
CONFLICT = 409


def trace_of(request: HttpRequest) -> str:
    """Return the number of a request; its leaves carry it."""
    found: str | None = getattr(request, "trace", None)
    if found is None:
        found = str(new_id())
        request.trace = found  # type: ignore[attr-defined]
    return found


def refusal_answer(request: HttpRequest, refusal: GuantongError) -> HttpResponse:
    """Return a refusal in the language asked for."""
    reader = getattr(request, "reader", None)
    language = reader.language if reader is not None else language_asked(request)
    status = next((STATUS[c] for c in type(refusal).__mro__ if c in STATUS), CONFLICT)
    answer = JsonResponse(
        problem(refusal, language, trace=trace_of(request)),
        status=status,
        json_dumps_params={"ensure_ascii": False},
    )
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="guantong"'
    if isinstance(refusal, KeyTooOften):
        answer["Retry-After"] = str(refusal.facts["seconds"])
    return answer


def unreadable_answer(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
    """Return where the first thing stands that is not as described; never what was sent."""
    first = wrong.errors[0] if wrong.errors else {}
    # The place may hold a name that was sent; what is no name of ours is left out.
    places = [str(part) for part in first.get("loc", ())]
    where = ".".join(part for part in places if _NAME.fullmatch(part))
    return refusal_answer(
        request, Unreadable(where=where[:80] or "body", what=str(first.get("type", "wrong")))
    )


def fault_answer(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return that something broke here, and leave its trace in the log of the process."""
    log.exception("the interface failed, trace %s", trace_of(request), exc_info=error)
    return refusal_answer(request, OurFault())
