"""Tracks of storms as files: the short form that bulletins pass around, and the official one."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

# Hours since the beginning, longitude, latitude, knots, hPa; None is unmeasured.
Point = tuple[int, float, float, float | None, float | None]

HEADER = "track_id,season,basin,time,lon,lat,wind,slp\n"
BEGIN = datetime(2020, 8, 2)  # noqa: DTZ001 - written into a file whose times are UTC by contract

# Far out in the Pacific, and going away.
FAR: Sequence[Point] = (
    (0, 170.2, 14.5, None, 1002), (6, 170.8, 15.4, 45, 990), (12, 171.2, 16.3, 50, 985),
)  # fmt: skip
# Passes east of Zhoushan: a dozen counties hear of it, mostly blue. Invented.
PASSING: Sequence[Point] = (
    (0, 124.6, 27.5, 50, 985), (6, 124.3, 28.6, 55, 980), (12, 123.9, 29.7, 60, 975),
    (18, 124.0, 30.8, 60, 975), (24, 124.6, 32.1, 55, 980),
)  # fmt: skip

# The first columns of the official file and some of those nobody here reads.
_NAMES = (
    "SID", "SEASON", "NUMBER", "BASIN", "SUBBASIN", "NAME", "ISO_TIME", "NATURE", "LAT", "LON",
    "WMO_WIND", "WMO_PRES", "WMO_AGENCY", "TRACK_TYPE", "DIST2LAND", "LANDFALL", "USA_WIND",
)  # fmt: skip
_UNITS = {
    "SEASON": "Year", "LAT": "degrees_north", "LON": "degrees_east", "WMO_WIND": "kts",
    "WMO_PRES": "mb", "DIST2LAND": "km", "LANDFALL": "km", "USA_WIND": "kts",
}  # fmt: skip


def short(points: Iterable[Point], *, id: str = "TEST", basin: str = "WP") -> str:
    """Return a track in the short form; what was not measured is an empty cell."""
    rows = (
        f"{id},{BEGIN.year},{basin},{_time(hour)},{lon},{lat},{_cell(wind)},{_cell(pressure)}\n"
        for hour, lon, lat, wind, pressure in points
    )
    return HEADER + "".join(rows)


def official(points: Iterable[Point], *, id: str = "TEST", basin: str = "WP") -> str:
    """Return a track in the official form: a row of units, many columns, one space for nothing."""
    rows: list[dict[str, str]] = [dict(zip(_NAMES, _NAMES, strict=True)), _UNITS]
    for hour, lon, lat, wind, pressure in points:
        row = {
            "SID": id, "SEASON": str(BEGIN.year), "BASIN": basin, "NAME": "UNNAMED",
            "ISO_TIME": _time(hour), "LAT": str(lat), "LON": str(lon), "WMO_WIND": _cell(wind),
            "WMO_PRES": _cell(pressure), "TRACK_TYPE": "main",
        }  # fmt: skip
        rows.append(row)
    return "".join(",".join(row.get(name) or " " for name in _NAMES) + "\n" for row in rows)


def written(folder: Path, text: str, name: str = "track.csv") -> Path:
    """Write a track to a file and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _time(hour: int) -> str:
    return str(BEGIN + timedelta(hours=hour))


def _cell(value: float | None) -> str:
    return "" if value is None else str(value)
