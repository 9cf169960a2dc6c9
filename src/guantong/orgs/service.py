"""Use cases of units: found the province, rename a unit, merge two, split one, set up an office.

Each is one transaction, leaves its leaves in it, and moves the number by which every process knows
that its copy of the jurisdiction table is old.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from guantong.audit.api import Leaf, write
from guantong.base.clock import machine_now
from guantong.base.errors import NotFound
from guantong.base.outbox import publish
from guantong.base.realm import LIVE
from guantong.orgs.appointments import end_of_unit
from guantong.orgs.bulk import copy
from guantong.orgs.division import covers
from guantong.orgs.errors import (
    CodeTaken,
    DayBeforeFounding,
    MergedIntoItself,
    NothingToTake,
    UnknownLine,
    UnknownPlace,
    UnknownUnit,
)
from guantong.orgs.events import UnitMerged, UnitRenamed, UnitSplit
from guantong.orgs.founding import read_divisions, rows
from guantong.orgs.founding_seal import seal_founding, touch
from guantong.orgs.line import OFFICE, lines
from guantong.orgs.models import Division, Jurisdiction, Unit, UnitName
from guantong.orgs.queries import jurisdictions_changed, open_on, ref
from guantong.orgs.responsibility import Kind, UnitRef
from guantong.orgs.trail import leave

# One founding at a time per database; the number is ours and means nothing.
_FOUNDING_LOCK = 0x6F726773


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a founded province holds."""

    divisions: int
    units: int
    posts: int
    people: int
    appointments: int
    jurisdictions: int


def found_province(*, on: date, within: Collection[str] = ()) -> Counts:
    """Load divisions, units, posts, people and jurisdiction; a founded province is left alone.

    All or nothing, and safe when two processes start at once. ``within`` founds only these
    divisions with all that lies in them and above them: the installation of a county.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [_FOUNDING_LOCK])
        counts = _counts()
        at = machine_now()
        if counts.divisions:
            # A store of release 0.1.0 was founded before there was a seal.
            seal_founding(at=at, actor="system")
            return counts
        _load(on, within)
        counts = _counts()
        write(
            [
                # The organisation belongs to the installation, not to an exercise: the live realm.
                Leaf(realm=LIVE, at=at, actor="system", act="found", kind="province",
                     object_id=None, body=asdict(counts))
            ]
        )  # fmt: skip
        seal_founding(at=at, actor="system")
    jurisdictions_changed()
    return counts


def rename_unit(
    code: str, *, name_zh: str, name_en: str, on: date, at: datetime, actor: str
) -> None:
    """Give a unit a new name from that day on; the old name stays readable for the days before."""
    with transaction.atomic():
        unit = locked(code, on)
        if (unit.name_zh, unit.name_en) == (name_zh, name_en):
            return
        if on <= unit.named_from:
            raise DayBeforeFounding(code=code, on=on, since=unit.named_from)
        touch("unit", [unit.id], at=at, actor=actor)
        UnitName.objects.create(
            unit_id=unit.id,
            name_zh=unit.name_zh,
            name_en=unit.name_en,
            valid_from=unit.named_from,
            valid_to=on,
        )
        unit.name_zh, unit.name_en, unit.named_from = name_zh, name_en, on
        unit.save(update_fields=["name_zh", "name_en", "named_from"])
        leave("unit", "rename", [unit.id], at=at, actor=actor, on=on.isoformat())
        publish(LIVE, UnitRenamed(unit_id=unit.id, on=on), at=at)
        jurisdictions_changed()


def merge_unit(code: str, *, into: str, on: date, at: datetime, actor: str) -> None:
    """Close a unit on that day; the other answers for its area and holds what it held.

    The posts of the closed unit end. Its past stays as it was: rows are closed, none is removed.
    """
    if code == into:
        raise MergedIntoItself(code=code)
    with transaction.atomic():
        closed, successor = locked(code, on), locked(into, on)
        if on <= closed.valid_from:
            raise DayBeforeFounding(code=code, on=on, since=closed.valid_from)
        held = list(open_on(Jurisdiction.objects.filter(unit_id=closed.id), on))
        touch("unit", [closed.id], at=at, actor=actor)
        end_of_unit(closed.id, on=on, at=at, actor=actor)
        hand_over(held, successor.id, on=on, at=at, actor=actor)
        closed.valid_to, closed.successor_id = on, successor.id
        closed.save(update_fields=["valid_to", "successor_id"])
        leave("unit", "merge", [closed.id], at=at, actor=actor, into=into, on=on.isoformat())
        publish(LIVE, UnitMerged(unit_id=closed.id, into_id=successor.id, on=on), at=at)
        jurisdictions_changed()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnit:
    """A unit to be set up: its code, its names, and the line it belongs to."""

    code: str
    name_zh: str
    name_en: str
    line: str | None = None


def split_unit(
    code: str, new: NewUnit, *, takes: Collection[UUID], on: date, at: datetime, actor: str
) -> UnitRef:
    """Set up a unit out of another; it answers from that day for the jurisdictions it ``takes``.

    The old unit stays for what is left to it, and history still says it answered before.
    """
    with transaction.atomic():
        old = locked(code, on)
        if on <= old.valid_from:
            raise DayBeforeFounding(code=code, on=on, since=old.valid_from)
        held = list(open_on(Jurisdiction.objects.filter(unit_id=old.id, id__in=takes), on))
        if not held or len(held) != len(set(takes)):
            raise NothingToTake(code=code, on=on)
        line = new.line if new.line is not None else held[0].line
        made = _make(
            new, line=line, tier=old.tier, division=old.division_code, on=on, origin=old.id
        )
        leave("unit", "split", [made.id], at=at, actor=actor, of=code, on=on.isoformat())
        hand_over(held, made.id, on=on, at=at, actor=actor)
        publish(LIVE, UnitSplit(unit_id=old.id, new_unit_ids=(made.id,), on=on), at=at)
        jurisdictions_changed()
    return ref(made)


def open_office(new: NewUnit, *, below: str, on: date, at: datetime, actor: str) -> UnitRef:
    """Set up an office (科室) below a unit; it has people, but answers for nothing by itself.

    An office of a government is no government: its line is ``office``, which leads nothing.
    """
    with transaction.atomic():
        parent = locked(below, on)
        made = _make(
            new, line=parent.line or OFFICE, tier=parent.tier, division=parent.division_code,
            on=on, parent=parent.id,
        )  # fmt: skip
        leave("unit", "set_up", [made.id], at=at, actor=actor, below=below)
    return ref(made)


def _make(
    new: NewUnit,
    *,
    line: str | None,
    tier: str,
    division: str,
    on: date,
    origin: UUID | None = None,
    parent: UUID | None = None,
) -> Unit:
    if Unit.objects.filter(code=new.code).exists():
        raise CodeTaken(code=new.code)
    return Unit.objects.create(
        code=new.code, line=line, tier=tier, division_code=division, name_zh=new.name_zh,
        name_en=new.name_en or new.name_zh, named_from=on, valid_from=on, origin_id=origin,
        parent_id=parent, founded=False,
    )  # fmt: skip


def take_on(
    code: str,
    *,
    line: str | None,
    area_code: str,
    kind: Kind,
    on: date,
    at: datetime,
    actor: str,
) -> UUID:
    """Let a unit answer for a line in an area from that day on; what it answers for already stays.

    So a bureau gets a second line, a development zone its area, a vertical body a county more.
    """
    with transaction.atomic():
        unit = locked(code, on)
        if line is not None and line not in lines():
            raise UnknownLine(line=line, role=line, nearest=", ".join(lines()))
        if not Division.objects.filter(code=area_code).exists():
            raise UnknownPlace(place=area_code)
        mine = Jurisdiction.objects.filter(unit_id=unit.id, line=line, area_code=area_code)
        known = open_on(mine, on).first()
        if known is not None:
            return known.id
        row = Jurisdiction.objects.create(
            unit_id=unit.id, line=line, area_code=area_code, kind=kind, valid_from=on, founded=False
        )
        leave("jurisdiction", "take_on", [row.id], at=at, actor=actor, unit=code)
        jurisdictions_changed()
        return row.id


def give_up(id: UUID, *, on: date, at: datetime, actor: str) -> None:
    """End one row of jurisdiction; whoever stands above in the line answers from then on."""
    with transaction.atomic():
        row = Jurisdiction.objects.select_for_update().filter(id=id).first()
        if row is None or (row.valid_to is not None and row.valid_to <= on):
            raise NotFound(what="jurisdiction")
        touch("jurisdiction", [row.id], at=at, actor=actor)
        row.valid_to = max(on, row.valid_from)
        row.save(update_fields=["valid_to"])
        leave("jurisdiction", "give_up", [row.id], at=at, actor=actor)
        jurisdictions_changed()


def hand_over(
    held: Collection[Jurisdiction], unit_id: UUID, *, on: date, at: datetime, actor: str
) -> None:
    """Close rows of jurisdiction on that day and open the same for another unit."""
    ids = [row.id for row in held]
    touch("jurisdiction", ids, at=at, actor=actor)
    Jurisdiction.objects.filter(id__in=ids).update(valid_to=on)
    made = Jurisdiction.objects.bulk_create(
        Jurisdiction(
            unit_id=unit_id,
            line=row.line,
            area_code=row.area_code,
            kind=row.kind,
            valid_from=on,
            founded=False,
        )
        for row in held
    )
    leave("jurisdiction", "hand_over", ids, at=at, actor=actor)
    leave("jurisdiction", "take_on", [row.id for row in made], at=at, actor=actor)


def _load(on: date, within: Collection[str]) -> None:
    places = [
        division
        for division in read_divisions()
        if not within
        or any(covers(area, division.code) or covers(division.code, area) for area in within)
    ]
    made = rows(places, lines(), on=on)
    copy(
        "orgs_division",
        ("code", "name", "name_en", "tier", "parent_code", "valid_from"),
        made.divisions,
    )
    copy(
        "orgs_unit",
        (
            "id", "code", "line", "tier", "division_code",
            "name_zh", "name_en", "named_from", "valid_from",
        ),
        made.units,
    )  # fmt: skip
    copy("orgs_post", ("id", "unit_id", "code", "title"), made.posts)
    copy("orgs_person", ("id", "number", "name"), made.people)
    copy("orgs_appointment", ("id", "person_id", "post_id", "valid_from"), made.appointments)
    copy(
        "orgs_jurisdiction",
        ("id", "unit_id", "line", "area_code", "kind", "valid_from"),
        made.jurisdictions,
    )
    with connection.cursor() as cursor:
        # The first questions come before autovacuum has looked, and would be planned blindly.
        cursor.execute(
            "analyze orgs_division, orgs_unit, orgs_post, orgs_person, orgs_appointment,"
            " orgs_jurisdiction"
        )


def _counts() -> Counts:
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from orgs_division), (select count(*) from orgs_unit),"
            " (select count(*) from orgs_post), (select count(*) from orgs_person),"
            " (select count(*) from orgs_appointment), (select count(*) from orgs_jurisdiction)"
        )
        divisions, units, posts, people, appointments, jurisdictions = cursor.fetchone()
    return Counts(
        divisions=divisions,
        units=units,
        posts=posts,
        people=people,
        appointments=appointments,
        jurisdictions=jurisdictions,
    )


def locked(code: str, on: date) -> Unit:
    """Return an open unit, kept from others until the transaction ends."""
    unit = open_on(Unit.objects.select_for_update().filter(code=code), on).first()
    if unit is None:
        raise UnknownUnit(code=code, on=on)
    return unit
