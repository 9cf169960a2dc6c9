"""One search over what the reader may see: cases, tasks of the own units, numbers of objects."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from guantong.access import api as access
from guantong.access.api import Thing
from guantong.base.words import say
from guantong.flows import api as flows
from guantong.flows.api import CHIPS
from guantong.portal.lists import count_text
from guantong.portal.object_words import title_of
from guantong.portal.reader import Reader, page, reader_of
from guantong.portal.things import lead_lines
from guantong.portal.views_case import all_leads, case_rows
from guantong.portal.views_inbox import read_inbox, search_for, task_rows
from guantong.portal.wording import place_name, places_of
from guantong.registry.api import ObjectView, object_types, objects

MOST = 20


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what a text is found in."""
    reader = reader_of(request)
    language = reader.language
    text = request.GET.get("q", "").strip()
    rows = _found(reader, text) if text else []
    return page(
        request,
        "cases.html",
        title=say("search.title", language, text=text),
        crumbs=[],
        chips=[],
        q=text,
        search_label=say("frame.search_hint", language),
        query_hidden=[],
        here="/search",
        rows=rows,
        empty={
            "title": say("search.empty", language, text=text),
            "text": say("search.empty_text", language),
        },
        pager={
            "count_text": count_text(len(rows), language),
            "previous_href": None,
            "next_href": None,
        },
        export_href=None,
    )


def _found(reader: Reader, text: str) -> list[dict[str, object]]:
    wanted = search_for(text, reader)
    things = Thing(kind="case", lines=all_leads())
    allowed = access.decide(reader.actor, "read", things, realm=reader.realm)
    rows: list[dict[str, object]] = []
    if allowed.allowed:
        cases, _ = flows.cases(
            reader.realm, rows=allowed.rows, now=reader.now, search=wanted, most=MOST
        )
        known = places_of(case.division_code for case in cases.rows)
        rows += case_rows(cases.rows, reader, known)
    tasks, _ = read_inbox(reader, CHIPS[0], text, most=MOST)
    rows += task_rows(tasks.rows, reader, places_of(task.division_code for task in tasks.rows))
    return rows + _objects(reader, text)


def _objects(reader: Reader, text: str) -> list[dict[str, object]]:
    """Return objects whose whole public number was typed."""
    found: list[ObjectView] = []
    for known in object_types():
        thing = Thing(
            kind="object", lines=lead_lines(known.package), package=known.package, type=known.id
        )
        answer = access.decide(reader.actor, "read", thing, realm=reader.realm)
        if answer.allowed:
            found += objects(reader.realm, known.id, rows=answer.rows, keys=[text], most=MOST)
    places = places_of(view.division_code for view in found)
    return [
        {
            "id": view.id, "href": f"/objects/{view.id}", "title": title_of(view, reader.language),
            "facts": [place_name(view.division_code, places, reader.language)], "light": "grey",
            "light_word": "", "state": "", "late": False, "left_text": "", "choosable": False,
        }
        for view in found
    ]  # fmt: skip
