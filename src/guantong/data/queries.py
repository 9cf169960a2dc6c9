"""The read side: runs, quarantine, rows of landed runs. Values go out, never models."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyarrow as pa
from django.conf import settings
from django.db.models import Max, Sum

from guantong.base.errors import NotFound
from guantong.base.realm import Realm
from guantong.data.catalogue import contract_of
from guantong.data.contract import Contract
from guantong.data.fault import Fault
from guantong.data.lake import RUN_COLUMN, LakeTable, schema
from guantong.data.models import Quarantined, Run


@dataclass(frozen=True, kw_only=True)
class Landing:
    """A run as others see it."""

    id: UUID
    realm: Realm
    dataset: str
    contract_version: str
    batch_key: str
    state: str
    rows_good: int
    rows_bad: int
    delta_version: int | None
    inputs: Mapping[str, object]
    asked_by: str
    started_at: datetime
    landed_at: datetime | None
    content_digest: str


@dataclass(frozen=True, kw_only=True)
class SetAside:
    """A row in quarantine with its reasons, which can say their sentence."""

    id: UUID
    run_id: UUID
    dataset: str
    line: int
    raw: Mapping[str, object]
    faults: tuple[Fault, ...]
    state: str


def landing_of(run: Run) -> Landing:
    """Return a run as a value."""
    names = Landing.__dataclass_fields__
    return Landing(**{name: getattr(run, name) for name in names})


def run(id: UUID) -> Landing:
    """Return one run."""
    found = Run.objects.filter(id=id).first()
    if found is None:
        raise NotFound(what=str(id))
    return landing_of(found)


def runs(realm: Realm, dataset: str | None = None, *, limit: int = 100) -> list[Landing]:
    """Return runs of a realm, newest first."""
    found = Run.objects.filter(realm=realm).order_by("-id")
    if dataset is not None:
        found = found.filter(dataset=dataset)
    return [landing_of(r) for r in found[:limit]]


def landed_totals(realm: Realm) -> dict[str, tuple[int, datetime | None]]:
    """Return how many good rows of each dataset have landed in all, and when the last came."""
    found = (
        Run.objects.filter(realm=realm, state="landed")
        .values_list("dataset")
        .annotate(rows=Sum("rows_good"), at=Max("landed_at"))
    )
    return {dataset: (rows, at) for dataset, rows, at in found}


def quarantine(
    realm: Realm, dataset: str | None = None, *, run_id: UUID | None = None, limit: int = 100
) -> list[SetAside]:
    """Return rows set aside in a realm, newest run first, by line."""
    found = (
        Quarantined.objects.filter(realm=realm).select_related("run").order_by("-run_id", "line")
    )
    if dataset is not None:
        found = found.filter(run__dataset=dataset)
    if run_id is not None:
        found = found.filter(run_id=run_id)
    return [
        SetAside(
            id=q.id,
            run_id=q.run_id,
            dataset=q.run.dataset,
            line=q.line,
            raw=q.raw,
            faults=tuple(Fault(**f) for f in q.faults),
            state=q.state,
        )
        for q in found[:limit]
    ]


def rows_of_run(id: UUID) -> list[dict[str, object]]:
    """Return the rows of a landed run, without the platform's own column."""
    rows: list[dict[str, object]] = table_of_run(id).to_pylist()
    return rows


def table_of_run(id: UUID) -> pa.Table:
    """Return the rows of a landed run as columns, without the platform's own."""
    found = run(id)
    if found.state != "landed":
        raise NotFound(what=str(id))
    if not found.rows_good:
        return pa.table({})
    table = LakeTable(settings.LAKE, found.realm, found.dataset).read_run(id)
    return table.drop_columns([RUN_COLUMN])


def snapshot(contract: Contract, realm: Realm, *, as_of: UUID | None = None) -> pa.Table:
    """Return the dataset as it stands: of rows with one key, that of the newest run.

    ``as_of`` leaves out runs younger than that one, so that a figure can be made again. Only runs
    that have landed are read, whatever else the Delta log holds.
    """
    return snapshot_with_runs(contract, realm, as_of=as_of)[0]


def snapshot_with_runs(
    contract: Contract, realm: Realm, *, as_of: UUID | None = None
) -> tuple[pa.Table, dict[str, object]]:
    """Return the snapshot and, for lineage, its newest run, its version and how many runs."""
    found = Run.objects.filter(realm=realm, dataset=contract.id, state="landed", rows_good__gt=0)
    if as_of is not None:
        found = found.filter(id__lte=as_of)
    landed = list(found.order_by("id").values_list("id", "delta_version"))
    empty = schema(contract).empty_table()
    if not landed:
        return empty, {"runs": 0}
    newest = max(v for _, v in landed if v is not None)
    lake = LakeTable(settings.LAKE, realm, contract.id)
    table = lake.read([id for id, _ in landed], version=newest)
    lineage = {"runs": len(landed), "newest_run": str(landed[-1][0]), "delta_version": newest}
    if table is None:
        return empty, lineage
    table = pa.concat_tables([empty, table], promote_options="default").select(empty.column_names)
    return (_newest(table, contract.key) if len(landed) > 1 else table), lineage


def _newest(table: pa.Table, key: tuple[str, ...]) -> pa.Table:
    """Return the last row of each key; runs are read oldest first, so the last is the newest."""
    if not key:
        return table
    numbered = table.select(key).append_column("_at", pa.array(range(table.num_rows), pa.int64()))
    last = numbered.group_by(list(key)).aggregate([("_at", "max")])["_at_max"]
    if len(last) == table.num_rows:
        return table
    return table.take(pa.array(sorted(last.to_pylist()), pa.int64()))


def snapshot_rows(
    dataset: str, realm: Realm, *, limit: int = 100, offset: int = 0
) -> list[dict[str, object]]:
    """Return rows of a registered dataset's snapshot, oldest landed first."""
    table = snapshot(contract_of(dataset), realm)
    rows: list[dict[str, object]] = table.slice(offset, limit).to_pylist()
    return rows


def snapshot_count(dataset: str, realm: Realm) -> int:
    """Return how many rows the snapshot of a registered dataset has."""
    count: int = snapshot(contract_of(dataset), realm).num_rows
    return count
