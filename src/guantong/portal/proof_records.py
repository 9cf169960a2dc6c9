"""Which records have a page of proof, and what access is asked about each.

Whoever may read a record may see what the log tells of it and take the proof away. A kind that is
not named here belongs to whoever administers the platform.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from guantong.access.api import Thing
from guantong.base.errors import NotFound
from guantong.base.words import catalogue, say
from guantong.flows import api as flows
from guantong.orgs import api as orgs
from guantong.portal import file_records
from guantong.portal.object_words import title_of
from guantong.portal.people_words import first_allowed, person_things, post_text, unit_thing
from guantong.portal.reader import Reader
from guantong.portal.things import object_thing
from guantong.registry.api import object_by_id


@dataclass(frozen=True, slots=True)
class Proved:
    """A record whose history is told: its thing, its name, and its own page where it has one."""

    thing: Thing
    title: str
    href: str | None


def record_of(reader: Reader, kind: str, id: UUID) -> Proved:
    """Return the record of that kind, or refuse: it is not here, or not in this realm."""
    find = _FINDERS.get(kind)
    if find is not None:
        return find(reader, id)
    # Nobody but the administrator reads these; the log itself says whether there is such a record.
    return Proved(Thing(kind="audit", object_id=id), f"{kind_word(kind, reader.language)}", None)


def kind_word(kind: str, language: str) -> str:
    """Return what a kind of record is called; a kind without a word is shown as it is."""
    return _word(f"proof.kind.{kind}", kind, language)


def act_word(act: str, language: str) -> str:
    """Return what was done, in words: ``done:advise`` is the end of the step ``advise``."""
    name, _, what = act.partition(":")
    said = _word(f"proof.act.{name.replace('-', '_')}", name, language)
    return f"{said} {what}".strip()


def actor_word(actor: str, names: Mapping[UUID, str], language: str) -> str:
    """Return who acted: a person by name, the platform by what part of it acted."""
    name, _, rest = actor.partition(":")
    if name == "person":
        try:
            return names.get(UUID(rest), actor)
        except ValueError:
            return actor
    return _word(f"proof.actor.{name}", actor, language)


def people_in(actors: list[str]) -> dict[UUID, str]:
    """Return the names of the persons among those who acted."""
    ids = []
    for actor in actors:
        name, _, rest = actor.partition(":")
        if name == "person" and len(rest) == 36:
            ids.append(UUID(rest))
    return {id: name for id, (_, name) in orgs.names_of_people(ids).items()}


def _word(key: str, otherwise: str, language: str) -> str:
    return say(key, language) if key in catalogue(language) else otherwise


def _case(reader: Reader, id: UUID) -> Proved:
    record, title = file_records.of_case(reader, id)
    return Proved(record.thing, title, record.address)


def _task(reader: Reader, id: UUID) -> Proved:
    record, title = file_records.of_task(reader, id)
    return Proved(record.thing, title, record.address)


def _object(reader: Reader, id: UUID) -> Proved:
    view = object_by_id(id)
    if view is None or view.realm != reader.realm:
        raise NotFound(what=say("access.kind.object", reader.language))
    tasks = [t for t in flows.tasks_of_subject(reader.realm, id) if t.state != "withdrawn"]
    held = [unit for t in tasks for unit in (t.unit_id, t.verifier_id) if unit is not None]
    thing = object_thing(view, tuple(dict.fromkeys(held)))
    return Proved(thing, title_of(view, reader.language), f"/objects/{id}")


def _unit(reader: Reader, id: UUID) -> Proved:
    unit = orgs.units_by_id([id]).get(id)
    if unit is None:
        raise _missing("unit", reader)
    return Proved(unit_thing(unit), unit.name(reader.language), f"/units/{id}")


def _person(reader: Reader, id: UUID) -> Proved:
    found = orgs.names_of_people([id]).get(id)
    if found is None:
        raise _missing("person", reader)
    units = [post.unit for post in orgs.posts_of_people([id], on=reader.on)[id]]
    thing = first_allowed(reader, "read", person_things(id, units))
    return Proved(thing, found[1], f"/people/{id}")


def _appointment(reader: Reader, id: UUID) -> Proved:
    found = orgs.appointment_of(id)
    if found is None:
        raise _missing("appointment", reader)
    person_id, time = found
    name = orgs.names_of_people([person_id])[person_id][1]
    title = say(
        "proof.appointment", reader.language, person=name,
        unit=time.unit_zh if reader.language == "zh-CN" else time.unit_en,
        post=post_text(time.post_code, time.title, reader.language),
    )  # fmt: skip
    return Proved(_of_unit(reader, time.unit_id), title, f"/people/{person_id}")


def _delegation(reader: Reader, id: UUID) -> Proved:
    found = [view for view in orgs.delegations_of(id=id) if view.id == id]
    if not found:
        raise _missing("delegation", reader)
    view = found[0]
    title = say(
        "proof.delegation", reader.language, giver=view.from_name, taker=view.to_name,
        unit=view.unit_zh if reader.language == "zh-CN" else view.unit_en,
    )  # fmt: skip
    return Proved(_of_unit(reader, view.unit_id), title, f"/people/{view.from_person_id}")


def _of_unit(reader: Reader, id: UUID) -> Thing:
    unit = orgs.units_by_id([id]).get(id)
    if unit is None:
        raise _missing("unit", reader)
    return unit_thing(unit)


def _missing(kind: str, reader: Reader) -> NotFound:
    return NotFound(what=kind_word(kind, reader.language))


_FINDERS: Mapping[str, Callable[[Reader, UUID], Proved]] = {
    "case": _case,
    "task": _task,
    "object": _object,
    "unit": _unit,
    "person": _person,
    "appointment": _appointment,
    "delegation": _delegation,
}
