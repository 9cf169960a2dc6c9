"""A figure and all that stands behind it: definition, source, time, parts and the very rows.

Page and file are cut to the same rows; what the reader may not see counts for nothing here.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from guantong.access.api import Rows, Thing
from guantong.base.errors import NotFound
from guantong.base.reading import figure_text
from guantong.base.words import say
from guantong.bpmn.api import duration
from guantong.brain import api as brain
from guantong.orgs.api import WIDTH, divisions, places, prefix
from guantong.packages.api import (
    Package,
    installed,
    light_word,
    name_of,
    now_in,
    place_of,
    rows_within,
    tier_below,
    unit_word,
)
from guantong.portal.delivery_log import note
from guantong.portal.evidence_table import Table, table
from guantong.portal.lists import address, chip, count_text
from guantong.portal.purposes import purpose_of
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.role_words import role_words
from guantong.portal.things import lead_lines
from guantong.portal.views_cockpit import area_asked, decide_figure
from guantong.portal.wording import LEVELS

MOST_SHOWN = 500
MOST_EXPORTED = 200_000

# What a spreadsheet would take for a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@require_safe
def figure(request: HttpRequest, id: str) -> HttpResponse:
    """Show a figure of an area with its definition and its rows."""
    reader = reader_of(request)
    indicator, package = declared(id)
    area = area_asked(reader, request.GET.get("area"))
    answer = decide_figure(request, area)
    rows, now = rows_within(answer.rows, area), now_in(reader.realm)
    place = place_of(area)
    # The figure is for whoever may see the area; its rows are as good as their export.
    whole = may(reader, "read", rows_of_figure(package, area))
    seen = rows_within(whole.rows, area) if whole.allowed else Rows()
    with brain.together():
        found = brain.figure(indicator, realm=reader.realm, rows=rows, now=now)
        evidence = brain.evidence(
            indicator, realm=reader.realm, rows=seen, now=now, most=MOST_SHOWN + 1
        )
    more = len(evidence) > MOST_SHOWN
    shown = table(
        package, indicator, evidence[:MOST_SHOWN], answer,
        realm=reader.realm, rows=rows, language=reader.language,
    )  # fmt: skip
    title = package.say(indicator.title, reader.language)
    return page(
        request,
        "figure.html",
        figure=_definition(found, package, reader) | {"area": name_of(place, reader.language)},
        columns=shown.columns(),
        rows=shown.cells(),
        rows_note=(
            _note(shown, more=more, language=reader.language)
            if whole.allowed
            else whole.sentence(reader.language)
        ),
        exports=[]
        if not whole.allowed
        else [
            {
                "href": address(f"/figures/{id}.csv", area=area),
                "label": say("list.export_csv", reader.language),
            }
        ],
        pager={"count_text": "" if more else count_text(len(evidence), reader.language)},
        areas=_areas(indicator, reader, rows, area),
        crumbs=[*_above(id, area, answer.rows, reader), {"title": title, "href": None}],
    )


@require_safe
def figure_csv(request: HttpRequest, id: str) -> HttpResponseBase:
    """Return the rows of a figure as a file, for the lead line and the area only."""
    area = request.GET.get("area")
    made, _ = rows_for_export(request, id, area, most=MOST_EXPORTED)
    name = f"{id}-{area_asked(reader_of(request), area)}.csv"
    response = StreamingHttpResponse(_lines(made), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def rows_for_export(
    request: HttpRequest, id: str, asked: str | None, *, most: int = MOST_SHOWN
) -> tuple[Table, bool]:
    """Return the rows behind a figure as files have them, and whether there are more; noted."""
    reader = reader_of(request)
    indicator, package = declared(id)
    area = area_asked(reader, asked)
    answer = decide(request, "read", rows_of_figure(package, area), purpose=purpose_of(request))
    rows = rows_within(answer.rows, area)
    place_of(area)
    evidence = brain.evidence(
        indicator, realm=reader.realm, rows=rows, now=now_in(reader.realm), most=most + 1
    )
    made = table(
        package, indicator, evidence[:most], answer,
        realm=reader.realm, rows=rows, language=reader.language, plain=True,
    )  # fmt: skip
    note(reader, "export", answer, facts={"figure": id})
    return made, len(evidence) > most


def rows_of_figure(package: Package, area: str) -> Thing:
    """Return the rows of a figure as access is asked about them: they are as good as an export."""
    return Thing(kind="export", division_code=area, lines=lead_lines(package.id))


def _lines(made: Table) -> Iterator[bytes]:
    """Yield the file; the mark in front tells a spreadsheet that it is UTF-8."""
    yield b"\xef\xbb\xbf"
    for cells in (made.labels, *(texts for texts, _ in made.rows)):
        line = io.StringIO()
        csv.writer(line).writerow([_harmless(cell) for cell in cells])
        yield line.getvalue().encode()


def _harmless(text: str) -> str:
    negative = text[:1] == "-" and text[1:].replace(".", "", 1).isdigit()
    return f"'{text}" if text.startswith(_FORMULA) and not negative else text


def declared(id: str) -> tuple[brain.Indicator, Package]:
    """Return an indicator and its package, or refuse: nobody declares it."""
    indicator = brain.indicator(id)
    package = installed(indicator.package) if indicator is not None else None
    if indicator is None or package is None:
        raise NotFound(what=id)
    return indicator, package


def _definition(found: brain.Figure, package: Package, reader: Reader) -> dict[str, Any]:
    indicator, language = found.indicator, reader.language
    return {
        "title": package.say(indicator.title, language),
        "value": figure_text(found.value, indicator.decimals),
        "unit": unit_word(package, indicator, language),
        "light": found.light,
        "light_word": light_word(found, language) or _parts(found, package, language),
        "meaning": package.say(indicator.meaning, language),
        "better_word": say(f"figure.better_{indicator.better}", language),
        "target_text": None,
        "thresholds_text": _thresholds(indicator, language),
        "source": role_words(indicator.source, language),
        "at": found.at,
        "cycle_text": _cycle(indicator, package, language),
        "rule": indicator.sql,
    }


def _parts(found: brain.Figure, package: Package, language: str) -> str:
    """Return the parts of a figure that is split: red 2, orange 5."""
    known = package.words(language)
    # Levels stand from the gravest down; parts that are no levels by their names.
    order = {level: -place for place, level in enumerate(LEVELS)}
    return say("figure.part_mark", language).join(
        f"{known.get(f'value.{name}', name)} {figure_text(value, found.indicator.decimals)}"
        for name, value in sorted(found.parts.items(), key=lambda p: (order.get(p[0], 1), p[0]))
    )


def _thresholds(indicator: brain.Indicator, language: str) -> str | None:
    if indicator.green is None or indicator.yellow is None:
        return None
    key = "figure.lights_at_least" if indicator.better == "higher" else "figure.lights_at_most"
    bounds = {"green": indicator.green, "yellow": indicator.yellow}
    return say(key, language, **{name: f"{bound:,g}" for name, bound in bounds.items()})


def _cycle(indicator: brain.Indicator, package: Package, language: str) -> str:
    documents = package.each("indicators")
    declared = next((d.data for d in documents if _id(d.data) == indicator.id), None)
    cycle = declared.get("cycle", "") if isinstance(declared, dict) else ""
    length = duration(str(cycle))
    if length is None:
        return say("cockpit.unknown", language)
    hours = length.total_seconds() / 3600
    return say("figure.cycle_hours", language, hours=f"{hours:g}")


def _id(declared: object) -> object:
    return declared.get("id") if isinstance(declared, dict) else None


def _note(shown: Table, *, more: bool, language: str) -> str | None:
    notes = []
    if more:
        notes.append(say("figure.rows_first", language, most=figure_text(MOST_SHOWN)))
    if shown.masked:
        notes.append(say("household.masked_note", language))
    return " ".join(notes) or None


def _areas(
    indicator: brain.Indicator, reader: Reader, rows: Rows, area: str
) -> list[dict[str, object]]:
    """Return the same figure one tier down, each with its value."""
    tier = tier_below(area)
    if tier is None:
        return []
    values = brain.by_division(
        indicator, realm=reader.realm, rows=rows, now=now_in(reader.realm), width=WIDTH[tier]
    )
    return [
        chip(
            f"{name_of(p, reader.language)} {figure_text(values[p.code], indicator.decimals)}",
            address(f"/figures/{indicator.id}", area=p.code),
            current=False,
        )
        for p in divisions(tier=tier, under=area)
        if p.code in values
    ]


def _above(id: str, area: str, rows: Rows, reader: Reader) -> list[dict[str, object]]:
    """Return the areas from the widest the reader may see down to this one, as crumbs."""
    own = len(prefix(area))
    codes = [area[:width].ljust(12, "0") for width in WIDTH.values() if width <= own]
    wanted = [code for code in codes if rows.covers(code)]
    known = places(wanted)
    return [
        {
            "title": name_of(known[code], reader.language),
            "href": f"/cockpit/{code}" if code == area else address(f"/figures/{id}", area=code),
        }
        for code in wanted
        if code in known
    ]
