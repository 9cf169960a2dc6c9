"""Reading a package: every file of its folder, whatever is in it, without carrying anything out.

Only a path that cannot be read at all is refused. A file of an unknown kind, too large, or
reached through a link that leaves the folder, is left unread and told as a finding.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from guantong.packages.document import MOST_BYTES, Document
from guantong.packages.errors import CannotRead
from guantong.packages.findings import Finding
from guantong.packages.kinds.known import KINDS, comes_later, kind_of
from guantong.packages.nearest import nearest
from guantong.packages.package import Package

# A package is a few dozen declarations; a folder with more than this is something else.
MOST_FILES = 2_000


def read(folder: Path) -> Package:
    """Return the package in this folder, whatever is wrong inside it."""
    if not folder.is_dir():
        raise CannotRead(path=str(folder), why="no-folder")
    contents: dict[str, bytes] = {}
    strays: list[Finding] = []
    try:
        paths = sorted(_files(folder))
        if len(paths) > MOST_FILES:
            raise CannotRead(path=str(folder), why="too-many-files")
        for path in paths:
            stray = _stray(folder, path)
            if stray is not None:
                strays.append(stray)
                continue
            contents[path] = (folder / path).read_bytes()
    except OSError as wrong:
        raise CannotRead(path=str(wrong.filename or folder), why="not-readable") from wrong
    if not contents and not strays:
        raise CannotRead(path=str(folder), why="empty")
    return assemble(folder.resolve(), contents, tuple(strays))


def assemble(
    folder: Path, contents: Mapping[str, bytes], strays: tuple[Finding, ...] = ()
) -> Package:
    """Return the package of these files, wherever they were kept; each has a known kind."""
    documents: dict[str, Document] = {}
    for path, content in sorted(contents.items()):
        kind = kind_of(path)
        assert kind is not None, "a file without a kind is a stray"
        documents[path] = kind.read(path, kind.name, content)
    return Package(folder, digest_of(contents), documents, strays)


def digest_of(contents: Mapping[str, bytes]) -> str:
    """Return the digest of files with their paths: two packages with one digest are the same."""
    digest = hashlib.sha256()
    for path, content in sorted(contents.items()):
        for part in (path.encode(), content):
            digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[str]:
    """Yield the paths of all files but hidden ones and what Python leaves behind."""
    for root, inside, names in os.walk(folder, onerror=_raise):
        inside[:] = [name for name in inside if not name.startswith(".") and name != "__pycache__"]
        here = Path(root)
        linked = [name for name in inside if (here / name).is_symlink()]
        for name in [*names, *linked]:
            if not name.startswith("."):
                yield (here / name).relative_to(folder).as_posix()


def _raise(wrong: OSError) -> None:
    raise wrong


def _stray(folder: Path, path: str) -> Finding | None:
    """Return why a file is left unread, if it is."""
    file = folder / path
    if file.is_symlink() or not file.is_file():
        return _finding(path, "not-a-file")
    if kind_of(path) is None:
        if comes_later(path):
            return _finding(path, "not-yet")
        known = [place for kind in KINDS for place in kind.places]
        return _finding(path, "unknown-file", near=nearest(path, known))
    if file.stat().st_size > MOST_BYTES:
        return _finding(path, "too-large", size=file.stat().st_size, most=MOST_BYTES)
    return None


def _finding(path: str, code: str, **facts: object) -> Finding:
    return Finding(
        check="schema", path=path, line=0, level="error", code=code, facts={"path": path, **facts}
    )
