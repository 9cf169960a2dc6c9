"""The frame around the pages of the citizen end: who is signed in, the language, the way home."""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest

from guantong.base.realm import LIVE
from guantong.base.words import LANGUAGES, say
from guantong.notices import api as notices
from guantong.portal.context import LANGUAGE_NAMES
from guantong.portal.reader import Reader, language_of

# Larger letters (长辈版) are chosen for a device, so that they are there before signing in, too.
READING_COOKIE, ELDER = "reading", "elder"
# The service line of every place (政务服务便民热线, 国办发〔2020〕53号).
TELEPHONE = "12345"


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
            "elder": request.COOKIES.get(READING_COOKIE) == ELDER,
            "telephone": settings.TELEPHONE or TELEPHONE,
            "idle_minutes": settings.SESSION_IDLE_MINUTES,
            "pages": _pages(reader, request.path) if reader is not None else [],
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


def _pages(reader: Reader, path: str) -> list[dict[str, object]]:
    """Return the pages of a citizen who is signed in, with what waits on each."""
    named = (("/", "citizen.home.title"), ("/notices", "citizen.notices.title"),
             ("/looks", "citizen.looks.short"), ("/account", "account.title"))  # fmt: skip
    waiting = notices.unread(LIVE, sorted(reader.actor.stands_for))
    return [
        {"href": href, "label": say(key, reader.language),
         "current": path == href or (href != "/" and path.startswith(href)),
         "count": waiting if href == "/notices" else None}
        for href, key in named
    ]  # fmt: skip
