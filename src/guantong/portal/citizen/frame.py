"""The frame around the pages of the citizen end: who is signed in, the language, the way home."""

from collections.abc import Mapping

from django.http import HttpRequest

from guantong.base.words import LANGUAGES
from guantong.portal.context import LANGUAGE_NAMES
from guantong.portal.reader import Reader, language_of


def frame(request: HttpRequest) -> Mapping[str, object]:
    """Return what ``base_citizen.html`` draws around the page (Django context processor)."""
    reader: Reader | None = getattr(request, "reader", None)
    language = language_of(request) if hasattr(request, "user") else "zh-CN"
    return {
        "frame": {
            "base": "base_citizen.html",
            "citizen": True,
            "language": language,
            "languages": [
                {"code": code, "name": LANGUAGE_NAMES[code], "current": code == language}
                for code in LANGUAGES
            ],
            "theme": "",
            "realm": None,
            "realms": [],
            "person": None,
            "signed_in": reader is not None,
            "language_href": "/language",
            "sign_out_href": "/sign-out",
            "here": request.get_full_path(),
        },
        "language": language,
    }
