"""The outside provider of identities as the settings name it: its name, and that there is one.

Apart from the views that talk to it, so that the sign-in page need not load its protocol.
"""

from typing import Any

from django.conf import settings

from guantong.access.api import OFFICIAL


def provider_app() -> dict[str, Any] | None:
    """Return what the settings say of the provider; None where none is named."""
    named: dict[str, dict[str, Any]] = settings.SOCIALACCOUNT_PROVIDERS
    apps = named["openid_connect"]["APPS"]
    return apps[0] if apps else None


def provider_key() -> str:
    """Return under which name identities are linked: the two ends may ask different providers.

    So a subject of the citizens' provider is never taken for the same subject of the officials'.
    """
    app = provider_app()
    assert app is not None, "a provider answered, so the settings name one"
    own = str(app["provider_id"])
    return own if settings.END == OFFICIAL else f"{own}-{settings.END}"


def provider_name(language: str) -> str | None:
    """Return what people know the provider by."""
    app = provider_app()
    if app is None:
        return None
    return str(app["settings"]["name_zh"] if language == "zh-CN" else app["name"])
