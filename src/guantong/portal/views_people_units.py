"""What the administrator of a unit does with it: rename, merge, split, offices, jurisdiction."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from guantong.access.api import Thing
from guantong.base.clock import machine_now
from guantong.base.errors import NotFound
from guantong.orgs import api as orgs
from guantong.orgs.api import UnitRef
from guantong.portal.people_acts import (
    Fields,
    administered,
    asked,
    words,
)
from guantong.portal.people_forms import (
    day_field,
    field,
    given,
    needed_day,
    option,
)
from guantong.portal.people_words import (
    actor_name,
    day_text,
    line_text,
    post_text,
    unit_thing,
)
from guantong.portal.reader import Reader, decide


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: HttpRequest, id: UUID) -> HttpResponse:
    """Give a unit another name from a day on."""
    reader, unit = administered(request, id)
    value = request.POST.get

    def fields() -> Fields:
        return [
            field("name_zh", words(reader, "name_zh"), value=value("name_zh", unit.name_zh)),
            field("name_en", words(reader, "name_en"), value=value("name_en", unit.name_en),
                  required=False),
            day_field("on", words(reader, "from"), value("on", reader.on.isoformat()),
                      reader.language),
        ]  # fmt: skip

    def wanted() -> tuple[str, str, date]:
        zh = given(request, "name_zh") or unit.name_zh
        return zh, given(request, "name_en") or zh, needed_day(request, "on")

    def preview() -> list[str]:
        zh, _, on = wanted()
        day = day_text(on, reader.language)
        return [words(reader, "preview.rename", was=unit.name_zh, now=zh, on=day)]

    def act() -> str:
        zh, en, on = wanted()
        orgs.rename_unit(
            unit.code, name_zh=zh, name_en=en, on=on, at=machine_now(), actor=actor_name(reader)
        )
        return words(reader, "done.renamed", name=zh)

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
    return asked(
        request, title=words(reader, what), of=(unit.name(reader.language), f"/units/{unit.id}"),
        fields=fields, button=words(reader, what), act=act, done=f"/units/{unit.id}",
        lead=words(reader, f"lead.{what}"), preview=preview, danger=danger,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, id: UUID) -> HttpResponse:
    """Merge a unit into another that the reader administers as well."""
    reader, unit = administered(request, id)
    value = request.POST.get

    def fields() -> Fields:
        return [
            field("into", words(reader, "into"), value=value("into", ""),
                  hint=words(reader, "hint_unit")),
            day_field("on", words(reader, "from"), value("on", reader.on.isoformat()),
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
            words(reader, "preview.closes", unit=unit.name(reader.language),
                 on=day_text(on, reader.language)),
            *(
                words(reader, "preview.takes", into=into.name(reader.language),
                     line=line_text(row.line, reader.language),
                     area=known[row.area_code].name if reader.language == "zh-CN"
                     else known[row.area_code].name_en)
                for row in rows
            ),
            *(
                words(reader, "preview.post_ends", name=p.name,
                     post=post_text(p.post_code, p.title, reader.language))
                for p in people
            ),
        ]  # fmt: skip

    def act() -> str:
        into, on = wanted()
        orgs.merge_unit(
            unit.code, into=into.code, on=on, at=machine_now(), actor=actor_name(reader)
        )
        return words(reader, "done.merged", name=into.name(reader.language))

    return _unit_form(request, reader, unit, "merge", fields, act, preview, danger=True)


@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, id: UUID) -> HttpResponse:
    """Set up a unit out of another, which takes over lines or areas from it."""
    reader, unit = administered(request, id)
    value = request.POST.get
    rows = [row for row in orgs.jurisdictions_of(id) if row.valid_to is None]
    known = orgs.places({row.area_code for row in rows})
    named = {
        str(row.id): f"{line_text(row.line, reader.language)} · {known[row.area_code].name}"
        for row in rows
    }

    def fields() -> Fields:
        return [
            field("code", words(reader, "new_code"), value=value("code", "")),
            field("name_zh", words(reader, "name_zh"), value=value("name_zh", "")),
            field("name_en", words(reader, "name_en"), value=value("name_en", ""), required=False),
            *(
                field(f"take-{row}", words(reader, "takes", what=name), widget="checkbox",
                      value=f"take-{row}" in request.POST, required=False)
                for row, name in named.items()
            ),
            day_field("on", words(reader, "from"), value("on", reader.on.isoformat()),
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
            words(reader, "preview.set_up", unit=new.name_zh, on=day),
            *(words(reader, "preview.moves", what=named[str(id)], to=new.name_zh) for id in takes),
        ]

    def act() -> str:
        new, takes, on = wanted()
        orgs.split_unit(
            unit.code, new, takes=takes, on=on, at=machine_now(), actor=actor_name(reader)
        )
        return words(reader, "done.split", name=new.name_zh)

    return _unit_form(request, reader, unit, "split", fields, act, preview)


@require_http_methods(["GET", "HEAD", "POST"])
def office(request: HttpRequest, id: UUID) -> HttpResponse:
    """Set up an office below a unit."""
    reader, unit = administered(request, id)
    value = request.POST.get

    def fields() -> Fields:
        return [
            field("code", words(reader, "new_code"), value=value("code", "")),
            field("name_zh", words(reader, "name_zh"), value=value("name_zh", "")),
            field("name_en", words(reader, "name_en"), value=value("name_en", ""), required=False),
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
        return words(reader, "done.set_up", name=new.name_zh)

    return _unit_form(request, reader, unit, "office", fields, act, None)


@require_http_methods(["GET", "HEAD", "POST"])
def take_on(request: HttpRequest, id: UUID) -> HttpResponse:
    """Let a unit answer for another line, or in another area that the reader administers."""
    reader, unit = administered(request, id)
    value = request.POST.get
    lines = [
        option(line.id, line.zh if reader.language == "zh-CN" else line.en)
        for line in orgs.lines().values()
    ]
    kinds = [
        option(kind, words(reader, f"jurisdiction.{kind}"))
        for kind in ("territorial", "zone", "vertical")
    ]

    def fields() -> Fields:
        return [
            field("line", words(reader, "line"), widget="select", value=value("line", ""),
                  options=lines, required=unit.line is not None,
                  hint=None if unit.line else words(reader, "hint_area_line")),
            field("area", words(reader, "area_code"), value=value("area", unit.division_code),
                  hint=words(reader, "hint_area")),
            field("kind", words(reader, "jurisdiction_kind"), widget="radio",
                  value=value("kind", "territorial"), options=kinds),
            day_field("on", words(reader, "from"), value("on", reader.on.isoformat()),
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
        return words(reader, "done.takes_on")

    return _unit_form(request, reader, unit, "take_on", fields, act, None)


@require_POST
def give_up(request: HttpRequest, id: UUID, row: UUID) -> HttpResponse:
    """End one thing that a unit answers for."""
    reader, _ = administered(request, id)
    if all(one.id != row for one in orgs.jurisdictions_of(id)):
        raise NotFound(what=words(reader, "jurisdiction"))
    orgs.give_up(row, on=reader.on, at=machine_now(), actor=actor_name(reader))
    messages.success(request, words(reader, "done.gave_up"), extra_tags="fine")
    return HttpResponseRedirect(f"/units/{id}#answers")
