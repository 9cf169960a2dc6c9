"""A citizen's notices with their receipts: what was sent, what she has read, what she took on.

Only notices of what really happened are here; exercises are for officials (promise P12).
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from guantong.access.api import Thing
from guantong.base.errors import NotFound
from guantong.base.realm import LIVE
from guantong.base.words import say
from guantong.notices import api as notices
from guantong.notices.api import Entry
from guantong.portal.lists import address, chip, pager
from guantong.portal.notice_words import entry_row, standing, title_of
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.views_notices import NOBODY, receipt_steps
from guantong.portal.wording import left_text

HERE = "/notices"
SHOWN = ("all", "unread")
ROWS = 20


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the reader's notices, the newest first. What is shown has been received."""
    reader = reader_of(request)
    language, me = reader.language, _me(reader)
    decide(request, "read", Thing(kind="notice", owner=me))
    show = request.GET.get("show", "")
    show = show if show in SHOWN else SHOWN[0]
    found, counts = notices.inbox(
        LIVE, [me], chip=show, after=request.GET.get("after"), before=request.GET.get("before"),
        most=ROWS,
    )  # fmt: skip
    new = {entry.notice.id for entry in found.rows if entry.received_at is None}
    notices.receive(LIVE, [me], new, at=reader.now)
    return page(
        request, "citizen/notices.html",
        rows=[entry_row(entry, reader.now, language, choosable=False) for entry in found.rows],
        chips=[
            chip(say(f"notices.chip.{name}", language), address(HERE, show=name),
                 current=name == show, count=counts[name])
            for name in SHOWN
        ],
        empty={"title": say("citizen.notices.empty", language),
               "text": say("citizen.notices.empty_text", language)},
        pager=pager(found, HERE, {"show": show if show != SHOWN[0] else ""}, language),
    )  # fmt: skip


def _me(reader: Reader) -> UUID:
    return reader.actor.person_id or NOBODY


def _mine(request: HttpRequest, id: UUID, act: str) -> Entry:
    """Return the reader's receipt; a notice to somebody else is as if it were not there."""
    reader = reader_of(request)
    entries = notices.entries_of(LIVE, id, [_me(reader)])
    decide(request, act, Thing(kind="notice", owner=_me(reader), object_id=id))
    if not entries:
        raise NotFound(what=say("access.kind.notice", reader.language))
    return entries[0]


@require_safe
def notice(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show one notice; opened by its reader it is read."""
    reader = reader_of(request)
    language = reader.language
    entry = _mine(request, id, "read")
    if entry.read_at is None and entry.notice.state == "sent":
        notices.read(LIVE, [_me(reader)], [id], at=reader.now)
        entry = _mine(request, id, "read")
    found = entry.notice
    light, word = standing(entry, reader.now, language)
    return page(
        request, "citizen/notice.html",
        title=title_of(found, language), text=found.text(language), href=found.href,
        withdrawn=found.state == "withdrawn", light=light, light_word=word,
        sender=found.sender(language) or say("notices.platform", language),
        waits=entry.waits(), accept_href=f"{HERE}/{id}/accept",
        left_text=left_text(found.accept_by, reader.now, language) if found.accept_by else "",
        steps=receipt_steps(entry, found, language),
    )  # fmt: skip


@require_POST
def accept(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take a notice on (签收)."""
    reader = reader_of(request)
    entry = _mine(request, id, "handle")
    notices.accept(LIVE, id, readers=[_me(reader)], by=_me(reader), at=reader.now)
    said = say("notices.accepted", reader.language, title=title_of(entry.notice, reader.language))
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"{HERE}/{id}")
