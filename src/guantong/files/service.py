"""Take files in, remove them, bring them back, have them scanned, clear away what is nobody's.

The bytes go to the disk first and the record after them, so that a record never stands without its
bytes. Every change leaves a leaf. What the scanner refuses is not taken in; where the scanner was
away, the file waits and ``scan_waiting`` looks again.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import Count, F, Q, Sum

from guantong.audit.api import Leaf, write
from guantong.base import clock
from guantong.base.ids import new_id
from guantong.base.realm import Realm
from guantong.base.sealing import FieldKeyMissing, SealBroken
from guantong.files import blobs, naming
from guantong.files.content import examine
from guantong.files.errors import FileRefused, Infected, NotRestorable, TooMuch
from guantong.files.limits import MOST_BYTES_OF_RECORD, MOST_FILES, UNDO_HOURS
from guantong.files.models import StoredFile
from guantong.files.queries import FileView, Owner, file
from guantong.files.scanning import Scanner, scanner
from guantong.files.sealed_contents import forget, keep
from guantong.files.witness import FILE_AFTER

CLEAR_SECONDS = 3600.0
# When the scanner has no answer to three files one after the other, it is away: the rest is tried
# in the next turn. A file it had no answer to stands back, twice as long each time, so that three
# it never answers do not keep the others waiting (the times are ours).
MOST_MISSES = 3
SCAN_SECONDS = 30.0
FIRST_SCAN_PAUSE = timedelta(minutes=1)
LONGEST_SCAN_PAUSE = timedelta(minutes=15)
_CHUNK = 1000
_cleared = float("-inf")


def add(
    realm: Realm,
    owner: Owner,
    data: bytes,
    *,
    name: str,
    at: datetime,
    person_id: UUID | None,
    unit_id: UUID | None,
    classification: str = "L2",
    looks: Scanner | None = None,
) -> FileView:
    """Take a file in for a record; refuse what is no allowed kind, a trap, or too much."""
    kind = examine(data, name)
    state = (looks or scanner()).scan(data)
    if state == "refused":
        raise Infected()
    digest = keep(data)
    id = new_id()
    with transaction.atomic():
        _lock_record(realm, owner)
        _refuse_too_much(realm, owner, len(data))
        StoredFile.objects.create(
            id=id, realm=realm, owner_kind=owner[0], owner_id=owner[1],
            name=naming.clean(name, kind.extension), type=kind.media_type, size=len(data),
            digest=digest, classification=classification, scan=state,
            scanned_at=None if state in ("waiting", "not_scanned") else at, added_at=at,
            person_id=person_id, unit_id=unit_id,
        )  # fmt: skip
        leave_leaf(id, "add", at=at, actor=actor_of(person_id))
    found = file(realm, id)
    assert found is not None, "it was just stored"
    return found


def add_made(
    realm: Realm, owner: Owner, data: bytes, *, name: str, type: str, at: datetime, person_id: UUID
) -> UUID:
    """Store a file that we made ourselves (a document), in the running transaction."""
    id = new_id()
    StoredFile.objects.create(
        id=id, realm=realm, owner_kind=owner[0], owner_id=owner[1], name=name, type=type,
        size=len(data), digest=keep(data), classification="L2", scan="clean", scanned_at=at,
        added_at=at, person_id=person_id,
    )  # fmt: skip
    leave_leaf(id, "add", at=at, actor=actor_of(person_id))
    return id


@transaction.atomic
def remove(realm: Realm, id: UUID, *, at: datetime, person_id: UUID | None) -> None:
    """Remove a file: its record stays as a tombstone, its bytes for a day. Again: no effect."""
    row = StoredFile.objects.select_for_update().get(realm=realm, id=id)
    if row.removed_at is None:
        row.removed_at, row.removed_by = at, person_id
        row.save(update_fields=["removed_at", "removed_by"])
        leave_leaf(id, "remove", at=at, actor=actor_of(person_id))


@transaction.atomic
def restore(realm: Realm, id: UUID, *, at: datetime, person_id: UUID | None) -> None:
    """Bring a removed file back, within a day. Again: no effect."""
    row = StoredFile.objects.select_for_update().get(realm=realm, id=id)
    if row.removed_at is None:
        return
    if row.cleared_at is not None or at >= row.removed_at + timedelta(hours=UNDO_HOURS):
        raise NotRestorable(hours=UNDO_HOURS)
    _lock_record(realm, (row.owner_kind, row.owner_id))
    _refuse_too_much(realm, (row.owner_kind, row.owner_id), row.size)
    row.removed_at = row.removed_by = None
    row.save(update_fields=["removed_at", "removed_by"])
    leave_leaf(id, "restore", at=at, actor=actor_of(person_id))


def scan_waiting(*, at: datetime, looks: Scanner | None = None, most: int = 20) -> int:
    """Have files looked at that still wait for the scanner; return how many got an answer.

    What turns out to be refused is removed at once and cannot be brought back.
    """
    done, misses, until = 0, 0, time.monotonic() + SCAN_SECONDS
    waits = StoredFile.objects.filter(
        Q(scan_again_at=None) | Q(scan_again_at__lte=at), scan="waiting"
    ).order_by(F("scan_again_at").asc(nulls_first=True), "id")
    for id, digest, size, missed in waits.values_list("id", "digest", "size", "scan_misses")[:most]:
        if misses >= MOST_MISSES or time.monotonic() >= until:
            break
        try:
            with blobs.opened(digest, size) as reader:
                data = reader.read()
        except (OSError, SealBroken, FieldKeyMissing):
            _stand_back(id, missed, at)
            continue
        # The scanner may take its time: nothing is held meanwhile.
        state = (looks or scanner()).scan(data)
        if state == "waiting":
            _stand_back(id, missed, at)
            misses += 1
            continue
        misses = 0
        with transaction.atomic():
            row = (
                StoredFile.objects.select_for_update(skip_locked=True)
                .filter(id=id, scan="waiting")
                .first()
            )
            if row is None:
                continue
            row.scan, row.scanned_at = state, at
            if state == "refused" and row.removed_at is None:
                row.removed_at = at
            row.save(update_fields=["scan", "scanned_at", "removed_at"])
            leave_leaf(id, "scan", at=at, actor="system:scanner")
            done += 1
    return done


def _stand_back(id: UUID, missed: int, at: datetime) -> None:
    pause = min(FIRST_SCAN_PAUSE * (1 << min(missed, 20)), LONGEST_SCAN_PAUSE)
    StoredFile.objects.filter(id=id).update(scan_misses=missed + 1, scan_again_at=at + pause)


def collect(
    now_in: Callable[[Realm], datetime] = clock.now, *, now: Callable[[], float] = time.time
) -> int:
    """Clear away contents that nobody refers to any more, a day after; return how many.

    These are: what a failed transaction or a killed write left, and the bytes of files that
    were removed more than a day ago.
    """
    for realm in _realms_with_removed():
        _clear_removed(realm, now_in(realm))
    gone, old = 0, now() - UNDO_HOURS * 3600
    names = (name for name, changed in blobs.kept() if changed < old)
    while chunk := list(islice(names, _CHUNK)):
        rows = StoredFile.objects.filter(digest__in=chunk, cleared_at=None)
        needed = set(rows.values_list("digest", flat=True))
        removed = [name for name in chunk if name not in needed and blobs.remove_old(name, old)]
        forget(removed)
        gone += len(removed)
    return gone


def clear_now_and_then() -> int:
    """Clear away at most once an hour: all contents on the disk are looked through for it."""
    global _cleared
    if time.monotonic() - _cleared < CLEAR_SECONDS:
        return 0
    _cleared = time.monotonic()
    return collect()


def _realms_with_removed() -> list[Realm]:
    rows = StoredFile.objects.filter(cleared_at=None).exclude(removed_at=None)
    return [Realm(name) for name in rows.values_list("realm", flat=True).distinct()]


@transaction.atomic
def _clear_removed(realm: Realm, at: datetime) -> None:
    # The day counts in the realm's own time, as it does for who wants a file back.
    rows = StoredFile.objects.select_for_update().filter(
        realm=realm, cleared_at=None, removed_at__lte=at - timedelta(hours=UNDO_HOURS)
    )
    for row in rows:
        row.cleared_at = at
        row.save(update_fields=["cleared_at"])
        leave_leaf(row.id, "clear", at=at, actor="system:files")


def refusal_of(data: bytes, name: str) -> FileRefused | None:
    """Return why a file would be refused, without taking it in."""
    try:
        examine(data, name)
    except FileRefused as refusal:
        return refusal
    return None


def actor_of(person_id: UUID | None) -> str:
    """Return how the log names who did it."""
    return f"person:{person_id}" if person_id is not None else "system:files"


def leave_leaf(id: UUID, act: str, *, at: datetime, actor: str) -> None:
    """Leave the leaf of a file as the store holds it now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select realm, {FILE_AFTER}::text from files_file where id = %s",  # noqa: S608
            [id],
        )
        realm, after = cursor.fetchone()
    body = {"after": orjson.loads(after)}
    write([Leaf(realm=realm, at=at, actor=actor, act=act, kind="file", object_id=id, body=body)])


def _lock_record(realm: Realm, owner: Owner) -> None:
    # Two uploads at once must not both find room for the last file.
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{realm}/{owner[1]}"]
        )


def _refuse_too_much(realm: Realm, owner: Owner, size: int) -> None:
    held = StoredFile.objects.filter(
        realm=realm, owner_kind=owner[0], owner_id=owner[1], removed_at=None
    ).aggregate(files=Count("id"), bytes=Sum("size"))
    if held["files"] >= MOST_FILES or (held["bytes"] or 0) + size > MOST_BYTES_OF_RECORD:
        most = MOST_BYTES_OF_RECORD // (1024 * 1024)
        raise TooMuch(files=MOST_FILES, most=most)
