"""The file itself: a zip (APPNOTE 6.3.10) that stores its members, in one form only.

Any tool for zips opens it. We write and read it ourselves because there are many ways to say the
same in a zip, and two readers that disagree are two packages: one that was examined and one that
is installed. What is not byte for byte what ``written`` makes of the members is refused. Nothing
is compressed, so the file cannot swell, and its bytes do not depend on a library's version.
"""

import stat
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from guantong.packages.archive.errors import ArchiveRefused
from guantong.packages.archive.place import refuse_bad_places
from guantong.packages.document import MOST_BYTES
from guantong.packages.reading import MOST_FILES

# A package is declarations; the largest of ours is below 3 MB.
MOST_ARCHIVE_BYTES = 64_000_000
# Beside the files of the package: the manifest and the signature.
MOST_MEMBERS = MOST_FILES + 2
# The manifest names each file in some 200 bytes.
MOST_MEMBER_BYTES = MOST_BYTES

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_VERSION, _MADE_BY = 20, 3 << 8 | 20  # 2.0, on Unix: the rights of a file can be said
_UTF8 = 1 << 11
_ENCRYPTED = 1
_DAY = 1 << 5 | 1  # 1980-01-01, the first day a zip can name: a package file has no time
_PLAIN = (stat.S_IFREG | 0o644) << 16


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the directory at the end of the file."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    rights: int
    at: int


def written(members: Mapping[str, bytes]) -> bytes:
    """Return the file that holds these members in this order; the same members, the same bytes."""
    body, directory = bytearray(), bytearray()
    for name, content in members.items():
        encoded, at = name.encode(), len(body)
        sizes = (zlib.crc32(content), len(content), len(content))
        common = (_VERSION, _UTF8, 0, 0, _DAY, *sizes, len(encoded), 0)
        body += _LOCAL.pack(_LOCAL_MARK, *common) + encoded + content
        central = (_CENTRAL_MARK, _MADE_BY, *common, 0, 0, 0, _PLAIN, at)
        directory += _CENTRAL.pack(*central) + encoded
    end = (0, 0, len(members), len(members), len(directory), len(body), 0)
    return bytes(body + directory + _END.pack(_END_MARK, *end))


def opened(content: bytes) -> dict[str, bytes]:
    """Return the members of a file, in their order, or refuse it; memory stays that of the file."""
    if len(content) > MOST_ARCHIVE_BYTES:
        raise ArchiveRefused("too-large", size=len(content), most=MOST_ARCHIVE_BYTES)
    entries = list(_directory(content))
    for entry in entries:
        _refuse_unusual(entry)
    refuse_bad_places(entry.name for entry in entries)
    members = {entry.name: _content(content, entry) for entry in entries}
    # Gaps, overlaps, a second header that says something else, words after the end: all of it.
    if written(members) != content:
        raise ArchiveRefused("other-form")
    return members


def _directory(content: bytes) -> Iterator[_Entry]:
    if len(content) < _END.size or content[:4] not in (_LOCAL_MARK, _END_MARK):
        raise ArchiveRefused("no-archive")
    mark, _, _, here, count, size, start, _ = _END.unpack_from(content, len(content) - _END.size)
    if mark != _END_MARK or here != count or start + size != len(content) - _END.size:
        raise ArchiveRefused("other-form")
    if count > MOST_MEMBERS:
        raise ArchiveRefused("too-many", count=count, most=MOST_MEMBERS)
    at = start
    for _ in range(count):
        if at + _CENTRAL.size > len(content) or content[at : at + 4] != _CENTRAL_MARK:
            raise ArchiveRefused("other-form")
        (_, _, _, flags, method, _, _, crc, packed, whole, length, extra, comment, _, _, rights,
         place) = _CENTRAL.unpack_from(content, at)  # fmt: skip
        at += _CENTRAL.size
        yield _Entry(
            _name(content[at : at + length]), flags, method, crc, packed, whole, rights >> 16, place
        )
        at += length + extra + comment


def _name(encoded: bytes) -> str:
    try:
        return encoded.decode()
    except UnicodeDecodeError:
        raise ArchiveRefused("name", path=encoded.decode(errors="replace")) from None


def _refuse_unusual(entry: _Entry) -> None:
    kind = stat.S_IFMT(entry.rights)
    if kind not in (0, stat.S_IFREG) or entry.name.endswith("/"):
        raise ArchiveRefused("no-plain-file", path=entry.name)
    if entry.method or entry.flags & _ENCRYPTED or entry.packed != entry.size:
        raise ArchiveRefused("compressed", path=entry.name)
    if entry.size > MOST_MEMBER_BYTES:
        raise ArchiveRefused(
            "member-too-large", path=entry.name, size=entry.size, most=MOST_MEMBER_BYTES
        )


def _content(content: bytes, entry: _Entry) -> bytes:
    if entry.at + _LOCAL.size > len(content):
        raise ArchiveRefused("other-form")
    _, _, _, _, _, _, _, _, _, length, extra = _LOCAL.unpack_from(content, entry.at)
    start = entry.at + _LOCAL.size + length + extra
    found = content[start : start + entry.size]
    if len(found) != entry.size or zlib.crc32(found) != entry.crc:
        raise ArchiveRefused("damaged", path=entry.name)
    return found
