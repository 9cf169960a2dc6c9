"""Who has looked at my record and why; and what I do not understand is answered by somebody else.

DESIGN 1.3: from one record of a citizen up to everyone who has seen it and why.
"""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from guantong.access import api as access
from guantong.access.api import ContestView, LookView
from guantong.access.errors import ReasonMissing
from guantong.base import clock
from guantong.base.reading import moment_text
from guantong.base.realm import LIVE
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.portal.citizen.records import (
    Record,
    fields_of,
    look_of,
    own_look,
    record_named,
    records_of,
    who_of,
    why_of,
)
from guantong.portal.contest_notices import answering_units, tell_contest
from guantong.portal.lists import address, chip
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.views_export import ROWS_AT_ONCE, csv_file

HERE = "/looks"
ROWS = 20


@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """Show the looks at one record of the reader's, the newest first."""
    reader = reader_of(request)
    record = record_named(reader, request.GET.get("of", ""))
    decide(request, "read", own_look(reader, record))
    skip = _skip(request)
    found = access.looks_at(
        record.realm, record.thing, most=ROWS + 1, skip=skip, until=record.until
    )
    every = records_of(reader)
    more = len(found) > ROWS
    return page(
        request, "citizen/looks.html",
        record=record, rows=_rows(reader, record, found[:ROWS]),
        chips=[
            chip(one.title, address(HERE, of=one.key), current=one.key == record.key)
            for one in every
        ] if len(every) > 1 else [],
        export_href=address(f"{HERE}.csv", of=record.key),
        pager={
            "previous_href": address(HERE, of=record.key, skip=max(0, skip - ROWS) or "0")
            if skip else None,
            "next_href": address(HERE, of=record.key, skip=skip + ROWS) if more else None,
        },
    )  # fmt: skip


def _skip(request: HttpRequest) -> int:
    text = request.GET.get("skip", "")
    return min(int(text), 100_000) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _rows(reader: Reader, record: Record, found: Iterable[LookView]) -> list[dict[str, object]]:
    """Return looks as the page and the file show them; the same number of queries for any."""
    looks, language = list(found), reader.language
    people = orgs.names_of_people({look.person_id for look in looks})
    units = orgs.units_by_id({look.unit_id for look in looks if look.unit_id is not None})
    assert reader.actor.person_id is not None, "a citizen is a person"
    contests = access.contests_of(reader.actor.person_id, [look.id for look in looks])
    return [
        {
            "at": look.at,
            "who": who_of(look, language, units, people.get(look.person_id, ("", ""))[1]),
            "why": why_of(look, language),
            "fields": fields_of(record, look, language),
            "contest": _contest(contests.get(look.id), language),
            "contest_href": f"{HERE}/{look.id}/contest",
        }
        for look in looks
    ]


def _contest(view: ContestView | None, language: str) -> dict[str, object] | None:
    if view is None:
        return None
    state = view.outcome or "waiting"
    lights = {"waiting": "yellow", "founded": "red", "unfounded": "green"}
    return {
        "light": lights[state], "word": say(f"contest.state.{state}", language), "why": view.why,
        "answer": view.answer, "answer_by": view.answer_by, "answered_at": view.answered_at,
    }  # fmt: skip


@require_safe
def looks_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Export the looks at one record, with the contests and their answers."""
    reader = reader_of(request)
    language = reader.language
    record = record_named(reader, request.GET.get("of", ""))
    decision = decide(request, "read", own_look(reader, record))

    def rows() -> Iterator[list[object]]:
        skip = 0
        while True:
            found = access.looks_at(
                record.realm, record.thing, most=ROWS_AT_ONCE, skip=skip, until=record.until
            )
            for row in _rows(reader, record, found):
                contest = row["contest"]
                state = contest["word"] if isinstance(contest, dict) else ""
                answer = contest["answer"] if isinstance(contest, dict) else ""
                at = moment_text(row["at"], language)  # type: ignore[arg-type]
                yield [at, row["who"], row["why"], row["fields"], state, answer]
            skip += ROWS_AT_ONCE
            if len(found) < ROWS_AT_ONCE:
                return

    heads = ("citizen.looks.at", "citizen.looks.who", "citizen.looks.why", "citizen.looks.fields",
             "contest.state", "contest.answer")  # fmt: skip
    return csv_file(reader, decision, "looks", [say(key, language) for key in heads], rows())


@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: HttpRequest, id: UUID) -> HttpResponse:
    """Contest one look: one question; the answer is owed within five working days."""
    reader = reader_of(request)
    language = reader.language
    record, look = look_of(reader, id)
    decision = decide(request, "read", own_look(reader, record))
    why, errors = request.POST.get("why", "").strip(), dict[str, str]()
    if request.method == "POST":
        at = clock.now(LIVE)  # she waits in the real time, whichever record it is
        units, readers = answering_units(look, record.keeper_id, on=reader.on)
        try:
            with transaction.atomic():
                made = access.contest(
                    decision, look, realm=record.realm, units=[u.id for u in units], why=why, at=at
                )
                tell_contest(made, readers, at=at)
        except ReasonMissing as refusal:
            errors = {"why": refusal.sentence(language)}
        else:
            messages.success(request, say("citizen.contest.done", language), extra_tags="fine")
            return HttpResponseRedirect(address(HERE, of=record.key))
    row = _rows(reader, record, [look])[0]
    return page(
        request, "citizen/contest.html", status=422 if errors else 200,
        record=record, row=row, why=why, errors=errors, action=f"{HERE}/{id}/contest",
        back_href=address(HERE, of=record.key), most=access.MOST_WORDS,
        days=access.ANSWER_WORKING_DAYS,
    )  # fmt: skip
