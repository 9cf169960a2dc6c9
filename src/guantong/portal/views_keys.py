"""Access keys of one's own account: which there are, making one, ending one.

Making a key asks for the password again, as every way in does. The key is shown on the page that
answers its making, and never again.
"""

from collections.abc import Container
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guantong.access import api as access
from guantong.access.api import KeyView
from guantong.access.errors import KeyTooMany
from guantong.base.clock import machine_now
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.portal.reader import Reader, page
from guantong.portal.views_own_account import own_account, proved

HERE = "/account/keys"
DAYS = (30, 90, 180, access.LONGEST.days)


@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """List the keys of the account: those that stand, and those that ended in the last month."""
    reader = own_account(request, "read")
    now = machine_now()
    found = access.keys_of(reader.user.id, at=now)
    names = _unit_names(reader, [key.unit_id for key in found])
    return page(
        request,
        "account_keys.html",
        keys=[
            {
                "key": key,
                "post": f"{names.get(key.unit_id, '–')} · "
                + say(f"orgs.post.{key.post_code}", reader.language),
                "acts": say(f"account.keys.acts.{key.acts}", reader.language),
                "stands": key.stands(now),
                "word": _word(key, stands=key.stands(now), language=reader.language),
            }
            for key in found
        ],
    )


def _word(key: KeyView, *, stands: bool, language: str) -> str:
    if stands:
        return say("account.keys.stands", language)
    return say(f"account.keys.ended.{key.ended_because or 'expired'}", language)


def _unit_names(reader: Reader, ids: list[UUID]) -> dict[UUID, str]:
    names = orgs.unit_names(ids, on=reader.on)
    place = 0 if reader.language == "zh-CN" else 1
    return {id: both[place] for id, both in names.items()}


@require_http_methods(["GET", "HEAD", "POST"])
@proved
def new_key(request: HttpRequest) -> HttpResponse:
    """Ask for what a key needs, make it, and show it this once."""
    reader = own_account(request, "administer")
    language = reader.language
    posts = _posts(reader)
    errors: dict[str, str] = {}
    refused = None
    if request.method == "POST":
        errors = _errors(request, posts, language)
        if not errors:
            at = machine_now()
            try:
                _, text = access.make_key(
                    reader.user,
                    name=request.POST["name"],
                    purpose=request.POST["purpose"],
                    acts=request.POST["acts"],
                    post=posts[request.POST["post"]][0],
                    expires_at=at + timedelta(days=int(request.POST["days"])),
                    at=at,
                )
            except KeyTooMany as refusal:
                refused = refusal.sentence(language)
            else:
                return page(request, "account_key_made.html", text=text)
    return page(
        request,
        "account_key_new.html",
        status=422 if errors or refused else 200,
        errors=errors,
        refused=refused,
        given={name: request.POST.get(name, "") for name in ("name", "purpose")},
        fields={
            "post": [(value, label) for value, (_, label) in posts.items()],
            "acts": [(act, say(f"account.keys.acts.{act}", language))
                     for act in (access.READ, access.ACT)],
            "days": [(str(days), say("account.keys.for_days", language, days=days))
                     for days in DAYS],
        },
        chosen={name: request.POST.get(name, "") for name in ("post", "acts", "days")},
    )  # fmt: skip


def _posts(reader: Reader) -> dict[str, tuple[tuple[UUID, str], str]]:
    """Return the posts held today, each once, by the value that the form sends."""
    held = dict.fromkeys((post.unit_id, post.post_code) for post in reader.actor.posts)
    names = _unit_names(reader, [unit_id for unit_id, _ in held])
    return {
        f"{unit_id}:{code}": (
            (unit_id, code),
            f"{names.get(unit_id, '–')} · {say(f'orgs.post.{code}', reader.language)}",
        )
        for unit_id, code in held
    }


def _errors(request: HttpRequest, posts: Container[str], language: str) -> dict[str, str]:
    """Return what must be filled in; a choice that the form does not offer counts as none."""
    given = request.POST
    right = {
        "name": 0 < len(given.get("name", "").strip()) <= access.MOST_NAME,
        "purpose": 0 < len(given.get("purpose", "").strip()) <= access.MOST_PURPOSE,
        "post": given.get("post", "") in posts,
        "acts": given.get("acts", "") in (access.READ, access.ACT),
        "days": given.get("days", "") in {str(days) for days in DAYS},
    }
    wrong = say("account.keys.wrong", language)
    return {
        name: f"{say(f'account.keys.{name}', language)}: {wrong}"
        for name, fits in right.items()
        if not fits
    }


@require_POST
def revoke(request: HttpRequest, id: UUID) -> HttpResponse:
    """End a key of one's own."""
    reader = own_account(request, "administer")
    access.revoke_key(reader.user, id, at=machine_now())
    messages.success(request, say("account.keys.revoked", reader.language), "fine")
    return HttpResponseRedirect(HERE)
