"""The keys that sign the heads of a log: files in the folder of keys, and nowhere else.

The private key is made when the first head is signed, and is readable by its owner only. Every
public key that ever signed stands in the ``.keys`` file beside it, one line each: it is what
`guantong check audit` trusts, and what an operator gives to whoever verifies proofs. A key is
changed by moving the private file away; the next head is signed by a new one.
"""

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from guantong.audit import note
from guantong.audit.errors import KeyUnreadable
from guantong.audit.note import PublicKey
from guantong.audit.suite import NATIONAL, Suite
from guantong.base import signing


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its public one."""

    key: PublicKey
    private: bytes

    def sign(self, text: str) -> str:
        """Return ``text`` as a signed note."""
        algorithm = _algorithm(self.key.suite)
        return note.signed(text, self.key, signing.sign(algorithm, self.private, text.encode()))


def signer(log_id: UUID, suite: Suite) -> Signer:
    """Return the key that signs the heads of this log; it is made when there is none yet."""
    path = _private_path(log_id)
    if not path.exists():
        _write(path, base64.b64encode(signing.generate(_algorithm(suite))).decode() + "\n")
    try:
        private = base64.b64decode(path.read_text("ascii"), validate=False)
        public = signing.public_half(_algorithm(suite), private)
        found = Signer(note.public_key(note.origin(log_id), suite, public), private)
    except (OSError, ValueError) as fault:
        raise KeyUnreadable(path=path) from fault
    if found.key not in known(log_id):
        with public_path(log_id).open("a", encoding="ascii") as file:
            file.write(found.key.text + "\n")
            file.flush()
            os.fsync(file.fileno())
    return found


def known(log_id: UUID) -> tuple[PublicKey, ...]:
    """Return every public key that signed heads of this log."""
    path = public_path(log_id)
    if not path.exists():
        return ()
    keys = (note.read_key(line) for line in path.read_text("utf-8").splitlines())
    return tuple(key for key in keys if key is not None)


def public_path(log_id: UUID) -> Path:
    """Return the file of public keys: what a verifier pins."""
    return Path(settings.KEYS) / f"audit-{log_id}.keys"


def holds(text: str, keys: tuple[PublicKey, ...]) -> bool:
    """Say whether a head is signed by one of these keys."""
    signed = f"{text.partition(chr(10) * 2)[0]}\n".encode()
    return any(
        key.id == id and signing.verify(_algorithm(key.suite), key.public, signed, signature)
        for id, signature in note.signatures(text)
        for key in keys
    )


def _private_path(log_id: UUID) -> Path:
    return Path(settings.KEYS) / f"audit-{log_id}.key"


def _write(path: Path, text: str) -> None:
    """Write a private file whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)


def _algorithm(suite: Suite) -> signing.Algorithm:
    return "sm2" if suite is NATIONAL else "ed25519"
