"""Fallback chains: what holds where, declared and withdrawn by whoever administers the area.

Declaring shows first which places get another unit by it; only then is it done.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guantong.access.api import Thing
from guantong.base.clock import machine_now
from guantong.base.errors import NotFound
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.portal.lists import address
from guantong.portal.people_acts import Fields, asked
from guantong.portal.people_forms import day_field, field, given, needed_day, option
from guantong.portal.people_words import actor_name, day_text, line_text, span_text
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.role_words import role_words
from guantong.portal.views_people import place_name

# So many places that change are named in a preview; how many more there are is said.
NAMED = 8


def area_thing(area_code: str) -> Thing:
    """Return an area as ``access`` knows it: who administers it decides on its chains."""
    return Thing(kind="unit", division_code=area_code)


def _own_place(reader: Reader) -> str:
    return reader.actor.posts[0].division_code if reader.actor.posts else ""


@require_safe
def chains(request: HttpRequest) -> HttpResponse:
    """Show which chain each line has at a place, and every declaration the reader may read."""
    reader = reader_of(request)
    language = reader.language
    rows = decide(request, "read", Thing(kind="unit")).rows
    code = request.GET.get("place", "")
    code = code if orgs.is_code(code) and rows.covers(code) else _own_place(reader)
    place = orgs.division(code)
    # What holds at one's own place is declared above it as well, and is no secret there.
    declared = [
        one
        for one in orgs.chains_declared()
        if rows.covers(one.area_code) or orgs.covers(one.area_code, code)
    ]
    known = orgs.places({one.area_code for one in declared})
    in_force = orgs.jurisdictions(reader.on).chains
    return page(
        request,
        "people_chains.html",
        title=say("people.chain.title", language),
        crumbs=[
            {"title": say("people.title", language), "href": "/people"},
            {"title": say("people.chain.title", language), "href": None},
        ],
        place_name=place_name(place, language) if place else "",
        now=[
            {
                "line": line_text(line, language),
                "chain": orgs.chain_words(in_force.chain(line, code, on=reader.on), language),
                "source": _source(in_force.declaration(line, code, on=reader.on), language),
                "change": address("/people/chains/declare", line=line, area=code),
            }
            for line in (orgs.lines() if place else ())
        ],
        declared=[
            {
                "line": line_text(one.line, language),
                "chain": orgs.chain_words(one.chain, language),
                "area": place_name(known[one.area_code], language)
                if one.area_code in known else one.area_code,
                "span": span_text(one.valid_from, one.valid_to, language),
                "basis": one.basis,
                "over": one.valid_to is not None and one.valid_to <= reader.on,
                "withdraw": f"/people/chains/{one.id}/withdraw"
                if one.valid_to is None
                and may(reader, "administer", area_thing(one.area_code)).allowed else "",
            }
            for one in declared
            if one.valid_to != one.valid_from
        ],
        administers=may(reader, "administer", area_thing(code)).allowed,
    )  # fmt: skip


def _source(declared: orgs.Declaration | None, language: str) -> str:
    if declared is None:
        return say("people.chain.shipped", language)
    area = orgs.division(declared.area_code)
    name = place_name(area, language) if area else declared.area_code
    return f"{name} · {span_text(declared.valid_from, declared.valid_to, language)}"


@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: HttpRequest) -> HttpResponse:
    """Declare the chain of a line in an area that the reader administers."""
    reader = reader_of(request)
    language = reader.language
    sent = request.POST if request.method == "POST" else request.GET
    line = sent.get("line", "")
    area = sent.get("area", "").strip()[:12] or _own_place(reader)
    decide(request, "administer", area_thing(area))
    lines = [option(one.id, line_text(one.id, language)) for one in orgs.lines().values()]
    chains = orgs.jurisdictions(reader.on).chains
    present = orgs.chain_words(chains.chain(line, area, on=reader.on), language) if line else ""

    def fields() -> Fields:
        return [
            field("line", say("people.chain.line", language), widget="select", value=line,
                  options=lines),
            field("chain", say("people.chain.chain", language), value=sent.get("chain", present),
                  hint=say("people.chain.chain_hint", language), max_length=200),
            field("area", say("people.chain.area", language), value=area,
                  hint=say("people.chain.area_hint", language)),
            day_field("on", say("people.from", language), sent.get("on", reader.on.isoformat()),
                      language),
            field("basis", say("people.chain.basis", language), value=sent.get("basis", ""),
                  required=False),
        ]  # fmt: skip

    def wanted() -> tuple[orgs.Chain, date]:
        return orgs.read_chain(line, given(request, "chain")), needed_day(request, "on")

    def preview() -> Sequence[str]:
        chain, on = wanted()
        place = orgs.division(area)
        said = say(
            "people.chain.preview", language, line=line_text(line, language), area=area,
            place=place_name(place, language) if place else area, since=day_text(on, language),
            chain=orgs.chain_words(chain, language),
        )  # fmt: skip
        return [said, *_what_changes(reader, line, area, chain, on)]

    def act() -> str:
        chain, on = wanted()
        orgs.declare_chain(
            line, area, chain, on=on, basis=given(request, "basis"), at=machine_now(),
            actor=actor_name(reader),
        )  # fmt: skip
        return say(
            "people.chain.done", language, line=line_text(line, language),
            chain=orgs.chain_words(chain, language),
        )  # fmt: skip

    title = say("people.chain.declare", language)
    return asked(
        request, title=title, of=(say("people.chain.title", language), "/people/chains"),
        fields=fields, button=title, act=act, done="/people/chains",
        lead=say("people.chain.lead_declare", language), preview=preview,
    )  # fmt: skip


def _what_changes(reader: Reader, line: str, area: str, chain: orgs.Chain, on: date) -> list[str]:
    """Say which places of the area get another unit by a chain, each with the unit before."""
    language = reader.language
    known = orgs.lines().get(line)
    changed = orgs.changes_by_chain(line, area, chain, on=on) if known is not None else []
    named = orgs.places({place for _, place, _, _ in changed[:NAMED]})
    found = [
        say(
            "people.chain.preview_one", language, role=role_words(str(role), language),
            place=place_name(named[place], language) if place in named else place,
            was=_answer(was, language), now=_answer(now, language),
        )
        for role, place, was, now in changed[:NAMED]
    ]  # fmt: skip
    if len(changed) > NAMED:
        more = len(changed) - NAMED
        found.append(say("people.chain.preview_more", language, count=more))
    return found or [say("people.chain.preview_none", language)]


def _answer(unit: orgs.UnitRef | None, language: str) -> str:
    return say("people.gap.nobody", language) if unit is None else unit.name(language)


@require_POST
def withdraw(request: HttpRequest, id: UUID) -> HttpResponse:
    """Withdraw a declaration from today on."""
    reader = reader_of(request)
    found = orgs.chain_declared(id)
    if found is None:
        raise NotFound(what=say("people.chain.title", reader.language))
    decide(request, "administer", area_thing(found.area_code))
    orgs.withdraw_chain(id, on=reader.on, at=machine_now(), actor=actor_name(reader))
    said = say("people.chain.done_withdrawn", reader.language)
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect("/people/chains")
