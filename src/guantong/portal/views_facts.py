"""Facts that could not be handed on: what failed, why, and a press to try again or set aside."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from guantong.access.api import Thing
from guantong.base import clock, laid_aside
from guantong.base.errors import NotFound
from guantong.base.laid_aside import Fact
from guantong.base.outbox import MOST_ATTEMPTS
from guantong.base.reading import figure_text, moment_text, short_moment_text
from guantong.base.words import say
from guantong.portal import fact_acts
from guantong.portal.lists import PAGE_ROWS, address, chip
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.views_operations import actor_of

HERE = "/operations/facts"
THING = Thing(kind="fact")
_LIGHTS = {"dead": "red", "retrying": "yellow", "waiting": "blue", "set_aside": "grey"}


@require_safe
def facts(request: HttpRequest) -> HttpResponse:
    """Show facts by their state and kind, newest first."""
    reader = reader_of(request)
    decide(request, "read", THING)
    language = reader.language
    show = request.GET.get("show", "")
    show = show if show in laid_aside.STATES else "dead"
    event = request.GET.get("event", "")[:100]
    before = request.GET.get("before", "")
    found = laid_aside.facts(
        show, event=event, most=PAGE_ROWS + 1,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
    )  # fmt: skip
    more = len(found) > PAGE_ROWS
    found = found[:PAGE_ROWS]
    counts = laid_aside.counts()
    administers = may(reader, "administer", THING).allowed
    return page(
        request,
        "operations_facts.html",
        crumbs=_crumbs(language),
        chips=[
            chip(say(f"operations.facts.{state}", language), address(HERE, show=state),
                 current=state == show, count=counts[state])
            for state in laid_aside.STATES
        ],
        kinds=[
            {"event": kind.event, "title": event_word(kind.event, language), "count": kind.count,
             "current": kind.event == event, "href": address(HERE, show=show, event=kind.event)}
            for kind in laid_aside.kinds(show)
        ],
        all_href=address(HERE, show=show) if event else None,
        may_try_kinds=administers and show == "dead",
        rows=[_row(fact, reader) for fact in found],
        empty={
            "title": say("operations.facts_empty", language),
            "text": say(f"operations.facts_empty.{show}", language),
        },
        pager={
            "count_text": "",
            "previous_href": None,
            "next_href": address(HERE, show=show, event=event, before=found[-1].seq)
            if more else None,
        },
    )  # fmt: skip


@require_safe
def fact(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show one fact: what it says, how often it was tried, the fault, and what can be done."""
    return _fact_page(request, id)


@require_POST
def act(request: HttpRequest, id: UUID) -> HttpResponse:
    """Try a fact again, set it aside with a reason, or take that back."""
    reader = reader_of(request)
    decide(request, "administer", Thing(kind="fact", object_id=id))
    known = laid_aside.fact(id)
    if known is None:
        raise NotFound(what=str(id))
    actor, at = actor_of(request), clock.machine_now()
    match request.POST.get("act"):
        case "try_again":
            done, word = bool(fact_acts.try_again(ids=[id], actor=actor, at=at)), "tried_again"
        case "set_aside":
            reason = request.POST.get("reason", "").strip()
            if not 0 < len(reason) <= fact_acts.MOST_LETTERS:
                error = "operations.reason_missing" if not reason else "operations.reason_long"
                said = say(error, reader.language, most=fact_acts.MOST_LETTERS)
                return _fact_page(request, id, reason=reason, error=said)
            done, word = fact_acts.set_aside(id, reason=reason, actor=actor, at=at), "was_set_aside"
        case "take_back":
            done, word = fact_acts.take_back(id, actor=actor, at=at), "was_taken_back"
        case _:
            done, word = False, ""
    key, tag = (f"operations.{word}", "fine") if done else ("operations.nothing_done", "caution")
    messages.info(request, say(key, reader.language), extra_tags=tag)
    return HttpResponseRedirect(f"{HERE}/{id}")


@require_POST
def try_kind(request: HttpRequest) -> HttpResponse:
    """Try all facts of one kind again that were laid aside."""
    reader = reader_of(request)
    decide(request, "administer", THING)
    event = request.POST.get("event", "")[:100]
    again = fact_acts.try_again(event=event, actor=actor_of(request), at=clock.machine_now())
    said = say("operations.kind_again", reader.language, count=figure_text(len(again)))
    messages.info(request, said, extra_tags="fine" if again else "caution")
    return HttpResponseRedirect(f"{HERE}?show=dead")


def _fact_page(
    request: HttpRequest, id: UUID, *, reason: str = "", error: str = ""
) -> HttpResponse:
    reader = reader_of(request)
    language = reader.language
    thing = Thing(kind="fact", object_id=id)
    decide(request, "read", thing)
    known = laid_aside.fact(id)
    if known is None:
        raise NotFound(what=str(id))
    administers = may(reader, "administer", thing).allowed
    state = state_of(known)
    title = event_word(known.event, language)
    return page(
        request,
        "operations_fact.html",
        status=422 if error else 200,
        crumbs=[*_crumbs(language), {"title": say("operations.facts", language), "href": HERE},
                {"title": title, "href": None}],
        title=title,
        fact=known,
        state=say(f"operations.facts.{state}", language),
        light=_LIGHTS.get(state, "green"),
        about=say(f"operations.about.{state}", language, most=MOST_ATTEMPTS),
        facts=_facts_of(known, language),
        body=orjson.dumps(known.body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode(),
        may_try=administers and state in ("dead", "retrying"),
        may_set_aside=administers and state == "dead",
        may_take_back=administers and state == "set_aside",
        act_href=f"{HERE}/{quote(str(id))}/act",
        reason=reason,
        error=error,
        most=fact_acts.MOST_LETTERS,
    )  # fmt: skip


def event_word(event: str, language: str) -> str:
    """Return what a kind of fact says, in words; one of a later release by its own name."""
    key = f"operations.event.{event}"
    word = say(key, language)
    return event if word == key else word


def state_of(fact: Fact) -> str:
    """Return the state in which an operator finds a fact; one handed on is ``done``."""
    return "retrying" if fact.state == "waiting" and fact.attempts else fact.state


def _facts_of(fact: Fact, language: str) -> list[dict[str, Any]]:
    pairs = (
        ("number", str(fact.seq)),
        ("written", moment_text(fact.written_at, language)),
        ("realm", say("realm.live", language) if fact.realm == "live" else fact.realm),
        ("subject", fact.subject.partition(":")[2]),
        ("attempts", figure_text(fact.attempts)),
        ("failed", moment_text(fact.failed_at, language)),
        ("next_try", moment_text(fact.try_at, language) if fact.state == "waiting" else ""),
        ("reason", fact.reason),
    )
    return [
        {"label": say(f"operations.column.{name}", language), "text": text}
        for name, text in pairs
        if text
    ]


def _row(fact: Fact, reader: Reader) -> dict[str, object]:
    language = reader.language
    state = state_of(fact)
    return {
        "id": fact.id,
        "href": f"{HERE}/{fact.id}",
        "title": event_word(fact.event, language),
        "facts": [f for f in (fact.fault_line, fact.subject.partition(":")[2]) if f],
        "light": _LIGHTS[state],
        "light_word": say("operations.attempts", language, count=figure_text(fact.attempts)),
        "state": "",
        "late": False,
        "left_text": short_moment_text(fact.written_at, language),
        "choosable": False,
    }


def _crumbs(language: str) -> list[dict[str, str | None]]:
    return [{"title": say("operations.title", language), "href": "/operations"}]
