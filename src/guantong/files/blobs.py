"""Bytes on disk, each content once, under its SHA-256 in two levels of folders.

Written beside and renamed when it is whole and on the disk, so that a power cut leaves either the
whole content or none. The name never comes from outside. A content nobody refers to (the
transaction of its record failed, or its file was removed) is collected after a day.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

_DIGEST = re.compile(r"[0-9a-f]{64}")


def folder() -> Path:
    """Return the folder of all contents."""
    return Path(settings.FILES) / "content"


def preview_folder(digest: str) -> Path:
    """Return where the pictures drawn of a content are kept; they can be drawn again."""
    assert _DIGEST.fullmatch(digest), "a digest is 64 digits"
    return Path(settings.FILES) / "previews" / digest[:2] / digest[2:4] / digest


def path_of(digest: str) -> Path:
    """Return where a content lies."""
    assert _DIGEST.fullmatch(digest), "a digest is 64 digits"
    return folder() / digest[:2] / digest[2:4] / digest


def put(data: bytes) -> str:
    """Keep ``data``; return its digest. The same content again is kept once."""
    digest = hashlib.sha256(data).hexdigest()
    target = path_of(digest)
    if _renewed(target, len(data)):
        return digest
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = target.with_name(f".{digest}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    for level in (target.parent, target.parent.parent, folder()):
        _settle(level)
    return digest


def is_whole(digest: str, size: int) -> bool:
    """Say whether the bytes on disk are those of the digest."""
    try:
        with path_of(digest).open("rb") as file:
            found = hashlib.file_digest(file, "sha256")
            return found.hexdigest() == digest and file.tell() == size
    except OSError:
        return False


def _renewed(target: Path, size: int) -> bool:
    """Make a content that is there as new: it must not go under a record just being made."""
    with _lock(fcntl.LOCK_SH):
        try:
            os.utime(target)
            return target.stat().st_size == size
        except FileNotFoundError:
            return False


def remove_old(name: str, before: float) -> bool:
    """Take a content, or what a killed write left, off the disk, unless it was renewed since."""
    target = folder() / name.lstrip(".")[:2] / name.lstrip(".")[2:4] / name
    with _lock(fcntl.LOCK_EX):
        try:
            if target.stat().st_mtime >= before:
                return False
            target.unlink()
        except FileNotFoundError:
            return False
    if _DIGEST.fullmatch(name):
        shutil.rmtree(preview_folder(name), ignore_errors=True)
    return True


def kept() -> Iterator[tuple[str, float]]:
    """Yield each content on disk, and what a killed write left, with its time of change."""
    for path in folder().glob("*/*/*"):
        # What is being written is renamed, and what is nobody's removed, while we look.
        with contextlib.suppress(FileNotFoundError):
            yield path.name, path.stat().st_mtime


@contextlib.contextmanager
def _lock(how: int) -> Iterator[None]:
    place = Path(settings.FILES)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(place / "content.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)


def _settle(level: Path) -> None:
    handle = os.open(level, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
