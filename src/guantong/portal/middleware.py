"""Who reads is settled before any view; refusals become pages that say why.

Nobody who is not signed in gets further than the sign-in page, the health check and static
files. What a view refuses (access, a missing thing, a rule of a kernel package) is one page
with one sentence, and never a trace.
"""

from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from guantong.access.api import ENROL, OFFICIAL, Decision, has_factor, must_have
from guantong.access.errors import Refused
from guantong.base.errors import GuantongError, NotFound
from guantong.base.words import say
from guantong.packages.api import look
from guantong.portal.api_v1 import door
from guantong.portal.api_v1.door import FOLDER as INTERFACE
from guantong.portal.lists import address
from guantong.portal.reader import Reader, language_of, page, read_reader

OPEN_ADDRESSES = (
    "/sign-in", "/sign-in/second", "/sign-in/passkey", "/sign-in/passkey/options", "/activate",
    "/sign-out/done", "/sign-out/told", "/register", "/language", "/reading", "/healthz",
    "/favicon.ico", "/verify",
)  # fmt: skip
OPEN_FOLDERS = ("/static/", "/verify/", "/sign-in/with/", "/sign-in/from/")
# Where somebody who must still enrol a second factor may go, and what lies there that waits: a key
# would be a way in without the factor.
ENROL_AFTERWARDS = "/account/keys"
ENROL_FOLDERS = (
    "/account/",
    "/sign-out",
    "/sign-in/passkey",
    "/language",
    "/reading",
    "/healthz",
    "/static/",
)


class ReaderMiddleware:
    """Puts ``request.reader`` there, asks for a sign-in, and turns refusals into pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request, with its reader."""
        if not request.path.startswith(("/static/", "/healthz")):
            look()  # what another process has installed, upgraded or withdrawn
        if request.path.startswith(INTERFACE) and settings.END == OFFICIAL:
            # Other systems are told in JSON, and come with a key or a session.
            return door.answer(request, self.get_response)
        try:
            if _holds_nul(request):
                return HttpResponse(status=400)
        except RequestDataTooBig:
            return refusal_page(request, say("refused.too_big", language_of(request)), status=413)
        open_to_all = request.path in OPEN_ADDRESSES or request.path.startswith(OPEN_FOLDERS)
        reader = None if request.path.startswith("/static/") else read_reader(request)
        request.reader = reader  # type: ignore[attr-defined]
        if reader is None and not open_to_all:
            here = request.get_full_path() if request.method == "GET" else "/"
            ended = "&ended=1" if settings.SESSION_COOKIE_NAME in request.COOKIES else ""
            return HttpResponseRedirect(f"/sign-in?next={quote(here)}{ended}")
        if reader is not None:
            request.session.touch()  # type: ignore[attr-defined]
            if _must_enrol(request, reader) and not _before_enrolment(request.path):
                return HttpResponseRedirect("/account")
        response = self.get_response(request)
        if reader is not None and not response.has_header("Cache-Control"):
            # A county's list must not stay on the disk of a shared office PC.
            response["Cache-Control"] = "private, no-store"
        if response.status_code == 404 and request.resolver_match is None and not open_to_all:
            sentence = say("refused.no_page", language_of(request), path=request.path)
            return refusal_page(request, sentence, status=404)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn what a view refused into a page; anything else stays a fault of ours."""
        if isinstance(error, Refused):
            return refusal_page(
                request, error.sentence(language_of(request)), status=403, decision=error.decision
            )
        if isinstance(error, NotFound):
            return refusal_page(request, error.sentence(language_of(request)), status=404)
        if isinstance(error, GuantongError):
            return refusal_page(request, error.sentence(language_of(request)), status=409)
        return None


def _before_enrolment(path: str) -> bool:
    free = path == "/account" or path.startswith(ENROL_FOLDERS)
    return free and not path.startswith(ENROL_AFTERWARDS)


def _must_enrol(request: HttpRequest, reader: Reader) -> bool:
    """Say whether the reader must enrol a second factor before anything else; streams ask, too."""
    must = must_have(reader.user, reader.actor) and not has_factor(reader.user)
    if bool(request.session.get(ENROL)) != must:
        request.session[ENROL] = must
    return must


def _holds_nul(request: HttpRequest) -> bool:
    """Say whether a field holds a NUL: no page of ours asks for one, no text column takes it."""
    fields = [request.GET] + ([request.POST] if request.method == "POST" else [])
    return any(
        "\x00" in value for field in fields for values in field.lists() for value in values[1]
    )


# Where the page of a thing is, by its kind: a refused act is explained beside it.
_PAGES = {"task": "/tasks", "case": "/cases", "object": "/objects"}


def why_address(request: HttpRequest, refused: Decision) -> str | None:
    """Return where the refusal is explained rule by rule; None for who is not signed in."""
    if getattr(request, "reader", None) is None or settings.END != OFFICIAL:
        return None  # the citizen end has no page of rules
    thing = refused.thing
    if request.method in ("GET", "HEAD"):
        return address("/rights/mine", address=request.get_full_path())
    if thing.object_id is not None and thing.kind in _PAGES:
        return address(
            "/rights/mine", address=f"{_PAGES[thing.kind]}/{thing.object_id}", act=refused.act
        )
    return address("/rights/mine", kind=thing.kind, place=thing.division_code, act=refused.act)


def refusal_page(
    request: HttpRequest, sentence: str, *, status: int, decision: Decision | None = None
) -> HttpResponse:
    """Return the page of a refusal. Whom to ask stands beside the sentence where it is known."""
    language = language_of(request)
    ask = decision.facts.get("ask") if decision is not None else None
    return page(
        request,
        "refused.html",
        status=status,
        title=say("refused.title", language),
        sentence=sentence,
        rule=None,
        ask=ask[language] if isinstance(ask, dict) else None,
        recorded=decision is not None,
        why_href=why_address(request, decision) if decision is not None else None,
        back_href="/",
    )


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose safety token has expired (Django's CSRF_FAILURE_VIEW)."""
    request.reader = read_reader(request)  # type: ignore[attr-defined]
    return refusal_page(request, say("refused.stale_form", language_of(request)), status=403)
