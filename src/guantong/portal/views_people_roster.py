"""The duty roster of a unit: who is on duty when, where nobody is, and how it is brought in."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from guantong.base.clock import BEIJING, machine_now
from guantong.base.errors import GuantongError
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.orgs.api import UnitRef
from guantong.portal.lists import address
from guantong.portal.people_forms import day_field, field, form, given, needed_day, option
from guantong.portal.people_words import actor_name, day_text, hour_text, unit_thing
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.views_people import find_unit

DAYS = 14


@require_http_methods(["GET", "HEAD", "POST"])
def roster(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show two weeks of a roster with their gaps; enter somebody."""
    reader = reader_of(request)
    unit = find_unit(reader, id)
    thing = unit_thing(unit)
    refused: GuantongError | None = None
    if request.method == "POST":
        decide(request, "administer", thing)
        try:
            _enter(request, reader, unit)
            messages.success(
                request, say("people.roster.entered", reader.language), extra_tags="fine"
            )
            return HttpResponseRedirect(f"/units/{id}/roster")
        except GuantongError as refusal:
            refused = refusal
    else:
        decide(request, "read", thing)
    return _page(
        request, reader, unit, refused, administers=may(reader, "administer", thing).allowed
    )


def _people(reader: Reader, unit: UnitRef) -> list[tuple[str, str, UUID]]:
    """Return whoever may be on duty: the unit's own people and those of its offices."""
    units = [unit.id]
    offices, _ = orgs.units_in(orgs.EVERYTHING, on=reader.on, below=unit.id, most=200)
    units += [row.unit.id for row in offices]
    found = {p.number: (p.number, p.name, p.id) for u in units
             for p in orgs.people_of_unit(u, on=reader.on)}  # fmt: skip
    return list(found.values())


def _enter(request: HttpRequest, reader: Reader, unit: UnitRef) -> None:
    from guantong.orgs.errors import UnknownPerson

    people = {number: id for number, _, id in _people(reader, unit)}
    number = given(request, "number")
    if number not in people:
        raise UnknownPerson(person="")
    shift = given(request, "shift")
    shift = shift if shift in orgs.SHIFTS else "day"
    part = "lead" if given(request, "part") == "lead" else "duty"
    day = needed_day(request, "day")
    times = orgs.times_of(day, shift)
    orgs.put_on_duty(
        unit.id, [(people[number], part, *times)], at=machine_now(), actor=actor_name(reader)
    )


def _page(
    request: HttpRequest,
    reader: Reader,
    unit: UnitRef,
    refused: GuantongError | None,
    *,
    administers: bool,
    faults: list[orgs.RosterFault] | None = None,
    taken: int = 0,
) -> HttpResponse:
    language = reader.language
    since = datetime.combine(_first_day(request, reader), time(), tzinfo=BEIJING)
    until = since + timedelta(days=DAYS)
    entered = orgs.shifts(unit.id, since=since, until=until)
    value = request.POST.get
    people = [option(number, f"{name} {number}") for number, name, _ in _people(reader, unit)]
    fields = [
        day_field("day", say("people.roster.day", language), value("day", reader.on.isoformat()),
                  language),
        field("shift", say("people.roster.shift", language), widget="select",
              value=value("shift", "day"),
              options=[option(s, say(f"people.shift.{s}", language)) for s in orgs.SHIFTS]),
        field("number", say("people.roster.person", language), widget="select",
              value=value("number", ""), options=people),
        field("part", say("people.roster.part", language), widget="radio",
              value=value("part", "duty"),
              options=[option(p, say(f"people.part.{p}", language)) for p in ("duty", "lead")]),
    ]  # fmt: skip
    gaps = orgs.holes(entered, since=since, until=until) if entered else []
    return page(
        request,
        "unit_roster.html",
        status=409 if refused or faults else 200,
        crumbs=[
            {"title": say("people.title", language), "href": "/people"},
            {"title": unit.name(language), "href": f"/units/{unit.id}"},
            {"title": say("people.roster.title", language), "href": None},
        ],
        unit=unit,
        name=unit.name(language),
        administers=administers,
        days=_days(entered, since, language, administers=administers, unit=unit),
        empty=not entered,
        gaps=[
            say("people.roster.gap", language, since=hour_text(a, language),
                until=hour_text(b, language))
            for a, b in gaps
        ],
        faults=[
            say(f"people.roster.fault.{fault.code}", language, line=fault.line)
            for fault in faults or []
        ],
        taken=taken,
        form=form(
            f"/units/{unit.id}/roster", fields, say("people.roster.enter", language),
            refused=refused, language=language,
        ),
        upload=form(
            f"/units/{unit.id}/roster/import",
            [field("file", say("people.roster.file", language), widget="file", accept=".csv",
                   hint=say("people.roster.file_hint", language))],
            say("people.roster.bring", language), language=language, multipart=True,
        ),
        previous_href=_other(unit, since, -DAYS),
        next_href=_other(unit, since, DAYS),
    )  # fmt: skip


def _first_day(request: HttpRequest, reader: Reader) -> date:
    try:
        return date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        return reader.on


def _other(unit: UnitRef, since: datetime, days: int) -> str:
    day = (since + timedelta(days=days)).astimezone(BEIJING).date()
    return address(f"/units/{unit.id}/roster", **{"from": day.isoformat()})


def _days(
    entered: list[orgs.Shift], since: datetime, language: str, *, administers: bool, unit: UnitRef
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for offset in range(DAYS):
        start = since + timedelta(days=offset)
        end = start + timedelta(days=1)
        # A night that began on the day before the first one shown stands on that first day.
        shifts = [
            shift
            for shift in entered
            if start <= shift.starts_at < end or (offset == 0 and shift.starts_at < start)
        ]
        found.append(
            {
                "day": day_text(start.astimezone(BEIJING).date(), language),
                "weekday": say(f"people.weekday.{start.astimezone(BEIJING).weekday()}", language),
                "shifts": [
                    {
                        "name": s.name,
                        "number": s.number,
                        "href": f"/people/{s.person_id}",
                        "part": say(f"people.part.{s.part}", language),
                        "lead": s.part == "lead",
                        "span": f"{s.starts_at.astimezone(BEIJING):%H:%M}–"
                        f"{s.ends_at.astimezone(BEIJING):%H:%M}",
                        "cancel": f"/units/{unit.id}/roster/{s.id}/cancel" if administers else "",
                    }
                    for s in shifts
                ],
            }
        )
    return found


@require_POST
def bring(request: HttpRequest, id: UUID) -> HttpResponse:
    """Bring a roster as CSV: day, shift, number, part; a line with a fault keeps all back."""
    from guantong.orgs.errors import SheetRefused

    reader = reader_of(request)
    unit = find_unit(reader, id)
    decide(request, "administer", unit_thing(unit))
    file = request.FILES.get("file")
    try:
        if file is None or not file.size:
            raise SheetRefused("none")
        if file.size > 1024 * 1024:
            raise SheetRefused("heavy", most=1)
        text = _text(file.read())
    except GuantongError as refusal:
        return _page(request, reader, unit, refusal, administers=True)
    people = {number: person for number, _, person in _people(reader, unit)}
    taken, faults = orgs.read_roster(text, people)
    if faults or not taken:
        if not faults:
            return _page(request, reader, unit, SheetRefused("empty"), administers=True)
        return _page(request, reader, unit, None, administers=True, faults=faults)
    made = orgs.put_on_duty(unit.id, taken, at=machine_now(), actor=actor_name(reader))
    said = say("people.roster.brought", reader.language, count=len(made), lines=len(taken))
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"/units/{id}/roster")


def _text(data: bytes) -> str:
    from guantong.orgs.errors import SheetRefused

    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetRefused("text")


@require_POST
def cancel(request: HttpRequest, id: UUID, shift: UUID) -> HttpResponse:
    """Take one shift off the roster."""
    reader = reader_of(request)
    unit = find_unit(reader, id)
    decide(request, "administer", unit_thing(unit))
    orgs.cancel_shift(shift, unit_id=id, at=machine_now(), actor=actor_name(reader))
    said = say("people.roster.cancelled", reader.language)
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"/units/{id}/roster")
