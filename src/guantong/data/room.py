"""The locked room: the program of the process in which foreign SQL runs, and nothing else.

DuckDB's own ``memory_limit`` does not count what functions of texts and lists make (measured in
docs/kernel/foreign_code.md), and one call of such a function cannot be interrupted. So the room is
a process of its own: without the environment, the open files and the connections of the platform;
with a limit of memory that the system holds; shut off from files and network where the kernel can
(Landlock); and ended from outside when it stays too long. ``room_keeper`` is its other side.

It is started as ``python -m guantong.data.room`` and talks on its standard input and output:
frames of eight bytes of length and that many bytes.
"""

import ctypes
import json
import os
import pickle
import resource
import select
import struct
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import pyarrow as pa

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,  # several workers derive at once; each keeps to one core
    "memory_limit": "512MB",
    "temp_directory": "",
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
# What a statement may take beside its input: DuckDB's 512 MB, the answer twice, texts and lists.
MOST_BYTES = 1 << 30
MOST_ANSWER_BYTES = 256 << 20
GRACE_SECONDS = 1.0
# A room nobody asks anything of gives its memory back.
IDLE_SECONDS = 60.0
READY = b"ready"
SHUT_OFF = "shut-off"
# Landlock (linux/landlock.h): its calls have these numbers on every machine we run on.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _BENEATH, _READ_FILE, _READ_FOLDER = 1, 1, 4, 8
_NO_NEW_PRIVILEGES = 38
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many rights each version knows
_LEARNS_FROM = ("/proc/self/cgroup", "/sys/fs/cgroup")
_WITH_NETWORK, _BIND_TCP, _CONNECT_TCP = 4, 1, 2
_LENGTH = struct.Struct(">Q")
_LAST = 3  # exit code of a room that stayed too long


def write_frame(file: BinaryIO, content: Any) -> None:
    """Write the length and then the bytes."""
    file.write(_LENGTH.pack(len(content)))
    file.write(content)
    file.flush()


def read_frame(file: BinaryIO, most: int | None = None) -> bytes | None:
    """Return the next frame; none where the other side has gone, or says too much."""
    head = file.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if most is not None and length > most:
        return None
    content = file.read(length)
    return content if len(content) == length else None


def main() -> None:
    """Answer statements until the keeper goes away, or asks nothing for a while."""
    hear, say = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not be taken for an answer
    _try_out()  # all that is loaded late is loaded now, while files can be read
    base = _data_bytes()
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, 0))
    if SHUT_OFF in sys.argv[1:]:
        _shut_off()
        _try_out()  # better now than with somebody's statement
    write_frame(say, READY)
    while select.select([hear], [], [], IDLE_SECONDS)[0]:
        asked = read_frame(hear)
        if asked is None:
            return
        sql, parameters, names, seconds, macros = pickle.loads(asked)  # noqa: S301 - of our own keeper
        given: dict[str, bytes] = {name: read_frame(hear) or b"" for name in names}
        sizes = sum(len(content) for content in given.values())
        _bound(base + 2 * sizes + MOST_BYTES)
        told, rows = _told(sql, parameters, given, seconds, macros)
        write_frame(say, json.dumps(told).encode())
        if rows is not None:
            write_frame(say, rows)


def _told(
    sql: str,
    parameters: dict[str, Any],
    given: dict[str, bytes],
    seconds: float,
    macros: list[str],
) -> tuple[dict[str, str], Any]:
    last = threading.Timer(seconds + GRACE_SECONDS, os._exit, [_LAST])
    last.daemon = True
    last.start()
    try:
        tables = {n: pa.ipc.open_stream(content).read_all() for n, content in given.items()}
        answer = _answer(sql, parameters, tables, seconds, macros)
        if answer.nbytes > MOST_ANSWER_BYTES:
            return {"refused": "answer"}, None
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, answer.schema) as writer:
            writer.write_table(answer)
        return {}, memoryview(sink.getvalue())
    except duckdb.InterruptException:
        return {"refused": "time"}, None
    except (duckdb.OutOfMemoryException, MemoryError, pa.ArrowMemoryError):
        return {"refused": "memory"}, None
    except (duckdb.Error, pa.ArrowException) as fault:
        return {"refused": "run", "fault": str(fault)[:1000] or type(fault).__name__}, None
    finally:
        last.cancel()


def _answer(
    sql: str,
    parameters: dict[str, Any],
    tables: dict[str, pa.Table],
    seconds: float,
    macros: Sequence[str] = (),
) -> pa.Table:
    with duckdb.connect(":memory:", config=dict(SETTINGS)) as room:
        for name, table in tables.items():
            room.register(name, table)
        for macro in macros:
            room.execute(macro)
        # Last, because registering a table is access from outside. ICU must be loaded for times.
        room.execute(
            "SET TimeZone = 'UTC'; SET enable_external_access = false;"
            " SET lock_configuration = true"
        )
        clock = threading.Timer(seconds, room.interrupt)
        clock.start()
        try:
            found: pa.Table = room.execute(sql, parameters).to_arrow_table()
        finally:
            clock.cancel()
        return found


def _bound(data_bytes: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if hard != resource.RLIM_INFINITY:
        data_bytes = min(data_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (data_bytes, hard))


def _data_bytes() -> int:
    """Return how much writable memory this process has asked for, as RLIMIT_DATA counts it."""
    pages = Path("/proc/self/statm").read_text("ascii").split()[5]
    return int(pages) * resource.getpagesize()


def _try_out() -> None:
    _answer("select a from t", {}, {"t": pa.table({"a": [1]})}, 60.0)


def _shut_off() -> None:
    """Open no file and no connection any more, where this kernel knows Landlock (5.13 and later).

    From here on even DuckDB itself, taken over by whoever wrote the SQL, opens nothing: the system
    refuses. What it reads to learn of the machine's memory stays open to reading. Threads begun
    before are not held by it; the statement runs in this one.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    known = libc.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    if known < 1:
        return
    files = (1 << _FILE_RIGHTS.get(known, max(_FILE_RIGHTS.values()))) - 1
    handled = struct.pack("=QQ", files, _BIND_TCP | _CONNECT_TCP if known >= _WITH_NETWORK else 0)
    size = len(handled) if known >= _WITH_NETWORK else 8
    ruleset = libc.syscall(_CREATE_RULESET, handled, size, 0)
    if ruleset >= 0:
        for place in _LEARNS_FROM:
            _let_read(libc, ruleset, place)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        libc.syscall(_RESTRICT_SELF, ruleset, 0)
        os.close(ruleset)


def _let_read(libc: ctypes.CDLL, ruleset: int, place: str) -> None:
    try:
        file = os.open(place, os.O_PATH)
    except OSError:
        return  # not on this machine
    rights = _READ_FILE | (_READ_FOLDER if Path(place).is_dir() else 0)
    libc.syscall(_ADD_RULE, ruleset, _BENEATH, struct.pack("=Qi", rights, file), 0)
    os.close(file)


if __name__ == "__main__":
    main()
