"""A reader's notices: the list, one notice, taking it on, and how one wants to be told."""

from collections.abc import Iterator, Sequence
from datetime import time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guantong.access.api import Thing
from guantong.base import clock
from guantong.base.errors import NotFound
from guantong.base.reading import moment_text
from guantong.base.words import say
from guantong.notices import api as notices
from guantong.notices.api import CHIPS, KINDS, MODES, Entry, NoticeView, Preference
from guantong.notices.errors import BadAddress
from guantong.portal.lists import PAGE_ROWS, address, chip, hidden, pager
from guantong.portal.notice_words import entry_row, standing, title_of
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.views_export import ROWS_AT_ONCE, csv_file
from guantong.portal.wording import left_text

HERE = "/notices"
NOBODY = UUID(int=0)


def readers_of(reader: Reader) -> Sequence[UUID]:
    """Return the persons this reader reads for: oneself, and those one stands in for."""
    return sorted(reader.actor.stands_for)


def units_of(request: HttpRequest) -> Sequence[UUID] | None:
    """Return the units for which an access key reads; None for a session, which reads for all."""
    if getattr(request, "access_key", None) is None:
        return None
    return reader_of(request).actor.unit_ids


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the reader's notices; ``show`` chooses which. What is shown has been received."""
    reader = reader_of(request)
    language, now = reader.language, reader.now
    decide(request, "read", own(reader))
    show = request.GET.get("show", "")
    show = show if show in CHIPS else CHIPS[0]
    text = request.GET.get("q", "").strip()
    found, counts = notices.inbox(
        reader.realm, readers_of(reader), chip=show, text=text, after=request.GET.get("after"),
        before=request.GET.get("before"), most=PAGE_ROWS,
    )  # fmt: skip
    _receive(reader, found.rows)
    filters = {"show": show if show != CHIPS[0] else "", "q": text}
    rows = [entry_row(entry, now, language, choosable=True) for entry in found.rows]
    may_send = may(reader, "send", Thing(kind="notice")).allowed
    return page(
        request,
        "notices.html",
        chips=[
            chip(say(f"notices.chip.{name}", language), address(HERE, show=name, q=text),
                 current=name == show, count=counts[name])
            for name in CHIPS
        ],
        q=text,
        query_hidden=hidden({"show": filters["show"]}),
        rows=rows,
        empty=_empty(show, text, language),
        pager=pager(found, HERE, filters, language),
        many={"name": "notice", "action": f"{HERE}/read"}
        if any(row["choosable"] for row in rows)
        else None,
        here=HERE,
        may_send=may_send,
        export_href=address(f"{HERE}.csv", **filters),
    )  # fmt: skip


def own(reader: Reader) -> Thing:
    """Return the reader's own notices."""
    return Thing(kind="notice", owner=reader.actor.person_id or NOBODY)


def _receive(reader: Reader, rows: Sequence[Entry]) -> None:
    new = {entry.notice.id for entry in rows if entry.received_at is None}
    notices.receive(reader.realm, readers_of(reader), new, at=reader.now)


def _empty(show: str, text: str, language: str) -> dict[str, str]:
    key = "found" if text else show
    return {
        "title": say(f"notices.empty.{key}.title", language),
        "text": say(f"notices.empty.{key}.text", language),
    }


@require_safe
def inbox_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Export the reader's notices as they are listed."""
    reader = reader_of(request)
    language = reader.language
    decision = decide(request, "read", own(reader))
    show = request.GET.get("show", "")
    show = show if show in CHIPS else CHIPS[0]
    text = request.GET.get("q", "").strip()

    def rows() -> Iterator[list[object]]:
        after: str | None = None
        while True:
            found, _ = notices.inbox(
                reader.realm, readers_of(reader), chip=show, text=text, after=after,
                most=ROWS_AT_ONCE,
            )  # fmt: skip
            for entry in found.rows:
                notice = entry.notice
                yield [
                    title_of(notice, language), notice.sender(language),
                    moment_text(notice.sent_at, language),
                    moment_text(notice.accept_by, language), moment_text(entry.read_at, language),
                    moment_text(entry.accepted_at, language),
                    standing(entry, reader.now, language)[1],
                ]  # fmt: skip
            after = found.after
            if after is None:
                return

    heads = ("export.title", "notices.from", "receipt.sent", "notices.accept_by", "receipt.read",
             "receipt.accepted", "case.state")  # fmt: skip
    return csv_file(reader, decision, "notices", [say(key, language) for key in heads], rows())


def find(reader: Reader, id: UUID) -> NoticeView:
    """Return a notice of the reader's realm, or refuse: it is not here."""
    found = notices.notice(reader.realm, id)
    if found is None:
        raise NotFound(what=say("access.kind.notice", reader.language))
    return found


def mine(request: HttpRequest, found: NoticeView, act: str) -> list[Entry]:
    """Return the reader's receipts of a notice; a notice to others is refused."""
    reader = reader_of(request)
    units = units_of(request)
    entries = notices.entries_of(reader.realm, found.id, readers_of(reader), units)
    sent = units is None or found.sender_unit_id is None or found.sender_unit_id in units
    sender = found.sender_id if sent else None
    owner = entries[0].person_id if entries else sender or NOBODY
    decide(request, act, Thing(kind="notice", owner=owner, object_id=found.id))
    return entries


@require_safe
def notice(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show a notice; opened by its reader it is read."""
    reader = reader_of(request)
    language = reader.language
    found = find(reader, id)
    entries = mine(request, found, "read")
    if found.state == "sent" and any(entry.read_at is None for entry in entries):
        notices.read(reader.realm, readers_of(reader), [id], at=reader.now)
        entries = notices.entries_of(reader.realm, id, readers_of(reader))
    # Whoever wrote it reads it as well, and has no receipt.
    entry = next((e for e in entries if e.waits()), entries[0] if entries else None)
    sent = found.sender_unit_id in reader.actor.unit_ids
    light, word = standing(entry, reader.now, language) if entry else ("grey", "")
    return page(
        request,
        "notice.html",
        notice={
            "title": title_of(found, language), "text": found.text(language),
            "urgent": found.urgent, "href": found.href,
            "withdrawn": found.state == "withdrawn",
        },
        light=light,
        light_word=word,
        facts=_facts(found, entry, language),
        crumbs=[{"title": say("notices.title", language), "href": HERE},
                {"title": title_of(found, language), "href": None}],
        waits=entry is not None and entry.waits(),
        left_text=left_text(found.accept_by, reader.now, language) if found.accept_by else "",
        late=entry is not None and entry.late(reader.now),
        accept_href=f"{HERE}/{id}/accept",
        receipts=receipt_steps(entry, found, language),
        receipts_href=f"{HERE}/{id}/receipts" if sent else None,
    )  # fmt: skip


def _facts(found: NoticeView, entry: Entry | None, language: str) -> list[dict[str, str]]:
    facts = [
        ("notices.from", found.sender(language) or say("notices.platform", language)),
        ("notices.kind", say(f"notices.kind.{found.kind}", language)),
        ("receipt.sent", moment_text(found.sent_at, language)),
    ]
    if found.accept_by is not None:
        facts.append(("notices.accept_by", moment_text(found.accept_by, language)))
    if entry is not None and entry.items > 1:
        facts.append(("notices.about", say("notices.items", language, count=entry.items)))
    return [{"label": say(key, language), "value": value} for key, value in facts]


def receipt_steps(entry: Entry | None, found: NoticeView, language: str) -> list[dict[str, object]]:
    """Return the chain of receipts; what only informs has no acceptance in it."""
    if entry is None:
        return []
    steps = [("sent", found.sent_at), ("received", entry.received_at), ("read", entry.read_at)]
    if found.asks == "acceptance":
        steps.append(("accepted", entry.accepted_at))
    return [
        {"label": say(f"receipt.{name}", language), "done": at is not None,
         "at": moment_text(at, language)}
        for name, at in steps
    ]  # fmt: skip


@require_POST
def accept(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take a notice on (签收) for the unit it was sent to."""
    reader = reader_of(request)
    found = find(reader, id)
    mine(request, found, "handle")
    person = reader.actor.person_id
    assert person is not None, "access lets only persons handle"
    notices.accept(reader.realm, id, readers=readers_of(reader), by=person, at=reader.now)
    said = say("notices.accepted", reader.language, title=title_of(found, reader.language))
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"{HERE}/{id}")


@require_POST
def read_many(request: HttpRequest) -> HttpResponse:
    """Mark the chosen notices as read; those of others among them stay as they are."""
    reader = reader_of(request)
    decide(request, "handle", own(reader))
    chosen = [id for text in request.POST.getlist("notice")[:PAGE_ROWS] if (id := uuid_of(text))]
    count = notices.read(reader.realm, readers_of(reader), chosen, at=reader.now)
    said = say("notices.marked", reader.language, count=count)
    messages.info(request, said, extra_tags="fine" if count else "caution")
    return HttpResponseRedirect(HERE)


def uuid_of(text: str) -> UUID | None:
    """Return what was sent as an id; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


# How one wants to be told


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Choose quiet hours, digests, channels and addresses."""
    reader = reader_of(request)
    person = reader.actor.person_id
    decide(request, "administer", Thing(kind="account", owner=person or NOBODY))
    assert person is not None, "an account without a person was refused"
    if request.method != "POST":
        chosen = notices.preference_of(person)
        mobile, mail = notices.own_addresses(person)
        return _settings_page(request, chosen, mobile, mail, errors={})
    return _choose(request, person)


def _choose(request: HttpRequest, person: UUID) -> HttpResponse:
    reader, post = reader_of(request), request.POST
    language = reader.language
    errors: dict[str, str] = {}
    times: dict[str, time | None] = {}
    for name in ("quiet_from", "quiet_to", "daily_at"):
        try:
            times[name] = _clock(post.get(name, ""))
        except ValueError:
            times[name] = None
            errors[name] = say("notices.settings.wrong_time", language)
    if (times["quiet_from"] is None) != (times["quiet_to"] is None) and not errors:
        errors["quiet_to"] = say("notices.settings.half_quiet", language)
    known = [setting.name for setting in notices.usable_channels().settings.values()]
    chosen = Preference(
        quiet_from=times["quiet_from"], quiet_to=times["quiet_to"],
        daily_at=times["daily_at"] or notices.STANDARD.daily_at,
        modes={k: post[f"mode_{k}"] for k in KINDS if post.get(f"mode_{k}") in MODES},
        through_quiet=frozenset(k for k in KINDS if post.get(f"through_{k}")),
        channels=tuple(name for name in known if post.get(f"channel_{name}")) if known else None,
    )  # fmt: skip
    mobile, mail = post.get("mobile", "").strip(), post.get("mail", "").strip()
    if not errors:
        try:
            notices.choose(person, chosen, mobile=mobile, mail=mail, at=clock.machine_now())
        except BadAddress as refusal:
            errors[str(refusal.facts["field"])] = refusal.sentence(language)
        else:
            messages.success(request, say("notices.settings.kept", language), extra_tags="fine")
            return HttpResponseRedirect(f"{HERE}/settings")
    return _settings_page(request, chosen, mobile, mail, errors=errors, status=422)


def _clock(text: str) -> time | None:
    """Return a time of day typed as 22:00; nothing for nothing."""
    plain = text.strip().replace("：", ":")
    return time.fromisoformat(plain.zfill(5)) if plain else None


def _settings_page(
    request: HttpRequest,
    chosen: Preference,
    mobile: str,
    mail: str,
    *,
    errors: dict[str, str],
    status: int = 200,
) -> HttpResponse:
    reader = reader_of(request)
    language = reader.language
    typed: dict[str, Any] = {
        "quiet_from": _shown(chosen.quiet_from), "quiet_to": _shown(chosen.quiet_to),
        "daily_at": _shown(chosen.daily_at), "mobile": mobile, "mail": mail,
    }  # fmt: skip
    if errors:
        typed |= {name: request.POST.get(name, "") for name in typed}
    return page(
        request,
        "notice_settings.html",
        status=status,
        crumbs=[{"title": say("notices.title", language), "href": HERE},
                {"title": say("notices.settings.title", language), "href": None}],
        fields={name: {"value": value, "error": errors.get(name)} for name, value in typed.items()},
        errors=[{"field": field, "sentence": said} for field, said in errors.items()],
        kinds=[
            {
                "code": kind, "label": say(f"notices.kind.{kind}", language),
                "modes": [
                    {"value": mode, "label": say(f"notices.mode.{mode}", language),
                     "current": chosen.mode(kind) == mode}
                    for mode in MODES
                ],
                "through": kind in chosen.through_quiet,
            }
            for kind in KINDS
        ],
        channels=[
            {
                "name": setting.name, "label": say(f"notices.channel.{setting.type}", language),
                "chosen": setting.default if chosen.channels is None
                else setting.name in chosen.channels,
            }
            for setting in notices.usable_channels().settings.values()
        ],
    )  # fmt: skip


def _shown(at: time | None) -> str:
    return "" if at is None else f"{at:%H:%M}"
