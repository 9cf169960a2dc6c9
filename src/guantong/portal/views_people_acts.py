"""What the administrator of a unit does with people: appoint, move, end, let leave, correct."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from guantong.base.clock import machine_now
from guantong.base.errors import NotFound
from guantong.orgs import api as orgs
from guantong.portal.people_acts import (
    Fields,
    administered,
    administered_person,
    asked,
    guard_platform,
    lead_of,
    person_of_number,
    wholly_administered,
    words,
)
from guantong.portal.people_forms import (
    day_field,
    field,
    given,
    given_day,
    needed_day,
    option,
    post_field,
)
from guantong.portal.people_words import (
    actor_name,
    unit_thing,
)
from guantong.portal.reader import Reader, decide, may, reader_of
from guantong.portal.views_people import find_unit


@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request: HttpRequest, id: UUID) -> HttpResponse:
    """Appoint somebody of the book, or somebody new, to a post of a unit."""
    reader, unit = administered(request, id)
    value = request.POST.get if request.method == "POST" else request.GET.get
    kinds = [option(kind, words(reader, f"kind.{kind}")) for kind in ("held", "acting")]

    def fields() -> Fields:
        return [
            field("number", words(reader, "number"), value=value("number", ""),
                  hint=words(reader, "hint_number")),
            field("name", words(reader, "name"), value=value("name", ""), required=False,
                  hint=words(reader, "hint_name")),
            field("mobile", words(reader, "mobile"), value="", required=False,
                  hint=words(reader, "hint_mobile")),
            post_field(value("post", ""), reader.language),
            field("title", words(reader, "job_title"), value=value("title", ""), required=False),
            field("kind", words(reader, "kind"), widget="radio", value=value("kind", "held"),
                  options=kinds),
            day_field("on", words(reader, "from"), value("on", reader.on.isoformat()),
                      reader.language),
            day_field("until", words(reader, "until"), value("until", ""), reader.language,
                      required=False, end=True),
            field("basis", words(reader, "basis"), value=value("basis", ""), required=False,
                  hint=words(reader, "hint_basis")),
        ]  # fmt: skip

    def act() -> str:
        guard_platform(request, unit, given(request, "post"))
        at, by = machine_now(), actor_name(reader)
        person = orgs.person_by_number(given(request, "number"))
        name = given(request, "name")
        if person is None:
            if not name:
                person_of_number(request)
            person = orgs.new_person(
                given(request, "number"), name, mobile=given(request, "mobile"), at=at, actor=by
            )
        orgs.appoint(
            person, unit_id=unit.id, post_code=given(request, "post"),
            title=given(request, "title"), kind=given(request, "kind") or "held",
            on=needed_day(request, "on"), until=given_day(request, "until"),
            basis=given(request, "basis"), at=at, actor=by,
        )  # fmt: skip
        return words(reader, "done.appointed", name=orgs.names_of_people([person])[person][1])

    return asked(
        request, title=words(reader, "appoint"), of=(unit.name(reader.language), f"/units/{id}"),
        fields=fields, button=words(reader, "appoint"), act=act, done=f"/units/{id}",
        lead=words(reader, "lead.appoint"),
    )  # fmt: skip


def _appointment(reader: Reader, id: UUID) -> tuple[UUID, orgs.PostTime]:
    found = orgs.appointment_of(id)
    if found is None:
        raise NotFound(what=words(reader, "appointment"))
    return found


def _administered_appointment(
    request: HttpRequest, id: UUID
) -> tuple[Reader, UUID, orgs.PostTime, str]:
    """Ask for the unit of the appointment itself, not for whatever else the person holds."""
    reader = reader_of(request)
    person, time = _appointment(reader, id)
    decide(request, "administer", unit_thing(find_unit(reader, time.unit_id)))
    return reader, person, time, orgs.names_of_people([person])[person][1]


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, id: UUID) -> HttpResponse:
    """End one appointment."""
    reader, person, time, name = _administered_appointment(request, id)

    def fields() -> Fields:
        value = request.POST.get("on", reader.on.isoformat())
        return [day_field("on", words(reader, "ends_on"), value, reader.language, end=True)]

    def act() -> str:
        orgs.end_appointment(
            id, on=needed_day(request, "on"), at=machine_now(), actor=actor_name(reader)
        )
        return words(reader, "done.ended", name=name)

    return asked(
        request, title=words(reader, "end"), of=(name, f"/people/{person}"), fields=fields,
        button=words(reader, "end"), act=act, done=f"/people/{person}", danger=True,
        lead=lead_of(reader, time), preview=lambda: _what_ends(reader, person, [id]),
    )  # fmt: skip


def _what_ends(reader: Reader, person: UUID, ending: Sequence[UUID]) -> list[str]:
    """Say what goes with an appointment that ends: delegations, an account, tasks under way."""
    times = [t for t in orgs.times_of_person(person) if t.holds_on(reader.on)]
    ended = [t for t in times if t.appointment_id in ending]
    left = [t for t in times if t.appointment_id not in ending]
    said = [words(reader, "preview.ends", post=lead_of(reader, t)) for t in ended]
    posts = {t.post_id for t in ended}
    for given_ in orgs.delegations_of(person_id=person):
        if given_.valid_to > reader.on and (not left or posts):
            said.append(words(reader, "preview.delegation", to=given_.to_name))
    tasks = orgs.held_work([person]).get(person, 0)
    if tasks:
        said.append(words(reader, "preview.tasks", count=tasks))
    if not left:
        said.append(words(reader, "preview.leaves"))
    return said


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, id: UUID) -> HttpResponse:
    """Move a person from one post to another, from a day on."""
    reader, person, time, name = _administered_appointment(request, id)
    value = request.POST.get

    def fields() -> Fields:
        return [
            field("unit", words(reader, "unit_code"), value=value("unit", time.unit_code),
                  hint=words(reader, "hint_unit")),
            post_field(value("post", ""), reader.language),
            field("title", words(reader, "job_title"), value=value("title", ""), required=False),
            day_field("on", words(reader, "from"), value("on", reader.on.isoformat()),
                      reader.language),
            field("basis", words(reader, "basis"), value=value("basis", ""), required=False),
        ]  # fmt: skip

    def act() -> str:
        on = needed_day(request, "on")
        unit = orgs.unit_by_code(given(request, "unit"), on=on)
        if unit is None:
            from guantong.orgs.errors import UnknownUnit

            refusal = UnknownUnit(code=given(request, "unit", most=60), on=on)
            refusal.field = "unit"  # type: ignore[attr-defined]
            raise refusal
        decide(request, "administer", unit_thing(unit))
        guard_platform(request, unit, given(request, "post"))
        orgs.move(
            id, unit_id=unit.id, post_code=given(request, "post"), title=given(request, "title"),
            on=on, basis=given(request, "basis"), at=machine_now(), actor=actor_name(reader),
        )  # fmt: skip
        return words(reader, "done.moved", name=name)

    return asked(
        request, title=words(reader, "move"), of=(name, f"/people/{person}"), fields=fields,
        button=words(reader, "move"), act=act, done=f"/people/{person}",
        lead=lead_of(reader, time),
    )  # fmt: skip


@require_POST
def undo(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take back an appointment made within the last day."""
    reader, person, _, name = _administered_appointment(request, id)
    orgs.undo_appointment(id, at=machine_now(), actor=actor_name(reader))
    messages.success(request, words(reader, "done.undone", name=name), extra_tags="fine")
    return HttpResponseRedirect(f"/people/{person}")


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, id: UUID) -> HttpResponse:
    """Let a person leave: every post that the reader administers ends."""
    reader, _, name = administered_person(request, id)
    held = [
        t for t in orgs.times_of_person(id) if t.holds_on(reader.on) or t.comes_after(reader.on)
    ]
    units = orgs.units_by_id({t.unit_id for t in held})
    mine = [t for t in held if may(reader, "administer", unit_thing(units[t.unit_id])).allowed]

    def fields() -> Fields:
        value = request.POST.get("on", reader.on.isoformat())
        return [day_field("on", words(reader, "ends_on"), value, reader.language, end=True)]

    def act() -> str:
        on, at, by = needed_day(request, "on"), machine_now(), actor_name(reader)
        if len(mine) == len(held):
            orgs.leave_office(id, on=on, at=at, actor=by)
        else:
            for time in mine:
                orgs.end_appointment(time.appointment_id, on=on, at=at, actor=by)
        return words(reader, "done.left", name=name)

    return asked(
        request, title=words(reader, "leave"), of=(name, f"/people/{id}"), fields=fields,
        button=words(reader, "leave"), act=act, done=f"/people/{id}", danger=True,
        lead=words(reader, "lead.leave"),
        preview=lambda: _what_ends(reader, id, [t.appointment_id for t in mine]),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, id: UUID) -> HttpResponse:
    """Correct name, telephone and number of identity of a person."""
    reader, _, name = wholly_administered(request, id)
    value = request.POST.get

    def fields() -> Fields:
        return [
            field("name", words(reader, "name"), value=value("name", name)),
            field("mobile", words(reader, "mobile"), value="", required=False,
                  hint=words(reader, "hint_keep")),
            field("identity", words(reader, "identity"), value="", required=False,
                  hint=words(reader, "hint_keep")),
        ]  # fmt: skip

    def act() -> str:
        orgs.correct_person(
            id, name=given(request, "name"), mobile=given(request, "mobile") or None,
            identity=given(request, "identity") or None, at=machine_now(),
            actor=actor_name(reader),
        )  # fmt: skip
        return words(reader, "done.corrected")

    return asked(
        request, title=words(reader, "correct"), of=(name, f"/people/{id}"), fields=fields,
        button=words(reader, "save"), act=act, done=f"/people/{id}",
    )  # fmt: skip
