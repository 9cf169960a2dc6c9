"""A store of release 0.1.0 keeps its log: its chain becomes the first leaves of the tree."""

import hashlib
import importlib
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.province import EVENING

from guantong.audit import api as audit
from guantong.audit import ledger
from guantong.audit.leaf import Leaf, encode
from guantong.audit.models import LeafRow
from guantong.base.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)

carry_over = importlib.import_module("guantong.audit.migrations.0002_merkle_tree").carry_over

# The tables as 0001_initial made them, under the name the migration gives them.
BEFORE = """
    create temporary table audit_leaf_before (
        id uuid primary key, realm text not null, kind text not null, object_id uuid,
        encoded bytea not null, leaf_hash bytea not null, seq bigint
    );
    create temporary table audit_entry (
        seq bigint primary key, leaf_id uuid not null unique, leaf_hash bytea not null,
        chain_hash bytea not null
    );
"""


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Any) -> None:
    settings.KEYS, settings.HEADS = tmp_path / "keys", tmp_path / "heads"


def id_of(at: datetime) -> UUID:
    """Return a UUIDv7 of that moment."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | new_id().int & ((1 << 80) - 1))


@pytest.fixture
def chained(transactional_db: None) -> Any:
    """300 leaves in the chain, of two months, and three that wait."""
    with connection.cursor() as cursor:
        cursor.execute(BEFORE)
        chain = bytes(32)
        for n in range(1, 304):
            at = datetime(2026, 9 if n < 200 else 10, 5, tzinfo=UTC)
            # One leaf of September committed in October.
            id = id_of(datetime(2026, 9, 30, tzinfo=UTC) if n == 250 else at)
            leaf = Leaf(
                realm="live", at=EVENING, actor="system", act="make", kind="flag", object_id=id,
                body={"n": n},
            )  # fmt: skip
            encoded = encode(id, leaf)
            digest = hashlib.sha256(b"\0" + encoded).digest()
            placed = n <= 300
            cursor.execute(
                "insert into audit_leaf_before values (%s, 'live', 'flag', %s, %s, %s, %s)",
                [id, id, encoded, digest, n if placed else None],
            )
            if placed:
                chain = hashlib.sha256(b"\1" + chain + digest).digest()
                cursor.execute(
                    "insert into audit_entry values (%s, %s, %s, %s)", [n, id, digest, chain]
                )
    yield chain
    with connection.cursor() as cursor:
        cursor.execute("drop table audit_leaf_before, audit_entry")
        for month in ledger.months(cursor):
            if month < ledger.month_of(datetime(2026, 11, 1, tzinfo=UTC)):
                cursor.execute(f"drop table {ledger.table_of(month)}")


def carry() -> None:
    from django.db import transaction

    with transaction.atomic():
        carry_over(None, SimpleNamespace(connection=connection))


def last_told() -> dict[str, Any]:
    told = LeafRow.objects.filter(kind="log").get()
    body: dict[str, Any] = json.loads(bytes(told.encoded))["body"]
    return body


def test_every_leaf_keeps_its_place_and_the_log_goes_on_from_there(chained: bytes) -> None:
    carry()
    while audit.sequence():
        pass

    report = audit.check()
    assert report.faults == ()
    assert (report.entries, report.waiting) == (304, 0)  # three that waited, and one of the move
    told = LeafRow.objects.exclude(kind="log").order_by("seq").values_list("encoded", flat=True)
    numbers = [json.loads(bytes(encoded))["body"]["n"] for encoded in told]
    assert numbers[:300] == list(range(1, 301))
    assert set(numbers[300:]) == {301, 302, 303}


def test_a_log_whose_move_was_killed_before_its_first_head_is_signed_afterwards(
    chained: bytes,
) -> None:
    carry()
    while audit.sequence():
        pass
    with connection.cursor() as cursor:
        cursor.execute("delete from audit_head")
    unsigned = {fault.code for fault in audit.check().faults}

    audit.sign_unsigned()
    audit.sign_unsigned()  # the second time there is nothing to sign

    assert unsigned == {"head-missing"}
    assert audit.check().faults == ()


def test_the_head_of_the_old_chain_can_be_found_in_the_log(chained: bytes) -> None:
    carry()

    assert last_told() == {"chain_head": chained.hex(), "chain_holds": True, "entries": 300}


def test_no_month_begins_before_the_one_before_has_ended(chained: bytes) -> None:
    carry()

    with connection.cursor() as cursor:
        cursor.execute(
            "select month::text, min(seq), max(seq) from audit_leaf where month is not null"
            " group by month order by month"
        )
        assert cursor.fetchall() == [("2026-09-01", 1, 199), ("2026-10-01", 200, 300)]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("update audit_leaf_before set encoded = 'x' where seq = 7", "leaf-altered"),
        ("delete from audit_leaf_before where seq = 7", "leaf-missing"),
        ("update audit_leaf_before set kind = 'other' where seq = 7", "leaf-altered"),
        ("delete from audit_entry where seq = 7", "leaf-not-in-log"),
        ("delete from audit_entry where seq = 300", "leaf-not-in-log"),
    ],
)
def test_what_was_tampered_with_before_the_move_is_still_found_after_it(
    chained: bytes, statement: str, code: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)

    carry()
    while audit.sequence():
        pass

    assert code in {fault.code for fault in audit.check().faults}


def test_a_chain_that_did_not_hold_is_said_to_be_one(chained: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update audit_entry set chain_hash = sha256('x') where seq = 7")

    carry()

    assert last_told()["chain_holds"] is False


def test_a_store_without_a_leaf_founds_its_log_with_the_first_one(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BEFORE)
        carry()
        cursor.execute("select count(*) from audit_log")
        assert cursor.fetchone()[0] == 0
        cursor.execute("drop table audit_leaf_before, audit_entry")
