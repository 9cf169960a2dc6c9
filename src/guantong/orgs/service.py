"""Use cases of orgs: found the province, rename a unit, merge two. Each is one transaction."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import connection, transaction

from guantong.audit.api import Leaf, write
from guantong.base.clock import machine_now
from guantong.base.realm import LIVE
from guantong.orgs.bulk import copy
from guantong.orgs.division import covers
from guantong.orgs.errors import DayBeforeFounding, MergedIntoItself, UnknownUnit
from guantong.orgs.founding import read_divisions, rows
from guantong.orgs.line import lines
from guantong.orgs.models import Appointment, Jurisdiction, Post, Unit, UnitName
from guantong.orgs.queries import forget_jurisdictions, open_on

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
        if counts.divisions:
            return counts
        _load(on, within)
        counts = _counts()
        # The organisation belongs to the installation, not to an exercise: the live realm.
        _leaf("found", "province", None, machine_now(), "system", asdict(counts))
    _forget()
    return counts


def rename_unit(
    code: str, *, name_zh: str, name_en: str, on: date, at: datetime, actor: str
) -> None:
    """Give a unit a new name from that day on; the old name stays readable for the days before."""
    with transaction.atomic():
        unit = _locked(code, on)
        if (unit.name_zh, unit.name_en) == (name_zh, name_en):
            return
        if on <= unit.named_from:
            raise DayBeforeFounding(code=code, on=on, since=unit.named_from)
        UnitName.objects.create(
            unit_id=unit.id,
            name_zh=unit.name_zh,
            name_en=unit.name_en,
            valid_from=unit.named_from,
            valid_to=on,
        )
        unit.name_zh, unit.name_en, unit.named_from = name_zh, name_en, on
        unit.save(update_fields=["name_zh", "name_en", "named_from"])
        body = {"code": code, "name_zh": name_zh, "name_en": name_en, "on": on.isoformat()}
        _leaf("rename", "unit", unit, at, actor, body)
    _forget()


def merge_unit(code: str, *, into: str, on: date, at: datetime, actor: str) -> None:
    """Close a unit on that day; the other answers for its area and holds what it held.

    The posts of the closed unit end. Its past stays as it was: rows are closed, none is removed.
    """
    if code == into:
        raise MergedIntoItself(code=code)
    with transaction.atomic():
        closed, successor = _locked(code, on), _locked(into, on)
        if on <= closed.valid_from:
            raise DayBeforeFounding(code=code, on=on, since=closed.valid_from)
        held = list(open_on(Jurisdiction.objects.filter(unit_id=closed.id), on))
        posts = Post.objects.filter(unit_id=closed.id).values("id")
        open_on(Appointment.objects.filter(post_id__in=posts), on).update(valid_to=on)
        Jurisdiction.objects.filter(id__in=[row.id for row in held]).update(valid_to=on)
        Jurisdiction.objects.bulk_create(
            Jurisdiction(
                unit_id=successor.id,
                line=row.line,
                area_code=row.area_code,
                kind=row.kind,
                valid_from=on,
            )
            for row in held
        )
        closed.valid_to, closed.successor_id = on, successor.id
        closed.save(update_fields=["valid_to", "successor_id"])
        _leaf(
            "merge", "unit", closed, at, actor, {"code": code, "into": into, "on": on.isoformat()}
        )
    _forget()


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


def _locked(code: str, on: date) -> Unit:
    unit = open_on(Unit.objects.select_for_update().filter(code=code), on).first()
    if unit is None:
        raise UnknownUnit(code=code, on=on)
    return unit


def _leaf(
    act: str, kind: str, unit: Unit | None, at: datetime, actor: str, body: Mapping[str, object]
) -> None:
    object_id = None if unit is None else unit.id
    write(
        [Leaf(realm=LIVE, at=at, actor=actor, act=act, kind=kind, object_id=object_id, body=body)]
    )


def _forget() -> None:
    # At once for whoever reads next in this transaction, and again when it is certain: another
    # thread may have loaded the old rows in between.
    forget_jurisdictions()
    transaction.on_commit(forget_jurisdictions)
