"""What stands ready when an exercise begins: its realm and clock, its feed, its sample objects.

Replays and rehearsals begin alike; they differ in where their rows come from.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from guantong.audit import api as audit
from guantong.base.hashing import canonical, sha256
from guantong.base.ids import new_id
from guantong.base.models import Exercise
from guantong.base.realm import Realm, exercise
from guantong.data import api as data
from guantong.packages.package import Package
from guantong.registry import api as registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A row of a dataset, and when it becomes known."""

    dataset: str
    due_at: datetime
    row: Mapping[str, Any]


def number_of(text: str) -> int:
    """Return the number of the store's lock that stands for ``text``."""
    return int.from_bytes(sha256(text.encode())[:8], signed=True)


def open_exercise(
    package: Package,
    *,
    asked: str,
    title: str,
    at: datetime,
    begins_at: datetime,
    fill: Callable[[Realm], None],
) -> Realm:
    """Return the unfinished exercise of the same digest, or begin one and let ``fill`` fill it.

    Beginning is one transaction: the clock and all that ``fill`` writes, or nothing.
    """
    id = new_id()
    realm = exercise(id)
    with transaction.atomic():
        # Two commands at once begin one exercise: the second waits and finds it.
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [number_of(asked)])
        found = unfinished(package, asked)
        if found is not None:
            return found
        Exercise.objects.create(
            realm=realm, id=id, package=package.id, asked=asked, started_at=at,
            begins_at=begins_at, now_at=begins_at, title=title,
        )  # fmt: skip
        fill(realm)
    registry.recount()
    audit.recount()
    return realm


def unfinished(package: Package, asked: str) -> Realm | None:
    """Return the exercise of a digest that has not come to its end, if there is one."""
    row = Exercise.objects.filter(package=package.id, asked=asked, state="running").first()
    return None if row is None else Realm(row.realm)


def feed(realm: Realm, coming: Iterable[Coming]) -> None:
    """Write down what will become known, in the order given."""
    with (
        connection.cursor() as cursor,
        cursor.copy("copy packages_feed (realm, dataset, due_at, row, state) from stdin") as copy,
    ):
        for one in coming:
            text = canonical(dict(one.row)).decode()
            copy.write_row((realm, one.dataset, one.due_at, text, "waiting"))


def record_samples(realm: Realm, package: Package, types: Iterable[str], *, at: datetime) -> None:
    """Record the sample objects of these types."""
    for type_id in types:
        key = package.contracts[type_id].key[0]
        rows = _sample_rows(realm, package, type_id)
        registry.record(realm, type_id, _objects(key, rows), at=at, actor="exercise")


def _sample_rows(realm: Realm, package: Package, type_id: str) -> list[dict[str, Any]]:
    """Return the rows of a sample: the answer of its SQL, or those of its file."""
    path = f"samples/{type_id.split('.')[-1]}"
    sql = package.documents.get(f"{path}.sql")
    if sql is not None:
        rows: list[dict[str, Any]] = data.evaluate(sql.text, realm=realm).to_pylist()
        return rows
    batch = data.read_strict(package.source(f"{path}.csv"), package.contracts[type_id])
    return [dict(row.values) for row in batch.rows]


def _objects(key: str, rows: Iterable[Mapping[str, Any]]) -> Iterable[registry.NewObject]:
    for row in rows:
        body = {
            name: value
            for name, value in row.items()
            if name not in ("division_code", "lon", "lat")
        }
        yield registry.NewObject(
            key=row[key], division_code=row["division_code"], lon=row["lon"], lat=row["lat"],
            body=body,
        )  # fmt: skip
