"""The file a backup is: a ZIP whose last member, the manifest, says what must be in it.

A ZIP has its list of members at its end, and the manifest is the last of them: a file that was
cut off, at whatever place, cannot be taken for a whole one. It can be opened by any tool, should
this program not be at hand. Members are the dump of the record store, the lake and the files.
"""

import fcntl
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from guantong.main.errors import BackupFailed, BackupNewer, NoBackup, TargetTaken

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database.dump"
FOLDERS = ("lake", "files", "heads")
_PIECE = 1 << 20
_LARGEST_MANIFEST = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Member:
    """Size and digest of one member."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds, and what the installation was when it was taken."""

    guantong: str  # which took it
    store: str  # which worked with the store last
    made_at: str
    installation: str
    postgres: str
    migrations: Mapping[str, list[str]]
    counts: Mapping[str, int]
    heads: Mapping[str, str]
    members: Mapping[str, Member]


class Writer:
    """Puts members into a new archive, each with its digest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", allowZip64=True)
        self.members: dict[str, Member] = {}

    def stream(self, name: str, source: IO[bytes], *, packed: bool) -> None:
        """Add what ``source`` gives until its end; ``packed`` content is not compressed again."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as target:
            while piece := source.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self.members[name] = Member(size, digest.hexdigest())

    def close(self, facts: Mapping[str, Any]) -> None:
        """Write the manifest and the list of members: now the archive is whole."""
        body = {"format": FORMAT, **facts}
        body["members"] = {name: asdict(member) for name, member in self.members.items()}
        self._zip.writestr(MANIFEST, json.dumps(body, ensure_ascii=False, indent=1))
        self._zip.close()


@contextmanager
def written(target: Path) -> Iterator[Writer]:
    """Have an archive under way beside ``target``; it gets its name when all of it is on disk.

    Nothing is left when the block fails. What a killed command left is removed by the next one.
    """
    if target.exists():
        raise TargetTaken(path=target)
    _remove_abandoned(target.parent)
    partial = target.parent / f".{target.name}.{os.getpid()}.partial"
    try:
        with open(partial, "xb", opener=_private) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield Writer(file)
            file.flush()
            os.fsync(file.fileno())
            try:
                os.link(partial, target)
            except FileExistsError:
                raise TargetTaken(path=target) from None
        _force_folder(target.parent)
    except OSError as fault:
        raise BackupFailed(path=target, why=fault.strerror or type(fault).__name__) from fault
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def written_small(target: Path, content: bytes) -> None:
    """Write a small file whole, readable by its owner only, or not at all; never replace one."""
    try:
        with open(target, "xb", opener=_private) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise TargetTaken(path=target) from None
    except OSError as fault:
        raise BackupFailed(path=target, why=fault.strerror or type(fault).__name__) from fault


class Archive:
    """A backup that is there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            self.manifest = _manifest(self._zip)
        except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as fault:
            raise NoBackup(path=path, why=_why(fault)) from fault

    def faults(self) -> Iterator[str]:
        """Yield the name of each member that is not what the manifest says; read all of it."""
        named = set(self.manifest.members)
        held = {name for name in self._zip.namelist() if name != MANIFEST}
        yield from sorted(named ^ held)
        for name in sorted(named & held):
            try:
                for _ in self.pieces(name):
                    pass
            except NoBackup:
                yield name

    def names(self, folder: str) -> list[str]:
        """Return the members of one folder."""
        return sorted(name for name in self.manifest.members if name.startswith(f"{folder}/"))

    def extract(self, name: str, target: Path) -> None:
        """Write one member to ``target``, read against its digest."""
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(target, "xb", opener=_private) as file:
            for piece in self.pieces(name):
                file.write(piece)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the content of one member; refuse it at its end if it is not the one written."""
        member = self.manifest.members[name]
        digest, left = hashlib.sha256(), member.size
        try:
            with self._zip.open(name) as source:
                # One byte more than there should be: a longer member is a fault, too.
                while piece := source.read(min(_PIECE, left + 1)):
                    left -= len(piece)
                    if left < 0:
                        break
                    digest.update(piece)
                    yield piece
        except (zipfile.BadZipFile, OSError, EOFError, KeyError, ValueError) as fault:
            raise NoBackup(path=self.path, why=f"{name}: {_why(fault)}") from fault
        except Exception as fault:  # zlib.error has no common ancestor but this one
            if type(fault).__name__ != "error":
                raise
            raise NoBackup(path=self.path, why=name) from fault
        if left or digest.hexdigest() != member.sha256:
            raise NoBackup(path=self.path, why=name)


def _manifest(held: zipfile.ZipFile) -> Manifest:
    info = held.getinfo(MANIFEST)
    if info.file_size > _LARGEST_MANIFEST:
        raise ValueError(MANIFEST)
    body = json.loads(held.read(info))
    if not isinstance(body, dict) or not isinstance(body.get("format"), int):
        raise ValueError(MANIFEST)
    if body["format"] > FORMAT:
        raise BackupNewer(path=held.filename, version=str(body.get("guantong"))[:40])
    members = {
        name: Member(int(m["size"]), str(m["sha256"])) for name, m in body["members"].items()
    }
    for name in members:
        _refuse_outside(name)
    if DATABASE not in members:
        raise KeyError(DATABASE)
    return Manifest(
        guantong=str(body["guantong"]), store=str(body["store"]), made_at=str(body["made_at"]),
        installation=str(body["installation"]), postgres=str(body["postgres"]),
        migrations={str(k): [str(n) for n in v] for k, v in body["migrations"].items()},
        counts={str(k): int(v) for k, v in body["counts"].items()},
        heads={str(k): str(v) for k, v in body["heads"].items()}, members=members,
    )  # fmt: skip


def _refuse_outside(name: str) -> None:
    """Refuse a member that would be written anywhere but into its folder of the home."""
    parts = PurePosixPath(name).parts
    inside = name == DATABASE or (len(parts) > 1 and parts[0] in FOLDERS)
    if not inside or ".." in parts or "\\" in name or "\x00" in name:
        raise ValueError(name[:80])


def _why(fault: BaseException) -> str:
    return getattr(fault, "strerror", None) or str(fault).strip("'\"") or type(fault).__name__


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _force_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_abandoned(folder: Path) -> None:
    """Remove what commands that were killed have left; one that still works holds its lock."""
    for left in folder.glob(".*.partial"):
        with suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()
