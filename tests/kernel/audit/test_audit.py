"""The log: written with the change, ordered afterwards, and every tampering is found."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from tests.province import (
    EVENING,
    WENLING,
    Province,
    at_once,
    expose,
    household,
    person,
)

from guantong.audit import api as audit
from guantong.audit import note
from guantong.audit.leaf import Leaf, encode
from guantong.audit.models import HeadRow, LeafRow
from guantong.base.ids import new_id
from guantong.base.realm import LIVE
from guantong.brain import service as brain
from guantong.brain.api import signal_kind
from guantong.flows import api as flows
from guantong.flows.models import Task
from guantong.packages.api import Package


def leaf(act: str = "raise", *, kind: str = "flag", of: UUID | None = None) -> Leaf:
    return Leaf(
        realm=LIVE, at=EVENING, actor="person:1", act=act, kind=kind, object_id=of, body={"n": 1}
    )


def write(count: int) -> None:
    with transaction.atomic():
        audit.write(leaf() for _ in range(count))


def sql(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def codes(report: audit.Report) -> set[tuple[str, str]]:
    return {(fault.code, fault.kind) for fault in report.faults}


def test_a_leaf_is_the_same_bytes_whatever_time_zone_its_instant_was_told_in() -> None:
    id = new_id()
    told = Leaf(
        realm=LIVE, at=EVENING.astimezone(), actor="a", act="b", kind="c", object_id=None, body={}
    )
    same = Leaf(realm=LIVE, at=EVENING, actor="a", act="b", kind="c", object_id=None, body={})

    assert encode(id, told) == encode(id, same)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 7, 8, 30])
def test_few_leaves_and_many_are_written_alike(count: int) -> None:
    write(count)

    rows = LeafRow.objects.filter(kind="flag")
    assert rows.count() == count
    assert all(row.seq is None for row in rows)
    assert {json.loads(bytes(row.encoded))["act"] for row in rows} == {"raise"}


@pytest.mark.django_db(transaction=True)
def test_a_leaf_is_written_in_the_transaction_of_its_change_or_not_at_all() -> None:
    with pytest.raises(AssertionError, match="in the transaction of its change"):
        audit.write([leaf()])

    with transaction.atomic():
        audit.write([leaf()])
        transaction.set_rollback(True)

    assert LeafRow.objects.count() == 0


@pytest.mark.django_db
def test_leaves_get_their_place_once_and_the_second_time_there_is_nothing_to_do() -> None:
    write(5)

    assert audit.sequence(most=3) == 3
    assert audit.sequence() == 2
    assert audit.sequence() == 0
    places = list(LeafRow.objects.order_by("id").values_list("seq", flat=True))
    assert places == [1, 2, 3, 4, 5]


@pytest.mark.django_db
def test_a_leaf_that_commits_late_gets_a_later_place() -> None:
    write(3)
    first = LeafRow.objects.order_by("id").first()
    assert first is not None
    # The oldest leaf was not there yet when the others got their place.
    row = {f: getattr(first, f) for f in ("id", "realm", "kind", "object_id", "encoded")}
    first.delete()
    audit.sequence()
    LeafRow.objects.create(**row)

    assert audit.sequence() == 1
    assert LeafRow.objects.get(id=row["id"]).seq == 3


@pytest.mark.django_db(transaction=True)
def test_two_sequencers_at_once_give_each_leaf_one_place() -> None:
    write(400)

    given = at_once(*[lambda: audit.sequence(most=100) for _ in range(4)])
    while audit.sequence():
        pass

    assert all(isinstance(count, int) for count in given), given
    places = LeafRow.objects.order_by("seq").values_list("seq", flat=True)
    assert list(places) == list(range(1, 401))
    assert codes(audit.check()) == set()


@pytest.fixture
def worked(transactional_db: None, province: Province, flood: Package, lake: Path) -> datetime:
    """A household, an alert, its case and two tasks, one of them accepted: all in the log."""
    household("HH33108110522901")
    run = expose({WENLING: "orange"})
    brain.assess(LIVE, signal_kind("flood_response.typhoon"), run, at=EVENING)
    task = Task.objects.get(item="advise")
    officer = person("emergency@331081").id
    flows.accept(LIVE, {task.id: officer}, at=EVENING)
    while audit.sequence():
        pass
    return EVENING


def test_a_log_nobody_touched_has_no_fault(worked: datetime) -> None:
    report = audit.check()

    assert report.faults == ()
    assert report.leaves == report.entries > 5
    assert report.waiting == 0
    assert report.records >= 5  # household, alert, case, two tasks, the run
    newest = note.read(HeadRow.objects.latest("size").note)
    assert newest is not None
    assert (newest.size, newest.root.hex()) == (report.entries, report.head)


def test_leaves_without_a_place_yet_are_counted_and_no_fault(worked: datetime) -> None:
    write(3)

    report = audit.check()

    assert (report.waiting, report.faults) == (3, ())


_ANY = "(select seq from audit_leaf where seq is not null order by seq offset 2 limit 1)"
# One digest of the tile that holds them all, after so many others.
_DIGEST = "overlay(digests placing sha256('x') from {} for 32)"

TAMPERED = {
    "the body of a leaf": (
        "update audit_leaf set encoded ="
        " replace(convert_from(encoded, 'UTF8'), 'test', 'mine')::bytea where kind = 'object'",
        ("leaf-altered", "leaf"),
    ),
    "a leaf turned into rubbish": (
        f"update audit_leaf set encoded = '\\xff00'::bytea where seq = {_ANY}",
        ("leaf-altered", "leaf"),
    ),
    "a leaf turned into words that are no JSON": (
        f"update audit_leaf set encoded = 'nothing'::bytea where seq = {_ANY}",
        ("leaf-altered", "leaf"),
    ),
    "a leaf and its digest": (
        "with mine as (update audit_leaf set encoded ="
        "  replace(convert_from(encoded, 'UTF8'), 'test', 'mine')::bytea"
        "  where kind = 'object' returning seq, encoded)"
        " update audit_tile set digests = overlay(digests placing"
        "  sha256('\\x00'::bytea || mine.encoded) from (mine.seq::int - 1) * 32 + 1 for 32)"
        " from mine where level = 0",
        ("head-broken", "head"),
    ),
    "a leaf told of another record": (
        "update audit_leaf set object_id = null where kind = 'task'",
        ("leaf-altered", "leaf"),
    ),
    "a leaf told of another kind": (
        f"update audit_leaf set kind = 'refusal' where seq = {_ANY}",
        ("leaf-altered", "leaf"),
    ),
    "a leaf told of another realm": (
        f"update audit_leaf set realm = 'exercise:x' where seq = {_ANY}",
        ("leaf-altered", "leaf"),
    ),
    "a leaf taken away": (
        f"delete from audit_leaf where seq = {_ANY}", ("leaf-missing", "entry"),
    ),
    "the last leaf taken away": (
        "delete from audit_leaf where seq = (select max(seq) from audit_leaf)",
        ("leaf-missing", "entry"),
    ),
    "a leaf and its digest taken away": (
        "with gone as (delete from audit_leaf where seq = (select max(seq) from audit_leaf))"
        " update audit_tile set digests = substring(digests for octet_length(digests) - 32)",
        ("tail-cut", "head"),
    ),
    "two leaves changed over": (
        "update audit_leaf set seq = case seq when 1 then 900 else 1 end where seq = 1;"
        " update audit_leaf set seq = 1 where seq = 2;"
        " update audit_leaf set seq = 2 where seq = 900",
        ("leaf-altered", "leaf"),
    ),
    "the digest of a leaf": (
        f"update audit_tile set digests = {_DIGEST.format(33)}", ("leaf-altered", "leaf"),
    ),
    "all digests taken away": ("delete from audit_tile", ("tail-cut", "head")),
    "a leaf slipped in with a place": (
        "insert into audit_leaf (id, realm, kind, object_id, encoded, seq, month)"
        " select gen_random_uuid(), realm, kind, object_id, encoded, 9999, month"
        " from audit_leaf limit 1",
        ("leaf-not-in-log", "leaf"),
    ),
    "the root in a head": (
        "update audit_head set note = overlay(note placing 'AAAA' from 50 for 4)",
        ("head-forged", "head"),
    ),
    "the signature of a head": (
        "update audit_head set note = overlay(note placing 'AAAA' from length(note) - 20 for 4)",
        ("head-forged", "head"),
    ),
    "a head turned into rubbish": ("update audit_head set note = '?'", ("head-forged", "head")),
    "the size a head is filed under": (
        "update audit_head set size = size + 1", ("head-forged", "head"),
    ),
    "the newest head taken away": ("delete from audit_head", ("head-missing", "head")),
    "the identity of the log": (
        "update audit_log set id = gen_random_uuid()", ("head-forged", "head"),
    ),
    "the log forgotten": ("delete from audit_log", ("log-exchanged", "log")),
    "the state of a task": (
        "update flows_task set state = 'closed_out' where item = 'control'",
        ("record-altered", "task"),
    ),
    "who did a task": (
        "update flows_task set doer_id = gen_random_uuid() where item = 'advise'",
        ("record-altered", "task"),
    ),
    "the limit of a task": (
        "update flows_task set limit_at = limit_at + interval '1 hour' where item = 'advise'",
        ("record-altered", "task"),
    ),
    "the outcome of a case": (
        "update flows_case set outcome = 'false_alarm'", ("record-altered", "case"),
    ),
    "what a case knows": (
        "update flows_case set data = data || '{\"alert_over\": true}'", ("record-altered", "case"),
    ),
    "the highest level of an alert": (
        "update brain_alert set highest_level = 'blue'", ("record-altered", "alert"),
    ),
    "what an alert was": (
        "update brain_alert set feedback = 'confirmed'", ("record-altered", "alert"),
    ),
    "a family's place": (
        "update registry_object set body = body || '{\"shelter_no\": \"SH0\"}'",
        ("record-altered", "object"),
    ),
    "a task removed": ("delete from flows_task where item = 'control'", ("record-removed", "task")),
    "a case removed": ("delete from flows_case", ("record-removed", "case")),
    "an alert removed": ("delete from brain_alert", ("record-removed", "alert")),
    "a family removed": ("delete from registry_object", ("record-removed", "object")),
    "a family slipped in": (
        "insert into registry_object select gen_random_uuid(), realm, type, 'HH0', division_code,"
        " lon, lat, body, valid_from, recorded_at from registry_object",
        ("record-without-leaf", "object"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_altered_behind_the_log_is_found(worked: datetime, what: str) -> None:
    statement, fault = TAMPERED[what]
    assert sql(statement.replace("%", "%%")) > 0, "nothing was altered"

    found = audit.check()

    assert fault in codes(found)


def test_a_record_put_back_to_an_earlier_state_with_its_last_leaf_hidden_is_found(
    worked: datetime,
) -> None:
    task = Task.objects.get(item="advise")
    last = LeafRow.objects.filter(kind="task", object_id=task.id).latest("id")
    sql("update audit_leaf set object_id = null where id = %s", last.id)
    sql(
        "update flows_task set state = 'dispatched', doer_id = null, accepted_at = null,"
        " read_at = null, received_at = null where id = %s",
        task.id,
    )

    assert ("leaf-altered", "leaf") in codes(audit.check())


def test_a_waiting_leaf_that_was_altered_is_found(worked: datetime) -> None:
    write(1)
    sql("update audit_leaf set encoded = %s where seq is null", b'{"n": 2}')

    assert codes(audit.check()) == {("leaf-altered", "leaf")}


def test_the_check_tells_how_far_it_is(worked: datetime) -> None:
    told: list[tuple[int, int]] = []

    report = audit.check(lambda done, total: told.append((done, total)))

    assert told[-1] == (report.entries, report.entries)


def test_a_check_changes_nothing(worked: datetime) -> None:
    before = list(LeafRow.objects.order_by("id").values())

    audit.check()

    assert list(LeafRow.objects.order_by("id").values()) == before
