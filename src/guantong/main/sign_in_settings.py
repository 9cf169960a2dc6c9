"""What the environment says about signing in, read once and refused when it cannot be meant.

Which end a process serves, who must show a second factor, when an idle session ends, how many
proxies stand before us, and the outside provider of identities (OpenID Connect).
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from guantong.main.errors import WrongSetting

ENDS = ("official", "citizen")
POLICIES = ("administrators", "required", "optional")
# The name of the one provider in addresses and in the table of links.
PROVIDER = "oidc"


def end() -> str:
    """Return which end this process serves."""
    return _one_of("GUANTONG_END", ENDS)


def second_factor() -> str:
    """Return who must have a second factor."""
    return _one_of("GUANTONG_SECOND_FACTOR", POLICIES)


def idle_minutes() -> int:
    """Return after how many minutes without use a session ends: an hour, or less or more."""
    return _number("GUANTONG_IDLE_MINUTES", 60, least=5, most=720)


def proxies() -> int:
    """Return how many proxies of ours stand before the web process; what they add is believed."""
    return _number("GUANTONG_PROXIES", 0, least=0, most=8)


def key_rate() -> int:
    """Return how many requests one access key has in a minute."""
    return _number("GUANTONG_KEY_RATE", 300, least=10, most=100_000)


def providers() -> list[dict[str, Any]]:
    """Return the outside provider of identities as allauth wants it; none when none is named."""
    issuer = os.environ.get("GUANTONG_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return []
    parts = urlsplit(issuer)
    # OIDC Discovery 1.0, section 2: the issuer is an https address; http only on this machine.
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise WrongSetting(name="GUANTONG_OIDC_ISSUER", value=issuer[:60], takes="https://…")
    client = os.environ.get("GUANTONG_OIDC_CLIENT_ID", "")
    if not client:
        raise WrongSetting(name="GUANTONG_OIDC_CLIENT_ID", value="", takes="client_id")
    return [
        {
            "provider_id": PROVIDER,
            "name": os.environ.get("GUANTONG_OIDC_NAME_EN") or parts.hostname,
            "client_id": client,
            "secret": _secret(),
            "settings": {
                "server_url": issuer,
                "issuer": issuer,
                "name_zh": os.environ.get("GUANTONG_OIDC_NAME_ZH") or parts.hostname,
                # Which claim holds the number under which the person stands in the organisation.
                "claim": os.environ.get("GUANTONG_OIDC_CLAIM") or "employee_number",
                "scope": (os.environ.get("GUANTONG_OIDC_SCOPE") or "openid profile").split(),
                "fetch_userinfo": False,
            },
        }
    ]


def _secret() -> str:
    named = os.environ.get("GUANTONG_OIDC_CLIENT_SECRET_FILE", "")
    if not named:
        return ""
    try:
        return Path(named).read_text(encoding="utf-8").strip()
    except OSError:
        raise WrongSetting(
            name="GUANTONG_OIDC_CLIENT_SECRET_FILE", value=named[:60], takes="/path/to/file"
        ) from None


def _one_of(name: str, values: tuple[str, ...]) -> str:
    value = os.environ.get(name) or values[0]
    if value not in values:
        raise WrongSetting(name=name, value=value[:40], takes=" | ".join(values))
    return value


def _number(name: str, otherwise: int, *, least: int, most: int) -> int:
    text = os.environ.get(name) or str(otherwise)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise WrongSetting(name=name, value=text[:40], takes=f"{least}-{most}")
    return int(text)
