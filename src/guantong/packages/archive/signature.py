"""Who answers for a package file: a name, a key, and a signature over the manifest.

The name is signed together with the manifest, so that nobody can put another name above a true
signature. There is no time in it: a thief of a key would write any time he likes, so when a
signature counts is said by those who trust the key, not by those who use it.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from guantong.base import signing
from guantong.packages.archive.errors import ArchiveRefused
from guantong.packages.archive.key import PrivateKey, is_signer_name
from guantong.packages.archive.manifest import Manifest

NAME = "SIGNATURE.json"
_KEYS = ["algorithm", "public", "signature", "signer"]
_PURPOSE = b"guantong package file, format 1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature that was read; whether it holds is asked by ``holds``."""

    signer: str
    algorithm: signing.Algorithm
    public: bytes
    signature: bytes

    @property
    def bytes(self) -> bytes:
        """The one form of the signature in a file."""
        facts = {
            "signer": self.signer, "algorithm": self.algorithm,
            "public": base64.b64encode(self.public).decode(),
            "signature": base64.b64encode(self.signature).decode(),
        }  # fmt: skip
        return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)

    @property
    def fingerprint(self) -> str:
        """The short digest of the key, which people compare by telephone."""
        return fingerprint(self.algorithm, self.public)

    def holds(self, manifest: Manifest) -> bool:
        """Say whether this key signed this manifest under this name."""
        told = _message(self.signer, self.algorithm, manifest)
        return signing.verify(self.algorithm, self.public, told, self.signature)


def sign(manifest: Manifest, key: PrivateKey) -> Signature:
    """Return the signature of a publisher over a manifest."""
    told = _message(key.name, key.algorithm, manifest)
    return Signature(
        signer=key.name, algorithm=key.algorithm, public=key.public,
        signature=signing.sign(key.algorithm, key.private, told),
    )  # fmt: skip


def read_signature(content: bytes) -> Signature:
    """Return the signature of a file; refuse what is not in the one form."""
    try:
        found = _of_facts(orjson.loads(content))
    except (orjson.JSONDecodeError, binascii.Error, ValueError, TypeError):
        raise ArchiveRefused("signature-form") from None
    if found is None or found.bytes != content:
        raise ArchiveRefused("signature-form")
    return found


def fingerprint(algorithm: str, public: bytes) -> str:
    """Return eight groups of four: enough that nobody makes a second key with the same."""
    digest = hashlib.sha256(algorithm.encode() + b"\n" + public).hexdigest()[:32]
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


def _of_facts(facts: Any) -> Signature | None:
    if not isinstance(facts, dict) or sorted(facts) != _KEYS:
        return None
    if facts["algorithm"] not in signing.ALGORITHMS or not is_signer_name(facts["signer"]):
        return None
    return Signature(
        signer=facts["signer"], algorithm=facts["algorithm"],
        public=base64.b64decode(facts["public"], validate=True),
        signature=base64.b64decode(facts["signature"], validate=True),
    )  # fmt: skip


def _message(signer: str, algorithm: str, manifest: Manifest) -> bytes:
    # The purpose first: a signature made for something else is none for a package.
    return _PURPOSE + f"{algorithm}\n{signer}\n".encode() + manifest.bytes
