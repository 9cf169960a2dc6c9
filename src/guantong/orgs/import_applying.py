"""Carry out the changes of a plan: units first, then people, what ends, and what begins.

Sets of rows go down by COPY and each kind of change in one statement; every record gets its leaf.
What somebody else has filled since the plan was judged is not overwritten: the row is given back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from django.db import connection

from guantong.base.ids import new_id
from guantong.base.sealing import seal, unseal
from guantong.orgs.appointments import tell_leavers
from guantong.orgs.chains import declare_chain
from guantong.orgs.delegations import end_delegations_of
from guantong.orgs.division import tier_of
from guantong.orgs.errors import ChainDayTaken, ChainGoesInARing
from guantong.orgs.founding_seal import touch
from guantong.orgs.models import SINGLE_POSTS, ImportRow, Unit, UnitName
from guantong.orgs.queries import jurisdictions_changed
from guantong.orgs.trail import leave


class Said(TypedDict):
    """When something is done and by whom, handed on to every step."""

    at: datetime
    actor: str


Changes = Sequence[tuple[ImportRow, Mapping[str, Any]]]


def apply_rows(rows: Sequence[ImportRow], *, on: date, at: datetime, actor: str) -> list[int]:
    """Apply every change of these rows; return the ids of rows that could not be applied."""
    by_kind: dict[str, list[tuple[ImportRow, Mapping[str, Any]]]] = {}
    for row in rows:
        for change in row.changes:
            by_kind.setdefault(change["what"], []).append((row, change))
    say = Said(at=at, actor=actor)
    _new_units(by_kind.get("unit-new", ()), on, **say)
    _renamed_units(by_kind.get("unit-renamed", ()), on, **say)
    _moved_units(by_kind.get("unit-moved", ()), **say)
    numbers = {c["number"] for kind in _OF_PEOPLE for _, c in by_kind.get(kind, ())}
    people = _ids("orgs_person", "number", numbers)
    people |= _new_people(by_kind.get("person-new", ()), people, **say)
    _renamed_people(by_kind.get("person-renamed", ()), people, **say)
    _contacts(by_kind.get("contact", ()), people, **say)
    begins = [*by_kind.get("moved", ()), *by_kind.get("appointed", ())]
    refused = _begins(begins, people, on, **say)
    _titles(by_kind.get("title", ()), **say)
    return refused + _chains(by_kind.get("chain-declared", ()), **say)


_OF_PEOPLE = ("person-new", "person-renamed", "contact", "appointed", "moved")


def tell_who_left(appointments: Sequence[UUID], *, on: date, at: datetime, actor: str) -> None:
    """Publish who of those whose appointments ended holds nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct person_id from orgs_appointment where id = any(%s)",
            [list(appointments)],
        )
        people = [row[0] for row in cursor.fetchall()]
    tell_leavers(people, on=on, at=at, actor=actor)


def _ids(table: str, column: str, values: Iterable[str]) -> dict[str, UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {column}, id from {table} where {column} = any(%s)",  # noqa: S608 - constants
            [list(values)],
        )
        return dict(cursor.fetchall())


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    statement = f"copy {table} ({', '.join(columns)}) from stdin"
    with connection.cursor() as cursor, cursor.copy(statement) as copying:
        for row in rows:
            copying.write_row(row)


# Units


def _new_units(changes: Changes, on: date, *, at: datetime, actor: str) -> None:
    if not changes:
        return
    there = _ids("orgs_unit", "code", (c["code"] for _, c in changes))
    fresh = {c["code"]: c for _, c in changes if c["code"] not in there}
    ids = {code: new_id() for code in fresh}
    above = _ids("orgs_unit", "code", {c["parent"] for c in fresh.values() if c["parent"]}) | ids
    _copy(
        "orgs_unit",
        ("id", "code", "line", "tier", "division_code", "name_zh", "name_en", "named_from",
         "valid_from", "parent_id", "founded"),
        (
            (ids[code], code, c["line"], tier_of(c["division_code"]), c["division_code"],
             c["name_zh"], c["name_en"], on, on, above.get(c["parent"]), False)
            for code, c in fresh.items()
        ),
    )  # fmt: skip
    leave("unit", "set_up", ids.values(), at=at, actor=actor)
    rows = [
        (new_id(), ids[code], None if line == "area" else line, c["division_code"], "territorial",
         on, False)
        for code, c in fresh.items()
        for line in c["answers"]
    ]  # fmt: skip
    _copy(
        "orgs_jurisdiction",
        ("id", "unit_id", "line", "area_code", "kind", "valid_from", "founded"),
        rows,
    )
    leave("jurisdiction", "take_on", (row[0] for row in rows), at=at, actor=actor)
    if rows:
        jurisdictions_changed()


def _renamed_units(changes: Changes, on: date, *, at: datetime, actor: str) -> None:
    if not changes:
        return
    wanted = {c["code"]: c for _, c in changes}
    units = list(Unit.objects.select_for_update().filter(code__in=list(wanted)))
    touch("unit", [unit.id for unit in units], at=at, actor=actor)
    for unit in units:
        if on > unit.named_from:
            UnitName.objects.create(
                unit_id=unit.id, name_zh=unit.name_zh, name_en=unit.name_en,
                valid_from=unit.named_from, valid_to=on,
            )  # fmt: skip
            unit.named_from = on
        unit.name_zh, unit.name_en = wanted[unit.code]["name_zh"], wanted[unit.code]["name_en"]
    Unit.objects.bulk_update(units, ["name_zh", "name_en", "named_from"])
    leave("unit", "rename", [unit.id for unit in units], at=at, actor=actor, on=on.isoformat())
    jurisdictions_changed()


def _moved_units(changes: Changes, *, at: datetime, actor: str) -> None:
    if not changes:
        return
    wanted = {c["code"]: c["parent"] for _, c in changes}
    units = list(Unit.objects.select_for_update().filter(code__in=list(wanted)))
    above = _ids("orgs_unit", "code", wanted.values())
    touch("unit", [unit.id for unit in units], at=at, actor=actor)
    for unit in units:
        unit.parent_id = above[wanted[unit.code]]
    Unit.objects.bulk_update(units, ["parent_id"])
    leave("unit", "move", [unit.id for unit in units], at=at, actor=actor)


# People


def _new_people(
    changes: Changes, there: Mapping[str, UUID], *, at: datetime, actor: str
) -> dict[str, UUID]:
    fresh = {c["number"]: (row, c) for row, c in changes if c["number"] not in there}
    if not fresh:
        return {}
    ids = {number: new_id() for number in fresh}
    _copy(
        "orgs_person",
        ("id", "number", "name", "mobile", "mobile_mark", "identity", "identity_mark", "founded"),
        (
            (
                ids[number], number, c["name"], _bound(row.mobile, "mobile", ids[number]),
                row.mobile_mark, _bound(row.identity, "identity", ids[number]), row.identity_mark,
                False,
            )
            for number, (row, c) in fresh.items()
        ),
    )  # fmt: skip
    leave("person", "enter", ids.values(), at=at, actor=actor)
    return ids


def _bound(sealed: str, field: str, id: UUID) -> str:
    """Return a value sealed for a plan as it is sealed for a person."""
    if not sealed:
        return ""
    return seal(unseal(sealed, about=f"orgs.import.{field}"), about=f"orgs.person.{field}:{id}")


def _renamed_people(
    changes: Changes, people: Mapping[str, UUID], *, at: datetime, actor: str
) -> None:
    names = {people[c["number"]]: c["name"] for _, c in changes if c["number"] in people}
    if not names:
        return
    touch("person", names, at=at, actor=actor)
    with connection.cursor() as cursor:
        cursor.execute(
            "update orgs_person set name = n.name"
            " from unnest(%s::uuid[], %s::text[]) as n(id, name) where orgs_person.id = n.id",
            [list(names), list(names.values())],
        )
    leave("person", "correct", names, at=at, actor=actor)


def _contacts(changes: Changes, people: Mapping[str, UUID], *, at: datetime, actor: str) -> None:
    found = [(people[c["number"]], row, c) for row, c in changes if c["number"] in people]
    if not found:
        return
    touch("person", [id for id, _, _ in found], at=at, actor=actor)
    with connection.cursor() as cursor:
        for field in ("mobile", "identity"):
            values = [
                (_bound(getattr(row, field), field, id), getattr(row, f"{field}_mark"), id)
                for id, row, c in found
                if field in c["fields"] and getattr(row, field)
            ]
            cursor.executemany(
                f"update orgs_person set {field} = %s, {field}_mark = %s where id = %s",  # noqa: S608
                values,
            )
    leave("person", "correct", [id for id, _, _ in found], at=at, actor=actor)


# Appointments


def apply_ends(days: Mapping[UUID, date], *, at: datetime, actor: str) -> None:
    """End appointments, with what was delegated from them, before anything begins."""
    if not days:
        return
    touch("appointment", days, at=at, actor=actor)
    with connection.cursor() as cursor:
        cursor.execute(
            "update orgs_appointment a set valid_to = greatest(n.day, a.valid_from)"
            " from unnest(%s::uuid[], %s::date[]) as n(id, day) where a.id = n.id"
            " returning a.person_id, a.post_id, a.valid_to",
            [list(days), list(days.values())],
        )
        ended = cursor.fetchall()
    leave("appointment", "end", days, at=at, actor=actor)
    for day in sorted({row[2] for row in ended}):
        given = [(person, post) for person, post, until in ended if until == day]
        end_delegations_of(given, on=day, at=at, actor=actor)


def give_back(rows: Sequence[ImportRow], *, on: date, at: datetime, actor: str) -> list[UUID]:
    """Let people of refused rows keep what they held, when they would be left with nothing.

    A mover whose new post somebody else filled meanwhile has not left: the row is in doubt, and
    until it is settled the person stays where they were. Return the appointments that go on; one
    in a post that another has taken over by the same file has ended all the same.
    """
    numbers = {row.cells["fields"].get("number", "") for row in rows} - {""}
    if not rows or not numbers:
        return []
    plan = rows[0].plan_id
    ended = {
        UUID(change["appointment"]): change.get("was")
        for row in ImportRow.objects.filter(plan_id=plan, skipped=False)
        .filter(changes__contains=[{"what": "ended"}])
        .iterator()
        if row.cells["fields"].get("number", "") in numbers
        for change in row.changes
        if change["what"] == "ended"
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "select a.id from orgs_appointment a join orgs_post p on p.id = a.post_id"
            " where a.id = any(%s) and not exists (select from orgs_appointment b"
            "  where b.person_id = a.person_id and (b.valid_to is null or b.valid_to > %s"
            "   and b.valid_to > b.valid_from))"
            " and not (p.code = any(%s) and exists (select from orgs_appointment c"
            "  where c.post_id = a.post_id and c.kind = 'held' and c.id <> a.id"
            "   and (c.valid_to is null or c.valid_to > %s and c.valid_to > c.valid_from)))",
            [list(ended), on, list(SINGLE_POSTS), on],
        )
        kept = [row[0] for row in cursor.fetchall()]
        cursor.executemany(
            "update orgs_appointment set valid_to = %s where id = %s",
            [(ended[id], id) for id in kept],
        )
    leave("appointment", "give_back", kept, at=at, actor=actor)
    return kept


def _begins(
    changes: Changes, people: Mapping[str, UUID], on: date, *, at: datetime, actor: str
) -> list[int]:
    if not changes:
        return []
    units = _ids("orgs_unit", "code", {c["unit"] for _, c in changes})
    with connection.cursor() as cursor:
        # Kept from others, so that no post for one person is filled twice at once.
        cursor.execute(
            "select id from orgs_unit where id = any(%s) order by id for update",
            [list(units.values())],
        )
    filled = _filled(list(units.values()), on)
    refused, wanted = [], []
    for row, c in changes:
        place = (units.get(c["unit"]), c["post"])
        number = c["number"]
        if (
            place[0] is None
            or number not in people
            or (c["kind"] == "held" and c["post"] in SINGLE_POSTS and place in filled)
        ):
            refused.append(row.id)
        else:
            if c["kind"] == "held":
                filled.add((place[0], place[1]))
            wanted.append((people[number], place[0], c))
    posts = _posts([(unit, c["post"], c["title"]) for _, unit, c in wanted], at=at, actor=actor)
    rows = [
        (new_id(), person, posts[unit, c["post"], _title(c["post"], c["title"])], c["kind"],
         c["basis"], date.fromisoformat(c["from"]),
         date.fromisoformat(c["until"]) if c["until"] else None, False, actor)
        for person, unit, c in wanted
    ]  # fmt: skip
    _copy(
        "orgs_appointment",
        (
            "id",
            "person_id",
            "post_id",
            "kind",
            "basis",
            "valid_from",
            "valid_to",
            "founded",
            "made_by",
        ),
        rows,
    )
    leave("appointment", "appoint", (row[0] for row in rows), at=at, actor=actor)
    return refused


def _filled(unit_ids: list[UUID], on: date) -> set[tuple[UUID, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.unit_id, p.code from orgs_post p join orgs_appointment a on a.post_id = p.id"
            " where p.unit_id = any(%s) and p.code = any(%s) and a.kind = 'held'"
            " and (a.valid_to is null or a.valid_to > %s and a.valid_to > a.valid_from)",
            [unit_ids, list(SINGLE_POSTS), on],
        )
        return set(cursor.fetchall())


def _title(post: str, title: str) -> str:
    # A post for one person is one post, whatever it is called.
    return "" if post in SINGLE_POSTS else title or f"orgs.post.{post}"


def _posts(
    wanted: Sequence[tuple[UUID, str, str]], *, at: datetime, actor: str
) -> dict[tuple[UUID, str, str], UUID]:
    """Return the posts of units by code and title; those that are not there are set up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select unit_id, code, title, id from orgs_post where unit_id = any(%s)"
            " order by id desc",
            [list({unit for unit, _, _ in wanted})],
        )
        found = {(unit, code, _title(code, title)): id for unit, code, title, id in cursor}
    made: dict[UUID, tuple[UUID, str, str]] = {}
    for unit, code, title in wanted:
        key = (unit, code, _title(code, title))
        if key not in found:
            found[key] = new_id()
            made[found[key]] = (unit, code, title or f"orgs.post.{code}")
    _copy(
        "orgs_post",
        ("id", "unit_id", "code", "title", "founded"),
        ((id, *facts, False) for id, facts in made.items()),
    )
    leave("post", "set_up", made, at=at, actor=actor)
    return found


def _titles(changes: Changes, *, at: datetime, actor: str) -> None:
    """Give posts for one person another title."""
    units = _ids("orgs_unit", "code", {c["unit"] for _, c in changes})
    for _, c in changes:
        with connection.cursor() as cursor:
            cursor.execute(
                "select id from orgs_post where unit_id = %s and code = %s and title <> %s",
                [units.get(c["unit"]), c["post"], c["title"]],
            )
            ids = [row[0] for row in cursor.fetchall()]
            if c["post"] not in SINGLE_POSTS or not ids:
                continue
            touch("post", ids, at=at, actor=actor)
            cursor.execute("update orgs_post set title = %s where id = any(%s)", [c["title"], ids])
        leave("post", "title", ids, at=at, actor=actor)


# Fallback chains


def _chains(changes: Changes, *, at: datetime, actor: str) -> list[int]:
    refused = []
    for row, c in changes:
        try:
            declare_chain(
                c["line"], c["area"], tuple(c["chain"]), on=date.fromisoformat(c["from"]),
                basis=c["basis"], at=at, actor=actor,
            )  # fmt: skip
        except (ChainDayTaken, ChainGoesInARing):
            # Somebody else has declared one since the plan was judged.
            refused.append(row.id)
    return refused
