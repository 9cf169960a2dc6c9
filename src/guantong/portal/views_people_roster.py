"""The duty roster of a unit: who is on duty when, where nobody is, and how it is brought in."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from guantong.base.clock import BEIJING, machine_now
from guantong.base.errors import GuantongError, NotFound
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.orgs.api import UnitRef
from guantong.portal.lists import address
from guantong.portal.people_forms import day_field, field, form, given, needed_day, option
from guantong.portal.people_words import actor_name, day_text, hour_text, unit_thing
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.views_people import find_unit

DAYS = 14


class NotHours(GuantongError):
    """Hours of a shift that are not written as hours."""

    code = "people-not-hours"
    field = "hours"


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
    part = given(request, "part")
    part = part if part in orgs.PARTS else "duty"
    day = needed_day(request, "day")
    times = orgs.hours_of(day, given(request, "hours") or given(request, "shift"))
    if times is None:
        raise NotHours()
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
        field("hours", say("people.roster.hours", language), value=value("hours", ""),
              required=False, hint=say("people.roster.hours_hint", language)),
        field("number", say("people.roster.person", language), widget="select",
              value=value("number", ""), options=people),
        field("part", say("people.roster.part", language), widget="radio",
              value=value("part", "duty"),
              options=[option(p, say(f"people.part.{p}", language)) for p in orgs.PARTS]),
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
            [field("file", say("people.roster.file", language), widget="file",
                   accept=".xlsx,.csv,text/csv",
                   hint=say("people.roster.file_hint", language))],
            say("people.roster.bring", language), language=language, multipart=True,
        ),
        swaps=_swaps(unit, reader, administers=administers),
        swap=_swap_form(unit, reader, entered, administers=administers),
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
                        "left": s.left,
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
    """Bring a roster: day, shift, number, part; a line with a fault keeps all of it back."""
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
        people = {number: person for number, _, person in _people(reader, unit)}
        taken, faults = orgs.read_roster(file.read(), people, unit_id=unit.id)
    except GuantongError as refusal:
        return _page(request, reader, unit, refusal, administers=True)
    if faults or not taken:
        if not faults:
            return _page(request, reader, unit, SheetRefused("empty"), administers=True)
        return _page(request, reader, unit, None, administers=True, faults=faults)
    made = orgs.put_on_duty(unit.id, taken, at=machine_now(), actor=actor_name(reader))
    said = say("people.roster.brought", reader.language, count=len(made), lines=len(taken))
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"/units/{id}/roster")


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


# Swaps


def _span(starts_at: datetime, ends_at: datetime, language: str) -> str:
    return f"{hour_text(starts_at, language)}–{ends_at.astimezone(BEIJING):%H:%M}"


def _swaps(unit: UnitRef, reader: Reader, *, administers: bool) -> list[dict[str, object]]:
    """Return the swaps that wait for an answer, to those whom they are about."""
    language, me = reader.language, reader.actor.person_id
    return [
        {
            "sentence": say(
                "people.swap.asked", language, name=one.name, other=one.other_name,
                shift=_span(one.starts_at, one.ends_at, language),
                wanted=_span(one.other_starts_at, one.other_ends_at, language),
            ),
            "answer": f"/units/{unit.id}/roster/swaps/{one.id}"
            if administers or me == one.other_person_id else "",
        }
        for one in orgs.swaps_asked(unit.id, at=machine_now())
        if administers or me in (one.person_id, one.other_person_id)
    ]  # fmt: skip


def _swap_form(
    unit: UnitRef, reader: Reader, entered: list[orgs.Shift], *, administers: bool
) -> dict[str, object] | None:
    """Return the form by which one asks for a swap, or swaps at once as administrator."""
    language, me = reader.language, reader.actor.person_id
    coming = [s for s in entered if s.starts_at > machine_now()]
    mine = [s for s in coming if administers or s.person_id == me]
    if not mine or len({s.person_id for s in coming}) < 2:
        return None

    def options(shifts: list[orgs.Shift]) -> list[dict[str, str]]:
        return [option(s.id, f"{_span(s.starts_at, s.ends_at, language)} {s.name}") for s in shifts]

    others = coming if administers else [s for s in coming if s.person_id != me]
    fields = [
        field("shift", say("people.swap.mine", language), widget="select", options=options(mine)),
        field("other", say("people.swap.other", language), widget="select",
              options=options(others)),
    ]  # fmt: skip
    button = say("people.swap.do" if administers else "people.swap.ask", language)
    return form(f"/units/{unit.id}/roster/swap", fields, button, language=language)


@require_POST
def swap(request: HttpRequest, id: UUID) -> HttpResponse:
    """Ask the person of another shift to swap; whoever administers the unit swaps at once."""
    reader = reader_of(request)
    unit = find_unit(reader, id)
    me, thing = reader.actor.person_id, unit_thing(unit)
    now = machine_now()
    coming = orgs.shifts(unit.id, since=now, until=now + timedelta(days=366))
    known = {str(s.id): s for s in coming}
    mine, other = known.get(given(request, "shift")), known.get(given(request, "other"))
    own = mine is not None and mine.person_id == me
    decide(request, "read" if own else "administer", thing)
    if mine is None or other is None:
        raise NotFound(what=say("people.roster.title", reader.language))
    by = actor_name(reader)
    if may(reader, "administer", thing).allowed:
        orgs.swap_shifts(mine.id, other.id, at=now, actor=by)
        sentence = say("people.swap.done", reader.language)
    else:
        assert me is not None, "whose shift it is, is a person"
        orgs.ask_swap(mine.id, other.id, by=me, at=now, actor=by)
        sentence = say("people.swap.was_asked", reader.language, name=other.name)
    messages.success(request, sentence, extra_tags="fine")
    return HttpResponseRedirect(f"/units/{id}/roster")


@require_POST
def answer_swap(request: HttpRequest, id: UUID, swap: UUID) -> HttpResponse:
    """Agree to a swap or decline it: the person of the other shift, or the administrator."""
    reader = reader_of(request)
    unit = find_unit(reader, id)
    asked = {one.id: one for one in orgs.swaps_asked(unit.id, at=machine_now())}
    found = asked.get(swap)
    me = reader.actor.person_id
    by = me if found is not None and found.other_person_id == me else None
    decide(request, "administer" if by is None else "read", unit_thing(unit))
    if found is None:
        raise NotFound(what=say("people.roster.title", reader.language))
    agreed = given(request, "answer") == "agree"
    orgs.answer_swap(swap, agreed=agreed, by=by, at=machine_now(), actor=actor_name(reader))
    said = say("people.swap.done" if agreed else "people.swap.declined", reader.language)
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"/units/{id}/roster")
