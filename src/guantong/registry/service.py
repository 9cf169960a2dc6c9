"""Recording objects: many at once, the second time without effect."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from django.db import connection, transaction

from guantong.audit.api import Leaf, write
from guantong.base.ids import new_id
from guantong.base.realm import Realm
from guantong.base.sealing import ring
from guantong.registry.object_type import object_type
from guantong.registry.sealed import close, mark
from guantong.registry.witness import AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class NewObject:
    """An object to record. ``body`` follows the contract of its type."""

    key: str
    division_code: str
    lon: float | None
    lat: float | None
    body: Mapping[str, object]


def record(
    realm: Realm, type_id: str, objects: Iterable[NewObject], *, at: datetime, actor: str
) -> int:
    """Record objects whose key is not known yet; return how many were new.

    Personal columns are sealed before anything goes to the store; without a key nothing goes there.
    """
    known, under = object_type(type_id), ring().key
    marked = mark(known, under.id)
    rows = [
        (new_id(), realm, type_id, o.key, o.division_code, o.lon, o.lat,
         orjson.dumps(close(known, o.key, o.body, under)).decode(), at, at, marked)
        for o in objects
    ]  # fmt: skip
    columns = (
        "id, realm, type, key, division_code, lon, lat, body, valid_from, recorded_at, sealed_as"
    )
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute("create temporary table incoming (like registry_object) on commit drop")
        with cursor.copy(f"copy incoming ({columns}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"insert into registry_object ({columns}) select {columns} from incoming"  # noqa: S608
            f" on conflict (realm, type, key) do nothing returning id, {AFTER}::text"
        )
        made: list[tuple[UUID, str]] = cursor.fetchall()
        cursor.execute("drop table incoming")
        write(
            Leaf(realm=realm, at=at, actor=actor, act="record", kind="object", object_id=id,
                 body={"type": type_id, "after": orjson.loads(after)})
            for id, after in made
        )  # fmt: skip
    return len(made)


def recount() -> None:
    """Let the store count the objects anew, after many have come at once."""
    with connection.cursor() as cursor:
        cursor.execute("analyze registry_object")
