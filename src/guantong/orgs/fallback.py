"""Fallback chains (承接顺序): what answers for a line where it has no unit of its own.

A chain is an ordered list of links. ``next_tier`` is the nearest unit of the line above,
``area`` the government of the place itself, ``line:health`` the bureau that carries the duty
there (with its own chain, where it has no unit either), ``gap`` nobody: declared, and named.
What follows where a link finds no unit is the next link; behind the last one there is a gap.

A declaration holds for a line in an area and all that lies in it, from a day on; the one for the
smallest area wins. Without one, the line's chain in ``data/lines.yaml`` holds. Pure: no I/O here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from guantong.orgs.division import covers
from guantong.orgs.errors import ChainGoesInARing, ChainLinkUnknown, ChainNotSensible
from guantong.orgs.line import NEXT_TIER, lines

Chain = tuple[str, ...]

AREA_GOVERNMENT = "area"
NOBODY = "gap"
_CARRIED = "line:"
# What people write in a cell or a field in place of the platform's own word.
LINK_WORDS: Mapping[str, str] = {
    "上级条线": NEXT_TIER, "上一级": NEXT_TIER, "上级": NEXT_TIER, "next tier": NEXT_TIER,
    "next_tier": NEXT_TIER, "line above": NEXT_TIER,
    "本级政府": AREA_GOVERNMENT, "属地政府": AREA_GOVERNMENT, "属地": AREA_GOVERNMENT,
    "area": AREA_GOVERNMENT, "area government": AREA_GOVERNMENT,
    "无人承担": NOBODY, "空缺": NOBODY, "gap": NOBODY, "nobody": NOBODY,
}  # fmt: skip
_BETWEEN = re.compile(r"\s*(?:→|->|>|＞|、|，|,|；|;)\s*")


class Declaration(NamedTuple):
    """The chain of a line in an area, from its first day up to, not including, its end."""

    line: str
    area_code: str
    chain: Chain
    valid_from: date
    valid_to: date | None

    def holds_on(self, on: date) -> bool:
        """Say whether the declaration is valid on that day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class Chains:
    """Every declaration, to be asked which chain a line has at a place on a day."""

    def __init__(self, declared: Iterable[Declaration] = ()) -> None:
        self._declared: dict[str, list[Declaration]] = {}
        for row in declared:
            self._declared.setdefault(row.line, []).append(row)
        for rows in self._declared.values():
            # The smallest area first: a longer code without its zeros lies deeper.
            rows.sort(key=lambda row: len(row.area_code.rstrip("0")), reverse=True)

    def __iter__(self) -> Iterator[Declaration]:
        for rows in self._declared.values():
            yield from rows

    def declaration(self, line: str, area_code: str, *, on: date) -> Declaration | None:
        """Return the declaration that holds for a line at a place; None where none does."""
        for row in self._declared.get(line, ()):
            if row.holds_on(on) and covers(row.area_code, area_code):
                return row
        return None

    def chain(self, line: str, area_code: str, *, on: date) -> Chain:
        """Return the chain of a line at a place: declared, or as it is shipped."""
        declared = self.declaration(line, area_code, on=on)
        return shipped_chain(line) if declared is None else declared.chain


def shipped_chain(line: str) -> Chain:
    """Return the chain of a line where nobody has declared another."""
    known = lines().get(line)
    return (NEXT_TIER,) if known is None else known.fallback


def carried_by(link: str) -> str | None:
    """Return the line that carries the duty by this link; None for another kind of link."""
    return link.removeprefix(_CARRIED) if link.startswith(_CARRIED) else None


def carrier(line: str) -> str:
    """Return the link by which another line carries the duty."""
    return f"{_CARRIED}{line}"


def read_chain(line: str, text: str) -> Chain:
    """Return a chain as people write it: ``水利 → 本级政府``; refuse a word that is no link."""
    named = {word.lower(): one.id for one in lines().values() for word in (one.id, one.zh, one.en)}
    found: list[str] = []
    for word in _BETWEEN.split(text.strip()):
        plain = word.strip().lower()
        if not plain:
            continue
        known = named.get(plain.removeprefix(_CARRIED))
        if plain in LINK_WORDS:
            found.append(LINK_WORDS[plain])
        elif known is not None:
            found.append(carrier(known))
        else:
            raise ChainLinkUnknown(link=word)
    return sensible(line, tuple(found))


def sensible(line: str, chain: Chain) -> Chain:
    """Return a chain that can be followed to its end, or refuse it with what is wrong."""
    if not chain:
        raise ChainNotSensible("empty", line=line)
    if len(set(chain)) < len(chain):
        raise ChainNotSensible("twice", line=line)
    if NOBODY in chain[:-1]:
        raise ChainNotSensible("after_nobody", line=line)
    if carrier(line) in chain:
        raise ChainNotSensible("itself", line=line)
    return chain


def refuse_rings(chains: Chains, changed: Declaration) -> None:
    """Refuse a change by which lines would carry each other's duty in a ring, on any day.

    Which chains hold together changes from place to place and from day to day, so each place
    that has a declaration of its own is asked on each day on which one begins or ends.
    """
    near = {
        row.area_code
        for row in chains
        if covers(changed.area_code, row.area_code) or covers(row.area_code, changed.area_code)
    } | {changed.area_code}
    days = {changed.valid_from} | {
        day
        for row in chains
        for day in (row.valid_from, row.valid_to)
        if day is not None and day >= changed.valid_from
    }
    for area in sorted(near):
        for day in sorted(days):
            for line in lines():
                ring = _ring(chains, line, area, day)
                if ring:
                    raise ChainGoesInARing(lines=ring, area=area, on=day)


def _ring(chains: Chains, line: str, area: str, on: date) -> tuple[str, ...]:
    """Return the lines from ``line`` back to itself; nothing where no way leads back."""
    ways: list[tuple[str, ...]] = [(line,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for link in chains.chain(way[-1], area, on=on):
            other = carried_by(link)
            if other == line:
                return (*way, other)
            if other is not None and other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return ()
