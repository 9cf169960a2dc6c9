"""Releases in the store: kept once, byte for byte, and read back as packages.

What is read back is compared with its digest, which stands in the log: a file altered in the store
keeps its release from being carried out.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db.models import QuerySet

from guantong.base.errors import NotFound
from guantong.packages.errors import ReleaseAltered
from guantong.packages.life.models import Change, Release, ReleaseFile
from guantong.packages.life.source import Brought
from guantong.packages.life.trail import leave
from guantong.packages.moving import version_of
from guantong.packages.package import Package
from guantong.packages.reading import assemble

LANGUAGES = ("zh-CN", "en")


def keep(brought: Brought, *, by: str, at: datetime) -> Release:
    """Keep a release with its files, in the running transaction; one that is kept stays as it is.

    The same files signed by somebody are the same release: who signed it is added.
    """
    package = brought.package
    found = Release.objects.filter(package=package.id, digest=package.digest).first()
    if found is not None:
        if brought.signer and not found.signer:
            found.signer = brought.signer
            found.save(update_fields=["signer"])
            leave("release", "sign", found.id, at=at, actor=by)
        return found
    made = Release.objects.create(
        package=package.id, version=version_of(package), digest=package.digest,
        signer=brought.signer, origin=brought.origin, by=by, at=at,
    )  # fmt: skip
    ReleaseFile.objects.bulk_create(
        ReleaseFile(release=made, path=path, content=document.content)
        for path, document in package.documents.items()
    )
    leave("release", "keep", made.id, at=at, actor=by)
    return made


def release(id: UUID) -> Release:
    """Return one release, or refuse."""
    found = Release.objects.filter(id=id).first()
    if found is None:
        raise NotFound(what="release")
    return found


def read_release(kept: Release) -> Package:
    """Return a release as a package, with the words of the releases before it."""
    package = assemble(Path(kept.package), _contents(kept))
    if package.digest != kept.digest:
        raise ReleaseAltered(package=kept.package, version=kept.version)
    return replace(package, former_words=_former_words(kept))


def _contents(kept: Release) -> dict[str, bytes]:
    rows = ReleaseFile.objects.filter(release=kept).values_list("path", "content")
    return {path: bytes(content) for path, content in rows}


def _former_words(kept: Release) -> dict[str, Mapping[str, str]]:
    """Return the words of all other releases by language, newer ones over older ones."""
    rows = (
        _worked_before(kept)
        .filter(path__startswith="messages/")
        .order_by("release__at", "release_id")
        .values_list("path", "content")
    )
    found: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for path, content in rows:
        name = Path(path).stem
        if name in found:
            words = assemble(Path(kept.package), {path: bytes(content)}).words(name)
            found[name] |= words
    return {language: words for language, words in found.items() if words}


def _worked_before(kept: Release) -> QuerySet[ReleaseFile]:
    """Return the files of other releases that were installed here: what only waits has no past."""
    worked = Change.objects.filter(package=kept.package).values("release_id")
    return ReleaseFile.objects.filter(release__in=worked).exclude(release=kept)


def former_with(kept: Release, package: Package) -> list[Release]:
    """Return earlier releases that declare records this one does not, the newest first."""
    kinds = ("signals/", "objects/", "datasets/")
    rows = (
        _worked_before(kept)
        .exclude(path__in=list(package.documents))
        .order_by("-release__at", "-release_id")
        .values_list("release_id", "path")
    )
    ids = dict.fromkeys(id for id, path in rows if path.startswith(kinds))
    by_id = Release.objects.in_bulk(list(ids))
    return [by_id[id] for id in ids]
