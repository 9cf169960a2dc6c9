"""Rights explained: why somebody may or may not, who may, and a try-out for a post.

Everybody asks about oneself. Who administers a unit or an area asks about its people and about
posts in it, and about things that one may read or whose place one administers.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from guantong.access import api as access
from guantong.access.api import Actor, PostHeld, Thing
from guantong.base.errors import GuantongError, NotFound
from guantong.base.ids import new_id
from guantong.base.words import say
from guantong.flows import api as flows
from guantong.orgs import api as orgs
from guantong.packages.api import all_installed
from guantong.portal.asking import Asked, address_of, asked_by
from guantong.portal.lists import address as address_with
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.records import person_thing
from guantong.portal.rights_words import (
    act_options,
    entitled_rows,
    explained,
    kind_options,
    line_options,
    post_options,
)
from guantong.portal.things import lead_lines, task_for

MOST_FOUND = 20
# Of units found by their name, the people of the first few.
MOST_UNITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked about: a page by its address, or a kind of thing at a place."""

    asked: Asked | None
    # Why nothing can be asked: a sentence.
    problem: str | None = None


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Show the questions one may ask; for administrators also a search for people and a try-out."""
    reader = reader_of(request)
    decide(request, "read", own_thing(reader))
    language = reader.language
    given = {name: request.GET.get(name, "") for name in FIELDS}
    administers = may(reader, "administer", Thing(kind="unit"))
    text = request.GET.get("q", "").strip()
    return page(
        request,
        "rights.html",
        crumbs=[],
        given=given,
        administers=administers.allowed,
        q=text,
        people=find_people(reader, text, given) if administers.allowed and text else [],
        person=_chosen(request) if request.GET.get("person") else None,
        own_area=next((post.division_code for post in reader.actor.posts), ""),
        kinds=kind_options(language),
        acts=act_options(language),
        lines=line_options(language),
        posts=post_options(language),
    )


def _chosen(request: HttpRequest) -> dict[str, object]:
    """Return the person of the address, whom the reader must administer."""
    actor = person_asked(request, request.GET["person"])
    return {"id": actor.person_id, "name": actor.name}


# What an address of these pages may carry on, so that one question leads to the next.
FIELDS = ("address", "act", "kind", "place")


def own_thing(reader: Reader) -> Thing:
    """Return one's own account: what is asked about oneself is one's own."""
    return Thing(kind="account", owner=reader.actor.person_id)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Explain why the reader may or may not open a page or do something."""
    reader = reader_of(request)
    decide(request, "read", own_thing(reader))
    return _answer(request, reader.actor, others=False)


@require_safe
def why(request: HttpRequest) -> HttpResponse:
    """Explain why a person, or somebody in a post nobody holds yet, may or may not."""
    text = request.GET.get("person", "")
    actor = person_asked(request, text) if text else _tried(request)
    return _answer(request, actor, others=True)


def person_asked(request: HttpRequest, text: str) -> Actor:
    """Return somebody whom the reader administers, as an actor; others are refused."""
    reader = reader_of(request)
    try:
        id = UUID(text)
    except ValueError:
        raise NotFound(what=say("rights.person", reader.language)) from None
    held = orgs.posts_of_people([id], on=reader.on)[id]
    decide(request, "administer", person_thing(id, held))
    if id not in orgs.names_of_people([id]):
        raise NotFound(what=say("rights.person", reader.language))
    return access.actors_for_people([id], on=reader.on)[id]


def _tried(request: HttpRequest) -> Actor:
    """Return somebody who is not there: one post of one line in one division."""
    reader = reader_of(request)
    place = request.GET.get("area", "")
    decide(request, "administer", Thing(kind="unit", division_code=place or None))
    tier = orgs.tier_of(place) if orgs.is_code(place) else None
    line = request.GET.get("line", orgs.AREA)
    post = request.GET.get("post", "duty")
    if tier is None or (line != orgs.AREA and line not in orgs.lines()):
        raise NotFound(what=say("rights.post", reader.language))
    unit = orgs.jurisdictions(reader.on).holder(line, place, on=reader.on)
    held = PostHeld(
        unit_id=unit.id if unit is not None else new_id(),
        unit_code=unit.code if unit is not None else f"{line}@{orgs.prefix(place)}",
        line=None if line == orgs.AREA else line, tier=tier, division_code=place, post_code=post,
    )  # fmt: skip
    return Actor(
        account="", person_id=new_id(), name=say("rights.somebody", reader.language), posts=(held,)
    )


def _answer(request: HttpRequest, actor: Actor, *, others: bool) -> HttpResponse:
    reader = reader_of(request)
    language = reader.language
    given = {name: request.GET.get(name, "") for name in FIELDS}
    wanted = _wanted(request, actor)
    if wanted.asked is not None and others and not own_area(reader, wanted.asked):
        wanted = Wanted(asked=None, problem=say("rights.not_your_area", language))
    if wanted.asked is None:
        return page(
            request, "rights_why.html", crumbs=_crumbs(language), who=_who(reader, actor),
            problem=wanted.problem, explained=None, entitled=[], everybody=None, given=given,
            back_href=address_with("/rights", **given),
        )  # fmt: skip
    asked = wanted.asked
    question = access.question_of(
        actor, asked.act, asked.thing, realm=reader.realm, purpose=asked.purpose
    )
    found = access.explain(question)
    entitled: list[dict[str, object]] = []
    everybody = _everybody(asked, language)
    if others and everybody is None:
        units = access.units_concerned(asked.thing, on=reader.on)
        # What somebody sees who gives a purpose: without one, nobody but for the own tasks.
        stated = replace(question, purpose=asked.purpose or access.PURPOSES[0])
        who = access.who_may(stated, units, on=reader.on)
        entitled = entitled_rows(who, language)
    answer = access.decide(actor, asked.act, asked.thing, realm=reader.realm, purpose=asked.purpose)
    return page(
        request, "rights_why.html", crumbs=_crumbs(language), who=_who(reader, actor),
        problem=None, explained=explained(found, answer, reader), entitled=entitled,
        everybody=everybody, others=others, given=given, back_href=address_with("/rights", **given),
    )  # fmt: skip


def _everybody(asked: Asked, language: str) -> str | None:
    """Return the one sentence that says who may, where a list of units would not help."""
    if asked.act == "read" and asked.thing.kind in access.EVERYBODY:
        return say("rights.everybody", language)
    if asked.thing.kind in access.ONLY_ADMINISTRATOR:
        return say("rights.only_administrator", language)
    if asked.thing.owner is not None and asked.thing.kind in ("account", "notice"):
        return say("rights.only_owner", language)
    if asked.thing.is_list:
        return say("rights.list_of_all", language)
    return None


def own_area(reader: Reader, asked: Asked) -> bool:
    """Say whether a thing may be asked about: one may read it, or administers its place."""
    thing = asked.thing
    if thing.division_code is None and not thing.unit_ids:
        return True
    if thing.division_code is not None and not orgs.is_code(thing.division_code):
        return True
    readable = may(reader, "read", thing).allowed
    place = Thing(kind="unit", division_code=thing.division_code, unit_ids=thing.unit_ids)
    return readable or may(reader, "administer", place).allowed


def _wanted(request: HttpRequest, actor: Actor) -> Wanted:
    given = {name: request.GET.get(name, "") for name in FIELDS}
    return wanted(reader_of(request), actor, **given)


def wanted(
    reader: Reader, actor: Actor, *, address: str, act: str, kind: str, place: str
) -> Wanted:
    """Return what is asked about: what the page at an address asks, else a kind at a place."""
    language = reader.language
    text = address.strip()
    act = act if act in ACTS else ""
    if text:
        try:
            asked = asked_by(address_of(text), reader, actor)
        except GuantongError as refusal:
            return Wanted(asked=None, problem=refusal.sentence(language))
        if asked is None:
            return Wanted(asked=None, problem=say("rights.asks_nothing", language))
        return Wanted(asked=_with_act(reader, asked, act))
    if kind not in access.KINDS:
        return Wanted(asked=None, problem=say("rights.say_what", language))
    packages = [package.id for package in all_installed()]
    lines = tuple(dict.fromkeys(line for id in packages for line in lead_lines(id)))
    thing = Thing(kind=kind, division_code=place or None, lines=lines)  # type: ignore[arg-type]
    return Wanted(asked=Asked(act=act or "read", thing=thing))


def _with_act(reader: Reader, asked: Asked, act: str) -> Asked:
    """Return the question with another act; a task has other units and persons for each of them."""
    if not act or act == asked.act:
        return asked
    thing = asked.thing
    if thing.kind == "task" and thing.object_id is not None:
        found = flows.task(reader.realm, thing.object_id)
        assert found is not None, "its page was asked"
        thing = task_for(act, found)
    return replace(asked, act=act, thing=thing)


ACTS = (
    "read", "handle", "verify", "approve", "open", "dispatch", "remind", "supervise", "withdraw",
    "report", "land", "send", "administer",
)  # fmt: skip


def _crumbs(language: str) -> list[dict[str, object]]:
    return [
        {"title": say("rights.title", language), "href": "/rights"},
        {"title": say("rights.why", language), "href": None},
    ]


def _who(reader: Reader, actor: Actor) -> str:
    return actor.name or say("rights.somebody", reader.language)


def find_people(reader: Reader, text: str, given: dict[str, str]) -> list[dict[str, object]]:
    """Return people whom the reader administers: by name or number, else by the unit's name."""
    rows = may(reader, "administer", Thing(kind="unit")).rows
    cut = rows.sql("u.division_code", "u.id")
    found, _ = orgs.people_in(cut, on=reader.on, query=text, most=MOST_FOUND)
    if not found:
        units, _ = orgs.units_in(cut, on=reader.on, query=text, most=MOST_FOUND)
        for row in units[:MOST_UNITS]:
            one = ("u.id = %s", [row.unit.id])
            found += orgs.people_in(one, on=reader.on, most=MOST_FOUND)[0]
    chinese = reader.language == "zh-CN"
    return [
        {
            "name": person.name, "number": person.number,
            "unit": person.unit_zh if chinese else person.unit_en,
            "post": say(person.title, reader.language),
            "href": address_with("/rights/why", person=person.id, **given)
            if given["address"] or given["kind"]
            else address_with("/rights", person=person.id),
        }
        for person in found[:MOST_FOUND]
    ]  # fmt: skip
