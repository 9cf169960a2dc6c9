"""What goes out of the platform: the page of the person on call, with what was laid aside."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from guantong.access.api import Thing
from guantong.base import clock
from guantong.base.errors import NotFound
from guantong.base.words import say
from guantong.notices import api as notices
from guantong.notices.api import DELIVERY_CHIPS, ChannelView, DeliveryView
from guantong.notices.errors import BadChannels
from guantong.portal.lists import PAGE_ROWS, address, chip, hidden, pager
from guantong.portal.notice_words import delivery_light, delivery_state, said_words, when
from guantong.portal.reader import decide, page, reader_of
from guantong.portal.views_notices import HERE, NOBODY, uuid_of

DELIVERIES = f"{HERE}/deliveries"


@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """Show the channels, and what waits, went out, or was laid aside."""
    reader = reader_of(request)
    language = reader.language
    decide(request, "read", Thing(kind="fact"))
    show = request.GET.get("show", "")
    show = show if show in DELIVERY_CHIPS else DELIVERY_CHIPS[0]
    channel = request.GET.get("channel", "")
    found, counts = notices.deliveries(
        chip=show, channel=channel, after=request.GET.get("after"),
        before=request.GET.get("before"), most=PAGE_ROWS * 2,
    )  # fmt: skip
    filters = {"show": show if show != DELIVERY_CHIPS[0] else "", "channel": channel}
    now = clock.machine_now()
    return page(
        request,
        "notice_deliveries.html",
        chips=[
            chip(say(f"notices.deliveries.{name}", language),
                 address(DELIVERIES, show=name, channel=channel), current=name == show,
                 count=counts[name])
            for name in DELIVERY_CHIPS
        ],
        query_hidden=hidden(filters),
        channels=[_channel_row(state, now, language) for state in notices.channel_states()],
        setting=notices.SETTING,
        wrong=_wrong_file(language),
        rows=[_row(row, language) for row in found.rows],
        pager=pager(found, DELIVERIES, filters, language),
        again_href=f"{DELIVERIES}/again",
        give_up_href=f"{DELIVERIES}/give-up",
        aside=show == "aside",
    )  # fmt: skip


def _wrong_file(language: str) -> str | None:
    """Return what is wrong with the file of channels, for whoever can mend it."""
    try:
        notices.channels()
    except BadChannels as refusal:
        return refusal.sentence(language)
    return None


def _channel_row(state: ChannelView, now: datetime, language: str) -> dict[str, object]:
    rests = state.rests_until is not None and now < state.rests_until
    light = "red" if rests else "yellow" if state.failures else "green"
    key = "rests" if rests else "failing" if state.failures else "well"
    facts = {"at": when(state.rests_until, language), "count": state.failures}
    return {
        "name": state.name,
        "type": say(f"notices.channel.{state.type}", language),
        "light": light,
        "word": say(f"notices.channel_is.{key}", language, **facts),
        "waiting": state.waiting,
        "aside": state.aside,
        "oldest": when(state.oldest_at, language),
        "href": address(DELIVERIES, channel=state.name),
    }


def _row(row: DeliveryView, language: str) -> dict[str, object]:
    return {
        "id": row.id,
        "title": row.title(language) or say("notices.retired", language),
        "channel": row.channel,
        "light": delivery_light(row.state),
        "state": delivery_state(row.state, language),
        "said": said_words(row, language),
        "attempts": row.attempts,
        "queued": when(row.queued_at, language),
        "due": when(row.due_at, language),
        "ended": when(row.ended_at, language),
        "key": str(row.key or ""),
    }


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Send a delivery again that was laid aside."""
    return _mend(request, notices.try_again, "notices.again")


@require_POST
def give_up(request: HttpRequest) -> HttpResponse:
    """Let a delivery be that was laid aside."""
    return _mend(request, notices.give_up, "notices.let_be")


def _mend(request: HttpRequest, act: Callable[..., None], key: str) -> HttpResponse:
    reader = reader_of(request)
    decide(request, "administer", Thing(kind="fact"))
    chosen: UUID | None = uuid_of(request.POST.get("delivery", ""))
    if chosen is None or notices.delivery(chosen) is None:
        raise NotFound(what=say("notices.a_delivery", reader.language))
    act(chosen, by=reader.actor.person_id or NOBODY, at=clock.machine_now())
    messages.success(request, say(key, reader.language), extra_tags="fine")
    return HttpResponseRedirect(DELIVERIES)
