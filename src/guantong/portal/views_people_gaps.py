"""Who answers for a role at a place on a day, and where a line has no unit of its own."""

import csv
import io
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from guantong.access.api import Rows, Thing
from guantong.base.spreadsheet import as_text
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.portal.lists import address, count_text
from guantong.portal.people_words import line_text
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.role_words import role_words
from guantong.portal.views_people import place_name
from guantong.portal.views_people_export import attached


def _gap_rows(reader: Reader, rows: Rows) -> list[dict[str, str]]:
    language = reader.language
    roles = [
        orgs.Role(line.id, tier)
        for line in orgs.lines().values()
        for tier in ("province", "city", "county")
        if tier in line.units
    ] + [orgs.Role(orgs.AREA, tier) for tier in orgs.TIERS]
    found = [gap for gap in orgs.gaps(roles, on=reader.on) if rows.covers(_place_of(gap))]
    known = orgs.places({_place_of(gap) for gap in found})
    listed = []
    for gap in found:
        place = _place_of(gap)
        answer = gap.sentence(language) if isinstance(gap, orgs.Gap) else gap.unit.name(language)
        role = gap.facts["role"] if isinstance(gap, orgs.Gap) else str(gap.fell_back_from)
        listed.append(
            {
                "place": place_name(known[place], language) if place in known else place,
                "code": place,
                "role": role_words(role, language),
                "answer": answer,
                "way": "" if isinstance(gap, orgs.Gap) else gap.way(language),
                "light": "red" if isinstance(gap, orgs.Gap) else "yellow",
                "state": say(f"people.gap.{_state(gap)}", language),
            }
        )
    return listed


def _state(gap: orgs.Gap | orgs.Responsibility) -> str:
    if isinstance(gap, orgs.Gap):
        return "nobody"
    last = gap.through[-1]
    return {orgs.NEXT_TIER: "higher", orgs.AREA_GOVERNMENT: "area"}.get(last, "line")


def _place_of(gap: orgs.Gap | orgs.Responsibility) -> str:
    return gap.facts["place"] if isinstance(gap, orgs.Gap) else gap.place


@require_safe
def gaps(request: HttpRequest) -> HttpResponse:
    """List the roles and places where a line has no unit of its own."""
    reader = reader_of(request)
    decision = decide(request, "read", Thing(kind="unit"))
    rows = _gap_rows(reader, decision.rows)
    language = reader.language
    columns = [
        {"label": say(f"people.gap.{name}", language), "right": False}
        for name in ("place", "role", "state", "answer", "way")
    ]
    return page(
        request,
        "people_gaps.html",
        title=say("people.gap.title", language),
        crumbs=[
            {"title": say("people.title", language), "href": "/people"},
            {"title": say("people.gap.title", language), "href": None},
        ],
        count=count_text(len(rows), language),
        columns=columns,
        rows=[
            {
                "cells": [
                    {"text": row["place"], "href": address("/people", place=row["code"])},
                    {"text": row["role"]},
                    {"text": row["state"], "light": row["light"]},
                    {"text": row["answer"]},
                    {"text": row["way"]},
                ]
            }
            for row in rows
        ],
    )


@require_safe
def gaps_csv(request: HttpRequest) -> HttpResponse:
    """Export the same list."""
    reader = reader_of(request)
    decision = decide(request, "read", Thing(kind="unit"))
    buffer = io.StringIO("\ufeff")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    names = ("code", "place", "role", "state", "answer", "way")
    writer.writerow([say(f"people.gap.{name}", reader.language) for name in names])
    for row in _gap_rows(reader, decision.rows):
        writer.writerow([as_text(row[name]) for name in names])
    return attached(buffer.getvalue().encode(), "gaps.csv", "text/csv; charset=utf-8")


@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    """Say who answers for a role at a place on a day, and through which link of its chain."""
    reader = reader_of(request)
    language = reader.language
    rows = decide(request, "read", Thing(kind="unit")).rows
    code, line = request.GET.get("place", ""), request.GET.get("line", "")
    tier = request.GET.get("tier", "county")
    own = reader.actor.posts[0].division_code if reader.actor.posts else ""
    code = code.strip()[:12] or own
    on = _day(request.GET.get("on", "")) or reader.on
    found: orgs.Gap | orgs.Responsibility | None = None
    if line in orgs.lines() and tier in orgs.TIERS:
        # Units are read as far as the reader reads the book: a place beyond is refused as such.
        if not rows.covers(code):
            decide(request, "read", Thing(kind="unit", division_code=code))
        role = orgs.Role.parse(f"{line}@{tier}")
        found = orgs.resolve(role, code, units=orgs.jurisdictions(on), on=on)
    place = orgs.division(code) if orgs.is_code(code) else None
    return page(
        request,
        "people_answers.html",
        title=say("people.answers.title", language),
        crumbs=[
            {"title": say("people.title", language), "href": "/people"},
            {"title": say("people.answers.title", language), "href": None},
        ],
        place=code,
        place_name=place_name(place, language) if place else code,
        line=line,
        tier=tier,
        on=on.isoformat(),
        lines=[
            {"id": one.id, "name": line_text(one.id, language)} for one in orgs.lines().values()
        ],
        tiers=[{"id": one, "name": say(f"orgs.tier.{one}", language)} for one in orgs.TIERS],
        asked=found is not None,
        gap=found.sentence(language) if isinstance(found, orgs.Gap) else "",
        answers=_who(found, on, language) if isinstance(found, orgs.Responsibility) else [],
        way=found.way(language) if isinstance(found, orgs.Responsibility) else "",
    )


def _who(found: orgs.Responsibility, on: date, language: str) -> list[dict[str, str]]:
    named = orgs.unit_names(
        [u.id for u in (found.unit, found.superior, found.coordinating) if u is not None], on=on
    )
    return [
        {
            "what": say(f"people.answers.{what}", language),
            "name": named[unit.id][0 if language == "zh-CN" else 1],
            "href": f"/units/{unit.id}",
        }
        for what, unit in (
            ("unit", found.unit),
            ("superior", found.superior),
            ("coordinating", found.coordinating),
        )
        if unit is not None
    ]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
