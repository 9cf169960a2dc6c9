"""Signing in and out, the language, the realm: what belongs to the reader and to no package."""

from urllib.parse import urlsplit

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guantong.access.api import User, demo_titles
from guantong.base.words import LANGUAGES, say
from guantong.portal.reader import LANGUAGE_COOKIE, REALM_KEY, language_of, page, realm_named

YEAR = 365 * 24 * 3600


def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers and reaches the store."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse("ok", content_type="text/plain")


LONGEST_NAME = 150


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Lead officers to what they must do now."""
    return HttpResponseRedirect("/inbox")


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in; a wrong password and an unknown account get the same sentence."""
    language = language_of(request)
    refused, username = None, ""
    if request.method == "POST":
        username = request.POST.get("username", "").strip()
        # The model's own limit: a longer name is nobody's, and must not reach the store.
        username = username[:LONGEST_NAME]
        user = authenticate(request, username=username, password=request.POST.get("password", ""))
        if isinstance(user, User):
            login(request, user)
            return HttpResponseRedirect(_next(request, request.POST.get("next", "")))
        locked = AxesProxyHandler.is_locked(request, {"username": username})
        # The page says it in the reader's language; axes would answer with a text of its own.
        request.axes_locked_out = False  # type: ignore[attr-defined]
        minutes = round(float(settings.AXES_COOLOFF_TIME) * 60)
        key = "sign_in.locked" if locked else "sign_in.wrong"
        refused = say(key, language, **({"minutes": minutes} if locked else {}))
    return page(
        request,
        "sign_in.html",
        status=200 if refused is None else 403,
        action="/sign-in",
        next=_next(request, request.POST.get("next", request.GET.get("next", ""))),
        username=username,
        refused=refused,
        accounts=[{"username": name, "who": who} for name, who in demo_titles(language)],
        accounts_note=say("sign_in.accounts_note", language),
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out; the session is gone afterwards."""
    logout(request)
    return HttpResponseRedirect("/sign-in")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Read in another language from now on, on every device when signed in."""
    chosen = request.POST.get("language", "")
    answer = HttpResponseRedirect(_next(request, request.POST.get("next", "")))
    if chosen in LANGUAGES:
        if isinstance(request.user, User):
            User.objects.filter(id=request.user.id).update(language=chosen)
        answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR, samesite="Lax", httponly=True)
    return answer


@require_POST
def choose_realm(request: HttpRequest) -> HttpResponse:
    """Look into another realm from now on; one that does not exist changes nothing."""
    realm = realm_named(request.POST.get("realm", ""))
    if realm is not None:
        request.session[REALM_KEY] = realm
    # A page about one case of the other realm would be missing in this one: back to its list.
    path = urlsplit(_next(request, request.POST.get("next", ""))).path
    first = path.strip("/").partition("/")[0]
    return HttpResponseRedirect(f"/{first}" if first in ("inbox", "cases", "cockpit") else "/")


def _next(request: HttpRequest, address: str) -> str:
    """Return where to go on, only within this site."""
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return address if safe and not address.startswith("/sign-") else "/"
