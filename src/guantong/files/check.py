"""Are the bytes on disk still those that were stored? Each content is read once and digested."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from guantong.files import blobs
from guantong.files.models import StoredFile


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
    faults: tuple[FileFault, ...]


def check(progress: Callable[[int, int], None] = lambda done, total: None) -> FilesReport:
    """Read every content that a file needs; name those that are missing or altered."""
    needed: dict[tuple[str, int], list[UUID]] = {}
    rows = StoredFile.objects.filter(cleared_at=None).order_by("id")
    for id, digest, size in rows.values_list("id", "digest", "size").iterator():
        needed.setdefault((digest, size), []).append(id)
    faults = []
    for number, ((digest, size), ids) in enumerate(needed.items(), start=1):
        if not blobs.is_whole(digest, size):
            code = "file-altered" if blobs.path_of(digest).exists() else "file-missing"
            faults.append(FileFault(code, digest, tuple(ids)))
        progress(number, len(needed))
    waiting = StoredFile.objects.filter(scan="waiting", removed_at=None).count()
    return FilesReport(len(needed), sum(size for _, size in needed), waiting, tuple(faults))
