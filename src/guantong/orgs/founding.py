"""The rows of a province, made from its data files: what is there the day it is founded.

Pure: data in, rows out. The same files give the same rows but for their ids. Every person is
invented: a surname, 某 and a number.
"""

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from typing import cast

from guantong.base.ids import new_id
from guantong.orgs.division import (
    FIRST_TOWN,
    FIRST_ZONE,
    DivisionRef,
    Tier,
    prefix,
)
from guantong.orgs.line import AREA, Line

Row = tuple[str | None, ...]

# Common surnames, so that the invented names are easy to read and to tell apart.
SURNAMES = "陈林王张李周黄吴徐郑叶胡朱金蔡潘杨沈何项"

# (post, key of its title): a line unit of a township is small and has two.
_THREE = (("head", "head"), ("duty", "duty"), ("second_duty", "second_duty"))
_TWO = _THREE[:2]


@dataclass(slots=True)
class Rows:
    """What is to be written, table by table, as the text that COPY takes."""

    divisions: list[Row] = field(default_factory=list)
    units: list[Row] = field(default_factory=list)
    posts: list[Row] = field(default_factory=list)
    people: list[Row] = field(default_factory=list)
    appointments: list[Row] = field(default_factory=list)
    jurisdictions: list[Row] = field(default_factory=list)


def read_divisions() -> list[DivisionRef]:
    """Return the divisions of Zhejiang, each after the one it lies in."""
    data = resources.files("guantong.orgs") / "data"
    with (data / "names_en.csv").open(encoding="utf-8") as file:
        english = {row["code"]: row["name_en"] for row in csv.DictReader(file)}
    text = gzip.decompress((data / "zhejiang_divisions.csv.gz").read_bytes()).decode("utf-8")
    return [
        DivisionRef(
            code=code,
            name=name,
            name_en=english.get(code, name),
            tier=cast(Tier, tier),
            parent_code=parent or None,
        )
        for code, name, tier, parent in list(csv.reader(text.splitlines()))[1:]
    ]


def area_unit_name(division: DivisionRef) -> tuple[str, str]:
    """Return what the area unit (块) of a division is called, in Chinese and English."""
    zh, en = division.name, division.name_en
    if division.tier == "village":
        # Most names of the Bureau's list end in their committee already.
        named = f"{zh}居民委员会" if zh.endswith("社区") else zh
        return named, named
    if division.tier == "township":
        number = int(division.code[6:9])
        if number < FIRST_TOWN:
            return f"{zh}办事处", f"Subdistrict Office of {en}"
        if number >= FIRST_ZONE:
            return f"{zh}管理委员会", f"Administrative Committee of {en}"
    return f"{zh}人民政府", f"People's Government of {en}"


def person_name(number: str) -> str:
    """Return the invented name of the person with that number; the same number, the same name."""
    digest = zlib.crc32(number.encode())
    return f"{SURNAMES[digest % len(SURNAMES)]}某{digest // 32 % 100:02d}"


def rows(divisions: Iterable[DivisionRef], lines: Mapping[str, Line], *, on: date) -> Rows:
    """Return all rows of a province that is founded on that day."""
    made = Rows()
    day = on.isoformat()
    duty_of_township: dict[str, str] = {}
    for division in divisions:
        place = division.code
        made.divisions.append(
            (place, division.name, division.name_en, division.tier, division.parent_code, day)
        )
        for code, line, kind, zh, en in units_of(division, lines):
            unit_id = str(new_id())
            made.units.append((unit_id, code, line, division.tier, place, zh, en, day, day))
            made.jurisdictions.append((str(new_id()), unit_id, line, place, kind, day))
            _staff(made, division, code, unit_id, line, day, duty_of_township)
    return made


def units_of(
    division: DivisionRef, lines: Mapping[str, Line]
) -> Iterator[tuple[str, str | None, str, str, str]]:
    """Yield code, line, kind of jurisdiction and both names of each unit of a division."""
    short = prefix(division.code)
    zone = division.tier == "township" and int(division.code[6:9]) >= FIRST_ZONE
    yield (f"{AREA}@{short}", None, "zone" if zone else "territorial", *area_unit_name(division))
    for line in lines.values():
        if line.has_unit_in(division.code, division.tier):
            called = line.units[division.tier]
            yield (
                f"{line.id}@{short}",
                line.id,
                "vertical" if line.vertical else "territorial",
                division.name + called["zh"],
                f"{called['en']} of {division.name_en}",
            )


def _staff(
    made: Rows,
    division: DivisionRef,
    code: str,
    unit_id: str,
    line: str | None,
    day: str,
    duty_of_township: dict[str, str],
) -> None:
    """Give a unit its posts and fill them."""
    if division.tier == "village":
        _fill(made, unit_id, "head", "village_head", _person(made, f"{code}-1"), day)
        # A second person from the township's office (联村干部), so that whoever reports
        # households safe is never the only one who can look (promise P2).
        linked = duty_of_township.get(division.parent_code or "")
        if linked:
            _fill(made, unit_id, "second_duty", "linked_officer", linked, day)
        return
    posts = _TWO if division.tier == "township" and line else _THREE
    for place, (post, title) in enumerate(posts, start=1):
        person = _person(made, f"{code}-{place}")
        _fill(made, unit_id, post, title, person, day)
        if line is None and division.tier == "township" and post == "duty":
            duty_of_township[division.code] = person


def _person(made: Rows, number: str) -> str:
    person = str(new_id())
    made.people.append((person, number, person_name(number)))
    return person


def _fill(made: Rows, unit_id: str, post: str, title: str, person: str, day: str) -> None:
    post_id = str(new_id())
    made.posts.append((post_id, unit_id, post, f"orgs.post.{title}"))
    made.appointments.append((str(new_id()), person, post_id, day))
