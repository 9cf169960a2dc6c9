"""An index: several figures made one by dated weights, with five colours. Rules only, no I/O.

What ranks people or units is versioned (promise P8): weights, scales, penalty and cut-offs stand
in versions, each from a day on, and a month is judged by the version in force on its first day,
whenever it is asked for. A part without rows counts for nothing and the others share its weight;
where less than ``enough`` of the weight has rows there is no score, and no colour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

COLOURS = ("green", "blue", "yellow", "orange", "red")
NO_COLOUR = "grey"
# A score is judged as it is shown: to one place.
PLACES = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One figure's share: ``zero`` gives no points, ``full`` all; between them in proportion."""

    indicator: str
    weight: float
    zero: float = 0.0
    full: float = 100.0

    def points(self, value: float) -> float:
        """Return the value on the scale from 0 to 100; beyond its ends it stays there."""
        return max(0.0, min(100.0, 100.0 * (value - self.zero) / (self.full - self.zero)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    """Points taken off for each one that a figure counts, at most ``most``."""

    indicator: str
    each: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Weights and cut-offs from a day on. ``cuts`` are the least scores of the colours."""

    since: date
    parts: tuple[Part, ...]
    cuts: Mapping[str, float]
    basis: Mapping[str, str]
    penalty: Penalty | None = None
    enough: float = 0.5

    @property
    def indicators(self) -> tuple[str, ...]:
        """The figures it is made of, the penalty's last."""
        last = () if self.penalty is None else (self.penalty.indicator,)
        return (*(part.indicator for part in self.parts), *last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One index of a package. ``counts_by`` is the column that says when a row counts."""

    id: str
    package: str
    title: str
    meaning: str
    source: str
    counts_by: str
    versions: tuple[Version, ...]

    def on(self, day: date) -> Version | None:
        """Return the version in force on a day; None before the first."""
        known = [version for version in self.versions if version.since <= day]
        return max(known, key=lambda version: version.since, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What an index says of one area or unit, and what of each part."""

    value: float | None
    colour: str
    points: Mapping[str, float | None]
    penalty: float


def score(version: Version, values: Mapping[str, float | None]) -> Score:
    """Return the score of these figures; a figure that is missing or empty has no rows."""
    points = {
        part.indicator: None if (v := values.get(part.indicator)) is None else part.points(v)
        for part in version.parts
    }
    off = 0.0
    if version.penalty is not None:
        counted = values.get(version.penalty.indicator) or 0.0
        off = min(version.penalty.most, version.penalty.each * counted)
    whole = sum(part.weight for part in version.parts)
    counting = [part for part in version.parts if points[part.indicator] is not None]
    weight = sum(part.weight for part in counting)
    if not counting or weight < version.enough * whole:
        return Score(value=None, colour=NO_COLOUR, points=points, penalty=off)
    reached = sum(part.weight * (points[part.indicator] or 0.0) for part in counting) / weight
    value = round(max(0.0, reached - off), PLACES)
    return Score(value=value, colour=colour_of(version, value), points=points, penalty=off)


def colour_of(version: Version, value: float) -> str:
    """Return the colour of a score: that of the highest cut-off it reaches, else the last."""
    return next((c for c in COLOURS if value >= version.cuts.get(c, float("inf"))), COLOURS[-1])
