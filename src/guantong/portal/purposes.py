"""Why somebody looks at personal data, as pages ask for it, and who has looked before.

The words and the rule are those of ``guantong.access``: near home names are shown for the own task
or for a declared purpose, sealed fields only where a second person opened them.
"""

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpRequest

from guantong.access import api as access
from guantong.access.api import Decision, Thing
from guantong.base import clock
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.portal.reader import Reader, may

Item = dict[str, object]

# What a list of a running response is read for, where the page itself is the tool of that work.
FOR_RESPONSE = "emergency_response"
MOST_LOOKS = 50


def purpose_of(request: HttpRequest) -> str | None:
    """Return the declared purpose an address names; anything else is none."""
    asked = request.GET.get("purpose", "")
    return asked if asked in access.PURPOSES else None


def purpose_options(language: str) -> list[dict[str, str]]:
    """Return the purposes to choose from, in their order."""
    return [
        {"value": name, "label": say(f"access.purpose.{name}", language)}
        for name in access.PURPOSES
    ]


def reveal_form(reader: Reader, decision: Decision, action: str) -> Item | None:
    """Return what shows names after a purpose is chosen; None where no purpose would open them."""
    if access.L3 not in decision.masks:
        return None
    named = may(reader, decision.act, decision.thing, purpose=access.PURPOSES[0])
    if not named.allowed or access.L3 in named.masks:
        return None
    return {
        "action": action,
        "purposes": purpose_options(reader.language),
        "chosen": decision.purpose,
    }


def ask_address(kind: str, id: UUID) -> str:
    """Return where one asks to see the sealed fields of a record."""
    return f"/rights/ask/{kind}/{id}"


def note_look(reader: Reader, decision: Decision, classes: Iterable[str], *, rows: int = 1) -> None:
    """Keep that personal fields are shown in the clear; where all are masked nothing is kept."""
    access.looked(
        decision, at=reader.now, classes=classes, machine_at=clock.machine_now(), rows=rows
    )


def seen_by(reader: Reader, thing: Thing) -> list[Item]:
    """Return who has seen a record, for those who may know: its area, its lead line, its units."""
    asked = Thing(
        kind="look", division_code=thing.division_code, unit_ids=thing.unit_ids, lines=thing.lines,
        owner=thing.owner, object_id=thing.object_id,
    )  # fmt: skip
    if not may(reader, "read", asked).allowed:
        return []
    looks = access.looks_at(reader.realm, thing, most=MOST_LOOKS)
    people = orgs.names_of_people({look.person_id for look in looks})
    units = orgs.units_by_id({look.unit_id for look in looks if look.unit_id is not None})
    language = reader.language
    found: list[Item] = []
    for look in looks:
        unit = units.get(look.unit_id) if look.unit_id is not None else None
        name = people.get(look.person_id, ("", ""))[1]
        who = f"{unit.name(language)} {name}" if unit is not None else name
        why = say(f"access.purpose.{look.purpose}", language)
        if look.whole_list:
            why = say("rights.look_list", language, purpose=why)
        if access.L4 in look.classes:
            why = say("rights.look_sealed", language, purpose=why)
        found.append({"at": look.at, "who": who, "why": why})
    return found
