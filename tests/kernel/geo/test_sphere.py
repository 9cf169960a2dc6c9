"""Distances on the earth."""

import pytest

from guantong.geo.api import distance_km


def test_a_quarter_of_the_meridian_is_ten_thousand_kilometres() -> None:
    assert distance_km(120, 0, 120, 90) == pytest.approx(10_007.5, abs=1)


def test_a_degree_of_longitude_shrinks_with_the_cosine_of_latitude() -> None:
    assert distance_km(120, 60, 121, 60) == pytest.approx(distance_km(120, 0, 121, 0) / 2, rel=1e-3)


def test_a_point_is_no_distance_from_itself_and_the_antipode_is_farthest() -> None:
    assert distance_km(121.4, 28.3, 121.4, 28.3) == 0
    assert distance_km(0, 0, 180, 0) == pytest.approx(20_015.1, abs=1)


def test_longitudes_beyond_180_mean_the_same_place() -> None:
    # IBTrACS counts on past 180 for storms that cross the date line.
    assert distance_km(181, 20, -179, 20) == pytest.approx(0, abs=1e-6)


def test_the_way_back_is_as_long() -> None:
    assert distance_km(121, 28, 125, 24) == distance_km(125, 24, 121, 28)
