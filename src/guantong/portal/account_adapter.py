"""What allauth asks us: how its secrets are kept, what a passkey is called, whose account it is.

Named by MFA_ADAPTER and SOCIALACCOUNT_ADAPTER in the settings. allauth brings the protocols and
the tables; pages, words and rules are ours.
"""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from guantong.access.api import FACTOR_SECRET, User
from guantong.base import sealing


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals the secrets of second factors; a row may be as old as the first sealed one."""

    def encrypt(self, text: str) -> str:
        """Return a secret as the store keeps it."""
        return sealing.seal(text, about=FACTOR_SECRET)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret as it is needed to judge a code."""
        return sealing.unseal(encrypted_text, about=FACTOR_SECRET)

    def get_totp_issuer(self) -> str:
        """Return the name under which an app shows our codes."""
        return str(settings.MFA_TOTP_ISSUER)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return who asks for a passkey: this host, which the passkey is bound to."""
        asking: dict[str, str] = super().get_public_key_credential_rp_entity()
        return asking | {"name": settings.MFA_TOTP_ISSUER}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """Return whose passkey it is: an id that says nothing, and the name of the account."""
        return {
            "id": str(user.pk).encode(),
            "display_name": user.username,
            "name": user.username,
        }


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Ends allauth's part once the provider's answer has been checked; the rest is ours."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find the account and sign in by our rules; allauth makes no account of its own."""
        from guantong.portal.views_oidc import finish

        raise ImmediateHttpResponse(finish(request, sociallogin))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        """Answer what failed with a page of ours."""
        from guantong.portal.views_oidc import failed

        raise ImmediateHttpResponse(failed(request, error, exception))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """False: no account is made for a stranger."""
        return False

    def list_apps(self, request: Any, provider: Any = None, client_id: Any = None) -> list[Any]:
        """Return the provider that the settings name; none from a table."""
        from allauth.socialaccount.adapter import _build_apps_from_settings

        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]
