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
from typing import cast
from uuid import UUID

from django.conf import settings

from guantong.audit import note
from guantong.audit.errors import KeyUnreadable
from guantong.audit.note import PublicKey
from guantong.audit.suite import NATIONAL, Suite


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its public one."""

    key: PublicKey
    private: bytes

    def sign(self, text: str) -> str:
        """Return ``text`` as a signed note."""
        return note.signed(text, self.key, _sign(self, text.encode()))


def signer(log_id: UUID, suite: Suite) -> Signer:
    """Return the key that signs the heads of this log; it is made when there is none yet."""
    path = _private_path(log_id)
    if not path.exists():
        _write(path, base64.b64encode(_generate(suite)).decode() + "\n")
    try:
        private = base64.b64decode(path.read_text("ascii"), validate=False)
        found = Signer(
            note.public_key(note.origin(log_id), suite, _public(suite, private)), private
        )
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
        key.id == id and _verify(key, signed, signature)
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


def _generate(suite: Suite) -> bytes:
    if suite is NATIONAL:
        from gmssl_pyx import sm2_key_generate

        public, private = sm2_key_generate()
        # SM2 signs with both halves.
        return cast(bytes, private + public)
    return os.urandom(32)  # RFC 8032, section 5.1.5: any 32 random bytes are a key


def _public(suite: Suite, private: bytes) -> bytes:
    if suite is NATIONAL:
        if len(private) != 96:
            raise ValueError("a key of SM2 with its public half has 96 bytes")
        return private[32:]
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _sign(signer: Signer, data: bytes) -> bytes:
    if signer.key.suite is NATIONAL:
        from gmssl_pyx import sm2_sign

        return cast(bytes, sm2_sign(signer.private[:32], signer.key.public, data))
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(signer.private).sign(data)


def _verify(key: PublicKey, data: bytes, signature: bytes) -> bool:
    if key.suite is NATIONAL:
        import gmssl_pyx

        try:
            return bool(gmssl_pyx.sm2_verify(key.public, data, signature))
        except (gmssl_pyx.GmsslInnerError, gmssl_pyx.InvalidValueError, ValueError):
            return False
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
