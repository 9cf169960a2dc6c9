"""Sealed fields: ask to see them, answer as a second person, take back; and who asked for what."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guantong.access import api as access
from guantong.access.api import ApprovalView
from guantong.base import clock
from guantong.base.errors import NotFound
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.portal.lists import address
from guantong.portal.purposes import purpose_options
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.records import Record, record_of
from guantong.portal.step_up import ask_again
from guantong.portal.views_rights import own_thing

HERE = "/rights/requests"


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, kind: str, id: UUID) -> HttpResponse:
    """Ask to see the sealed fields of one record for one purpose."""
    reader = reader_of(request)
    record = record_of(reader, kind, id)
    decision = decide(request, "read", record.thing)
    if request.method != "POST":
        return _form(request, record, {}, {})
    typed = {name: request.POST.get(name, "").strip() for name in ("purpose", "why", "hours")}
    wrong = _wrong(typed, reader.language)
    if wrong:
        return _form(request, record, typed, wrong)
    access.ask_to_see(
        decision, units=record.answering, titles=record.titles, href=record.href,
        purpose=typed["purpose"], why=typed["why"], hours=int(typed["hours"]),
        at=clock.machine_now(),
    )  # fmt: skip
    messages.success(request, say("rights.asked", reader.language), extra_tags="fine")
    return HttpResponseRedirect(HERE)


def _wrong(typed: dict[str, str], language: str) -> dict[str, str]:
    found = {}
    if typed["purpose"] not in access.PURPOSES:
        found["purpose"] = say("rights.wrong_purpose", language)
    if not typed["why"] or len(typed["why"]) > access.MOST_WORDS:
        found["why"] = say("rights.wrong_why", language, most=access.MOST_WORDS)
    if typed["hours"] not in {str(hours) for hours in access.HOURS}:
        found["hours"] = say("rights.wrong_hours", language)
    return found


def _form(
    request: HttpRequest, record: Record, typed: dict[str, str], wrong: dict[str, str]
) -> HttpResponse:
    language = reader_of(request).language
    title = record.titles[0 if language == "zh-CN" else 1]
    hours = [
        {"value": str(h), "label": say("rights.hours", language, hours=h)} for h in access.HOURS
    ]
    fields: list[dict[str, Any]] = [
        {"name": "purpose", "widget": "select", "options": purpose_options(language)},
        {"name": "why", "widget": "textarea", "max_length": access.MOST_WORDS,
         "hint": say("rights.why_hint", language)},
        {"name": "hours", "widget": "select", "options": hours},
    ]  # fmt: skip
    form = {
        "action": request.path,
        "hidden": [],
        "fields": [
            {
                "label": say(f"rights.field.{field['name']}", language), "required": True,
                "value": typed.get(str(field["name"]), ""), "error": wrong.get(str(field["name"])),
                **field,
            }
            for field in fields
        ],
        "errors": [{"field": name, "sentence": sentence} for name, sentence in wrong.items()],
        "buttons": [{"label": say("rights.ask", language)}],
        "note": say("rights.ask_note", language),
    }  # fmt: skip
    heads = orgs.units_by_id(record.answering)
    return page(
        request, "rights_ask.html", status=422 if wrong else 200,
        crumbs=[{"title": title, "href": record.href},
                {"title": say("rights.ask_title", language), "href": None}],
        record=title, form=form,
        answering=[heads[id].name(language) for id in record.answering if id in heads],
    )  # fmt: skip


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Show the requests one made, those one may answer, and what is open by them."""
    reader = reader_of(request)
    decide(request, "read", own_thing(reader))
    assert reader.actor.person_id is not None, "one's own account has a person"
    own = access.approvals(reader.realm, asker=reader.actor.person_id)
    units = access.approvals(reader.realm, units=reader.actor.unit_ids)
    answered = [
        view for view in units
        if may(reader, "approve", view.thing).allowed or may(reader, "withdraw", view.thing).allowed
    ]  # fmt: skip
    answered = [view for view in answered if view.asker_id != reader.actor.person_id]
    people = orgs.names_of_people({view.asker_id for view in answered})
    return page(
        request, "rights_requests.html",
        crumbs=[{"title": say("rights.title", reader.language), "href": "/rights"},
                {"title": say("rights.requests", reader.language), "href": None}],
        waiting=[_row(reader, v, people) for v in answered if v.state == "asked"],
        answered=[_row(reader, v, people) for v in answered if v.state != "asked"],
        own=[_row(reader, v, people) for v in own],
    )  # fmt: skip


def _row(
    reader: Reader, view: ApprovalView, people: dict[UUID, tuple[str, str]]
) -> dict[str, object]:
    language, now = reader.language, clock.machine_now()
    state = view.state
    if state == "approved" and not view.stands(now):
        state = "over"
    lights = {"asked": "yellow", "approved": "green", "refused": "red"}
    return {
        "href": f"{HERE}/{view.id}", "title": view.title(language),
        "who": people.get(view.asker_id, ("", ""))[1],
        "purpose": say(f"access.purpose.{view.purpose}", language),
        "light": lights.get(state, "grey"), "state": say(f"rights.state.{state}", language),
        "at": view.asked_at, "until": view.valid_until if state == "approved" else None,
    }  # fmt: skip


def _found(reader: Reader, id: UUID) -> ApprovalView:
    view = access.approval(id)
    if view is None or view.realm != reader.realm:
        raise NotFound(what=say("access.kind.look", reader.language))
    return view


@require_safe
def one(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show one request with what the reader may do about it."""
    reader = reader_of(request)
    view = _found(reader, id)
    decide(request, "read", view.thing)
    return _one(request, view, None)


def _one(request: HttpRequest, view: ApprovalView, wrong: str | None) -> HttpResponse:
    reader = reader_of(request)
    language = reader.language
    ids = [i for i in (view.asker_id, view.decided_by) if i is not None]
    people = orgs.names_of_people(ids)
    row = _row(reader, view, people)
    approve = may(reader, "approve", view.thing)
    answerable = view.state == "asked" and approve.allowed
    mine = view.asker_id == reader.actor.person_id
    standing = (view.state == "asked" and mine) or view.stands(clock.machine_now())
    open_now = view.stands(clock.machine_now()) and view.asker_id == reader.actor.person_id
    decided = people.get(view.decided_by, ("", ""))[1] if view.decided_by is not None else None
    return page(
        request, "rights_request.html", status=422 if wrong else 200,
        crumbs=[{"title": say("rights.requests", language), "href": HERE},
                {"title": view.title(language), "href": None}],
        row=row, why=view.why, hours=say("rights.hours", language, hours=view.hours),
        decided_by=decided, decided_at=view.decided_at, answer=view.answer, href=view.href,
        open_href=address(view.href, purpose=view.purpose) if open_now else None,
        answerable=answerable, wrong=wrong,
        refused=approve.sentence(language) if view.state == "asked" and not answerable else None,
        may_withdraw=standing and may(reader, "withdraw", view.thing).allowed,
        action=f"{HERE}/{view.id}/act",
    )  # fmt: skip


@require_POST
def act(request: HttpRequest, id: UUID) -> HttpResponse:
    """Approve or refuse a request as a second person, or take it back."""
    reader = reader_of(request)
    view = _found(reader, id)
    what = request.POST.get("act", "")
    at = clock.machine_now()
    if what == "withdraw":
        decision = decide(request, "withdraw", view.thing)
        access.take_back_request(decision, view, at=at)
    elif what in ("approve", "refuse"):
        decision = decide(request, "approve", view.thing)
        if what == "approve" and (asked := ask_again(request, f"{HERE}/{id}")) is not None:
            return asked
        note = request.POST.get("answer", "").strip()
        if what == "refuse" and not note:
            return _one(request, view, say("rights.wrong_answer", reader.language))
        access.answer_request(decision, view, approve=what == "approve", note=note, at=at)
    else:
        decide(request, "read", view.thing)
        raise NotFound(what=say("access.kind.look", reader.language))
    messages.success(request, say(f"rights.done.{what}", reader.language), extra_tags="fine")
    return HttpResponseRedirect(f"{HERE}/{id}")
