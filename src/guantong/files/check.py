"""Are the bytes on disk still those that were stored? Each content is opened, read and digested.

What the store remembers of keys is put right on the way, from what stands on the disk: after files
were brought back from a backup it may name another key, or none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from guantong.base.sealing import FieldKeyMissing
from guantong.files import blobs
from guantong.files.models import Content, StoredFile
from guantong.files.sealed_contents import note


@dataclass(frozen=True)
class FileFault:
    """A content that is missing or altered, and the files that need it."""

    code: str
    digest: str
    files: tuple[UUID, ...]


@dataclass(frozen=True)
class FilesReport:
    """What was read and what was found."""

    contents: int
    bytes: int
    waiting: int
    open: int
    faults: tuple[FileFault, ...]


def check(progress: Callable[[int, int], None] = lambda done, total: None) -> FilesReport:
    """Read every content that a file needs; name those that are missing or altered."""
    needed: dict[tuple[str, int], list[UUID]] = {}
    rows = StoredFile.objects.filter(cleared_at=None).order_by("id")
    for id, digest, size in rows.values_list("id", "digest", "size").iterator():
        needed.setdefault((digest, size), []).append(id)
    known = dict(Content.objects.values_list("digest", "key"))
    faults, lies_open = [], 0
    for number, ((digest, size), ids) in enumerate(needed.items(), start=1):
        code, key = _fault(digest, size)
        if code is not None:
            faults.append(FileFault(code, digest, tuple(ids)))
        else:
            lies_open += not key
            if known.get(digest) != key:
                note(digest, key)
        progress(number, len(needed))
    waiting = StoredFile.objects.filter(scan="waiting", removed_at=None).count()
    return FilesReport(
        len(needed), sum(size for _, size in needed), waiting, lies_open, tuple(faults)
    )


def _fault(digest: str, size: int) -> tuple[str | None, str]:
    """Return what is wrong with a content, and the key it is under."""
    try:
        key = blobs.key_of(digest)
        return (None if blobs.is_whole(digest, size) else "file-altered"), key
    except FileNotFoundError:
        return "file-missing", ""
    except FieldKeyMissing:
        return "file-key-missing", ""
