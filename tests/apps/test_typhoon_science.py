"""The wind a storm brings to a county: the papers' own numbers, the edges of the globe, and Lekima.

The SQL is run as it stands in the package, on DuckDB in memory. Expected numbers are computed here
from the published formulas or copied from published tables, never from the SQL's own answers.
"""

import csv
import itertools
import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pyarrow as pa
import pytest
import yaml

from guantong.dmn import api as dmn
from guantong.geo.api import counties

APP = Path(__file__).parents[2] / "apps" / "flood_response"
SQL = (APP / "datasets" / "county_exposure.sql").read_text(encoding="utf-8")
PARAMETERS = yaml.safe_load((APP / "parameters.yaml").read_text(encoding="utf-8"))
LEVELS = ("none", "blue", "yellow", "orange", "red")
WENLING = "331081000000"
FAR_SOUTH_WEST = {"331126000000", "331181000000", "330881000000", "330824000000"}
KM_PER_DEGREE = 2 * math.pi * 6371.0088 / 360
KT = 0.514444
NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)

Row = dict[str, Any]
NUMBER, TEXT, INSTANT = pa.float64(), pa.string(), pa.timestamp("us", tz="UTC")
COLUMNS = {
    "flood_response.typhoon_track": pa.schema(
        {"track_id": TEXT, "observed_at": INSTANT}
        | dict.fromkeys(("lat", "lon", "wind_kt", "pressure_hpa"), NUMBER)
    ),
    "base.county": pa.schema({"division_code": TEXT, "lat": NUMBER, "lon": NUMBER}),
    "flood_response.coastal_county": pa.schema({"division_code": TEXT}),
}


def run(given: Mapping[str, Sequence[Row]], parameters: Mapping[str, float]) -> list[Row]:
    """Run the package's SQL on rows given by hand."""
    with duckdb.connect(config={"autoload_known_extensions": False}) as connection:
        for dataset, schema in COLUMNS.items():
            columns = {name: [row.get(name) for row in given[dataset]] for name in schema.names}
            connection.register(dataset, pa.table(columns, schema=schema))
        sql = re.sub(r"\{\{ dataset\('([^']+)'\) \}\}", r'"\1"', SQL)
        sql = re.sub(
            r"\{\{ parameter\('(\w+)'(?:, [\w.]+)?\) \}\}", lambda m: str(parameters[m[1]]), sql
        )
        result = connection.execute(sql)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def point(lat: float, lon: float, *, hour: float = 0, **facts: Any) -> Row:
    at = NOON + timedelta(hours=hour)
    return {"track_id": "S", "observed_at": at, "lat": lat, "lon": lon} | facts


def seen(track: Sequence[Row], *places: tuple[float, float], coastal: bool = True) -> list[Row]:
    """What the storm brings to places (lat, lon), in their order."""
    county = [
        {"division_code": f"33{n:04}000000", "lat": lat, "lon": lon}
        for n, (lat, lon) in enumerate(places)
    ]
    given = {
        "flood_response.typhoon_track": track,
        "base.county": county,
        "flood_response.coastal_county": county if coastal else [],
    }
    return run(given, {"land_reduction": 0.8})


SIGNAL = dmn.read((APP / "rules" / "typhoon_signal.dmn").read_bytes()).decision("typhoon_signal")
INPUTS = [f"{kind}_{hours}h_ms" for kind in ("wind", "gust") for hours in (6, 12, 24)]


def level(row: Row) -> str:
    """The signal of a row, as the package's decision table has it."""
    return str(SIGNAL.decide({name: row[name] for name in INPUTS}).value)


@pytest.fixture(scope="module")
def zhejiang() -> dict[str, list[Row]]:
    with (APP / "samples" / "coastal_county.csv").open(encoding="utf-8") as file:
        coast = list(csv.DictReader(file))
    places = [{"division_code": c.code6 + "000000", "lat": c.lat, "lon": c.lon} for c in counties()]
    return {"base.county": places, "flood_response.coastal_county": coast}


@pytest.fixture(scope="module")
def province(zhejiang: dict[str, list[Row]]) -> Callable[[Sequence[Row]], list[Row]]:
    """The 90 counties, with the parameters as declared."""
    parameters = {name: declared["default"] for name, declared in PARAMETERS.items()}
    return lambda track: run({"flood_response.typhoon_track": track} | zhejiang, parameters)


@pytest.fixture(scope="module")
def lekima(province: Callable[[Sequence[Row]], list[Row]]) -> dict[datetime, list[Row]]:
    """What each of the 51 points said on the day, with the points known until then."""
    with (APP / "samples" / "lekima_2019.csv").open(encoding="utf-8") as file:
        track: list[Row] = [
            {
                "track_id": r["track_id"],
                "observed_at": datetime.fromisoformat(r["time"]).replace(tzinfo=UTC),
                "lat": float(r["lat"]),
                "lon": float(r["lon"]),
                "wind_kt": float(r["wind"]) if r["wind"].strip() else None,
                "pressure_hpa": float(r["slp"]) if r["slp"].strip() else None,
            }
            for r in csv.DictReader(file)
        ]
    return {p["observed_at"]: province(track[: n + 1]) for n, p in enumerate(track)}


# --- the papers' own numbers -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pressure", "knots"),
    # Current intensity 2.0 to 8.0: pressures for the western North Pacific by Atkinson and Holliday
    # beside 1-minute winds, as tabulated for Dvorak's method (NOAA TR NESDIS 11, 1984).
    [
        (1000, 30), (997, 35), (991, 45), (984, 55), (976, 65), (966, 77), (954, 90),
        (941, 102), (927, 115), (914, 127), (898, 140), (879, 155), (858, 170),
    ],
)  # fmt: skip
def test_a_missing_wind_is_that_of_atkinson_and_hollidays_table(
    pressure: float, knots: float
) -> None:
    (row,) = seen([point(25, 125, pressure_hpa=pressure)], (25, 126))

    assert row["wind_source"] == "pressure"
    assert row["vmax_ms"] / KT / 0.93 == pytest.approx(knots, abs=1.0)


def test_a_missing_pressure_is_the_one_that_would_have_given_the_wind() -> None:
    (by_pressure,) = seen([point(25, 125, pressure_hpa=940)], (25, 126))

    (by_wind,) = seen([point(25, 125, wind_kt=by_pressure["vmax_ms"] / KT)], (25, 126))

    assert by_wind["pc_hpa"] == pytest.approx(940, abs=0.01)


@pytest.mark.parametrize(("knots", "lat"), [(35, 14), (60, 29), (105, 24.4), (105, -24.4)])
def test_the_radius_of_maximum_wind_is_willoughbys(knots: float, lat: float) -> None:
    (row,) = seen([point(lat, 125, wind_kt=knots)], (lat, 126))

    above_friction = knots * KT / 0.93 / 0.9
    expected = 46.4 * math.exp(-0.0155 * above_friction + 0.0169 * abs(lat))
    assert row["gradient_ms"] == pytest.approx(above_friction)
    assert row["rmax_km"] == pytest.approx(expected)


def test_hollands_wind_is_greatest_at_the_radius_of_maximum_wind_and_is_the_storms() -> None:
    storm = [point(27, 122, wind_kt=90, pressure_hpa=940)]
    (far,) = seen(storm, (30, 122))
    radii = [far["rmax_km"] * share for share in (0.5, 0.9, 1.0, 1.1, 2.0, 5.0)]

    rows = seen(storm, *((27 + r / KM_PER_DEGREE, 122) for r in radii))

    winds = [row["wind_now_ms"] / 1.05 for row in rows]
    assert winds[2] == pytest.approx(90 * KT, rel=1e-6)
    assert winds == sorted(winds[:3]) + sorted(winds[3:], reverse=True)


def test_away_from_the_core_the_wind_follows_hollands_profile() -> None:
    storm = [point(27, 122, wind_kt=90, pressure_hpa=940)]

    (row,) = seen(storm, (28, 122))

    f = 2 * 7.292e-5 * math.sin(math.radians(27))
    v, rm, r = 90 * KT / 0.93 / 0.9, row["rmax_km"] * 1000, KM_PER_DEGREE * 1000
    b = 1.15 * math.e * (v * v + v * f * rm) / (7000)
    x = (rm / r) ** b
    gradient = math.sqrt((v * v + v * f * rm) * x * math.exp(1 - x) + (r * f / 2) ** 2) - r * f / 2
    assert row["holland_b"] == pytest.approx(b)
    assert row["wind_now_ms"] == pytest.approx(gradient * 0.93 * 0.9 * 1.05)


@pytest.mark.parametrize(("pressure", "bound"), [(1008, 2.5), (880, 1.0), (1011, 2.5)])
def test_hollands_b_keeps_his_bounds_when_wind_and_pressure_disagree(
    pressure: float, bound: float
) -> None:
    (row,) = seen([point(27, 122, wind_kt=60, pressure_hpa=pressure)], (28, 122))

    assert row["holland_b"] == bound


def test_coast_and_inland_take_harpers_rows_and_the_land_takes_a_fifth() -> None:
    storm = [point(27, 122, wind_kt=90, pressure_hpa=940)]

    (coast,) = seen(storm, (27.5, 122))
    (inland,) = seen(storm, (27.5, 122), coastal=False)

    # Harper et al. 2010, table 1.1: Off-Sea 1.05 and 1.38, In-Land 1.12 and 1.66 (600 s).
    assert coast["gust_6h_ms"] / coast["wind_6h_ms"] == pytest.approx(1.38 / 1.05)
    assert inland["wind_now_ms"] / coast["wind_now_ms"] == pytest.approx(0.8 * 1.12 / 1.05)
    assert inland["gust_6h_ms"] / inland["wind_6h_ms"] == pytest.approx(1.66 / 1.12)
    assert inland["gust_6h_ms"] < coast["gust_6h_ms"]


# --- the side of the motion --------------------------------------------------------------------


@pytest.mark.parametrize(("lat", "stronger"), [(25.0, "right"), (-25.0, "left")])
def test_the_wind_is_stronger_right_of_the_motion_in_the_north_left_in_the_south(
    lat: float, stronger: str
) -> None:
    northward = [
        point(lat - 1, 125, hour=-6, wind_kt=80),
        point(lat, 125, wind_kt=80),
    ]

    east, west = seen(northward, (lat, 125.5), (lat, 124.5))

    right, left = east["wind_now_ms"], west["wind_now_ms"]
    assert ("right" if right > left else "left") == stronger
    assert abs(right - left) > 2


def test_the_wind_is_greatest_square_to_the_motion_and_nowhere_more_than_the_storm_has() -> None:
    fast = [point(25, 124, hour=-6, wind_kt=50), point(25, 127, wind_kt=50)]
    (any_place,) = seen(fast, (25, 128))
    r = any_place["rmax_km"] / KM_PER_DEGREE
    ring = [math.radians(a) for a in range(0, 360, 5)]

    rows = seen(
        fast,
        *((25 + r * math.cos(a), 127 + r * math.sin(a) / math.cos(math.radians(25))) for a in ring),
    )

    strongest = max(range(len(ring)), key=lambda n: rows[n]["wind_now_ms"])
    assert 50 * KT * 0.99 < rows[strongest]["wind_now_ms"] / 1.05 <= 50 * KT * 1.0001
    # Blowing in by 20 degrees, the own wind is in line with the background, which is turned by 20
    # degrees too, where the bearing is square to the course: due south of a storm going east.
    assert math.degrees(ring[strongest]) == pytest.approx(180, abs=6)


def test_in_the_very_centre_it_is_calm() -> None:
    (row,) = seen([point(27, 122, wind_kt=90)], (27, 122))

    assert row["wind_now_ms"] == pytest.approx(0, abs=0.01)


# --- motion and time ---------------------------------------------------------------------------


def test_one_point_only_is_a_storm_that_stands() -> None:
    (row,) = seen([point(27, 122, wind_kt=40)], (29, 122))

    assert row["motion_ms"] == 0
    assert row["closest_km"] == row["distance_km"] == pytest.approx(2 * KM_PER_DEGREE)
    assert row["hours_to_arrival"] is None


def test_the_motion_is_that_of_the_last_twelve_hours() -> None:
    track = [
        point(20, 122, hour=-18, wind_kt=40),
        point(25, 122, hour=-12, wind_kt=40),
        point(25.3, 122, hour=-6, wind_kt=40),
        point(26, 122, wind_kt=40),
    ]

    (row,) = seen(track, (28, 122))

    assert row["motion_ms"] == pytest.approx(KM_PER_DEGREE / 12 / 3.6)
    assert row["course_deg"] % 360 == pytest.approx(0, abs=1e-6)
    assert row["closest_km"] == pytest.approx(0, abs=1)


@pytest.mark.parametrize(("lat", "towards"), [(0.0, 1), (0.0, -1), (60.0, 1)])
def test_a_storm_goes_on_along_the_great_circle(lat: float, towards: int) -> None:
    track = [point(lat, 120 - towards, hour=-12, wind_kt=60), point(lat, 120, wind_kt=60)]
    # The next place on the great circle through two points: the earlier one mirrored at the later.
    a, b = ((math.radians(lat), math.radians(lon)) for lon in (120 - towards, 120))
    old, now = (
        (math.cos(p) * math.cos(q), math.cos(p) * math.sin(q), math.sin(p)) for p, q in (a, b)
    )
    dot = sum(x * y for x, y in zip(old, now, strict=True))
    x, y, z = (2 * dot * n - o for o, n in zip(old, now, strict=True))

    (row,) = seen(track, (math.degrees(math.asin(z)), math.degrees(math.atan2(y, x))))

    assert row["closest_km"] == pytest.approx(0, abs=0.01)


def test_points_less_than_three_hours_apart_say_nothing_of_the_motion() -> None:
    (row,) = seen([point(26.9, 122, hour=-1, wind_kt=40), point(27, 122, wind_kt=40)], (29, 122))

    assert row["motion_ms"] == 0


def test_arrival_is_when_force_six_begins_and_none_when_the_storm_moves_away() -> None:
    northward = [point(24, 122, hour=-12, wind_kt=80), point(26, 122, wind_kt=80)]

    ahead, under, behind = seen(northward, (29.5, 122), (26.2, 122), (15, 122))

    assert 0 < ahead["hours_to_arrival"] < 21
    assert ahead["wind_now_ms"] < 10.8 <= ahead["wind_24h_ms"]
    assert under["hours_to_arrival"] == 0
    assert behind["hours_to_arrival"] is None


def test_an_eyewall_that_passes_between_two_hours_is_not_missed() -> None:
    # 30 m/s, the fastest storms there are: 108 km in an hour, three times the eyewall's radius.
    fast = [point(15, 122, hour=-6, wind_kt=100), point(20.83, 122, wind_kt=100)]
    (anywhere,) = seen(fast, (30, 122))
    aside = anywhere["rmax_km"] / KM_PER_DEGREE / math.cos(math.radians(24))

    rows = seen(fast, *((24 + n / 20, 122 + aside) for n in range(20)))

    assert min(row["wind_24h_ms"] for row in rows) / 1.05 > 0.97 * 100 * KT


def test_winds_of_longer_spans_are_never_less(lekima: dict[datetime, list[Row]]) -> None:
    rows = [row for said in lekima.values() for row in said]

    assert all(r["wind_6h_ms"] <= r["wind_12h_ms"] <= r["wind_24h_ms"] for r in rows)
    assert all(r["gust_6h_ms"] <= r["gust_12h_ms"] <= r["gust_24h_ms"] for r in rows)


def test_over_land_the_predicted_wind_decays_as_kaplan_and_demaria_found() -> None:
    inland_northward = [point(27.4, 120, hour=-6, wind_kt=90), point(28, 120, wind_kt=90)]
    axis = [(28 + n * 0.1, 120.0) for n in range(12)]

    here, *_ = (
        row
        for row in seen(inland_northward, *axis, coastal=False)
        if row["division_code"] == "330011000000"
    )

    # Over land already, so without the factor at the coast; the eyewall's edge arrives in 7 to 8 h.
    hours, v = 7.5, 90 / 0.93
    kept = (26.7 + (v - 26.7) * math.exp(-0.095 * hours)) / v
    assert here["wind_24h_ms"] / (0.8 * 1.12 * 90 * KT) == pytest.approx(kept, rel=0.1)


def test_a_storm_at_sea_does_not_decay_because_the_nearest_county_lies_inland() -> None:
    # 20 km/h from 400 km off: the eyewall comes after 18 hours, the last 1.5 of them over land.
    northward = [point(24.4 - 2.16, 122, hour=-12, wind_kt=90), point(24.4, 122, wind_kt=90)]

    (inland,) = seen(northward, (28, 122), coastal=False)
    (coast,) = seen(northward, (28, 122))

    kept = (26.7 + (0.9 * 90 / 0.93 - 26.7) * math.exp(-0.095 * 1.5)) / (90 / 0.93)
    weaker = inland["wind_24h_ms"] / coast["wind_24h_ms"]
    assert weaker / (0.8 * 1.12 / 1.05) == pytest.approx(kept, rel=0.04)


# --- the edges of the globe, and other storms --------------------------------------------------


def test_the_date_line_is_no_border() -> None:
    across = [point(20, 179.5, hour=-6, wind_kt=60), point(20, 180.5, wind_kt=60)]
    same = [point(20, 179.5, hour=-6, wind_kt=60), point(20, -179.5, wind_kt=60)]

    (one,) = seen(across, (20, -178.5))
    (other,) = seen(same, (20, 181.5))

    assert one["motion_ms"] == pytest.approx(other["motion_ms"]) == pytest.approx(4.837, abs=0.01)
    assert one["distance_km"] == pytest.approx(other["distance_km"])
    assert one["wind_24h_ms"] == pytest.approx(other["wind_24h_ms"], rel=1e-9)


@pytest.mark.parametrize("lat", [90.0, -90.0, 0.0])
def test_poles_and_equator_give_numbers(lat: float) -> None:
    back = lat - math.copysign(1, lat)

    rows = seen(
        [point(back, 10, hour=-6, wind_kt=60), point(lat, 200, wind_kt=60)],
        (lat, 200), (lat, 20), (-lat, 0),
    )  # fmt: skip

    numbers = [v for row in rows for v in row.values() if isinstance(v, float)]
    assert all(math.isfinite(number) for number in numbers)
    assert rows[0]["distance_km"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("knots", [0, 1, 250])
def test_the_least_and_the_greatest_wind_give_numbers(knots: float) -> None:
    rows = seen(
        [point(27, 120, hour=-6, wind_kt=knots), point(27, 122, wind_kt=knots)],
        (27, 122),
        (27, 123),
    )

    assert all(math.isfinite(row["wind_24h_ms"]) for row in rows)
    assert all(row["wind_24h_ms"] <= knots * KT * 1.05 for row in rows)


def test_a_storm_with_neither_wind_nor_pressure_is_placed_and_warns_nobody(
    province: Callable[[Sequence[Row]], list[Row]],
) -> None:
    rows = province([point(27.5, 121.9, hour=-6), point(28.0, 121.6)])

    assert len(rows) == 90
    assert {row["wind_24h_ms"] for row in rows} == {None}
    assert {level(row) for row in rows} == {"none"}
    assert min(row["closest_km"] for row in rows) < 20


@pytest.mark.parametrize(
    ("name", "track"),
    [
        ("far out", [point(20, 148, hour=-12, wind_kt=110), point(20, 150, wind_kt=110)]),
        ("in the Atlantic", [point(25, -75, hour=-12, wind_kt=150), point(26, -77, wind_kt=150)]),
        ("in the south", [point(-27, 121, hour=-12, wind_kt=120), point(-28, 121, wind_kt=120)]),
    ],
)  # fmt: skip
def test_a_storm_that_never_comes_near_warns_nobody(
    province: Callable[[Sequence[Row]], list[Row]], name: str, track: list[Row]
) -> None:
    rows = province(track)

    assert {level(row) for row in rows} == {"none"}, name


def test_of_two_storms_only_the_one_with_a_point_now_counts() -> None:
    track = [
        point(27, 122, wind_kt=80),
        point(20, 130, hour=-6, wind_kt=80) | {"track_id": "OLD"},
        point(20, 131, wind_kt=80) | {"track_id": "TWIN"},
    ]

    rows = seen(track, (28, 121), (29, 121))

    assert [(row["track_id"], row["division_code"][:6]) for row in rows] == [
        ("S", "330000"), ("S", "330001"), ("TWIN", "330000"), ("TWIN", "330001"),
    ]  # fmt: skip


def test_no_points_give_no_rows() -> None:
    assert seen([], (28, 121)) == []


# --- the signals -------------------------------------------------------------------------------

CALM = dict.fromkeys(INPUTS, 0.0)


@pytest.mark.parametrize(
    ("column", "threshold", "signal"),
    # Order no. 16 of 2007, annex, with the lower bounds of GB/T 28591-2012.
    [
        ("wind_6h_ms", 32.7, "red"), ("gust_6h_ms", 41.5, "red"),
        ("wind_12h_ms", 24.5, "orange"), ("gust_12h_ms", 32.7, "orange"),
        ("wind_24h_ms", 17.2, "yellow"), ("gust_24h_ms", 24.5, "yellow"),
        ("wind_24h_ms", 10.8, "blue"), ("gust_24h_ms", 17.2, "blue"),
    ],
)  # fmt: skip
def test_a_signal_begins_on_the_lower_bound_of_its_force(
    column: str, threshold: float, signal: str
) -> None:
    on_the_bound = level(CALM | {column: threshold})
    just_below = level(CALM | {column: threshold - 0.01})

    assert on_the_bound == signal
    assert LEVELS.index(just_below) < LEVELS.index(signal)


def test_the_highest_signal_that_fits_is_the_answer() -> None:
    assert level(dict.fromkeys(CALM, 60.0)) == "red"


def test_without_any_wind_there_is_no_signal() -> None:
    assert level(dict.fromkeys(CALM)) == "none"


# --- Lekima ------------------------------------------------------------------------------------


def highest(said: Mapping[datetime, Sequence[Row]]) -> dict[str, str]:
    best: dict[str, str] = {}
    for rows in said.values():
        for row in rows:
            code = row["division_code"]
            best[code] = max(best.get(code, "none"), level(row), key=LEVELS.index)
    return best


def test_lekima_brings_red_to_wenling_before_landfall_and_not_to_the_far_south_west(
    lekima: dict[datetime, list[Row]],
) -> None:
    best = highest(lekima)

    red_since = min(
        at
        for at, rows in lekima.items()
        for row in rows
        if row["division_code"] == WENLING and level(row) == "red"
    )
    assert best[WENLING] == "red"
    assert red_since < datetime(2019, 8, 9, 17, 45, tzinfo=UTC)  # landfall, 01:45 in Beijing
    assert all(best[code] != "red" for code in FAR_SOUTH_WEST)


def test_lekimas_levels_rise_before_it_comes_and_end_when_it_has_gone(
    lekima: dict[datetime, list[Row]],
) -> None:
    at_wenling = [
        level(row) for rows in lekima.values() for row in rows if row["division_code"] == WENLING
    ]
    changes = [at_wenling[0]] + [b for a, b in itertools.pairwise(at_wenling) if a != b]

    assert changes[:5] == ["none", "blue", "yellow", "orange", "red"]
    assert changes[-1] == "none"


def test_lekimas_red_lies_along_its_path(lekima: dict[datetime, list[Row]]) -> None:
    nearest: dict[str, float] = {}
    for row in itertools.chain(*lekima.values()):
        code = row["division_code"]
        nearest[code] = min(nearest.get(code, math.inf), row["distance_km"])

    red = {code for code, best in highest(lekima).items() if best == "red"}

    assert 5 <= len(red) <= 30
    assert all(nearest[code] < 120 for code in red)


def test_every_point_is_answered_for_every_county(lekima: dict[datetime, list[Row]]) -> None:
    assert len(lekima) == 51
    assert {len(rows) for rows in lekima.values()} == {90}


# --- the declarations --------------------------------------------------------------------------

CONTRACTS = sorted([*(APP / "datasets").glob("*.yaml"), *(APP / "objects").glob("*.yaml")])
ROOT = Path(__file__).parents[2]
CONFORMANCE = Path(os.environ.get("GUANTONG_CONFORMANCE", ROOT.parent / "shared" / "conformance"))
ODCS = CONFORMANCE / "odcs" / "schema" / "odcs-json-schema-v3.1.0.json"


def read_contract(path: Path) -> dict[str, Any]:
    contract: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return contract


def custom(contract: Mapping[str, Any]) -> dict[str, Any]:
    return {prop["property"]: prop["value"] for prop in contract["customProperties"]}


EXAMPLES = custom(read_contract(APP / "datasets" / "county_exposure.yaml"))["tests"]


@pytest.mark.skipif(not ODCS.exists(), reason="the ODCS schemas are not beside the checkout")
@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_every_contract_is_valid_odcs(path: Path) -> None:
    validator = jsonschema.Draft201909Validator(json.loads(ODCS.read_text(encoding="utf-8")))

    faults = [error.message for error in validator.iter_errors(read_contract(path))]

    assert faults == []


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_every_contract_names_its_key_its_source_and_the_class_of_each_column(path: Path) -> None:
    contract = read_contract(path)
    columns = contract["schema"][0]["properties"]

    assert (
        contract["id"]
        == f"flood_response.{path.stem}"
        == "flood_response." + (contract["schema"][0]["name"])
    )
    assert any(column.get("primaryKey") for column in columns)
    assert all(column["classification"] in {"L1", "L2", "L3", "L4"} for column in columns)
    assert {"sourceUnit", "sharing", "opening"} <= custom(contract).keys()


def test_both_dialects_of_a_track_reach_every_column() -> None:
    contract = read_contract(APP / "datasets" / "typhoon_track.yaml")
    columns = {column["name"] for column in contract["schema"][0]["properties"]}

    dialects = {d["name"]: d for d in custom(contract)["landing"]}

    assert {name: set(d["columns"].values()) for name, d in dialects.items()} == {
        "ibtracs": columns,
        "short": columns,
    }
    with (APP / "samples" / "lekima_2019.csv").open(encoding="utf-8") as file:
        assert next(csv.reader(file)) == list(dialects["short"]["columns"])


# --- the invented samples ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def invented(
    zhejiang: dict[str, list[Row]],
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Households and shelters as the package's SQL makes them from the real divisions."""
    divisions = ROOT / "src" / "guantong" / "orgs" / "data" / "zhejiang_divisions.csv.gz"
    with duckdb.connect() as connection:
        connection.execute(
            f"create table \"base.division\" as from read_csv('{divisions}', all_varchar = true)"
        )
        for dataset, rows in zhejiang.items():
            connection.register(dataset, pa.Table.from_pylist(rows))
        for name in ("household", "shelter"):
            sql = (APP / "samples" / f"{name}.sql").read_text(encoding="utf-8")
            sql = re.sub(r"\{\{ dataset\('([^']+)'\) \}\}", r'"\1"', sql)
            connection.execute(f"create table {name} as {sql}")
            connection.execute(f"create table {name}_again as {sql}")
        yield connection


def answer(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("name", ["household", "shelter"])
def test_a_sample_is_the_same_each_time_and_keeps_its_contract(
    invented: duckdb.DuckDBPyConnection, name: str
) -> None:
    contract = read_contract(APP / "objects" / f"{name}.yaml")
    columns = contract["schema"][0]["properties"]

    got = [d[0] for d in invented.execute(f"from {name}").description or ()]

    assert custom(contract)["invented"] is True
    assert sorted(got) == sorted(column["name"] for column in columns)
    assert answer(invented, f"select count(*) from (from {name} except from {name}_again)") == 0
    for column in columns:
        rules = column.get("logicalTypeOptions", {})
        tests = [f"{column['name']} is null"]
        tests += [f"{column['name']} < {rules['minimum']}"] if "minimum" in rules else []
        tests += [f"{column['name']} > {rules['maximum']}"] if "maximum" in rules else []
        if "pattern" in rules:
            tests.append(f"not regexp_matches({column['name']}, '{rules['pattern']}')")
        for rule in column.get("quality", []):
            listed = ", ".join(f"'{v}'" for v in rule["arguments"]["validValues"])
            tests.append(f"{column['name']} not in ({listed})")
        bad = answer(invented, f"select count(*) from {name} where {' or '.join(tests)}")
        assert bad == 0, column["name"]
        if column.get("primaryKey"):
            doubles = f"select count(*) - count(distinct {column['name']}) from {name}"
            assert answer(invented, doubles) == 0


def test_there_are_households_enough_for_a_real_exercise(
    invented: duckdb.DuckDBPyConnection,
) -> None:
    assert 14_000 < answer(invented, "select count(*) from household") < 18_000
    assert 4_000 < answer(invented, "select count(distinct division_code) from household") < 5_000
    assert answer(invented, "select count(distinct left(division_code, 6)) from household") == 90


def test_every_household_lives_in_a_real_village_and_has_a_shelter_of_its_township(
    invented: duckdb.DuckDBPyConnection,
) -> None:
    astray = """
        select count(*) from household h
        left join "base.division" d on d.code = h.division_code and d.tier = 'village'
        left join shelter s using (shelter_no)
        where d.code is null or s.division_code is distinct from left(d.code, 9) || '000'
    """

    assert answer(invented, astray) == 0


def test_nearly_all_shelters_have_room_and_a_few_have_not(
    invented: duckdb.DuckDBPyConnection,
) -> None:
    short = """
        select count(*) from shelter s
        join (select shelter_no, sum(persons) as persons from household group by all) h
        using (shelter_no) where persons > capacity
    """

    assert 0 < answer(invented, short) < 30


def test_no_name_can_be_anybodys(invented: duckdb.DuckDBPyConnection) -> None:
    real = """
        select count(*) from household
        where not regexp_full_match(head_name, '.某[0-9]{2}')
           or not regexp_full_match(helper_name, '.某[0-9]{2}')
    """

    assert answer(invented, real) == 0


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e["name"])
def test_the_examples_of_the_contract_hold(example: dict[str, Any]) -> None:
    track = "flood_response.typhoon_track"
    points = [
        p | {"observed_at": datetime.fromisoformat(p["observed_at"]).replace(tzinfo=UTC)}
        for p in example["given"][track]
    ]

    rows = run(example["given"] | {track: points}, example["parameters"])

    for expected in example["expect"]:
        (row,) = (r for r in rows if r["division_code"] == expected["division_code"])
        for column, value in expected.items():
            allowed = example["tolerance"].get(column, 0)
            near = pytest.approx(value, abs=allowed) if allowed else value
            assert row[column] == near, column


def test_the_columns_of_the_answer_are_those_of_the_contract(
    lekima: dict[datetime, list[Row]],
) -> None:
    contract = read_contract(APP / "datasets" / "county_exposure.yaml")
    declared = {p["name"]: p for p in contract["schema"][0]["properties"]}

    rows = [row for said in lekima.values() for row in said]

    assert list(rows[0]) == list(declared)
    required = {name for name, p in declared.items() if p["required"]}
    assert not {name for row in rows for name in required if row[name] is None}
