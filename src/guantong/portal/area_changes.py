"""What the pages share on which an area says a word or a form differently: who, from when, why.

The change is looked at first, both sides beside each other, and made by a second press.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from guantong.base.clock import machine_now
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.packages import api as packages
from guantong.packages.api import Difference, Entry, Package
from guantong.packages.errors import UnknownArea
from guantong.portal.application_words import UNDER, find_package, package_title
from guantong.portal.area_things import area_thing, place_of
from guantong.portal.people_acts import Fields
from guantong.portal.people_forms import day_field, field, given, given_day, needed_day
from guantong.portal.people_words import actor_name, span_text
from guantong.portal.reader import Reader, decide, reader_of

Changes = Mapping[Entry, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaOf:
    """An application in the area for which the reader speaks, and what has been said there."""

    reader: Reader
    package: Package
    area: str
    place: str
    known: tuple[Difference, ...]

    @property
    def address(self) -> str:
        """Where the pages of this area stand."""
        return f"/apps/{self.package.id}/areas/{self.area}"

    @property
    def holds(self) -> Mapping[Entry, object]:
        """What holds in the area today, its own and wider areas' words."""
        return packages.edits_at(self.known, self.area, self.reader.on)

    @property
    def as_read(self) -> Package:
        """The package as people of the area read it today."""
        return packages.as_area(self.package, self.holds)


def area_of(request: HttpRequest, id: str, area: str) -> AreaOf:
    """Return the application in an area, or refuse: the reader does not lead it there."""
    reader = reader_of(request)
    package = find_package(id, reader.language)
    if not orgs.is_code(area):
        raise UnknownArea(area=area[:20])
    decide(request, "administer", area_thing(package, area, reader.on))
    return AreaOf(
        reader=reader, package=package, area=area, place=place_of(area, reader.language),
        known=tuple(packages.differences_of(package.id)),
    )  # fmt: skip


def crumbs_of(of: AreaOf, title: str) -> list[dict[str, object]]:
    """Return the way from the applications to a page of this area."""
    language = of.reader.language
    return [
        {"title": say(UNDER[0], language), "href": UNDER[1]},
        {"title": package_title(of.package, language), "href": f"/apps/{of.package.id}"},
        {"title": say("areas.title", language), "href": f"/apps/{of.package.id}/areas"},
        {"title": title, "href": None},
    ]


def when_and_why(request: HttpRequest, of: AreaOf) -> Fields:
    """Return the fields that every change of an area has."""
    sent, language = request.POST, of.reader.language
    today = of.reader.on.isoformat()
    return [
        day_field("on", say("people.from", language), sent.get("on", today), language),
        day_field("until", say("parameters.until", language), sent.get("until", ""), language,
                  required=False, end=True),
        field("why", say("parameters.why", language), widget="textarea",
              value=sent.get("why", ""), hint=say("areas.why_hint", language),
              max_length=packages.LONGEST_REASON),
    ]  # fmt: skip


def changed(of: AreaOf, wanted: Changes) -> dict[Entry, object]:
    """Return what differs from what is read in the area today."""
    holds = of.holds
    return {
        entry: value
        for entry, value in wanted.items()
        if value != holds.get(entry, packages.said_by(of.package, entry))
    }


def preview(request: HttpRequest, of: AreaOf, changes: Changes) -> Sequence[str]:
    """Return what would be read afterwards, and where inside the area it would not."""
    since, until = needed_day(request, "on"), given_day(request, "until")
    packages.refuse_span(since, until, today=of.reader.on)
    packages.reason(_why(request))
    kept = packages.refuse_change(of.package, of.area, changes, of.known, day=since)
    language, holds = of.reader.language, packages.edits_at(of.known, of.area, since)
    found = [
        say(
            "areas.preview", language,
            entry=packages.entry_title(of.package, entry, language),
            was=_text(of, entry, holds.get(entry, packages.said_by(of.package, entry))),
            now=_text(of, entry, value),
        )
        for entry, value in kept.items()
    ]  # fmt: skip
    span = span_text(since, until, language)
    found.append(say("areas.preview_where", language, place=of.place, span=span))
    inside = {
        d.division_code for d in of.known
        if d.entry in kept and d.holds_on(since) and d.division_code != of.area
        and orgs.covers(of.area, d.division_code)
    }  # fmt: skip
    if inside:
        found.append(say("areas.preview_inside", language, count=len(inside)))
    return found


def _text(of: AreaOf, entry: Entry, value: object) -> str:
    if value is None and entry.about == packages.OWN:
        return say("area.value.nothing", of.reader.language)
    return packages.entry_value(of.package, entry, value, of.reader.language)


def act(request: HttpRequest, of: AreaOf, changes: Changes) -> str:
    """Make the change, and show at once what came of it."""
    packages.say_differently(
        of.package, of.area, changes, from_day=needed_day(request, "on"),
        to_day=given_day(request, "until"), why=_why(request), by=actor_name(of.reader),
        at=machine_now(),
    )  # fmt: skip
    packages.look_now()
    return say("areas.done", of.reader.language, place=of.place)


def _why(request: HttpRequest) -> str:
    return given(request, "why", most=packages.LONGEST_REASON + 1)
