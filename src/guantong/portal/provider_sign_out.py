"""Signing out at the outside provider: we ask it (RP-initiated), or it tells us (back channel).

OpenID Connect RP-Initiated Logout 1.0 and Back-Channel Logout 1.0. Whoever signs out here is signed
out here first, whatever the provider answers.
"""

import secrets
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
import requests
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from guantong.access import api as access
from guantong.base import sealing
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError
from guantong.portal.outside_provider import provider_app, provider_key
from guantong.portal.views_oidc import TOKEN, adapter_of

STATE = "_signed_out"
BACK = "/sign-out/done"
# Back-Channel Logout 1.0, section 2.4: what a logout token must say.
EVENT = "http://schemas.openid.net/event/backchannel-logout"
# Section 2.6 asks for a short time and leaves it to us.
FRESH_SECONDS = 120


def leave_provider(request: HttpRequest, sealed: str) -> HttpResponse | None:
    """Return the way to the provider's own sign-out; None where it offers none, or is away."""
    app = provider_app()
    if app is None:
        return None
    try:
        config = adapter_of(request, app["provider_id"]).openid_config
    except (GuantongError, requests.RequestException, ValueError):
        return None
    endpoint, issuer = str(config.get("end_session_endpoint", "")), app["settings"]["issuer"]
    # The browser carries a token there: only to the issuer itself, as the policy of forms says.
    if not endpoint or urlsplit(endpoint)[:2] != urlsplit(issuer)[:2]:
        return None
    state = secrets.token_urlsafe(24)
    request.session[STATE] = state
    query = {
        "id_token_hint": sealing.unseal(sealed, about=TOKEN), "client_id": app["client_id"],
        "post_logout_redirect_uri": request.build_absolute_uri(BACK), "state": state,
    }  # fmt: skip
    return HttpResponseRedirect(f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}")


@require_GET
def done(request: HttpRequest) -> HttpResponse:
    """Take back who was signed out at the provider; only an answer to our own request says so."""
    asked = request.session.pop(STATE, "")
    same = bool(asked) and secrets.compare_digest(asked, request.GET.get("state", ""))
    return HttpResponseRedirect("/sign-in?out=1" if same else "/sign-in")


@csrf_exempt
@require_POST
def told(request: HttpRequest) -> HttpResponse:
    """End the sessions of whoever the provider says has signed out there (back channel)."""
    app = provider_app()
    if app is None:
        raise Http404
    try:
        claims = _claims(request, app)
    except (GuantongError, OAuth2Error, jwt.PyJWTError, requests.RequestException,
            KeyError, ValueError, TypeError):  # fmt: skip
        answer: HttpResponse = JsonResponse({"error": "invalid_request"}, status=400)
    else:
        said = datetime.fromtimestamp(int(claims["iat"]) + 1, UTC)
        access.sign_out_by_provider(
            provider_key(), str(claims["sub"]), until=said, at=machine_now()
        )
        answer = HttpResponse(status=200)
    answer["Cache-Control"] = "no-store"
    return answer


def _claims(request: HttpRequest, app: dict[str, Any]) -> dict[str, Any]:
    """Return what a logout token says, after every check of section 2.6; we need its subject."""
    adapter = adapter_of(request, app["provider_id"])
    claims = adapter.signed_claims(
        adapter.get_provider().app, request.POST.get("logout_token", "")[:8000]
    )
    fresh = abs(time.time() - int(claims["iat"])) <= FRESH_SECONDS
    if not fresh or EVENT not in claims["events"] or "nonce" in claims or not claims["sub"]:
        raise ValueError
    return claims
