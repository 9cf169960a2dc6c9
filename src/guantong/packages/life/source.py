"""Where a package that somebody wants to install comes in: the one place that opens it.

A file is opened without trust and judged: what is refused comes no further, and what nobody known
here answers for comes with its doubts, which a named person must answer. A folder is read as it
lies, and nobody has signed it.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from guantong.packages.archive.opening import Archive, read_archive
from guantong.packages.archive.publisher import publishers
from guantong.packages.archive.unpack import unpacked
from guantong.packages.archive.verdict import Reason, judge
from guantong.packages.errors import PackageFileRefused
from guantong.packages.life.models import Installed, Release
from guantong.packages.package import Package
from guantong.packages.reading import assemble, read

_FOLDER = Reason("needs_approval", "folder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A package as it was brought. ``signer`` is empty where nobody signed it.

    ``doubts`` are why a named person must approve it; without any, a trusted publisher answers.
    """

    package: Package
    signer: str = ""
    origin: str = "file"
    doubts: tuple[Reason, ...] = ()


def bring(path: Path, *, at: datetime) -> Brought:
    """Return the package at a path, or refuse one that cannot be read or may not come in."""
    if path.is_dir() or not path.exists():
        return Brought(package=read(path), doubts=(_FOLDER,))
    archive = read_archive(path)
    kept = _installed(archive.id)
    verdict = judge(
        archive, trusted=publishers(), at=at,
        installed_version=None if kept is None else kept.version,
        installed_digest=None if kept is None else kept.digest,
        installed_public=None if kept is None else _public(archive, kept),
    )  # fmt: skip
    if verdict.state == "refused":
        raise PackageFileRefused(reasons=verdict.reasons)
    return Brought(package=_package(archive), signer=_signer(archive), doubts=verdict.reasons)


def _installed(id: str) -> Release | None:
    row = Installed.objects.select_related("release").filter(package=id).first()
    return None if row is None else row.release


def _signer(archive: Archive) -> str:
    signed = archive.signature
    return "" if signed is None else f"{signed.signer} ({signed.fingerprint})"


def _public(archive: Archive, kept: Release) -> bytes | None:
    """Return the key that signed what is installed; an empty one where it is another."""
    if not kept.signer or archive.signature is None:
        return b"" if kept.signer else None
    return archive.signature.public if archive.signature.fingerprint in kept.signer else b""


def _package(archive: Archive) -> Package:
    """Return the files of an archive as a package that needs no folder, strays told as ever."""
    with unpacked(archive) as found:
        known = {path: found.documents[path].content for path in found.documents}
        return assemble(Path(archive.id), known, found.strays)
