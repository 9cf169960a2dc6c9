"""The read side of orgs: who answers, who is on duty, what a place and a unit are called.

The jurisdiction table is held in memory, since it is asked for every task; after a change the
service forgets it, and every process forgets it when it starts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q, QuerySet

from guantong.orgs.division import DivisionRef, Tier, is_code, prefix
from guantong.orgs.line import AREA
from guantong.orgs.models import Division, Unit
from guantong.orgs.responsibility import (
    Gap,
    Holding,
    Jurisdictions,
    Responsibility,
    UnitRef,
    resolve,
)
from guantong.orgs.role import Role

M = TypeVar("M", bound=Model)

_held: Jurisdictions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRef:
    """A person in a post of a unit."""

    id: UUID
    number: str
    name: str
    post_code: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPost:
    """A post that a person holds, and its unit."""

    person_id: UUID
    unit: UnitRef
    post_code: str
    title: str


def open_on(rows: QuerySet[M], on: date) -> QuerySet[M]:
    """Return those of dated rows that hold on that day."""
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)


def jurisdictions(on: date) -> Jurisdictions:
    """Return the jurisdiction table from that day on; loaded once, asked as often as one likes."""
    global _held
    held = _held
    if held is None or on < held.since:
        held = _held = Jurisdictions(_holdings(on), since=on)
    return held


def forget_jurisdictions() -> None:
    """Drop the copy in memory; the next question loads it again."""
    global _held
    _held = None


def _holdings(on: date) -> list[Holding]:
    with connection.cursor() as cursor:
        cursor.execute(
            # Rows that ended before the day can answer no question about it or later days.
            "select u.id, u.code, u.line, u.tier, u.division_code, u.name_zh, u.name_en,"
            " j.line, j.area_code, j.kind, j.valid_from, j.valid_to"
            " from orgs_jurisdiction j join orgs_unit u on u.id = j.unit_id"
            " where j.valid_to is null or j.valid_to > %s",
            [on],
        )
        found = cursor.fetchall()
    seen: dict[UUID, UnitRef] = {}
    return [
        Holding(seen.setdefault(row[0], _unit(row)), row[7] or AREA, *row[8:12]) for row in found
    ]


def _unit(row: tuple[Any, ...]) -> UnitRef:
    id, code, line, tier, division_code, name_zh, name_en = row[:7]
    return UnitRef(
        id=id,
        code=code,
        line=line,
        tier=tier,
        division_code=division_code,
        name_zh=name_zh,
        name_en=name_en,
    )


def division(code: str) -> DivisionRef | None:
    """Return one division by its code."""
    row = Division.objects.filter(code=code).first()
    return None if row is None else _division(row)


def divisions(*, tier: Tier | None = None, under: str | None = None) -> list[DivisionRef]:
    """Return the divisions of a tier, in a division (itself included), in the order of codes."""
    rows = Division.objects.filter(valid_to__isnull=True).order_by("code")
    if tier is not None:
        rows = rows.filter(tier=tier)
    if under is not None:
        rows = rows.filter(code__startswith=prefix(under)) if is_code(under) else rows.none()
    return [_division(row) for row in rows]


def places(codes: Iterable[str]) -> dict[str, DivisionRef]:
    """Return divisions by their codes, closed ones too; one query for any number of them."""
    return {row.code: _division(row) for row in Division.objects.filter(code__in=set(codes))}


def _division(row: Division) -> DivisionRef:
    return DivisionRef(
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        tier=row.tier,  # type: ignore[arg-type]
        parent_code=row.parent_code,
    )


def unit_by_code(code: str, *, on: date) -> UnitRef | None:
    """Return the unit that has this code and is open on that day."""
    row = open_on(Unit.objects.filter(code=code), on).first()
    return None if row is None else _ref(row)


def units_by_id(unit_ids: Iterable[UUID]) -> dict[UUID, UnitRef]:
    """Return units by their ids, closed ones too, with the names they have today."""
    return {row.id: _ref(row) for row in Unit.objects.filter(id__in=set(unit_ids))}


def _ref(row: Unit) -> UnitRef:
    return UnitRef(
        id=row.id,
        code=row.code,
        line=row.line,
        tier=row.tier,  # type: ignore[arg-type]
        division_code=row.division_code,
        name_zh=row.name_zh,
        name_en=row.name_en,
    )


def unit_names(unit_ids: Iterable[UUID], *, on: date) -> dict[UUID, tuple[str, str]]:
    """Return what each unit was called on that day, in Chinese and English (promise P11)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select u.id, coalesce(n.name_zh, u.name_zh), coalesce(n.name_en, u.name_en)"
            " from orgs_unit u left join orgs_unitname n"
            "   on n.unit_id = u.id and n.valid_from <= %s and %s < n.valid_to"
            " where u.id = any(%s)",
            [on, on, list(unit_ids)],
        )
        return {id: (zh, en) for id, zh, en in cursor.fetchall()}


def gaps(roles: Iterable[Role], *, on: date) -> list[Responsibility | Gap]:
    """Return each role and place where the line has no unit of its own: fallen back, or a gap."""
    held = jurisdictions(on)
    places: dict[Tier, list[DivisionRef]] = {}
    found: list[Responsibility | Gap] = []
    for role in roles:
        if role.tier not in places:
            places[role.tier] = divisions(tier=role.tier)
        for place in places[role.tier]:
            answer = resolve(role, place.code, units=held, on=on)
            if isinstance(answer, Gap) or answer.fell_back_from is not None:
                found.append(answer)
    return found


# Of a unit's people, whoever is on duty comes first and the head last.
_HELD = (
    " from orgs_appointment a join orgs_post p on p.id = a.post_id"
    " join orgs_unit u on u.id = p.unit_id"
    " join orgs_person o on o.id = a.person_id"
    " where a.valid_from <= %(on)s and (a.valid_to is null or a.valid_to > %(on)s)"
    " and u.valid_from <= %(on)s and (u.valid_to is null or u.valid_to > %(on)s)"
)
_DUTY_FIRST = " array_position(array['duty', 'second_duty', 'head'], p.code), o.number"


def people_of_unit(unit_id: UUID, *, on: date) -> list[PersonRef]:
    """Return who holds a post in the unit on that day, the duty officer first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select o.id, o.number, o.name, p.code, p.title {_HELD}"
            f" and u.id = %(unit)s order by {_DUTY_FIRST}",
            {"on": on, "unit": unit_id},
        )
        return [
            PersonRef(id=id, number=number, name=name, post_code=post, title=title)
            for id, number, name, post, title in cursor.fetchall()
        ]


def duty_people(unit_ids: Iterable[UUID], *, on: date) -> dict[UUID, tuple[UUID, ...]]:
    """Return for each unit the ids of its people, the duty officer first; one query."""
    found: dict[UUID, tuple[UUID, ...]] = dict.fromkeys(unit_ids, ())
    with connection.cursor() as cursor:
        cursor.execute(
            f"select u.id, o.id {_HELD} and u.id = any(%(units)s) order by u.id, {_DUTY_FIRST}",
            {"on": on, "units": list(found)},
        )
        for unit_id, person_id in cursor.fetchall():
            found[unit_id] += (person_id,)
    return found


def names_of_people(person_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return number and name of each person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, number, name from orgs_person where id = any(%s)", [list(set(person_ids))]
        )
        return {id: (number, name) for id, number, name in cursor.fetchall()}


def posts_of_people(person_ids: Iterable[UUID], *, on: date) -> Mapping[UUID, tuple[HeldPost, ...]]:
    """Return the posts each person holds on that day; one query.

    A post in a unit that took over another is a post in the other as well: what the closed
    unit still held would otherwise belong to nobody (promise P1).
    """
    found: dict[UUID, tuple[HeldPost, ...]] = dict.fromkeys(person_ids, ())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            with recursive held as (
                select u.id as unit_id, p.code as post, p.title, o.id as person_id, 0 as depth
                {_HELD} and o.id = any(%(people)s)
                union
                select u.id, held.post, held.title, held.person_id, held.depth + 1
                from held join orgs_unit u
                  on u.successor_id = held.unit_id and u.valid_to <= %(on)s
            )
            select u.id, u.code, u.line, u.tier, u.division_code, u.name_zh, u.name_en,
                   held.person_id, held.post, held.title
            from held join orgs_unit u on u.id = held.unit_id
            order by held.depth, u.code, held.post
            """,  # noqa: S608 - constants
            {"on": on, "people": list(found)},
        )
        for row in cursor.fetchall():
            post = HeldPost(person_id=row[7], unit=_unit(row), post_code=row[8], title=row[9])
            found[row[7]] += (post,)
    return found
