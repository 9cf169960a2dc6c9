"""Writing a notice by hand: to whom, what, until when; looked at before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from guantong.access.api import PostHeld, Thing
from guantong.base.clock import hour_of_the_realm, organisation_day
from guantong.base.reading import figure_text, moment_text
from guantong.base.realm import LIVE
from guantong.base.words import say
from guantong.notices import api as notices
from guantong.notices.api import MOST_TEXT, MOST_TITLE, WHO
from guantong.orgs import api as orgs
from guantong.orgs.api import UnitRef
from guantong.portal.notice_groups import Group, group, groups
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.views_notices import HERE, uuid_of

# Until when a notice may ask to be accepted: hours from now.
HOURS = (1, 2, 4, 8, 24, 48, 72)
# So many units can be ticked one by one; a longer list goes to all of them.
MOST_TICKED = 400
_TYPED = ("post", "group", "who", "title", "text", "asks", "within", "urgent")


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed, and what it comes to."""

    typed: Mapping[str, str]
    post: PostHeld | None
    group: Group | None
    errors: Mapping[str, str]


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a notice, look at whom it reaches, and send it."""
    reader = reader_of(request)
    decide(request, "send", Thing(kind="notice"))
    if request.method != "POST":
        return _form(request, Draft({}, _posts(reader)[0], None, {}))
    draft = _read(request)
    if draft.errors:
        return _form(request, draft, status=422)
    if request.POST.get("act") == "edit":
        return _form(request, draft)
    assert draft.post is not None, "a draft without faults has a post"
    assert draft.group is not None, "a draft without faults has a group"
    # The whole group lies in the area of the post, or access says so now.
    decide(
        request, "send",
        Thing(kind="notice", division_code=draft.post.division_code,
              unit_ids=tuple(unit.id for unit in draft.group.units)),
    )  # fmt: skip
    if request.POST.get("act") != "send":
        return _check(request, draft, draft.group.units)
    return _send(request, draft, draft.post, draft.group)


def _posts(reader: Reader) -> list[PostHeld]:
    """Return the reader's posts, one for each unit."""
    return list({post.unit_id: post for post in reversed(reader.actor.posts)}.values())[::-1]


def _on(reader: Reader) -> date:
    return organisation_day(reader.realm, reader.now)


def _read(request: HttpRequest) -> Draft:
    reader = reader_of(request)
    language = reader.language
    typed = {name: request.POST.get(name, "").replace("\r\n", "\n").strip() for name in _TYPED}
    posts = _posts(reader)
    chosen = uuid_of(typed["post"])
    post = next((p for p in posts if p.unit_id == chosen), posts[0] if len(posts) == 1 else None)
    errors: dict[str, str] = {}
    found = group(post, typed["group"], on=_on(reader)) if post is not None else None
    if post is None:
        errors["post"] = say("notices.new.no_post", language)
    if found is None:
        errors["group"] = say("notices.new.no_group", language)
    if typed["who"] not in WHO:
        typed["who"] = WHO[0]
    if not typed["title"]:
        errors["title"] = say("notices.new.no_title", language)
    elif len(typed["title"]) > MOST_TITLE:
        errors["title"] = say("notices.new.long", language, most=MOST_TITLE)
    if len(typed["text"]) > MOST_TEXT:
        errors["text"] = say("notices.new.long", language, most=figure_text(MOST_TEXT))
    if typed["asks"] not in ("information", "acceptance"):
        errors["asks"] = say("notices.new.no_asks", language)
    if typed["asks"] == "acceptance" and typed["within"] not in map(str, HOURS):
        errors["within"] = say("notices.new.no_within", language)
    return Draft(typed, post, found, errors)


def _form(request: HttpRequest, draft: Draft, *, status: int = 200) -> HttpResponse:
    reader = reader_of(request)
    language, typed, posts = reader.language, draft.typed, _posts(reader)
    names = orgs.units_by_id(post.unit_id for post in posts)
    own = draft.post or posts[0]
    fields: list[dict[str, object]] = []

    def field(name: str, widget: str, *, required: bool = True, **more: object) -> None:
        hint = f"notices.new.{name}_hint"
        said = say(hint, language)
        fields.append(
            {
                "name": name, "label": say(f"notices.new.{name}", language), "widget": widget,
                "hint": said if said != hint else None, "value": typed.get(name, ""),
                "required": required, "error": draft.errors.get(name), **more,
            }
        )  # fmt: skip

    if len(posts) > 1:
        options = [
            {"value": str(post.unit_id), "label": names[post.unit_id].name(language)}
            for post in posts
            if post.unit_id in names
        ]
        field("post", "select", options=options)
    # With several units the groups of each are offered by their kind; which has what is checked.
    offered = {g.code: g for p in posts for g in groups(p, on=_on(reader))}
    if len(posts) == 1:
        offered = {g.code: g for g in groups(own, on=_on(reader))}
    field("group", "radio", options=[
        {"value": code, "label": found.label(language) if len(posts) == 1
         else say(f"notices.group_plain.{code}", language)}
        for code, found in offered.items()
    ])  # fmt: skip
    field("who", "select", value=typed.get("who") or WHO[0], options=[
        {"value": who, "label": say(f"notices.who.{who}", language)} for who in WHO
    ])  # fmt: skip
    field("title", "text", max_length=MOST_TITLE)
    field("text", "textarea", required=False, max_length=MOST_TEXT)
    field("asks", "radio", value=typed.get("asks") or "information", options=[
        {"value": asks, "label": say(f"notices.asks.{asks}", language)}
        for asks in ("information", "acceptance")
    ])  # fmt: skip
    field("within", "select", required=False, options=[
        {"value": str(h), "label": say("notices.within", language, hours=h)} for h in HOURS
    ])  # fmt: skip
    field("urgent", "checkbox", required=False, value=typed.get("urgent") == "on")
    return page(
        request,
        "notice_new.html",
        status=status,
        crumbs=[{"title": say("notices.title", language), "href": HERE},
                {"title": say("notices.new.heading", language), "href": None}],
        form={
            "action": f"{HERE}/new", "hidden": [], "fields": fields, "note": None,
            "errors": [{"field": name, "sentence": said} for name, said in draft.errors.items()],
            "buttons": [{"name": "act", "value": "check", "kind": "",
                         "label": say("notices.new.check", language)}],
        },
    )  # fmt: skip


def _check(
    request: HttpRequest,
    draft: Draft,
    units: tuple[UnitRef, ...],
    *,
    error: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show whom a notice reaches, in which words, before it is sent."""
    reader = reader_of(request)
    language, typed = reader.language, draft.typed
    moment = hour_of_the_realm(reader.realm, reader.now)
    readers, empty = notices.of_units(units, on=_on(reader), who=typed["who"], at=moment)
    names = orgs.names_of_people(r.person_id for r in readers)
    people: dict[UUID | None, list[str]] = {}
    for found in readers:
        people.setdefault(found.unit_id, []).append(names.get(found.person_id, ("", ""))[1])
    nobody = {unit.id for unit in empty}
    ticked = len(units) <= MOST_TICKED
    left = set(request.POST.getlist("unit")) if error else set()
    asked = typed["asks"] == "acceptance"
    by = reader.now + timedelta(hours=int(typed["within"])) if asked else None
    channels = list(notices.usable_channels().settings.values()) if reader.realm == LIVE else []
    return page(
        request,
        "notice_check.html",
        status=status,
        crumbs=[{"title": say("notices.title", language), "href": HERE},
                {"title": say("notices.new.heading", language), "href": None}],
        action=f"{HERE}/new",
        hidden=[{"name": name, "value": value} for name, value in typed.items()],
        error=error,
        title=typed["title"],
        text=typed["text"],
        urgent=typed["urgent"] == "on",
        count_text=say("notices.new.count", language, units=figure_text(len(units)),
                       people=figure_text(len(readers))),
        accept_text=say("notices.new.accept_text", language, at=moment_text(by, language))
        if by else say("notices.asks.information", language),
        out_text=say("notices.new.out", language, channels=say("list.and", language).join(
            say(f"notices.channel.{c.type}", language) for c in channels if c.default))
        if channels else say("notices.new.here_only", language),
        undo_text=say("notices.new.no_undo" if typed["urgent"] == "on" else "notices.new.undo",
                      language),
        ticked=ticked,
        units=[
            {
                "id": unit.id, "name": unit.name(language),
                "people": say("list.and", language).join(people.get(unit.id, [])),
                "nobody": unit.id in nobody,
                "chosen": (str(unit.id) in left if error else True) and unit.id not in nobody,
            }
            for unit in units
        ],
    )  # fmt: skip


def _send(request: HttpRequest, draft: Draft, post: PostHeld, found: Group) -> HttpResponse:
    reader, typed = reader_of(request), draft.typed
    language, person = reader.language, reader.actor.person_id
    assert person is not None, "access lets only persons send"
    units = found.units
    if len(units) <= MOST_TICKED:
        wanted = set(request.POST.getlist("unit"))
        units = tuple(unit for unit in units if str(unit.id) in wanted)
    if not units:
        error = say("notices.new.none_ticked", language)
        return _check(request, draft, found.units, error=error, status=422)
    moment = hour_of_the_realm(reader.realm, reader.now)
    readers, _ = notices.of_units(units, on=_on(reader), who=typed["who"], at=moment)
    asked = typed["asks"] == "acceptance"
    id = notices.send(
        reader.realm, to=readers, words=notices.Words.same(typed["title"], typed["text"]),
        kind="message", asks=typed["asks"], urgent=typed["urgent"] == "on", at=reader.now,
        accept_by=reader.now + timedelta(hours=int(typed["within"])) if asked else None,
        sender_id=person, sender_unit=orgs.units_by_id([post.unit_id])[post.unit_id],
    )  # fmt: skip
    said = say("notices.sent_to", language, count=figure_text(len(readers)))
    messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"{HERE}/{id}/receipts")
