"""Participants without a post, for the unit that keeps them: citizens, enterprises, systems.

Numbers of identity and telephones are never listed; they are opened on the page of one participant,
by whoever administers the unit that keeps it, and the opening stands in the log.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from guantong.access import api as access
from guantong.access.api import L3, Thing
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError, NotFound
from guantong.base.realm import LIVE
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.orgs.api import PARTICIPANTS, Participant
from guantong.portal.lists import count_text
from guantong.portal.people_forms import field, form, given
from guantong.portal.people_words import actor_name, hour_text
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.views_people import _pager, _skip

ROWS = 50


def _kind(kind: str, reader: Reader) -> Any:
    if kind not in PARTICIPANTS:
        raise NotFound(what=say("people.participants", reader.language))
    return kind


def _thing(found: Participant) -> Thing:
    return Thing(
        kind="unit", division_code=found.division_code, unit_ids=(found.unit_id,),
        object_id=found.id,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest, kind: str) -> HttpResponse:
    """List the participants of the reader's units; register one."""
    reader = reader_of(request)
    kind = _kind(kind, reader)
    decision = decide(request, "administer", Thing(kind="unit"))
    language, rows = reader.language, decision.rows
    refused: GuantongError | None = None
    if request.method == "POST":
        try:
            id = _register(request, reader, kind)
            said = say("people.participant.registered", language)
            messages.success(request, said, extra_tags="fine")
            return HttpResponseRedirect(f"/participants/{kind}/{id}")
        except GuantongError as refusal:
            refused = refusal
    text = request.GET.get("q", "").strip()[:60]
    skip = _skip(request)
    found, total = orgs.participants(
        kind,  # type: ignore[arg-type]
        unit_ids=None if rows.everything else list(rows.unit_ids),
        prefixes=None if rows.everything else rows.prefixes,
        query=text, most=ROWS, skip=skip,
    )  # fmt: skip
    units = orgs.units_by_id({p.unit_id for p in found})
    known = orgs.places({p.division_code for p in found})
    return page(
        request,
        "people_participants.html",
        status=409 if refused else 200,
        kind=kind,
        title=say(f"people.participant.{kind}", language),
        crumbs=[
            {"title": say("people.title", language), "href": "/people"},
            {"title": say("people.participants", language), "href": None},
        ],
        q=text,
        search_hint=say(f"people.participant.search_{kind}", language),
        count=count_text(total, language),
        chips=[
            {"label": say(f"people.participant.{other}", language),
             "href": f"/participants/{other}", "current": other == kind, "count": None}
            for other in PARTICIPANTS
        ],
        rows=[
            {
                "href": f"/participants/{kind}/{p.id}",
                "name": p.name,
                "known_as": p.known_as,
                "place": known[p.division_code].name if p.division_code in known else "",
                "unit": units[p.unit_id].name(language) if p.unit_id in units else "",
                "ended": p.ended_at is not None,
            }
            for p in found
        ],
        form=form(
            f"/participants/{kind}", _fields(request, reader, kind),
            say("people.participant.register", language), refused=refused, language=language,
        ),
        pager=_pager(f"/participants/{kind}", total, skip, q=text),
    )  # fmt: skip


def _fields(request: HttpRequest, reader: Reader, kind: str) -> list[dict[str, object]]:
    language, value = reader.language, request.POST.get
    own = [post for post in reader.actor.posts if post.post_code in ("head", "administrator")]
    place = own[0].division_code if own else ""

    def one(name: str, *, required: bool = True, hint: str | None = None) -> dict[str, object]:
        label = say(f"people.participant.field.{name}", language)
        typed = "" if name in ("identity", "mobile") else value(name, "")
        return field(name, label, value=typed, required=required, hint=hint)

    fields = {
        "citizen": [one("name"), one("identity"), one("mobile", required=False)],
        "enterprise": [
            one("name"), one("uscc"), one("contact", required=False),
            one("mobile", required=False),
        ],
        "external_system": [
            one("code"), one("name"),
            one("public_key", hint=say("people.participant.key_hint", language)),
            one("contact", required=False),
        ],
    }[kind]  # fmt: skip
    area = field(
        "place", say("people.participant.field.place", language), value=value("place", place),
        hint=say("people.hint_area", language),
    )  # fmt: skip
    return [*fields, area]


def _register(request: HttpRequest, reader: Reader, kind: str) -> UUID:
    place = given(request, "place")
    own = next(
        (p for p in reader.actor.posts if p.post_code in ("head", "administrator")),
        reader.actor.posts[0],
    )
    # Kept by the reader's own unit, and only for places of its area.
    decide(request, "administer", Thing(kind="unit", unit_ids=(own.unit_id,),
                                        division_code=own.division_code))  # fmt: skip
    if not orgs.covers(own.division_code, place):
        from guantong.orgs.errors import UnknownPlace

        refusal = UnknownPlace(place=place[:12])
        refusal.field = "place"  # type: ignore[attr-defined]
        raise refusal
    common: dict[str, Any] = {
        "name": given(request, "name"), "unit_id": own.unit_id, "division_code": place,
        "at": machine_now(), "actor": actor_name(reader),
    }  # fmt: skip
    if kind == "citizen":
        return orgs.register_citizen(
            identity=given(request, "identity"), mobile=given(request, "mobile"), **common
        )
    if kind == "enterprise":
        return orgs.register_enterprise(
            uscc=given(request, "uscc"), contact=given(request, "contact"),
            mobile=given(request, "mobile"), **common,
        )  # fmt: skip
    return orgs.register_system(
        code=given(request, "code"), public_key=given(request, "public_key"),
        contact=given(request, "contact"), **common,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD"])
def one(request: HttpRequest, kind: str, id: UUID) -> HttpResponse:
    """Show one participant; how to reach it only to whoever administers its unit."""
    reader = reader_of(request)
    kind = _kind(kind, reader)
    found = orgs.participant(kind, id)  # type: ignore[arg-type]
    decision = decide(request, "administer", _thing(found))
    language = reader.language
    contact = None
    if L3 not in decision.masks:
        contact = orgs.contact_of_participant(kind, id)  # type: ignore[arg-type]
        if contact.mobile:
            # The person concerned reads it at the citizen end, which knows no exercise.
            access.looked(
                replace(decision, realm=LIVE), at=machine_now(), classes={L3},
                machine_at=machine_now(),
            )  # fmt: skip
    units = orgs.units_by_id([found.unit_id])
    place = orgs.division(found.division_code)
    return page(
        request,
        "people_participant.html",
        crumbs=[
            {"title": say("people.title", language), "href": "/people"},
            {"title": say(f"people.participant.{kind}", language), "href": f"/participants/{kind}"},
            {"title": found.name, "href": None},
        ],
        found=found,
        kind=kind,
        unit=units[found.unit_id].name(language) if found.unit_id in units else "",
        place=(place.name if language == "zh-CN" else place.name_en) if place else "",
        made=hour_text(found.made_at, language),
        ended=hour_text(found.ended_at, language) if found.ended_at else "",
        mobile=contact.mobile if contact else "",
        has_identity=bool(contact and contact.identity),
        may_end=found.ended_at is None and may(reader, "administer", _thing(found)).allowed,
    )


@require_POST
def end(request: HttpRequest, kind: str, id: UUID) -> HttpResponse:
    """End a participant."""
    reader = reader_of(request)
    kind = _kind(kind, reader)
    found = orgs.participant(kind, id)  # type: ignore[arg-type]
    decide(request, "administer", _thing(found))
    orgs.end_participant(kind, id, at=machine_now(), actor=actor_name(reader))  # type: ignore[arg-type]
    said = say("people.participant.ended", reader.language)
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"/participants/{kind}/{id}")
