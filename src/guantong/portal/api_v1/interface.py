"""All operations together, and their description (``docs/api/openapi.yaml``)."""

import functools
from typing import Any

import yaml
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from guantong.base.errors import GuantongError
from guantong.portal.api_v1 import (
    applications,
    cases,
    figures,
    files,
    notices,
    oneself,
    openings,
    organisation,
    proofs,
    rights,
    tasks,
)
from guantong.portal.api_v1.door import FOLDER, REALM_HEADER
from guantong.portal.api_v1.refusals import (
    Unreadable,
    fault_answer,
    refusal_answer,
    unreadable_answer,
)

TITLE = "Guantong 贯通"
ABOUT = """What other systems read and do here, as the pages do it: the same decision who may, the
same leaves in the log. A person makes an access key on the page of the own account
(/account/keys); it acts as that person, in one post. How to begin: docs/operating/api.md.
"""
_STATUS_WORDS = {
    401: "No access key and no session, or one that has ended",
    403: "Refused: the sentence says why, who may, and whom to ask",
    404: "Not here, or not in this realm",
    405: "The address does not take this method",
    409: "The state of the thing forbids it",
    413: "The body is too large",
    415: "The body is no JSON",
    422: "The request is not as described here",
    429: "Too many requests with this key within a minute",
}

api = NinjaAPI(title=TITLE, version="1", description=ABOUT, docs_url=None, openapi_url=None)
for prefix, router in (
    ("/tasks", tasks.router), ("/cases", cases.router), ("/notices", notices.router),
    ("/figures", figures.router), ("/apps", applications.router), ("/may", rights.router),
    ("", oneself.router), ("", openings.router), ("", organisation.router), ("", proofs.router),
    ("", files.router),
):  # fmt: skip
    api.add_router(prefix, router)


@api.exception_handler(GuantongError)
def _refused(request: HttpRequest, error: GuantongError) -> HttpResponse:
    return refusal_answer(request, error)


@api.exception_handler(ValidationError)
def _unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return unreadable_answer(request, error)


@api.exception_handler(HttpError)
def _no_json(request: HttpRequest, error: HttpError) -> HttpResponse:
    # The one that the framework raises: the body is no JSON at all.
    del error
    return refusal_answer(request, Unreadable(where="body", what="json_invalid"))


@api.exception_handler(Exception)
def _fault(request: HttpRequest, error: Exception) -> HttpResponse:
    return fault_answer(request, error)


def urlpatterns() -> list[URLPattern | URLResolver]:
    """Return the addresses of the operations; the framework's own pages are left out."""
    return [
        pattern for bound in api._get_bound_routers() for pattern in bound.urls_paths(bound.prefix)
    ]


def description() -> dict[str, Any]:
    """Return the description of all operations (OpenAPI 3.1)."""
    found: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=FOLDER))
    found["servers"] = [{"url": "/"}]
    found["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An access key"}
    }
    found["security"] = [{"key": []}]
    for path in found["paths"].values():
        for operation in path.values():
            _complete(operation)
    plain: dict[str, Any] = yaml.safe_load(yaml.safe_dump(_plain(found)))
    return plain


def _complete(operation: dict[str, Any]) -> None:
    """Add what every operation takes, and say what each answer means."""
    operation["description"] = " ".join(operation["description"].split())
    operation.setdefault("parameters", []).extend(
        [
            {
                "name": REALM_HEADER, "in": "header", "required": False,
                "description": "live (the default with a key), or the name of an exercise",
                "schema": {"type": "string", "pattern": "^(live|exercise:[a-z0-9-]{1,60})$"},
            },
            {
                "name": "Accept-Language", "in": "header", "required": False,
                "description": "zh or en; without it, the language of the account",
                "schema": {"type": "string", "examples": ["en"]},
            },
        ]
    )  # fmt: skip
    for status, answer in operation["responses"].items():
        if int(status) in _STATUS_WORDS:
            answer["description"] = _STATUS_WORDS[int(status)]
    operation["responses"] = dict(sorted(operation["responses"].items(), key=lambda p: int(p[0])))


def _plain(value: Any) -> Any:
    """Return a description in plain values, its keys as texts."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


@functools.cache
def description_text() -> str:
    """Return the description as the file that is committed."""
    return yaml.safe_dump(description(), allow_unicode=True, sort_keys=False, width=120)
