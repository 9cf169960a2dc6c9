"""Tables in the lake: Delta tables on disk, one for each realm and dataset (promise P12).

The rows of a run are one Parquet file named by the run, written and forced to disk *before* the
run is registered. The Delta commit then only adds that file. So a run left unfinished by a kill
needs no second copy of its rows anywhere: whoever recovers it commits the file that stands there,
and a file no commit names is seen by no reader. The store of records, not the Delta log, says
which runs exist; readers therefore name the runs they want.
"""

import functools
import hashlib
import os
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.transaction import AddAction

from guantong.base.realm import Realm
from guantong.data.contract import Contract
from guantong.data.errors import DatasetChanged, StagedRowsMissing
from guantong.data.fault import Row

RUN_COLUMN = "_run_id"
# Files of runs never change, so small ones are kept once read: 2048 × 256 KiB at the very most.
_SMALL_FILE = 256 * 1024

_ARROW = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}

# What this process knows of tables: opened once, and the columns each was made ready for.
_open: dict[Path, DeltaTable] = {}
_prepared: dict[Path, pa.Schema] = {}


def schema(contract: Contract) -> pa.Schema:
    """Return the contract's columns as Arrow types; what has no type of its own is text."""
    return pa.schema([(c.name, _ARROW.get(c.type, pa.string())) for c in contract.columns])


def as_table(contract: Contract, rows: Sequence[Row]) -> pa.Table:
    """Return rows as an Arrow table with the contract's columns."""
    columns = {
        field.name: pa.array([row.values[field.name] for row in rows], field.type)
        for field in schema(contract)
    }
    return pa.table(columns, schema=schema(contract))


class LakeTable:
    """One Delta table of one realm."""

    def __init__(self, lake: Path, realm: Realm, dataset: str) -> None:
        # A contract's id may hold anything; a folder name may not.
        safe = "".join(c if c.isalnum() or c in "._-" else f"%{ord(c):x}" for c in dataset)
        self.folder = lake / realm.replace(":", "-") / safe.lstrip(".")
        self._dataset = dataset

    def stage(self, run: UUID, contract: Contract, rows: Sequence[Row]) -> str:
        """Write the rows of a run, forced to disk, and return the file's SHA-256."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._prepare(contract)
        table = as_table(contract, rows)
        table = table.append_column(RUN_COLUMN, pa.array([str(run)] * len(rows), pa.string()))
        path = self._file(run)
        pq.write_table(table, path)
        _force(path)
        _force(self.folder)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def commit(self, run: UUID, rows: int, *, at: datetime) -> int:
        """Add a run's staged file to the table, once, and return the version that has it."""
        path = self._file(run)
        if not path.exists():
            raise StagedRowsMissing(run=str(run), dataset=self._dataset)
        table = self._table()
        table.update_incremental()
        if (found := self._committed(table, run)) is not None:
            return found
        # This writer holds the only right to the table, so its commit is the next version. Taken
        # now: a reader in another thread may bring the shared table up to date at any moment.
        version: int = table.version() + 1
        action = AddAction(
            path=path.name,
            size=path.stat().st_size,
            partition_values={},
            modification_time=int(at.timestamp() * 1000),
            data_change=True,
            stats=orjson.dumps({"numRecords": rows}).decode(),
        )
        table.create_write_transaction(
            [action],
            "append",
            table.schema(),
            commit_properties=CommitProperties(custom_metadata={"run_id": str(run)}),
        )
        log = self.folder / "_delta_log"
        entry = log / f"{version:020d}.json"
        assert str(run).encode() in entry.read_bytes(), "two writers had the right to one table"
        _force(entry)
        _force(log)
        return version

    def read(self, runs: Collection[UUID], *, version: int) -> pa.Table | None:
        """Return the rows of ``runs``, oldest first, as the table stands from ``version`` on."""
        table = self._table()
        if table.version() < version:
            table.update_incremental()
        held = {Path(uri).name for uri in table.file_uris()}
        names = [f"{run}.parquet" for run in sorted(runs)]
        parts = [_rows_of(self.folder / name) for name in names if name in held]
        return pa.concat_tables(parts, promote_options="default") if parts else None

    def read_run(self, run: UUID) -> pa.Table:
        """Return the rows of one run."""
        return _rows_of(self._file(run))

    def _file(self, run: UUID) -> Path:
        return self.folder / f"{run}.parquet"

    def _table(self) -> DeltaTable:
        table = _open.get(self.folder)
        if table is None:
            table = _open[self.folder] = DeltaTable(self.folder)
        return table

    def _prepare(self, contract: Contract) -> None:
        """Make the table at its first batch; add columns that a newer contract brings."""
        wanted = schema(contract).append(pa.field(RUN_COLUMN, pa.string()))
        if _prepared.get(self.folder) == wanted:
            return
        if not DeltaTable.is_deltatable(str(self.folder)):
            _open[self.folder] = DeltaTable.create(self.folder, Schema.from_arrow(wanted))
            _prepared[self.folder] = wanted
            return
        fields = {f.name: f for f in self._table().schema().fields}
        new = []
        for field in Schema.from_arrow(wanted).fields:
            held = fields.get(field.name)
            if held is None:
                new.append(field)
            elif held.type != field.type:
                names = {"given": field.type.type, "held": held.type.type}
                raise DatasetChanged(dataset=self._dataset, column=field.name, **names)
        if new:
            self._table().alter.add_columns(new)
            self._table().update_incremental()
        _prepared[self.folder] = wanted

    def _committed(self, table: DeltaTable, run: UUID) -> int | None:
        """Return the version that added the run's file, if one did."""
        if f"{run}.parquet" not in {Path(uri).name for uri in table.file_uris()}:
            return None
        for entry in table.history():
            if entry.get("run_id") == str(run):
                return int(entry["version"])
        return int(
            table.version()
        )  # the log entry was cleaned away; the file is there all the same


def _rows_of(path: Path) -> pa.Table:
    return (
        _kept(path)
        if path.stat().st_size <= _SMALL_FILE
        else pq.read_table(path, partitioning=None)
    )


@functools.lru_cache(maxsize=2048)
def _kept(path: Path) -> pa.Table:
    return pq.read_table(path, partitioning=None)


def _force(path: Path) -> None:
    """Make the disk keep ``path``: a landed batch must outlive a power cut (promise P6)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
