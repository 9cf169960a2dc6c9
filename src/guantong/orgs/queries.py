"""The read side of orgs: who answers, who is on duty, what a place and a unit are called.

The jurisdiction table is held in memory, since it is asked for every task. Each change of it moves
one number in the store, in the same transaction; a process looks at it once a second, and reads
the table anew when it is another one than that of its copy.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as hour
from typing import Any, Literal, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet

from guantong.base.clock import BEIJING
from guantong.orgs.division import DivisionRef, Tier, is_code, prefix
from guantong.orgs.fallback import Chain, Chains, Declaration
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
from guantong.orgs.shipped import Province

M = TypeVar("M", bound=Model)

_held: tuple[int, Jurisdictions] | None = None
_looked_at = 0.0
# So long a process may answer by a table that another one has just changed. What was merged is
# held by whoever took over, so that nothing given out in that time is lost.
LOOK_SECONDS = 1.0


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
    """A post that a person holds, acts in (代理) or stands in for by delegation, and its unit.

    A unit that answers for two lines, or beyond its own division, gives a value for each.
    """

    person_id: UUID
    unit: UnitRef
    post_code: str
    title: str
    kind: Literal["held", "acting", "delegated"] = "held"
    # Whom a delegated post is held for.
    for_person_id: UUID | None = None


def open_on(rows: QuerySet[M], on: date) -> QuerySet[M]:
    """Return those of dated rows that hold on that day."""
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)


def jurisdictions(on: date) -> Jurisdictions:
    """Return the jurisdiction table from that day on; asked as often as one likes.

    At most once a second one row is looked at, to see whether another process changed the table.
    """
    global _held, _looked_at
    held, now = _held, time.monotonic()
    if held is None or on < held[1].since or now - _looked_at > LOOK_SECONDS:
        number = _version()
        if held is None or held[0] != number or on < held[1].since:
            # The number is read before the rows: a change in between gives one reading too many.
            chains = Chains(declarations(on))
            held = (number, Jurisdictions(_holdings(on), since=on, chains=chains))
        _held, _looked_at = held, now
    return held[1]


def province_on(on: date) -> Province:
    """Return divisions and jurisdictions of the store on a day."""
    return Province(tuple(divisions()), jurisdictions(on), on)


def _version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select number from orgs_organisationversion where id = 1")
        found = cursor.fetchone()
    return found[0] if found else 0


def jurisdictions_changed() -> None:
    """Let every process read the jurisdiction table anew; called in the transaction of a change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into orgs_organisationversion (id, number) values (1, 1)"
            " on conflict (id) do update set number = orgs_organisationversion.number + 1"
        )
    # At once for whoever reads next in this transaction, and again when it is certain: another
    # thread may have loaded the old rows in between.
    forget_jurisdictions()
    transaction.on_commit(forget_jurisdictions)


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


def declarations(on: date) -> list[Declaration]:
    """Return the fallback chains that are declared for that day or a later one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select line, area_code, chain, valid_from, valid_to from orgs_fallbackchain"
            " where (valid_to is null or valid_to > %s) and valid_to is distinct from valid_from",
            [on],
        )
        return [
            Declaration(line, area, tuple(chain.split(",")), since, until)
            for line, area, chain, since, until in cursor.fetchall()
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
    return None if row is None else ref(row)


def units_by_id(unit_ids: Iterable[UUID]) -> dict[UUID, UnitRef]:
    """Return units by their ids, closed ones too, with the names they have today."""
    return {row.id: ref(row) for row in Unit.objects.filter(id__in=set(unit_ids))}


def ref(row: Unit) -> UnitRef:
    """Return a unit as other packages see it."""
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


def changes_by_chain(
    line: str, area: str, chain: Chain, *, on: date
) -> list[tuple[Role, str, UnitRef | None, UnitRef | None]]:
    """Return the places of an area that would get another unit by a chain: role, place, was, is.

    Asked for the tiers at which a line may have units; nothing is changed.
    """
    held = jurisdictions(on)
    if not is_code(area):
        return []
    planned = Declaration(line, area, chain, on, None)
    others = [one for one in held.chains if (one.line, one.area_code) != (line, area)]
    after = held.with_chains(Chains([planned, *others]))
    found = []
    for tier in ("province", "city", "county", "township"):
        role = Role(line, tier)
        for place in divisions(tier=tier, under=area):
            was = resolve(role, place.code, units=held, on=on)
            now = resolve(role, place.code, units=after, on=on)
            before = was.unit if isinstance(was, Responsibility) else None
            later = now.unit if isinstance(now, Responsibility) else None
            if before != later:
                found.append((role, place.code, before, later))
    return found


# Of a unit's people, whoever is on duty comes first and the head last.
_HELD = (
    " from orgs_appointment a join orgs_post p on p.id = a.post_id"
    " join orgs_unit u on u.id = p.unit_id"
    " join orgs_person o on o.id = a.person_id"
    " where a.valid_from <= %(on)s and (a.valid_to is null or a.valid_to > %(on)s)"
    " and u.valid_from <= %(on)s and (u.valid_to is null or u.valid_to > %(on)s)"
)
_DUTY_FIRST = (
    " array_position(array['duty', 'second_duty', 'deputy_head', 'head', 'staff',"
    " 'administrator'], p.code), a.kind desc, o.number"
)


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


def duty_people(
    unit_ids: Iterable[UUID], *, on: date, at: datetime | None = None
) -> dict[UUID, tuple[UUID, ...]]:
    """Return for each unit the ids of its people, whoever is on duty first; two queries.

    A unit with a roster for that day (for that moment, with ``at``) has the people of the roster
    first: the first and the second on duty before who leads the shift; without one, its duty
    officer. ``roster.on_duty`` is the same rule for one unit.
    """
    found: dict[UUID, tuple[UUID, ...]] = dict.fromkeys(unit_ids, ())
    since = at or datetime.combine(on, hour(), tzinfo=BEIJING)
    until = since + (timedelta(microseconds=1) if at else timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(
            "select s.unit_id, s.person_id from orgs_dutyshift s"
            " where s.unit_id = any(%(units)s) and not s.cancelled"
            " and s.ends_at > %(since)s and s.starts_at < %(until)s"
            " and exists (select from orgs_appointment a where a.person_id = s.person_id"
            "  and a.valid_from <= %(on)s and (a.valid_to is null or a.valid_to > %(on)s))"
            # On duty before leading: the leader of a shift decides, the officer on duty answers.
            " order by array_position(array['duty', 'second', 'lead'], s.part), s.starts_at, s.id",
            {"units": list(found), "since": since, "until": until, "on": on},
        )
        rostered = cursor.fetchall()
        cursor.execute(
            f"select u.id, o.id {_HELD} and u.id = any(%(units)s) order by u.id, {_DUTY_FIRST}",
            {"on": on, "units": list(found)},
        )
        for unit_id, person_id in [*rostered, *cursor.fetchall()]:
            if person_id not in found[unit_id]:
                found[unit_id] += (person_id,)
    return found


def with_roster(unit_ids: Iterable[UUID], *, on: date) -> frozenset[UUID]:
    """Return which of these units have a roster that touches a day."""
    since = datetime.combine(on, hour(), tzinfo=BEIJING)
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct unit_id from orgs_dutyshift where unit_id = any(%s)"
            " and not cancelled and ends_at > %s and starts_at < %s",
            [list(unit_ids), since, since + timedelta(days=1)],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def names_of_people(person_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return number and name of each person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, number, name from orgs_person where id = any(%s)", [list(set(person_ids))]
        )
        return {id: (number, name) for id, number, name in cursor.fetchall()}


def person_by_number(number: str) -> UUID | None:
    """Return the person who has that number in the organisation book."""
    with connection.cursor() as cursor:
        cursor.execute("select id from orgs_person where number = %s", [number])
        row = cursor.fetchone()
    return None if row is None else row[0]


def posts_of_people(person_ids: Iterable[UUID], *, on: date) -> Mapping[UUID, tuple[HeldPost, ...]]:
    """Return the posts each person holds on that day, their own first; one query.

    A post in a unit that took over another is a post in the other as well: what the closed
    unit still held would otherwise belong to nobody (promise P1). A delegated post lasts only
    as long as the one who gave it holds it.
    """
    found: dict[UUID, tuple[HeldPost, ...]] = dict.fromkeys(person_ids, ())
    with connection.cursor() as cursor:
        cursor.execute(_POSTS, {"on": on, "people": list(found)})
        for row in cursor.fetchall():
            unit, (person_id, post, title, kind, giver, line, area) = _unit(row), row[7:]
            if line is not None or area is not None:
                unit = replace(
                    unit, line=line or unit.line, division_code=area or unit.division_code
                )
            held = HeldPost(
                person_id=person_id,
                unit=unit,
                post_code=post,
                title=title,
                kind=kind,
                for_person_id=giver,
            )
            if held not in found[person_id]:
                found[person_id] += (held,)
    return found


# The chain of merged units hangs on what is held on the day; what a unit answers for beyond
# its own line and division hangs on that. One round trip, asked on every request.
_POSTS = f"""
    with recursive own as (
        select u.id as unit_id, p.code as post, p.title, o.id as person_id, a.kind,
            null::uuid as giver
        {_HELD} and o.id = any(%(people)s)
        union all
        select u.id, p.code, p.title, d.to_person_id, 'delegated', d.from_person_id
        from orgs_delegation d
        join orgs_appointment a on a.post_id = d.post_id and a.person_id = d.from_person_id
            and a.valid_from <= %(on)s and (a.valid_to is null or a.valid_to > %(on)s)
        join orgs_post p on p.id = d.post_id
        join orgs_unit u on u.id = p.unit_id
            and u.valid_from <= %(on)s and (u.valid_to is null or u.valid_to > %(on)s)
        where d.to_person_id = any(%(people)s) and d.valid_from <= %(on)s and d.valid_to > %(on)s
    ), held as (
        select own.*, 0 as depth from own
        union
        select u.id, held.post, held.title, held.person_id, held.kind, held.giver, held.depth + 1
        from held join orgs_unit u
          on u.successor_id = held.unit_id and u.valid_to <= %(on)s
    )
    select u.id, u.code, u.line, u.tier, u.division_code, u.name_zh, u.name_en,
           held.person_id, held.post, held.title, held.kind, held.giver, more.line, more.area
    from held join orgs_unit u on u.id = held.unit_id
    cross join lateral (
        select null::text as line, null::text as area
        union
        select nullif(j.line, u.line), nullif(j.area_code, u.division_code)
        from orgs_jurisdiction j
        where j.unit_id = u.id and j.valid_from <= %(on)s
            and (j.valid_to is null or j.valid_to > %(on)s)
            and (j.line <> u.line or (u.line is null and j.line is not null)
                or not j.area_code like rtrim(left(u.division_code, case u.tier
                    when 'province' then 2 when 'city' then 4 when 'county' then 6
                    when 'township' then 9 else 12 end)) || '%%')
    ) more
    order by case held.kind when 'held' then 0 when 'acting' then 1 else 2 end,
        held.depth, u.code, held.post, more.line nulls first, more.area nulls first
"""  # noqa: S608 - constants


def held_without_gap(
    person_id: UUID, unit_id: UUID, post_code: str, *, since: date, on: date
) -> bool:
    """Say whether somebody held a post on every day of a time, however often it was renewed.

    As in ``posts_of_people`` a delegated post is held while its giver holds it, and a post in the
    unit that took over another is one in the other from then on.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _DAYS_HELD,
            {"person": person_id, "unit": unit_id, "post": post_code, "since": since, "on": on},
        )
        return bool(cursor.fetchone()[0])


_DAYS_HELD = """
    with recursive own as (
        select %(unit)s::uuid as id, null::date as since
        union
        select u.successor_id, u.valid_to from own join orgs_unit u on u.id = own.id
        where u.successor_id is not null
    ), held as (
        select a.person_id, a.post_id, daterange(a.valid_from, a.valid_to)
            * daterange(u.valid_from, u.valid_to) * daterange(own.since, null) as days
        from own join orgs_unit u on u.id = own.id
        join orgs_post p on p.unit_id = u.id and p.code = %(post)s
        join orgs_appointment a on a.post_id = p.id
    ), days as (
        select days from held where person_id = %(person)s
        union all
        select held.days * daterange(d.valid_from, d.valid_to)
        from orgs_delegation d
        join held on held.post_id = d.post_id and held.person_id = d.from_person_id
        where d.to_person_id = %(person)s
    )
    select daterange(%(since)s, %(on)s, '[]') <@ coalesce(range_agg(days), '{}') from days
"""
