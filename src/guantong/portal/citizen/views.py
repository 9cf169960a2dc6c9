"""What a citizen sees: ask for an account, and one's own data as the government keeps them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guantong.access import api as access
from guantong.access.api import Thing
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError
from guantong.base.realm import LIVE
from guantong.base.words import say
from guantong.notices import api as notices
from guantong.orgs import api as orgs
from guantong.portal.citizen.frame import ELDER, READING_COOKIE
from guantong.portal.reader import Reader, decide, language_of, page, reader_of
from guantong.portal.registration import wrong_fields
from guantong.portal.sign_in import client_address
from guantong.portal.views_account import YEAR, back_to

LONGEST = 100


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what is kept about the reader, numbers masked, and who keeps it."""
    reader = reader_of(request)
    decide(request, "read", Thing(kind="account", owner=reader.actor.person_id))
    assert reader.actor.person_id is not None, "access lets in no account without a person"
    kept = orgs.participant("citizen", reader.actor.person_id)
    contact = orgs.contact_of_participant("citizen", reader.actor.person_id)
    unit = orgs.units_by_id([kept.unit_id]).get(kept.unit_id)
    return page(
        request,
        "citizen/home.html",
        name=kept.name,
        identity=_masked(contact.identity, 3, 4),
        mobile=_masked(contact.mobile, 3, 4),
        since=kept.made_at,
        keeper=unit.name(reader.language) if unit else "",
        steps=_steps(reader),
    )  # fmt: skip


def _steps(reader: Reader) -> list[dict[str, object]]:
    """Return where a citizen goes from here, with what is new there."""
    unread = notices.unread(LIVE, sorted(reader.actor.stands_for))
    named = (("/notices", "notices", unread), ("/looks", "looks", None),
             ("/household", "household", None), ("/verify", "verify", None),
             ("/account", "account", None))  # fmt: skip
    return [
        {"href": href, "title": say(f"citizen.step.{name}", reader.language),
         "text": say(f"citizen.step.{name}_text", reader.language), "count": count}
        for href, name, count in named
    ]  # fmt: skip


@require_POST
def choose_reading(request: HttpRequest) -> HttpResponse:
    """Read with larger letters in one column (长辈版) from now on, or plainly again."""
    answer = HttpResponseRedirect(back_to(request, request.POST.get("next", "")))
    if request.POST.get("reading") == ELDER:
        answer.set_cookie(
            READING_COOKIE, ELDER, max_age=YEAR, samesite="Lax", httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
    else:
        answer.delete_cookie(READING_COOKIE, samesite="Lax")
    return answer


def _masked(value: str, first: int, last: int) -> str:
    """Return a number with its middle hidden: enough to recognise one's own."""
    if len(value) <= first + last:
        return "*" * len(value)
    return f"{value[:first]}{'*' * (len(value) - first - last)}{value[-last:]}"


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Take an application; the answer is the same whether or not there is an account already."""
    language = language_of(request)
    given = {f: request.POST.get(f, "").strip()[:LONGEST] for f in ("name", "identity", "mobile")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = wrong_fields(given, language)
        if not errors:
            try:
                number = access.apply(
                    **given, language=language, address=client_address(request), at=machine_now()
                )
            except GuantongError as refusal:
                errors = {"name": refusal.sentence(language)}
            else:
                grouped = f"{number[:4]} {number[4:7]} {number[7:]}"
                return page(request, "citizen/applied.html", number=grouped)
    return page(
        request, "citizen/register.html", status=403 if errors else 200, given=given, errors=errors
    )
