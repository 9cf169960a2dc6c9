"""What the store says about everything an import names, read in a handful of queries."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from guantong.orgs.fallback import Chains
from guantong.orgs.import_rows import Known, KnownPerson, KnownPost, KnownUnit, Row
from guantong.orgs.line import AREA, lines
from guantong.orgs.models import SINGLE_POSTS
from guantong.orgs.queries import declarations

# Tasks under way that persons hold: told from above, orgs knows no tasks.
_held_work: Callable[[Sequence[UUID]], Mapping[UUID, int]] = lambda ids: {}  # noqa: E731


def bring_held_work(count: Callable[[Sequence[UUID]], Mapping[UUID, int]]) -> None:
    """Let imports and leavers be told how many tasks each person still holds."""
    global _held_work
    _held_work = count


def held_work(person_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """Return how many tasks each person still holds; who holds none is left out."""
    return _held_work(person_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an importer administers: areas by the leading digits of their codes, and units."""

    everything: bool = False
    prefixes: tuple[str, ...] = ()
    unit_ids: tuple[UUID, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return it as a plan keeps it."""
        return {
            "everything": self.everything,
            "prefixes": list(self.prefixes),
            "unit_ids": [str(id) for id in self.unit_ids],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Scope":
        """Return what a plan kept."""
        return cls(
            everything=bool(kept["everything"]),
            prefixes=tuple(kept["prefixes"]),
            unit_ids=tuple(UUID(id) for id in kept["unit_ids"]),
        )

    def has_place(self, division_code: str) -> bool:
        """Say whether a division lies in an area of the scope."""
        return self.everything or division_code.startswith(self.prefixes)


class _Ground:
    """Which units are in scope, offices below a unit in scope among them."""

    def __init__(self, scope: Scope) -> None:
        self._scope, self._own = scope, set(scope.unit_ids)
        with connection.cursor() as cursor:
            cursor.execute("select id, parent_id from orgs_unit where parent_id is not null")
            self._above: dict[UUID, UUID] = dict(cursor.fetchall())

    def mine(self, unit_id: UUID, division_code: str) -> bool:
        if self._scope.has_place(division_code):
            return True
        steps, at = 0, unit_id
        while at is not None and steps < 20:
            if at in self._own:
                return True
            at, steps = self._above.get(at), steps + 1  # type: ignore[assignment]
        return False


def known_of(rows: Sequence[Row], *, scope: Scope, on: date, with_book: bool) -> Known:
    """Return what the rules need to judge these rows."""
    ground = _Ground(scope)
    units = _units(rows, ground, on)
    divisions = {row.cells.get("division_code", "") for row in rows if row.sheet != "people"}
    with_chains = any(row.sheet == "chains" for row in rows)
    top = _top() if with_chains else ""
    divisions |= {top} if top else set()
    divisions |= {unit.division_code for unit in units.values()}
    return Known(
        on=on,
        units=units,
        divisions=_divisions(divisions),
        lines=_line_words(),
        people=_people(
            "o.number = any(%s)",
            [[row.cells.get("number", "") for row in rows if row.sheet == "people"]],
            ground,
            on,
        ),
        by_mobile=_by_mobile({row.mobile_mark for row in rows if row.mobile_mark}),
        by_identity=_by_identity({row.identity_mark for row in rows if row.identity_mark}),
        holders=_holders(list(units), on),
        division_is_mine={code: scope.has_place(code) for code in divisions if code},
        answered=_answered(divisions, on),
        chains=Chains(declarations(date.min)) if with_chains else Chains(),
        top=top,
        book=_book(scope, ground, on) if with_book else None,
    )


def _rows(query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _units(rows: Sequence[Row], ground: _Ground, on: date) -> dict[str, KnownUnit]:
    named = {
        code
        for row in rows
        for code in (row.cells.get("unit"), row.cells.get("code"), row.cells.get("parent"))
        if code
    }
    found = _rows(
        "with recursive up as (select * from orgs_unit where code = any(%s)"
        " union select o.* from orgs_unit o join up on o.id = up.parent_id)"
        " select u.id, u.code, u.name_zh, u.name_en, u.line, u.division_code,"
        " coalesce(p.code, ''), u.valid_to is null or u.valid_to > %s"
        " from up u left join orgs_unit p on p.id = u.parent_id",
        [list(named), on],
    )
    return {
        code: KnownUnit(
            code=code, name_zh=zh, name_en=en, line=line, division_code=division, parent=parent,
            open=open, mine=ground.mine(id, division),
        )
        for id, code, zh, en, line, division, parent, open in found
    }  # fmt: skip


def _top() -> str:
    """Return the division above all others of the installation."""
    found = _rows("select min(code) from orgs_division where parent_code is null", [])
    return found[0][0] or ""


def _divisions(codes: Iterable[str]) -> frozenset[str]:
    found = _rows("select code from orgs_division where code = any(%s)", [list(codes)])
    return frozenset(row[0] for row in found)


def _line_words() -> dict[str, str]:
    words: dict[str, str] = {}
    for line in lines().values():
        for word in (line.id, line.zh, line.en):
            words[word.lower()] = line.id
    return words


_PEOPLE = (
    "select o.id, o.number, o.name, o.mobile_mark, o.identity_mark, a.id, u.id, u.code,"
    " u.division_code, p.code, p.title, a.kind, a.valid_from, a.valid_to"
    " from orgs_person o"
    " left join (orgs_appointment a join orgs_post p on p.id = a.post_id"
    "  join orgs_unit u on u.id = p.unit_id)"
    " on a.person_id = o.id and (a.valid_to is null or a.valid_to > %s and"
    "  a.valid_to > a.valid_from)"
)


def _people(where: str, values: list[Any], ground: _Ground, on: date) -> dict[str, KnownPerson]:
    found: dict[str, KnownPerson] = {}
    for row in _rows(f"{_PEOPLE} where {where} order by a.id", [on, *values]):
        id, number, name, mobile, identity, appointment, unit_id, unit, division = row[:9]
        person = found.get(number)
        if person is None:
            person = found[number] = KnownPerson(str(id), name, mobile, identity)
        if appointment is None:
            continue
        mine = ground.mine(unit_id, division)
        person.elsewhere = person.elsewhere or not mine
        post, title, kind, since, until = row[9:]
        person.posts.append(
            KnownPost(str(appointment), unit, post, title, kind, since, until, mine)
        )
    return found


def _book(scope: Scope, ground: _Ground, on: date) -> dict[str, KnownPerson]:
    if scope.everything:
        return _people("a.id is not null", [], ground, on)
    offices = [id for id in ground._above if ground.mine(id, "")]
    return _people(
        "o.id in (select a2.person_id from orgs_appointment a2 join orgs_post p2 on p2.id ="
        " a2.post_id join orgs_unit u2 on u2.id = p2.unit_id"
        " where (a2.valid_to is null or a2.valid_to > %s)"
        " and (u2.division_code like any(%s) or u2.id = any(%s)))",
        [on, [f"{prefix}%" for prefix in scope.prefixes], [*scope.unit_ids, *offices]],
        ground,
        on,
    )


def _by_mobile(marks: set[str]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for mark, number, name in _rows(
        "select mobile_mark, number, name from orgs_person"
        " where mobile_mark <> '' and mobile_mark = any(%s) order by number",
        [list(marks)],
    ):
        found.setdefault(mark, []).append((number, name))
    return found


def _by_identity(marks: set[str]) -> dict[str, str]:
    return dict(
        _rows(
            "select identity_mark, number from orgs_person"
            " where identity_mark <> '' and identity_mark = any(%s)",
            [list(marks)],
        )
    )


def _holders(codes: list[str], on: date) -> dict[tuple[str, str], tuple[str, str]]:
    found = _rows(
        "select u.code, p.code, o.number, a.id::text from orgs_unit u"
        " join orgs_post p on p.unit_id = u.id and p.code = any(%s)"
        " join orgs_appointment a on a.post_id = p.id and a.kind = 'held'"
        "  and (a.valid_to is null or a.valid_to > %s and a.valid_to > a.valid_from)"
        " join orgs_person o on o.id = a.person_id"
        " where u.code = any(%s)",
        [list(SINGLE_POSTS), on, codes],
    )
    return {(unit, post): (number, id) for unit, post, number, id in found}


def _answered(divisions: Iterable[str], on: date) -> frozenset[tuple[str, str]]:
    found = _rows(
        "select coalesce(line, %s), area_code from orgs_jurisdiction"
        " where area_code = any(%s) and (valid_to is null or valid_to > %s)",
        [AREA, list(divisions), on],
    )
    return frozenset((line, area) for line, area in found)
