"""Figures: which there are, the value of one for an area, and the rows it was computed from."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Path, Query, Router
from pydantic import StringConstraints

from guantong.brain import api as brain
from guantong.packages.api import (
    Package,
    installed,
    now_in,
    place_of,
    rows_within,
    unit_word,
)
from guantong.portal.api_v1 import shapes
from guantong.portal.api_v1.shapes import PlaceCode, Shape
from guantong.portal.reader import reader_of
from guantong.portal.role_words import role_words
from guantong.portal.views_cockpit import area_asked, decide_figure
from guantong.portal.views_figure import declared, rows_for_export

router = Router(tags=["figures"])

FigureId = Annotated[
    str,
    StringConstraints(max_length=120, pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"),
    Path(description="Package and indicator"),
]
Area = Annotated[PlaceCode | None, Query(description="The area; the post's own without")]


class Indicator(Shape):
    """A figure that an installed package declares."""

    id: str
    title: str
    meaning: str
    unit: str
    source: str
    better: str = Field(examples=["lower"])


class Figure(Indicator):
    """The value of a figure for an area at a time."""

    area: str
    value: float | None
    light: str = Field(description="green, yellow, red, or grey where there is none")
    parts: dict[str, float]
    at: datetime


class Evidence(Shape):
    """The rows behind a figure, masked as on its page; ``more`` when there are others."""

    labels: list[str]
    rows: list[list[str]]
    masked: bool
    more: bool


@router.get(
    "",
    operation_id="list_figures",
    response={200: list[Indicator], **shapes.ALWAYS},
    summary="The figures there are",
)
def list_figures(request: HttpRequest) -> list[dict[str, Any]]:
    """Return every figure that an installed package declares."""
    reader = reader_of(request)
    decide_figure(request, area_asked(reader, None))
    return [
        _words(indicator, package, reader.language)
        for indicator in brain.indicators()
        if (package := installed(indicator.package)) is not None
    ]


@router.get(
    "/{id}",
    operation_id="read_figure",
    response={200: Figure, **shapes.OF_ONE},
    summary="The value of a figure",
)
def read_figure(request: HttpRequest, id: FigureId, area: Area = None) -> dict[str, Any]:
    """Return the value of a figure for an area, as the post's rows make it."""
    reader = reader_of(request)
    indicator, package = declared(id)
    place = area_asked(reader, area)
    answer = decide_figure(request, place)
    place_of(place)
    found = brain.figure(
        indicator, realm=reader.realm, rows=rows_within(answer.rows, place),
        now=now_in(reader.realm),
    )  # fmt: skip
    return {
        **_words(indicator, package, reader.language),
        "area": place,
        "value": found.value,
        "light": found.light,
        "parts": found.parts,
        "at": found.at,
    }


@router.get(
    "/{id}/rows",
    operation_id="read_evidence",
    response={200: Evidence, **shapes.OF_ONE},
    summary="The rows behind a figure",
)
def read_evidence(request: HttpRequest, id: FigureId, area: Area = None) -> dict[str, Any]:
    """Return up to 500 rows that a figure was computed from; who took them stands in the log.

    They are as good as their export, and for those who may export them.
    """
    made, more = rows_for_export(request, id, area)
    return {
        "labels": list(made.labels),
        "rows": [list(texts) for texts, _ in made.rows],
        "masked": made.masked,
        "more": more,
    }


def _words(indicator: brain.Indicator, package: Package, language: str) -> dict[str, Any]:
    return {
        "id": indicator.id,
        "title": package.say(indicator.title, language),
        "meaning": package.say(indicator.meaning, language),
        "unit": unit_word(package, indicator, language),
        "source": role_words(indicator.source, language),
        "better": indicator.better,
    }
