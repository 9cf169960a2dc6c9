"""What a scenario wants, instant by instant, read from its file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guantong.packages.api import Package, scenarios
from guantong.packages.document import Document, read_yaml
from guantong.packages.errors import ScenarioWithoutBeginning
from guantong.packages.reading import assemble
from guantong.packages.rehearsal.script import ACT, THEN, line_of, opens, read_script

MORNING = datetime(2026, 8, 1, 0, tzinfo=UTC)  # eight o'clock in Beijing
ROW = (
    '{track_id: T, division_code: "331081000000", observed_at: "2026-08-01T08:00:00+08:00",'
    " distance_km: 300, closest_km: 90, coastal: true, wind_source: none, motion_ms: 5,"
    " course_deg: 300}"
)
LAND = "{{at: {at}, land: {{dataset: flood_response.county_exposure, rows: [{row}]}}}}"


def scenario(text: str) -> Document:
    return read_yaml("scenarios/told.yaml", "scenarios", text.encode())


def land(at: str) -> str:
    return LAND.format(at=at, row=ROW)


def test_instants_are_counted_from_the_beginning(flood: Package) -> None:
    told = scenario(
        'scenario: s\ngiven: {samples: [], begins_at: "2026-08-01T08:00+08:00"}\n'
        f"when:\n  - {land('PT6H')}\n"
        '  - {at: P1DT30M, act: {verb: accept, task: advise, in: "331081000000"}}\n'
        "then:\n  - {at: PT1H, case: {flow: county_response}}\n  - {case: {flow: other}}\n"
    )

    script = read_script(flood, told)

    assert script.begins_at == MORNING
    assert [row.due_at for row in script.coming] == [MORNING + timedelta(hours=6)]
    assert [(w.kind, w.place, w.due_at) for w in script.wishes] == [
        (ACT, 1, MORNING + timedelta(days=1, minutes=30)),
        (THEN, 0, MORNING + timedelta(hours=1)),
        (THEN, 1, None),
    ]


def test_each_wish_knows_its_line(flood: Package) -> None:
    told = scenario(
        'scenario: s\ngiven: {samples: [], begins_at: "2026-08-01T08:00+08:00"}\n'
        f"when:\n  - {land('PT6H')}\n"
        '  - {at: PT1H, act: {verb: accept, task: advise, in: "331081000000"}}\n'
        "then:\n  - {case: {flow: county_response}}\n"
    )

    wishes = read_script(flood, told).wishes

    assert [line_of(told, wish.kind, wish.place) for wish in wishes] == [5, 7]


def test_a_case_to_be_opened_is_done_like_an_act_and_knows_its_line(flood: Package) -> None:
    told = scenario(
        'scenario: s\ngiven: {samples: [], begins_at: "2026-08-01T08:00+08:00"}\nwhen:\n'
        f"  - {land('PT6H')}\n"
        '  - {at: PT1H, act: {verb: accept, task: advise, in: "331081000000"}}\n'
        '  - {at: PT2H, open: {flow: f, in: "331081000000", by: area@county, answers: {a: b}}}\n'
    )

    wishes = read_script(flood, told).wishes

    assert [(w.kind, w.place, opens(w.said)) for w in wishes] == [(ACT, 1, False), (ACT, 2, True)]
    assert wishes[1].due_at == MORNING + timedelta(hours=2)
    assert line_of(told, wishes[1].kind, wishes[1].place) == 6


def test_without_a_beginning_it_begins_so_that_the_first_row_comes_on_time(flood: Package) -> None:
    told = scenario(f"scenario: s\ngiven: {{samples: []}}\nwhen:\n  - {land('PT2H')}\n")

    script = read_script(flood, told)

    assert script.begins_at == MORNING - timedelta(hours=2)
    assert script.coming[0].due_at == MORNING


def test_a_scenario_without_any_time_is_refused_and_told_what_to_write(flood: Package) -> None:
    told = scenario("scenario: s\ngiven: {samples: []}\nthen:\n  - {case: {flow: a}}\n")

    with pytest.raises(ScenarioWithoutBeginning, match=r"Write given\.begins_at"):
        read_script(flood, told)


def test_the_scenario_of_the_replay_takes_the_replays_own_rows(flood: Package) -> None:
    replay = flood.one("replay")
    assert replay is not None

    script = read_script(flood, flood.documents[replay.data["scenario"]])

    assert len(script.coming) == 51
    assert {row.dataset for row in script.coming} == {"flood_response.typhoon_track"}
    assert script.begins_at == min(row.due_at for row in script.coming)


def test_rows_of_a_file_become_known_when_they_say(flood: Package) -> None:
    told = scenario(
        'scenario: s\ngiven: {samples: [], begins_at: "2019-08-01T08:00+08:00",'
        " data: {flood_response.typhoon_track: samples/lekima_2019.csv}}\n"
    )

    script = read_script(flood, told)

    assert script.begins_at == datetime(2019, 8, 1, 0, tzinfo=UTC)
    assert len(script.coming) == 51
    assert all(row.due_at == row.row["observed_at"] for row in script.coming)


def test_data_files_of_a_release_are_read_from_the_release(flood: Package) -> None:
    contents = {path: document.content for path, document in flood.documents.items()}
    released = assemble(Path("nowhere"), contents)

    (lekima,) = scenarios(released, "lekima")
    script = read_script(released, lekima)

    assert len(script.coming) > 50
    assert script.coming == read_script(flood, scenarios(flood, "lekima")[0]).coming
