"""Landing a batch: once, whole, and recoverable at every step (promises P6, P10).

The rows are staged as a file; transaction one registers the run, what was set aside and a leaf;
one Delta commit carries the run's id; transaction two says the run has landed and publishes the
fact. A kill between any two steps leaves a run in state ``landing``, which ``settle`` finishes
by asking the Delta log whether the commit happened. A run's batch key makes repeating harmless.

One lock per realm and dataset keeps two workers from finishing the same run twice. Called inside
a transaction (a subscriber deriving a dataset), the lock is held until that transaction ends; when
it is rolled back, the commit in the Delta log belongs to no run, and no reader will ever name it.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import orjson
from django.conf import settings
from django.db import connection, transaction

from guantong.audit.api import Leaf, write
from guantong.base import outbox
from guantong.base.hashing import canonical
from guantong.base.ids import new_id
from guantong.base.realm import Realm
from guantong.data.contract import Contract
from guantong.data.events import BatchLanded
from guantong.data.fault import Rejected, Row
from guantong.data.lake import LakeTable
from guantong.data.models import Quarantined, Run
from guantong.data.ports import Unwatched, Watch
from guantong.data.queries import Landing, landing_of

_UNWATCHED = Unwatched()


def land(
    contract: Contract,
    rows: Sequence[Row],
    rejected: Sequence[Rejected] = (),
    *,
    realm: Realm,
    batch_key: str,
    at: datetime,
    actor: str,
    inputs: Mapping[str, object] | None = None,
    watch: Watch = _UNWATCHED,
) -> Landing:
    """Land a batch and return its run; the second time, the run of the first."""
    batch = {"realm": realm, "dataset": contract.id, "batch_key": batch_key}
    with _writing(realm, contract.id, wait=True):
        found = Run.objects.filter(**batch).first()
        if found is not None:
            return landing_of(_finish(found, watch))
        run = Run(
            id=new_id(),
            **batch,
            contract_version=contract.version,
            state="landing",
            rows_good=len(rows),
            rows_bad=len(rejected),
            inputs=dict(inputs or {}),
            asked_by=actor,
            started_at=at,
        )
        if rows:
            run.content_digest = _table(run).stage(run.id, contract, rows)
        watch.after("staged")
        with transaction.atomic():
            run.save(force_insert=True)
            if rejected:
                Quarantined.objects.bulk_create(_quarantined(run, r) for r in rejected)
            write([_leaf(run, "begin-landing")])
        watch.after("registered")
        return landing_of(_finish(run, watch))


def settle(realm: Realm | None = None, *, watch: Watch = _UNWATCHED) -> int:
    """Finish the runs a kill left unfinished; return how many. Runs being landed now are left."""
    left = Run.objects.filter(state="landing").order_by("id")
    if realm is not None:
        left = left.filter(realm=realm)
    finished = 0
    for id in list(left.values_list("id", flat=True)):
        run = Run.objects.get(id=id)
        with _writing(Realm(run.realm), run.dataset, wait=False) as free:
            run = Run.objects.get(id=id)
            if free and run.state == "landing":
                _finish(run, watch)
                finished += 1
    return finished


def _finish(run: Run, watch: Watch) -> Run:
    """Commit the staged rows, if that has not happened, and say that the run has landed.

    Times are those at which the batch was asked for, so that a recovered exercise equals an
    undisturbed one.
    """
    if run.state == "landed":
        return run
    if run.rows_good:
        run.delta_version = _table(run).commit(run.id, run.rows_good, at=run.started_at)
    watch.after("committed")
    run.state, run.landed_at = "landed", run.started_at
    with transaction.atomic():
        run.save(update_fields=["state", "delta_version", "landed_at"])
        write([_leaf(run, "land")])
        fact = BatchLanded(
            run_id=str(run.id),
            dataset=run.dataset,
            contract_version=run.contract_version,
            batch_key=run.batch_key,
            rows=run.rows_good,
            rejected=run.rows_bad,
            delta_version=run.delta_version,
            inputs=run.inputs,
        )
        outbox.publish(Realm(run.realm), fact, at=run.started_at)
    watch.after("landed")
    return run


def _table(run: Run) -> LakeTable:
    return LakeTable(settings.LAKE, Realm(run.realm), run.dataset)


def _quarantined(run: Run, row: Rejected) -> Quarantined:
    return Quarantined(
        id=new_id(),
        realm=run.realm,
        run=run,
        line=row.line,
        raw=orjson.loads(canonical(row.raw)),
        faults=[
            {"code": f.code, "line": f.line, "column": f.column, "facts": dict(f.facts)}
            for f in row.faults
        ],
    )


def _leaf(run: Run, act: str) -> Leaf:
    return Leaf(
        realm=run.realm,
        at=run.started_at,
        actor=run.asked_by,
        act=act,
        kind="data.run",
        object_id=run.id,
        body={"after": audited(run)},
    )


def audited(run: Run) -> dict[str, object]:
    """Return the columns of a run that its leaf holds; ``witness`` selects the same."""
    return {
        "realm": run.realm,
        "dataset": run.dataset,
        "contract_version": run.contract_version,
        "batch_key": run.batch_key,
        "state": run.state,
        "rows_good": run.rows_good,
        "rows_bad": run.rows_bad,
        "delta_version": run.delta_version,
        "inputs": run.inputs,
        "asked_by": run.asked_by,
        "content_digest": run.content_digest,
    }


@contextmanager
def _writing(realm: Realm, dataset: str, *, wait: bool) -> Iterator[bool]:
    """Hold the one right to write that table; without ``wait``, say whether it was free."""
    digest = hashlib.sha256(f"data\x1f{realm}\x1f{dataset}".encode()).digest()
    number = int.from_bytes(digest[:8], signed=True)
    # In a transaction the lock must outlive the block: others see the run only after the commit.
    scope = "_xact" if connection.in_atomic_block else ""
    function = f"pg_{'' if wait else 'try_'}advisory{scope}_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s)", [number])
        free = wait or bool(cursor.fetchone()[0])
    try:
        yield free
    finally:
        if free and not scope:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [number])
