"""Counties with a point for their name, the county under a point, and outlines for the map.

Outlines are simplified together, so that neighbours keep one common border and no gaps appear.
Questions about a point are answered from the unsimplified shapes.
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from guantong.base import words
from guantong.geo.errors import MapTierAbsent
from guantong.geo.source import Area, Tier, read_areas, replacement

# Degrees, about 1 km: the coarsest at which all 90 counties stay valid after rounding (measured).
TOLERANCE = 0.01
DECIMALS = 4


@dataclass(frozen=True)
class County:
    """A county's 6-digit division code, its name and a point for its label."""

    code6: str
    name: str
    lon: float
    lat: float


def counties() -> tuple[County, ...]:
    """Return the counties of the map in use, by code."""
    return tuple(County(a.code6, a.name, a.lon, a.lat) for a in _areas("county", replacement()))


def county_at(lon: float, lat: float) -> str | None:
    """Return the 6-digit code of the county that holds the point; None at sea or abroad.

    A point on a common border belongs to the county with the smaller code.
    """
    path = replacement()
    hits = _tree(path).query(shapely.Point(lon, lat), predicate="intersects")
    return _areas("county", path)[min(hits)].code6 if len(hits) else None


def boundaries_geojson(tier: Tier, under: str | None = None) -> dict[str, Any]:
    """Return the outlines of one tier as a GeoJSON FeatureCollection.

    ``under`` is the code (6 or 12 digits) of the province, city or county whose divisions are
    wanted. The answer is shared by all who ask: do not change it.
    """
    return _collection(tier, prefix_of(under) if under else "", replacement())


def map_note(language: str) -> str:
    """Return what the map is, where it is from, and what it is not, for the foot of the map."""
    path = replacement()
    if path is None:
        return words.say("geo.note.built-in", language)
    return words.say("geo.note.replaced", language, name=path.name)


def prefix_of(code: str) -> str:
    """Return the digits that every division within ``code`` starts with, down to the county."""
    code6 = code[:6]
    if code6[4:] != "00":
        return code6
    return code6[:4] if code6[2:4] != "00" else code6[:2]


@functools.lru_cache(maxsize=8)
def _areas(tier: Tier, path: Path | None) -> tuple[Area, ...]:
    areas = tuple(sorted(read_areas(tier, path), key=lambda area: area.code6))
    if not areas:
        raise MapTierAbsent(tier=tier)
    return areas


@functools.lru_cache(maxsize=4)
def _tree(path: Path | None) -> Any:
    return shapely.STRtree([area.shape for area in _areas("county", path)])


@functools.lru_cache(maxsize=8)
def _outlines(tier: Tier, path: Path | None) -> tuple[dict[str, Any], ...]:
    areas = _areas(tier, path)
    shapes = shapely.coverage_simplify([area.shape for area in areas], TOLERANCE)
    return tuple(
        {
            "type": "Feature",
            "properties": {
                "code": f"{area.code6}000000",
                "name": area.name,
                "centre": [area.lon, area.lat],
            },
            "geometry": _rounded(shape),
        }
        for area, shape in zip(areas, shapes, strict=True)
    )


def _rounded(shape: Any) -> dict[str, Any]:
    polygons = shape.geoms if shape.geom_type == "MultiPolygon" else [shape]
    return {
        "type": "MultiPolygon",
        "coordinates": [
            [
                [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in ring.coords]
                for ring in (polygon.exterior, *polygon.interiors)
            ]
            for polygon in polygons
        ],
    }


@functools.lru_cache(maxsize=256)
def _collection(tier: Tier, prefix: str, path: Path | None) -> dict[str, Any]:
    features = [f for f in _outlines(tier, path) if f["properties"]["code"].startswith(prefix)]
    return {"type": "FeatureCollection", "features": features}
