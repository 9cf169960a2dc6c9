"""An application in an area: who may say there how it works, which is whoever leads it there.

Parameters, words and forms of an area are one right: the unit that leads the application in that
area, and nobody above or beside it.
"""

from datetime import date
from uuid import UUID

from guantong.access.api import UNIT_POSTS, Thing
from guantong.orgs import api as orgs
from guantong.packages.api import Package
from guantong.portal.reader import Reader, may
from guantong.portal.views_people import place_name


def area_thing(package: Package, area: str, on: date) -> Thing:
    """Return an application in an area as ``access`` knows it: who leads it there, answers."""
    app = package.one("app")
    assert app is not None, "an installed package has a manifest"
    line, tier = app.data["lead"].partition("@")[0], orgs.tier_of(area)
    units: tuple[UUID, ...] = ()
    if tier is not None:
        role = orgs.Role(line, tier)
        found = orgs.resolve(role, area, units=orgs.jurisdictions(on), on=on)
        # What a wider unit answers for by the fallback chain is that unit's to set.
        units = (found.unit.id,) if isinstance(found, orgs.Responsibility) else ()
    return Thing(kind="package", division_code=area, unit_ids=units, package=package.id)


def may_set(reader: Reader, package: Package, area: str) -> bool:
    """Say whether the reader may say for an area how the application works there."""
    thing = area_thing(package, area, reader.on)
    # A refusal looks up whom to ask: nobody is asked about who has no post there at all.
    near = not set(thing.unit_ids).isdisjoint(reader.actor.unit_ids)
    return near and may(reader, "administer", thing).allowed


def own_areas(reader: Reader, package: Package) -> list[str]:
    """Return the areas for which the reader may do so: where the own unit leads."""
    codes = dict.fromkeys(
        post.division_code for post in reader.actor.posts if post.post_code in UNIT_POSTS
    )
    return [code for code in codes if may_set(reader, package, code)]


def place_of(code: str, language: str) -> str:
    """Return the name of a division; its code where nobody knows it."""
    found = orgs.division(code)
    return code if found is None else place_name(found, language)
