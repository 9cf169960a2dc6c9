"""Versions of decision tables in the store: drafted, released, withdrawn; one transaction each.

Every act leaves its leaf. What may be done is ``timeline``'s; who may do it, the pages ask
``access``; that a version is sound, ``examining`` says before it is released.
"""

from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from guantong.base.clock import local_day
from guantong.base.errors import NotFound
from guantong.dmn.api import read
from guantong.packages.errors import (
    RuleBaseMoved,
    RuleDraftChanged,
    RuleUnchanged,
    RuleUnsound,
    UnknownTable,
)
from guantong.packages.install import release_of
from guantong.packages.life.models import Change, ReleaseFile, RuleVersion
from guantong.packages.life.said import reason
from guantong.packages.life.trail import leave
from guantong.packages.package import Package
from guantong.packages.tables import timeline
from guantong.packages.tables.examining import examined_table
from guantong.packages.tables.kept import (
    as_version,
    table_content,
    table_digest,
    table_version,
    table_versions,
)
from guantong.packages.tables.timeline import DRAFT, RELEASED, WITHDRAWN, Version


def path_of(package: Package, name: str) -> str:
    """Return the path of a table by the name of its file, or refuse: the package has none."""
    path = f"rules/{name}.dmn"
    if path not in package.documents:
        known = ", ".join(document.stem for document in package.each("rules")) or "-"
        raise UnknownTable(name=name[:60], package=package.id, known=known)
    return path


def table_at(package: Package, path: str, at: datetime) -> tuple[Version | None, bytes]:
    """Return the version that holds at a moment, and its file; without one, the package's own.

    The package's own is that of the release that worked then, where releases are kept.
    """
    found = timeline.holding(table_versions(package.id, path), at)
    if found is not None:
        return found, table_content(found)
    return None, own_table(package, path, at)


def own_table(package: Package, path: str, at: datetime) -> bytes:
    """Return the package's own file of a table as it was at a moment."""
    then = Change.objects.filter(package=package.id, at__lte=at).order_by("-at", "-id").first()
    if then is not None and str(then.release_id) != release_of(package.id):
        kept = ReleaseFile.objects.filter(release=then.release_id, path=path).first()
        if kept is not None:
            return bytes(kept.content)
    return package.documents[path].content


def draft_table(
    package: Package,
    path: str,
    content: bytes,
    *,
    why: str,
    from_day: date,
    by: str,
    at: datetime,
    from_version: UUID | None = None,
) -> UUID:
    """Keep a new version as a draft; nothing is decided by it. Refuse what is no DMN file."""
    because = reason(why)
    timeline.begins(from_day, at=at)
    read(content)
    with transaction.atomic():
        _one_at_a_time(package.id)
        _, present = table_at(package, path, at)
        made = RuleVersion.objects.create(
            package=package.id, path=path, content=content, digest=table_digest(content),
            state=DRAFT, why=because, by=by, authors=[by], at=at, changed_at=at,
            base_digest=table_digest(present), from_release_id=release_of(package.id) or None,
            from_version_id=from_version, from_day=from_day,
        )  # fmt: skip
        leave("rule", "draft", made.id, at=at, actor=by)
        return made.id


def redraft_table(
    package: Package,
    id: UUID,
    content: bytes,
    *,
    was: str,
    why: str,
    from_day: date,
    by: str,
    at: datetime,
) -> None:
    """Write a draft anew; ``was`` is the digest of what the writer had before the eyes.

    Whoever writes at a draft is one of its authors. It is then compared with what holds now.
    """
    because = reason(why)
    timeline.begins(from_day, at=at)
    read(content)
    with transaction.atomic():
        _one_at_a_time(package.id)
        row = _locked(id)
        timeline.refuse_unless(as_version(row), DRAFT, act="save", at=at)
        if row.digest != was:
            raise RuleDraftChanged()
        _, present = table_at(package, row.path, at)
        row.content, row.digest, row.why, row.from_day = (
            content, table_digest(content), because, from_day,
        )  # fmt: skip
        row.authors = list(dict.fromkeys([*row.authors, by]))
        row.changed_at, row.base_digest = at, table_digest(present)
        row.save()
        leave("rule", "write", id, at=at, actor=by)


def release_table(
    package: Package, id: UUID, *, from_day: date, why: str, by: str, at: datetime
) -> None:
    """Let a draft hold from a day on: released by a second person, and without errors.

    From then on it decides; what was decided before stays as it is.
    """
    because = reason(why)
    with transaction.atomic():
        _one_at_a_time(package.id)
        row = _locked(id)
        found = as_version(row)
        timeline.refuse_unless(found, DRAFT, act="release", at=at)
        timeline.refuse_author(found, by)
        begins_at = timeline.begins(from_day, at=at)
        _, present = table_at(package, row.path, at)
        if table_digest(present) != row.base_digest:
            raise RuleBaseMoved()
        _, then = table_at(package, row.path, begins_at)
        if table_digest(then) == row.digest:
            raise RuleUnchanged()
        errors = [
            f for f in examined_table(package, row.path, bytes(row.content)) if f.level == "error"
        ]
        if errors:
            raise RuleUnsound(count=len(errors))
        row.state, row.from_day, row.begins_at = RELEASED, from_day, begins_at
        row.released_by, row.released_why, row.released_at = by, because, at
        row.save()
        leave("rule", "release", id, at=at, actor=by)


def withdraw_table(id: UUID, *, why: str, by: str, at: datetime) -> None:
    """Take a draft back, or a released version before it begins; it is kept, and never holds."""
    because = reason(why)
    with transaction.atomic():
        # In the order of every other act: two that wait for each other would wait for ever.
        _one_at_a_time(table_version(id).package)
        row = _locked(id)
        timeline.refuse_unless(as_version(row), DRAFT, RELEASED, act="withdraw", at=at)
        withdraw_row(row, why=because, by=by, at=at)


def withdraw_row(row: RuleVersion, *, why: str, by: str, at: datetime) -> None:
    """Take a version back in the running transaction."""
    row.state, row.ended_by, row.ended_why, row.ended_at = WITHDRAWN, by, why, at
    row.save(update_fields=["state", "ended_by", "ended_why", "ended_at"])
    leave("rule", "withdraw", row.id, at=at, actor=by)


def give_back(package: str, path: str, *, why: str, by: str, at: datetime) -> None:
    """Let the package's own file hold again, in the running transaction; what was to come, not."""
    for row in RuleVersion.objects.select_for_update().filter(
        package=package, path=path, state=RELEASED, begins_at__gt=at
    ):
        withdraw_row(row, why=why, by=by, at=at)
    made = RuleVersion.objects.create(
        package=package, path=path, content=b"", digest="", state=RELEASED, why=why, by=by,
        authors=[by], at=at, changed_at=at, base_digest="", from_day=local_day(at), begins_at=at,
        released_by=by, released_why=why, released_at=at,
    )  # fmt: skip
    leave("rule", "give_back", made.id, at=at, actor=by)


def _locked(id: UUID) -> RuleVersion:
    row = RuleVersion.objects.select_for_update(of=("self",)).filter(id=id).first()
    if row is None:
        raise NotFound(what="rule")
    return row


def _one_at_a_time(package: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"rules {package}"]
        )
