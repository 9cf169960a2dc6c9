"""An input lands and what is derived from it follows, with its lineage."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from guantong.base import outbox
from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE, Realm
from guantong.data import api as data
from guantong.data.errors import DatasetUnknown, DerivationFailed, SqlRefused
from guantong.data.events import BatchLanded

NOON = datetime(2026, 6, 20, 4, 0, tzinfo=UTC)
SQL = """
select track_id, count(*) as points, max(wind_kt) * {{ parameter('ms_per_kt') }} as wind_ms
from {{ dataset('test.storm') }}
group by track_id
"""


@pytest.fixture
def derived(storm: data.Contract, strongest: data.Contract) -> data.Contract:
    data.register(storm)
    data.register(
        strongest,
        data.Derivation(contract=strongest, sql=SQL, parameters={"ms_per_kt": 0.5}),
    )
    return strongest


def land_points(storm: data.Contract, points: data.Batch, realm: Realm) -> list[data.Landing]:
    return [
        data.land(storm, [row], realm=realm, batch_key=f"p{i}", at=NOON, actor="test")
        for i, row in enumerate(points.rows)
    ]


def fact_of(run: data.Landing) -> dict[str, object]:
    return dict(OutboxMessage.objects.get(event="BatchLanded", body__run_id=str(run.id)).body)


@pytest.mark.django_db
def test_a_derived_dataset_follows_its_input_and_says_what_it_was_made_from(
    lake: Path, storm: data.Contract, derived: data.Contract, points: data.Batch, realm: Realm
) -> None:
    landed = land_points(storm, points, realm)

    (run,) = data.rederive(realm, NOON, fact_of(landed[-1]))

    assert data.rows_of_run(run.id) == [{"track_id": "A", "points": 3, "wind_ms": 30.25}]
    assert run.batch_key == f"derived:{landed[-1].id}"
    read = run.inputs["datasets"]
    assert read == {  # type: ignore[comparison-overlap]
        "test.storm": {"runs": 3, "newest_run": str(landed[-1].id), "delta_version": 3}
    }
    assert run.inputs["parameters"] == {"ms_per_kt": "0.5"}  # type: ignore[comparison-overlap]
    assert fact_of(run)["dataset"] == "test.strongest"


@pytest.mark.django_db
def test_a_fact_that_comes_late_or_twice_gives_the_rows_of_its_own_moment(
    lake: Path, storm: data.Contract, derived: data.Contract, points: data.Batch, realm: Realm
) -> None:
    landed = land_points(storm, points, realm)

    (late,) = data.rederive(realm, NOON, fact_of(landed[1]))
    (twice,) = data.rederive(realm, NOON, fact_of(landed[1]))

    assert late == twice
    assert data.rows_of_run(late.id) == [{"track_id": "A", "points": 2, "wind_ms": 20.0}]


@pytest.mark.django_db
def test_through_the_outbox_the_derived_fact_reaches_its_own_subscribers(
    lake: Path, storm: data.Contract, derived: data.Contract, points: data.Batch, realm: Realm,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    heard: list[object] = []
    monkeypatch.setattr(outbox, "_subscribers", {})
    outbox.subscribe(BatchLanded, data.on_batch_landed)
    outbox.subscribe(BatchLanded, lambda realm, at, body: heard.append(body["dataset"]))
    land_points(storm, points, realm)

    while outbox.deliver_one(realm):
        pass

    assert sorted(map(str, heard)) == ["test.storm"] * 3 + ["test.strongest"] * 3
    assert data.snapshot_rows("test.strongest", realm) == [
        {"track_id": "A", "points": 3, "wind_ms": 30.25}
    ]
    assert data.snapshot_count("test.strongest", realm) == 1


@pytest.mark.django_db
def test_a_table_brought_by_others_is_read_and_one_of_another_realm_is_not(
    lake: Path, storm: data.Contract, points: data.Batch, realm: Realm
) -> None:
    data.register(storm)
    data.bring_dataset("base.name", lambda: pa.table({"track_id": ["A"], "name": ["Test"]}))
    land_points(storm, points, realm)
    sql = (
        "select name, count(*) as n from {{ dataset('test.storm') }}"
        " join {{ dataset('base.name') }} using (track_id) group by name"
    )

    here, elsewhere = data.evaluate(sql, realm=realm), data.evaluate(sql, realm=LIVE)

    assert here.to_pylist() == [{"name": "Test", "n": 3}]
    assert elsewhere.num_rows == 0


@pytest.mark.django_db
def test_a_batch_without_good_rows_derives_nothing(
    lake: Path, storm: data.Contract, derived: data.Contract, realm: Realm
) -> None:
    bad = data.check_rows(storm, [{"track_id": "A"}]).rejected
    run = data.land(storm, [], bad, realm=realm, batch_key="bad", at=NOON, actor="test")

    assert data.rederive(realm, NOON, fact_of(run)) == []


@pytest.mark.django_db
def test_an_answer_that_breaks_its_contract_is_set_aside_like_any_row(
    lake: Path, storm: data.Contract, derived: data.Contract, points: data.Batch, realm: Realm
) -> None:
    wild = data.Derivation(contract=derived, sql=SQL, parameters={"ms_per_kt": 9})
    data.register(derived, wild)
    landed = land_points(storm, points, realm)

    (run,) = data.rederive(realm, NOON, fact_of(landed[-1]))

    assert (run.rows_good, run.rows_bad) == (0, 1)
    assert data.quarantine(realm, run_id=run.id)[0].faults[0].code == "above"


@pytest.mark.django_db
def test_an_answer_with_other_columns_is_refused_with_both_lists(
    lake: Path, storm: data.Contract, strongest: data.Contract, points: data.Batch, realm: Realm
) -> None:
    data.register(storm)
    sql = "select track_id from {{ dataset('test.storm') }}"
    data.register(strongest, data.Derivation(contract=strongest, sql=sql))
    landed = land_points(storm, points, realm)

    with pytest.raises(DerivationFailed, match="gives the columns track_id and the contract names"):
        data.rederive(realm, NOON, fact_of(landed[0]))


def test_a_dataset_may_not_be_derived_from_itself_not_even_by_way_of_another(
    storm: data.Contract, strongest: data.Contract
) -> None:
    data.register(strongest, data.Derivation(contract=strongest, sql=SQL))
    back = "select * from {{ dataset('test.strongest') }}"

    with pytest.raises(SqlRefused, match=r"test\.storm is derived from itself"):
        data.register(storm, data.Derivation(contract=storm, sql=back))


@pytest.mark.django_db
def test_an_unknown_dataset_is_refused_by_name(lake: Path) -> None:
    with pytest.raises(DatasetUnknown, match=r"test\.nothing is not known here"):
        data.evaluate("select 1 as x from {{ dataset('test.nothing') }}", realm=LIVE)


def test_the_catalogue_lists_what_was_registered(
    storm: data.Contract, derived: data.Contract
) -> None:
    known = data.catalogue()

    assert [k.contract.id for k in known] == ["test.storm", "test.strongest"]
    assert known[1].derivation is not None
    assert data.contract_of("test.storm") is storm


@pytest.mark.django_db
def test_many_small_landings_stay_readable(
    lake: Path, storm: data.Contract, derived: data.Contract, realm: Realm
) -> None:
    for i in range(25):
        at = NOON + timedelta(hours=i)
        row = {"track_id": "A", "observed_at": at, "lat": 20, "lon": 125, "wind_kt": i}
        batch = data.check_rows(storm, [row])
        run = data.land(storm, batch.rows, realm=realm, batch_key=str(i), at=at, actor="test")
        data.rederive(realm, at, fact_of(run))

    assert data.snapshot(storm, realm).num_rows == 25
    assert data.snapshot_rows("test.strongest", realm)[0]["points"] == 25
    assert len(data.runs(realm, "test.strongest")) == 25
