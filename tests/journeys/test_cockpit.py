"""A leader opens the cockpit, asks what a number is made of, and a steward lands a batch."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.province import (
    CANGNAN,
    EVENING,
    LIRUO,
    QINGYUAN,
    WENLING,
    YUHUAN,
    Province,
    household,
    open_case,
    user_for,
)

from guantong.access.api import Thing, User, actor_for, decide
from guantong.base.ids import new_id
from guantong.base.realm import LIVE, Realm
from guantong.brain.api import Indicator, evidence, indicator
from guantong.brain.models import AlertRow, SignalRow
from guantong.data import api as data
from guantong.packages.api import Package, cockpit_state, rows_within
from guantong.portal.evidence_table import MASKED, table

TODAY = datetime(2026, 11, 22, tzinfo=UTC).date()
PROVINCE = "330000000000"
OVERDUE = "flood_response.tasks_overdue"
SIGNAL = "flood_response.typhoon"
TRACK = "flood_response.typhoon_track"


@pytest.fixture(autouse=True)
def _lake(tmp_path: Path, settings: Any) -> None:
    settings.LAKE = tmp_path / "lake"


@pytest.fixture
def cases(province: Province, flood: Package, realm: Realm) -> None:
    """A case in each county: its first tasks wait for the county."""
    for county in (WENLING, YUHUAN, CANGNAN, QINGYUAN):
        open_case(realm=realm, county=county)


def cockpit(realm: Realm, user: User, area: str, language: str = "zh-CN") -> dict[str, Any]:
    return cockpit_state(realm, actor=actor_for(user, TODAY), language=language, area=area)


def figures(state: dict[str, Any]) -> dict[str, str]:
    return {figure["id"]: figure["value"] for figure in state["figures"]}


def sql(text: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.rowcount


def refusals() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from audit_leaf where convert_from(encoded, 'UTF8') like %s",
            ['%"act":"refuse"%'],
        )
        return int(cursor.fetchone()[0])


def browser(user: User, realm: Realm | None = None) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    if realm is not None:
        session = client.session
        session["realm"] = realm
        session.save()
    return client


def one_task_late(county: str) -> None:
    """Let the limit of one task of a county have passed, by plain SQL."""
    changed = sql(
        "update flows_task set limit_at = %s where id ="
        " (select id from flows_task where division_code = %s order by item limit 1)",
        EVENING - timedelta(hours=1),
        county,
    )
    assert changed == 1


def alert(realm: Realm, county: str, level: str, *, state: str = "open") -> None:
    AlertRow.objects.create(
        realm=realm, package="flood_response", signal=SIGNAL, matter=f"LEKIMA/{county}",
        division_code=county, level=level, highest_level=level, state=state,
        opened_at=EVENING, changed_at=EVENING, heard_at=EVENING,
    )  # fmt: skip


def signal(realm: Realm, county: str, level: str, at: datetime) -> None:
    SignalRow.objects.create(
        realm=realm, signal=SIGNAL, matter=f"LEKIMA/{county}", division_code=county, level=level,
        at=at, run_id=new_id(),
    )  # fmt: skip


def points(realm: Realm, *rows: tuple[datetime, float, float, float | None]) -> None:
    given = [
        {"track_id": "LEKIMA", "observed_at": at, "lon": lon, "lat": lat, "wind_kt": knots}
        for at, lon, lat, knots in rows
    ]
    contract = data.contract_of(TRACK)
    batch = data.check_rows(contract, given)
    data.land(contract, batch.rows, realm=realm, batch_key=str(new_id()), at=EVENING, actor="test")


def test_asked_twice_the_cockpit_says_the_same(cases: None, realm: Realm) -> None:
    leader = user_for("emergency@33")

    first, second = cockpit(realm, leader, PROVINCE), cockpit(realm, leader, PROVINCE)

    assert first == second


def test_one_row_changed_by_sql_changes_its_figure_and_no_other(cases: None, realm: Realm) -> None:
    leader = user_for("emergency@33")
    before = figures(cockpit(realm, leader, PROVINCE))

    one_task_late(WENLING)

    after = figures(cockpit(realm, leader, PROVINCE))
    assert (before[OVERDUE], after[OVERDUE]) == ("0", "1")
    assert {id: v for id, v in before.items() if id != OVERDUE} == {
        id: v for id, v in after.items() if id != OVERDUE
    }


def test_each_area_counts_its_own_rows_only(cases: None, realm: Realm) -> None:
    leader = user_for("emergency@33")
    one_task_late(WENLING)
    one_task_late(CANGNAN)

    found = {
        area: figures(cockpit(realm, leader, area))[OVERDUE]
        for area in (PROVINCE, "331000000000", WENLING, YUHUAN)
    }

    assert found == {PROVINCE: "2", "331000000000": "1", WENLING: "1", YUHUAN: "0"}


def test_another_realm_changes_nothing(cases: None, realm: Realm) -> None:
    leader = user_for("emergency@33")
    before = cockpit(realm, leader, PROVINCE)

    open_case(realm=LIVE, county=WENLING, matter="another storm")
    alert(LIVE, WENLING, "red")

    assert cockpit(realm, leader, PROVINCE) == before


def test_counties_are_coloured_by_open_alerts_the_gravest_first(cases: None, realm: Realm) -> None:
    leader = user_for("emergency@33")
    alert(realm, CANGNAN, "blue")
    alert(realm, WENLING, "red")
    alert(realm, YUHUAN, "none", state="closed")

    state = cockpit(realm, leader, PROVINCE)

    shown = [
        (county["code"], county["level"], county["level_word"]) for county in state["counties"]
    ]
    assert shown[:2] == [(WENLING, "red", "红色"), (CANGNAN, "blue", "蓝色")]
    assert {level for _, level, _ in shown[2:]} == {"none"}
    assert sum(entry["level"] == "red" for entry in state["stream"]) == 1


def test_the_storm_is_shown_up_to_the_clock_with_its_wind_in_metres(
    cases: None, realm: Realm
) -> None:
    leader = user_for("emergency@33")
    points(
        realm,
        (EVENING - timedelta(hours=6), 122.5, 26.9, None),
        (EVENING, 121.9, 27.6, 85),
        (EVENING + timedelta(hours=6), 121.4, 28.4, 90),
    )

    storm = cockpit(realm, leader, PROVINCE)["storm"]

    assert [point["wind_ms"] for point in storm["points"]] == [None, 43.7]
    assert "LEKIMA" in storm["title"]
    assert storm["closest"].startswith("距")


def test_a_storm_nobody_reported_for_two_days_is_over_in_the_live_realm(cases: None) -> None:
    leader = user_for("emergency@33")

    points(LIVE, (EVENING, 121.9, 27.6, 85))

    assert cockpit(LIVE, leader, PROVINCE)["storm"] is None


def test_the_time_bar_knows_the_levels_of_each_instant(cases: None, realm: Realm) -> None:
    leader = user_for("emergency@33")
    morning = EVENING - timedelta(hours=6)
    points(realm, (morning, 122.5, 26.9, None), (EVENING, 121.9, 27.6, 85))
    signal(realm, WENLING, "blue", morning)
    signal(realm, WENLING, "red", EVENING)
    signal(realm, CANGNAN, "none", EVENING)

    history = cockpit(realm, leader, PROVINCE)["history"]

    assert [(h["lat"], h["levels"]) for h in history] == [
        (26.9, {"331081": "blue"}),
        (27.6, {"331081": "red"}),
    ]


def test_the_league_names_the_quickest_first_and_those_without_a_value_not_at_all(
    cases: None, realm: Realm
) -> None:
    leader = user_for("emergency@33")
    for county, minutes in ((WENLING, 20), (YUHUAN, 5)):
        sql(
            "update flows_task set accepted_at = sent_at + %s where division_code = %s",
            timedelta(minutes=minutes),
            county,
        )

    league = cockpit(realm, leader, PROVINCE)["league"]

    assert [(entry["code"], entry["value_text"]) for entry in league] == [
        (YUHUAN, "5 分钟"),
        (WENLING, "20 分钟"),
    ]


def test_more_rows_ask_no_more_questions(cases: None, realm: Realm) -> None:
    leader = user_for("emergency@33")
    cockpit(realm, leader, PROVINCE)
    with CaptureQueriesContext(connection) as few:
        cockpit(realm, leader, PROVINCE)

    for number in range(5):
        open_case(realm=realm, county=WENLING, matter=f"S{number}/{WENLING}")
        alert(realm, f"33108{number}000000", "blue")
    with CaptureQueriesContext(connection) as many:
        cockpit(realm, leader, PROVINCE)

    # One for each figure: their SQL is foreign, and its bounds are set once for all of them.
    assert len(many) == len(few) == 23


ADDRESSES = (
    "/cockpit/{area}",
    "/cockpit/state.json?area={area}",
    f"/figures/{OVERDUE}?area={{area}}",
    f"/figures/{OVERDUE}.csv?area={{area}}",
)
OTHERS = [(WENLING, CANGNAN), (CANGNAN, QINGYUAN), (QINGYUAN, WENLING), (WENLING, PROVINCE)]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(("own", "other"), OTHERS)
def test_another_area_is_refused_with_a_sentence_and_recorded(
    cases: None, realm: Realm, address: str, own: str, other: str
) -> None:
    officer = browser(user_for(f"emergency@{own[:6]}"))
    before = refusals()

    answer = officer.get(address.format(area=other))

    assert answer.status_code == 403
    text = json.loads(answer.content)["message"] if "json" in address else answer.content.decode()
    assert "不在您岗位的管辖范围内" in text
    assert refusals() == before + 1
    assert officer.get(address.format(area=own)).status_code == 200


def test_the_page_stands_without_script(cases: None, realm: Realm) -> None:
    alert(realm, WENLING, "red")
    officer = browser(user_for("emergency@331081"))

    text = officer.get("/cockpit").content.decode()

    without = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert "温岭市" in without
    assert "红色" in without
    assert f'data-figure="{OVERDUE}"' in without
    assert f"/streams/{realm}/{WENLING}" in without


def test_the_page_and_its_polled_state_are_one(cases: None, realm: Realm) -> None:
    officer = browser(user_for("emergency@331081"))

    page = officer.get("/cockpit").content.decode()
    polled = officer.get("/cockpit/state.json").json()

    embedded = re.search(r'id="cockpit-state"[^>]*>(.*?)</script>', page, flags=re.DOTALL)
    assert embedded is not None
    assert json.loads(embedded[1]) == polled


def test_as_many_rows_stand_behind_a_figure_as_it_counts(cases: None, realm: Realm) -> None:
    one_task_late(WENLING)
    one_task_late(CANGNAN)
    leader = browser(user_for("emergency@33"))

    page = leader.get(f"/figures/{OVERDUE}").content.decode()

    assert '<div class="figure-value">2<small>' in page
    assert page.count('href="/tasks/') == 2
    assert "共 2 条" in page
    assert "应急管理 · 省级" in page


def test_the_export_of_a_figure_holds_the_readers_rows_only(cases: None, realm: Realm) -> None:
    for county in (WENLING, YUHUAN, CANGNAN):
        one_task_late(county)

    files = {
        code: _export(browser(user_for(f"emergency@{code}"))) for code in ("33", "3310", "331081")
    }

    assert {code: len(rows) for code, rows in files.items()} == {"33": 3, "3310": 2, "331081": 1}
    assert [row["地点"] for row in files["331081"]] == ["温岭市"]


def _export(client: Client) -> list[dict[str, str]]:
    answer = client.get(f"/figures/{OVERDUE}.csv")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(text)))


def test_a_line_that_does_not_lead_reads_the_figure_and_neither_its_rows_nor_its_file(
    cases: None, realm: Realm
) -> None:
    water = browser(user_for("water@331081"))

    accepted = "flood_response.receipt_rate"
    page, file = water.get(f"/figures/{accepted}"), water.get(f"/figures/{accepted}.csv")

    assert (page.status_code, file.status_code) == (200, 403)
    assert page.context["rows"] == []
    assert page.context["exports"] == []
    assert page.context["rows_note"]
    leads = browser(user_for("emergency@331081")).get(f"/figures/{accepted}")
    assert leads.context["rows"] != []


def test_names_behind_a_figure_are_masked_but_for_those_near(
    cases: None, realm: Realm, flood: Package
) -> None:
    household("H1", LIRUO, realm=realm)
    named = Indicator(
        id="flood_response.named", package="flood_response", title="t", meaning="m", unit="task",
        source="emergency@province",
        sql="with evidence as (select id, division_code, head_name"
        " from {{ dataset('flood_response.household') }}) select count(*) as value from evidence",
    )  # fmt: skip

    shown = {}
    for unit, post, area in (
        ("emergency@331081", "duty", WENLING),
        ("area@331081105229", "head", LIRUO),
    ):
        answer = decide(
            actor_for(user_for(unit, post), TODAY), "read",
            Thing(kind="figure", division_code=area), realm=realm, purpose="inspection",
        )  # fmt: skip
        rows = rows_within(answer.rows, area)
        found = evidence(named, realm=realm, rows=rows, now=EVENING)
        made = table(flood, named, found, answer, realm=realm, rows=rows, language="zh-CN")
        shown[unit] = (made.rows[0][0][1], made.masked)

    assert shown == {"emergency@331081": (MASKED, True), "area@331081105229": ("＊＊＊", False)}


def test_a_division_or_a_figure_that_does_not_exist_is_not_found(cases: None, realm: Realm) -> None:
    leader = browser(user_for("emergency@33"))

    found = [
        leader.get(address).status_code
        for address in ("/cockpit/330999000000", "/figures/flood_response.nothing", "/data/nothing")
    ]

    assert found == [404, 404, 404]


def test_a_browser_keeps_the_outlines_and_asks_whether_they_are_still_the_same(
    cases: None, realm: Realm
) -> None:
    leader = browser(user_for("emergency@33"))
    first = leader.get(f"/map/county.geojson?under={WENLING}")

    again = leader.get(
        f"/map/county.geojson?under={WENLING}", headers={"If-None-Match": first["ETag"]}
    )

    codes = [f["properties"]["code"] for f in json.loads(first.content)["features"]]
    assert codes == [WENLING]
    assert (again.status_code, again.content) == (304, b"")
    assert "private" in first["Cache-Control"]


RAW_KEY = re.compile(
    r"(?<![\w.{'/])(?:column|dataset|datasets|run|quarantine|apps|figure|state|level|light|unit|"
    r"orgs|list|cockpit|indicator|page|error)\.[a-z_][a-z_.-]*"
)
PAGES = (
    "/cockpit", f"/figures/{OVERDUE}", "/figures/flood_response.lead_hours", "/data",
    f"/data/{TRACK}", "/data/flood_response.county_exposure", "/apps",
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_word_of_these_pages_is_said(cases: None, realm: Realm, language: str) -> None:
    one_task_late(WENLING)
    alert(realm, WENLING, "red")
    leader = browser(user_for("emergency@33", language=language))

    unsaid = {}
    for address in PAGES:
        answer = leader.get(address)
        assert answer.status_code == 200, address
        text = re.sub(r"<(script|pre).*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
        unsaid[address] = RAW_KEY.findall(re.sub(r"<[^>]+>", " ", text))

    assert unsaid == {address: [] for address in PAGES}


HEADER = "track_id,season,basin,time,lon,lat,wind,slp\n"
GOOD = "T1,2026,WP,2026-08-01 00:00:00,122.0,27.0,85,950\n"
BAD = "T1,2026,WP,2026-08-01 06:00:00,122.0,127.0,85,950\n"


@pytest.fixture
def forecaster(province: Province, flood: Package) -> Iterator[Client]:
    """The source unit of the track, in the live realm."""
    return browser(user_for("meteorology@33"), LIVE)


def send(client: Client, text: str) -> Any:
    return client.post(
        f"/data/{TRACK}", {"file": SimpleUploadedFile("track.csv", text.encode())}, follow=True
    )


def test_a_batch_lands_and_what_breaks_the_contract_is_set_aside_with_its_reason(
    forecaster: Client,
) -> None:
    page = send(forecaster, HEADER + GOOD + BAD).content.decode()

    assert "已入库 1 行，隔离 1 行。" in page
    assert data.snapshot_count(TRACK, LIVE) == 1
    reasons = [fault.sentence("zh-CN") for q in data.quarantine(LIVE, TRACK) for fault in q.faults]
    assert len(reasons) == 1
    assert reasons[0].split("，")[0] in page


def test_the_same_file_sent_twice_lands_once(forecaster: Client) -> None:
    send(forecaster, HEADER + GOOD)

    send(forecaster, HEADER + GOOD)

    assert len(data.runs(LIVE, TRACK)) == 1


def test_a_file_of_another_kind_is_refused_by_its_own_name_and_nothing_lands(
    forecaster: Client,
) -> None:
    answer = send(forecaster, "a,b\n1,2\n")

    assert answer.status_code == 422
    assert "track.csv" in answer.content.decode()
    assert data.runs(LIVE, TRACK) == []


def test_sending_no_file_says_so(forecaster: Client) -> None:
    answer = forecaster.post(f"/data/{TRACK}")

    assert answer.status_code == 422
    assert "没有收到文件" in answer.content.decode()


def test_only_the_source_unit_lands_its_data(province: Province, flood: Package) -> None:
    before = refusals()

    answers = [
        send(browser(user_for(unit), LIVE), HEADER + GOOD).status_code
        for unit in ("emergency@33", "meteorology@3310", "water@331081")
    ]

    assert answers == [403, 403, 403]
    assert refusals() == before + 3
    assert data.runs(LIVE, TRACK) == []


def test_nothing_is_landed_in_an_exercise(forecaster: Client, realm: Realm) -> None:
    session = forecaster.session
    session["realm"] = realm
    session.save()

    answer = send(forecaster, HEADER + GOOD)

    assert answer.status_code == 409
    assert "请切换到实战" in answer.content.decode()
    assert data.runs(realm, TRACK) == []


def test_a_dataset_made_of_others_takes_no_file(forecaster: Client) -> None:
    derived = "flood_response.county_exposure"

    answer = forecaster.post(f"/data/{derived}", {"file": SimpleUploadedFile("x.csv", b"a\n1\n")})

    assert answer.status_code == 409
    assert data.runs(LIVE, derived) == []


def test_the_contract_is_handed_out_as_it_was_written(forecaster: Client, flood: Package) -> None:
    answer = forecaster.get(f"/data/{TRACK}/contract.yaml")

    assert answer.content == flood.documents["datasets/typhoon_track.yaml"].content


def test_every_figure_of_the_page_has_an_indicator(flood: Package) -> None:
    page = next(d.data for d in flood.each("pages") if d.data["kind"] == "cockpit")

    assert [id for id in page["figures"] if indicator(id) is None] == []
