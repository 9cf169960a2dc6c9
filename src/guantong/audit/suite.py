"""The two families of algorithms a log may be founded with: the world's and the nation's.

``international`` is SHA-256 (FIPS 180-4) with Ed25519 (RFC 8032), ``national`` SM3 (GB/T 32905)
with SM2 (GB/T 32918), as GB/T 39786 asks for. A log keeps the one it was founded with: the
digests of old leaves cannot be changed without changing the log.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

# RFC 6962, section 2.1: a leaf is hashed behind 0x00 and an inner node behind 0x01, so that
# neither can pass for the other.
LEAF_PREFIX, NODE_PREFIX = b"\x00", b"\x01"
DIGEST_BYTES = 32

SuiteName = Literal["international", "national"]


@dataclass(frozen=True, slots=True)
class Suite:
    """How the leaves of one log are digested, and by what kind of key its heads are signed."""

    name: SuiteName
    hash_name: str
    digest: Callable[[bytes], bytes]
    # The kind of key, as signed notes number it (C2SP signed-note): 0x01 is Ed25519; 0xff and a
    # name is for kinds that have no number.
    key_type: bytes

    def leaf(self, encoded: bytes) -> bytes:
        """Return the digest of a leaf."""
        return self.digest(LEAF_PREFIX + encoded)

    def node(self, left: bytes, right: bytes) -> bytes:
        """Return the digest of an inner node."""
        return self.digest(NODE_PREFIX + left + right)

    def fold(self, digests: bytes) -> bytes:
        """Return the root over a power of two of digests that lie one behind the other."""
        digest = self.digest
        while len(digests) > DIGEST_BYTES:
            digests = b"".join(
                [digest(NODE_PREFIX + digests[at : at + 64]) for at in range(0, len(digests), 64)]
            )
        return digests


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _sm3(data: bytes) -> bytes:
    if "sm3" in hashlib.algorithms_available:
        return hashlib.new("sm3", data).digest()
    # An OpenSSL built without the national algorithms.
    from gmssl_pyx import sm3_hash

    return cast(bytes, sm3_hash(data))


INTERNATIONAL = Suite("international", "SHA-256", _sha256, b"\x01")
NATIONAL = Suite("national", "SM3", _sm3, b"\xffsm2")
SUITES = {suite.name: suite for suite in (INTERNATIONAL, NATIONAL)}
