"""Files that people name on the command line: read, or written whole, or refused in a sentence."""

import os
from pathlib import Path

from guantong.main.errors import FileNotRead, FileNotWritten


def read_given(path: Path) -> bytes:
    """Return what a file holds."""
    try:
        return path.read_bytes()
    except OSError as fault:
        raise FileNotRead(path=path, why=_why(fault)) from fault


def write_out(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; one of that name is replaced."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as fault:
        fresh.unlink(missing_ok=True)
        raise FileNotWritten(path=path, why=_why(fault)) from fault


def _why(fault: OSError) -> str:
    return fault.strerror or type(fault).__name__
