"""The front door of ``guantong.data``."""

from guantong.data.catalogue import (
    Derivation,
    Registered,
    bring_dataset,
    catalogue,
    contract_of,
    forget_datasets,
    register,
)
from guantong.data.contract import Ascending, Column, Contract, Dialect, read_contract
from guantong.data.csv_file import read_file, read_strict
from guantong.data.derive import evaluate, on_batch_landed, rederive
from guantong.data.fault import Batch, Fault, Rejected, Row, Value
from guantong.data.lake import as_table, schema
from guantong.data.landing import land, settle
from guantong.data.lines import Held, Source
from guantong.data.ports import Provider, Values, Watch
from guantong.data.queries import (
    Landing,
    SetAside,
    landed_totals,
    quarantine,
    rows_of_run,
    run,
    runs,
    snapshot,
    snapshot_count,
    snapshot_rows,
    table_of_run,
)
from guantong.data.sandbox import (
    FUNCTIONS,
    ByArea,
    Finding,
    Parameter,
    Scalar,
    Statement,
    examine_sql,
    read_sql,
    run_sql,
)
from guantong.data.validation import check_rows

__all__ = [
    "FUNCTIONS",
    "Ascending",
    "Batch",
    "ByArea",
    "Column",
    "Contract",
    "Derivation",
    "Dialect",
    "Fault",
    "Finding",
    "Held",
    "Landing",
    "Parameter",
    "Provider",
    "Registered",
    "Rejected",
    "Row",
    "Scalar",
    "SetAside",
    "Source",
    "Statement",
    "Value",
    "Values",
    "Watch",
    "as_table",
    "bring_dataset",
    "catalogue",
    "check_rows",
    "contract_of",
    "evaluate",
    "examine_sql",
    "forget_datasets",
    "land",
    "landed_totals",
    "on_batch_landed",
    "quarantine",
    "read_contract",
    "read_file",
    "read_sql",
    "read_strict",
    "rederive",
    "register",
    "rows_of_run",
    "run",
    "run_sql",
    "runs",
    "schema",
    "settle",
    "snapshot",
    "snapshot_count",
    "snapshot_rows",
    "table_of_run",
]
