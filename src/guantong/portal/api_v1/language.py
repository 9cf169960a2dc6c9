"""In which language the interface answers: the one asked for, else that of the account."""

from django.http import HttpRequest

from guantong.access.api import User
from guantong.base.words import LANGUAGES

CHINESE, ENGLISH = "zh-CN", "en"


def language_asked(request: HttpRequest, user: User | None = None) -> str:
    """Return the first language of Accept-Language that we speak; its weights are left alone."""
    for part in request.headers.get("Accept-Language", "").lower().split(","):
        wanted = part.partition(";")[0].strip()
        if wanted.startswith("en"):
            return ENGLISH
        if wanted.startswith("zh"):
            return CHINESE
    return user.language if user is not None and user.language in LANGUAGES else CHINESE
