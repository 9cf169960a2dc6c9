"""Pictures of what is in a file: drawn once, in a process of its own, and kept beside the contents.

A file that cannot be drawn in the time and memory it gets is remembered as such, so that nobody can
keep the machine busy by asking again. All of it may be deleted at any time and is drawn anew.

A picture shows what the file shows: it is kept sealed like it, and what goes to the process that
draws and comes back from it lies in memory only.
"""

import contextlib
import fcntl
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings

from guantong.base.sealed_file import open_sealed, seal_file
from guantong.base.sealing import FieldKeyMissing, SealBroken
from guantong.files import blobs
from guantong.files.errors import NoPreview
from guantong.files.queries import FileView, bytes_of

MOST_PAGES = 5
WIDTH = 1200
SECONDS = 30.0
# Only in a folder of sealed pictures; earlier ones lay open, and are drawn anew.
_DRAWN, _FAILED = "drawn", "failed"


def pages_of(file: FileView) -> int:
    """Return how many pictures there are of a file, drawing them where that was not done yet."""
    folder = _drawn(file)
    return min(int((folder / _DRAWN).read_text(encoding="ascii")), MOST_PAGES)


def picture_of(file: FileView, number: int) -> io.BufferedReader:
    """Return a reader of the picture of one page."""
    folder = _drawn(file)
    try:
        return _opened(folder, file.digest, number)
    except (SealBroken, FieldKeyMissing):
        # Sealed under a key that is gone by now, or altered: it can be drawn again.
        shutil.rmtree(folder, ignore_errors=True)
        return _opened(_drawn(file), file.digest, number)


def _opened(folder: Path, digest: str, number: int) -> io.BufferedReader:
    try:
        source = (folder / str(int(number))).open("rb")
    except FileNotFoundError:
        raise NoPreview() from None
    try:
        return open_sealed(source, about=_about(digest, number))
    except BaseException:
        source.close()
        raise


def _about(digest: str, number: int) -> str:
    return f"files.preview:{digest}/{number}"


def _drawn(file: FileView) -> Path:
    folder = blobs.preview_folder(file.digest)
    with bytes_of(file) as source:
        if not file.has_preview or (folder / _FAILED).exists():
            raise NoPreview()
        if (folder / _DRAWN).exists():
            return folder
        with _one_at_a_time():
            if not (folder / _DRAWN).exists():
                _draw(source, file, folder)
    return folder


def _draw(source: IO[bytes], file: FileView, folder: Path) -> None:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        total, pictures = _ask_to_draw(source.read(), file.type)
    except (subprocess.SubprocessError, OSError, ValueError):
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / _FAILED).touch()
        raise NoPreview() from None
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix="."))
    for number, picture in enumerate(pictures, start=1):
        with (fresh / str(number)).open("wb") as target:
            seal_file(io.BytesIO(picture), target, about=_about(file.digest, number))
    (fresh / _DRAWN).write_text(str(total), encoding="ascii")
    try:
        fresh.rename(folder)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)  # somebody else was faster


def _ask_to_draw(data: bytes, media_type: str) -> tuple[int, list[bytes]]:
    """Return how many pages there are and the pictures of the first of them."""
    command = [
        sys.executable, "-I", "-m", "guantong.files.draw", media_type, str(MOST_PAGES), str(WIDTH)
    ]  # fmt: skip
    with os.fdopen(os.memfd_create("pictures"), "w+b") as made:
        # Nothing of our own environment goes along: no key, no address of the store.
        subprocess.run(  # noqa: S603 - our own interpreter and module
            command, env={"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}, cwd="/", timeout=SECONDS,
            check=True, input=data, stdout=made, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        made.seek(0)
        total = int.from_bytes(made.read(4), "big")
        pictures = []
        while length := int.from_bytes(made.read(4), "big"):
            picture = made.read(length)
            if len(picture) != length:
                raise ValueError("a picture is cut off")
            pictures.append(picture)
    if not 0 < len(pictures) <= MOST_PAGES:
        raise ValueError("no picture")
    return total, pictures


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
