"""What the administrator of a unit does: appoint, move, end, delegate; rename, merge, split a unit.

Each act is a page with a form and a POST to the same address. What changes a unit is shown before
it is done: the first POST answers with a preview, and only the second one, with ``sure``, acts.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from guantong.access import api as access
from guantong.access.api import Thing
from guantong.access.errors import Refused
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError, NotFound
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.orgs.api import UnitRef
from guantong.portal.people_forms import (
    day_field,
    field,
    form,
    given,
    given_day,
    needed_day,
    option,
    post_field,
)
from guantong.portal.people_words import (
    actor_name,
    day_text,
    first_allowed,
    line_text,
    person_things,
    post_text,
    unit_thing,
)
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.views_people import find_person, find_unit, units_of_person

Fields = list[dict[str, object]]


def _say(reader: Reader, key: str, **facts: object) -> str:
    return say(f"people.{key}", reader.language, **facts)


def _crumbs(reader: Reader, title: str, href: str, here: str) -> list[dict[str, object]]:
    return [
        {"title": say("people.title", reader.language), "href": "/people"},
        {"title": title, "href": href},
        {"title": here, "href": None},
    ]


def _asked(
    request: HttpRequest,
    *,
    title: str,
    of: tuple[str, str],
    fields: Callable[[], Fields],
    button: str,
    act: Callable[[], str],
    done: str,
    lead: str | None = None,
    danger: bool = False,
    preview: Callable[[], Sequence[str]] | None = None,
    multipart: bool = False,
) -> HttpResponse:
    """Show a form, and on POST do what it asks for and go on; what is refused stands beside it."""
    reader = reader_of(request)
    refused: GuantongError | None = None
    shown: Sequence[str] = ()
    if request.method == "POST":
        try:
            if preview is not None and "sure" not in request.POST:
                shown = preview()
            else:
                sentence = act()
                messages.success(request, sentence, extra_tags="fine")
                return HttpResponseRedirect(done)
        except Refused:
            raise  # a page of its own, which says why and whom to ask
        except GuantongError as refusal:
            refused = refusal
    made = form(
        request.path,
        fields(),
        button if shown or preview is None else _say(reader, "look_first"),
        refused=refused,
        language=reader.language,
        hidden={"sure": "1"} if shown else None,
        danger=danger,
        multipart=multipart,
    )
    return page(
        request,
        "people_form.html",
        status=409 if refused else 200,
        title=title,
        crumbs=_crumbs(reader, of[0], of[1], title),
        lead=lead,
        form=made,
        preview=shown,
        back_href=of[1],
    )


def _administered(request: HttpRequest, id: UUID) -> tuple[Reader, UnitRef]:
    reader = reader_of(request)
    unit = find_unit(reader, id)
    decide(request, "administer", unit_thing(unit))
    return reader, unit


def _administered_person(request: HttpRequest, id: UUID) -> tuple[Reader, str, str]:
    reader = reader_of(request)
    number, name, times = find_person(reader, id)
    things = person_things(id, units_of_person(id, times, reader))
    things = [_without_owner(thing) for thing in things]
    decide(request, "administer", first_allowed(reader, "administer", things))
    return reader, number, name


def _wholly_administered(request: HttpRequest, id: UUID) -> tuple[Reader, str, str]:
    """Ask for every unit of a person: what is the person's own is not one unit's to change."""
    reader, number, name = _administered_person(request, id)
    for unit in units_of_person(id, orgs.times_of_person(id), reader):
        decide(request, "administer", unit_thing(unit))
    return reader, number, name


def _without_owner(thing: Thing) -> Thing:
    return Thing(
        kind="unit", division_code=thing.division_code, unit_ids=thing.unit_ids,
        object_id=thing.object_id,
    )  # fmt: skip


def _person_by_number(request: HttpRequest, name: str = "number") -> UUID:
    from guantong.orgs.errors import UnknownPerson

    id = orgs.person_by_number(given(request, name))
    if id is None:
        refusal = UnknownPerson(person="")
        refusal.field = name  # type: ignore[attr-defined]
        raise refusal
    return id


def _guard_platform(request: HttpRequest, unit: UnitRef, post: str) -> None:
    """Let only who administers the platform say who else does: not the bureau's own staff."""
    platform = access.is_platform_unit(unit.code, unit.line, unit.tier, unit.division_code)
    if platform and post == access.ADMINISTRATOR_POST:
        decide(request, "administer", Thing(kind="settings"))


# Appointments


@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request: HttpRequest, id: UUID) -> HttpResponse:
    """Appoint somebody of the book, or somebody new, to a post of a unit."""
    reader, unit = _administered(request, id)
    value = request.POST.get if request.method == "POST" else request.GET.get
    kinds = [option(kind, _say(reader, f"kind.{kind}")) for kind in ("held", "acting")]

    def fields() -> Fields:
        return [
            field("number", _say(reader, "number"), value=value("number", ""),
                  hint=_say(reader, "hint_number")),
            field("name", _say(reader, "name"), value=value("name", ""), required=False,
                  hint=_say(reader, "hint_name")),
            field("mobile", _say(reader, "mobile"), value="", required=False,
                  hint=_say(reader, "hint_mobile")),
            post_field(value("post", ""), reader.language),
            field("title", _say(reader, "job_title"), value=value("title", ""), required=False),
            field("kind", _say(reader, "kind"), widget="radio", value=value("kind", "held"),
                  options=kinds),
            day_field("on", _say(reader, "from"), value("on", reader.on.isoformat()),
                      reader.language),
            day_field("until", _say(reader, "until"), value("until", ""), reader.language,
                      required=False, end=True),
            field("basis", _say(reader, "basis"), value=value("basis", ""), required=False,
                  hint=_say(reader, "hint_basis")),
        ]  # fmt: skip

    def act() -> str:
        _guard_platform(request, unit, given(request, "post"))
        at, by = machine_now(), actor_name(reader)
        person = orgs.person_by_number(given(request, "number"))
        name = given(request, "name")
        if person is None:
            if not name:
                _person_by_number(request)
            person = orgs.new_person(
                given(request, "number"), name, mobile=given(request, "mobile"), at=at, actor=by
            )
        orgs.appoint(
            person, unit_id=unit.id, post_code=given(request, "post"),
            title=given(request, "title"), kind=given(request, "kind") or "held",
            on=needed_day(request, "on"), until=given_day(request, "until"),
            basis=given(request, "basis"), at=at, actor=by,
        )  # fmt: skip
        return _say(reader, "done.appointed", name=orgs.names_of_people([person])[person][1])

    return _asked(
        request, title=_say(reader, "appoint"), of=(unit.name(reader.language), f"/units/{id}"),
        fields=fields, button=_say(reader, "appoint"), act=act, done=f"/units/{id}",
        lead=_say(reader, "lead.appoint"),
    )  # fmt: skip


def _appointment(reader: Reader, id: UUID) -> tuple[UUID, orgs.PostTime]:
    found = orgs.appointment_of(id)
    if found is None:
        raise NotFound(what=_say(reader, "appointment"))
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
        return [day_field("on", _say(reader, "ends_on"), value, reader.language, end=True)]

    def act() -> str:
        orgs.end_appointment(
            id, on=needed_day(request, "on"), at=machine_now(), actor=actor_name(reader)
        )
        return _say(reader, "done.ended", name=name)

    return _asked(
        request, title=_say(reader, "end"), of=(name, f"/people/{person}"), fields=fields,
        button=_say(reader, "end"), act=act, done=f"/people/{person}", danger=True,
        lead=_lead_of(reader, time), preview=lambda: _what_ends(reader, person, [id]),
    )  # fmt: skip


def _lead_of(reader: Reader, time: orgs.PostTime) -> str:
    unit = time.unit_zh if reader.language == "zh-CN" else time.unit_en
    return f"{unit} · {post_text(time.post_code, time.title, reader.language)}"


def _what_ends(reader: Reader, person: UUID, ending: Sequence[UUID]) -> list[str]:
    """Say what goes with an appointment that ends: delegations, an account, tasks under way."""
    times = [t for t in orgs.times_of_person(person) if t.holds_on(reader.on)]
    ended = [t for t in times if t.appointment_id in ending]
    left = [t for t in times if t.appointment_id not in ending]
    said = [_say(reader, "preview.ends", post=_lead_of(reader, t)) for t in ended]
    posts = {t.post_id for t in ended}
    for given_ in orgs.delegations_of(person_id=person):
        if given_.valid_to > reader.on and (not left or posts):
            said.append(_say(reader, "preview.delegation", to=given_.to_name))
    tasks = orgs.held_work([person]).get(person, 0)
    if tasks:
        said.append(_say(reader, "preview.tasks", count=tasks))
    if not left:
        said.append(_say(reader, "preview.leaves"))
    return said


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, id: UUID) -> HttpResponse:
    """Move a person from one post to another, from a day on."""
    reader, person, time, name = _administered_appointment(request, id)
    value = request.POST.get

    def fields() -> Fields:
        return [
            field("unit", _say(reader, "unit_code"), value=value("unit", time.unit_code),
                  hint=_say(reader, "hint_unit")),
            post_field(value("post", ""), reader.language),
            field("title", _say(reader, "job_title"), value=value("title", ""), required=False),
            day_field("on", _say(reader, "from"), value("on", reader.on.isoformat()),
                      reader.language),
            field("basis", _say(reader, "basis"), value=value("basis", ""), required=False),
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
        _guard_platform(request, unit, given(request, "post"))
        orgs.move(
            id, unit_id=unit.id, post_code=given(request, "post"), title=given(request, "title"),
            on=on, basis=given(request, "basis"), at=machine_now(), actor=actor_name(reader),
        )  # fmt: skip
        return _say(reader, "done.moved", name=name)

    return _asked(
        request, title=_say(reader, "move"), of=(name, f"/people/{person}"), fields=fields,
        button=_say(reader, "move"), act=act, done=f"/people/{person}",
        lead=_lead_of(reader, time),
    )  # fmt: skip


@require_POST
def undo(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take back an appointment made within the last day."""
    reader, person, _, name = _administered_appointment(request, id)
    orgs.undo_appointment(id, at=machine_now(), actor=actor_name(reader))
    messages.success(request, _say(reader, "done.undone", name=name), extra_tags="fine")
    return HttpResponseRedirect(f"/people/{person}")


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, id: UUID) -> HttpResponse:
    """Let a person leave: every post that the reader administers ends."""
    reader, _, name = _administered_person(request, id)
    held = [
        t for t in orgs.times_of_person(id) if t.holds_on(reader.on) or t.comes_after(reader.on)
    ]
    units = orgs.units_by_id({t.unit_id for t in held})
    mine = [t for t in held if may(reader, "administer", unit_thing(units[t.unit_id])).allowed]

    def fields() -> Fields:
        value = request.POST.get("on", reader.on.isoformat())
        return [day_field("on", _say(reader, "ends_on"), value, reader.language, end=True)]

    def act() -> str:
        on, at, by = needed_day(request, "on"), machine_now(), actor_name(reader)
        if len(mine) == len(held):
            orgs.leave_office(id, on=on, at=at, actor=by)
        else:
            for time in mine:
                orgs.end_appointment(time.appointment_id, on=on, at=at, actor=by)
        return _say(reader, "done.left", name=name)

    return _asked(
        request, title=_say(reader, "leave"), of=(name, f"/people/{id}"), fields=fields,
        button=_say(reader, "leave"), act=act, done=f"/people/{id}", danger=True,
        lead=_say(reader, "lead.leave"),
        preview=lambda: _what_ends(reader, id, [t.appointment_id for t in mine]),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, id: UUID) -> HttpResponse:
    """Correct name, telephone and number of identity of a person."""
    reader, _, name = _wholly_administered(request, id)
    value = request.POST.get

    def fields() -> Fields:
        return [
            field("name", _say(reader, "name"), value=value("name", name)),
            field("mobile", _say(reader, "mobile"), value="", required=False,
                  hint=_say(reader, "hint_keep")),
            field("identity", _say(reader, "identity"), value="", required=False,
                  hint=_say(reader, "hint_keep")),
        ]  # fmt: skip

    def act() -> str:
        orgs.correct_person(
            id, name=given(request, "name"), mobile=given(request, "mobile") or None,
            identity=given(request, "identity") or None, at=machine_now(),
            actor=actor_name(reader),
        )  # fmt: skip
        return _say(reader, "done.corrected")

    return _asked(
        request, title=_say(reader, "correct"), of=(name, f"/people/{id}"), fields=fields,
        button=_say(reader, "save"), act=act, done=f"/people/{id}",
    )  # fmt: skip


# Delegation


@require_http_methods(["GET", "HEAD", "POST"])
def delegate(request: HttpRequest, id: UUID) -> HttpResponse:
    """Delegate a post to a colleague until a day: one's own, or as administrator."""
    reader = reader_of(request)
    if reader.actor.person_id == id:
        number, name, times = find_person(reader, id)
        decide(request, "read", person_things(id, units_of_person(id, times, reader))[0])
    else:
        # Whoever stands in for somebody reads their notices, too: all of the person is asked for.
        reader, number, name = _wholly_administered(request, id)
    held = [t for t in orgs.times_of_person(id) if t.holds_on(reader.on)]
    value = request.POST.get

    def fields() -> Fields:
        return [
            field("post", _say(reader, "post"), widget="select",
                  value=value("post", str(held[0].post_id) if len(held) == 1 else ""),
                  options=[option(t.post_id, _lead_of(reader, t)) for t in held]),
            field("number", _say(reader, "delegate_to"), value=value("number", ""),
                  hint=_say(reader, "hint_colleague")),
            day_field("on", _say(reader, "from"), value("on", reader.on.isoformat()),
                      reader.language),
            day_field("until", _say(reader, "until"), value("until", ""), reader.language,
                      end=True),
            field("reason", _say(reader, "reason"), value=value("reason", ""), required=False),
        ]  # fmt: skip

    def act() -> str:
        chosen = next((t for t in held if str(t.post_id) == given(request, "post")), None)
        if chosen is None:
            from guantong.orgs.errors import NotOnesPost

            raise NotOnesPost(on=reader.on)
        if reader.actor.person_id != id:
            _guard_platform(request, find_unit(reader, chosen.unit_id), chosen.post_code)
        to = _person_by_number(request)
        orgs.delegate(
            id, to, post_id=chosen.post_id, on=needed_day(request, "on"),
            until=needed_day(request, "until"), reason=given(request, "reason"),
            at=machine_now(), actor=actor_name(reader),
        )  # fmt: skip
        return _say(reader, "done.delegated", name=orgs.names_of_people([to])[to][1])

    return _asked(
        request, title=_say(reader, "delegate"), of=(f"{name} {number}", f"/people/{id}"),
        fields=fields, button=_say(reader, "delegate"), act=act,
        done=f"/people/{id}#delegations", lead=_say(reader, "lead.delegate"),
    )  # fmt: skip


@require_POST
def end_delegation(request: HttpRequest, id: UUID) -> HttpResponse:
    """End a delegation before its day: whoever gave it, whoever has it, or the administrator."""
    reader = reader_of(request)
    found = orgs.delegations_of(id=id)
    if not found:
        raise NotFound(what=_say(reader, "delegation"))
    view, me = found[0], reader.actor.person_id
    if me is None or me not in (view.from_person_id, view.to_person_id):
        decide(request, "administer", unit_thing(find_unit(reader, view.unit_id)))
    else:
        decide(request, "read", Thing(kind="unit", owner=me, object_id=me))
    orgs.end_delegation(id, on=reader.on, at=machine_now(), actor=actor_name(reader))
    messages.success(request, _say(reader, "done.delegation_ended"), extra_tags="fine")
    back = view.to_person_id if me == view.to_person_id else view.from_person_id
    return HttpResponseRedirect(f"/people/{back}#delegations")


# Units


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: HttpRequest, id: UUID) -> HttpResponse:
    """Give a unit another name from a day on."""
    reader, unit = _administered(request, id)
    value = request.POST.get

    def fields() -> Fields:
        return [
            field("name_zh", _say(reader, "name_zh"), value=value("name_zh", unit.name_zh)),
            field("name_en", _say(reader, "name_en"), value=value("name_en", unit.name_en),
                  required=False),
            day_field("on", _say(reader, "from"), value("on", reader.on.isoformat()),
                      reader.language),
        ]  # fmt: skip

    def wanted() -> tuple[str, str, date]:
        zh = given(request, "name_zh") or unit.name_zh
        return zh, given(request, "name_en") or zh, needed_day(request, "on")

    def preview() -> list[str]:
        zh, _, on = wanted()
        day = day_text(on, reader.language)
        return [_say(reader, "preview.rename", was=unit.name_zh, now=zh, on=day)]

    def act() -> str:
        zh, en, on = wanted()
        orgs.rename_unit(
            unit.code, name_zh=zh, name_en=en, on=on, at=machine_now(), actor=actor_name(reader)
        )
        return _say(reader, "done.renamed", name=zh)

    return _unit_form(request, reader, unit, "rename", fields, act, preview)


def _unit_form(
    request: HttpRequest,
    reader: Reader,
    unit: UnitRef,
    what: str,
    fields: Callable[[], Fields],
    act: Callable[[], str],
    preview: Callable[[], Sequence[str]] | None,
    *,
    danger: bool = False,
) -> HttpResponse:
    return _asked(
        request, title=_say(reader, what), of=(unit.name(reader.language), f"/units/{unit.id}"),
        fields=fields, button=_say(reader, what), act=act, done=f"/units/{unit.id}",
        lead=_say(reader, f"lead.{what}"), preview=preview, danger=danger,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, id: UUID) -> HttpResponse:
    """Merge a unit into another that the reader administers as well."""
    reader, unit = _administered(request, id)
    value = request.POST.get

    def fields() -> Fields:
        return [
            field("into", _say(reader, "into"), value=value("into", ""),
                  hint=_say(reader, "hint_unit")),
            day_field("on", _say(reader, "from"), value("on", reader.on.isoformat()),
                      reader.language),
        ]  # fmt: skip

    def wanted() -> tuple[UnitRef, date]:
        on = needed_day(request, "on")
        found = orgs.unit_by_code(given(request, "into"), on=on)
        if found is None:
            from guantong.orgs.errors import UnknownUnit

            raise UnknownUnit(code=given(request, "into", most=60), on=on)
        decide(request, "administer", unit_thing(found))
        return found, on

    def preview() -> list[str]:
        into, on = wanted()
        rows = [row for row in orgs.jurisdictions_of(id) if row.valid_to is None]
        people = [p for p in orgs.posts_of_unit(id, on=on) if p.person_id is not None]
        known = orgs.places({row.area_code for row in rows})
        return [
            _say(reader, "preview.closes", unit=unit.name(reader.language),
                 on=day_text(on, reader.language)),
            *(
                _say(reader, "preview.takes", into=into.name(reader.language),
                     line=line_text(row.line, reader.language),
                     area=known[row.area_code].name if reader.language == "zh-CN"
                     else known[row.area_code].name_en)
                for row in rows
            ),
            *(
                _say(reader, "preview.post_ends", name=p.name,
                     post=post_text(p.post_code, p.title, reader.language))
                for p in people
            ),
        ]  # fmt: skip

    def act() -> str:
        into, on = wanted()
        orgs.merge_unit(
            unit.code, into=into.code, on=on, at=machine_now(), actor=actor_name(reader)
        )
        return _say(reader, "done.merged", name=into.name(reader.language))

    return _unit_form(request, reader, unit, "merge", fields, act, preview, danger=True)


@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, id: UUID) -> HttpResponse:
    """Set up a unit out of another, which takes over lines or areas from it."""
    reader, unit = _administered(request, id)
    value = request.POST.get
    rows = [row for row in orgs.jurisdictions_of(id) if row.valid_to is None]
    known = orgs.places({row.area_code for row in rows})
    named = {
        str(row.id): f"{line_text(row.line, reader.language)} · {known[row.area_code].name}"
        for row in rows
    }

    def fields() -> Fields:
        return [
            field("code", _say(reader, "new_code"), value=value("code", "")),
            field("name_zh", _say(reader, "name_zh"), value=value("name_zh", "")),
            field("name_en", _say(reader, "name_en"), value=value("name_en", ""), required=False),
            *(
                field(f"take-{row}", _say(reader, "takes", what=name), widget="checkbox",
                      value=f"take-{row}" in request.POST, required=False)
                for row, name in named.items()
            ),
            day_field("on", _say(reader, "from"), value("on", reader.on.isoformat()),
                      reader.language),
        ]  # fmt: skip

    def wanted() -> tuple[orgs.NewUnit, list[UUID], date]:
        from guantong.orgs.errors import EmptyField

        if not given(request, "code") or not given(request, "name_zh"):
            refusal = EmptyField()
            refusal.field = "code" if not given(request, "code") else "name_zh"  # type: ignore[attr-defined]
            raise refusal
        new = orgs.NewUnit(
            code=given(request, "code"), name_zh=given(request, "name_zh"),
            name_en=given(request, "name_en"),
        )  # fmt: skip
        takes = [UUID(row) for row in named if f"take-{row}" in request.POST]
        return new, takes, needed_day(request, "on")

    def preview() -> list[str]:
        new, takes, on = wanted()
        day = day_text(on, reader.language)
        return [
            _say(reader, "preview.set_up", unit=new.name_zh, on=day),
            *(_say(reader, "preview.moves", what=named[str(id)], to=new.name_zh) for id in takes),
        ]

    def act() -> str:
        new, takes, on = wanted()
        orgs.split_unit(
            unit.code, new, takes=takes, on=on, at=machine_now(), actor=actor_name(reader)
        )
        return _say(reader, "done.split", name=new.name_zh)

    return _unit_form(request, reader, unit, "split", fields, act, preview)


@require_http_methods(["GET", "HEAD", "POST"])
def office(request: HttpRequest, id: UUID) -> HttpResponse:
    """Set up an office below a unit."""
    reader, unit = _administered(request, id)
    value = request.POST.get

    def fields() -> Fields:
        return [
            field("code", _say(reader, "new_code"), value=value("code", "")),
            field("name_zh", _say(reader, "name_zh"), value=value("name_zh", "")),
            field("name_en", _say(reader, "name_en"), value=value("name_en", ""), required=False),
        ]

    def act() -> str:
        from guantong.orgs.errors import EmptyField

        if not given(request, "code") or not given(request, "name_zh"):
            raise EmptyField()
        new = orgs.NewUnit(
            code=given(request, "code"), name_zh=given(request, "name_zh"),
            name_en=given(request, "name_en"),
        )  # fmt: skip
        orgs.open_office(
            new, below=unit.code, on=reader.on, at=machine_now(), actor=actor_name(reader)
        )
        return _say(reader, "done.set_up", name=new.name_zh)

    return _unit_form(request, reader, unit, "office", fields, act, None)


@require_http_methods(["GET", "HEAD", "POST"])
def take_on(request: HttpRequest, id: UUID) -> HttpResponse:
    """Let a unit answer for another line, or in another area that the reader administers."""
    reader, unit = _administered(request, id)
    value = request.POST.get
    lines = [
        option(line.id, line.zh if reader.language == "zh-CN" else line.en)
        for line in orgs.lines().values()
    ]
    kinds = [
        option(kind, _say(reader, f"jurisdiction.{kind}"))
        for kind in ("territorial", "zone", "vertical")
    ]

    def fields() -> Fields:
        return [
            field("line", _say(reader, "line"), widget="select", value=value("line", ""),
                  options=lines, required=unit.line is not None,
                  hint=None if unit.line else _say(reader, "hint_area_line")),
            field("area", _say(reader, "area_code"), value=value("area", unit.division_code),
                  hint=_say(reader, "hint_area")),
            field("kind", _say(reader, "jurisdiction_kind"), widget="radio",
                  value=value("kind", "territorial"), options=kinds),
            day_field("on", _say(reader, "from"), value("on", reader.on.isoformat()),
                      reader.language),
        ]  # fmt: skip

    def act() -> str:
        area = given(request, "area")
        # One answers only for places of one's own area: no unit reaches into a neighbour's.
        decide(request, "administer", Thing(kind="unit", division_code=area, unit_ids=(id,)))
        if orgs.division(area) is None:
            from guantong.orgs.errors import UnknownPlace

            raise UnknownPlace(place=area)
        own = unit.line is not None and given(request, "line") == unit.line
        if not (own and orgs.covers(unit.division_code, area)):
            # Another line, or a place beyond: whoever administers that area gives it. A unit that
            # takes it by itself would take the rights that come with it.
            decide(request, "administer", Thing(kind="unit", division_code=area))
        kind: Any = given(request, "kind")
        if kind not in ("territorial", "zone", "vertical"):
            kind = "territorial"
        orgs.take_on(
            unit.code, line=given(request, "line") or None, area_code=area, kind=kind,
            on=needed_day(request, "on"), at=machine_now(), actor=actor_name(reader),
        )  # fmt: skip
        return _say(reader, "done.takes_on")

    return _unit_form(request, reader, unit, "take_on", fields, act, None)


@require_POST
def give_up(request: HttpRequest, id: UUID, row: UUID) -> HttpResponse:
    """End one thing that a unit answers for."""
    reader, _ = _administered(request, id)
    if all(one.id != row for one in orgs.jurisdictions_of(id)):
        raise NotFound(what=_say(reader, "jurisdiction"))
    orgs.give_up(row, on=reader.on, at=machine_now(), actor=actor_name(reader))
    messages.success(request, _say(reader, "done.gave_up"), extra_tags="fine")
    return HttpResponseRedirect(f"/units/{id}#answers")
