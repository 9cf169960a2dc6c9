"""The keeper of the locked rooms: starts one, hands a statement in, ends it when it overstays.

A room is a process (``room``) and is used again, because starting one takes longer than most
statements. After anything but an orderly answer it is ended: what has misbehaved once is not asked
again. A room that ended by itself, because nobody had asked it for a while, is replaced unseen.
"""

import atexit
import contextlib
import json
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, cast

import pyarrow as pa

from guantong.data.room import (
    GRACE_SECONDS,
    MOST_ANSWER_BYTES,
    READY,
    SHUT_OFF,
    read_frame,
    write_frame,
)

_log = logging.getLogger(__name__)

# Kept ready in one process; more run at once where more threads ask.
MOST_IDLE = 2
# A slow machine under load; this only ends a start that hangs.
_START_SECONDS = 120.0
_MOST_TOLD = 100_000
# An answer as a stream is larger than its columns by headers and padding.
_MOST_STREAM = MOST_ANSWER_BYTES * 2
# Of the platform's environment nothing: no password, no path, no proxy.
_ENVIRONMENT = {"LANG": "C.UTF-8", "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}


class Told(Exception):
    """The room gave no rows: ``reason`` is time, memory, answer or run."""

    def __init__(self, reason: str, fault: str = "") -> None:
        super().__init__(reason)
        self.reason, self.fault = reason, fault


class _Gone(Exception):
    """The room ended before it took the statement in."""


class _Room:
    """One process; used by one thread at a time."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own program, our own words
            [sys.executable, "-I", "-m", "guantong.data.room", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT, cwd="/", close_fds=True, start_new_session=True,
        )  # fmt: skip
        self.say = cast(BinaryIO, self.process.stdin)
        self.hear = cast(BinaryIO, self.process.stdout)
        with self._ended_after(_START_SECONDS):
            self.stands = read_frame(self.hear, len(READY)) == READY

    def ask(
        self,
        sql: str,
        parameters: Mapping[str, Any],
        tables: Mapping[str, pa.Table],
        seconds: float,
        macros: Sequence[str],
    ) -> pa.Table:
        """Return the rows of a statement; Told where there are none, _Gone to ask another room."""
        asked = pickle.dumps((sql, dict(parameters), list(tables), seconds, list(macros)))
        began = time.monotonic()
        with self._ended_after(seconds + GRACE_SECONDS + 1):
            self._hand_in(asked, tables)
            head = read_frame(self.hear, _MOST_TOLD)
            if head is None:
                stayed = time.monotonic() - began
                raise Told("time" if stayed >= seconds else "memory")
            told = json.loads(head)
            if told:
                raise Told(str(told["refused"]), str(told.get("fault", "")))
            rows = read_frame(self.hear, _MOST_STREAM)
        if rows is None:
            raise Told("answer")
        return pa.ipc.open_stream(rows).read_all()

    def _hand_in(self, asked: bytes, tables: Mapping[str, pa.Table]) -> None:
        try:
            write_frame(self.say, asked)
            for table in tables.values():
                write_frame(self.say, _stream(table))
        except (BrokenPipeError, ConnectionResetError):
            raise _Gone from None

    def end(self) -> None:
        """End the process at once; safe to repeat."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.say, self.hear):
            with contextlib.suppress(OSError):
                pipe.close()

    @contextlib.contextmanager
    def _ended_after(self, seconds: float) -> Any:
        clock = threading.Timer(seconds, self.process.kill)
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()


_idle: list[_Room] = []
_anothers: list[_Room] = []


def ask(
    sql: str,
    parameters: Mapping[str, Any],
    tables: Mapping[str, pa.Table],
    seconds: float,
    *,
    macros: Sequence[str] = (),
) -> pa.Table:
    """Return what a statement answers in a locked room; Told where it does not.

    ``macros`` are statements of our own that make the functions it may call.
    """
    while True:
        room, fresh = _take()
        try:
            answer = room.ask(sql, parameters, tables, seconds, macros)
        except _Gone:
            room.end()
            if fresh:
                raise RuntimeError("a room for foreign SQL ended as soon as it stood") from None
            continue
        except Told as told:
            _give_back(room, orderly=told.reason == "run")
            raise
        except BaseException:
            # Interrupted in between: what it says next would be taken for the next answer.
            room.end()
            raise
        _give_back(room, orderly=True)
        return answer


def _take() -> tuple[_Room, bool]:
    while True:
        try:
            room = _idle.pop()
        except IndexError:
            return _start(), True
        if room.process.poll() is None:
            return room, False
        room.end()


def _start() -> _Room:
    room = _Room(SHUT_OFF)
    if room.stands:
        return room
    room.end()
    # A kernel that shuts off what DuckDB needs to begin: the other walls stand, and it is told.
    _log.warning("a room for foreign SQL does not start shut off from files; it starts without")
    room = _Room()
    if room.stands:
        return room
    room.end()
    raise RuntimeError("the room for foreign SQL does not start")


def _give_back(room: _Room, *, orderly: bool) -> None:
    if orderly and len(_idle) < MOST_IDLE:
        _idle.append(room)
    else:
        room.end()


def _stream(table: pa.Table) -> memoryview:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return memoryview(sink.getvalue())


@atexit.register
def end_all() -> None:
    """End every room that waits; they would end by themselves when this process is gone."""
    while _idle:
        _idle.pop().end()


def _leave_to_the_first() -> None:
    """A copy of this process has no business with the rooms of the first."""
    _anothers.extend(_idle)
    _idle.clear()


os.register_at_fork(after_in_child=_leave_to_the_first)
