"""Who one is here: the person, the posts that count, the realm, and the key."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router

from guantong.access.api import KeyView
from guantong.orgs import api as orgs
from guantong.portal.api_v1 import shapes
from guantong.portal.api_v1.shapes import Post, Shape
from guantong.portal.reader import decide, reader_of
from guantong.portal.views_rights import own_thing

router = Router(tags=["oneself"])


class KeyFacts(Shape):
    """The access key that was shown."""

    id: UUID
    name: str
    acts: str = Field(description="read, or act")
    expires_at: datetime


class Oneself(Shape):
    """Who asks."""

    account: str
    person_id: UUID | None
    name: str
    posts: list[Post] = Field(description="The posts that count: with a key, the key's alone")
    realm: str = Field(description="live, or the exercise named", examples=["live"])
    now: datetime = Field(description="What time it is in that realm")
    language: str
    key: KeyFacts | None


@router.get(
    "/me",
    operation_id="who_am_i",
    response={200: Oneself, **shapes.ALWAYS},
    summary="Who one is here",
)
def who_am_i(request: HttpRequest) -> dict[str, Any]:
    """Return the person, the posts that count, the realm and its time, and the key."""
    reader = reader_of(request)
    decide(request, "read", own_thing(reader))
    key: KeyView | None = getattr(request, "access_key", None)
    names = orgs.unit_names([post.unit_id for post in reader.actor.posts], on=reader.on)
    chinese = reader.language == "zh-CN"
    return {
        "account": reader.actor.account,
        "person_id": reader.actor.person_id,
        "name": reader.actor.name,
        "posts": [
            {
                "unit": {
                    "id": post.unit_id,
                    "name": names.get(post.unit_id, ("", ""))[0 if chinese else 1],
                },
                "unit_code": post.unit_code,
                "post": post.post_code,
                "held": post.kind,
            }
            for post in reader.actor.posts
        ],
        "realm": reader.realm,
        "now": reader.now,
        "language": reader.language,
        "key": None
        if key is None
        else {"id": key.id, "name": key.name, "acts": key.acts, "expires_at": key.expires_at},
    }


@router.get(
    "/openapi.yaml",
    operation_id="read_description",
    response={**shapes.ALWAYS},
    openapi_extra={
        "responses": {
            200: {
                "content": {"application/yaml": {"schema": {"type": "object"}}},
                "description": "This description (OpenAPI 3.1)",
            }
        }
    },
    summary="The description of this interface",
)
def read_description(request: HttpRequest) -> HttpResponse:
    """Return the description of this interface, as it is committed with the sources."""
    from guantong.portal.api_v1.interface import description_text

    decide(request, "read", own_thing(reader_of(request)))
    return HttpResponse(description_text(), content_type="application/yaml; charset=utf-8")
