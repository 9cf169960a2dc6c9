"""One's own account: what it is, the password, the second factor, where it is signed in.

Adding or removing a way in asks for the password again when it was not given a short while ago,
so that a session left open, or stolen, does not become a way in of its own.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guantong.access import api as access
from guantong.access.api import ENROL, Thing, User
from guantong.access.errors import PasskeyRefused, SignInWrong
from guantong.base import sealing
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError
from guantong.base.words import LANGUAGES, say
from guantong.orgs import api as orgs
from guantong.portal import passkeys
from guantong.portal.context import LANGUAGE_NAMES
from guantong.portal.outside_provider import provider_name
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.sign_in import (
    client_address,
    enter,
    onward,
    pending,
    prove,
    proved_lately,
)
from guantong.portal.views_account import password_errors

# The secret an app is about to be given, sealed, until the app has shown its first code.
SECRET = "_totp"  # noqa: S105 - the name of a place
SECRET_SECONDS = 900

View = Callable[..., HttpResponse]


def own_account(request: HttpRequest, act: str) -> Reader:
    """Ask access about the reader's own account, and return the reader."""
    reader = reader_of(request)
    thing = Thing(kind="account", owner=reader.actor.person_id, object_id=reader.user.id)
    decide(request, act, thing)
    return reader


def proved(view: View) -> View:
    """Let a view run only for who gave the password lately; others are asked for it first."""

    @wraps(view)
    def asked(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if proved_lately(request):
            return view(request, *arguments, **named)
        here = request.path if request.method == "GET" else "/account"
        return HttpResponseRedirect(f"/account/confirm?{urlencode({'next': here})}")

    return asked


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Show one's own account: who one is here, and every way in."""
    reader = own_account(request, "read")
    factors = access.factors_of(reader.user)
    return page(
        request,
        "account.html",
        user=reader.user,
        name=reader.actor.name,
        posts=_posts(reader),
        person_href=f"/people/{reader.actor.person_id}" if settings.END == "official" else None,
        languages=[(code, LANGUAGE_NAMES[code], code == reader.language) for code in LANGUAGES],
        factors=factors,
        codes_left=access.recovery_left(reader.user) if factors else 0,
        must=access.must_have(reader.user, reader.actor),
        demonstration=reader.user.printed_password,
        sessions=len(access.sessions_of(reader.user.id)),
        keys=_keys_standing(reader) if settings.END == "official" else None,
        provider=provider_name(reader.language),
        welcome=request.GET.get("welcome") == "1",
        enrol=bool(request.session.get(ENROL)),
        administers=may(reader, "administer", Thing(kind="account")).allowed,
    )


def _keys_standing(reader: Reader) -> int:
    now = machine_now()
    return sum(key.stands(now) for key in access.keys_of(reader.user.id, at=now))


def _posts(reader: Reader) -> list[dict[str, object]]:
    names = orgs.unit_names([post.unit_id for post in reader.actor.posts], on=reader.on)
    return [
        {
            "unit": names[post.unit_id][0 if reader.language == "zh-CN" else 1],
            "post": say(f"orgs.post.{post.post_code}", reader.language),
            "kind": say(f"account.post_kind.{post.kind}", reader.language)
            if post.kind != "held"
            else "",
        }
        for post in reader.actor.posts
        if post.unit_id in names
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the password or the second factor again before something grave is done."""
    reader = own_account(request, "administer")
    next = onward(request, request.POST.get("next", request.GET.get("next", "/account")))
    refused = None
    if request.method == "POST":
        refused = _not_proved(request, reader)
        if refused is None:
            prove(request)
            return HttpResponseRedirect(next)
    return page(
        request,
        "account_confirm.html",
        status=403 if refused else 200,
        next=next,
        act="1" in (request.GET.get("act"), request.POST.get("act")),
        password=reader.user.has_usable_password(),
        app=access.has_factor(reader.user),
        refused=refused,
        passkeys=_has_passkey(reader.user) and passkeys.possible(request),
    )


def _not_proved(request: HttpRequest, reader: Reader) -> str | None:
    """Judge the password or a code of the second factor; return the sentence when neither is."""
    code = request.POST.get("code", "").strip()[:40]
    if not code or request.POST.get("current"):
        return _wrong_password(request, reader)
    try:
        access.judge_second(reader.user, code, address=client_address(request), at=machine_now())
    except GuantongError as refusal:
        return refusal.sentence(reader.language)
    return None


def _has_passkey(user: User) -> bool:
    return any(factor.kind == "webauthn" for factor in access.factors_of(user))


def _wrong_password(request: HttpRequest, reader: Reader) -> str | None:
    """Judge the password given again; return the sentence when it is not right."""
    try:
        access.knows_password(
            reader.user,
            request.POST.get("current", ""),
            address=client_address(request),
            at=machine_now(),
        )
    except SignInWrong:
        return say("account.current_wrong", reader.language)
    except GuantongError as refusal:
        return refusal.sentence(reader.language)
    return None


@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; every other session of the account ends."""
    reader = own_account(request, "administer")
    errors: dict[str, str] = {}
    if request.method == "POST":
        names = (reader.user.username, reader.actor.name)
        errors = password_errors(request, names=names, language=reader.language)
        wrong = None if errors else _wrong_password(request, reader)
        if wrong is not None:
            errors = {"current": wrong}
        if not errors:
            ended = access.change_password(
                reader.user,
                request.POST["password"],
                but=request.session.session_key,
                at=machine_now(),
            )
            # Which also gives this session a new key.
            update_session_auth_hash(request, reader.user)
            prove(request)
            messages.success(
                request, say("account.password.changed", reader.language, ended=ended), "fine"
            )
            return HttpResponseRedirect("/account")
    return page(request, "account_password.html", status=403 if errors else 200, errors=errors)


# --- second factor -----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@proved
def app(request: HttpRequest) -> HttpResponse:
    """Enrol an authenticator app: show its secret, and take the first code it shows."""
    reader = own_account(request, "administer")
    language, refused = reader.language, None
    if request.method == "POST":
        kept = request.session.get(SECRET)
        if not isinstance(kept, list) or kept[1] < time.time():
            return HttpResponseRedirect("/account/app")
        try:
            codes = access.add_app(
                reader.user,
                sealing.unseal(kept[0], about="session.totp"),
                request.POST.get("code", "")[:20],
                address=client_address(request),
                at=machine_now(),
            )
        except GuantongError as refusal:
            refused = refusal.sentence(language)
        else:
            del request.session[SECRET]
            return _enrolled(request, codes, done=say("account.app.added", language))
    secret = _secret(request)
    address = _app_address(reader.user, secret)
    return page(
        request,
        "account_app.html",
        status=403 if refused else 200,
        picture=_picture(address),
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        address=address,
        replaces=any(f.kind == "totp" for f in access.factors_of(reader.user)),
        refused=refused,
    )


def _secret(request: HttpRequest) -> str:
    """Return the secret of this enrolment: the same while the page is shown again."""
    kept = request.session.get(SECRET)
    if isinstance(kept, list) and kept[1] > time.time():
        return sealing.unseal(kept[0], about="session.totp")
    secret = access.new_secret()
    request.session[SECRET] = [
        sealing.seal(secret, about="session.totp"),
        time.time() + SECRET_SECONDS,
    ]
    return secret


def _app_address(user: User, secret: str) -> str:
    from allauth.mfa.adapter import get_adapter

    return str(get_adapter().build_totp_url(user, secret))


def _picture(address: str) -> str:
    """Return the address as a picture that a phone reads, inside the page itself."""
    import segno

    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=2, light="white"))


def _enrolled(request: HttpRequest, codes: list[str], *, done: str) -> HttpResponse:
    """Show the recovery codes this once, where there are new ones."""
    request.session.pop(ENROL, None)
    # A session from before the second factor has shown only one.
    request.session.cycle_key()
    if not codes:
        messages.success(request, done, "fine")
        return HttpResponseRedirect("/account")
    return page(request, "account_codes.html", codes=codes, done=done)


@require_GET
@proved
def passkey_page(request: HttpRequest) -> HttpResponse:
    """Show how a passkey is added, or why it cannot be at this address."""
    own_account(request, "administer")
    return page(request, "account_passkey.html", possible=passkeys.possible(request), refused=None)


@require_GET
@proved
def passkey_options(request: HttpRequest) -> HttpResponse:
    """Ask the browser for a new passkey."""
    reader = own_account(request, "administer")
    return JsonResponse(passkeys.options_to_add(reader.user))


@require_POST
@proved
def passkey_add(request: HttpRequest) -> HttpResponse:
    """Keep the passkey the browser made."""
    reader = own_account(request, "administer")
    held = [f for f in access.factors_of(reader.user) if f.kind == "webauthn"]
    name = request.POST.get("name", "").strip()[:40] or say(
        "account.passkey.numbered", reader.language, number=len(held) + 1
    )
    try:
        if len(held) >= access.MOST_PASSKEYS:
            raise PasskeyRefused
        passkeys.add(reader.user, name, request.POST.get("answer", ""))
    except GuantongError as refusal:
        return page(
            request,
            "account_passkey.html",
            status=403,
            possible=passkeys.possible(request),
            refused=refusal.sentence(reader.language),
        )
    codes = access.note_passkey(reader.user, at=machine_now())
    return _enrolled(request, codes, done=say("account.passkey.added", reader.language))


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, id: int) -> HttpResponse:
    """Remove one way in, after the password."""
    reader = own_account(request, "administer")
    factor = next((f for f in access.factors_of(reader.user) if f.id == id), None)
    if factor is None:
        return HttpResponseRedirect("/account")
    refused = None
    if request.method == "POST":
        refused = _wrong_password(request, reader)
        if refused is None:
            needed = access.must_have(reader.user, reader.actor)
            try:
                access.remove_factor(reader.user, id, needed=needed, at=machine_now())
            except GuantongError as refusal:
                refused = refusal.sentence(reader.language)
            else:
                messages.success(request, say("account.factor_removed", reader.language), "fine")
                return HttpResponseRedirect("/account")
    return page(
        request, "account_remove.html", status=403 if refused else 200, factor=factor,
        refused=refused,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@proved
def recovery(request: HttpRequest) -> HttpResponse:
    """Make a fresh sheet of recovery codes; the old one is void."""
    reader = own_account(request, "administer")
    if not access.has_factor(reader.user):
        return HttpResponseRedirect("/account")
    if request.method == "POST":
        codes = access.new_recovery_codes(reader.user, at=machine_now())
        done = say("account.codes.made", reader.language)
        return page(request, "account_codes.html", codes=codes, done=done)
    return page(request, "account_recovery.html", left=access.recovery_left(reader.user))


# --- sessions ----------------------------------------------------------------------------------


@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """List where this account is signed in."""
    reader = own_account(request, "read")
    found = access.sessions_of(reader.user.id, current=request.session.session_key)
    return page(
        request,
        "account_sessions.html",
        sessions=[
            {"session": one, "how": say(f"account.how.{one.how or 'password'}", reader.language)}
            for one in found
        ],
        others=sum(not one.current for one in found),
        idle=settings.SESSION_IDLE_MINUTES,
        longest=settings.SESSION_COOKIE_AGE // 3600,
    )


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End one session, or all but this one."""
    reader = own_account(request, "administer")
    one = request.POST.get("session", "")[:40]
    ended = access.end_sessions(
        reader.user,
        at=machine_now(),
        actor=reader.user.username,
        id=one or None,
        but=None if one else request.session.session_key,
    )
    messages.success(request, say("account.sessions.ended", reader.language, count=ended), "fine")
    return HttpResponseRedirect("/account/sessions")


# --- passkeys at the door ----------------------------------------------------------------------


@require_GET
def door_options(request: HttpRequest) -> HttpResponse:
    """Ask the browser for a passkey: one of who passed the first step, or any."""
    found = pending(request)
    return JsonResponse(passkeys.options_to_sign_in(found.user if found else None))


@require_POST
def door_passkey(request: HttpRequest) -> HttpResponse:
    """Let in whose passkey answered; inside, take it for the password given again."""
    found = pending(request)
    own = request.user if isinstance(request.user, User) else None
    user = passkeys.judge(request.POST.get("answer", ""), of=own or (found.user if found else None))
    next = found.next if found else onward(request, request.POST.get("next", ""))
    if own is not None:
        prove(request)
        return HttpResponseRedirect(next if next != "/" else "/account")
    return enter(request, user, how="passkey", next=next, token=found.token if found else "")
