"""What a unit has sent: the list, who has read and accepted it, reminding, taking it back."""

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.views.decorators.http import require_POST, require_safe

from guantong.access.api import Decision, Thing
from guantong.base.reading import figure_text, moment_text
from guantong.base.words import say
from guantong.notices import api as notices
from guantong.notices.api import RECEIPT_CHIPS, NoticeView, ReceiptView, Sent
from guantong.orgs import api as orgs
from guantong.portal.lists import PAGE_ROWS, address, chip, hidden, pager
from guantong.portal.notice_words import (
    delivery_light,
    delivery_state,
    out_words,
    receipt_light,
    receipt_word,
    said_words,
    title_of,
    when,
)
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.views_export import ROWS_AT_ONCE, csv_file
from guantong.portal.views_notices import HERE, find, readers_of, uuid_of

SENT = f"{HERE}/sent"


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Show what the reader's units have sent, and how far it has come."""
    reader = reader_of(request)
    language = reader.language
    decide(request, "send", Thing(kind="notice"))
    text = request.GET.get("q", "").strip()
    found = notices.sent(
        reader.realm, reader.actor.unit_ids, text=text, after=request.GET.get("after"),
        before=request.GET.get("before"), most=PAGE_ROWS,
    )  # fmt: skip
    return page(
        request,
        "notices_sent.html",
        crumbs=[{"title": say("notices.title", language), "href": HERE},
                {"title": say("notices.sent.title", language), "href": None}],
        q=text,
        here=SENT,
        rows=[_sent_row(row, reader) for row in found.rows],
        empty={"title": say("notices.empty.sent.title", language),
               "text": say("notices.empty.sent.text", language)},
        pager=pager(found, SENT, {"q": text}, language),
    )  # fmt: skip


def _sent_row(row: Sent, reader: Reader) -> dict[str, object]:
    language, notice = reader.language, row.notice
    asked = notice.asks == "acceptance"
    done, wanted = (row.accepted if asked else row.read), row.readers
    late = notice.accept_by is not None and notice.accept_by < reader.now and done < wanted
    light = "green" if done >= wanted else "red" if late else "yellow"
    if notice.state == "withdrawn":
        light, word = "grey", say("notices.state.withdrawn", language)
    else:
        key = "notices.sent.accepted" if asked else "notices.sent.read"
        word = say(key, language, done=figure_text(done), all=figure_text(wanted))
    return {
        "id": notice.id,
        "href": f"{HERE}/{notice.id}/receipts",
        "title": title_of(notice, language),
        "facts": [notice.sender(language), moment_text(notice.sent_at, language)],
        "light": light,
        "light_word": word,
        "state": "",
        "late": late,
        "left_text": "",
        "choosable": False,
    }


def _sender_thing(found: NoticeView) -> Thing:
    """Return a sent notice as what its sending unit, and nobody else, works on."""
    units = (found.sender_unit_id,) if found.sender_unit_id is not None else (found.id,)
    return Thing(kind="notice", unit_ids=units, object_id=found.id)


def _look(request: HttpRequest, found: NoticeView) -> Decision:
    """Ask whether the reader may look at the receipts: the sender, and whoever was told of them."""
    reader = reader_of(request)
    told = notices.readers_above(reader.realm, found.id, readers_of(reader))
    if told and not may(reader, "send", _sender_thing(found)).allowed:
        owner = reader.actor.person_id
        return decide(request, "read", Thing(kind="notice", owner=owner, object_id=found.id))
    return decide(request, "send", _sender_thing(found))


@require_safe
def receipts(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show who has received, read and accepted a notice, and who has not."""
    reader = reader_of(request)
    language, here = reader.language, f"{HERE}/{id}/receipts"
    found = find(reader, id)
    _look(request, found)
    show = request.GET.get("show", "")
    show = show if show in RECEIPT_CHIPS else RECEIPT_CHIPS[0]
    text = request.GET.get("q", "").strip()
    rows, counts = notices.receipts(
        reader.realm, id, chip=show, text=text, after=request.GET.get("after"),
        before=request.GET.get("before"), most=PAGE_ROWS * 2,
    )  # fmt: skip
    asked = found.asks == "acceptance"
    chips = [name for name in RECEIPT_CHIPS if asked or name in ("all", "unread", "read")]
    filters = {"show": show if show != RECEIPT_CHIPS[0] else "", "q": text}
    mine = may(reader, "send", _sender_thing(found)).allowed
    open_ones = counts["waiting"] if asked else counts["unread"]
    sent_on = found.state == "sent"
    names = orgs.names_of_people(row.person_id for row in rows.rows)
    return page(
        request,
        "notice_receipts.html",
        crumbs=[{"title": say("notices.title", language), "href": HERE},
                {"title": say("notices.sent.title", language), "href": SENT},
                {"title": title_of(found, language), "href": None}],
        title=title_of(found, language),
        text=found.text(language),
        facts=_facts(found, language),
        withdrawn=found.state == "withdrawn",
        chips=[
            chip(say(f"notices.receipts.{name}", language), address(here, show=name, q=text),
                 current=name == show, count=counts[name])
            for name in chips
        ],
        q=text,
        query_hidden=hidden({"show": filters["show"]}),
        here=here,
        asked=asked,
        rows=[_receipt_row(row, found, names, reader) for row in rows.rows],
        pager=pager(rows, here, filters, language),
        remind_href=f"{HERE}/{id}/remind" if mine and open_ones and sent_on else None,
        remind_text=say("notices.remind_all", language, count=figure_text(open_ones)),
        withdraw_href=f"{HERE}/{id}/withdraw"
        if mine and sent_on and reader.now < found.releases_at else None,
        export_href=address(f"{HERE}/{id}/receipts.csv", **filters),
        aside=[
            {
                "id": d.id, "channel": d.channel, "light": delivery_light(d.state),
                "state": delivery_state(d.state, language), "said": said_words(d, language),
                "at": when(d.ended_at, language), "again_href": f"{HERE}/{id}/send-again",
            }
            for d in notices.aside_of(reader.realm, id)
        ] if mine else [],
    )  # fmt: skip


def _facts(found: NoticeView, language: str) -> list[dict[str, str]]:
    facts = [
        ("notices.from", found.sender(language) or say("notices.platform", language)),
        ("receipt.sent", moment_text(found.sent_at, language)),
        ("notices.asks", say(f"notices.asks.{found.asks}", language)),
    ]
    if found.accept_by is not None:
        facts.append(("notices.accept_by", moment_text(found.accept_by, language)))
    return [{"label": say(key, language), "value": value} for key, value in facts]


def _receipt_row(
    row: ReceiptView, found: NoticeView, names: dict[UUID, tuple[str, str]], reader: Reader
) -> dict[str, object]:
    language = reader.language
    return {
        "id": row.id,
        "unit": row.unit(language) or say("notices.person", language),
        "person": names.get(row.person_id, ("", ""))[1],
        "light": receipt_light(row, found, reader.now),
        "word": receipt_word(row, language),
        "received": when(row.received_at, language),
        "read": when(row.read_at, language),
        "accepted": when(row.accepted_at, language),
        "reminded": row.reminded_times,
        "supervised": row.supervised_at is not None,
        "out": out_words(row.out, language),
        "open": row.ended_at is None
        and (row.accepted_at is None if found.asks == "acceptance" else row.read_at is None),
    }


@require_safe
def receipts_csv(request: HttpRequest, id: UUID) -> StreamingHttpResponse:
    """Export the receipts of a notice."""
    reader = reader_of(request)
    language = reader.language
    found = find(reader, id)
    decision = _look(request, found)
    show = request.GET.get("show", "")
    show = show if show in RECEIPT_CHIPS else RECEIPT_CHIPS[0]
    text = request.GET.get("q", "").strip()

    def rows() -> Iterator[list[object]]:
        after: str | None = None
        while True:
            part, _ = notices.receipts(
                reader.realm, id, chip=show, text=text, after=after, most=ROWS_AT_ONCE
            )
            names = orgs.names_of_people(row.person_id for row in part.rows)
            for row in part.rows:
                yield [
                    row.unit(language), names.get(row.person_id, ("", ""))[1],
                    receipt_word(row, language), moment_text(row.sent_at, language),
                    moment_text(row.received_at, language), moment_text(row.read_at, language),
                    moment_text(row.accepted_at, language), row.reminded_times,
                    out_words(row.out, language),
                ]  # fmt: skip
            after = part.after
            if after is None:
                return

    heads = ("notices.unit", "notices.reader", "case.state", "receipt.sent", "receipt.received",
             "receipt.read", "receipt.accepted", "notices.reminders", "notices.out")  # fmt: skip
    return csv_file(reader, decision, "receipts", [say(key, language) for key in heads], rows())


@require_POST
def remind(request: HttpRequest, id: UUID) -> HttpResponse:
    """Remind (催办) one reader, or all who have not accepted or read yet."""
    reader = reader_of(request)
    decide(request, "send", _sender_thing(find(reader, id)))
    one = uuid_of(request.POST.get("receipt", ""))
    count = notices.remind(
        reader.realm, id, at=reader.now, by=reader.actor.person_id,
        receipts=None if one is None else [one],
    )  # fmt: skip
    said = say("notices.reminded_now", reader.language, count=figure_text(count))
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"{HERE}/{id}/receipts")


@require_POST
def withdraw(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take a notice back before it has gone out of the platform."""
    reader = reader_of(request)
    decide(request, "send", _sender_thing(find(reader, id)))
    person = reader.actor.person_id
    assert person is not None, "access lets only persons send"
    notices.withdraw(reader.realm, id, by=person, at=reader.now)
    said = say("notices.withdrawn", reader.language)
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"{HERE}/{id}/receipts")


@require_POST
def send_again(request: HttpRequest, id: UUID) -> HttpResponse:
    """Send a message again of which nobody knows whether it arrived: the sender decides."""
    reader = reader_of(request)
    decide(request, "send", _sender_thing(find(reader, id)))
    chosen = uuid_of(request.POST.get("delivery", ""))
    found = notices.delivery(chosen) if chosen is not None else None
    person = reader.actor.person_id
    assert person is not None, "access lets only persons send"
    if found is not None and found.notice_id == id:
        notices.try_again(found.id, by=person, at=reader.now)
        said = say("notices.again", reader.language)
        messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"{HERE}/{id}/receipts")
