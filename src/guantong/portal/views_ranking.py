"""A ranking (晾晒): areas and units by an index, month by month, and the way down to the rows.

The month is judged by the version of its first day, whenever it is looked at (promise P8). A
reader sees the areas and units of the own area, as with every figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from guantong.access.api import Decision, Rows
from guantong.base.clock import local_day
from guantong.base.errors import NotFound
from guantong.base.reading import figure_text
from guantong.base.words import say
from guantong.brain import api as brain
from guantong.brain.api import Index, Part, Penalty, Ranked, Version
from guantong.orgs import api as orgs
from guantong.orgs.api import WIDTH, prefix
from guantong.packages.api import (
    Package,
    installed,
    light_word,
    listed_tier,
    name_of,
    now_in,
    place_of,
    rows_within,
    unit_word,
)
from guantong.portal.evidence_table import table
from guantong.portal.lists import address, chip
from guantong.portal.reader import Reader, may, page, reader_of
from guantong.portal.role_words import role_words
from guantong.portal.views_cockpit import area_asked, decide_figure
from guantong.portal.views_figure import rows_of_figure

MOST_ROWS = 200


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What a page of a ranking is about."""

    index: Index
    package: Package
    reader: Reader
    area: str
    by: brain.By
    month: date
    rows: Rows
    answer: Decision

    def href(self, **other: object) -> str:
        own = {"area": self.area, "by": self.by, "month": f"{self.month:%Y-%m}"}
        return address(f"/rankings/{self.index.id}", **{**own, **other})


@require_safe
def ranking(request: HttpRequest, id: str) -> HttpResponse:
    """Show the ranking of an index in an area and a month."""
    asked = _asked(request, id)
    language = asked.reader.language
    version = asked.index.on(asked.month)
    own, others = _ranked(asked, version) if version is not None else (None, [])
    names = _names(asked, others)
    chosen = request.GET.get("row", "")
    found = next((one for one in others if one.key == chosen), None)
    found = own if found is None and own is not None and own.key == chosen else found
    place = place_of(asked.area)
    return page(
        request,
        "ranking.html",
        title=asked.package.say(asked.index.title, language),
        area=name_of(place, language),
        crumbs=_crumbs(asked),
        figures=_figures(asked),
        own=_own(asked, version, own),
        month_text=_month_text(asked.month, language),
        months=_months(asked),
        views=[
            chip(say(f"ranking.by_{by}", language), asked.href(by=by), current=by == asked.by)
            for by in ("area", "unit")
        ],
        table_label=say(f"ranking.by_{asked.by}", language),
        columns=_columns(asked, version),
        rows=[_row(asked, version, one, names) for one in others] if version else [],
        empty=say("ranking.empty" if version else "ranking.no_version", language),
        detail=_detail(request, asked, version, found, names) if found and version else None,
        definition=_definition(asked, version),
    )


def _asked(request: HttpRequest, id: str) -> _Asked:
    reader, index = reader_of(request), brain.index(id)
    package = installed(index.package) if index is not None else None
    if index is None or package is None:
        raise NotFound(what=id)
    area = area_asked(reader, request.GET.get("area"))
    answer = decide_figure(request, area)
    return _Asked(
        index=index, package=package, reader=reader, area=area,
        by="unit" if request.GET.get("by") == "unit" else "area",
        month=_month(request.GET.get("month", ""), local_day(now_in(reader.realm))),
        rows=rows_within(answer.rows, area), answer=answer,
    )  # fmt: skip


def _month(text: str, today: date) -> date:
    """Return the month asked for; this one where none is, or one to come."""
    now = brain.month_of(today)
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return now
    return min(found, now)


def _ranked(asked: _Asked, version: Version) -> tuple[Ranked | None, list[Ranked]]:
    """Return the area itself, and the areas in it or the units that have rows."""

    def at(by: brain.By, width: int) -> list[Ranked]:
        return brain.ranking(
            asked.index, version, month=asked.month, by=by, width=width,
            realm=asked.reader.realm, rows=asked.rows, now=now_in(asked.reader.realm),
        )  # fmt: skip

    own = next((one for one in at("area", len(prefix(asked.area)))), None)
    # What lies in the area and in none of its parts counts for the area, shown by itself.
    found = at(asked.by, WIDTH[listed_tier(asked.area)])
    return own, [one for one in found if one.key != asked.area]


def _names(asked: _Asked, found: Sequence[Ranked]) -> Mapping[str, str]:
    language = asked.reader.language
    if asked.by == "unit":
        units = orgs.units_by_id(UUID(one.key) for one in found)
        return {str(id): unit.name(language) for id, unit in units.items()}
    known = orgs.places(one.key for one in found)
    return {code: name_of(place, language) for code, place in known.items()}


def _title_of(asked: _Asked, indicator: str) -> str:
    declared = brain.indicator(indicator)
    assert declared is not None, "the doctor refuses an index of figures that are not there"
    return asked.package.say(declared.title, asked.reader.language)


def _columns(asked: _Asked, version: Version | None) -> list[dict[str, object]]:
    language = asked.reader.language
    named = [_title_of(asked, id) for id in version.indicators] if version is not None else []
    first = [say(f"ranking.{key}", language) for key in ("name", "place", "score", "colour")]
    right = (False, True, True, False)
    return [
        *({"label": label, "right": r} for label, r in zip(first, right, strict=True)),
        *({"label": label, "right": True} for label in named),
    ]


def _row(
    asked: _Asked, version: Version | None, one: Ranked, names: Mapping[str, str]
) -> dict[str, object]:
    assert version is not None, "without a version nobody is ranked"
    colour = one.score.colour
    cells: list[dict[str, object]] = [
        {"text": names.get(one.key, one.key), "href": asked.href(row=one.key) + "#row-title"},
        {"text": "–" if one.place is None else str(one.place), "right": True},
        {"text": _score_text(one), "right": True},
        {"text": say(f"ranking.colour.{colour}", asked.reader.language), "light": colour},
    ]
    for id in version.indicators:
        declared = brain.indicator(id)
        decimals = declared.decimals if declared is not None else 0
        cells.append({"text": figure_text(one.values.get(id), decimals), "right": True})
    return {"cells": cells}


def _score_text(one: Ranked) -> str:
    return figure_text(one.score.value, 1)


def _own(asked: _Asked, version: Version | None, own: Ranked | None) -> dict[str, object]:
    language = asked.reader.language
    colour = own.score.colour if own is not None else brain.NO_COLOUR
    return {
        "value": figure_text(own.score.value, 1) if own is not None else "–",
        "light": colour,
        "word": say(f"ranking.colour.{colour}", language),
        "href": asked.href(row=own.key) + "#row-title" if own is not None and version else None,
    }


def _figures(asked: _Asked) -> list[dict[str, object]]:
    """Return the figures that the page declares above its ranking, for the whole time."""
    declared: Mapping[str, Sequence[str]] = next(
        (d.data for d in asked.package.each("pages") if d.data.get("index") == asked.index.id), {}
    )
    found: list[dict[str, object]] = []
    now, language = now_in(asked.reader.realm), asked.reader.language
    indicators = [i for id in declared.get("figures", ()) if (i := brain.indicator(id)) is not None]
    with brain.together():
        figures = [
            brain.figure(indicator, realm=asked.reader.realm, rows=asked.rows, now=now)
            for indicator in indicators
        ]
    for indicator, figure in zip(indicators, figures, strict=True):
        found.append(
            {
                "id": indicator.id,
                "title": asked.package.say(indicator.title, language),
                "value": figure_text(figure.value, indicator.decimals),
                "unit": unit_word(asked.package, indicator, language),
                "light": figure.light,
                "light_word": light_word(figure, language),
                "at_text": "",
                "href": address(f"/figures/{indicator.id}", area=asked.area),
            }
        )
    return found


def _months(asked: _Asked) -> dict[str, object]:
    this = brain.month_of(local_day(now_in(asked.reader.realm)))
    before = brain.month_of(date.fromordinal(asked.month.toordinal() - 1))
    after = brain.month_after(asked.month)
    return {
        "previous_href": asked.href(month=f"{before:%Y-%m}"),
        "next_href": asked.href(month=f"{after:%Y-%m}") if after <= this else None,
    }


def _month_text(month: date, language: str) -> str:
    return say("ranking.month", language, year=month.year, month=month.month)


def _detail(
    request: HttpRequest, asked: _Asked, version: Version, one: Ranked, names: Mapping[str, str]
) -> dict[str, object]:
    """Return how one score came about, and the rows of one of its figures."""
    language = asked.reader.language
    own = one.key == asked.area and asked.by == "area"
    name = name_of(place_of(asked.area), language) if own else names.get(one.key, one.key)
    part = request.GET.get("part", "")
    part = part if part in version.indicators else version.indicators[0]
    return {
        "name": name,
        "score": _score_text(one),
        "light": one.score.colour,
        "word": say(f"ranking.colour.{one.score.colour}", language),
        "columns": [
            {"label": say(f"ranking.{key}", language), "right": key != "part"}
            for key in ("part", "value", "points", "weight")
        ],
        "rows": [
            *(_part_row(asked, one, part_) for part_ in version.parts),
            *([_penalty_row(asked, one, version.penalty)] if version.penalty else []),
        ],
        "part": _title_of(asked, part),
        "figure_href": address(f"/figures/{part}", area=asked.area),
        **_rows(asked, one, part),
    }


def _part_row(asked: _Asked, one: Ranked, part: Part) -> dict[str, object]:
    points = one.score.points[part.indicator]
    return _counted(asked, one, part.indicator, figure_text(points, 1), f"{part.weight:g}")


def _penalty_row(asked: _Asked, one: Ranked, penalty: Penalty) -> dict[str, object]:
    language = asked.reader.language
    off = f"-{one.score.penalty:g}" if one.score.penalty else "0"
    each = say("ranking.each", language, each=f"{penalty.each:g}", most=f"{penalty.most:g}")
    return _counted(asked, one, penalty.indicator, off, each)


def _counted(
    asked: _Asked, one: Ranked, indicator: str, points: str, weight: str
) -> dict[str, object]:
    declared = brain.indicator(indicator)
    decimals = declared.decimals if declared is not None else 0
    href = asked.href(row=one.key, part=indicator) + "#rows-title"
    return {
        "cells": [
            {"text": _title_of(asked, indicator), "href": href},
            {"text": figure_text(one.values.get(indicator), decimals), "right": True},
            {"text": points, "right": True},
            {"text": weight, "right": True},
        ]
    }


def _rows(asked: _Asked, one: Ranked, part: str) -> dict[str, object]:
    """Return the very rows, for whoever may see the rows of a figure of this area."""
    reader, declared = asked.reader, brain.indicator(part)
    assert declared is not None, "the doctor refuses an index of figures that are not there"
    whole = may(reader, "read", rows_of_figure(asked.package, asked.area))
    if not whole.allowed:
        note = whole.sentence(reader.language)
        return {"evidence_columns": [], "evidence": [], "note": note}
    seen = rows_within(whole.rows, asked.area)
    found = brain.rows_behind(
        asked.index, part, month=asked.month, by=asked.by if one.key != asked.area else "area",
        key=one.key, realm=reader.realm, rows=seen, now=now_in(reader.realm), most=MOST_ROWS,
    )  # fmt: skip
    shown = table(
        asked.package, declared, found, asked.answer,
        realm=reader.realm, rows=seen, language=reader.language,
    )  # fmt: skip
    return {"evidence_columns": shown.columns(), "evidence": shown.cells(), "note": None}


def _definition(asked: _Asked, version: Version | None) -> dict[str, object]:
    language, say_ = asked.reader.language, asked.package.say
    return {
        "meaning": say_(asked.index.meaning, language),
        "source": role_words(asked.index.source, language),
        "since": version.since if version is not None else None,
        "basis": version.basis["zh" if language == "zh-CN" else "en"] if version else "",
        "enough": f"{version.enough * 100:g}%" if version else "",
        "colours": [
            {
                "light": colour,
                "text": say(
                    "ranking.from", language, colour=say(f"ranking.colour.{colour}", language),
                    score=f"{version.cuts[colour]:g}",
                )
                if colour in version.cuts
                else say(
                    "ranking.below", language, colour=say(f"ranking.colour.{colour}", language),
                    score=f"{version.cuts['orange']:g}",
                ),
            }
            for colour in brain.COLOURS
        ]
        if version is not None
        else [],
        "versions": [
            chip(f"{one.since:%Y-%m-%d}", asked.href(month=f"{one.since:%Y-%m}"),
                 current=one is version)
            for one in asked.index.versions
        ],
    }  # fmt: skip


def _crumbs(asked: _Asked) -> list[dict[str, object]]:
    """Return the areas from the widest the reader may see down to this one."""
    own = len(prefix(asked.area))
    codes = [asked.area[:width].ljust(12, "0") for width in WIDTH.values() if width <= own]
    wanted = [code for code in codes if asked.answer.rows.covers(code)]
    known = orgs.places(wanted)
    return [
        {
            "title": name_of(known[code], asked.reader.language),
            "href": None if code == asked.area else asked.href(area=code),
        }
        for code in wanted
        if code in known
    ]
