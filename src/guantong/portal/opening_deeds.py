"""Opening a case by hand, for the page and the interface alike: who may, where, and what is asked.

``access`` says who may open, ``flows`` what a process asks at its start; whoever asks here has the
same answer by whichever way it comes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction

from guantong.access.api import Decision, Thing
from guantong.base.errors import GuantongError, NotFound
from guantong.flows import api as flows
from guantong.flows.api import Opening
from guantong.flows.errors import LineNotNamed, MatterOpen, NobodyResponsible, NoCaseToFollow
from guantong.forms.api import FieldError
from guantong.orgs.api import DivisionRef, divisions
from guantong.packages.api import form_at, installed
from guantong.portal.reader import Reader, may

PLACE = "place"
# What may keep a case from being opened, and can be mended in the form.
MENDABLE = (MatterOpen, NoCaseToFollow, NobodyResponsible, LineNotNamed)


def openings() -> tuple[Opening, ...]:
    """Return every opening of the installed packages."""
    return tuple(o for o in flows.openings() if installed(o.package) is not None)


def opening_named(package: str, process: str) -> Opening:
    """Return the opening of that process, or refuse: there is none."""
    for opening in openings():
        if (opening.package, opening.process) == (package, process):
            return opening
    raise NotFound(what=f"{package}/{process}")


def case_to_open(opening: Opening, division_code: str | None = None) -> Thing:
    """Return a case that is to be opened, at a place or somewhere."""
    return Thing(
        kind="case", division_code=division_code, package=opening.package, openers=opening.roles
    )


def openable(reader: Reader) -> tuple[Opening, ...]:
    """Return what this reader may open somewhere."""
    return tuple(o for o in openings() if may(reader, "open", case_to_open(o)).allowed)


def places_of_opening(opening: Opening, decision: Decision) -> list[DivisionRef]:
    """Return the places at which the posts that ``decision`` is about may open a case."""
    found: dict[str, DivisionRef] = {}
    for prefix in decision.rows.prefixes:
        for tier in opening.tiers:
            for place in divisions(tier=tier, under=prefix.ljust(12, "0")):
                found[place.code] = place
    return [found[code] for code in sorted(found)]


def asked_at(opening: Opening, place: str) -> Opening:
    """Return an opening as a place asks it: its form with what the area says differently."""
    return replace(opening, form=form_at(opening.package, opening.form, place))


def place_asked(reader: Reader, places: Sequence[DivisionRef], chosen: str = "") -> str:
    """Return the place whose form is asked: the chosen one, the only one, else the reader's own."""
    codes = {place.code for place in places}
    if chosen in codes:
        return chosen
    if len(codes) == 1:
        return next(iter(codes))
    return reader.actor.posts[0].division_code if reader.actor.posts else ""


def read(opening: Opening, given: Mapping[str, str]) -> tuple[list[FieldError], Mapping[str, Any]]:
    """Return what is wrong with what was given, and the answers where nothing is."""
    parsed = opening.form.parse(given)
    errors = list(parsed.errors)
    if not given.get(PLACE):
        errors.insert(0, FieldError(PLACE, "missing"))
    return errors, parsed.values


def open_case(reader: Reader, opening: Opening, place: str, answers: Mapping[str, Any]) -> UUID:
    """Open the case; what is refused leaves nothing behind."""
    person = reader.actor.person_id
    assert person is not None, "access lets only persons open"
    with transaction.atomic():
        return flows.open_by_person(
            reader.realm, opening, division_code=place, person_id=person, answers=answers,
            at=reader.now,
        )  # fmt: skip


def field_of(opening: Opening, refusal: GuantongError) -> str:
    """Return the field beside which a refusal belongs."""
    if isinstance(refusal, NoCaseToFollow):
        return opening.follows or PLACE
    return opening.matter if isinstance(refusal, MatterOpen) else PLACE
