"""Invite a resident of a household: the village compares the document and hands a code over.

The code opens the household's record only in the account of the person whose number of identity
was compared (``access.residence``). Who governs the place invites, and ends what was wrong.
"""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from guantong.access import api as access
from guantong.access.api import Decision, Thing
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError, NotFound
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.portal.contest_notices import tell_ended
from guantong.portal.object_words import title_of
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.registration import wrong_fields
from guantong.portal.step_up import ask_again
from guantong.portal.things import object_thing
from guantong.registry.api import ObjectView, object_by_id

FIELDS = ("name", "identity", "mobile")
LONGEST = 100


def governed(division_code: str) -> Thing:
    """Return the place as access looks at it when residents of it are invited."""
    return Thing(kind="account", division_code=division_code)


def residents_part(reader: Reader, view: ObjectView) -> dict[str, object] | None:
    """Return who is tied to a household, for its page; None for who does not govern the place."""
    if not may(reader, "administer", governed(view.division_code)).allowed:
        return None
    found = access.residents_of(view.id)
    return {
        "invite_href": f"/objects/{view.id}/residents",
        "rows": [
            {
                "name": orgs.participant("citizen", one.citizen_id).name,
                "accepted_at": one.accepted_at, "until": one.expires_at,
                "end_href": f"/objects/{view.id}/residents/{one.id}/end",
            }
            for one in found
        ],
    }  # fmt: skip


def _found(request: HttpRequest, id: UUID) -> tuple[ObjectView, Decision]:
    reader = reader_of(request)
    view = object_by_id(id)
    if view is None or view.realm != reader.realm:
        raise NotFound(what=say("access.kind.object", reader.language))
    decide(request, "read", object_thing(view))
    return view, decide(request, "administer", governed(view.division_code))


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, id: UUID) -> HttpResponse:
    """Ask for the resident's document, and show the code this once."""
    reader = reader_of(request)
    view, decision = _found(request, id)
    if (asked := ask_again(request, f"/objects/{id}/residents")) is not None:
        return asked
    assert decision.post is not None, "whoever governs a place does so by a post"
    given = {f: request.POST.get(f, "").strip()[:LONGEST] for f in FIELDS}
    errors = _errors(request, given, reader.language) if request.method == "POST" else {}
    if request.method == "POST" and not errors:
        try:
            code = access.invite_resident(
                reader.realm, view.id, **given, language="zh-CN", unit_id=decision.post.unit_id,
                division_code=view.division_code, at=machine_now(), actor=reader.user.username,
            )  # fmt: skip
        except GuantongError as refusal:
            errors = {"mobile": refusal.sentence(reader.language)}
        else:
            return page(
                request, "account_code.html", name=given["name"], username=given["mobile"],
                code=code, until=machine_now() + access.CODE_LIFE, back_href=f"/objects/{id}",
                activate="/activate · /household", citizen=True, resident=True,
            )  # fmt: skip
    title = title_of(view, reader.language)
    return page(
        request, "resident_invite.html", status=422 if errors else 200, given=given,
        errors=errors, title=title, action=f"/objects/{id}/residents", back_href=f"/objects/{id}",
        crumbs=[{"title": title, "href": f"/objects/{id}"},
                {"title": say("resident.invite", reader.language), "href": None}],
    )  # fmt: skip


def _errors(request: HttpRequest, given: dict[str, str], language: str) -> dict[str, str]:
    found = wrong_fields(given, language)
    if request.POST.get("compared") != "on":
        found["compared"] = say("window.must_compare", language)
    return found


@require_POST
def end(request: HttpRequest, id: UUID, residence_id: UUID) -> HttpResponse:
    """End what ties a resident to a household."""
    reader = reader_of(request)
    view, decision = _found(request, id)
    if (asked := ask_again(request, f"/objects/{id}")) is not None:
        return asked
    tied = next((one for one in access.residents_of(view.id) if one.id == residence_id), None)
    if tied is None:
        raise NotFound(what=say("resident.title", reader.language))
    assert decision.post is not None, "whoever governs a place does so by a post"
    with transaction.atomic():
        at = machine_now()
        if access.end_residence(residence_id, at=at, actor=reader.user.username, taken=True):
            unit_id = decision.post.unit_id
            tell_ended(tied, unit=orgs.units_by_id([unit_id]).get(unit_id), at=at)
    messages.success(request, say("resident.ended", reader.language), "fine")
    return HttpResponseRedirect(f"/objects/{id}")
