"""A reader's notices: the list, one notice, and taking it on."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router

from guantong.notices import api as notices
from guantong.notices.api import Entry, NoticeView
from guantong.portal.api_v1 import shapes
from guantong.portal.api_v1.once import Token, done_once, earlier, plain
from guantong.portal.api_v1.shapes import Cursor, Shape
from guantong.portal.lists import PAGE_ROWS
from guantong.portal.notice_words import title_of
from guantong.portal.reader import decide, reader_of
from guantong.portal.views_notices import find, mine, own, readers_of, units_of

router = Router(tags=["notices"])


class NoticeShort(Shape):
    """A notice in somebody's list, with that reader's receipt."""

    id: UUID
    title: str
    kind: str
    sender: str
    urgent: bool
    asks: str = Field(description="acceptance, or reading", examples=["acceptance"])
    state: str
    sent_at: datetime
    accept_by: datetime | None
    received_at: datetime | None
    read_at: datetime | None
    accepted_at: datetime | None


class NoticePage(Shape):
    """A page of notices; ``after`` leads to the next one and is null on the last."""

    rows: list[NoticeShort]
    total: int
    after: str | None


class NoticeWhole(NoticeShort):
    """One notice with its text."""

    text: str


class Accepted(Shape):
    """A notice that was taken on."""

    id: UUID
    accepted_at: datetime | None


@router.get(
    "",
    operation_id="list_notices",
    response={200: NoticePage, **shapes.ALWAYS},
    summary="One's notices",
)
def list_notices(
    request: HttpRequest,
    show: Annotated[Literal["unread", "accept", "all"],
                    Query(description="Not read, to be accepted, or all")] = "all",
    q: Annotated[str, shapes.search("A text in title or text")] = "",
    after: Annotated[Cursor | None, Query(description="The cursor of the page before")] = None,
) -> dict[str, Any]:  # fmt: skip
    """Return up to 25 notices to the key's person. A program that lists them is no receipt."""
    reader = reader_of(request)
    decide(request, "read", own(reader))
    found, _ = notices.inbox(
        reader.realm, readers_of(reader), chip=show, text=q.strip(), after=after, most=PAGE_ROWS,
        units=units_of(request),
    )  # fmt: skip
    return {
        "rows": [_short(entry.notice, entry, reader.language) for entry in found.rows],
        "total": found.total,
        "after": found.after,
    }


@router.get(
    "/{uuid:id}",
    operation_id="read_notice",
    response={200: NoticeWhole, **shapes.OF_ONE},
    summary="One notice",
)
def read_notice(request: HttpRequest, id: UUID) -> dict[str, Any]:
    """Return a notice to its readers and to whoever sent it."""
    reader = reader_of(request)
    found = find(reader, id)
    entries = mine(request, found, "read")
    entry = next((e for e in entries if e.waits()), entries[0] if entries else None)
    return {
        **_short(found, entry, reader.language),
        "text": found.text(reader.language),
    }


@router.post(
    "/{uuid:id}/acceptance",
    operation_id="accept_notice",
    response={200: Accepted, **shapes.OF_AN_ACT},
    summary="Take a notice on",
)
def accept_notice(
    request: HttpRequest, response: HttpResponse, id: UUID, token: Token
) -> dict[str, Any]:
    """Take a notice on (签收) for the unit it was sent to; it counts as read, too."""
    reader = reader_of(request)
    found = find(reader, id)
    mine(request, found, "handle")
    before = earlier(token, request, {})
    if before is not None:
        return done_once(request, response, token, {}, dict)
    person = reader.actor.person_id
    assert person is not None, "access lets only persons handle"

    def do() -> dict[str, Any]:
        readers, units = readers_of(reader), units_of(request)
        notices.accept(reader.realm, id, readers=readers, by=person, at=reader.now, units=units)
        entries = notices.entries_of(reader.realm, id, readers, units)
        at = next((e.accepted_at for e in entries if e.accepted_at is not None), None)
        return plain(id, accepted_at=None if at is None else at.isoformat())

    return done_once(request, response, token, {}, do)


def _short(found: NoticeView, entry: Entry | None, language: str) -> dict[str, Any]:
    return {
        "id": found.id,
        "title": title_of(found, language),
        "kind": found.kind,
        "sender": found.sender(language),
        "urgent": found.urgent,
        "asks": found.asks,
        "state": found.state,
        "sent_at": found.sent_at,
        "accept_by": found.accept_by,
        "received_at": entry.received_at if entry is not None else None,
        "read_at": entry.read_at if entry is not None else None,
        "accepted_at": entry.accepted_at if entry is not None else None,
    }
