"""The front door of ``guantong.geo``."""

from guantong.geo.boundary import County, boundaries_geojson, counties, county_at, map_note
from guantong.geo.sphere import distance_km

__all__ = [
    "County",
    "boundaries_geojson",
    "counties",
    "county_at",
    "distance_km",
    "map_note",
]
