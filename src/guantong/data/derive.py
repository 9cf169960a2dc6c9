"""Derived datasets: when an input lands, the SQL is run and its answer landed like any batch.

The answer is made of the input as it stood at that run, not at the moment of deriving, so that
a fact delivered late or twice gives the same rows. The batch key names the input's run: the
second time, ``land`` returns the first.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import pyarrow as pa

from guantong.base.realm import Realm
from guantong.data.catalogue import Registered, contract_of, derived_from, provider_of
from guantong.data.errors import DerivationFailed
from guantong.data.landing import land
from guantong.data.ports import Unwatched, Watch
from guantong.data.queries import Landing, snapshot_with_runs
from guantong.data.sandbox import Parameter, Scalar, read_sql, run_sql
from guantong.data.validation import check_rows

_UNWATCHED = Unwatched()
ACTOR = "derivation"


def rederive(
    realm: Realm, at: datetime, fact: Mapping[str, Any], *, watch: Watch = _UNWATCHED
) -> list[Landing]:
    """Derive again every dataset that reads what has landed, and return the runs."""
    if not fact["rows"]:
        return []  # nothing came, so nothing follows from it
    run = UUID(fact["run_id"])
    return [
        _derive(known, realm, run, at=at, watch=watch) for known in derived_from(fact["dataset"])
    ]


def on_batch_landed(realm: Realm, at: datetime, fact: Mapping[str, Any]) -> None:
    """Derive again what reads the batch that landed: the subscriber of ``BatchLanded``."""
    rederive(realm, at, fact)


def evaluate(
    sql: str,
    *,
    realm: Realm,
    parameters: Mapping[str, Scalar] | None = None,
    tables: Mapping[str, pa.Table] | None = None,
) -> pa.Table:
    """Return the answer of a SELECT over the datasets of ``realm``; ``tables`` adds others."""
    statement = read_sql(sql)
    given = dict(tables or {})
    for name in statement.datasets:
        if name not in given:
            given[name] = _input(name, realm, None)[0]
    return run_sql(statement, given, parameters)


def _derive(known: Registered, realm: Realm, run: UUID, *, at: datetime, watch: Watch) -> Landing:
    contract, derivation, statement = known.contract, known.derivation, known.statement
    assert derivation is not None, "only a derived dataset is derived"
    assert statement is not None, "a derivation was read when it was registered"
    tables: dict[str, pa.Table] = {}
    reads: dict[str, object] = {}
    for name in statement.datasets:
        tables[name], reads[name] = _input(name, realm, run)
    values: dict[str, Parameter] = dict(derivation.parameters)
    if statement.parameters and derivation.values is not None:
        values |= derivation.values(realm, at)
    answer = run_sql(statement, tables, values)
    wanted = [c.name for c in contract.columns]
    if sorted(answer.column_names) != sorted(wanted):
        raise DerivationFailed(
            dataset=contract.id,
            problem="columns",
            given=", ".join(answer.column_names),
            wanted=", ".join(wanted),
        )
    batch = check_rows(contract, answer.to_pylist())
    return land(
        contract,
        batch.rows,
        batch.rejected,
        realm=realm,
        batch_key=f"derived:{run}",
        at=at,
        actor=ACTOR,
        inputs={
            "datasets": reads,
            "sql": hashlib.sha256(derivation.sql.encode()).hexdigest(),
            "parameters": {n: str(values[n]) for n in statement.parameters},
        },
        watch=watch,
    )


def _input(name: str, realm: Realm, as_of: UUID | None) -> tuple[pa.Table, dict[str, object]]:
    """Return a dataset's rows and where they come from."""
    provider = provider_of(name)
    if provider is not None:
        table = provider()
        return table, {"brought": True, "rows": table.num_rows}
    return snapshot_with_runs(contract_of(name), realm, as_of=as_of)
