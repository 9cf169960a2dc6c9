"""Delegation of posts: given by whoever holds the post or by the administrator, ended early."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from guantong.access.api import Thing
from guantong.base.clock import machine_now
from guantong.base.errors import NotFound
from guantong.orgs import api as orgs
from guantong.portal.people_acts import (
    Fields,
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
    needed_day,
    option,
)
from guantong.portal.people_words import (
    actor_name,
    person_things,
    unit_thing,
)
from guantong.portal.reader import decide, reader_of
from guantong.portal.views_people import find_person, find_unit, units_of_person


@require_http_methods(["GET", "HEAD", "POST"])
def delegate(request: HttpRequest, id: UUID) -> HttpResponse:
    """Delegate a post to a colleague until a day: one's own, or as administrator."""
    reader = reader_of(request)
    if reader.actor.person_id == id:
        number, name, times = find_person(reader, id)
        decide(request, "read", person_things(id, units_of_person(id, times, reader))[0])
    else:
        # Whoever stands in for somebody reads their notices, too: all of the person is asked for.
        reader, number, name = wholly_administered(request, id)
    held = [t for t in orgs.times_of_person(id) if t.holds_on(reader.on)]
    value = request.POST.get

    def fields() -> Fields:
        return [
            field("post", words(reader, "post"), widget="select",
                  value=value("post", str(held[0].post_id) if len(held) == 1 else ""),
                  options=[option(t.post_id, lead_of(reader, t)) for t in held]),
            field("number", words(reader, "delegate_to"), value=value("number", ""),
                  hint=words(reader, "hint_colleague")),
            day_field("on", words(reader, "from"), value("on", reader.on.isoformat()),
                      reader.language),
            day_field("until", words(reader, "until"), value("until", ""), reader.language,
                      end=True),
            field("reason", words(reader, "reason"), value=value("reason", ""), required=False),
        ]  # fmt: skip

    def act() -> str:
        chosen = next((t for t in held if str(t.post_id) == given(request, "post")), None)
        if chosen is None:
            from guantong.orgs.errors import NotOnesPost

            raise NotOnesPost(on=reader.on)
        if reader.actor.person_id != id:
            guard_platform(request, find_unit(reader, chosen.unit_id), chosen.post_code)
        to = person_of_number(request)
        orgs.delegate(
            id, to, post_id=chosen.post_id, on=needed_day(request, "on"),
            until=needed_day(request, "until"), reason=given(request, "reason"),
            at=machine_now(), actor=actor_name(reader),
        )  # fmt: skip
        return words(reader, "done.delegated", name=orgs.names_of_people([to])[to][1])

    return asked(
        request, title=words(reader, "delegate"), of=(f"{name} {number}", f"/people/{id}"),
        fields=fields, button=words(reader, "delegate"), act=act,
        done=f"/people/{id}#delegations", lead=words(reader, "lead.delegate"),
    )  # fmt: skip


@require_POST
def end_delegation(request: HttpRequest, id: UUID) -> HttpResponse:
    """End a delegation before its day: whoever gave it, whoever has it, or the administrator."""
    reader = reader_of(request)
    found = orgs.delegations_of(id=id)
    if not found:
        raise NotFound(what=words(reader, "delegation"))
    view, me = found[0], reader.actor.person_id
    if me is None or me not in (view.from_person_id, view.to_person_id):
        decide(request, "administer", unit_thing(find_unit(reader, view.unit_id)))
    else:
        decide(request, "read", Thing(kind="unit", owner=me, object_id=me))
    orgs.end_delegation(id, on=reader.on, at=machine_now(), actor=actor_name(reader))
    messages.success(request, words(reader, "done.delegation_ended"), extra_tags="fine")
    back = view.to_person_id if me == view.to_person_id else view.from_person_id
    return HttpResponseRedirect(f"/people/{back}#delegations")
