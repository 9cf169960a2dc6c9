"""Bodies at rest: columns of class L3 and L4 stand in them as sealed values, each for itself.

Each value is bound to its type, its column and the key of its object, so that it opens nowhere
else. ``sealed_as`` of a row says under which key, and which columns: what is not as it should be
(rows of a store from before there was sealing, an older key, a column whose class was raised) is
found by an index and sealed anew, with a leaf for each object.
"""

from collections.abc import Mapping, Sequence

import orjson
from django.db import connection, transaction

from guantong.audit.api import Leaf, write
from guantong.base.clock import machine_now
from guantong.base.key_ring import FieldKey
from guantong.base.sealed_places import bring_sealed_place, table_exists
from guantong.base.sealing import is_sealed, ring, seal_under, unseal
from guantong.registry.object_type import ObjectType, object_types
from guantong.registry.witness import AFTER

# What a row of 0.1.0 is marked with: nobody has looked at it yet.
NOT_LOOKED_AT = "?"
_SYSTEM = "system:keys"


def mark(known: ObjectType, key: str) -> str:
    """Return how a row of this type is marked when it is sealed under ``key``."""
    return f"{key}:{','.join(known.sealed)}" if known.sealed else ""


def close(
    known: ObjectType, object_key: str, body: Mapping[str, object], under: FieldKey
) -> dict[str, object]:
    """Return ``body`` with its personal columns sealed; an empty one stays empty."""
    closed = dict(body)
    for name in known.sealed:
        value = closed.get(name)
        if value is not None:
            text = orjson.dumps(value, default=str).decode()
            closed[name] = seal_under(under, text, about=_about(known, name, object_key))
    return closed


def opened(
    known: ObjectType, object_key: str, body: dict[str, object], *, but: set[str]
) -> dict[str, object]:
    """Return ``body`` with its sealed columns open, except those that stay hidden anyway."""
    for name in known.sealed:
        value = body.get(name)
        if name not in but and isinstance(value, str) and is_sealed(value):
            body[name] = orjson.loads(unseal(value, about=_about(known, name, object_key)))
    return body


def seal_what_is_plain(*, batch: int = 500) -> int:
    """Seal the rows of a store from before there was sealing; return how many."""
    done, current = 0, ring().current
    for known in object_types():
        where = "type = %s and sealed_as = %s"
        while count := _reseal(known, current, where, [known.id, NOT_LOOKED_AT], batch):
            done += count
    return done


def holds_plain_rows() -> bool:
    """Say whether there is a row that nobody has looked at since sealing came."""
    return _exists("sealed_as = %s", [NOT_LOOKED_AT])


class ObjectBodies:
    """The sealed columns of all object types, for the change of keys."""

    name = "registry_object (body)"

    def any_sealed(self) -> bool:
        """Say whether one value is sealed."""
        return table_exists("registry_object") and _exists("sealed_as like %s", ["k%"])

    def keys_in_use(self) -> set[str]:
        """Return the keys of all rows."""
        if not table_exists("registry_object"):
            return set()
        with connection.cursor() as cursor:
            cursor.execute(
                "select distinct split_part(sealed_as, ':', 1) from registry_object"
                " where sealed_as like %s",
                ["k%"],
            )
            return {row[0] for row in cursor.fetchall()}

    def sealed_under(self, key: str) -> int:
        """Count the rows under ``key``."""
        return _count("sealed_as like %s", [f"{key}:%"])

    def waiting(self, key: str) -> int:
        """Count the rows of known types that are not as they would be written now."""
        return sum(_count(_OTHER, [t.id, mark(t, key)]) for t in object_types())

    def reseal(self, key: str, *, most: int) -> int:
        """Seal some of the waiting rows under ``key``."""
        for known in object_types():
            if count := _reseal(known, key, _OTHER, [known.id, mark(known, key)], most):
                return count
        return 0


_OTHER = "type = %s and sealed_as <> %s"

bring_sealed_place(ObjectBodies())


def _reseal(known: ObjectType, key: str, where: str, values: Sequence[str], most: int) -> int:
    under, at = ring().keys[key], machine_now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"select id, key, sealed_as, body::text from registry_object where {where}"  # noqa: S608
            " order by id limit %s for update",
            [*values, most],
        )
        rows = cursor.fetchall()
        fresh = []
        for _, object_key, marked, text in rows:
            whole = _as_marked(known, object_key, marked, orjson.loads(text))
            fresh.append(orjson.dumps(close(known, object_key, whole, under)).decode())
        cursor.execute(
            "with fresh as (select unnest(%s::uuid[]) as of, unnest(%s::text[]) as sealed)"  # noqa: S608
            " update registry_object set body = sealed::jsonb, sealed_as = %s from fresh"
            f" where id = of returning id, realm, {AFTER}::text",
            [[row[0] for row in rows], fresh, mark(known, key)],
        )
        write(
            Leaf(realm=realm, at=at, actor=_SYSTEM, act="reseal", kind="object", object_id=id,
                 body={"type": known.id, "after": orjson.loads(after)})
            for id, realm, after in cursor.fetchall()
        )  # fmt: skip
    return len(rows)


def _as_marked(
    known: ObjectType, object_key: str, marked: str, body: dict[str, object]
) -> dict[str, object]:
    # The row says which of its columns are sealed: their class may have been another one then.
    for name in filter(None, marked.partition(":")[2].split(",")):
        if isinstance(value := body.get(name), str):
            body[name] = orjson.loads(unseal(value, about=_about(known, name, object_key)))
    return body


def _about(known: ObjectType, column: str, object_key: str) -> str:
    return f"{known.id}.{column}:{object_key}"


def _count(where: str, values: Sequence[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from registry_object where {where}", list(values))  # noqa: S608
        return int(cursor.fetchone()[0])


def _exists(where: str, values: Sequence[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select exists (select from registry_object where {where})",  # noqa: S608
            list(values),
        )
        return bool(cursor.fetchone()[0])
