"""One thing an area says differently, and which of them hold at a place on a day. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from guantong.packages.areas.entry import Entry, Value
from guantong.packages.life.said import Said, setting_for

Edits = Mapping[Entry, Value]
"""What holds at one place on one day, entry by entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Said):
    """What an area has said of one entry of a package."""

    package: str
    entry: Entry
    value: Value


def edits_at(differences: Iterable[Difference], place: str, day: date) -> Edits:
    """Return what holds at a place on a day: of each entry the smallest area's last word.

    In the order in which it was said: of two questions added, the older is asked first.
    """
    by_entry: dict[Entry, list[Difference]] = {}
    for one in differences:
        by_entry.setdefault(one.entry, []).append(one)
    found = (setting_for(said, place, day) for said in by_entry.values())
    holds = sorted((one for one in found if one is not None), key=lambda one: (one.at, one.id))
    return {one.entry: one.value for one in holds}
