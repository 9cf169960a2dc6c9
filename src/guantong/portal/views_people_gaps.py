"""Where nobody answers: the roles and places at which a line has no unit of its own."""

import csv
import io

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from guantong.access.api import Rows, Thing
from guantong.base.spreadsheet import as_text
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.portal.lists import address, count_text
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
                "light": "red" if isinstance(gap, orgs.Gap) else "yellow",
                "state": say(
                    "people.gap.nobody" if isinstance(gap, orgs.Gap) else "people.gap.higher",
                    language,
                ),
            }
        )
    return listed


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
        for name in ("place", "role", "state", "answer")
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
    names = ("code", "place", "role", "state", "answer")
    writer.writerow([say(f"people.gap.{name}", reader.language) for name in names])
    for row in _gap_rows(reader, decision.rows):
        writer.writerow([as_text(row[name]) for name in names])
    return attached(buffer.getvalue().encode(), "gaps.csv", "text/csv; charset=utf-8")
