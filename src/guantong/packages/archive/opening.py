"""The bytes of a package file into an ``Archive``, whoever sent them.

Everything happens in memory bounded by the size of the file. In this order: the form of the file,
the manifest, each file against it, the signature, and last whether the package's own ``app.yaml``
says what the manifest says. A signature that does not hold refuses the file: somebody altered it.
No signature at all is a fact about the file, and for ``verdict`` to judge.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from guantong.packages.archive import container, manifest, signature
from guantong.packages.archive.errors import ArchiveRefused
from guantong.packages.archive.manifest import Manifest
from guantong.packages.archive.signature import Signature
from guantong.packages.document import read_yaml


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A package file in which every byte is accounted for. Its contents are still a stranger's."""

    manifest: Manifest
    signature: Signature | None
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def id(self) -> str:
        """The id of the package."""
        return self.manifest.id

    @property
    def version(self) -> str:
        """The version of the package."""
        return self.manifest.version


def read_archive(path: Path) -> Archive:
    """Return the archive in a file; at most as much is read as a package file may hold."""
    try:
        with path.open("rb") as file:
            content = file.read(container.MOST_ARCHIVE_BYTES + 1)
    except OSError as fault:
        raise ArchiveRefused("not-read", path=str(path), why=fault.strerror or "") from fault
    return open_archive(content)


def open_archive(content: bytes) -> Archive:
    """Return the archive in these bytes, or refuse them and say why."""
    members = container.opened(content)
    if manifest.NAME not in members:
        raise ArchiveRefused("no-manifest")
    told = manifest.read_manifest(members[manifest.NAME])
    signed = members.get(signature.NAME)
    files = _files(members, told)
    found = signature.read_signature(signed) if signed is not None else None
    if found is not None and not found.holds(told):
        raise ArchiveRefused("signature", signer=found.signer)
    _refuse_other_app(files, told)
    return Archive(manifest=told, signature=found, files=files)


def _files(members: Mapping[str, bytes], told: Manifest) -> dict[str, bytes]:
    """Return the package's files; exactly those the manifest names, with its digests."""
    wanted = {entry.path: entry for entry in told.files}
    if len(wanted) != len(told.files) or sorted(wanted) != [entry.path for entry in told.files]:
        raise ArchiveRefused("manifest", why="files")
    ahead = [name for name in (manifest.NAME, signature.NAME) if name in members]
    if list(members) != [*ahead, *(f"{told.id}/{path}" for path in wanted)]:
        _refuse_difference(set(members) - set(ahead), {f"{told.id}/{path}" for path in wanted})
    files = {path: members[f"{told.id}/{path}"] for path in wanted}
    for path, entry in wanted.items():
        digest = hashlib.sha256(files[path]).hexdigest()
        if len(files[path]) != entry.size or digest != entry.sha256:
            raise ArchiveRefused("altered", path=path)
    return files


def _refuse_difference(held: set[str], wanted: set[str]) -> None:
    if held - wanted:
        raise ArchiveRefused("not-named", path=min(held - wanted))
    if wanted - held:
        raise ArchiveRefused("missing", path=min(wanted - held))
    raise ArchiveRefused("other-form")


def _refuse_other_app(files: Mapping[str, bytes], told: Manifest) -> None:
    if told.hooks != (manifest.HOOKS in files):
        raise ArchiveRefused("other-app", what="hooks", manifest=told.hooks, app=not told.hooks)
    app = read_yaml("app.yaml", "app", files.get("app.yaml", b"")).data
    if not isinstance(app, dict):
        raise ArchiveRefused("missing", path="app.yaml")
    for name in ("id", "version", "kernel"):
        if app.get(name) != getattr(told, name):
            raise ArchiveRefused(
                "other-app", what=name, manifest=getattr(told, name), app=str(app.get(name))
            )
