"""Which key seals which content, and how contents change keys: in the background, one at a time.

What counts is the head of each file on disk; ``files_content`` only remembers it, so that the keys
that are needed can be told without opening every file. It is written after the file, so a killed
process leaves at worst a row that names an older key: the content is then looked at again. A
content that needs sealing and cannot be (missing, altered, its key away) is tried again after an
hour, and keeps no other waiting; ``guantong check files`` names it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from guantong.base.clock import machine_now
from guantong.base.sealed_places import bring_sealed_place, table_exists
from guantong.base.sealing import FieldKeyMissing, SealBroken, ring
from guantong.files import blobs

TRY_AGAIN = timedelta(hours=1)
# A turn of a worker: a phone's photo takes some 20 ms, the largest file 200 ms.
MOST_AT_ONCE = 50

# A content that a file needs and that is open yet, or under another key.
_WAITS = (
    "select f.digest, max(f.size) as size from files_file f"
    " left join files_content c on c.digest = f.digest"
    " where f.cleared_at is null and c.key is distinct from %s"
)


def keep(data: bytes) -> str:
    """Keep the bytes of a file sealed; return their digest."""
    digest, key = blobs.put(data)
    note(digest, key)
    return digest


def note(digest: str, key: str) -> None:
    """Remember what stands in the head of a content."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into files_content (digest, key) values (%s, %s) on conflict (digest)"
            " do update set key = excluded.key, tried_at = null",
            [digest, key],
        )


def forget(digests: Collection[str]) -> None:
    """Forget contents that are gone from the disk."""
    if digests:
        with connection.cursor() as cursor:
            cursor.execute("delete from files_content where digest = any(%s)", [list(digests)])


def seal_waiting(*, most: int = MOST_AT_ONCE) -> int:
    """Seal some contents that lie open yet, or are under an older key; return how many."""
    return SealedContents().reseal(ring().current, most=most)


class SealedContents:
    """The contents of files, as a place of sealed values."""

    name = "files (content)"

    def any_sealed(self) -> bool:
        """Say whether one content is sealed; a table not yet made holds none."""
        if not table_exists("files_content"):
            return False
        return bool(self._count("select 1 from files_content where key <> '' limit 1"))

    def keys_in_use(self) -> set[str]:
        """Return the keys of all contents."""
        if not table_exists("files_content"):
            return set()
        with connection.cursor() as cursor:
            cursor.execute("select distinct key from files_content where key <> ''")
            return {row[0] for row in cursor.fetchall()}

    def sealed_under(self, key: str) -> int:
        """Count the contents under ``key``."""
        return self._count("select 1 from files_content where key = %s", key)

    def waiting(self, key: str) -> int:
        """Count the contents that are open yet or under another key."""
        return self._count(f"{_WAITS} group by f.digest", key)

    def reseal(self, key: str, *, most: int) -> int:
        """Seal up to ``most`` waiting contents under ``key``; each stands for itself."""
        current, done, left = ring().keys[key], 0, list[str]()
        while done < most and (waits := self._waits(key, left, most=most - done)):
            for digest, size in waits:
                # Another worker may be at it, or it fails: it is passed over either way.
                left.append(digest)
                with transaction.atomic():
                    if not _alone_with(digest):
                        continue
                    try:
                        blobs.seal_again(digest, size, current)
                    except (OSError, SealBroken, FieldKeyMissing):
                        _try_later(digest, machine_now())
                        continue
                    note(digest, key)
                    done += 1
        return done

    def _waits(self, key: str, left: Sequence[str], *, most: int) -> list[tuple[str, int]]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"{_WAITS} and (c.tried_at is null or c.tried_at < %s) and f.digest <> all(%s)"
                " group by f.digest order by f.digest limit %s",
                [key, machine_now() - TRY_AGAIN, list(left), most],
            )
            found: list[tuple[str, int]] = cursor.fetchall()
            return found

    def _count(self, query: str, *values: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"select count(*) from ({query}) as found", values)  # noqa: S608
            return int(cursor.fetchone()[0])


def _alone_with(digest: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"content/{digest}"]
        )
        return bool(cursor.fetchone()[0])


def _try_later(digest: str, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into files_content (digest, key, tried_at) values (%s, '', %s)"
            " on conflict (digest) do update set tried_at = excluded.tried_at",
            [digest, now],
        )


bring_sealed_place(SealedContents())
