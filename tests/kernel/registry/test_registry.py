"""One object, one file: recorded once, read cut to the reader, masked where there is no need."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from tests.province import DONGXING, EVENING, LIRUO, Province, household

from guantong.access.api import Rows, roles_of
from guantong.audit.models import LeafRow
from guantong.base.realm import LIVE, Realm
from guantong.packages.api import Package
from guantong.registry import object_type as object_type_module
from guantong.registry.api import (
    Column,
    NewObject,
    ObjectType,
    dataset_sql,
    mask,
    object_by_id,
    object_type,
    object_types,
    objects,
    record,
)
from guantong.registry.models import RegistryObject
from guantong.registry.queries import MASK

pytestmark = pytest.mark.django_db
HOUSEHOLD = "flood_response.household"
ALL = Rows(everything=True)


@pytest.fixture
def world(province: Province, flood: Package) -> Province:
    return province


def new(key: str, village: str = LIRUO, persons: int = 3) -> NewObject:
    return NewObject(key=key, division_code=village, lon=121.6, lat=28.3, body={"persons": persons})


def put(*given: NewObject, realm: Realm = LIVE) -> int:
    return record(realm, HOUSEHOLD, given, at=EVENING, actor="test")


def test_objects_recorded_twice_are_recorded_once(world: Province) -> None:
    first = put(new("A"), new("B"))
    before = list(RegistryObject.objects.order_by("key").values())
    leaves = LeafRow.objects.filter(kind="object").count()

    again = record(
        LIVE, HOUSEHOLD, [new("A", persons=9), new("B"), new("C")],
        at=EVENING + timedelta(hours=1), actor="test",
    )  # fmt: skip

    assert (first, again) == (2, 1)
    assert list(RegistryObject.objects.order_by("key").values())[:2] == before
    assert leaves == 2
    assert LeafRow.objects.filter(kind="object").count() == 3


def test_a_key_given_twice_in_one_call_is_one_object(world: Province) -> None:
    assert put(new("A"), new("A")) == 1


def test_nothing_to_record_is_nothing(world: Province) -> None:
    assert put() == 0


def test_the_same_key_in_an_exercise_is_another_object(world: Province, realm: Realm) -> None:
    assert (put(new("A")), put(new("A"), realm=realm)) == (1, 1)
    assert [o.realm for o in objects(realm, HOUSEHOLD, rows=ALL)] == [realm]


def test_the_log_holds_no_personal_data(world: Province) -> None:
    household("HH1")

    (leaf,) = LeafRow.objects.filter(kind="object")
    text = bytes(leaf.encoded).decode()
    assert "HH1" in text
    assert "林某01" not in text
    assert "某村1号" not in text


def test_objects_are_read_in_the_order_of_their_keys_and_cut_to_the_reader(world: Province) -> None:
    put(new("B"), new("A"), new("C", DONGXING))

    everything = objects(LIVE, HOUSEHOLD, rows=ALL)
    own = objects(LIVE, HOUSEHOLD, rows=Rows(prefixes=(LIRUO,)))
    under = objects(LIVE, HOUSEHOLD, rows=ALL, under=DONGXING)

    assert [o.key for o in everything] == ["A", "B", "C"]
    assert [o.key for o in own] == ["A", "B"]
    assert [o.key for o in under] == ["C"]
    assert objects(LIVE, HOUSEHOLD, rows=Rows()) == []
    assert [o.key for o in objects(LIVE, HOUSEHOLD, rows=ALL, ids=[everything[2].id])] == ["C"]
    assert len(objects(LIVE, HOUSEHOLD, rows=ALL, most=2)) == 2


def test_who_has_no_need_sees_neither_name_nor_address(world: Province) -> None:
    household("HH1")

    (seen,) = objects(LIVE, HOUSEHOLD, rows=ALL, masks=("L3", "L4"))

    assert (seen.body["head_name"], seen.body["address"]) == (MASK, MASK)
    assert seen.body["persons"] == 3
    assert seen.masked == ("address", "head_name")


def test_one_object_is_masked_like_a_list_of_them(world: Province) -> None:
    id = household("HH1")
    whole = object_by_id(id)
    assert whole is not None
    assert whole.body["head_name"] == "林某01"

    (listed,) = objects(LIVE, HOUSEHOLD, rows=ALL, masks=("L3",))

    assert mask(whole, ("L3",)) == listed
    assert mask(whole, ()) == whole


def test_what_is_empty_is_not_shown_as_hidden_text(world: Province) -> None:
    body = {"head_name": None, "persons": 1}
    put(NewObject(key="A", division_code=LIRUO, lon=None, lat=None, body=body))

    (seen,) = objects(LIVE, HOUSEHOLD, rows=ALL, masks=("L3",))

    assert seen.body["head_name"] is None
    assert (seen.lon, seen.lat) == (None, None)


def test_an_object_that_is_not_there_is_nothing(world: Province) -> None:
    household("HH1")

    assert object_by_id(UUID(int=1)) is None


def test_the_types_of_the_application_are_known_and_say_who_reads_them(world: Province) -> None:
    known = {type.id for type in object_types()}

    assert {HOUSEHOLD, "flood_response.shelter"} <= known
    held_by = {str(by) for role in roles_of("flood_response") for by in role.held_by}
    assert held_by >= {"emergency@county", "civil_affairs@township"}
    assert object_type(HOUSEHOLD).invented
    assert object_type(HOUSEHOLD).key == "household_no"


def test_columns_of_a_type_read_as_what_they_are(
    world: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = {"n": "integer", "w": "number", "b": "boolean", "s": "string", "lon": "number"}
    columns = {name: Column(name=name, type=kind) for name, kind in kinds.items()}
    type = ObjectType(id="t.x", package="t", title="t", key="k", columns=columns)
    monkeypatch.setitem(object_type_module._types, type.id, type)
    body = {"n": 3, "w": 1.5, "b": False, "s": "a"}
    record(
        LIVE,
        "t.x",
        [NewObject(key="A", division_code=LIRUO, lon=1.0, lat=2.0, body=body)],
        at=EVENING,
        actor="t",
    )

    with connection.cursor() as cursor:
        cursor.execute(dataset_sql(type), {"realm": LIVE})
        names = [column.name for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True))

    assert names.count("lon") == 1
    assert (row["n"], row["w"], row["b"], row["s"], row["lon"]) == (3, 1.5, False, "a", 1.0)
