"""Duty rosters (值班表): who is on duty in a unit from when to when, and where nobody is.

A shift runs from one moment up to, not including, another: a night belongs to both its days, and
on the stroke of a hand-over whoever comes on has it. Two may be on duty at once, a first and a
second. Whoever holds no post any more is not on duty, whatever the roster says: such times are
holes. A unit without a roster has its duty officers. ``on_duty`` and ``holes`` are the rules, pure;
``duty_people`` in ``queries`` gives the same answer by SQL, for many units at once.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import connection, transaction

from guantong.base.clock import BEIJING
from guantong.orgs.errors import EndBeforeBeginning, UnknownPerson
from guantong.orgs.import_rows import day_of
from guantong.orgs.models import DutyShift, Person
from guantong.orgs.trail import leave
from guantong.orgs.workbook import read_book

# In the order in which they are asked: who leads a shift decides, who is on duty answers.
PARTS = ("duty", "second", "lead")
# Words people write in the column of the part.
_PART_WORDS = {
    "带班": "lead", "值班": "duty", "主班": "duty", "副班": "second", "lead": "lead",
    "duty": "duty", "first": "duty", "second": "second", "": "duty",
}  # fmt: skip
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
    # When the person holds a post, anywhere: from a day up to, not including, another.
    held: tuple[tuple[date, date | None], ...] = ()

    def times(self) -> list[tuple[datetime, datetime]]:
        """Return the parts of the shift in which the person holds a post."""
        found = []
        for since, until in self.held:
            begins = max(self.starts_at, _midnight(since))
            ends = self.ends_at if until is None else min(self.ends_at, _midnight(until))
            if begins < ends:
                found.append((begins, ends))
        return found

    @property
    def left(self) -> bool:
        """Whether the person holds no post in a part of the shift."""
        return bool(_uncovered(self.times(), since=self.starts_at, until=self.ends_at))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=BEIJING)


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
    """Enter shifts (person, part, from, to); return those that are new or have another part.

    One that stands already with the same part is left alone.
    """
    with transaction.atomic():
        made, changed = [], []
        for person_id, part, starts_at, ends_at in people:
            if ends_at <= starts_at:
                raise EndBeforeBeginning(on=starts_at.date(), until=ends_at.date())
            if not Person.objects.filter(id=person_id).exists():
                raise UnknownPerson(person=str(person_id))
            row, new = DutyShift.objects.select_for_update().get_or_create(
                unit_id=unit_id, person_id=person_id, starts_at=starts_at, ends_at=ends_at,
                cancelled=False, defaults={"part": part},
            )  # fmt: skip
            if new:
                made.append(row.id)
            elif row.part != part:
                row.part = part
                row.save(update_fields=["part"])
                changed.append(row.id)
        for act, ids in (("enter", made), ("change", changed)):
            if ids:
                leave("shift", act, ids, at=at, actor=actor)
        return made + changed


def cancel_shift(id: UUID, *, unit_id: UUID, at: datetime, actor: str) -> None:
    """Take one shift off the roster; what was stays in the log."""
    with transaction.atomic():
        found = DutyShift.objects.filter(id=id, unit_id=unit_id, cancelled=False)
        if found.update(cancelled=True):
            leave("shift", "cancel", [id], at=at, actor=actor)


def shifts(unit_id: UUID, *, since: datetime, until: datetime) -> list[Shift]:
    """Return the shifts of a unit that touch a time, the earliest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select s.id, s.unit_id, s.person_id, o.number, o.name, s.part, s.starts_at, s.ends_at"
            " from orgs_dutyshift s join orgs_person o on o.id = s.person_id"
            " where s.unit_id = %s and not s.cancelled and s.ends_at > %s and s.starts_at < %s"
            " order by s.starts_at, array_position(array['duty', 'second', 'lead'], s.part), s.id",
            [unit_id, since, until],
        )
        rows = cursor.fetchall()
        cursor.execute(
            "select person_id, valid_from, valid_to from orgs_appointment"
            " where person_id = any(%s) and valid_to is distinct from valid_from"
            " order by person_id, valid_from, id",
            [list({row[2] for row in rows})],
        )
        held: dict[UUID, tuple[tuple[date, date | None], ...]] = {}
        for person, begins, ends in cursor.fetchall():
            held[person] = (*held.get(person, ()), (begins, ends))
    names = ("id", "unit_id", "person_id", "number", "name", "part", "starts_at", "ends_at")
    return [Shift(**dict(zip(names, row, strict=True)), held=held.get(row[2], ())) for row in rows]


def on_duty(entered: Iterable[Shift], at: datetime) -> list[Shift]:
    """Return who is on duty at a moment: the first, the second, then who leads the shift."""
    found = [s for s in entered if any(begins <= at < ends for begins, ends in s.times())]
    return sorted(found, key=lambda s: (PARTS.index(s.part), s.starts_at, s.id))


def on_duty_now(unit_id: UUID, *, at: datetime) -> list[Shift]:
    """Return who is on duty in a unit at a moment by its roster."""
    return on_duty(shifts(unit_id, since=at, until=at + timedelta(microseconds=1)), at)


def holes(
    entered: Sequence[Shift], *, since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the times between ``since`` and ``until`` in which nobody is on duty."""
    return _uncovered([span for s in entered for span in s.times()], since=since, until=until)


def _uncovered(
    spans: Iterable[tuple[datetime, datetime]], *, since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    found, reached = [], since
    for begins, ends in sorted(spans):
        if begins >= until:
            break
        if begins > reached:
            found.append((reached, begins))
        reached = max(reached, ends)
    if reached < until:
        found.append((reached, until))
    return found


def read_roster(
    data: bytes, people: dict[str, UUID], *, unit_id: UUID
) -> tuple[list[tuple[UUID, str, datetime, datetime]], list[RosterFault]]:
    """Read rows ``day, shift, number, part`` of the first sheet of a workbook or a CSV text.

    A shift is one of the words, or its hours. People are known by number. No row is dropped. What
    was cancelled or swapped since is not undone by the same file again: such a line is a fault.
    """
    taken: list[tuple[UUID, str, datetime, datetime]] = []
    faults: list[RosterFault] = []
    at_line: list[int] = []
    for line, row in enumerate(read_book(data)[0].rows, start=1):
        cells = [*row, "", "", "", ""][:4]
        if not any(cells) or (line == 1 and not cells[0][:1].isdigit()):
            continue
        if line > MOST_SHIFTS:
            faults.append(RosterFault(line=line, code="too-many"))
            break
        day, part = day_of(cells[0]), _PART_WORDS.get(cells[3].lower())
        times = None if day is None else hours_of(day, cells[1])
        if day is None:
            faults.append(RosterFault(line=line, code="day"))
        elif times is None:
            faults.append(RosterFault(line=line, code="shift"))
        elif part is None:
            faults.append(RosterFault(line=line, code="part"))
        elif cells[2] not in people:
            faults.append(RosterFault(line=line, code="person"))
        else:
            taken.append((people[cells[2]], part, *times))
            at_line.append(line)
    codes = _against(unit_id, taken)
    faults += [RosterFault(line=at_line[place], code=code) for place, code in codes.items()]
    return taken, sorted(faults, key=lambda fault: fault.line)


def _against(
    unit_id: UUID, taken: Sequence[tuple[UUID, str, datetime, datetime]]
) -> dict[int, str]:
    """Return which entries contradict the roster as it stands, or one another, and how."""
    starts = {starts_at for _, _, starts_at, _ in taken}
    standing: dict[tuple[datetime, datetime], dict[UUID, str]] = {}
    gone = set()
    for row in DutyShift.objects.filter(unit_id=unit_id, starts_at__in=starts):
        if row.cancelled:
            gone.add((row.person_id, row.part, row.starts_at, row.ends_at))
        else:
            standing.setdefault((row.starts_at, row.ends_at), {})[row.person_id] = row.part
    codes, seen = {}, dict[tuple[UUID, datetime, datetime], str]()
    for place, (person_id, part, *hours) in enumerate(taken):
        there = standing.get((hours[0], hours[1]), {})
        if seen.setdefault((person_id, hours[0], hours[1]), part) != part:
            codes[place] = "twice"
        elif person_id not in there and (person_id, part, *hours) in gone:
            codes[place] = "swapped" if part in there.values() else "cancelled"
    return codes


_HOURS = re.compile(r"(\d{1,2}):(\d\d)\s*[-–—~～至]\s*(?:次日)?(\d{1,2}):(\d\d)")


def hours_of(day: date, text: str) -> tuple[datetime, datetime] | None:
    """Return from when to when a shift lasts: a word, or hours such as ``18:00-06:00``.

    An end that is not after the beginning is on the next day; None for what is neither.
    """
    word = _SHIFT_WORDS.get(text.strip().lower())
    if word is not None:
        return times_of(day, word)
    found = _HOURS.fullmatch(text.strip().replace("：", ":"))
    if found is None:
        return None
    first, second, third, fourth = (int(part) for part in found.groups())
    if first > 23 or third > 24 or max(second, fourth) > 59 or (third == 24 and fourth):
        return None
    start = datetime.combine(day, time(first, second), tzinfo=BEIJING)
    end = _midnight(day) + timedelta(hours=third, minutes=fourth)
    return start, end if end > start else end + timedelta(days=1)
