"""What a package file says of itself: who it is, and the size and digest of every file in it.

The manifest is what is signed, so it holds all that matters and nothing that changes from one
packing to the next. It has one form: canonical JSON. A key that stands twice, a key nobody knows,
a space too many: refused, because what two readers could understand differently is not signed.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from guantong.packages.archive.errors import ArchiveRefused

NAME = "MANIFEST.json"
FORMAT = 1
HOOKS = "hooks.py"
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_KEYS = ("files", "format", "hooks", "id", "kernel", "version")
_MOST_KERNEL = 100


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the package."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the package is. ``kernel`` is the range of kernels it was made for."""

    id: str
    version: str
    kernel: str
    hooks: bool
    files: tuple[FileEntry, ...]

    @property
    def bytes(self) -> bytes:
        """The one form of these facts: what is signed."""
        files = [{"path": f.path, "sha256": f.sha256, "size": f.size} for f in self.files]
        facts = {
            "format": FORMAT, "id": self.id, "version": self.version, "kernel": self.kernel,
            "hooks": self.hooks, "files": files,
        }  # fmt: skip
        return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)

    @property
    def digest(self) -> str:
        """The SHA-256 over the manifest: which package this is, whoever signed it."""
        return hashlib.sha256(self.bytes).hexdigest()


def of_files(files: Mapping[str, bytes], *, id: str, version: str, kernel: str) -> Manifest:
    """Return the manifest of a package's files."""
    entries = tuple(
        FileEntry(path, len(content), hashlib.sha256(content).hexdigest())
        for path, content in sorted(files.items())
    )
    return Manifest(id=id, version=version, kernel=kernel, hooks=HOOKS in files, files=entries)


def read_manifest(content: bytes) -> Manifest:
    """Return the manifest of a file; refuse what is not in the one form."""
    try:
        facts = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise ArchiveRefused("manifest", why="JSON") from None
    if isinstance(facts, dict) and facts.get("format") not in (FORMAT, None):
        raise ArchiveRefused("other-format", format=str(facts["format"])[:20], known=FORMAT)
    found = _of_facts(facts)
    if found.bytes != content:
        raise ArchiveRefused("manifest", why="canonical")
    return found


def parts_of(version: str) -> tuple[int, ...]:
    """Return a version as numbers that can be compared."""
    return tuple(int(part) for part in version.split("."))


def is_version(text: object) -> bool:
    """Say whether a text is a version such as 0.3.0."""
    return isinstance(text, str) and _VERSION.fullmatch(text) is not None


def _of_facts(facts: Any) -> Manifest:
    if not isinstance(facts, dict) or tuple(sorted(facts)) != _KEYS:
        raise ArchiveRefused("manifest", why=", ".join(_KEYS))
    if not isinstance(facts["id"], str) or not _ID.fullmatch(facts["id"]):
        raise ArchiveRefused("manifest", why="id")
    if not is_version(facts["version"]):
        raise ArchiveRefused("manifest", why="version")
    if not isinstance(facts["kernel"], str) or len(facts["kernel"]) > _MOST_KERNEL:
        raise ArchiveRefused("manifest", why="kernel")
    if not isinstance(facts["hooks"], bool) or not isinstance(facts["files"], list):
        raise ArchiveRefused("manifest", why="hooks, files")
    return Manifest(
        id=facts["id"], version=facts["version"], kernel=facts["kernel"], hooks=facts["hooks"],
        files=tuple(_entry(entry) for entry in facts["files"]),
    )  # fmt: skip


def _entry(entry: Any) -> FileEntry:
    if not isinstance(entry, dict) or sorted(entry) != ["path", "sha256", "size"]:
        raise ArchiveRefused("manifest", why="files")
    path, size, digest = entry["path"], entry["size"], entry["sha256"]
    if not isinstance(path, str) or type(size) is not int or not isinstance(digest, str):
        raise ArchiveRefused("manifest", why="files")
    if size < 0 or not _DIGEST.fullmatch(digest):
        raise ArchiveRefused("manifest", why="files")
    return FileEntry(path, size, digest)
