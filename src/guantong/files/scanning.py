"""The port to a virus scanner, and the one client we ship: clamd, by its INSTREAM command.

Without a scanner (``GUANTONG_CLAMD`` not set) a file says so. With one, a file that could not be
looked at yet waits, and is not handed out before. The protocol is that of clamd(8): ``zINSTREAM``,
then chunks with their length in four bytes, big endian, then a length of zero.
"""

import os
import socket
import struct
import time
from typing import Literal, Protocol

State = Literal["waiting", "clean", "refused", "not_scanned"]
SECONDS = 20.0
_CHUNK = 64 * 1024


class Scanner(Protocol):
    """Looks at the bytes of a file."""

    def scan(self, data: bytes) -> State:
        """Return what was found; ``waiting`` when nobody could look."""
        ...


class NoScanner:
    """The null scanner: nobody looks, and the file says so."""

    def scan(self, data: bytes) -> State:
        """Return that nobody looked."""
        return "not_scanned"


class Clamd:
    """A running clamd, at ``unix:/path`` or ``host:port``."""

    def __init__(self, address: str, *, seconds: float = SECONDS) -> None:
        self._address, self._seconds = address, seconds

    def scan(self, data: bytes) -> State:
        """Send the bytes and read the answer; anything but a plain answer lets the file wait.

        All of it has its time once: a scanner that takes or gives a little now and then does not
        hold a worker for longer.
        """
        until = time.monotonic() + self._seconds
        try:
            with self._connect() as wire:
                wire.sendall(b"zINSTREAM\0")
                for start in range(0, len(data), _CHUNK):
                    chunk = data[start : start + _CHUNK]
                    wire.settimeout(_left(until))
                    wire.sendall(struct.pack(">I", len(chunk)) + chunk)
                wire.sendall(struct.pack(">I", 0))
                answer = self._answer(wire, until)
        except (OSError, ValueError):
            return "waiting"
        if answer.endswith(b"FOUND"):
            return "refused"
        # An error of the scanner ("size limit exceeded") is no leave to pass.
        return "clean" if answer == b"stream: OK" else "waiting"

    def _connect(self) -> socket.socket:
        if self._address.startswith("unix:"):
            wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            wire.settimeout(self._seconds)
            try:
                wire.connect(self._address.removeprefix("unix:"))
            except OSError:
                wire.close()
                raise
            return wire
        host, _, port = self._address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=self._seconds)

    def _answer(self, wire: socket.socket, until: float) -> bytes:
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < 4096:
            wire.settimeout(_left(until))
            part = wire.recv(1024)
            if not part:
                break
            answer += part
        return answer.rstrip(b"\0\r\n")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def scanner() -> Scanner:
    """Return the scanner the environment names: ``GUANTONG_CLAMD``."""
    address = os.environ.get("GUANTONG_CLAMD")
    return Clamd(address) if address else NoScanner()
