"""Duty rosters (值班表): who is on duty in a unit from when to when, and where nobody is.

A unit with a roster for a day has its people on duty from it; without one, its duty officers are
on duty. The times of a shift are moments, so that a night belongs to both its days.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import connection, transaction

from guantong.base.clock import BEIJING
from guantong.orgs.errors import EndBeforeBeginning, UnknownPerson
from guantong.orgs.models import DutyShift, Person
from guantong.orgs.trail import leave

PARTS = ("lead", "duty")
# Words people write in the column of the part.
_PART_WORDS = {"带班": "lead", "值班": "duty", "lead": "lead", "duty": "duty", "": "duty"}
# The shifts of a county's duty room (our choice): eight to eight.
SHIFTS = {"day": (time(8), 12), "night": (time(20), 12), "whole": (time(8), 24)}
_SHIFT_WORDS = {
    "白班": "day", "日班": "day", "夜班": "night", "晚班": "night", "全天": "whole",
    "day": "day", "night": "night", "whole": "whole", "": "whole",
}  # fmt: skip
MOST_SHIFTS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One person's time on duty."""

    id: UUID
    unit_id: UUID
    person_id: UUID
    number: str
    name: str
    part: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterFault:
    """A line of a roster file that was not taken, and why."""

    line: int
    code: str


def times_of(day: date, shift: str) -> tuple[datetime, datetime]:
    """Return when a shift of that day begins and ends."""
    begins, hours = SHIFTS[shift]
    start = datetime.combine(day, begins, tzinfo=BEIJING)
    return start, start + timedelta(hours=hours)


def put_on_duty(
    unit_id: UUID,
    people: Iterable[tuple[UUID, str, datetime, datetime]],
    *,
    at: datetime,
    actor: str,
) -> list[UUID]:
    """Enter shifts (person, part, from, to); one that stands already is left alone."""
    with transaction.atomic():
        made = []
        for person_id, part, starts_at, ends_at in people:
            if ends_at <= starts_at:
                raise EndBeforeBeginning(on=starts_at.date(), until=ends_at.date())
            if not Person.objects.filter(id=person_id).exists():
                raise UnknownPerson(person=str(person_id))
            row, new = DutyShift.objects.get_or_create(
                unit_id=unit_id, person_id=person_id, starts_at=starts_at, ends_at=ends_at,
                cancelled=False, defaults={"part": part},
            )  # fmt: skip
            if new:
                made.append(row.id)
        if made:
            leave("shift", "enter", made, at=at, actor=actor)
        return made


def cancel_shift(id: UUID, *, unit_id: UUID, at: datetime, actor: str) -> None:
    """Take one shift off the roster; what was stays in the log."""
    with transaction.atomic():
        found = DutyShift.objects.filter(id=id, unit_id=unit_id, cancelled=False)
        if found.update(cancelled=True):
            leave("shift", "cancel", [id], at=at, actor=actor)


def shifts(unit_id: UUID, *, since: datetime, until: datetime) -> list[Shift]:
    """Return the shifts of a unit that touch a time, the earliest first, leaders first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select s.id, s.unit_id, s.person_id, o.number, o.name, s.part, s.starts_at, s.ends_at"
            " from orgs_dutyshift s join orgs_person o on o.id = s.person_id"
            " where s.unit_id = %s and not s.cancelled and s.ends_at > %s and s.starts_at < %s"
            " order by s.starts_at, s.part desc, o.number",
            [unit_id, since, until],
        )
        names = ("id", "unit_id", "person_id", "number", "name", "part", "starts_at", "ends_at")
        return [Shift(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def on_duty_now(unit_id: UUID, *, at: datetime) -> list[Shift]:
    """Return who is on duty at a moment."""
    return shifts(unit_id, since=at, until=at + timedelta(microseconds=1))


def holes(
    entered: Sequence[Shift], *, since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the times between ``since`` and ``until`` in which nobody is on duty."""
    found, reached = [], since
    for shift in sorted(entered, key=lambda shift: shift.starts_at):
        if shift.starts_at > reached:
            found.append((reached, min(shift.starts_at, until)))
        reached = max(reached, shift.ends_at)
        if reached >= until:
            break
    if reached < until:
        found.append((reached, until))
    return found


def read_roster(
    text: str, people: dict[str, UUID]
) -> tuple[list[tuple[UUID, str, datetime, datetime]], list[RosterFault]]:
    """Read lines ``day, shift, number, part``; people are known by number. No line is dropped."""
    taken: list[tuple[UUID, str, datetime, datetime]] = []
    faults: list[RosterFault] = []
    for line, row in enumerate(csv.reader(io.StringIO(text)), start=1):
        cells = [cell.strip() for cell in row] + [""] * (4 - len(row))
        if not any(cells) or (line == 1 and not cells[0][:1].isdigit()):
            continue
        if line > MOST_SHIFTS:
            faults.append(RosterFault(line=line, code="too-many"))
            break
        try:
            day = date.fromisoformat(cells[0].replace("/", "-").replace(".", "-"))
        except ValueError:
            faults.append(RosterFault(line=line, code="day"))
            continue
        shift, part = _SHIFT_WORDS.get(cells[1].lower()), _PART_WORDS.get(cells[3].lower())
        if shift is None:
            faults.append(RosterFault(line=line, code="shift"))
        elif part is None:
            faults.append(RosterFault(line=line, code="part"))
        elif cells[2] not in people:
            faults.append(RosterFault(line=line, code="person"))
        else:
            taken.append((people[cells[2]], part, *times_of(day, shift)))
    return taken, faults
