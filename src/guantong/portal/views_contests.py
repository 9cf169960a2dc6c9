"""Contested looks at the official end: the heads who may answer, and the answer.

The page shows which look it is and what the citizen asks, and not who the citizen is: that is in
the record, which an answer may or may not need.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from guantong.access import api as access
from guantong.access.api import ContestView
from guantong.access.errors import ReasonMissing
from guantong.base import clock
from guantong.base.errors import NotFound
from guantong.base.realm import LIVE
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.portal.citizen.records import why_of
from guantong.portal.contest_notices import exercise_words, tell_answer
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.views_rights import own_thing

HERE = "/contests"


@require_safe
def contests(request: HttpRequest) -> HttpResponse:
    """List the contests that the reader may answer, the open ones first."""
    reader = reader_of(request)
    decide(request, "read", own_thing(reader))
    found = [
        view for view in access.contests_for(reader.actor.unit_ids)
        if may(reader, "approve", view.thing).allowed
    ]  # fmt: skip
    return page(
        request, "contests.html",
        crumbs=[{"title": say("rights.requests", reader.language), "href": "/rights/requests"},
                {"title": say("contest.title", reader.language), "href": None}],
        rows=[_row(reader, view) for view in found],
        empty={"title": say("contest.empty.title", reader.language),
               "text": say("contest.empty.text", reader.language)},
    )  # fmt: skip


def _row(reader: Reader, view: ContestView) -> dict[str, Any]:
    state = view.outcome or "waiting"
    late = state == "waiting" and view.answer_by < clock.now(LIVE)
    lights = {"waiting": "red" if late else "yellow", "founded": "grey", "unfounded": "grey"}
    return {
        "id": view.id, "href": f"{HERE}/{view.id}", "title": view.why[:80],
        "facts": [words for words in [exercise_words(view.realm, reader.language)] if words],
        "light": lights[state], "light_word": say(f"contest.state.{state}", reader.language),
        "state": "", "late": late, "left_text": "", "choosable": False,
    }  # fmt: skip


def _found(reader: Reader, id: UUID) -> ContestView:
    view = access.contest_by_id(id)
    if view is None:
        raise NotFound(what=say("contest.title", reader.language))
    return view


@require_safe
def one(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show one contest to whoever may answer it."""
    reader = reader_of(request)
    view = _found(reader, id)
    decide(request, "approve", view.thing)
    return _page(request, view, {}, "")


def _page(
    request: HttpRequest, view: ContestView, errors: dict[str, str], typed: str
) -> HttpResponse:
    reader = reader_of(request)
    language = reader.language
    look = access.look_by_id(view.look_id)
    people = orgs.names_of_people(
        [view.looker_id, *([view.answered_by] if view.answered_by else [])]
    )
    units = orgs.units_by_id([look.unit_id] if look.unit_id is not None else [])
    unit = units[look.unit_id].name(language) if look.unit_id in units else ""
    return page(
        request, "contest.html", status=422 if errors else 200,
        crumbs=[{"title": say("contest.title", language), "href": HERE},
                {"title": say("contest.one", language), "href": None}],
        contest=view, row=_row(reader, view), exercise=exercise_words(view.realm, language),
        look={"at": look.at, "who": f"{unit} {people.get(view.looker_id, ('', ''))[1]}",
              "why": why_of(look, language)},
        answered_by=people.get(view.answered_by, ("", ""))[1] if view.answered_by else "",
        errors=errors, typed=typed, most=access.MOST_WORDS, action=f"{HERE}/{view.id}/answer",
    )  # fmt: skip


@require_POST
def answer(request: HttpRequest, id: UUID) -> HttpResponse:
    """Answer a contest: founded or not, with a sentence that the citizen reads."""
    reader = reader_of(request)
    view = _found(reader, id)
    decision = decide(request, "approve", view.thing)
    typed, outcome = request.POST.get("answer", ""), request.POST.get("outcome", "")
    if outcome not in access.OUTCOMES:
        errors = {"outcome": say("contest.no_outcome", reader.language)}
        return _page(request, view, errors, typed)
    at = clock.now(LIVE)
    person = reader.actor.person_id
    assert person is not None, "access lets only persons answer"
    unit_id = decision.post.unit_id if decision.post is not None else view.unit_ids[0]
    try:
        with transaction.atomic():
            # Receipts first, then the contest: whoever hands them on locks in the same order.
            tell_answer(view, unit=orgs.units_by_id([unit_id]).get(unit_id), by=person, at=at)
            access.answer_contest(decision, view, founded=outcome == "founded", answer=typed, at=at)
    except ReasonMissing as refusal:
        return _page(request, view, {"answer": refusal.sentence(reader.language)}, typed)
    messages.success(request, say("contest.done", reader.language), extra_tags="fine")
    return HttpResponseRedirect(f"{HERE}/{id}")
