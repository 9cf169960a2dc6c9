"""The organisation book as pages and files show it: units, posts, people, history, what is found.

Every list comes with its count and is cut by ``Rows`` of the caller's decision, given as SQL over
the unit's columns, so that a page and a file can never differ. Queries per page are constant.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from guantong.orgs.models import Unit
from guantong.orgs.queries import open_on, ref
from guantong.orgs.responsibility import UnitRef

Cut = tuple[str, Sequence[Any]]
EVERYTHING: Cut = ("true", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A unit in a list, with how many people hold a post in it."""

    unit: UnitRef
    people: int
    offices: int
    parent_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostHolder:
    """A post of a unit and who holds it; without a person, it is vacant."""

    appointment_id: UUID | None
    post_id: UUID
    post_code: str
    title: str
    person_id: UUID | None
    number: str
    name: str
    kind: str
    basis: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostTime:
    """A post of a person, now or before."""

    appointment_id: UUID
    post_id: UUID
    unit_id: UUID
    unit_code: str
    unit_zh: str
    unit_en: str
    division_code: str
    post_code: str
    title: str
    kind: str
    basis: str
    valid_from: date
    valid_to: date | None
    founded: bool

    def holds_on(self, on: date) -> bool:
        """Say whether the post is held on that day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def comes_after(self, on: date) -> bool:
        """Say whether the post begins only after that day."""
        return self.valid_from > on and (self.valid_to is None or self.valid_to > self.valid_from)


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationView:
    """A delegation with the names that a page shows."""

    id: UUID
    from_person_id: UUID
    from_name: str
    to_person_id: UUID
    to_name: str
    unit_id: UUID
    unit_zh: str
    unit_en: str
    division_code: str
    post_code: str
    title: str
    reason: str
    valid_from: date
    valid_to: date

    def holds_on(self, on: date) -> bool:
        """Say whether it is in force on that day."""
        return self.valid_from <= on < self.valid_to


@dataclass(frozen=True, slots=True, kw_only=True)
class JurisdictionRow:
    """What a unit answers for, or answered for."""

    id: UUID
    line: str | None
    area_code: str
    kind: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPast:
    """Names, predecessors and successors of a unit."""

    names: tuple[tuple[date, date, str, str], ...]
    founded_on: date
    closed_on: date | None
    successor: UnitRef | None
    origin: UnitRef | None
    merged_in: tuple[tuple[date, UnitRef], ...]
    split_off: tuple[tuple[date, UnitRef], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPerson:
    """A person in a list, with the first post held."""

    id: UUID
    number: str
    name: str
    unit_id: UUID
    unit_code: str
    unit_zh: str
    unit_en: str
    division_code: str
    post_code: str
    title: str


def _query(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


_UNIT = "u.id, u.code, u.line, u.tier, u.division_code, u.name_zh, u.name_en"


def _unit(row: Sequence[Any]) -> UnitRef:
    names = ("id", "code", "line", "tier", "division_code", "name_zh", "name_en")
    return UnitRef(**dict(zip(names, row[:7], strict=True)))


def units_in(
    cut: Cut,
    *,
    on: date,
    query: str = "",
    place: str = "",
    below: UUID | None = None,
    most: int = 50,
    skip: int = 0,
) -> tuple[list[UnitRow], int]:
    """Return open units by code: of one division, below one unit, or found by name or code."""
    terms = ["u.valid_from <= %s and (u.valid_to is null or u.valid_to > %s)", cut[0]]
    values: list[Any] = [on, on, *cut[1]]
    if query:
        terms.append("(strpos(u.name_zh, %s) > 0 or strpos(lower(u.name_en), lower(%s)) > 0"
                     " or u.code = %s)")  # fmt: skip
        values += [query, query, query]
    if place:
        terms.append("u.division_code = %s")
        values.append(place)
    if below is not None:
        terms.append("u.parent_id = %s")
        values.append(below)
    where = " and ".join(terms)
    total = _query(f"select count(*) from orgs_unit u where {where}", values)[0][0]  # noqa: S608
    rows = _query(
        f"select {_UNIT}, u.parent_id,"  # noqa: S608
        " (select count(distinct a.person_id) from orgs_post p join orgs_appointment a"
        "   on a.post_id = p.id and a.valid_from <= %s and (a.valid_to is null or a.valid_to > %s)"
        "   where p.unit_id = u.id),"
        " (select count(*) from orgs_unit o where o.parent_id = u.id"
        "   and (o.valid_to is null or o.valid_to > %s))"
        f" from orgs_unit u where {where}"
        " order by u.division_code, u.parent_id is not null, u.line is not null, u.code"
        " limit %s offset %s",
        [on, on, on, *values, most, skip],
    )
    found = [
        UnitRow(unit=_unit(row), parent_id=row[7], people=row[8], offices=row[9]) for row in rows
    ]
    return found, int(total)


def people_in(
    cut: Cut, *, on: date, query: str = "", most: int = 50, skip: int = 0
) -> tuple[list[FoundPerson], int]:
    """Return people who hold a post, by number: found by number or a part of the name."""
    where = (
        "a.valid_from <= %s and (a.valid_to is null or a.valid_to > %s)"
        f" and (u.valid_to is null or u.valid_to > %s) and {cut[0]}"
    )
    values: list[Any] = [on, on, on, *cut[1]]
    if query:
        where += " and (o.number = %s or strpos(o.name, %s) > 0)"
        values += [query, query]
    tables = (
        " from orgs_person o join orgs_appointment a on a.person_id = o.id"
        " join orgs_post p on p.id = a.post_id join orgs_unit u on u.id = p.unit_id"
    )
    total = _query(f"select count(distinct o.id) {tables} where {where}", values)[0][0]
    rows = _query(
        "select * from (select distinct on (o.number) o.id, o.number, o.name, u.id, u.code,"  # noqa: S608
        " u.name_zh, u.name_en, u.division_code, p.code, p.title"
        f" {tables} where {where} order by o.number, a.kind desc, a.valid_from)"
        " as found order by 2 limit %s offset %s",
        [*values, most, skip],
    )
    names = (
        "id", "number", "name", "unit_id", "unit_code", "unit_zh", "unit_en", "division_code",
        "post_code", "title",
    )  # fmt: skip
    return [FoundPerson(**dict(zip(names, row, strict=True))) for row in rows], int(total)


def posts_of_unit(unit_id: UUID, *, on: date) -> list[PostHolder]:
    """Return every post of a unit with whoever holds it now or will; a vacant one has nobody."""
    rows = _query(
        "select a.id, p.id, p.code, p.title, o.id, coalesce(o.number, ''), coalesce(o.name, ''),"
        " coalesce(a.kind, ''), coalesce(a.basis, ''), a.valid_from, a.valid_to"
        " from orgs_post p"
        " left join orgs_appointment a on a.post_id = p.id"
        "   and (a.valid_to is null or a.valid_to > %s and a.valid_to > a.valid_from)"
        " left join orgs_person o on o.id = a.person_id"
        " where p.unit_id = %s and (a.id is not null or p.code in ('head', 'duty', 'second_duty'))"
        " order by array_position(array['head', 'deputy_head', 'duty', 'second_duty',"
        "  'administrator', 'staff'], p.code), p.title, a.kind desc, o.number",
        [on, unit_id],
    )
    names = (
        "appointment_id", "post_id", "post_code", "title", "person_id", "number", "name", "kind",
        "basis", "valid_from", "valid_to",
    )  # fmt: skip
    return [PostHolder(**dict(zip(names, row, strict=True))) for row in rows]


def times_of_person(person_id: UUID, *, with_undone: bool = False) -> list[PostTime]:
    """Return every post a person holds, will hold or held, newest first; undone ones at will."""
    rows = _query(
        "select a.id, p.id, u.id, u.code, u.name_zh, u.name_en, u.division_code, p.code, p.title,"
        " a.kind, a.basis, a.valid_from, a.valid_to, a.founded"
        " from orgs_appointment a join orgs_post p on p.id = a.post_id"
        " join orgs_unit u on u.id = p.unit_id"
        " where a.person_id = %s and (%s or a.valid_to is null or a.valid_to > a.valid_from)"
        " order by a.valid_from desc, a.id desc",
        [person_id, with_undone],
    )
    names = (
        "appointment_id", "post_id", "unit_id", "unit_code", "unit_zh", "unit_en", "division_code",
        "post_code", "title", "kind", "basis", "valid_from", "valid_to", "founded",
    )  # fmt: skip
    return [PostTime(**dict(zip(names, row, strict=True))) for row in rows]


def appointment_of(id: UUID) -> tuple[UUID, PostTime] | None:
    """Return one appointment and its person."""
    rows = _query("select person_id from orgs_appointment where id = %s", [id])
    if not rows:
        return None
    found = _query(
        "select a.id, p.id, u.id, u.code, u.name_zh, u.name_en, u.division_code, p.code, p.title,"
        " a.kind, a.basis, a.valid_from, a.valid_to, a.founded"
        " from orgs_appointment a join orgs_post p on p.id = a.post_id"
        " join orgs_unit u on u.id = p.unit_id where a.id = %s",
        [id],
    )
    names = (
        "appointment_id", "post_id", "unit_id", "unit_code", "unit_zh", "unit_en", "division_code",
        "post_code", "title", "kind", "basis", "valid_from", "valid_to", "founded",
    )  # fmt: skip
    return rows[0][0], PostTime(**dict(zip(names, found[0], strict=True)))


_DELEGATION = (
    "select d.id, d.from_person_id, f.name, d.to_person_id, t.name, u.id, u.name_zh, u.name_en,"
    " u.division_code, p.code, p.title, d.reason, d.valid_from, d.valid_to from orgs_delegation d"
    " join orgs_person f on f.id = d.from_person_id join orgs_person t on t.id = d.to_person_id"
    " join orgs_post p on p.id = d.post_id join orgs_unit u on u.id = p.unit_id"
)


def delegations_of(
    *, person_id: UUID | None = None, unit_id: UUID | None = None, id: UUID | None = None
) -> list[DelegationView]:
    """Return delegations given and received by a person, or of the posts of a unit."""
    rows = _query(
        f"{_DELEGATION} where (d.from_person_id = %s or d.to_person_id = %s or u.id = %s"
        " or d.id = %s) and d.valid_to > d.valid_from order by d.valid_from desc, d.id desc",
        [person_id, person_id, unit_id, id],
    )
    names = (
        "id", "from_person_id", "from_name", "to_person_id", "to_name", "unit_id", "unit_zh",
        "unit_en", "division_code", "post_code", "title", "reason", "valid_from", "valid_to",
    )  # fmt: skip
    return [DelegationView(**dict(zip(names, row, strict=True))) for row in rows]


def stood_in_for(person_id: UUID, unit_id: UUID, *, on: date) -> tuple[UUID, ...]:
    """Return whose posts of a unit somebody held by delegation at any time of that day.

    The day on which a delegation ended counts, even when it was given on that very day: what was
    done before noon was done for both (promise P2).
    """
    return stood_in_for_each([(person_id, unit_id, on)])[0]


def stood_in_for_each(asked: Sequence[tuple[UUID, UUID, date]]) -> list[tuple[UUID, ...]]:
    """Return ``stood_in_for`` of many (person, unit, day), in their order; one query."""
    if not asked:
        return []
    people, units, days = (list(column) for column in zip(*asked, strict=True))
    rows = _query(
        "select distinct q.nth, d.from_person_id"
        " from unnest(%s::uuid[], %s::uuid[], %s::date[]) with ordinality"
        " as q(person_id, unit_id, day, nth)"
        " join orgs_post p on p.unit_id = q.unit_id"
        " join orgs_delegation d on d.post_id = p.id and d.to_person_id = q.person_id"
        " and d.valid_from <= q.day and d.valid_to >= q.day",
        [people, units, days],
    )
    found: list[list[UUID]] = [[] for _ in asked]
    for nth, from_person_id in rows:
        found[nth - 1].append(from_person_id)
    return [tuple(others) for others in found]


def jurisdictions_of(unit_id: UUID) -> list[JurisdictionRow]:
    """Return what a unit answers for and answered for, what is in force first."""
    rows = _query(
        "select id, line, area_code, kind, valid_from, valid_to from orgs_jurisdiction"
        " where unit_id = %s order by valid_to is not null, line, area_code, valid_from",
        [unit_id],
    )
    names = ("id", "line", "area_code", "kind", "valid_from", "valid_to")
    return [JurisdictionRow(**dict(zip(names, row, strict=True))) for row in rows]


def units_above(unit_id: UUID) -> tuple[UUID, ...]:
    """Return the units above an office, the nearest first; a unit of the book has none."""
    rows = _query(
        "with recursive up(id, depth) as (select parent_id, 1 from orgs_unit where id = %s"
        " union select u.parent_id, up.depth + 1 from orgs_unit u join up on u.id = up.id"
        " where up.depth < 20) select id from up where id is not null order by depth",
        [unit_id],
    )
    return tuple(row[0] for row in rows)


def past_of_unit(unit_id: UUID) -> UnitPast:
    """Return names, predecessors and successors of a unit (promise P11)."""
    row = Unit.objects.get(id=unit_id)
    ids = [id for id in (row.successor_id, row.origin_id) if id is not None]
    others = {unit.id: ref(unit) for unit in Unit.objects.filter(id__in=ids)}
    names = _query(
        "select valid_from, valid_to, name_zh, name_en from orgs_unitname where unit_id = %s"
        " order by valid_from",
        [unit_id],
    )
    merged = Unit.objects.filter(successor_id=unit_id).order_by("valid_to")
    split = Unit.objects.filter(origin_id=unit_id).order_by("valid_from")
    return UnitPast(
        names=tuple(names),
        founded_on=row.valid_from,
        closed_on=row.valid_to,
        successor=others.get(row.successor_id) if row.successor_id else None,
        origin=others.get(row.origin_id) if row.origin_id else None,
        merged_in=tuple((unit.valid_to, ref(unit)) for unit in merged if unit.valid_to),
        split_off=tuple((unit.valid_from, ref(unit)) for unit in split),
    )


def open_unit(unit_id: UUID, *, on: date) -> UnitRef | None:
    """Return a unit that is open on that day."""
    row = open_on(Unit.objects.filter(id=unit_id), on).first()
    return None if row is None else ref(row)


def book_units(cut: Cut, *, on: date) -> Iterator[tuple[str, ...]]:
    """Yield the open units of a book as an import would read them."""
    yield from _stream(
        "select u.code, u.name_zh, u.name_en, coalesce(p.code, ''), u.division_code,"  # noqa: S608
        " coalesce(u.line, '') from orgs_unit u left join orgs_unit p on p.id = u.parent_id"
        f" where u.valid_from <= %s and (u.valid_to is null or u.valid_to > %s) and {cut[0]}"
        " order by u.division_code, u.parent_id is not null, u.code",
        [on, on, *cut[1]],
    )


def book_people(cut: Cut, *, on: date) -> Iterator[tuple[str, ...]]:
    """Yield the people of a book as an import would read them; telephones are not in it."""
    yield from _stream(
        "select o.number, o.name, u.code, p.code, p.title, a.kind, a.valid_from::text,"  # noqa: S608
        " coalesce(a.valid_to::text, ''), a.basis from orgs_appointment a"
        " join orgs_person o on o.id = a.person_id join orgs_post p on p.id = a.post_id"
        " join orgs_unit u on u.id = p.unit_id"
        " where a.valid_from <= %s and (a.valid_to is null or a.valid_to > %s)"
        f" and (u.valid_to is null or u.valid_to > %s) and {cut[0]}"
        " order by u.division_code, u.code, o.number",
        [on, on, on, *cut[1]],
    )


def book_chains(cut: Cut) -> Iterator[tuple[str, ...]]:
    """Yield the fallback chains declared without an end, as an import would read them."""
    yield from _stream(
        "select c.line, c.chain, c.area_code, c.valid_from::text, c.basis"  # noqa: S608
        " from orgs_fallbackchain c"
        f" where c.valid_to is null and {cut[0]} order by c.area_code, c.line",
        cut[1],
    )


def _stream(sql: str, values: Sequence[Any]) -> Iterator[tuple[str, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(2000):
            yield from rows
