"""What a command costs: seconds, processor seconds and peak memory.

The embedded server and the rooms of foreign SQL are included.
"""

import threading
import time
from pathlib import Path
from typing import Self

import psutil

_SAMPLE_SECONDS = 1.0


class Cost:
    """Measure from ``with`` to the end of the block; an embedded server counts, too."""

    def __init__(self, postgres: Path) -> None:
        self._pid_file = postgres / "postmaster.pid"
        self._own = psutil.Process()
        self._began = self._own.create_time()
        self._server_before = 0.0
        self._peak = 0
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._server_before = self._server_cpu()
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def so_far(self) -> dict[str, float]:
        """Return ``seconds``, ``cpu_seconds`` and ``peak_mb`` from the start of this process."""
        times = self._own.cpu_times()
        own = times.user + times.system + times.children_user + times.children_system
        own += sum(_cpu_of(room) for room in self._rooms(self._servers()))
        return {
            "seconds": round(time.time() - self._began, 1),
            "cpu_seconds": round(own + self._server_cpu() - self._server_before, 1),
            "peak_mb": round(self._peak / 1e6, 1),
        }

    def _servers(self) -> list[psutil.Process]:
        try:
            master = psutil.Process(int(self._pid_file.read_text().split()[0]))
            return [master, *master.children(recursive=True)]
        except (OSError, ValueError, IndexError, psutil.Error):
            return []  # another server by DATABASE_URL, or none yet

    def _rooms(self, servers: list[psutil.Process]) -> list[psutil.Process]:
        """Return the processes in which foreign SQL runs for this one, as long as they live."""
        known = {server.pid for server in servers}
        try:
            return [p for p in self._own.children(recursive=True) if p.pid not in known]
        except psutil.Error:
            return []

    def _server_cpu(self) -> float:
        total = 0.0
        for number, process in enumerate(self._servers()):
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue  # it ended meanwhile; the master has its times then
            total += times.user + times.system
            if number == 0:  # the master's children that have ended
                total += times.children_user + times.children_system
        return total

    def _sample(self) -> None:
        while True:
            held = 0
            servers = self._servers()
            for process in (self._own, *servers, *self._rooms(servers)):
                try:
                    held += process.memory_full_info().pss
                except (psutil.Error, AttributeError):
                    continue
            self._peak = max(self._peak, held)
            if self._over.wait(_SAMPLE_SECONDS):
                return


def _cpu_of(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
