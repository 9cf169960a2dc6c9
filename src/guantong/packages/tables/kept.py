"""The versions of decision tables that were written here, read from the store.

A version's content is compared with its digest, which stands in the log: one that was altered in
the store decides nothing.
"""

import hashlib
from uuid import UUID

from guantong.base.errors import NotFound
from guantong.packages.errors import RuleAltered
from guantong.packages.life.models import RuleVersion
from guantong.packages.tables.timeline import Version


def table_versions(package: str, path: str | None = None) -> list[Version]:
    """Return every version of a package's tables that was written here, the newest first."""
    rows = RuleVersion.objects.filter(package=package).order_by("-at", "-id")
    if path is not None:
        rows = rows.filter(path=path)
    return [as_version(row) for row in rows.defer("content").select_related("from_release")]


def table_version(id: UUID) -> Version:
    """Return one version, or refuse."""
    rows = RuleVersion.objects.defer("content").select_related("from_release")
    found = rows.filter(id=id).first()
    if found is None:
        raise NotFound(what="rule")
    return as_version(found)


def table_content(one: Version) -> bytes:
    """Return the file of a version as it was kept; one altered in the store is refused."""
    kept = RuleVersion.objects.values_list("content", flat=True).get(id=one.id)
    if table_digest(bytes(kept)) != one.digest:
        raise RuleAltered(version=str(one.id))
    return bytes(kept)


def table_digest(content: bytes) -> str:
    """Return the digest by which the content of a table is known."""
    return hashlib.sha256(content).hexdigest()


def as_version(row: RuleVersion) -> Version:
    """Return a row as the value that is carried about."""
    return Version(
        id=row.id, package=row.package, path=row.path, state=row.state, digest=row.digest,
        why=row.why, by=row.by, authors=tuple(row.authors), at=row.at, changed_at=row.changed_at,
        base_digest=row.base_digest, from_version=row.from_version_id,
        from_release=row.from_release.version if row.from_release is not None else "",
        from_day=row.from_day, begins_at=row.begins_at, released_by=row.released_by,
        released_why=row.released_why, released_at=row.released_at, ended_by=row.ended_by,
        ended_why=row.ended_why, ended_at=row.ended_at,
    )  # fmt: skip
