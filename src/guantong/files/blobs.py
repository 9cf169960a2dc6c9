"""Bytes on disk, each content once and sealed, under its SHA-256 in two levels of folders.

Written beside and renamed when it is whole and on the disk, so that a power cut leaves either the
whole content or none. The name never comes from outside. A content nobody refers to (the
transaction of its record failed, or its file was removed) is collected after a day.

A content is sealed as ``base.sealed_file`` does, bound to its digest. The name stays the plain
digest: the log needs it as evidence, and whoever could compare it holds the same file already.
Installations before that left contents open: one is still read, after all of it was compared with
its digest (or whoever can write to the disk could put an open file in the place of a sealed one),
and is sealed in the background (``sealed_contents``). A content never lies open anywhere else.
"""

import contextlib
import fcntl
import hashlib
import io
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings

from guantong.base.key_ring import FieldKey
from guantong.base.sealed_file import (
    HEAD,
    is_sealed_file,
    key_of_file,
    open_sealed,
    seal_file,
    sealed_size,
)
from guantong.base.sealing import SealBroken

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


def put(data: bytes) -> tuple[str, str]:
    """Keep ``data`` sealed; return its digest and the key it is under. Again: it is kept once."""
    digest = hashlib.sha256(data).hexdigest()
    if not _renewed(digest, len(data)):
        fresh, target = _beside(digest, io.BytesIO(data)), path_of(digest)
        try:
            # Where another was faster, his stays, so that both find the same key in it.
            os.link(fresh, target)
        except FileExistsError:
            if not _renewed(digest, len(data)):
                fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)
        _settle_all(target)
    return digest, key_of(digest)


def key_of(digest: str) -> str:
    """Return the key a content is sealed under, as it lies there; empty when it lies open."""
    with path_of(digest).open("rb") as file:
        return key_of_file(file.read(HEAD))


def opened(digest: str, size: int) -> io.BufferedReader:
    """Return a reader of a content of that size; ``SealBroken`` where it is not whole."""
    file = path_of(digest).open("rb")
    try:
        on_disk = os.fstat(file.fileno()).st_size
        if is_sealed_file(file.read(HEAD)):
            file.seek(0)
            if on_disk != sealed_size(size):
                raise SealBroken(about=_ABOUT)
            return open_sealed(file, about=_about(digest))
        file.seek(0)
        if on_disk != size or hashlib.file_digest(file, "sha256").hexdigest() != digest:
            raise SealBroken(about=_ABOUT)
        file.seek(0)
        return file
    except BaseException:
        file.close()
        raise


def is_whole(digest: str, size: int) -> bool:
    """Say whether what lies on disk opens, and is what the digest says."""
    try:
        with opened(digest, size) as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except (OSError, SealBroken):
        return False


def seal_again(digest: str, size: int, key: FieldKey) -> None:
    """Seal a content under ``key`` where it lies; what is not whole is refused and left as it is.

    Killed at any point, the content is there as it was or as it will be.
    """
    if key_of(digest) == key.id:
        return
    with opened(digest, size) as source:
        _beside(digest, source, key).replace(path_of(digest))
    _settle_all(path_of(digest))
    # Pictures are drawn anew: those of an open content lay open, too.
    shutil.rmtree(preview_folder(digest), ignore_errors=True)


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


_ABOUT = "files.content"


def _about(digest: str) -> str:
    return f"{_ABOUT}:{digest}"


def _beside(digest: str, source: IO[bytes], key: FieldKey | None = None) -> Path:
    """Seal a source into a fresh file beside its place, down to the disk; return that file."""
    target = path_of(digest)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = target.with_name(f".{digest}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            seal_file(source, file, about=_about(digest), key=key)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    return fresh


def _renewed(digest: str, size: int) -> bool:
    """Make a content that is there as new: it must not go under a record just being made."""
    with _lock(fcntl.LOCK_SH):
        try:
            os.utime(path_of(digest))
            return path_of(digest).stat().st_size in (size, sealed_size(size))
        except FileNotFoundError:
            return False


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


def _settle_all(target: Path) -> None:
    for level in (target.parent, target.parent.parent, folder()):
        _settle(level)


def _settle(level: Path) -> None:
    handle = os.open(level, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
