"""Pictures of what is in a file: drawn once, in a process of its own, and kept beside the contents.

A file that cannot be drawn in the time and memory it gets is remembered as such, so that nobody can
keep the machine busy by asking again. All of it may be deleted at any time and is drawn anew.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from guantong.files import blobs
from guantong.files.errors import NoPreview
from guantong.files.queries import FileView, bytes_of

MOST_PAGES = 5
WIDTH = 1200
SECONDS = 30.0
_FAILED = "failed"


def pages_of(file: FileView) -> int:
    """Return how many pictures there are of a file, drawing them where that was not done yet."""
    folder = _drawn(file)
    return min(int((folder / "pages").read_text(encoding="ascii")), MOST_PAGES)


def picture_of(file: FileView, number: int) -> Path:
    """Return the picture of one page."""
    path = _drawn(file) / f"{int(number)}.png"
    if not path.exists():
        raise NoPreview()
    return path


def _drawn(file: FileView) -> Path:
    source, folder = bytes_of(file), blobs.preview_folder(file.digest)
    if not file.has_preview or (folder / _FAILED).exists():
        raise NoPreview()
    if (folder / "pages").exists():
        return folder
    with _one_at_a_time():
        if not (folder / "pages").exists():
            _draw(source, file.type, folder)
    return folder


def _draw(source: Path, media_type: str, folder: Path) -> None:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix="."))
    command = [
        sys.executable, "-I", "-m", "guantong.files.draw", str(source), media_type, str(fresh),
        str(MOST_PAGES), str(WIDTH),
    ]  # fmt: skip
    try:
        # Nothing of our own environment goes along: no key, no address of the store.
        subprocess.run(  # noqa: S603 - our own interpreter and module; the file is only an argument
            command, env={"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}, cwd=fresh, timeout=SECONDS,
            check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError):
        shutil.rmtree(fresh, ignore_errors=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / _FAILED).touch()
        raise NoPreview() from None
    try:
        fresh.rename(folder)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)  # somebody else was faster


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let one preview be drawn at a time on this machine: memory is bounded as a whole."""
    folder = Path(settings.FILES)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / "preview.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
