"""Records whose sealed fields one may ask to see: what they are called, and whose heads answer.

A record is named by its kind and id, as in the address ``/rights/ask/object/<id>``.
"""

from dataclasses import dataclass
from uuid import UUID

from guantong.access.api import L4, Thing
from guantong.base.errors import NotFound
from guantong.base.words import say
from guantong.flows import api as flows
from guantong.orgs import api as orgs
from guantong.portal.object_words import classes_of, title_of
from guantong.portal.reader import Reader
from guantong.portal.things import object_thing
from guantong.registry.api import object_by_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: the thing that access is asked about, its name, its page, its sealed fields."""

    thing: Thing
    titles: tuple[str, str]
    href: str
    classes: frozenset[str]
    # The units whose heads answer a request, the holding one first.
    answering: tuple[UUID, ...]


def record_of(reader: Reader, kind: str, id: UUID) -> Record:
    """Return a record of the reader's realm that has sealed fields, or refuse: it is not there."""
    found = None
    if kind == "object":
        found = _object(reader, id)
    elif kind == "unit":
        found = _person(reader, id)
    if found is None or L4 not in found.classes:
        raise NotFound(what=say("rights.record", reader.language))
    return found


def _object(reader: Reader, id: UUID) -> Record | None:
    view = object_by_id(id)
    if view is None or view.realm != reader.realm:
        return None
    tasks = [t for t in flows.tasks_of_subject(reader.realm, id) if t.state != "withdrawn"]
    held = [unit for t in tasks for unit in (t.unit_id, t.verifier_id) if unit is not None]
    return Record(
        thing=object_thing(view, tuple(dict.fromkeys(held))),
        titles=(title_of(view, "zh-CN"), title_of(view, "en")),
        href=f"/objects/{id}",
        classes=classes_of(view.type),
        answering=answering_units(view.division_code, reader),
    )


def _person(reader: Reader, id: UUID) -> Record | None:
    name = orgs.names_of_people([id]).get(id)
    held = orgs.posts_of_people([id], on=reader.on)[id]
    if name is None or not held:
        return None
    first = held[0].unit
    title = say("rights.person_record", "zh-CN", number=name[0])
    title_en = say("rights.person_record", "en", number=name[0])
    return Record(
        thing=person_thing(id, held),
        titles=(title, title_en),
        href=f"/people/{id}",
        classes=frozenset({"L3", "L4"}),
        answering=tuple(dict.fromkeys((first.id, *answering_units(first.division_code, reader)))),
    )


def person_thing(id: UUID, held: tuple[orgs.HeldPost, ...]) -> Thing:
    """Return a person as access looks at one: an entry of the organisation book."""
    # Somebody without a post belongs to no unit, and is left to whoever administers the platform.
    return Thing(
        kind="unit",
        division_code=held[0].unit.division_code if held else None,
        unit_ids=tuple(dict.fromkeys(post.unit.id for post in held)) or (id,),
        object_id=id,
        owner=id,
    )


def answering_units(place: str, reader: Reader) -> tuple[UUID, ...]:
    """Return the area unit of a place and the one above it: their heads answer requests."""
    held = orgs.jurisdictions(reader.on)
    own = orgs.tier_of(place)
    assert own is not None, "a record lies in a division"
    tiers = orgs.TIERS[: orgs.TIERS.index(own) + 1][::-1]
    codes = [code for tier in tiers if (code := orgs.lift(place, tier)) is not None]
    units = [held.area_unit(code, on=reader.on) for code in codes[:2]]
    return tuple(unit.id for unit in units if unit is not None)
