"""The map: counties of Zhejiang, the county under a point, outlines that fit together."""

import json

import pytest
import shapely
from shapely.geometry import shape

from guantong.geo import api as geo

WENLING, YUHUAN = "331081", "331083"
# The town of Wenling, a place in Yuhuan south of it, and a point in the East China Sea.
WENLING_TOWN, OVER_THE_BORDER, SEA = (121.39, 28.37), (121.40, 28.25), (124.0, 27.0)


def test_the_province_has_ninety_counties_each_with_a_point_inside_its_own_borders() -> None:
    counties = geo.counties()

    assert len(counties) == 90
    assert [c.code6 for c in counties] == sorted({c.code6 for c in counties})
    assert all(c.code6.startswith("33") for c in counties)
    assert all(geo.county_at(c.lon, c.lat) == c.code6 for c in counties)


def test_a_place_on_the_coast_belongs_to_its_county_and_not_to_the_next() -> None:
    assert geo.county_at(*WENLING_TOWN) == WENLING
    assert geo.county_at(*OVER_THE_BORDER) == YUHUAN


@pytest.mark.parametrize("point", [SEA, (116.4, 39.9), (-70.0, -30.0)])
def test_the_sea_and_other_provinces_belong_to_no_county(point: tuple[float, float]) -> None:
    assert geo.county_at(*point) is None


def test_outlines_carry_twelve_digits_and_are_valid_after_rounding() -> None:
    collection = geo.boundaries_geojson("county")

    features = collection["features"]
    assert len(features) == 90
    assert all(len(f["properties"]["code"]) == 12 for f in features)
    assert all(shape(f["geometry"]).is_valid for f in features)


def test_simplified_neighbours_neither_overlap_nor_gape() -> None:
    shapes = [shape(f["geometry"]) for f in geo.boundaries_geojson("county", "331000")["features"]]

    apart = sum(s.area for s in shapes)
    together = shapely.union_all(shapes).area

    assert apart == pytest.approx(together, rel=1e-4)


def test_the_whole_map_is_small_enough_for_a_phone() -> None:
    text = json.dumps(geo.boundaries_geojson("county"), ensure_ascii=False, separators=(",", ":"))

    assert len(text.encode()) < 200_000


@pytest.mark.parametrize(
    ("tier", "under", "count"),
    [
        ("city", None, 11),
        ("city", "330000000000", 11),
        ("county", "331000000000", 9),
        ("county", "331000", 9),
        ("county", f"{WENLING}000000", 1),
        ("county", f"{WENLING}001000", 1),
        ("county", "320000000000", 0),
    ],
)
def test_outlines_can_be_had_for_one_area_alone(tier: str, under: str | None, count: int) -> None:
    assert len(geo.boundaries_geojson(tier, under)["features"]) == count  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_note_says_illustration_coordinates_and_the_missing_approval(language: str) -> None:
    note = geo.map_note(language)

    assert "CGCS2000" in note
    assert "审图号" in note
    assert "{" not in note
