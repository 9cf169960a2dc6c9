"""What access is asked about decision tables: the unit that leads the application in the province.

A table decides for the whole installation, so it belongs to the province's unit of the lead line.
Everybody there drafts; its heads and administrators release, and nobody releases what they wrote.
"""

from dataclasses import replace
from uuid import UUID

from guantong.access.api import UNIT_POSTS, Thing
from guantong.base.clock import local_day
from guantong.orgs import api as orgs
from guantong.packages.api import Package, Version
from guantong.portal.area_things import area_thing
from guantong.portal.reader import Reader


def draft_thing(reader: Reader, package: Package) -> Thing:
    """Return the tables of an application as whoever drafts is asked about them."""
    posts = reader.actor.posts
    province = orgs.lift(posts[0].division_code, "province") if posts else None
    if province is None:
        return Thing(kind="package", package=package.id)
    return area_thing(package, province, reader.on)


def release_thing(reader: Reader, package: Package, version: Version) -> Thing:
    """Return a draft as whoever releases is asked about it: its authors do not."""
    thing = draft_thing(reader, package)
    persons = (who.removeprefix("person:") for who in version.authors if who.startswith("person:"))
    authors = [UUID(person) for person in persons]
    # What is done by delegation counts as done by both (promise P2).
    day = local_day(version.changed_at)
    stood_for = (
        person
        for author in authors
        for unit in thing.unit_ids
        for person in orgs.stood_in_for(author, unit, on=day)
    )
    doers = tuple(dict.fromkeys([*authors, *stood_for]))
    return replace(thing, doers=doers, posts=tuple(sorted(UNIT_POSTS)), object_id=version.id)


def withdraw_thing(reader: Reader, package: Package, version: Version) -> Thing:
    """Return a version as whoever takes it back is asked: a released one is its heads' to stop."""
    thing = draft_thing(reader, package)
    if version.state == "draft":
        return thing
    return replace(thing, posts=tuple(sorted(UNIT_POSTS)), object_id=version.id)
