"""A batch lands: once, whole, in its own realm, and also when somebody pulls the plug."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from deltalake import DeltaTable
from django.db import connection, transaction

from guantong.audit.api import check
from guantong.base.errors import NotFound
from guantong.base.ids import new_id
from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE, Realm, exercise
from guantong.data import api as data
from guantong.data.errors import DatasetChanged, StagedRowsMissing

NOON = datetime(2026, 6, 20, 4, 0, tzinfo=UTC)
STEPS = ["staged", "registered", "committed", "landed"]


class Killed(BaseException):
    """The process died here."""


class KillAfter:
    """A watch that dies once, after one step."""

    def __init__(self, step: str) -> None:
        self.step = step

    def after(self, step: str) -> None:
        if step == self.step:
            self.step = ""
            raise Killed


def land(
    contract: data.Contract, batch: data.Batch, realm: Realm, key: str = "first", **more: object
) -> data.Landing:
    return data.land(
        contract,
        batch.rows,
        batch.rejected,
        realm=realm,
        batch_key=key,
        at=NOON,
        actor="test",
        **more,  # type: ignore[arg-type]
    )


def facts(realm: Realm) -> list[dict[str, object]]:
    return [m.body for m in OutboxMessage.objects.filter(realm=realm, event="BatchLanded")]


@pytest.mark.django_db
def test_a_landed_batch_can_be_read_and_is_told_of_once(
    lake: Path, storm: data.Contract, points: data.Batch, realm: Realm
) -> None:
    run = land(storm, points, realm)

    assert (run.state, run.rows_good, run.rows_bad, run.landed_at) == ("landed", 3, 0, NOON)
    assert [r["wind_kt"] for r in data.rows_of_run(run.id)] == [None, 40.0, 60.5]
    assert data.snapshot(storm, realm).to_pylist() == data.rows_of_run(run.id)
    (fact,) = facts(realm)
    assert (fact["run_id"], fact["dataset"], fact["rows"]) == (str(run.id), "test.storm", 3)


@pytest.mark.django_db
def test_landing_the_same_batch_again_gives_the_run_of_the_first(
    lake: Path, storm: data.Contract, points: data.Batch, realm: Realm
) -> None:
    first = land(storm, points, realm)

    again = land(storm, points, realm)

    assert again == first
    assert data.snapshot(storm, realm).num_rows == 3
    assert len(facts(realm)) == 1


@pytest.mark.django_db
def test_rows_that_break_the_contract_wait_in_quarantine_with_their_reasons(
    lake: Path, storm: data.Contract, realm: Realm
) -> None:
    rows = [{"track_id": "A", "observed_at": "2026-06-20 00:00:00", "lat": 95, "lon": 1}]
    batch = data.check_rows(storm, rows)

    run = land(storm, batch, realm)

    (aside,) = data.quarantine(realm, "test.storm")
    assert (aside.run_id, aside.line, aside.raw["lat"], aside.state) == (run.id, 1, 95, "waiting")
    assert aside.faults[0].sentence() == (
        "line 1, column lat: '95' is above 90, the highest allowed. "
        "Correct the value, or leave the row out."
    )
    assert (run.rows_good, run.delta_version) == (0, None)
    assert data.rows_of_run(run.id) == []


@pytest.mark.django_db
def test_of_rows_with_one_key_the_newest_run_counts_and_the_older_is_kept(
    lake: Path, storm: data.Contract, points: data.Batch, realm: Realm
) -> None:
    first = land(storm, points, realm)
    values = {**points.rows[1].values, "wind_kt": 45}

    land(storm, data.check_rows(storm, [values]), realm, "correction")

    winds = [r["wind_kt"] for r in data.snapshot(storm, realm).to_pylist()]
    assert winds == [None, 60.5, 45.0]
    assert data.snapshot(storm, realm, as_of=first.id).num_rows == 3
    assert [r["wind_kt"] for r in data.rows_of_run(first.id)] == [None, 40.0, 60.5]


@pytest.mark.django_db
def test_realms_never_share_a_table(
    lake: Path, storm: data.Contract, points: data.Batch, realm: Realm
) -> None:
    other = exercise(new_id())
    land(storm, points, realm)

    assert data.snapshot(storm, other).num_rows == 0
    assert data.snapshot(storm, LIVE).num_rows == 0
    assert data.runs(other) == []
    land(storm, points, other)

    folders = sorted(f.name for f in lake.iterdir())
    assert folders == sorted(r.replace(":", "-") for r in (realm, other))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("then", ["settle", "ask again"])
def test_a_kill_after_any_step_loses_nothing_and_repeats_nothing(
    lake: Path, storm: data.Contract, points: data.Batch, realm: Realm, step: str, then: str
) -> None:
    with pytest.raises(Killed):
        land(storm, points, realm, watch=KillAfter(step))
    if step != "landed":
        assert data.snapshot(storm, realm).num_rows == 0

    data.settle(realm) if then == "settle" else None
    run = land(storm, points, realm)

    assert run.state == "landed"
    assert data.snapshot(storm, realm).num_rows == 3
    assert len(facts(realm)) == 1
    assert len(data.runs(realm)) == 1
    assert data.settle(realm) == 0
    assert check().faults == ()


@pytest.mark.django_db(transaction=True)
def test_a_kill_while_settling_is_settled_as_well(
    lake: Path, storm: data.Contract, points: data.Batch, realm: Realm
) -> None:
    with pytest.raises(Killed):
        land(storm, points, realm, watch=KillAfter("registered"))
    with pytest.raises(Killed):
        data.settle(realm, watch=KillAfter("committed"))

    finished = data.settle(realm)

    assert finished == 1
    (run,) = data.runs(realm)
    table = DeltaTable(lake / realm.replace(":", "-") / "test.storm")
    assert table.count() == 3
    assert run.delta_version == 1
    assert table.history()[0]["run_id"] == str(run.id)


class Held:
    """A watch that waits after one step until it is let go."""

    def __init__(self, step: str) -> None:
        self.step, self.reached, self.go = step, threading.Event(), threading.Event()

    def after(self, step: str) -> None:
        if step == self.step:
            self.reached.set()
            assert self.go.wait(10)


@pytest.mark.django_db(transaction=True)
def test_while_a_batch_is_landing_nobody_settles_it_and_a_second_request_waits_for_it(
    lake: Path, storm: data.Contract, points: data.Batch, realm: Realm
) -> None:
    held = Held("committed")

    def elsewhere(**more: object) -> data.Landing:
        try:
            return land(storm, points, realm, **more)
        finally:
            connection.close()

    with ThreadPoolExecutor() as workers:
        first = workers.submit(elsewhere, watch=held)
        assert held.reached.wait(10)
        settled = data.settle(realm)
        second = workers.submit(elsewhere)
        held.go.set()
        runs = first.result(10), second.result(10)

    assert settled == 0
    assert runs[0] == runs[1]
    assert data.snapshot(storm, realm).num_rows == 3
    assert len(facts(realm)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_transaction_rolled_back_around_a_landing_leaves_rows_no_reader_sees(
    lake: Path, storm: data.Contract, points: data.Batch, realm: Realm
) -> None:
    with contextlib.suppress(Killed), transaction.atomic():
        land(storm, points, realm)
        raise Killed

    run = land(storm, points, realm)

    assert DeltaTable(lake / realm.replace(":", "-") / "test.storm").count() == 6
    assert data.snapshot(storm, realm).num_rows == 3
    assert [r.id for r in data.runs(realm)] == [run.id]


@pytest.mark.django_db
def test_a_run_whose_rows_were_removed_from_the_lake_is_named(
    lake: Path, storm: data.Contract, points: data.Batch, realm: Realm
) -> None:
    with pytest.raises(Killed):
        land(storm, points, realm, watch=KillAfter("registered"))
    (run,) = data.runs(realm)
    (lake / realm.replace(":", "-") / "test.storm" / f"{run.id}.parquet").unlink()

    with pytest.raises(StagedRowsMissing, match="Restore the folder from the backup"):
        data.settle(realm)


@pytest.mark.django_db
def test_a_run_that_has_not_landed_shows_no_rows(
    lake: Path, storm: data.Contract, points: data.Batch, realm: Realm
) -> None:
    with pytest.raises(Killed):
        land(storm, points, realm, watch=KillAfter("committed"))
    (run,) = data.runs(realm)

    with pytest.raises(NotFound):
        data.rows_of_run(run.id)


@pytest.mark.django_db
def test_a_newer_contract_may_add_a_column_and_may_not_change_one(
    lake: Path, storm: data.Contract, points: data.Batch, realm: Realm
) -> None:
    land(storm, points, realm)
    line = b"      - {name: season, logicalType: integer, classification: L1}\n"
    wider = data.read_contract(storm.original.replace(line, line + b"      - {name: basin}\n"))
    changed = data.read_contract(
        storm.original.replace(
            b"wind_kt, logicalType: number, quality: [{type: library, rule: range, "
            b"mustBeBetween: [0, 250]}]",
            b"wind_kt, logicalType: string",
        )
    )
    values = {**points.rows[2].values, "observed_at": NOON, "basin": "WP"}

    land(wider, data.check_rows(wider, [values]), realm, "wider")

    assert [r["basin"] for r in data.snapshot(wider, realm).to_pylist()] == [None, None, None, "WP"]
    narrow = {**points.rows[2].values, "wind_kt": "strong"}
    with pytest.raises(DatasetChanged, match="column wind_kt is string in the contract and double"):
        land(changed, data.check_rows(changed, [narrow]), realm, "changed")


@pytest.mark.django_db(transaction=True)
def test_a_run_altered_by_sql_is_found_by_the_audit(
    lake: Path, storm: data.Contract, points: data.Batch, realm: Realm
) -> None:
    run = land(storm, points, realm)
    with connection.cursor() as cursor:
        cursor.execute("update data_run set rows_good = 4 where id = %s", [run.id])

    faults = check().faults

    assert [(f.code, f.id) for f in faults] == [("record-altered", str(run.id))]
