"""The headcount of a plan item: should, done, remaining, from the province down to one household.

Every number is a count of task rows; a page declares which plan item and which objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from guantong.access.api import Rows, Thing
from guantong.base.errors import NotFound
from guantong.base.reading import figure_text
from guantong.base.words import say
from guantong.flows import api as flows
from guantong.flows.api import Headcount, SubjectState
from guantong.orgs import api as orgs
from guantong.orgs.api import DivisionRef
from guantong.packages.api import Package, all_installed
from guantong.portal.lists import address
from guantong.portal.object_words import (
    classes_of,
    column_word,
    invented_note,
    references,
    shown_columns,
    value_text,
)
from guantong.portal.purposes import FOR_RESPONSE, note_look
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.things import lead_lines
from guantong.registry.api import object_type, objects

HERE = "/evacuation"

# Below this share of households reported safe the light is yellow, below the next red (ours).
FINE, ENOUGH = 100.0, 60.0


@dataclass(frozen=True, slots=True)
class CountedPage:
    """A page of kind headcount: the package, the plan item and the objects counted."""

    package: Package
    title: str
    item: str
    object: str
    people: str | None


def counted_page(request: HttpRequest) -> CountedPage:
    """Return the headcount page of the installed packages, or refuse: there is none."""
    for package in all_installed():
        for document in package.each("pages"):
            if document.data["kind"] == "headcount":
                data = document.data
                return CountedPage(
                    package, data["title"], data["plan_item"], data["object"], data.get("people")
                )
    raise NotFound(what=request.path)


@require_safe
def evacuation(request: HttpRequest, division: str = "") -> HttpResponse:
    """Show the headcount of a division, one tier down; a village shows its households."""
    reader = reader_of(request)
    language = reader.language
    counted = counted_page(request)
    area = _area(request, division or _own(reader))
    decision = decide(
        request, "read",
        Thing(kind="figure", division_code=area.code, lines=lead_lines(counted.package.id)),
    )  # fmt: skip
    below = _below(area)
    rows = _count(reader, counted, area, decision.rows, below)
    total = _sum(rows)
    households: Mapping[str, Any] = {"households": [], "masked_note": None}
    exports = [
        {"href": address("/objects.csv", type=counted.object, division=area.code,
                         purpose=FOR_RESPONSE),
         "label": say("list.export_csv", language)}
    ]  # fmt: skip
    if below is None:
        households = _households(request, reader, counted, area)
    title = counted.package.say(counted.title, language)
    return page(
        request,
        "evacuation.html",
        title=title,
        area=_name(area, language),
        crumbs=_crumbs(reader, area, title),
        at=reader.now,
        invented_note=invented_note(counted.object, language),
        total=_figures(total, language),
        areas=_areas(rows, area, below, language),
        chips=[],
        exports=exports,
        pager={"count_text": "", "previous_href": None, "next_href": None},
        **households,
    )


def _own(reader: Reader) -> str:
    """Return the division of the reader's first post; without a post, the province."""
    return next((post.division_code for post in reader.actor.posts), "330000000000")


def _area(request: HttpRequest, code: str) -> DivisionRef:
    found = orgs.division(code) if orgs.is_code(code) else None
    if found is None:
        # Access names a place nobody knows, and the refusal is recorded.
        decide(request, "read", Thing(kind="figure", division_code=code))
        raise NotFound(what=code)
    return found


def _below(area: DivisionRef) -> orgs.Tier | None:
    place = orgs.TIERS.index(area.tier) + 1
    return orgs.TIERS[place] if place < len(orgs.TIERS) else None


def _count(
    reader: Reader, counted: CountedPage, area: DivisionRef, rows: Rows, below: orgs.Tier | None
) -> list[Headcount]:
    return flows.headcount(
        reader.realm, counted.package.id, counted.item, rows=rows, under=orgs.prefix(area.code),
        width=orgs.WIDTH[below or area.tier], now=reader.now, object=counted.object,
        people=counted.people,
    )  # fmt: skip


def _sum(rows: list[Headcount]) -> Headcount:
    names = ("should", "done", "verified", "remaining", "overdue", "people_remaining")
    sums = {name: sum(getattr(row, name) for row in rows) for name in names}
    return Headcount(division="", **sums)


def _figures(count: Headcount, language: str) -> dict[str, object]:
    percent = 100.0 * count.done / count.should if count.should else None
    light = "grey"
    if percent is not None:
        light = "green" if percent >= FINE else "yellow" if percent >= ENOUGH else "red"
    if count.overdue:
        light = "red"
    words = {
        "green": "evacuation.finished",
        "grey": "evacuation.nobody",
        "yellow": "evacuation.going",
    }
    late = say("evacuation.overdue", language, count=figure_text(count.overdue))
    return {
        "should": count.should,
        "done": count.done,
        "remaining": count.remaining,
        "people_remaining": count.people_remaining,
        "percent": percent,
        "percent_text": "" if percent is None else f"{percent:.1f}%",
        "light": light,
        "light_word": late
        if count.overdue
        else say(words.get(light, "evacuation.behind"), language),
    }


def _areas(
    rows: list[Headcount], area: DivisionRef, below: orgs.Tier | None, language: str
) -> list[dict[str, object]]:
    if below is None:
        return []
    known = orgs.places(row.division.ljust(12, "0") for row in rows)
    found = []
    for row in rows:
        place = known.get(row.division.ljust(12, "0"))
        if place is not None:
            href = f"{HERE}/{place.code}"
            found.append({"name": _name(place, language), "href": href, **_figures(row, language)})
    return found


def _name(place: DivisionRef, language: str) -> str:
    return place.name if language == "zh-CN" else place.name_en


def _crumbs(reader: Reader, area: DivisionRef, title: str) -> list[dict[str, object]]:
    """Return the way down to the area, as far up as the reader's posts reach."""
    codes = [code for tier in orgs.TIERS if (code := orgs.lift(area.code, tier)) is not None]
    mine = [c for c in codes if any(orgs.covers(p.division_code, c) for p in reader.actor.posts)]
    known = orgs.places(mine)
    found: list[dict[str, object]] = [
        {
            "title": _name(known[c], reader.language),
            "href": f"{HERE}/{c}" if c != area.code else None,
        }
        for c in mine
        if c in known
    ]
    return [{"title": title, "href": HERE}, *found]


def _households(
    request: HttpRequest, reader: Reader, counted: CountedPage, area: DivisionRef
) -> Mapping[str, Any]:
    """Return the objects of a village and how the task about each stands."""
    language = reader.language
    known = object_type(counted.object)
    decision = decide(
        request, "read",
        Thing(kind="object", division_code=area.code, lines=lead_lines(counted.package.id),
              package=known.package, type=known.id),
        purpose=FOR_RESPONSE,
    )  # fmt: skip
    under = orgs.prefix(area.code)
    states = flows.subject_states(reader.realm, counted.package.id, counted.item, under=under)
    views = objects(
        reader.realm, counted.object, rows=decision.rows, masks=decision.masks, under=under,
        ids=set(states),
    )  # fmt: skip
    named = references(counted.package, reader.realm, views, under=under[: orgs.WIDTH["township"]])
    doers = orgs.names_of_people({s.doer_id for s in states.values() if s.doer_id is not None})
    columns = shown_columns(known)
    rows = []
    for view in views:
        state = states[view.id]
        safe = state.state in ("completed", "verified", "closed_out")
        cells = [
            named.get((name, str(view.body.get(name))))
            or value_text(view.type, name, view.body.get(name), language)
            for name in columns
        ]
        rows.append(
            {
                "number": view.key, "href": f"/objects/{view.id}", "cells": cells,
                "light": _light(state, reader), "light_word": _word(state, safe, reader),
                "safe_at": state.completed_at if safe else None,
                "safe_by": doers[state.doer_id][1] if safe and state.doer_id in doers else None,
            }
        )  # fmt: skip
    masked = any(view.masked for view in views)
    if views:
        note_look(reader, decision, classes_of(counted.object), rows=len(views))
    return {
        "households": rows,
        "household_columns": [column_word(counted.object, name, language) for name in columns],
        "masked_note": say("household.masked_note", language) if masked else None,
    }


def _light(state: SubjectState, reader: Reader) -> str:
    if state.state in ("completed", "verified", "closed_out"):
        return "green"
    return "red" if state.limit_at < reader.now else "yellow"


def _word(state: SubjectState, safe: bool, reader: Reader) -> str:
    done = say("household.safe" if safe else "household.waiting", reader.language)
    return f"{done} · {say(f'state.{state.state}', reader.language)}"
