"""Signed heads of the log, as text that a person can read and anybody can verify.

A head is a *checkpoint* (C2SP tlog-checkpoint) in a *signed note* (C2SP signed-note): the name of
the log, its size, its root, then the time and the digest as lines of our own, an empty line, and a
signature. Both are what transparency logs elsewhere use, so their tools can read our heads.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from guantong.audit.suite import SUITES, Suite

ORIGIN = "guantong"
_DASH = "\N{EM DASH} "


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a log said of itself at one time; ``note`` is the text with its signature."""

    log_id: UUID
    size: int
    root: bytes
    at: datetime
    hash_name: str
    note: str


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Who signs: the name of the log, the short digest of the key, and the key."""

    name: str
    id: bytes
    suite: Suite
    public: bytes

    @property
    def text(self) -> str:
        """The key as one line (C2SP signed-note, verifier keys)."""
        return f"{self.name}+{self.id.hex()}+{_base64(self.suite.key_type + self.public)}"


def origin(log_id: UUID) -> str:
    """Return the name of a log."""
    return f"{ORIGIN}/{log_id}"


def key_id(name: str, suite: Suite, public: bytes) -> bytes:
    """Return the four bytes that tell keys apart (C2SP signed-note, key ID)."""
    return suite.digest(name.encode() + b"\n" + suite.key_type + public)[:4]


def public_key(name: str, suite: Suite, public: bytes) -> PublicKey:
    """Return a key under the name of its log."""
    return PublicKey(name, key_id(name, suite, public), suite, public)


def read_key(text: str) -> PublicKey | None:
    """Return the key of a line; None where the line is no key of ours."""
    name, _, rest = text.strip().partition("+")
    given, _, encoded = rest.partition("+")
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    for suite in SUITES.values():
        if data.startswith(suite.key_type):
            key = public_key(name, suite, data[len(suite.key_type) :])
            return key if key.id.hex() == given else None
    return None


def body(log_id: UUID, size: int, root: bytes, suite: Suite, at: datetime) -> str:
    """Return the text that is signed."""
    time = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{origin(log_id)}\n{size}\n{_base64(root)}\n{time}\n{suite.hash_name}\n"


def signed(text: str, key: PublicKey, signature: bytes) -> str:
    """Return the text of a head with its signature below it."""
    return f"{text}\n{_DASH}{key.name} {_base64(key.id + signature)}\n"


def read(note: str) -> Head | None:
    """Return what a head says, whoever signed it; None where it is no head of ours."""
    lines = note.split("\n")
    try:
        name, size, root, at, hash_name = lines[:5]
        if lines[5] != "" or not size.isdecimal() or not name.startswith(f"{ORIGIN}/"):
            return None
        return Head(
            log_id=UUID(name.partition("/")[2]),
            size=int(size),
            root=base64.b64decode(root, validate=True),
            at=datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
            hash_name=hash_name,
            note=note,
        )
    except (ValueError, IndexError):
        return None


def signatures(note: str) -> list[tuple[bytes, bytes]]:
    """Return the key id and the signature of each line that the log itself signed with."""
    found = []
    text, _, below = note.partition("\n\n")
    for line in below.split("\n"):
        if line.startswith(f"{_DASH}{text.partition(chr(10))[0]} "):
            try:
                data = base64.b64decode(line.rpartition(" ")[2], validate=True)
            except (binascii.Error, ValueError):
                continue
            found.append((data[:4], data[4:]))
    return found


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
