"""Personal columns at rest: sealed in the store, open to whoever may read them, and to no dump."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from django.db import connection
from tests.province import LIRUO, Province, household

from guantong.access.api import Rows
from guantong.audit.models import LeafRow
from guantong.base import key_ring, resealing
from guantong.base.realm import LIVE
from guantong.base.sealing import SealBroken, is_sealed
from guantong.packages.api import Package
from guantong.registry import object_type as declared
from guantong.registry.api import (
    NewObject,
    dataset_sql,
    holds_plain_rows,
    object_by_id,
    object_type,
    objects,
    record,
    seal_what_is_plain,
)
from guantong.registry.models import RegistryObject
from guantong.registry.object_type import MASK, Column
from guantong.registry.witness import WITNESS

pytestmark = pytest.mark.django_db
HOUSEHOLD = "flood_response.household"
ALL = Rows(everything=True)
AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
NAME, ADDRESS = "林某01", "某村1号"


@pytest.fixture(autouse=True)
def world(
    province: Province, flood: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Province:
    monkeypatch.setenv("GUANTONG_FIELD_KEYS_FILE", str(tmp_path / "field_keys.json"))
    key_ring.forget()
    return province


def store_text() -> str:
    """Everything the store holds of objects and of the log, as a dump would show it."""
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(o::text, '') from registry_object o")
        rows = str(cursor.fetchone()[0])
        cursor.execute("select string_agg(convert_from(encoded, 'UTF8'), '') from audit_leaf")
        return rows + str(cursor.fetchone()[0])


def strayed() -> list[str]:
    """Keys of the objects that do not stand as their last leaf says: what an audit compares."""
    with connection.cursor() as cursor:
        cursor.execute(WITNESS.sql)
        now = {id: orjson.loads(after) for id, after in cursor.fetchall()}
    told = {
        leaf.object_id: orjson.loads(bytes(leaf.encoded))["body"]["after"]
        for leaf in LeafRow.objects.filter(kind="object").order_by("id")
    }
    return [after["key"] for id, after in now.items() if told[id] != after]


def test_the_store_holds_no_name_and_no_address() -> None:
    id = household("HH1")

    text = store_text()

    assert NAME not in text
    assert ADDRESS not in text
    assert "HH1" in text, "what is not personal stays readable"
    whole = object_by_id(id)
    assert whole is not None
    assert (whole.body["head_name"], whole.body["address"]) == (NAME, ADDRESS)


def test_a_masked_column_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    household("HH1")
    monkeypatch.setattr("guantong.registry.sealed.unseal", lambda *_, **__: 1 / 0)

    (seen,) = objects(LIVE, HOUSEHOLD, rows=ALL, masks=("L3", "L4"))

    assert seen.body["head_name"] == MASK


def test_a_name_moved_to_another_household_does_not_open_there() -> None:
    household("HH1")
    other = household("HH2")
    with connection.cursor() as cursor:
        cursor.execute(
            "update registry_object set body = jsonb_set(body, '{head_name}',"
            " (select body -> 'head_name' from registry_object where key = 'HH1'))"
            " where key = 'HH2'"
        )

    with pytest.raises(SealBroken):
        object_by_id(other)

    assert strayed() == ["HH2"]


def test_a_statement_of_a_package_sees_that_a_name_is_there_but_never_which() -> None:
    household("HH1")
    body = {"household_no": "HH2", "head_name": None, "persons": 1}
    record(
        LIVE, HOUSEHOLD,
        [NewObject(key="HH2", division_code=LIRUO, lon=None, lat=None, body=body)],
        at=AT, actor="test",
    )  # fmt: skip

    with connection.cursor() as cursor:
        cursor.execute(
            f"select head_name, persons from ({dataset_sql(object_type(HOUSEHOLD))}) as o"
            " order by household_no",
            {"realm": LIVE},
        )
        assert cursor.fetchall() == [(MASK, 3), (None, 1)]


def test_values_that_are_no_text_come_back_as_what_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds = {"n": "integer", "w": "number", "b": "boolean", "s": "string"}
    columns = {n: Column(name=n, type=k, classification="L4") for n, k in kinds.items()}
    type = replace(object_type(HOUSEHOLD), id="t.secret", columns=columns)
    monkeypatch.setitem(declared._types, "t.secret", type)
    body = {"n": 3, "w": 1.5, "b": False, "s": "甲"}

    record(
        LIVE, "t.secret", [NewObject(key="A", division_code=LIRUO, lon=None, lat=None, body=body)],
        at=AT, actor="test",
    )  # fmt: skip

    (seen,) = objects(LIVE, "t.secret", rows=ALL)
    assert seen.body == body
    stored = RegistryObject.objects.get(type="t.secret").body
    assert all(is_sealed(value) for value in stored.values())
    with connection.cursor() as cursor:
        cursor.execute(dataset_sql(type), {"realm": LIVE})
        assert cursor.fetchone()[4:] == (None, None, None, MASK)


def test_a_change_of_keys_seals_households_anew_with_a_leaf_for_each() -> None:
    ids = [household(f"HH{n}") for n in range(3)]
    before = RegistryObject.objects.get(key="HH0").body["head_name"]

    fresh = resealing.rotate("sm4-gcm", at=AT)
    done = resealing.reseal(batch=2)

    rows = list(RegistryObject.objects.filter(type=HOUSEHOLD))
    assert done == 3
    assert {row.sealed_as for row in rows} == {f"{fresh.id}:address,head_name"}
    assert before != RegistryObject.objects.get(key="HH0").body["head_name"]
    assert [getattr(object_by_id(id), "body", {})["head_name"] for id in ids] == [NAME] * 3
    leaves = [bytes(leaf.encoded).decode() for leaf in LeafRow.objects.filter(kind="object")]
    assert sum('"act":"reseal"' in leaf for leaf in leaves) == 3
    assert strayed() == []
    assert resealing.waiting() == 0


def plain_row(key: str) -> None:
    """A household as release 0.1.0 wrote it: plain, and with the leaf of a plain body."""
    household(key)
    with connection.cursor() as cursor:
        cursor.execute(
            "update registry_object set sealed_as = '?',"
            " body = body || jsonb_build_object('head_name', %s, 'address', %s) where key = %s",
            [NAME, ADDRESS, key],
        )


def test_rows_of_a_store_from_before_are_sealed_and_the_log_agrees() -> None:
    plain_row("OLD1")
    plain_row("OLD2")
    household("NEW")
    assert holds_plain_rows()
    (seen, *_) = objects(LIVE, HOUSEHOLD, rows=ALL, keys=["OLD1"])
    assert seen.body["head_name"] == NAME, "until then they are read as they are"

    assert seal_what_is_plain(batch=1) == 2

    assert not holds_plain_rows()
    assert NAME not in store_text()
    assert seal_what_is_plain() == 0
    assert strayed() == []
    assert {o.body["head_name"] for o in objects(LIVE, HOUSEHOLD, rows=ALL)} == {NAME}


def test_a_column_whose_class_was_raised_is_sealed_with_the_next_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    household("HH1")
    known = object_type(HOUSEHOLD)
    helper = replace(known.columns["helper_name"], classification="L3")
    raised = replace(known, columns={**known.columns, "helper_name": helper})
    monkeypatch.setitem(declared._types, HOUSEHOLD, raised)

    assert resealing.waiting() == 1
    assert resealing.reseal() == 1

    assert "陈某02" not in store_text()
    assert [o.body["helper_name"] for o in objects(LIVE, HOUSEHOLD, rows=ALL)] == ["陈某02"]


def test_a_column_whose_class_was_lowered_opens_again(monkeypatch: pytest.MonkeyPatch) -> None:
    household("HH1")
    known = object_type(HOUSEHOLD)
    address = replace(known.columns["address"], classification="L2")
    monkeypatch.setitem(
        declared._types,
        HOUSEHOLD,
        replace(known, columns={**known.columns, "address": address}),
    )

    assert resealing.reseal() == 1

    assert RegistryObject.objects.get(key="HH1").body["address"] == ADDRESS
