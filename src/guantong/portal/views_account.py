"""Signing in and out, the language, the realm: what belongs to the reader and to no package.

The two ends share these pages; the settings say which end this process serves, and only accounts
of that end are known here.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guantong.access import api as access
from guantong.access.api import User
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError
from guantong.base.words import LANGUAGES, say
from guantong.portal.outside_provider import provider_name
from guantong.portal.passkeys import possible
from guantong.portal.reader import LANGUAGE_COOKIE, REALM_KEY, language_of, page, realm_named
from guantong.portal.sign_in import (
    PROVIDER_TOKEN,
    client_address,
    enter,
    first_step,
    onward,
    pending,
)

YEAR = 365 * 24 * 3600
LONGEST_NAME = 150


def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers and reaches the store."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse("ok", content_type="text/plain")


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
        # The model's own limit: a longer name is nobody's, and must not reach the store.
        username = request.POST.get("username", "").strip()[:LONGEST_NAME]
        try:
            user = access.judge_password(
                account_name(username),
                request.POST.get("password", ""),
                kind=settings.END,
                address=client_address(request),
                at=machine_now(),
            )
        except GuantongError as refusal:
            refused = refusal.sentence(language)
        else:
            next = onward(request, request.POST.get("next", ""))
            return first_step(request, user, how="password", next=next)
    titles = demo_titles(language)
    return page(
        request,
        "sign_in.html",
        status=200 if refused is None else 403,
        action="/sign-in",
        next=onward(request, request.POST.get("next", request.GET.get("next", ""))),
        username=username,
        refused=refused,
        passkeys=possible(request),
        provider=provider_name(language),
        ended=request.GET.get("ended") == "1",
        out=request.GET.get("out") == "1",
        accounts=[{"username": name, "who": who} for name, who in titles],
        accounts_note=say("sign_in.accounts_note", language),
    )


def demo_titles(language: str) -> list[tuple[str, str]]:
    """Return the accounts of a demonstration to list on the page; none at the citizen end."""
    return access.demo_titles(language) if settings.END == "official" else []


def account_name(typed: str) -> str:
    """Return the name of the account somebody means: citizens type their mobile number."""
    return typed if settings.END == "official" else access.name_of_mobile(typed)


@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor; without the first step there is nothing to ask."""
    found = pending(request)
    if found is None:
        return HttpResponseRedirect("/sign-in")
    language, refused = language_of(request), None
    if request.method == "POST":
        try:
            how = access.judge_second(
                found.user,
                request.POST.get("code", "")[:40],
                address=client_address(request),
                at=machine_now(),
            )
        except GuantongError as refusal:
            refused = refusal.sentence(language)
        else:
            return enter(request, found.user, how=how, next=found.next, token=found.token)
    kinds = {factor.kind for factor in access.factors_of(found.user)}
    return page(
        request,
        "sign_in_second.html",
        status=200 if refused is None else 403,
        refused=refused,
        app="totp" in kinds,
        passkeys="webauthn" in kinds and possible(request),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: HttpRequest) -> HttpResponse:
    """Choose a password with the code that the administrator gave; each code works once."""
    language = language_of(request)
    errors: dict[str, str] = {}
    username = request.POST.get("username", request.GET.get("account", "")).strip()[:LONGEST_NAME]
    if request.method == "POST":
        errors = password_errors(request, names=(username,), language=language)
        if not errors:
            try:
                user = access.activate(
                    account_name(username),
                    request.POST.get("code", "")[:40],
                    request.POST["password"],
                    kind=settings.END,
                    address=client_address(request),
                    at=machine_now(),
                )
            except GuantongError as refusal:
                errors = {"code": refusal.sentence(language)}
            else:
                access.accept_with_activation(
                    user, request.POST.get("code", "")[:40], at=machine_now()
                )
                return first_step(request, user, how="code", next="/account?welcome=1")
    return page(
        request,
        "account_activate.html",
        status=403 if errors else 200,
        username=username,
        code="" if "code" in errors else request.POST.get("code", "")[:40],
        errors=errors,
    )


def password_errors(
    request: HttpRequest, *, names: tuple[str, ...], language: str
) -> dict[str, str]:
    """Return what is wrong with a new password and its repetition, by field."""
    chosen = request.POST.get("password", "")
    wrong = access.faults(chosen, names=names)
    if wrong:
        return {"password": say(wrong[0], language)}
    if chosen != request.POST.get("again", ""):
        return {"again": say("account.password.differs", language)}
    return {}


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out; the session is gone afterwards."""
    if isinstance(request.user, User):
        access.signed_out(request.user, at=machine_now())
    token = request.session.get(PROVIDER_TOKEN)
    logout(request)
    if token:
        # Only now: the sign-in page of who has a password loads no protocol.
        from guantong.portal.provider_sign_out import leave_provider

        away = leave_provider(request, token)
        if away is not None:
            return away
    return HttpResponseRedirect("/sign-in")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Read in another language from now on, on every device when signed in."""
    chosen = request.POST.get("language", "")
    answer = HttpResponseRedirect(back_to(request, request.POST.get("next", "")))
    if chosen in LANGUAGES:
        if isinstance(request.user, User):
            User.objects.filter(id=request.user.id).update(language=chosen)
        answer.set_cookie(
            LANGUAGE_COOKIE, chosen, max_age=YEAR, samesite="Lax", httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
    return answer


def back_to(request: HttpRequest, address: str) -> str:
    """Return to the page the language was chosen on, the pages of signing in included."""
    path = urlsplit(address).path
    if path in ("/sign-in", "/activate", "/register", "/sign-in/second", "/verify"):
        return path
    return onward(request, address)


@require_POST
def choose_realm(request: HttpRequest) -> HttpResponse:
    """Look into another realm from now on; one that does not exist changes nothing."""
    realm = realm_named(request.POST.get("realm", ""))
    if realm is not None:
        request.session[REALM_KEY] = realm
    # A page about one case of the other realm would be missing in this one: back to its list.
    path = urlsplit(onward(request, request.POST.get("next", ""))).path
    first = path.strip("/").partition("/")[0]
    return HttpResponseRedirect(f"/{first}" if first in ("inbox", "cases", "cockpit") else "/")
