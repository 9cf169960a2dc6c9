"""The records that are about the reader: the own entry, and households the village tied to her.

Each record stands in one realm, and a page shows the looks at one record only, so that an exercise
is never mixed with what really happened (promise P12).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guantong.access import api as access
from guantong.access.api import L3, L4, LookView, Thing
from guantong.base.errors import NotFound
from guantong.base.realm import LIVE, Realm, is_exercise
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.portal.object_words import column_word, shown_columns, title_of
from guantong.portal.reader import Reader
from guantong.portal.things import object_thing
from guantong.portal.wording import place_name, places_of
from guantong.registry.api import object_by_id, object_type

OWN_ENTRY = "entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record about the reader: how addresses name it, what access is asked about, its realm."""

    key: str
    title: str
    place: str
    thing: Thing
    realm: Realm
    keeper_id: UUID
    residence: access.ResidenceView | None = None

    @property
    def until(self) -> datetime | None:
        """Up to when looks are the reader's: an official has ended what tied the record to her."""
        return None if self.residence is None else self.residence.ended_at

    @property
    def exercise(self) -> bool:
        """Whether the record belongs to an exercise."""
        return is_exercise(self.realm)


def records_of(reader: Reader) -> list[Record]:
    """Return every record about the reader, the own entry first."""
    person = reader.actor.person_id
    assert person is not None, "access lets in no account without a person"
    kept = orgs.participant("citizen", person)
    language = reader.language
    found = [
        Record(
            key=OWN_ENTRY, title=say("citizen.record.entry", language), place="",
            thing=Thing(kind="unit", object_id=person, owner=person), realm=LIVE,
            keeper_id=kept.unit_id,
        )
    ]  # fmt: skip
    for residence in access.residences_of(person):
        view = object_by_id(residence.object_id)
        if view is None:
            continue
        places = places_of([view.division_code])
        found.append(
            Record(
                key=str(residence.id), title=title_of(view, language),
                place=place_name(view.division_code, places, language),
                thing=object_thing(view), realm=residence.realm, keeper_id=residence.unit_id,
                residence=residence,
            )
        )  # fmt: skip
    return found


def record_named(reader: Reader, key: str) -> Record:
    """Return the record an address names, or refuse: it is not one of the reader's."""
    for record in records_of(reader):
        if record.key == (key or OWN_ENTRY):
            return record
    raise NotFound(what=say("citizen.record.title", reader.language))


def look_of(reader: Reader, id: UUID) -> tuple[Record, LookView]:
    """Return one look at a record of the reader's, or refuse: there is no such look at them."""
    for record in records_of(reader):
        found = access.looks_at(record.realm, record.thing, most=1, id=id, until=record.until)
        if found:
            return record, found[0]
    raise NotFound(what=say("access.kind.look", reader.language))


def own_look(reader: Reader, record: Record) -> Thing:
    """Return the looks at a record as what belongs to the reader."""
    return Thing(
        kind="look", owner=reader.actor.person_id, object_id=record.thing.object_id,
        division_code=record.thing.division_code,
    )  # fmt: skip


def fields_of(record: Record, look: LookView, language: str) -> str:
    """Return which fields were looked at, in words."""
    if record.thing.type is None:
        names = [say(f"citizen.fields.{c}", language) for c in (L3, L4) if c in look.classes]
    else:
        known = object_type(record.thing.type)
        names = [
            column_word(known.id, name, language)
            for name in shown_columns(known)
            if known.columns[name].classification in look.classes
        ]
    return say("access.and", language).join(names)


def who_of(look: LookView, language: str, units: dict[UUID, orgs.UnitRef], name: str) -> str:
    """Return who looked: the unit whole, the officer's name masked."""
    unit = units.get(look.unit_id) if look.unit_id is not None else None
    shown = f"{name[:1]}**" if name else ""
    return f"{unit.name(language)} {shown}" if unit is not None else shown


def why_of(look: LookView, language: str) -> str:
    """Return what a look was for, in words."""
    why = say(f"access.purpose.{look.purpose}", language)
    if look.whole_list:
        why = say("rights.look_list", language, purpose=why)
    if L4 in look.classes:
        why = say("rights.look_sealed", language, purpose=why)
    return why
