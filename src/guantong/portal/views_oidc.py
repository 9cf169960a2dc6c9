"""Signing in with an outside provider of identities (OpenID Connect, authorization code flow).

allauth speaks the protocol; here it is held to what a government needs: PKCE (RFC 7636), a state
and a nonce for each attempt, the issuer of the settings and no other (also RFC 9207), and the
token's signature checked with the provider's keys of this very moment, so that a key taken out of
service is worth nothing. Whose account it is decides ``access.provider_link``.
"""

import hashlib
import secrets
from typing import Any

import jwt
import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET

from guantong.access import api as access
from guantong.access.errors import ProviderRefused
from guantong.base import sealing
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError
from guantong.base.words import say
from guantong.portal.outside_provider import provider_app, provider_key
from guantong.portal.reader import language_of, page
from guantong.portal.sign_in import first_step, onward

# What signs an ID token: no "none", and no secret shared with us that could sign for others.
TOKEN = "session.provider_token"  # noqa: S105 - what a sealed value is about
ALGORITHMS = frozenset({"RS256", "PS256", "ES256", "EdDSA"})


def _nonce(verifier: str) -> str:
    # Bound to the verifier of PKCE, which the session keeps and the provider never saw.
    return hashlib.sha256(f"nonce:{verifier}".encode()).hexdigest()


class _Provider(OpenIDConnectProvider):  # type: ignore[misc]
    """The provider of the settings, asked with a nonce."""

    def get_pkce_params(self) -> dict[str, str]:
        params: dict[str, str] = dict(super().get_pkce_params())
        return params | {"nonce": _nonce(params["code_verifier"])}

    def get_auth_params_from_request(self, request: HttpRequest, action: Any) -> dict[str, str]:
        # allauth would take parameters, and scopes below, from the address: nobody needs that.
        return dict(self.get_auth_params())

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        return list(self.get_scope())

    def get_oauth2_adapter(self, request: HttpRequest) -> "_Adapter":
        return _Adapter(request, self.app.provider_id)


class _Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth's adapter with every check of OIDC Core 1.0, section 3.1.3.7."""

    verifier = ""

    def get_provider(self) -> _Provider:
        app = get_adapter(self.request).get_app(self.request, provider=self.provider_id)
        return _Provider(self.request, app=app)

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        if config.get("issuer") != self.get_provider().app.settings["issuer"]:
            raise ProviderRefused(why="issuer")
        return config

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> Any:
        self.verifier = pkce_code_verifier or ""
        return super().get_access_token_data(
            request, app, client, pkce_code_verifier=pkce_code_verifier
        )

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        if not kwargs["response"].get("id_token"):
            raise ProviderRefused(why="token")
        claims = self._decode_id_token(app, kwargs["response"]["id_token"])
        # Kept in the session, sealed: the provider asks for it when somebody signs out.
        self.request.provider_token = kwargs["response"]["id_token"]
        data: dict[str, Any] = {"id_token": claims}
        if "userinfo_endpoint" in self.openid_config:
            told = self._fetch_user_info(token.token)
            # OIDC Core 1.0, section 5.3.2: it must be about the same subject.
            if told.get("sub") != claims["sub"]:
                raise ProviderRefused(why="subject")
            data["userinfo"] = told
        return self.get_provider().sociallogin_from_response(request, data)

    def signed_claims(self, app: Any, token: str) -> dict[str, Any]:
        """Return what a token says, when this very provider signed it for us and it still holds."""
        try:
            if jwt.get_unverified_header(token).get("alg") not in ALGORITHMS:
                raise ProviderRefused(why="signature")
        except jwt.PyJWTError:
            raise ProviderRefused(why="token") from None
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        return claims

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        claims = self.signed_claims(app, id_token)
        if not secrets.compare_digest(str(claims.get("nonce", "")), _nonce(self.verifier)):
            raise ProviderRefused(why="nonce")
        if claims.get("azp", app.client_id) != app.client_id or not claims.get("sub"):
            raise ProviderRefused(why="audience")
        return claims


@require_GET
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the browser to the provider."""
    adapter = adapter_of(request, provider_id)
    next = onward(request, request.GET.get("next", ""))
    try:
        return adapter.get_provider().redirect(request, process="login", next_url=next)  # type: ignore[no-any-return]
    except (ProviderRefused, requests.RequestException, KeyError, ValueError) as error:
        return failed(request, None, error)


@require_GET
def back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the provider's answer; each state is good for one answer."""
    adapter = adapter_of(request, provider_id)
    issuer = request.GET.get("iss")
    if issuer is not None and issuer != adapter.get_provider().app.settings["issuer"]:
        return failed(request, None, ProviderRefused(why="issuer"))
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(adapter)(request)
    except (GuantongError, jwt.PyJWTError, KeyError, ValueError, TypeError) as error:
        return failed(request, None, error)
    return answer


def adapter_of(request: HttpRequest, provider_id: str) -> _Adapter:
    """Return how the provider of the settings is spoken to; another name leads nowhere."""
    adapter = _Adapter(request, provider_id)
    try:
        adapter.get_provider()
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return adapter


def finish(request: HttpRequest, sociallogin: Any) -> HttpResponse:
    """Sign in whom the provider named; called when every check of its answer has passed."""
    app = provider_app()
    assert app is not None, "a provider answered, so the settings name one"
    data = sociallogin.account.extra_data
    claims = data.get("userinfo", {}) | data["id_token"]
    number = str(claims.get(app["settings"]["claim"], ""))[:100]
    try:
        user = access.account_of_identity(
            provider_key(), str(claims["sub"]), number, kind=settings.END, at=machine_now()
        )
    except GuantongError as refusal:
        return _refused(request, refusal)
    next = onward(request, sociallogin.state.get("next") or "")
    token = sealing.seal(getattr(request, "provider_token", ""), about=TOKEN)
    return first_step(request, user, how="oidc", next=next, token=token)


def failed(request: HttpRequest, error: Any, exception: Exception | None) -> HttpResponse:
    """Answer a failed attempt with a sentence; nothing of the provider's answer is repeated."""
    if error == "cancelled":
        return HttpResponseRedirect("/sign-in")
    if isinstance(exception, ImmediateHttpResponse):
        return exception.response  # type: ignore[no-any-return]
    if isinstance(exception, GuantongError):
        return _refused(request, exception)
    why = "answer"
    if exception is None:
        why = "state"
    elif isinstance(exception, requests.RequestException):
        why = "unreachable"
    elif isinstance(exception, OAuth2Error):
        why = "signature"
    return _refused(request, ProviderRefused(why=why))


def _refused(request: HttpRequest, refusal: GuantongError) -> HttpResponse:
    language = language_of(request)
    if isinstance(refusal, ProviderRefused):
        why = say(f"sign_in.provider_why.{refusal.facts['why']}", language)
        refusal = ProviderRefused(why=why)
    return page(
        request,
        "sign_in_refused.html",
        status=403,
        title=say("sign_in.refused", language),
        sentence=refusal.sentence(language),
    )
