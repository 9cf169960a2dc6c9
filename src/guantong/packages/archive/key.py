"""A publisher's key pair: the private half in a file of its owner's, the public one to hand out.

The public key is one line, ``ed25519 <base 64> <name>``, as people know it from SSH. The private
file is never in a backup of the home's store; whoever reads it signs in the publisher's name, so a
file that others on the machine may read is refused.
"""

import base64
import binascii
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from guantong.base import signing
from guantong.packages.archive.errors import KeyRefused

_NAME = re.compile(r"[\w](?:[\w .()·-]{0,58}[\w)])?")
_MOST_BYTES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """What is handed to those who shall trust a publisher."""

    name: str
    algorithm: signing.Algorithm
    public: bytes

    @property
    def line(self) -> str:
        """The key as one line of text."""
        return f"{self.algorithm} {base64.b64encode(self.public).decode()} {self.name}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateKey:
    """What signs; ``repr`` does not show it."""

    name: str
    algorithm: signing.Algorithm
    private: bytes

    def __repr__(self) -> str:
        return f"PrivateKey({self.name!r}, {self.algorithm})"

    @property
    def public(self) -> bytes:
        """The public half."""
        return signing.public_half(self.algorithm, self.private)

    @property
    def to_hand_out(self) -> PublicKey:
        """The public key under the publisher's name."""
        return PublicKey(name=self.name, algorithm=self.algorithm, public=self.public)


def is_signer_name(name: object) -> bool:
    """Say whether a publisher may be called so: letters, figures and few signs, on one line."""
    return isinstance(name, str) and name.isprintable() and _NAME.fullmatch(name) is not None


def new_key(name: str, algorithm: str) -> PrivateKey:
    """Return a new key under a publisher's name."""
    if not is_signer_name(name):
        raise KeyRefused("name", name=name)
    if algorithm not in signing.ALGORITHMS:
        raise KeyRefused("algorithm", algorithm=algorithm, known=", ".join(signing.ALGORITHMS))
    return PrivateKey(name=name, algorithm=algorithm, private=signing.generate(algorithm))


def write_key(path: Path, key: PrivateKey) -> None:
    """Write a private key for its owner's eyes; a file that is there is never replaced."""
    line = f"{key.algorithm} {base64.b64encode(key.private).decode()} {key.name}\n"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise KeyRefused("there", path=str(path)) from None
    except OSError as fault:
        raise KeyRefused("not-written", path=str(path), why=fault.strerror or "") from fault


def read_key(path: Path) -> PrivateKey:
    """Return the private key in a file that only its owner can read."""
    name, algorithm, private = _line(path, private=True)
    key = PrivateKey(name=name, algorithm=algorithm, private=private)
    try:
        signing.verify(algorithm, key.public, b"", signing.sign(algorithm, private, b""))
    except (ValueError, RuntimeError):
        raise KeyRefused("no-key", path=str(path)) from None
    return key


def read_public(path: Path) -> PublicKey:
    """Return the public key in a file somebody handed over."""
    name, algorithm, public = _line(path, private=False)
    if len(public) != {"ed25519": 32, "sm2": 64}[algorithm]:
        raise KeyRefused("not-public", path=str(path))
    return PublicKey(name=name, algorithm=algorithm, public=public)


def _line(path: Path, *, private: bool) -> tuple[str, signing.Algorithm, bytes]:
    try:
        with path.open("rb") as file:
            if private and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise KeyRefused("open-to-others", path=str(path))
            text = file.read(_MOST_BYTES).decode()
        algorithm, encoded, name = text.rstrip("\n").split(" ", 2)
        key = base64.b64decode(encoded, validate=True)
    except OSError as fault:
        raise KeyRefused("not-read", path=str(path), why=fault.strerror or "") from fault
    except (UnicodeDecodeError, ValueError, binascii.Error):
        raise KeyRefused("no-key", path=str(path)) from None
    if algorithm not in signing.ALGORITHMS or not is_signer_name(name):
        raise KeyRefused("no-key", path=str(path))
    return name, algorithm, key
