"""Areas say things differently and take them back: one transaction each, with its leaf.

Kept for ever with who, when and why, like the values of parameters. Changed alone with the set of
applications: no release comes in between the look and the change.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from guantong.base.clock import local_day
from guantong.base.errors import NotFound
from guantong.orgs.api import is_code, prefix
from guantong.packages.areas.checking import OWN_PREFIX, checked
from guantong.packages.areas.difference import Difference, edits_at
from guantong.packages.areas.entry import OWN, Entry, Value, property_entry, read
from guantong.packages.areas.errors import ApplicationMoved, EntryUnknown, NothingDifferent
from guantong.packages.areas.judging import refuse_unsound
from guantong.packages.errors import UnknownArea
from guantong.packages.life import said
from guantong.packages.life.models import AreaDifference, Installed
from guantong.packages.life.set_number import one_at_a_time, raise_number
from guantong.packages.life.trail import leave
from guantong.packages.package import Package

log = logging.getLogger(__name__)


def all_differences() -> list[Difference]:
    """Return everything areas have ever said of any package, the newest word first."""
    return _readable(AreaDifference.objects.order_by("-at", "-id"))


def differences_of(package: str, *, area: str | None = None) -> list[Difference]:
    """Return everything areas have ever said of a package, the newest word first."""
    rows = AreaDifference.objects.filter(package=package).order_by("-at", "-id")
    if area is not None:
        rows = rows.filter(division_code=area)
    return _readable(rows)


def _readable(rows: Iterable[AreaDifference]) -> list[Difference]:
    found = []
    for row in rows:
        try:
            found.append(_difference(row))
        except EntryUnknown as refusal:
            # One row that somebody altered must not keep every area's words from people.
            log.error("%s", refusal)
    return found


def difference(id: UUID) -> Difference | None:
    """Return one word of an area."""
    row = AreaDifference.objects.filter(id=id).first()
    return None if row is None else _difference(row)


def own_field(package: str, form: str, area: str, known: Iterable[Difference]) -> Entry:
    """Return the entry of a question that an area would add: named for the area, and never twice.

    The name is what answers are kept under, so one that was taken back is not given again.
    """
    begin = f"{OWN_PREFIX}{prefix(area)}_"
    used = {
        d.entry.field for d in known
        if d.package == package and d.entry.about == OWN and d.entry.field.startswith(begin)
    }  # fmt: skip
    return property_entry(form, f"{begin}{len(used) + 1}", OWN)


def refuse_change(
    package: Package,
    area: str,
    changes: Mapping[Entry, Value],
    known: Iterable[Difference],
    *,
    day: date,
) -> dict[Entry, Value]:
    """Return changes as they would be kept, or refuse: what a look shows before anything is done.

    Refused is what the package does not bear, together with what holds in the area that day.
    """
    if not is_code(area):
        raise UnknownArea(area=area[:20])
    kept = {entry: checked(package, entry, value) for entry, value in changes.items()}
    holds = dict(edits_at(known, area, day))
    if not kept or all(e in holds and holds[e] == value for e, value in kept.items()):
        raise NothingDifferent(area=area)
    refuse_unsound(package, holds | kept)
    return kept


def say_differently(
    package: Package,
    area: str,
    changes: Mapping[Entry, Value],
    *,
    from_day: date,
    to_day: date | None = None,
    why: str,
    by: str,
    at: datetime,
) -> list[UUID]:
    """Let an area say things differently from a day on; all of the changes or none.

    What the area said before is not touched: it holds before that day, and again when this ends.
    """
    said.refuse_span(from_day, to_day, today=local_day(at))
    because = said.reason(why)
    with transaction.atomic():
        one_at_a_time()
        _refuse_moved(package)
        known = differences_of(package.id)
        kept = refuse_change(package, area, changes, known, day=from_day)
        made = [
            AreaDifference.objects.create(
                package=package.id, entry=str(entry), division_code=area, value=value,
                from_day=from_day, to_day=to_day, why=because, by=by, at=at,
            )
            for entry, value in kept.items()
        ]  # fmt: skip
        for row in made:
            leave("difference", "say", row.id, at=at, actor=by)
        raise_number()
    return [row.id for row in made]


def _refuse_moved(package: Package) -> None:
    """Refuse words about a release that is no longer the installed one."""
    row = Installed.objects.select_related("release").filter(package=package.id).first()
    if row is not None and row.release.digest != package.digest:
        raise ApplicationMoved(package=package.id)


def take_back(id: UUID, *, why: str, by: str, at: datetime) -> None:
    """Take a word back from today on; one that has not begun never will hold."""
    because = said.reason(why)
    today = local_day(at)
    with transaction.atomic():
        one_at_a_time()
        row = AreaDifference.objects.select_for_update().filter(id=id).first()
        if row is None or (row.to_day is not None and row.to_day <= max(today, row.from_day)):
            raise NotFound(what="difference")
        end_row(row, why=because, by=by, at=at)
        raise_number()


def end_row(row: AreaDifference, *, why: str, by: str, at: datetime) -> None:
    """End a word in the running transaction, from today on."""
    row.to_day = said.end_of(_difference(row), today=local_day(at))
    row.ended_at, row.ended_by, row.ended_why = at, by, why
    row.save(update_fields=["to_day", "ended_at", "ended_by", "ended_why"])
    leave("difference", "end", row.id, at=at, actor=by)


def replace(id: UUID, value: Value | None, *, why: str, by: str, at: datetime) -> None:
    """End a word in the running transaction; another takes its place until the same day."""
    row = AreaDifference.objects.select_for_update().get(id=id)
    until, since = row.to_day, max(row.from_day, local_day(at))
    end_row(row, why=why, by=by, at=at)
    if value is None:
        return
    made = AreaDifference.objects.create(
        package=row.package, entry=row.entry, division_code=row.division_code, value=value,
        from_day=since, to_day=until, why=row.why, by=by, at=at,
    )  # fmt: skip
    leave("difference", "say", made.id, at=at, actor=by)


def _difference(row: AreaDifference) -> Difference:
    return Difference(
        id=row.id, package=row.package, entry=read(row.entry), division_code=row.division_code,
        value=row.value, from_day=row.from_day, to_day=row.to_day, at=row.at, why=row.why,
        by=row.by, ended_at=row.ended_at, ended_by=row.ended_by, ended_why=row.ended_why,
    )  # fmt: skip
