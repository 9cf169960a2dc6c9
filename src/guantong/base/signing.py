"""Keys that sign: the world's kind (Ed25519, RFC 8032) and the nation's (SM2, GB/T 32918).

Bytes in, bytes out. Who holds a key, where it lies and what a signature means is said by whoever
signs: the audit log its heads, a publisher its packages.
"""

import os
from typing import Literal, cast, get_args

Algorithm = Literal["ed25519", "sm2"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)


def generate(algorithm: Algorithm) -> bytes:
    """Return a new private key."""
    if algorithm == "sm2":
        from gmssl_pyx import sm2_key_generate

        public, private = sm2_key_generate()
        # SM2 signs with both halves.
        return cast(bytes, private + public)
    return os.urandom(32)  # RFC 8032, section 5.1.5: any 32 random bytes are a key


def public_half(algorithm: Algorithm, private: bytes) -> bytes:
    """Return the public key of a private one; ValueError where it is no key."""
    if algorithm == "sm2":
        if len(private) != 96:
            raise ValueError("a key of SM2 with its public half has 96 bytes")
        return private[32:]
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sign(algorithm: Algorithm, private: bytes, data: bytes) -> bytes:
    """Return the signature over ``data``."""
    if algorithm == "sm2":
        from gmssl_pyx import sm2_sign

        return cast(bytes, sm2_sign(private[:32], private[32:], data))
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(private).sign(data)


def verify(algorithm: Algorithm, public: bytes, data: bytes, signature: bytes) -> bool:
    """Say whether ``signature`` was made over ``data`` with the private half of ``public``."""
    if algorithm == "sm2":
        import gmssl_pyx

        try:
            return bool(gmssl_pyx.sm2_verify(public, data, signature))
        except (gmssl_pyx.GmsslInnerError, gmssl_pyx.InvalidValueError, ValueError):
            return False
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
