"""The service window, at the official end: compare the document, hand over the code.

The clerk types the number on the citizen's screen and sees what the citizen wrote; the account is
made only when the clerk says that the document agrees.
"""

from django.http import HttpRequest, HttpResponse

from guantong.access import api as access
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError
from guantong.orgs import api as orgs
from guantong.portal.reader import Reader, page


def answer(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Answer one step at the window: ask for the number, show the application, hand the code."""
    number = "".join(c for c in request.POST.get("number", "") if c.isdigit())[:20]
    if request.method != "POST" or not number:
        return page(request, "window.html", number="", application=None, refused=None)
    try:
        found = access.application(number, at=machine_now(), clerk=reader.user.username)
        if request.POST.get("compared") != "on":
            asked = request.POST.get("step") == "grant"
            return page(
                request, "window.html", number=number, application=found, refused=None,
                not_compared=asked, status=403 if asked else 200,
            )  # fmt: skip
        unit = _unit(reader)
        code = access.grant_application(
            number, unit_id=unit.id, division_code=unit.division_code, at=machine_now(),
            actor=reader.user.username,
        )  # fmt: skip
    except GuantongError as refusal:
        return page(
            request, "window.html", status=403, number=number, application=None,
            refused=refusal.sentence(reader.language),
        )  # fmt: skip
    return page(
        request, "account_code.html", name=found.name, username=found.mobile, code=code,
        until=machine_now() + access.CODE_LIFE, back_href="/accounts/citizens",
        activate="/activate", citizen=True,
    )  # fmt: skip


def _unit(reader: Reader) -> orgs.UnitRef:
    """Return the unit that keeps the citizen's record: the clerk's own."""
    return orgs.units_by_id([reader.actor.posts[0].unit_id])[reader.actor.posts[0].unit_id]
