"""The organisation book: places, units, people in their posts, and who answers for a line."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router
from pydantic import StringConstraints

from guantong.access.api import Thing
from guantong.base.errors import NotFound
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.orgs.api import UnitRef
from guantong.portal.api_v1 import shapes
from guantong.portal.api_v1.shapes import Named, PlaceCode, Post, Shape
from guantong.portal.people_words import first_allowed, person_things, unit_thing
from guantong.portal.reader import Reader, decide, reader_of
from guantong.portal.views_people import (
    ROWS,
    cut_of,
    find_person,
    find_unit,
    places_below,
    units_of_person,
)

router = Router(tags=["organisation"])

# An opaque number of where the next page begins: the book is sorted by code and by number.
BookCursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}$")]
TierName = Literal["province", "city", "county", "township", "village"]


class Place(Shape):
    """A division."""

    code: str = Field(examples=["331081000000"])
    name: str
    tier: str = Field(examples=["county"])


class UnitShort(Shape):
    """A unit in a list."""

    id: UUID
    code: str = Field(examples=["emergency@331081"])
    name: str
    line: str | None = Field(description="Null for the government of the place itself")
    tier: str
    place: str
    people: int


class UnitPage(Shape):
    """A page of units."""

    rows: list[UnitShort]
    total: int
    after: str | None


class PostOfUnit(Shape):
    """A post of a unit and who holds it; without a person it is vacant."""

    post: str = Field(examples=["duty"])
    person: Named | None
    number: str
    kind: str
    valid_from: date | None
    valid_to: date | None


class Answering(Shape):
    """A line and an area that a unit answers for."""

    line: str | None
    area: str
    kind: str
    valid_from: date
    valid_to: date | None


class UnitWhole(Shape):
    """A unit with its posts and what it answers for."""

    id: UUID
    code: str
    name: str
    line: str | None
    tier: str
    place: str
    closed_on: date | None
    posts: list[PostOfUnit]
    answers_for: list[Answering]


class PersonShort(Shape):
    """A person in a list, with the first post held."""

    id: UUID
    number: str
    name: str
    unit: Named
    post: str


class PersonPage(Shape):
    """A page of people."""

    rows: list[PersonShort]
    total: int
    after: str | None


class PersonWhole(Shape):
    """A person and the posts held today; how to reach them is on the page alone."""

    id: UUID
    number: str
    name: str
    posts: list[Post]


class Answers(Shape):
    """Who answers for a line at a place; without a unit, the sentence says what is missing."""

    line: str
    place: str
    unit: Named | None
    unit_code: str | None
    superior: Named | None
    coordinating: Named | None
    fell_back: bool = Field(
        description="The line has no unit of this tier; the next one up answers"
    )
    sentence: str | None


@router.get(
    "/places/{code}",
    operation_id="read_place",
    response={200: list[Place], **shapes.OF_ONE},
    summary="A place and what lies directly in it",
)
def read_place(request: HttpRequest, code: PlaceCode) -> list[dict[str, Any]]:
    """Return the place first, then the places in it as far as the post may read them."""
    reader = reader_of(request)
    decision = decide(request, "read", Thing(kind="unit", division_code=code))
    place = orgs.division(code)
    if place is None:
        raise NotFound(what=say("access.place", reader.language))
    return [
        {
            "code": one.code,
            "name": one.name if reader.language == "zh-CN" else one.name_en,
            "tier": one.tier,
        }
        for one in [place, *places_below(place, decision.rows)]
    ]


@router.get(
    "/units",
    operation_id="list_units",
    response={200: UnitPage, **shapes.ALWAYS},
    summary="Units of a place, or found by name or code",
)
def list_units(
    request: HttpRequest,
    place: Annotated[PlaceCode | None, Query(description="Only units of this place itself")] = None,
    q: Annotated[str, shapes.search("A part of the name, or the code")] = "",
    after: Annotated[BookCursor | None, Query(description="The cursor of the page before")] = None,
) -> dict[str, Any]:
    """Return up to 50 units that the post may read, by place and code."""
    reader = reader_of(request)
    decision = decide(request, "read", Thing(kind="unit"))
    skip = int(after or 0)
    found, total = orgs.units_in(
        cut_of(decision.rows),
        on=reader.on,
        query=q.strip(),
        place=place or "",
        most=ROWS,
        skip=skip,
    )
    return {
        "rows": [
            {**_unit(row.unit, reader), "people": row.people} for row in found
        ],
        "total": total,
        "after": _after(skip, total),
    }  # fmt: skip


@router.get(
    "/units/{uuid:id}",
    operation_id="read_unit",
    response={200: UnitWhole, **shapes.OF_ONE},
    summary="One unit",
)
def read_unit(request: HttpRequest, id: UUID) -> dict[str, Any]:
    """Return a unit, its posts and who holds them, and what it answers for."""
    reader = reader_of(request)
    found = find_unit(reader, id)
    decide(request, "read", unit_thing(found))
    return {
        **_unit(found, reader),
        "closed_on": orgs.past_of_unit(id).closed_on,
        "posts": [
            {
                "post": post.post_code,
                "person": {"id": post.person_id, "name": post.name} if post.person_id else None,
                "number": post.number,
                "kind": post.kind,
                "valid_from": post.valid_from,
                "valid_to": post.valid_to,
            }
            for post in orgs.posts_of_unit(id, on=reader.on)
        ],
        "answers_for": [
            {
                "line": row.line, "area": row.area_code, "kind": row.kind,
                "valid_from": row.valid_from, "valid_to": row.valid_to,
            }
            for row in orgs.jurisdictions_of(id)
        ],
    }  # fmt: skip


@router.get(
    "/people",
    operation_id="list_people",
    response={200: PersonPage, **shapes.ALWAYS},
    summary="People in their posts",
)
def list_people(
    request: HttpRequest,
    q: Annotated[str, shapes.search("A number, or a part of the name")] = "",
    after: Annotated[BookCursor | None, Query(description="The cursor of the page before")] = None,
) -> dict[str, Any]:
    """Return up to 50 people that the post may read, by number; without contact details."""
    reader = reader_of(request)
    decision = decide(request, "read", Thing(kind="unit"))
    skip = int(after or 0)
    found, total = orgs.people_in(
        cut_of(decision.rows), on=reader.on, query=q.strip(), most=ROWS, skip=skip
    )
    chinese = reader.language == "zh-CN"
    return {
        "rows": [
            {
                "id": row.id, "number": row.number, "name": row.name, "post": row.post_code,
                "unit": {"id": row.unit_id, "name": row.unit_zh if chinese else row.unit_en},
            }
            for row in found
        ],
        "total": total,
        "after": _after(skip, total),
    }  # fmt: skip


@router.get(
    "/people/{uuid:id}",
    operation_id="read_person",
    response={200: PersonWhole, **shapes.OF_ONE},
    summary="One person",
)
def read_person(request: HttpRequest, id: UUID) -> dict[str, Any]:
    """Return a person and the posts held today."""
    reader = reader_of(request)
    number, name, times = find_person(reader, id)
    things = person_things(id, units_of_person(id, times, reader))
    decide(request, "read", first_allowed(reader, "read", things))
    return {
        "id": id,
        "number": number,
        "name": name,
        "posts": [
            {
                "unit": {"id": post.unit.id, "name": post.unit.name(reader.language)},
                "unit_code": post.unit.code,
                "post": post.post_code,
                "held": post.kind,
            }
            for post in orgs.posts_of_people([id], on=reader.on)[id]
        ],
    }


@router.get(
    "/responsibility",
    operation_id="who_answers",
    response={200: Answers, **shapes.OF_ONE},
    summary="Who answers for a line at a place",
)
def who_answers(
    request: HttpRequest,
    line: Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z_]+$"),
                    Query(description="A line, or area for the government itself",
                          examples=["emergency"])],
    place: Annotated[PlaceCode, Query()],
    tier: Annotated[TierName | None, Query(description="At which tier; the place's own without")]
    = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the unit that answers, its superior in the line, and the coordinating area unit."""
    reader = reader_of(request)
    decide(request, "read", Thing(kind="unit", division_code=place))
    if line != orgs.AREA and line not in orgs.lines():
        raise NotFound(what=line)
    own = orgs.tier_of(place)
    if own is None:
        raise NotFound(what=place)
    role = orgs.Role(line, tier or own)
    answer = orgs.resolve(role, place, units=orgs.jurisdictions(reader.on), on=reader.on)
    if isinstance(answer, orgs.Gap):
        return {
            "line": line, "place": place, "unit": None, "unit_code": None, "superior": None,
            "coordinating": None, "fell_back": False,
            "sentence": answer.sentence(reader.language),
        }  # fmt: skip
    return {
        "line": line,
        "place": place,
        "unit": _named(answer.unit, reader),
        "unit_code": answer.unit.code,
        "superior": _named(answer.superior, reader),
        "coordinating": _named(answer.coordinating, reader),
        "fell_back": answer.fell_back_from is not None,
        "sentence": None,
    }


def _after(skip: int, total: int) -> str | None:
    following = skip + ROWS
    return str(following) if following < total else None


def _named(unit: UnitRef | None, reader: Reader) -> dict[str, Any] | None:
    return None if unit is None else {"id": unit.id, "name": unit.name(reader.language)}


def _unit(unit: UnitRef, reader: Reader) -> dict[str, Any]:
    return {
        "id": unit.id,
        "code": unit.code,
        "name": unit.name(reader.language),
        "line": unit.line,
        "tier": unit.tier,
        "place": unit.division_code,
    }
