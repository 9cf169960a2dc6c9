"""Reading objects, cut to the rows a reader may see and masked where he has no need.

What is sealed in the store is opened here, and only for whom it is not masked anyway.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from guantong.access.api import Rows
from guantong.base.realm import Realm
from guantong.registry.object_type import MASK, object_type
from guantong.registry.sealed import opened


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectView:
    """One object as a reader sees it; ``masked`` names the columns that were hidden."""

    id: UUID
    realm: str
    type: str
    key: str
    division_code: str
    lon: float | None
    lat: float | None
    body: dict[str, Any]
    masked: tuple[str, ...] = ()


def totals(realm: Realm) -> dict[str, tuple[int, datetime | None]]:
    """Return how many objects of each type are recorded, and when the last one was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select type, count(*), max(recorded_at) from registry_object where realm = %s"
            " group by type",
            [realm],
        )
        return {type: (count, at) for type, count, at in cursor.fetchall()}


def objects(
    realm: Realm,
    type_id: str,
    *,
    rows: Rows,
    masks: Collection[str] = (),
    under: str = "",
    ids: Collection[UUID] | None = None,
    keys: Collection[str] | None = None,
    most: int = 100_000,
) -> list[ObjectView]:
    """Objects of a type in the order of their keys, of the division prefix ``under``."""
    where, values = rows.sql("division_code")
    if ids is not None:
        where, values = f"({where}) and id = any(%s)", [*values, list(ids)]
    if keys is not None:
        where, values = f"({where}) and key = any(%s)", [*values, list(keys)]
    hidden = {c.name for c in object_type(type_id).columns.values() if c.classification in masks}
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, realm, type, key, division_code, lon, lat, body::text from registry_object"  # noqa: S608
            f" where realm = %s and type = %s and division_code like %s and ({where})"
            " order by key limit %s",
            [realm, type_id, f"{under}%", *values, most],
        )
        return [_view(row, hidden) for row in cursor.fetchall()]


def object_by_id(id: UUID) -> ObjectView | None:
    """Return one object unmasked, for whoever decides whether it may be seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, realm, type, key, division_code, lon, lat, body::text"
            " from registry_object where id = %s",
            [id],
        )
        row = cursor.fetchone()
    return None if row is None else _view(row, set())


def mask(view: ObjectView, masks: Collection[str]) -> ObjectView:
    """Return ``view`` with the columns of those classes hidden."""
    hidden = {c.name for c in object_type(view.type).columns.values() if c.classification in masks}
    return _masked(view, hidden)


def _view(row: tuple[Any, ...], hidden: set[str]) -> ObjectView:
    id, realm, type_id, key, division_code, lon, lat, body = row
    return _masked(
        ObjectView(
            id=id, realm=realm, type=type_id, key=key, division_code=division_code, lon=lon,
            lat=lat, body=opened(object_type(type_id), key, orjson.loads(body), but=hidden),
        ),
        hidden,
    )  # fmt: skip


def _masked(view: ObjectView, hidden: set[str]) -> ObjectView:
    if not hidden:
        return view
    body = {k: MASK if k in hidden and v is not None else v for k, v in view.body.items()}
    return ObjectView(
        id=view.id, realm=view.realm, type=view.type, key=view.key,
        division_code=view.division_code, lon=view.lon, lat=view.lat, body=body,
        masked=tuple(sorted(hidden & body.keys())),
    )  # fmt: skip
