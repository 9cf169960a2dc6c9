"""The storm on the map: its points so far, how near it is, and the levels at each past instant."""

import functools
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from guantong.base.reading import moment_text, short_moment_text
from guantong.base.realm import Realm, is_exercise
from guantong.base.words import say
from guantong.brain.api import SignalView
from guantong.data import api as data
from guantong.geo.api import counties, distance_km
from guantong.orgs.api import prefix
from guantong.packages.areas.held import package_at
from guantong.packages.cockpit.levels import highest
from guantong.packages.package import Package

# 1 international knot = 1852 m in 3600 s (International Hydrographic Conference, Monaco 1929).
KNOT_IN_METRES_PER_SECOND = 1852 / 3600

# In the live realm a track nobody added to for so long is history, no storm. Ours.
FORGOTTEN_AFTER = timedelta(hours=48)

_MOST_POINTS = 200_000

Row = Mapping[str, Any]


def points(
    package: Package, page: Mapping[str, Any], *, realm: Realm, now: datetime
) -> tuple[list[Row], Mapping[str, Any]]:
    """Return the rows of the newest storm up to ``now``, oldest first, and what the page calls
    its columns."""
    declared = page.get("map", {}).get("track")
    if declared is None:
        return [], {}
    contract = package.contracts[declared["dataset"]]
    at = declared["at"]
    known = [row for row in _rows(realm, declared["dataset"]) if row[at] <= now]
    newest = max(known, key=lambda row: row[at], default=None)
    if newest is None or (not is_exercise(realm) and newest[at] < now - FORGOTTEN_AFTER):
        return [], declared
    same = [name for name in contract.key if name != at]
    own = [row for row in known if all(row[name] == newest[name] for name in same)]
    return sorted(own, key=lambda row: row[at]), declared


def _rows(realm: Realm, dataset: str) -> tuple[Row, ...]:
    """Return the dataset as it stands; the lake is read again only when another run has landed."""
    last = data.runs(realm, dataset, limit=1)
    if not last:
        return ()
    return _read(realm, dataset, f"{last[0].id} {last[0].state}")


@functools.lru_cache(maxsize=8)
def _read(realm: Realm, dataset: str, stand: str) -> tuple[Row, ...]:
    return tuple(data.snapshot_rows(dataset, realm, limit=_MOST_POINTS))


def storm(
    package: Package,
    signal: str,
    track: Sequence[Row],
    declared: Mapping[str, Any],
    *,
    area: str,
    names: Mapping[str, str],
    language: str,
) -> dict[str, Any] | None:
    """Return the storm as the page shows it; None while there is none."""
    if not track:
        return None
    last = track[-1]
    return {
        "title": package_at(package, area).say(
            f"matter.{signal.rpartition('.')[2]}", language, **last
        ),
        "closest": _nearest(last, declared, area=area, names=names, language=language),
        "points": [
            {
                "at": row[declared["at"]].isoformat(),
                "at_text": short_moment_text(row[declared["at"]], language),
                "lon": row[declared["lon"]],
                "lat": row[declared["lat"]],
                "wind_ms": _metres_per_second(row.get(declared.get("wind_kt", ""))),
                "pressure_hpa": row.get(declared.get("pressure_hpa", "")),
            }
            for row in track
        ],
    }


def _metres_per_second(knots: float | None) -> float | None:
    return None if knots is None else round(knots * KNOT_IN_METRES_PER_SECOND, 1)


def _nearest(
    point: Row, declared: Mapping[str, Any], *, area: str, names: Mapping[str, str], language: str
) -> str | None:
    lon, lat = point[declared["lon"]], point[declared["lat"]]
    near = [
        (distance_km(lon, lat, county.lon, county.lat), f"{county.code6}000000")
        for county in counties()
        if f"{county.code6}000000" in names and county.code6.startswith(prefix(area)[:6])
    ]
    if not near:
        return None
    km, code = min(near)
    return say("cockpit.nearest", language, place=names[code], km=round(km))


def history(
    track: Sequence[Row],
    declared: Mapping[str, Any],
    said: Sequence[SignalView],
    signal: str,
    language: str,
) -> list[dict[str, Any]]:
    """Return for each instant of this storm where it was and which county stood at which level."""
    if not track:
        return []
    at = declared["at"]
    places = {row[at]: row for row in track}
    levels: dict[datetime, dict[str, str]] = {instant: {} for instant in places}
    for answer in said:
        if track[0][at] <= answer.at <= track[-1][at]:
            then = levels.setdefault(answer.at, {})
            code = answer.division_code[:6]
            then[code] = highest([answer.level, *filter(None, [then.get(code)])], signal)
    return [
        {
            "at": instant.isoformat(),
            "at_text": moment_text(instant, language),
            "lon": places[instant][declared["lon"]] if instant in places else None,
            "lat": places[instant][declared["lat"]] if instant in places else None,
            "levels": levels[instant],
        }
        for instant in sorted(levels)
    ]
