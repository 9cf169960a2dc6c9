"""What the log costs: business with and without it, and the check of ten million leaves.

``python -m benchmarks.audit`` runs both cases, each in a home of its own that goes away afterwards.
``throughput`` lets cases run through their steps with the log and without (``audit.write`` does
nothing then, and nobody sequences), in turn; what the sequencer costs is counted as the log's.
``check10m`` writes ten million leaves of a million records on the server's side, lets the tree grow
over them and times ``audit.check``; a leaf and a record altered afterwards must be named.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

CASES = ("throughput", "check10m")
RATIO_TO_REACH = 0.85
CHECK_TO_REACH_SECONDS = 60
RECORDS, LEAVES = 1_000_000, 10_000_000
ROUNDS, CASES_A_ROUND = 8, 6


def main() -> int:
    """Run the cases that were asked for; return 0 when every answer was right."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("--case", choices=CASES, help="run one case")
    asked.add_argument("--all", action="store_true", help="run every case")
    asked.add_argument("--leaves", type=int, default=LEAVES, help="leaves of check10m")
    given = asked.parse_args()
    right = True
    with store() as server:
        if given.case in (None, "throughput"):
            right &= tell(throughput(server))
        if given.case in (None, "check10m"):
            right &= tell(check(given.leaves))
    return 0 if right else 1


@contextmanager
def store() -> Iterator[psutil.Process]:
    """Have an empty record store of the benchmark's own."""
    folder = Path(tempfile.mkdtemp(prefix="guantong-benchmark-", dir=os.environ.get("TMPDIR")))
    os.environ["GUANTONG_HOME"] = str(folder / "home")
    os.environ["DJANGO_SETTINGS_MODULE"] = "guantong.main.settings"
    os.environ.pop("DATABASE_URL", None)
    from guantong.main import store as records

    try:
        with records.running():
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            pid = int((folder / "home/postgres/postmaster.pid").read_text().split()[0])
            yield psutil.Process(pid)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- business with the log and without


def throughput(server: psutil.Process) -> dict[str, Any]:
    """Return the line of business with the log and without."""
    from django.db import connection
    from tests import province as small

    from guantong.audit import api as audit

    small.found()
    small._install()
    wheres = _everywhere(audit.write)
    spent: dict[str, list[float]] = {"with": [], "without": [], "with_cpu": [], "without_cpu": []}
    leaves = 0
    number = 0
    for turn in range(-1, ROUNDS):
        for kind in ("with", "without") if turn % 2 else ("without", "with"):
            _put(wheres, audit.write if kind == "with" else _nothing)
            began, cpu = time.perf_counter(), _cpu(server)
            for _ in range(CASES_A_ROUND):
                number += 1
                _work(small, number)
                if kind == "with":
                    leaves += audit.sequence()
            if turn < 0:
                continue  # the first round warms both
            spent[kind].append(time.perf_counter() - began)
            spent[f"{kind}_cpu"].append(_cpu(server) - cpu)
    _put(wheres, audit.write)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_leaf where seq is not null")
        held = cursor.fetchone()[0]
    sums = {name: sum(values) for name, values in spent.items()}
    ratio = sums["without"] / sums["with"]
    return {
        "benchmark": "audit", "case": "throughput",
        "ours": round(ROUNDS * CASES_A_ROUND / sums["with"], 2), "unit": "cases/s",
        "peer": "the same without a log",
        "theirs": round(ROUNDS * CASES_A_ROUND / sums["without"], 2), "ratio": round(ratio, 3),
        "ratio_cpu": round(sums["without_cpu"] / sums["with_cpu"], 3),
        "to_reach": RATIO_TO_REACH, "leaves": leaves,
        "checked": leaves == held > 0 and _faults() == [],
    }  # fmt: skip


def _work(small: Any, number: int) -> None:
    """Let one case run from its opening through its steps, each step a transaction."""
    case = small.open_case(matter=f"BENCH/{number}", county=small.WENLING)
    small.activate(case)
    small.settle_plans(case)


def _nothing(leaves: Any) -> None:
    for _ in leaves:
        pass


def _everywhere(write: Callable[..., None]) -> list[tuple[Any, str]]:
    """Return every place that holds ``audit.write`` under a name."""
    return [
        (module, name)
        for module in list(sys.modules.values())
        if getattr(module, "__name__", "").startswith("guantong.")
        for name, value in vars(module).items()
        if value is write
    ]


def _put(wheres: list[tuple[Any, str]], write: Callable[..., None]) -> None:
    for module, name in wheres:
        setattr(module, name, write)


def _cpu(server: psutil.Process) -> float:
    """Return the processor time of this process and of the server, in seconds."""
    ended = server.cpu_times()  # of backends that have ended
    total = time.process_time() + ended.children_user + ended.children_system
    for process in (server, *server.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            spent = process.cpu_times()
            total += spent.user + spent.system
    return total


def _faults() -> list[str]:
    """Return what the check finds, but for records that were worked on without the log."""
    from guantong.audit import api as audit

    return [f.code for f in audit.check().faults if not f.code.startswith("record-")]


# --- the check of a long log


def check(leaves: int) -> dict[str, Any]:
    """Return the line of the check of a long log."""
    from django.db import connection

    from guantong.audit import api as audit

    with connection.cursor() as cursor:
        cursor.execute("truncate audit_leaf, audit_tile, audit_head, audit_log")
    from guantong.audit import ports

    ports._witnesses.clear()
    before = time.perf_counter()
    _write(leaves)
    print(f"written in {time.perf_counter() - before:.0f} s", file=sys.stderr)
    audit.bring_witness(audit.Witness(kind="task", sql="select id, after from bench_record"))
    server = psutil.Process(_postmaster())
    cpu, began = _cpu(server), time.perf_counter()
    report = audit.check()
    seconds, cpu = time.perf_counter() - began, _cpu(server) - cpu
    sound = report.faults == () and report.entries == leaves and report.records == _records(leaves)
    with connection.cursor() as cursor:
        cursor.execute(
            "update audit_leaf set encoded = overlay(encoded placing 'x'::bytea from 9)"
            " where seq = %s returning id",
            [leaves // 2],
        )
        leaf = str(cursor.fetchone()[0])
        cursor.execute(
            "update bench_record set after = '{}' where id ="
            " (select id from bench_record limit 1) returning id"
        )
        record = str(cursor.fetchone()[0])
    named = {(f.code, f.id) for f in audit.check().faults}
    return {
        "benchmark": "audit", "case": "check10m" if leaves == LEAVES else f"check-{leaves}",
        "ours": round(seconds, 1), "unit": "s", "peer": None, "theirs": None, "ratio": None,
        "to_reach": CHECK_TO_REACH_SECONDS, "leaves": leaves, "records": report.records,
        "cpu_seconds": round(cpu, 1), "leaves_per_second": round(leaves / seconds),
        "load": os.getloadavg()[0],
        "checked": sound and named == {("leaf-altered", leaf), ("record-altered", record)},
    }  # fmt: skip


def _write(leaves: int) -> None:
    """Write so many placed leaves on the server's side, then their tiles and a signed head."""
    from django.db import connection

    from guantong.audit import blocks, keys, ledger, note, service
    from guantong.audit.tree import Tree, grow
    from guantong.base import clock

    now = clock.machine_now()
    records = _records(leaves)
    record = f"md5('r' || (n %% {records})::text)::uuid"
    with connection.cursor() as cursor:
        log_id, suite = ledger.log(cursor)
        month = ledger.month_of(now)
        table = ledger.open_month(cursor, month)
        step = 500_000
        for first in range(1, leaves + 1, step):
            last = min(first + step - 1, leaves)
            cursor.execute(
                f"""
                insert into {table} (id, realm, kind, object_id, encoded, seq, month)
                select id, 'live', 'task', object_id, convert_to(format(
                    '{{"act":"complete","actor":"person:%%s","at":"2026-11-22T08:00:00.123456+00:00",'
                    '"body":{{"after":{{"digest":"%%s","state":"completed"}}}},"id":"%%s",'
                    '"kind":"task","object_id":"%%s","realm":"live"}}',
                    object_id, repeat(md5(n::text), 2), id, object_id), 'UTF8'), n, %s
                from (select n, gen_random_uuid() as id, {record} as object_id
                    from generate_series(%s::bigint, %s::bigint) n) made
                order by n
                """,  # noqa: S608 - our own
                [month, first, last],
            )
        cursor.execute(f"vacuum analyze {table}")
        size = 0
        for first in range(1, leaves + 1, blocks.BLOCK):
            block = blocks._block(cursor, suite, first, leaves)
            service._store(
                cursor,
                grow(suite, lambda a, b: ledger.read_tile(cursor, a, b), size, block.digests),
            )
            size = block.last
        root = Tree(suite, lambda a, b: ledger.read_tile(cursor, a, b)).root(size)
        text = keys.signer(log_id, suite).sign(note.body(log_id, size, root, suite, now))
        cursor.execute(
            "insert into audit_head (size, at, note) values (%s, %s, %s)", [size, now, text]
        )
        cursor.execute(
            "create table bench_record as"  # noqa: S608 - our own
            " select distinct on (object_id) object_id as id,"
            f" audit_told(encoded) -> 'body' -> 'after' as after from {table}"
            " where seq > %s order by object_id, seq desc",
            [leaves - records],
        )
        cursor.execute("vacuum analyze bench_record")
        cursor.execute("vacuum analyze audit_tile")


def _records(leaves: int) -> int:
    return min(RECORDS, leaves // 10)


def _postmaster() -> int:
    path = Path(os.environ["GUANTONG_HOME"]) / "postgres/postmaster.pid"
    return int(path.read_text().split()[0])


def tell(line: dict[str, Any]) -> bool:
    """Print one case with what it ran on; say whether its answer was right."""
    versions = {name: version(name) for name in ("django", "psycopg", "cryptography")}
    versions["python"] = platform.python_version()
    print(json.dumps(line | {"cores": os.cpu_count(), "versions": versions}), flush=True)
    return bool(line["checked"])


if __name__ == "__main__":
    sys.exit(main())
