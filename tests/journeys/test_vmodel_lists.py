"""What the V-model's pages answer by themselves: states of the live province, files, gaps."""

import copy
import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.journeys.work_story import officer, text_of
from tests.province import household

from guantong.base.ids import new_id
from guantong.base.realm import LIVE, Realm
from guantong.data.models import Run
from guantong.packages.api import Document, Package, examine
from guantong.portal import views_vmodel

pytestmark = pytest.mark.django_db

PATH = "/apps/flood_response/vmodel"
WATER = "water@331081"  # another line than the one that leads
NOON = datetime(2026, 6, 20, 4, tzinfo=UTC)


def landed(dataset: str, rows: int) -> None:
    """Let a batch of a dataset have landed in the live province."""
    Run.objects.create(
        id=new_id(), realm=LIVE, dataset=dataset, contract_version="1.0.0", batch_key=str(new_id()),
        state="landed", rows_good=rows, rows_bad=0, inputs={}, asked_by="person:x",
        started_at=NOON, landed_at=NOON,
    )  # fmt: skip


@pytest.fixture
def reader(province: Any, flood: Package) -> Client:
    return officer(WATER, "duty")


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def exports() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from audit_leaf where convert_from(encoded, 'UTF8') like %s",
            ['%"act":"export"%'],
        )
        return int(cursor.fetchone()[0])


def test_the_demand_list_tells_what_has_landed_in_the_live_province(reader: Client) -> None:
    before = {
        (r["数据集编号"], r["最小单元"]): r for r in rows_of(reader.get(f"{PATH}/demand.csv"))
    }
    landed("flood_response.typhoon_track", 5)
    landed("flood_response.typhoon_track", 7)

    after = {(r["数据集编号"], r["最小单元"]): r for r in rows_of(reader.get(f"{PATH}/demand.csv"))}

    key = ("flood_response.typhoon_track", "1.1 推算各县受影响程度")
    assert before[key]["状态"] == "已找到，尚无数据"
    assert (after[key]["状态"], after[key]["已归集行数"]) == ("已找到，已归集", "12")
    assert after[key]["最近归集"] == "2026年6月20日 12:00"
    assert {k: r["状态"] for k, r in before.items() if k != key} == {
        k: r["状态"] for k, r in after.items() if k != key
    }


def test_objects_count_when_they_are_recorded_live_and_not_in_an_exercise(
    reader: Client, realm: Realm
) -> None:
    household("HH33108110522999", realm=realm)
    rehearsed = [r["状态"] for r in rows_of(reader.get(f"{PATH}/demand.csv"))]
    household("HH33108110522999")

    (counted,) = (
        r
        for r in rows_of(reader.get(f"{PATH}/demand.csv"))
        if r["最小单元"] == "5.4 清点转移人数" and r["数据集"] == "应转移户"
    )

    assert "已找到，已归集" not in rehearsed
    assert (counted["状态"], counted["已归集行数"]) == ("已找到，已归集", "1")
    assert counted["最近归集"] == "2019年8月9日 20:00"


@pytest.mark.parametrize(
    ("sheet", "rows"), [("units", 39), ("cooperation", 60), ("sharing", 185), ("demand", 34)]
)
def test_each_table_can_be_taken_away_and_the_log_says_who_did(
    reader: Client, sheet: str, rows: int
) -> None:
    before = exports()

    found = rows_of(reader.get(f"{PATH}/{sheet}.csv"))

    assert len(found) == rows
    assert exports() == before + 1


@pytest.mark.parametrize(
    "address",
    [
        "/apps/nowhere/vmodel",
        f"{PATH}/picture.csv",
        "/apps/flood_response/flows/nowhere",
        "/apps/flood_response/flows/nowhere.bpmn",
    ],
)
def test_what_is_not_there_is_not_found(reader: Client, address: str) -> None:
    assert reader.get(address).status_code == 404


def test_an_application_without_a_v_model_says_what_to_do(
    reader: Client, flood: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = flood.changed("vmodel.yaml", None)
    monkeypatch.setattr(views_vmodel, "find_package", lambda *_: bare)

    answer = reader.get(PATH)
    process = reader.get("/apps/flood_response/flows/county_response")

    assert "写 vmodel.yaml" in text_of(answer)
    assert reader.get(f"{PATH}/demand.csv").status_code == 404
    assert process.status_code == 200
    assert "提出应急响应等级" in text_of(process)


def test_a_unit_that_lacks_something_says_so_in_its_row(
    reader: Client, flood: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = flood.documents["vmodel.yaml"]
    said = {**document.data, "goals": document.data["goals"][1:]}
    cut = flood.changed(document.path, Document(document.path, document.kind, b"", said))
    monkeypatch.setattr(views_vmodel, "find_package", lambda *_: cut)

    page = text_of(reader.get(f"{PATH}?show=units"))

    assert "所属任务的目标 early 不存在" in page
    assert "最小单元要素齐全 29 / 39" in page


def test_data_that_do_not_exist_are_asked_for_first_and_say_what_for(
    reader: Client, flood: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = flood.documents["vmodel.yaml"]
    wish = {
        "wanted": "gate_state", "title": "unit.propose_level", "fields": ["gate_id"],
        "classification": "L2", "source": "water@county",
        "purpose": {"zh": "知道闸门开了多少", "en": "To know how far a gate is open"},
    }  # fmt: skip
    said = copy.deepcopy(document.data)
    said["tasks"][0]["units"][0]["needs"].append(wish)
    nameless = copy.deepcopy(said)
    nameless["tasks"][0]["units"][0]["needs"][-1]["title"] = "wanted.nothing"
    wishing = flood.changed(document.path, Document(document.path, document.kind, b"", said))
    monkeypatch.setattr(views_vmodel, "find_package", lambda *_: wishing)

    shown = text_of(reader.get(f"{PATH}?show=demand"))
    first = rows_of(reader.get(f"{PATH}/demand.csv"))
    (row,) = [one for one in first if one["数据集编号"] == "gate_state"]

    assert (
        shown.index("尚不存在") < shown.index("用途：知道闸门开了多少") < shown.rindex("须申请共享")
    )
    assert (row["状态"], row["用途"]) == ("尚不存在", "知道闸门开了多少")
    assert "数据 gate_state 尚不存在" in text_of(reader.get(f"{PATH}?show=units"))
    assert reader.get(PATH).status_code == 200
    unnamed = flood.changed(document.path, Document(document.path, document.kind, b"", nameless))
    errors = [f for f in examine(unnamed, province=None) if f.level == "error"]
    assert {(f.check, f.facts["key"]) for f in errors} == {("words", "wanted.nothing")}


def test_an_address_with_words_nobody_offers_shows_everything(reader: Client) -> None:
    strange = text_of(reader.get(f"{PATH}?show=sharing&choose=nothing"))

    assert text_of(reader.get(f"{PATH}?show=everything")) != strange
    assert "head_name (L3)" in strange
