"""My household: the code that the village handed over ties the household's record to me."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from guantong.access import api as access
from guantong.access.api import Thing
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError, NotFound
from guantong.base.words import say
from guantong.portal.citizen.records import records_of
from guantong.portal.lists import address
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.sign_in import client_address

HERE = "/household"


def _own(request: HttpRequest, act: str) -> Reader:
    reader = reader_of(request)
    decide(request, act, Thing(kind="account", owner=reader.actor.person_id))
    return reader


@require_http_methods(["GET", "HEAD", "POST"])
def household(request: HttpRequest) -> HttpResponse:
    """Show the households that are mine, and ask for the code of another one."""
    reader = _own(request, "administer" if request.method == "POST" else "read")
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            access.accept_residence(
                reader.user, request.POST.get("code", "")[:40], address=client_address(request),
                at=machine_now(),
            )  # fmt: skip
        except GuantongError as refusal:
            errors = {"code": refusal.sentence(reader.language)}
        else:
            messages.success(request, say("citizen.household.done", reader.language), "fine")
            return HttpResponseRedirect(HERE)
    return page(
        request, "citizen/household.html", status=403 if errors else 200, errors=errors,
        records=[
            {"record": one, "looks_href": address("/looks", of=one.key),
             "leave_href": None if one.until else f"{HERE}/{one.key}/leave", "until": one.until}
            for one in records_of(reader) if one.residence is not None
        ],
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, id: UUID) -> HttpResponse:
    """End what ties a household to me: I have moved, or it was never mine."""
    reader = _own(request, "administer")
    record = next((one for one in records_of(reader) if one.key == str(id) and not one.until), None)
    if record is None:
        raise NotFound(what=say("citizen.household.title", reader.language))
    if request.method == "POST":
        access.end_residence(id, at=machine_now(), actor=reader.user.username)
        messages.success(request, say("citizen.household.left", reader.language), "fine")
        return HttpResponseRedirect(HERE)
    return page(
        request, "citizen/leave.html", record=record, action=f"{HERE}/{id}/leave", back_href=HERE
    )
