"""Accounts of others, for whoever administers a unit: invite, close, open, unlock, help who lost a
second factor; and the service window, where citizens get theirs.

What is done for oneself is done on one's own account page, where the password is asked for.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guantong.access import api as access
from guantong.access.api import AccountRef, Thing, User
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError, NotFound
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.portal.citizen import window
from guantong.portal.lists import address, chip
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.step_up import ask_again

STATES = ("all", "none", "invited", "active", "locked", "closed")


def _things(person_id: UUID, posts: tuple[orgs.HeldPost, ...]) -> list[Thing]:
    """Return the account once for each unit its person serves in, as that unit really stands.

    A post that somebody delegated opens nothing here, nor does an area that a unit has taken on.
    """
    units = orgs.units_by_id({post.unit.id for post in posts if post.kind != "delegated"})
    if any(_is_administrator(post) for post in posts):
        return [Thing(kind="settings", owner=person_id)]
    return [
        Thing(kind="account", owner=person_id, unit_ids=(u.id,), division_code=u.division_code)
        for u in units.values()
    ] or [Thing(kind="account", owner=person_id)]


def _is_administrator(post: orgs.HeldPost) -> bool:
    unit = post.unit
    return post.post_code == access.ADMINISTRATOR_POST and access.is_platform_unit(
        unit.code, unit.line, unit.tier, unit.division_code
    )


def _asked(request: HttpRequest, person_id: UUID) -> tuple[Reader, str]:
    """Ask whether the reader administers this person's account; return the person's name.

    Every unit of the person must be the reader's to administer: whoever appoints a stranger to a
    post of one's own would otherwise hold the stranger's account.
    """
    reader = reader_of(request)
    found = orgs.names_of_people([person_id]).get(person_id)
    if found is None:
        raise NotFound(what="account")
    if person_id == reader.actor.person_id:
        things = [Thing(kind="account", owner=person_id)]
    else:
        things = _things(person_id, orgs.posts_of_people([person_id], on=reader.on)[person_id])
    for thing in things:
        decide(request, "administer", thing)
    return reader, found[1]


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """List the people of a unit with the state of their accounts."""
    reader = reader_of(request)
    decide(request, "administer", Thing(kind="account"))
    code = request.GET.get("unit", "").strip()
    own = _own_units(reader)
    unit = orgs.unit_by_code(code, on=reader.on) if code else own[0] if own else None
    rows: list[dict[str, Any]] = []
    counts = dict.fromkeys(STATES, 0)
    if unit is not None:
        thing = Thing(kind="account", unit_ids=(unit.id,), division_code=unit.division_code)
        decide(request, "administer", thing)
        rows = _rows(unit, reader)
        for row in rows:
            counts["all"] += 1
            counts[row["state"]] += 1
    state = request.GET.get("state", "all")
    shown = [row for row in rows if state in ("all", row["state"])]
    code = unit.code if unit else code
    return page(
        request,
        "accounts.html",
        unit=unit,
        unit_name=unit.name(reader.language) if unit else "",
        code=code,
        missing=bool(code) and unit is None,
        own=[{"code": u.code, "name": u.name(reader.language)} for u in own],
        rows=shown,
        chips=[
            chip(
                say(f"accounts.state.{name}", reader.language),
                address("/accounts", unit=code, state=name),
                current=name == state,
                count=counts[name],
            )
            for name in STATES
            if name == "all" or counts[name] or name == state
        ],
    )


def _own_units(reader: Reader) -> list[orgs.UnitRef]:
    """Return the reader's own units that the reader administers."""
    units = orgs.units_by_id(reader.actor.unit_ids)
    things = [(u, Thing(kind="account", unit_ids=(u.id,), division_code=u.division_code))
              for u in units.values()]  # fmt: skip
    return [unit for unit, thing in things if may(reader, "administer", thing).allowed]


def _rows(unit: orgs.UnitRef, reader: Reader) -> list[dict[str, Any]]:
    people = {p.id: p for p in reversed(orgs.people_of_unit(unit.id, on=reader.on))}
    found = access.accounts_of(people, at=machine_now())
    factors = access.factors_of_many([ref.id for ref in found.values()])
    return [
        {
            "person": person,
            "post": say(f"orgs.post.{person.post_code}", reader.language),
            "account": (ref := found.get(person.id)),
            "state": _state(ref),
            "state_word": say(f"accounts.state.{_state(ref)}", reader.language),
            "factors": factors.get(ref.id, 0) if ref else 0,
        }
        for person in reversed(people.values())
    ]


def _state(ref: AccountRef | None) -> str:
    if ref is None:
        return "none"
    if ref.state in ("closed", "left"):
        return "closed"
    return "locked" if ref.locked_minutes else ref.state


@require_GET
def account(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Show the account of one person, and what may be done with it."""
    reader, name = _asked(request, person_id)
    return _account_page(request, reader, person_id, name)


def _account_page(
    request: HttpRequest, reader: Reader, person_id: UUID, name: str, **more: Any
) -> HttpResponse:
    ref = access.accounts_of([person_id], at=machine_now()).get(person_id)
    factors = access.factors_of_many([ref.id])[ref.id] if ref and _has(ref) else 0
    return page(
        request,
        "account_of.html",
        status=403 if more.get("refused") else 200,
        person_id=person_id,
        name=name,
        account=ref,
        state=_state(ref),
        state_word=say(f"accounts.state.{_state(ref)}", reader.language),
        factors=factors,
        own=person_id == reader.actor.person_id,
        linked=ref is not None and access.is_linked(User.objects.get(id=ref.id)),
        **({"refused": None} | more),
    )


def _has(ref: AccountRef) -> bool:
    return bool(access.factors_of_many([ref.id]))


@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Give a person an activation code, with an account where there is none; shown this once."""
    try:
        person_id = UUID(request.POST.get("person_id", ""))
    except ValueError:
        raise NotFound(what="person") from None
    if person_id == reader_of(request).actor.person_id:
        # One's own password is asked for there; a stolen session must not become a new one.
        return HttpResponseRedirect("/account/password")
    reader, name = _asked(request, person_id)
    if (asked := ask_again(request, f"/accounts/{person_id}")) is not None:
        return asked
    number = orgs.names_of_people([person_id])[person_id][0]
    code = access.invite(
        person_id, username=number, language=reader.language, at=machine_now(),
        actor=reader.user.username,
    )  # fmt: skip
    ref = access.accounts_of([person_id], at=machine_now())[person_id]
    return page(
        request, "account_code.html", name=name, username=ref.username, code=code,
        until=ref.code_until, back_href=f"/accounts/{person_id}", activate="/activate",
    )  # fmt: skip


@require_POST
def act(request: HttpRequest, person_id: UUID, act: str) -> HttpResponse:
    """Do one thing to a person's account."""
    reader, name = _asked(request, person_id)
    user = access.account_of(person_id)
    if user.id == reader.user.id and act != "unlock":
        return HttpResponseRedirect("/account")
    if (asked := ask_again(request, f"/accounts/{person_id}")) is not None:
        return asked
    at, actor, language = machine_now(), reader.user.username, reader.language
    count = 0
    if act == "close":
        count = access.close_account(user, because="disabled", at=at, actor=actor)
    elif act == "open":
        access.open_account(user, at=at, actor=actor)
    elif act == "unlock":
        access.unlock_account(user, at=at, actor=actor)
    elif act == "end-sessions":
        count = access.end_sessions(user, at=at, actor=actor)
    elif act == "reset-factors":
        count = access.reset_factors(user, at=at, actor=actor)
        access.end_sessions(user, at=at, actor=actor)
    elif act == "unlink":
        count = access.unlink(user, at=at, actor=actor)
    elif act == "rename":
        try:
            access.rename_account(user, request.POST.get("username", "")[:80], at=at, actor=actor)
        except GuantongError as refusal:
            return _account_page(
                request, reader, person_id, name, refused=refusal.sentence(language)
            )
    else:
        raise NotFound(what=act)
    messages.success(request, say(f"accounts.done.{act}", language, count=count), "fine")
    return HttpResponseRedirect(f"/accounts/{person_id}")


@require_http_methods(["GET", "HEAD", "POST"])
def citizens(request: HttpRequest) -> HttpResponse:
    """The service window: find an application by its number, compare the document, hand a code."""
    reader = reader_of(request)
    decide(request, "administer", Thing(kind="account"))
    if (asked := ask_again(request, "/accounts/citizens")) is not None:
        return asked
    return window.answer(request, reader)
