"""Seal a whole file at rest, in chunks, so that one of any size needs little memory.

A sealed file is a head of 64 bytes (a mark, the name of the key, a salt) and chunks of 256 KiB,
each with its tag. What a chunk is sealed with is derived from the key of the ring, the head and
what the file is bound to (``about``); its nonce is its place and whether it is the last. So a chunk
opens at its own place of its own file only: none can be altered, left out, put elsewhere or brought
from another file, and no end can be cut off. A key derived for each file also keeps every nonce
from being used twice, however many files there are (NIST SP 800-38D, section 8; SP 800-108 for the
derivation, with HMAC over SHA-256, or over SM3 for SM4).

Which file is bound to what, and where it lies, is the business of its owner.
"""

import hashlib
import hmac
import io
import os
from typing import IO, TYPE_CHECKING

from cryptography.exceptions import InvalidTag

from guantong.base.key_ring import SUITES, FieldKey
from guantong.base.key_ring import path as ring_path
from guantong.base.sealing import FieldKeyMissing, SealBroken, box, find_key, ring

if TYPE_CHECKING:
    from typing_extensions import Buffer

# No kind of file that people send begins so.
MARK = b"\x00GTF1\x00"
HEAD, CHUNK, TAG = 64, 256 * 1024, 16
_SALT = 32
_NAME = HEAD - len(MARK) - _SALT


def is_sealed_file(start: bytes) -> bool:
    """Say whether a file that starts so is a sealed one."""
    return start.startswith(MARK)


def key_of_file(head: bytes) -> str:
    """Return the name of the key that a head names; empty when it is no head."""
    if len(head) < HEAD or not is_sealed_file(head):
        return ""
    return head[len(MARK) : len(MARK) + _NAME].rstrip(b"\0").decode("ascii", errors="replace")


def sealed_size(size: int) -> int:
    """Return how many bytes a content of ``size`` bytes takes when it is sealed."""
    chunks = max(1, -(-size // CHUNK))
    return HEAD + size + chunks * TAG


def seal_file(
    source: IO[bytes], target: IO[bytes], *, about: str, key: FieldKey | None = None
) -> str:
    """Copy ``source`` to ``target`` sealed, under the current key; return that key's name."""
    key = key or ring().key
    head = MARK + key.id.encode("ascii").ljust(_NAME, b"\0") + os.urandom(_SALT)
    assert len(head) == HEAD, "the name of a key is short"
    seals = box(key.suite, _derived(key, head, about))
    target.write(head)
    place, piece = 0, _whole_chunk(source)
    while True:
        following = _whole_chunk(source)
        target.write(seals.encrypt(_nonce(place, last=not following), piece, b""))
        if not following:
            return key.id
        place, piece = place + 1, following


def open_sealed(file: IO[bytes], *, about: str) -> io.BufferedReader:
    """Return a reader of what was sealed; it refuses the moment it meets what is not whole.

    The end is looked at before anything is handed out. Closing the reader closes the file.
    """
    return io.BufferedReader(_Opened(file, about), CHUNK)


class _Opened(io.RawIOBase):
    """A sealed file, opened chunk by chunk as it is asked for."""

    def __init__(self, file: IO[bytes], about: str) -> None:
        self._file, self._about = file, about
        head = file.read(HEAD)
        id = key_of_file(head)
        self._size, self._chunks = self._measured(file.seek(0, os.SEEK_END))
        if not id:
            raise self._broken()
        key = find_key(id)
        if key is None:
            raise FieldKeyMissing(key=id[:20], path=ring_path())
        self._box = box(key.suite, _derived(key, head, about))
        self._place, self._held = -1, b""
        self._at = 0
        self._hold(self._chunks - 1)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: "Buffer") -> int:
        view = memoryview(buffer).cast("B")
        if self._at >= self._size or not len(view):
            return 0
        place, offset = divmod(self._at, CHUNK)
        self._hold(place)
        piece = self._held[offset : offset + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._held = b""
            self._file.close()
        super().close()

    def _hold(self, place: int) -> None:
        if place == self._place:
            return
        self._file.seek(HEAD + place * (CHUNK + TAG))
        sealed = self._file.read(CHUNK + TAG)
        try:
            nonce = _nonce(place, last=place == self._chunks - 1)
            self._held, self._place = self._box.decrypt(nonce, sealed, b""), place
        except (InvalidTag, ValueError):
            raise self._broken() from None

    def _measured(self, on_disk: int) -> tuple[int, int]:
        """Return how large the content is and in how many chunks, from the size on disk alone."""
        full, rest = divmod(on_disk - HEAD, CHUNK + TAG)
        if on_disk < HEAD + TAG or 0 < rest < TAG or (rest == TAG and full):
            raise self._broken()
        return (full * CHUNK + rest - TAG, full + 1) if rest else (full * CHUNK, full)

    def _broken(self) -> SealBroken:
        return SealBroken(about=self._about.partition(":")[0])


def _whole_chunk(source: IO[bytes]) -> bytes:
    """Read a chunk in full: only the last may be shorter, whatever the source hands out at once."""
    piece = source.read(CHUNK)
    while 0 < len(piece) < CHUNK and (more := source.read(CHUNK - len(piece))):
        piece += more
    return piece


def _nonce(place: int, *, last: bool) -> bytes:
    return b"file" + place.to_bytes(7, "big") + (b"\1" if last else b"\0")


def _derived(key: FieldKey, head: bytes, about: str) -> bytes:
    told = b"\1guantong file\0" + head + about.encode()
    if key.suite == "sm4-gcm":
        from gmssl_pyx import sm3_hmac  # hashlib has SM3 only where OpenSSL was built with it

        made = bytes(sm3_hmac(key.secret, told))
    else:
        made = hmac.digest(key.secret, told, hashlib.sha256)
    return made[: SUITES[key.suite]]
