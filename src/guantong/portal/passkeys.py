"""Passkeys (WebAuthn): the questions a browser is asked, and what its answers prove.

allauth and python-fido2 judge the answers; the challenge stands in the session and is used once.
The device itself asks for a finger, a face or a PIN (user verification is required), so a passkey
is two factors in one. It is bound to the host's name and cannot be shown to another site.
"""

import ipaddress
import json
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from guantong.access.api import User
from guantong.access.errors import PasskeyRefused

# A credential is some hundred bytes, an attestation with certificates some thousand.
LONGEST_ANSWER = 32_000


def possible(request: HttpRequest) -> bool:
    """Say whether browsers allow passkeys at this address: TLS or localhost, and a name."""
    host = request.get_host().rpartition("]")[0] or request.get_host().partition(":")[0]
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return request.is_secure() or host == "localhost" or host.endswith(".localhost")
    return False


def options_to_add(user: User) -> dict[str, Any]:
    """Return what a browser is asked when a passkey is added."""
    from allauth.mfa.webauthn.internal import auth

    return _plain(auth.begin_registration(user, passwordless=True))


def add(user: User, name: str, answer: str) -> None:
    """Keep the passkey with which a browser answered; refuse any other answer."""
    from allauth.mfa.webauthn.internal import auth

    credential = _read(answer)
    try:
        auth.parse_registration_response(credential)
        auth.complete_registration(credential)
        auth.WebAuthn.add(user, name[:40], credential)
    except (ValidationError, ValueError, KeyError, TypeError):
        raise PasskeyRefused from None


def options_to_sign_in(user: User | None) -> dict[str, Any]:
    """Return what a browser is asked at the door: any passkey, or one of this account."""
    from allauth.mfa.webauthn.internal import auth

    return _plain(auth.begin_authentication(user))


def judge(answer: str, *, of: User | None) -> User:
    """Return whose passkey answered; refuse what cannot be checked, and any account but ``of``."""
    from allauth.mfa.webauthn.internal import auth

    credential = _read(answer)
    try:
        auth.parse_authentication_response(credential)
        user = of if of is not None else auth.extract_user_from_response(credential)
        if not isinstance(user, User) or not user.is_active or user.kind != settings.END:
            raise PasskeyRefused
        row = auth.complete_authentication(user, credential)
        row.record_usage()
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError):
        raise PasskeyRefused from None
    finally:
        # A challenge is asked once, whatever came back.
        auth.clear_state()
    return user


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise PasskeyRefused
    try:
        found = json.loads(answer)
    except ValueError:
        raise PasskeyRefused from None
    if not isinstance(found, dict):
        raise PasskeyRefused
    return found


def _plain(options: dict[str, Any]) -> dict[str, Any]:
    inner = options["publicKey"]
    return dict(inner)
