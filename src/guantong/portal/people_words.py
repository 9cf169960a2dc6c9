"""How units, posts and people read on their pages, and what their things are to ``access``."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from guantong.access.api import Thing
from guantong.base.clock import BEIJING
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.orgs.api import UnitRef
from guantong.portal.reader import Reader, may

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_text(day: date | None, language: str) -> str:
    """Return a day as people read it; nothing for no day."""
    if day is None:
        return ""
    if language == "zh-CN":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def span_text(since: date | None, until: date | None, language: str) -> str:
    """Return from when to when; ``until`` is the first day that is no longer in it."""
    if since is None:
        return ""
    if until is None:
        return say("people.since", language, since=day_text(since, language))
    return say(
        "people.span", language, since=day_text(since, language), until=day_text(until, language)
    )


def hour_text(at: datetime, language: str) -> str:
    """Return a day and an hour in China."""
    local = at.astimezone(BEIJING)
    return f"{day_text(local.date(), language)} {local:%H:%M}"


def post_text(code: str, title: str, language: str) -> str:
    """Return what a post is called: its title, and the kind of post where the title hides it."""
    kind = say(f"orgs.post.{code}", language)
    if not title or title.startswith("orgs.post."):
        return say(title or f"orgs.post.{code}", language)
    return say("people.post_with_title", language, title=title, kind=kind)


def line_text(line: str | None, language: str) -> str:
    """Return what a line is called; the territory where there is none."""
    known = orgs.lines().get(line or "")
    if known is not None:
        return known.zh if language == "zh-CN" else known.en
    return say("people.line_area" if line is None else "people.line_office", language)


def unit_thing(unit: UnitRef) -> Thing:
    """Return a unit as ``access`` knows it; who administers a bureau administers its offices."""
    return Thing(
        kind="unit",
        division_code=unit.division_code,
        unit_ids=(unit.id, *orgs.units_above(unit.id)),
        object_id=unit.id,
    )


def person_things(person_id: UUID, units: Iterable[UnitRef]) -> list[Thing]:
    """Return a person once for each unit of theirs: who may read one of them reads the person."""
    found = [
        Thing(
            kind="unit",
            division_code=unit.division_code,
            unit_ids=(unit.id, *orgs.units_above(unit.id)),
            object_id=person_id,
            owner=person_id,
        )
        for unit in units
    ]
    return found or [Thing(kind="unit", owner=person_id, object_id=person_id)]


def first_allowed(reader: Reader, act: str, things: list[Thing]) -> Thing:
    """Return the thing by which the reader may, else the first: its refusal says why not."""
    return next((thing for thing in things if may(reader, act, thing).allowed), things[0])


def actor_name(reader: Reader) -> str:
    """Return how the log names who acts."""
    return f"person:{reader.actor.person_id}"
