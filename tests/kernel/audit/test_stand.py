"""How records stand by their last leaf, and that finding out costs little whatever is believed."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.province import EVENING

from guantong.audit import api as audit
from guantong.audit import stand
from guantong.audit.leaf import Leaf
from guantong.base.ids import new_id
from guantong.base.realm import LIVE

pytestmark = pytest.mark.django_db

RECORDS = 400
# Rows that any step may handle for each leaf. A loop over all within all handles hundreds.
MOST_EACH = 12


def leave(of: UUID, **body: object) -> None:
    leaf = Leaf(
        realm=LIVE, at=EVENING, actor="person:1", act="raise", kind="flag", object_id=of, body=body
    )
    audit.write([leaf])


def stands() -> dict[UUID, object]:
    with connection.cursor() as cursor:
        stand.gather(cursor)
        cursor.execute("select object_id, after::text from audit_stand where kind = 'flag'")
        return {id: json.loads(after) if after else None for id, after in cursor.fetchall()}


@pytest.mark.parametrize("placed", [0, 1, 2, 3])
def test_a_record_stands_as_the_last_leaf_that_told_its_state_says(placed: int) -> None:
    plain, later, never = new_id(), new_id(), new_id()
    for n in range(3):
        leave(plain, after={"n": n})
        # The word occurs, but what it says is not the state of the record.
        leave(later, **({"after": {"n": n}} if n < 2 else {"told": {"after": 7}}))
        leave(never, told={"after": n})
        if n < placed:
            audit.sequence()

    found = stands()

    assert found == {plain: {"n": 2}, later: {"n": 1}, never: None}


def test_a_leaf_that_waits_comes_after_every_leaf_that_has_its_place() -> None:
    record = new_id()
    leave(record, after={"n": 1})
    audit.sequence()
    leave(record, after={"n": 2})
    leave(record, after={"n": 3})

    assert stands() == {record: {"n": 3}}


class Counting:
    """A cursor that lets the store tell, for each query, how many rows its plan handled."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self.most = 0

    def execute(self, queries: str) -> None:
        for query in queries.split(";"):
            if not query.strip().startswith(("create", "update", "with")):
                self._cursor.execute(query)
                continue
            self._cursor.execute(f"explain (analyze, format json) {query}")
            told = self._cursor.fetchone()[0]
            plan = json.loads(told) if isinstance(told, str) else told
            self.most = max(self.most, _handled(plan[0]["Plan"]))

    def fetchone(self) -> Any:
        return self._cursor.fetchone()


def _handled(node: dict[str, Any]) -> int:
    names = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    own = sum(node.get(name, 0) for name in names) * node["Actual Loops"]
    return max(int(own), *(_handled(inner) for inner in node.get("Plans", ())), 0)


def believe(table: str, *, rows: int) -> None:
    """Let the store take a table for one of few rows in many pages, as after a purge."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_restore_relation_stats('schemaname', 'public', 'relname', %s::text,"
            " 'relpages', 1000, 'reltuples', %s::real)",
            [table, rows],
        )


@pytest.mark.parametrize("doubtful", [0, RECORDS], ids=["sound", "in doubt"])
def test_no_step_loops_over_all_within_all_whatever_the_store_believes(doubtful: int) -> None:
    records = [new_id() for _ in range(RECORDS)]
    for n in range(2):
        for record in records:
            leave(record, after={"n": n})
    for record in records[: doubtful // 2]:
        leave(record, told={"after": 7})
    audit.sequence()
    for record in records[doubtful // 2 : doubtful]:
        leave(record, told={"after": 7})
    with connection.cursor() as cursor:
        cursor.execute("select relid::text from pg_partition_tree('audit_leaf') where isleaf")
        for (table,) in cursor.fetchall():
            believe(table, rows=1)
        counting = Counting(cursor)

        stand.gather(counting)

        cursor.execute("select count(*) from audit_stand where after ->> 'n' = '1'")
        assert cursor.fetchone() == (RECORDS,)
    assert 0 < counting.most <= MOST_EACH * RECORDS


def test_a_witness_that_joins_tables_is_compared_without_a_loop_over_all_within_all() -> None:
    with connection.cursor() as cursor:
        for table in ("one", "other"):
            cursor.execute(
                f"create table {table} as select gen_random_uuid() as id, n"
                f" from generate_series(1, {RECORDS}) n"
            )
            believe(table, rows=1)
        counting = Counting(cursor)
        stand.gather(counting)
        cursor.execute("select count(*) from audit_stand")
        assert cursor.fetchone() == (0,)

        counting.execute(
            stand.differences(
                "select one.id, to_jsonb(one.n) as after from one join other on other.n = one.n"
            )
            .replace("%(kind)s", "'flag'")
            .strip()
        )

    assert RECORDS <= counting.most <= MOST_EACH * RECORDS
