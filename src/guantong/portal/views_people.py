"""The organisation book: search, the tree of places, one unit, one person."""

from datetime import datetime, time, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from guantong.access import api as access
from guantong.access.api import L3, L4, Rows, Thing
from guantong.base.clock import BEIJING, machine_now
from guantong.base.errors import NotFound
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.orgs.api import PostTime, UnitRef
from guantong.portal.lists import address, count_text
from guantong.portal.people_words import (
    day_text,
    first_allowed,
    hour_text,
    line_text,
    person_things,
    post_text,
    span_text,
    unit_thing,
)
from guantong.portal.purposes import ask_address, note_look, purpose_of, seen_by
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.step_up import ask_again

ROWS = 50
ROSTER_DAYS = 7


def cut_of(rows: Rows) -> orgs.Cut:
    """Return the rows of a decision as a predicate over the columns of a unit."""
    return rows.sql("u.division_code", "u.id")


@require_safe
def book(request: HttpRequest) -> HttpResponse:
    """Show the organisation book from the reader's own place on: units here, places below."""
    reader = reader_of(request)
    language = reader.language
    decision = decide(request, "read", Thing(kind="unit"))
    text = request.GET.get("q", "").strip()[:60]
    code = request.GET.get("place", "")
    own = reader.actor.posts[0].division_code if reader.actor.posts else ""
    code = code if orgs.is_code(code) else own
    skip = _skip(request)
    cut = cut_of(decision.rows)
    place = None if text else orgs.division(code)
    units, total = orgs.units_in(
        cut, on=reader.on, query=text, place="" if text else code, most=ROWS, skip=skip
    )
    people, found = (
        orgs.people_in(cut, on=reader.on, query=text, most=ROWS, skip=skip) if text else ([], 0)
    )
    below = [] if place is None else places_below(place, decision.rows)
    known = orgs.places({unit.unit.division_code for unit in units})
    administers = may(reader, "administer", Thing(kind="unit")).allowed
    return page(
        request,
        "people.html",
        q=text,
        place=code,
        crumbs=_place_crumbs(place, decision.rows, language),
        title=say("people.title", language),
        place_name=place_name(place, language) if place else "",
        below=[
            {"href": address("/people", place=d.code), "name": place_name(d, language)}
            for d in below
        ],
        units=[
            {
                "href": f"/units/{row.unit.id}",
                "name": row.unit.name(language),
                "office": row.parent_id is not None,
                "code": row.unit.code,
                "line": line_text(row.unit.line, language),
                "place": place_name(known[row.unit.division_code], language) if text else "",
                "people": row.people,
                "offices": row.offices,
            }
            for row in units
        ],
        unit_count=count_text(total, language),
        people=[
            {
                "href": f"/people/{row.id}",
                "name": row.name,
                "number": row.number,
                "unit": row.unit_zh if language == "zh-CN" else row.unit_en,
                "post": post_text(row.post_code, row.title, language),
            }
            for row in people
        ],
        people_count=count_text(found, language),
        administers=administers,
        pager=_pager("/people", max(total, found), skip, q=text, place="" if text else code),
    )


def _skip(request: HttpRequest) -> int:
    text = request.GET.get("skip", "")
    return min(int(text), 1_000_000) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _pager(path: str, total: int, skip: int, **filters: object) -> dict[str, object]:
    before, after = max(skip - ROWS, 0), skip + ROWS
    return {
        "count_text": "",
        "previous_href": address(path, **filters, skip=before or "") if skip else None,
        "next_href": address(path, **filters, skip=after) if after < total else None,
    }


def place_name(place: orgs.DivisionRef, language: str) -> str:
    """Return what a place is called."""
    return place.name if language == "zh-CN" else place.name_en


def places_below(place: orgs.DivisionRef, rows: Rows) -> list[orgs.DivisionRef]:
    """Return the places that lie directly in a place, as far as the reader may read them."""
    tiers = [*orgs.TIERS, None]
    tier = tiers[orgs.TIERS.index(place.tier) + 1]
    if tier is None:
        return []
    return [d for d in orgs.divisions(tier=tier, under=place.code) if rows.covers(d.code)]


def _place_crumbs(
    place: orgs.DivisionRef | None, rows: Rows, language: str
) -> list[dict[str, object]]:
    if place is None:
        return []
    codes = [code for tier in orgs.TIERS if (code := orgs.lift(place.code, tier)) is not None]
    known = orgs.places(codes)
    found: list[dict[str, object]] = []
    for code in codes:
        href = address("/people", place=code) if rows.covers(code) and code != place.code else None
        if code in known:
            found.append({"title": place_name(known[code], language), "href": href})
    return found


# One unit


def find_unit(reader: Reader, id: UUID) -> UnitRef:
    """Return a unit, closed ones too, or refuse: there is none."""
    found = orgs.units_by_id([id]).get(id)
    if found is None:
        raise NotFound(what=say("access.kind.unit", reader.language))
    return found


@require_safe
def unit(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show a unit: its posts and people, what it answers for, who is on duty, what it was."""
    reader = reader_of(request)
    language = reader.language
    found = find_unit(reader, id)
    thing = unit_thing(found)
    decide(request, "read", thing)
    administers = may(reader, "administer", thing).allowed
    past = orgs.past_of_unit(id)
    now = machine_now()
    above = orgs.units_by_id(orgs.units_above(id)[:1])
    return page(
        request,
        "unit.html",
        crumbs=_unit_crumbs(found, list(above.values()), language),
        unit=found,
        name=found.name(language),
        line=line_text(found.line, language),
        tier=say(f"orgs.tier.{found.tier}", language),
        closed_on=day_text(past.closed_on, language),
        open=past.closed_on is None or past.closed_on > reader.on,
        administers=administers,
        posts=_posts(found, reader),
        offices=[
            {"href": f"/units/{row.unit.id}", "name": row.unit.name(language), "people": row.people}
            for row in orgs.units_in(orgs.EVERYTHING, on=reader.on, below=id, most=200)[0]
        ],
        answers=_answers(found, reader),
        delegations=_delegations(orgs.delegations_of(unit_id=id), reader, administers=administers),
        duty=[
            {"name": shift.name, "part": say(f"people.part.{shift.part}", language),
             "until": hour_text(shift.ends_at, language)}
            for shift in orgs.on_duty_now(id, at=now)
        ],
        roster_gaps=_roster_gaps(id, now, language),
        history=_history(past, language),
    )  # fmt: skip


def _roster_gaps(unit_id: UUID, now: datetime, language: str) -> list[str]:
    """Say when nobody is on duty from now to the end of seven days, where there is a roster."""
    first = now.astimezone(BEIJING).date() + timedelta(days=ROSTER_DAYS + 1)
    until = datetime.combine(first, time(), tzinfo=BEIJING)
    entered = orgs.shifts(unit_id, since=now, until=until)
    if not entered:
        return []
    left = [
        say("people.roster.left_shift", language, name=shift.name,
            since=hour_text(shift.starts_at, language))
        for shift in entered
        if shift.left
    ]  # fmt: skip
    return left + [
        say(
            "people.roster.gap",
            language,
            since=hour_text(a, language),
            until=hour_text(b, language),
        )
        for a, b in orgs.holes(entered, since=now, until=until)
    ]  # fmt: skip


def _unit_crumbs(unit: UnitRef, above: list[UnitRef], language: str) -> list[dict[str, object]]:
    place = orgs.division(unit.division_code)
    found: list[dict[str, object]] = [{"title": say("people.title", language), "href": "/people"}]
    if place is not None:
        found.append(
            {"title": place_name(place, language), "href": address("/people", place=place.code)}
        )
    found += [{"title": one.name(language), "href": f"/units/{one.id}"} for one in above]
    return [*found, {"title": unit.name(language), "href": None}]


def _posts(unit: UnitRef, reader: Reader) -> list[dict[str, object]]:
    language = reader.language
    return [
        {
            "post": post_text(post.post_code, post.title, language),
            "vacant": post.person_id is None,
            "name": post.name,
            "number": post.number,
            "href": f"/people/{post.person_id}" if post.person_id else None,
            "kind": say(f"people.kind.{post.kind}", language) if post.kind == "acting" else "",
            "span": span_text(post.valid_from, post.valid_to, language),
            "to_come": post.valid_from is not None and post.valid_from > reader.on,
            "fill_href": address(f"/units/{unit.id}/appoint", post=post.post_code),
        }
        for post in orgs.posts_of_unit(unit.id, on=reader.on)
    ]


def _answers(unit: UnitRef, reader: Reader) -> list[dict[str, object]]:
    rows = orgs.jurisdictions_of(unit.id)
    known = orgs.places({row.area_code for row in rows})
    return [
        {
            "id": row.id,
            "line": line_text(row.line, reader.language),
            "area": place_name(known[row.area_code], reader.language),
            "kind": say(f"people.jurisdiction.{row.kind}", reader.language),
            "span": span_text(row.valid_from, row.valid_to, reader.language),
            "open": row.valid_to is None or row.valid_to > reader.on,
        }
        for row in rows
    ]


def _history(past: orgs.UnitPast, language: str) -> list[dict[str, str]]:
    found = [
        (past.founded_on, say("people.history.founded", language), "", ""),
        *(
            (since, say("people.history.named", language), zh if language == "zh-CN" else en, "")
            for since, _, zh, en in past.names
        ),
        *(
            (day, say("people.history.merged_in", language), u.name(language), f"/units/{u.id}")
            for day, u in past.merged_in
        ),
        *(
            (day, say("people.history.split_off", language), u.name(language), f"/units/{u.id}")
            for day, u in past.split_off
        ),
    ]
    if past.origin is not None:
        origin = past.origin
        found.append(
            (past.founded_on, say("people.history.origin", language), origin.name(language),
             f"/units/{origin.id}")
        )  # fmt: skip
    if past.closed_on is not None:
        successor = past.successor
        found.append(
            (past.closed_on, say("people.history.closed", language),
             successor.name(language) if successor else "",
             f"/units/{successor.id}" if successor else "")
        )  # fmt: skip
    return [
        {"day": day_text(day, language), "what": what, "who": who, "href": href}
        for day, what, who, href in sorted(found, key=lambda entry: entry[0], reverse=True)
    ]


def _delegations(
    views: list[orgs.DelegationView], reader: Reader, *, administers: bool
) -> list[dict[str, object]]:
    language, me = reader.language, reader.actor.person_id
    return [
        {
            "id": view.id,
            "from_name": view.from_name,
            "from_href": f"/people/{view.from_person_id}",
            "to_name": view.to_name,
            "to_href": f"/people/{view.to_person_id}",
            "post": post_text(view.post_code, view.title, language),
            "unit": view.unit_zh if language == "zh-CN" else view.unit_en,
            "span": span_text(view.valid_from, view.valid_to, language),
            "reason": view.reason,
            "state": say(f"people.delegation.{_state(view, reader)}", language),
            "light": {"now": "green", "soon": "blue", "over": "grey"}[_state(view, reader)],
            "may_end": _state(view, reader) != "over"
            and (administers or me in (view.from_person_id, view.to_person_id)),
            "proof": f"/proof/delegation/{view.id}",
        }
        for view in views
    ]


def _state(view: orgs.DelegationView, reader: Reader) -> str:
    if view.valid_to <= reader.on:
        return "over"
    return "now" if view.valid_from <= reader.on else "soon"


# One person


def find_person(reader: Reader, id: UUID) -> tuple[str, str, list[PostTime]]:
    """Return number, name and all times in posts of a person, or refuse: there is none."""
    named = orgs.names_of_people([id]).get(id)
    if named is None:
        raise NotFound(what=say("people.person", reader.language))
    return (*named, orgs.times_of_person(id))


def units_of_person(id: UUID, times: list[PostTime], reader: Reader) -> list[UnitRef]:
    """Return the units a person serves in; of somebody who left or was undone, the last one."""
    present = [t for t in times if t.holds_on(reader.on) or t.comes_after(reader.on)]
    last = times[:1] or orgs.times_of_person(id, with_undone=True)[:1]
    wanted = [t.unit_id for t in present or last]
    units = orgs.units_by_id(wanted)
    return [units[id] for id in dict.fromkeys(wanted) if id in units]


@require_safe
def person(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show a person: posts now and before, delegations, and how to reach them, masked at need."""
    reader = reader_of(request)
    language = reader.language
    number, name, times = find_person(reader, id)
    things = person_things(id, units_of_person(id, times, reader))
    thing = first_allowed(reader, "read", things)
    decision = decide(request, "read", thing, purpose=purpose_of(request))
    administers = any(may(reader, "administer", thing).allowed for thing in things)
    me = reader.actor.person_id == id
    now = machine_now()
    contact = None
    sealed_open = L4 not in decision.masks
    # A unit that appoints a stranger does not learn their telephone by it: whoever else has them
    # shares it, or it is entered anew when they belong to this unit alone.
    wholly = all(may(reader, "administer", thing).allowed for thing in things)
    reachable = L3 not in decision.masks and (me or wholly)
    if reachable or sealed_open:
        contact = orgs.contact_of(id)
        sealed = sealed_open and bool(contact.identity)
        if sealed and not me and (asked := ask_again(request, request.get_full_path())) is not None:
            return asked
        shown = [L3] if reachable and contact.mobile else []
        note_look(reader, decision, [*shown, *([L4] if sealed else [])])
    account = access.accounts_of([id], at=now).get(id)
    return page(
        request,
        "person.html",
        crumbs=_person_crumbs(id, times, name, reader),
        id=id,
        name=name,
        number=number,
        me=me,
        administers=administers,
        may_delegate=me or administers,
        mobile=contact.mobile if contact and reachable else None,
        has_identity=bool(contact and contact.identity),
        identity=contact.identity if contact is not None and sealed_open else None,
        ask_href=None if sealed_open or me or not times else ask_address("unit", id),
        seen=seen_by(reader, thing) if me or administers else [],
        posts=[_time(time, reader, now) for time in times if _still(time, reader)],
        past=[_time(time, reader, now) for time in times if not _still(time, reader)],
        delegations=_delegations(
            orgs.delegations_of(person_id=id), reader, administers=administers
        ),
        account=account,
        account_state=say(f"people.account.{'none' if account is None else 'there'}", language),
    )


def _still(time: PostTime, reader: Reader) -> bool:
    return time.holds_on(reader.on) or time.comes_after(reader.on)


def _person_crumbs(
    id: UUID, times: list[PostTime], name: str, reader: Reader
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [
        {"title": say("people.title", reader.language), "href": "/people"}
    ]
    for unit in units_of_person(id, times, reader)[:1]:
        found.append({"title": unit.name(reader.language), "href": f"/units/{unit.id}"})
    return [*found, {"title": name, "href": None}]


def _time(time: PostTime, reader: Reader, now: object) -> dict[str, object]:
    language = reader.language
    return {
        "id": time.appointment_id,
        "post_id": time.post_id,
        "unit": time.unit_zh if language == "zh-CN" else time.unit_en,
        "unit_href": f"/units/{time.unit_id}",
        "post": post_text(time.post_code, time.title, language),
        "kind": say(f"people.kind.{time.kind}", language),
        "acting": time.kind == "acting",
        "basis": time.basis,
        "span": span_text(time.valid_from, time.valid_to, language),
        "to_come": time.comes_after(reader.on),
        "may_undo": not time.founded
        and machine_now() - orgs.made_at(time.appointment_id) < timedelta(days=1),
        "proof": f"/proof/appointment/{time.appointment_id}",
    }


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Lead to one's own page, where one's posts are delegated."""
    reader = reader_of(request)
    if reader.actor.person_id is None:
        raise NotFound(what=say("people.person", reader.language))
    return HttpResponseRedirect(f"/people/{reader.actor.person_id}#delegations")
