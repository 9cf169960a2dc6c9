"""What signing in means for a browser: the steps between the password and the session.

Who passed the first step but must still show a second factor has no session of an account yet,
only a note of who it is, which ends soon. A session gets a new key when somebody comes in
(Django's ``login``), so that one planted before is worth nothing afterwards.
"""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from guantong.access import api as access
from guantong.access.api import User
from guantong.base.clock import machine_now

# The way into which the sign-in is stored: named in access.sessions.
_ADDRESS, _DEVICE, _HOW = "_address", "_device", "_how"
PENDING = "_pending"
PROVED = "_proved"
# What the outside provider must be shown to sign somebody out there, sealed.
PROVIDER_TOKEN = "_provider_token"  # noqa: S105 - the name of a place
BACKEND = "django.contrib.auth.backends.ModelBackend"

# How long the way from password to code may take.
PENDING_SECONDS = 600
# Who gave the password so short a time ago is not asked for it again.
PROVED_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Somebody who passed the first step."""

    user: User
    how: str
    next: str
    # The provider's identity token, sealed; empty for who came with a password.
    token: str = ""


def client_address(request: HttpRequest) -> str:
    """Return the address a request comes from; believe only what our own proxies wrote.

    Each proxy adds the address it sees at the end of X-Forwarded-For. With n proxies of ours the
    n-th from the end is the client's; what stands before it anybody could have written.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    trusted = settings.TRUSTED_PROXIES
    if not trusted:
        return direct
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    return hops[-trusted][:64] if len(hops) >= trusted and hops[-trusted] else direct


def device_of(request: HttpRequest) -> str:
    """Return browser and system in two words, as people know their devices."""
    said = request.headers.get("User-Agent", "")
    system = next(
        (name for sign, name in _SYSTEMS if sign in said),
        "",
    )
    browser = next((name for sign, name in _BROWSERS if sign in said), "")
    return " · ".join(part for part in (browser, system) if part)


# The order matters: Edge also says Chrome, Chrome also says Safari, Android also says Linux.
_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("DingTalk", "DingTalk"), ("Edg", "Edge"), ("Firefox", "Firefox"),
    ("Chrome", "Chrome"), ("Safari", "Safari"), ("curl", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS", "macOS"), ("UOS", "UOS"), ("Linux", "Linux"),
)  # fmt: skip


def masked(address: str) -> str:
    """Return an address with its last part hidden: enough to know one's own network by."""
    if ":" in address:
        parts = address.split(":")
        return ":".join([*[part for part in parts[:3] if part], "…"])
    head, dot, _ = address.rpartition(".")
    return f"{head}.*" if dot else address


def first_step(
    request: HttpRequest, user: User, *, how: str, next: str, token: str = ""
) -> HttpResponse:
    """Go on after a password or an outside provider: to the second factor, or in."""
    if access.has_factor(user):
        request.session.flush()
        request.session[PENDING] = {
            "user": str(user.id), "how": how, "next": next, "until": time.time() + PENDING_SECONDS,
            "token": token,
        }  # fmt: skip
        return HttpResponseRedirect("/sign-in/second")
    return enter(request, user, how=how, next=next, token=token)


def pending(request: HttpRequest) -> Pending | None:
    """Return who passed the first step in this browser, while that still holds."""
    note = request.session.get(PENDING)
    if not isinstance(note, dict) or note.get("until", 0) < time.time():
        return None
    user = User.objects.filter(id=note["user"], is_active=True).first()
    return (
        None
        if user is None
        else Pending(user=user, how=note["how"], next=note["next"], token=note.get("token", ""))
    )


def enter(
    request: HttpRequest, user: User, *, how: str, next: str, token: str = ""
) -> HttpResponse:
    """Begin the session of an account; whatever the browser had before is gone."""
    request.session.flush()
    request.session[_ADDRESS] = masked(client_address(request))
    request.session[_DEVICE] = device_of(request)
    request.session[_HOW] = how
    request.session[PROVED] = time.time()
    if token:
        request.session[PROVIDER_TOKEN] = token
    login(request, user, backend=BACKEND)
    access.signed_in(user, how=how, at=machine_now())
    return HttpResponseRedirect(next)


def proved_lately(request: HttpRequest) -> bool:
    """Say whether the password (or a passkey) was shown so lately that it need not be again."""
    return bool(request.session.get(PROVED, 0) > time.time() - PROVED_SECONDS)


def prove(request: HttpRequest) -> None:
    """Note that the password was shown just now.

    The session gets a new key: a cookie that somebody took must not become proved with its owner.
    """
    request.session.cycle_key()
    request.session[PROVED] = time.time()


def onward(request: HttpRequest, address: str) -> str:
    """Return where to go on, only within this site and never back to signing in."""
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    path = urlsplit(address).path
    inside = safe and path.startswith("/") and not path.startswith(("/sign-", "/activate"))
    return address if inside else "/"
