"""Whole storms through a whole installation: from track points to closed cases.

One home serves every test of this module: each replay is an exercise of its own, so that none
sees another's alerts, cases or tasks. The storms but Lekima are invented.
"""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.journeys.begun import as_founded
from tests.journeys.installation import Answer, Installation, installation
from tests.journeys.track import FAR, HEADER, PASSING, Point, official, short, written

pytestmark = pytest.mark.province

COUNTIES = 90
WENLING = "331081"
FAR_SOUTH_WEST = ("331126", "331181", "330881", "330824")
MUST_MOVE = 10_000

Store = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def own() -> Iterator[Installation]:
    """An installation that replays have to itself."""
    with installation() as made:
        as_founded(made)
        yield made


@pytest.fixture(scope="module")
def passing(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """A storm that passes the outer islands, and what came of it."""
    track = written(tmp_path_factory.mktemp("storm"), short(PASSING, id="PASSING"))
    return track, own.replay(track)


def alerts_nobody(answer: Answer, track: str) -> None:
    assert answer.told == {
        "track": track, "counties": {}, "alerts": 0, "cases": {"opened": 0, "closed": 0},
        "tasks": {}, "unresolved": 0,
    }  # fmt: skip


def test_a_storm_that_stays_far_away_alerts_nobody(own: Installation, tmp_path: Path) -> None:
    answer = own.replay(written(tmp_path, short(FAR, id="FAR")))

    alerts_nobody(answer, "FAR")
    assert answer.last["seconds"] > 0
    assert answer.last["cpu_seconds"] > 0
    assert answer.last["peak_mb"] > 50


# The Atlantic, the sea off Mauritius, and points of which only the place is known.
ELSEWHERE: dict[str, list[Point]] = {
    "NA": [(0, -45.0, 14.5, 80, 970), (6, -46.2, 15.0, 90, 955)],
    "SI": [(0, 58.5, -18.0, 100, 940), (6, 57.4, -19.5, 95, 945)],
    "WP": [(0, 134.2, 14.5, None, None), (6, 133.8, 14.4, None, None), (12, 133, 14.5, None, None)],
}


def test_storms_of_other_seas_and_without_wind_in_one_file_alert_nobody(
    own: Installation, tmp_path: Path
) -> None:
    rows = [
        short(points, id=f"STORM-{basin}", basin=basin).removeprefix(HEADER)
        for basin, points in ELSEWHERE.items()
    ]

    answer = own.replay(written(tmp_path, HEADER + "".join(rows)))

    alerts_nobody(answer, "STORM-NA,STORM-SI,STORM-WP")


def test_a_passing_storm_alerts_each_county_once_and_every_case_is_closed(
    passing: tuple[Path, Answer],
) -> None:
    _, answer = passing

    told = answer.told

    assert told["track"] == "PASSING"
    assert 0 < told["alerts"] == len(told["counties"]) < COUNTIES
    assert set(told["counties"].values()) <= {"blue", "yellow", "orange", "red"}
    assert told["cases"] == {"opened": told["alerts"], "closed": told["alerts"]}
    assert set(told["tasks"]) <= {"closed_out", "withdrawn"}
    assert told["tasks"]["closed_out"] > told["alerts"]
    assert told["unresolved"] == 0


def test_the_official_form_of_a_track_gives_the_same_answer(
    own: Installation, passing: tuple[Path, Answer], tmp_path: Path
) -> None:
    _, before = passing

    answer = own.replay(written(tmp_path, official(PASSING, id="PASSING")))

    assert answer.told == before.told


def test_the_same_command_on_a_finished_exercise_begins_a_new_one_with_the_same_answer(
    own: Installation, passing: tuple[Path, Answer]
) -> None:
    track, before = passing
    had = realms(own, "PASSING")

    answer = own.replay(track)

    assert answer.told == before.told
    assert len(realms(own, "PASSING")) == len(had) + 1
    assert had < realms(own, "PASSING")


def test_a_storm_whose_last_point_lies_over_the_province_leaves_nothing_open(
    own: Installation, tmp_path: Path
) -> None:
    landfall: list[Point] = [(0, 122.4, 29.2, 40, 992), (6, 121.6, 29.6, 40, 993)]

    told = own.replay(written(tmp_path, short(landfall, id="LAST"))).told

    assert told["alerts"] > 0
    assert told["cases"] == {"opened": told["alerts"], "closed": told["alerts"]}
    assert told["unresolved"] == 0


# Behind the platform's back: what is asked first, what is altered, and how it is put right again.
ALTERATIONS = {
    "a task is withdrawn": (
        "flows_task", "state = 'closed_out'", "state", "withdrawn", "record-altered",
    ),
    "a leaf is rewritten": ("audit_leaf", "kind = 'task'", "encoded", b"{}", "leaf-altered"),
}  # fmt: skip


@pytest.mark.parametrize("deed", ALTERATIONS)
def test_a_row_altered_by_sql_is_found_and_named(
    own: Installation, passing: tuple[Path, Answer], deed: str
) -> None:
    assert passing[1].code == 0
    table, which, column, forged, code = ALTERATIONS[deed]
    with own.store() as store:
        id = one(store, f"select id from {table} where {which} order by id limit 1")
        true = one(store, f"select {column} from {table} where id = %s", id)
        alter(store, table, column, forged, id)

    try:
        answer = own.run("check", "audit", "--json")
    finally:
        with own.store() as store:
            alter(store, table, column, true, id)

    assert answer.code == 1, answer
    assert (code, str(id)) in {(fault["code"], fault["id"]) for fault in answer.last["faults"]}
    assert own.run("check", "audit").code == 0


# The great storm comes last: a log is verified in the time it takes to read it.


@pytest.fixture(scope="module")
def lekima(own: Installation) -> Answer:
    """Typhoon Lekima, August 2019: the committed sample."""
    return own.replay()


def test_lekima_turns_the_coast_of_taizhou_red_and_the_far_south_west_not(lekima: Answer) -> None:
    told = lekima.told

    levels = told["counties"]
    assert levels[WENLING] == "red"
    assert "red" not in [levels.get(county) for county in FAR_SOUTH_WEST]
    assert told["alerts"] == len(levels) <= COUNTIES
    assert told["cases"] == {"opened": told["alerts"], "closed": told["alerts"]}
    assert told["unresolved"] == 0


def test_lekima_moves_at_least_ten_thousand_households(own: Installation, lekima: Answer) -> None:
    assert lekima.told["track"] == "2019214N15134"

    with own.store() as store:
        moved = one(
            store,
            "select count(distinct t.subject_id) from flows_task t"
            " join base_exercise e using (realm) where e.title = '2019214N15134'"
            " and t.item = 'evacuate' and t.state = 'closed_out'",
        )

    assert int(str(moved)) >= MUST_MOVE


def test_nothing_was_altered_after_replays(own: Installation, passing: tuple[Path, Answer]) -> None:
    assert passing[1].code == 0

    answer = own.run("check", "audit", "--json")

    assert answer.code == 0, answer
    assert answer.last["faults"] == []
    assert answer.last["records"] > 0


def realms(own: Installation, title: str) -> set[object]:
    """Return the realms of the exercises of one storm."""
    with own.store() as store:
        rows = store.execute("select realm from base_exercise where title = %s", [title])
        return {realm for (realm,) in rows.fetchall()}


def one(store: Store, query: str, *values: object) -> object:
    row = store.execute(query.encode(), values).fetchone()
    assert row is not None, query
    return row[0]


def alter(
    store: psycopg.Connection[tuple[object, ...]],
    table: str,
    column: str,
    value: object,
    id: object,
) -> None:
    changed = store.execute(f"update {table} set {column} = %s where id = %s".encode(), [value, id])
    assert changed.rowcount == 1
