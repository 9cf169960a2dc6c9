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


def telephone() -> str:
    """Return the number people may call for help; none where none is named."""
    text = os.environ.get("GUANTONG_TELEPHONE", "").strip()
    if text and (len(text) > 20 or not set(text) <= set("0123456789+- ")):
        raise WrongSetting(name="GUANTONG_TELEPHONE", value=text[:40], takes="12345")
    return text


# The citizen end may have a provider of its own; the officials' is asked where it has none.
_OIDC = {
    "ISSUER": ("GUANTONG_OIDC_ISSUER", "GUANTONG_CITIZEN_OIDC_ISSUER"),
    "CLIENT_ID": ("GUANTONG_OIDC_CLIENT_ID", "GUANTONG_CITIZEN_OIDC_CLIENT_ID"),
    "CLIENT_SECRET_FILE": (
        "GUANTONG_OIDC_CLIENT_SECRET_FILE", "GUANTONG_CITIZEN_OIDC_CLIENT_SECRET_FILE",
    ),
    "NAME_ZH": ("GUANTONG_OIDC_NAME_ZH", "GUANTONG_CITIZEN_OIDC_NAME_ZH"),
    "NAME_EN": ("GUANTONG_OIDC_NAME_EN", "GUANTONG_CITIZEN_OIDC_NAME_EN"),
    "CLAIM": ("GUANTONG_OIDC_CLAIM", "GUANTONG_CITIZEN_OIDC_CLAIM"),
    "SCOPE": ("GUANTONG_OIDC_SCOPE", "GUANTONG_CITIZEN_OIDC_SCOPE"),
}  # fmt: skip


def _name(what: str) -> str:
    """Return which setting of the provider holds for the end this process serves."""
    own = end() == "citizen" and bool(os.environ.get("GUANTONG_CITIZEN_OIDC_ISSUER"))
    return _OIDC[what][1 if own else 0]


def _said(what: str) -> str:
    return os.environ.get(_name(what), "")


def issuer() -> str:
    """Return the address of the outside provider; none where none is named."""
    return _said("ISSUER").rstrip("/")


def key_rate() -> int:
    """Return how many requests one access key has in a minute."""
    return _number("GUANTONG_KEY_RATE", 300, least=10, most=100_000)


def providers() -> list[dict[str, Any]]:
    """Return the outside provider of identities as allauth wants it; none when none is named."""
    address = issuer()
    if not address:
        return []
    parts = urlsplit(address)
    # OIDC Discovery 1.0, section 2: the issuer is an https address; http only on this machine.
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise WrongSetting(name=_name("ISSUER"), value=address[:60], takes="https://…")
    client = _said("CLIENT_ID")
    if not client:
        raise WrongSetting(name=_name("CLIENT_ID"), value="", takes="client_id")
    return [
        {
            "provider_id": PROVIDER,
            "name": _said("NAME_EN") or parts.hostname,
            "client_id": client,
            "secret": _secret(),
            "settings": {
                "server_url": address,
                "issuer": address,
                "name_zh": _said("NAME_ZH") or parts.hostname,
                # Which claim holds the number under which the person stands in the organisation.
                "claim": _said("CLAIM") or "employee_number",
                "scope": (_said("SCOPE") or "openid profile").split(),
                "fetch_userinfo": False,
            },
        }
    ]


def _secret() -> str:
    named = _said("CLIENT_SECRET_FILE")
    if not named:
        return ""
    try:
        return Path(named).read_text(encoding="utf-8").strip()
    except OSError:
        raise WrongSetting(
            name=_name("CLIENT_SECRET_FILE"), value=named[:60], takes="/path/to/file"
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
