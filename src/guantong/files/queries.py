"""Reading files: those of a record, one by its number, and what the checks look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BufferedReader
from typing import cast
from uuid import UUID

from guantong.base.realm import Realm
from guantong.base.sealed_file import CHUNK
from guantong.base.sealing import SealBroken
from guantong.files import blobs
from guantong.files.content import kind_of
from guantong.files.errors import BytesGone, StillScanned
from guantong.files.limits import UNDO_HOURS
from guantong.files.models import StoredFile
from guantong.files.scanning import State

Owner = tuple[str, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """One file, without its bytes."""

    id: UUID
    realm: str
    owner: Owner
    name: str
    type: str
    size: int
    digest: str
    classification: str
    scan: State
    added_at: datetime
    person_id: UUID | None
    unit_id: UUID | None
    removed_at: datetime | None

    @property
    def has_preview(self) -> bool:
        """Whether a picture of it can be drawn."""
        return kind_of(self.type).preview and self.scan in ("clean", "not_scanned")

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture itself."""
        return self.type.startswith("image/")

    def restorable(self, now: datetime) -> bool:
        """Whether it was removed so lately that it can be brought back."""
        return self.removed_at is not None and now < self.removed_at + timedelta(hours=UNDO_HOURS)


def files_of(realm: Realm, owners: Iterable[Owner], *, removed: bool = False) -> list[FileView]:
    """Return the files of some records, oldest first; removed ones only where asked for."""
    kinds: dict[str, list[UUID]] = {}
    for kind, id in owners:
        kinds.setdefault(kind, []).append(id)
    found: list[StoredFile] = []
    for kind, ids in kinds.items():
        rows = StoredFile.objects.filter(realm=realm, owner_kind=kind, owner_id__in=ids)
        found += rows if removed else rows.filter(removed_at=None)
    return [_view(row) for row in sorted(found, key=lambda row: (row.added_at, row.id))]


def file(realm: Realm, id: UUID) -> FileView | None:
    """Return one file of a realm, removed or not."""
    row = StoredFile.objects.filter(realm=realm, id=id).first()
    return None if row is None else _view(row)


def bytes_of(file: FileView) -> BufferedReader:
    """Return a reader of the bytes of a file, for handing them out; refuse what must not go out.

    All of it was opened once before: whoever gets the first byte gets the last.
    """
    if file.scan in ("waiting", "refused"):
        raise StillScanned()
    if file.removed_at is not None:
        raise BytesGone()
    try:
        reader = blobs.opened(file.digest, file.size)
        while reader.read(CHUNK):
            pass
        reader.seek(0)
    except (OSError, SealBroken):
        raise BytesGone() from None
    return reader


def _view(row: StoredFile) -> FileView:
    return FileView(
        id=row.id, realm=row.realm, owner=(row.owner_kind, row.owner_id), name=row.name,
        type=row.type, size=row.size, digest=row.digest, classification=row.classification,
        scan=cast(State, row.scan), added_at=row.added_at, person_id=row.person_id,
        unit_id=row.unit_id, removed_at=row.removed_at,
    )  # fmt: skip
