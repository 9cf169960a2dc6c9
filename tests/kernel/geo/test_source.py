"""An operator replaces the built-in map by a file of their own."""

import json
from pathlib import Path
from typing import Any

import pytest

from guantong.geo import api as geo
from guantong.geo.errors import MapFeatureRefused, MapTierAbsent, MapUnreadable


def square(code: str | None, name: str | None, west: float) -> dict[str, Any]:
    ring = [[west, 28.0], [west + 1, 28.0], [west + 1, 29.0], [west, 29.0], [west, 28.0]]
    return {
        "type": "Feature",
        "properties": {"code": code, "name": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def own_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "own.geojson"
    monkeypatch.setenv("GUANTONG_MAP", str(path))
    return path


def write(path: Path, *features: object) -> None:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")


def test_the_operators_file_takes_the_place_of_the_built_in_map(own_map: Path) -> None:
    write(
        own_map,
        square("990102000000", "东县", 121),
        square("990101", "西县", 120),
        square("990100", "某市", 120),
    )

    assert [(c.code6, c.name) for c in geo.counties()] == [("990101", "西县"), ("990102", "东县")]
    assert geo.county_at(120.5, 28.5) == "990101"
    city = geo.boundaries_geojson("city")["features"][0]
    assert city["properties"]["code"] == "990100000000"
    assert "own.geojson" in geo.map_note("en")


def test_a_point_on_the_common_border_belongs_to_the_smaller_code(own_map: Path) -> None:
    write(own_map, square("990102", "东县", 121), square("990101", "西县", 120))

    assert geo.county_at(121.0, 28.5) == "990101"


def test_a_map_without_cities_says_so_and_what_to_add(own_map: Path) -> None:
    write(own_map, square("990101", "西县", 120))

    with pytest.raises(MapTierAbsent, match=r"'city'.*GUANTONG_MAP"):
        geo.boundaries_geojson("city")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{}", b"[]", b"null", b'{"features": 3}'])
def test_a_file_that_is_no_geojson_is_refused_with_the_remedy(
    own_map: Path, content: bytes
) -> None:
    own_map.write_bytes(content)

    with pytest.raises(MapUnreadable, match="Set GUANTONG_MAP to a FeatureCollection"):
        geo.counties()


def test_a_missing_file_is_refused_and_named(own_map: Path) -> None:
    with pytest.raises(MapUnreadable, match=r"own\.geojson.*No such file"):
        geo.counties()


@pytest.mark.parametrize(
    ("feature", "part"),
    [
        (square(None, "西县", 120), "code"),
        (square("99010", "西县", 120), "code"),
        (square("９９０１０１", "西县", 120), "code"),
        (square("990101", " ", 120), "name"),
        (square("990101", None, 120), "name"),
        ({**square("990101", "西县", 120), "geometry": None}, "geometry"),
        (
            {
                **square("990101", "西县", 120),
                "geometry": {"type": "Point", "coordinates": [120, 28]},
            },
            "geometry",
        ),
        ({"type": "Feature"}, "code"),
        ("feature", "code"),
    ],
)
def test_the_feature_at_fault_is_named_by_number_and_part(
    own_map: Path, feature: object, part: str
) -> None:
    write(own_map, square("990102", "东县", 121), feature)

    with pytest.raises(MapFeatureRefused, match=f"feature 2 has no usable {part}"):
        geo.counties()


def test_two_features_with_one_code_are_refused(own_map: Path) -> None:
    write(own_map, square("990101", "西县", 120), square("990101000000", "又西县", 121))

    with pytest.raises(MapFeatureRefused, match="used only once"):
        geo.counties()
