"""Seal fields at rest: personal data of class L3 and L4 stand in the store as cipher text.

A sealed value is text, ``gs1.<key>.<nonce, cipher text and tag in base64url>``. ``about`` names the
field (and, where the caller can, the row) it belongs to; it is bound to the value, so that a sealed
value moved elsewhere does not open there. ``blind`` gives a keyed digest by which equality can be
searched without opening anything. Where the keys lie: ``guantong.base.key_ring``; which tables hold
sealed values, and how they change keys: ``guantong.base.resealing``.

A value that cannot be sealed is not written at all, and one that cannot be opened is a refusal.
"""

import base64
import binascii
import functools
import hashlib
import hmac
import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guantong.base import key_ring
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError
from guantong.base.key_ring import FieldKey, Ring, path
from guantong.base.sealed_places import holds_sealed_values

FORM = "gs1"
# 96 random bits: NIST SP 800-38D, section 8.2.2, which allows 2^32 values under one key (8.3).
_NONCE, _TAG = 12, 16


class FieldKeyMissing(GuantongError):
    """A value was sealed with a key that is not on this machine."""

    code = "field-key-missing"


class SealBroken(GuantongError):
    """A sealed value does not open: it was altered, or stands where it does not belong."""

    code = "field-seal-broken"


class Box(Protocol):
    """A cipher that seals and authenticates."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """Return cipher text and tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """Return what was sealed, or raise ``InvalidTag``."""
        ...


class _Sm4Gcm:
    """SM4 in Galois counter mode (GB/T 32907-2016, GB/T 36624-2018), in the manner of AESGCM."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = algorithms.SM4(secret)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        work = Cipher(self._cipher, modes.GCM(nonce)).encryptor()
        work.authenticate_additional_data(associated_data)
        return work.update(data) + work.finalize() + work.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        work = Cipher(self._cipher, modes.GCM(nonce, data[-_TAG:])).decryptor()
        work.authenticate_additional_data(associated_data)
        return work.update(data[:-_TAG]) + work.finalize()


def ring() -> Ring:
    """Return the ring of this installation, made at first need."""
    return key_ring.ring(_may_make, at=machine_now)


def ring_again() -> Ring:
    """Return the ring as its file holds it at this moment."""
    return key_ring.ring_again(_may_make, at=machine_now)


def seal(plain: str, *, about: str) -> str:
    """Return ``plain`` sealed under the current key; twice the same gives two different texts."""
    return seal_under(ring().key, plain, about=about)


def seal_under(key: FieldKey, plain: str, *, about: str) -> str:
    """Return ``plain`` sealed under a key already at hand: for many values at once."""
    nonce = os.urandom(_NONCE)
    sealed = _box(key.suite, key.secret).encrypt(nonce, plain.encode(), _bound(key.id, about))
    return f"{FORM}.{key.id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, *, about: str) -> str:
    """Return what was sealed; refuse when the key is missing or the value does not belong here."""
    form, _, rest = sealed.partition(".")
    id, _, content = rest.partition(".")
    if form != FORM or not content:
        raise SealBroken(about=_field(about))
    found = find_key(id)
    if found is None:
        raise FieldKeyMissing(key=id[:20], path=path())
    try:
        data = base64.urlsafe_b64decode(content)
        if len(data) < _NONCE + _TAG:
            raise SealBroken(about=_field(about))
        box = _box(found.suite, found.secret)
        return box.decrypt(data[:_NONCE], data[_NONCE:], _bound(id, about)).decode()
    except (InvalidTag, binascii.Error, UnicodeDecodeError):
        raise SealBroken(about=_field(about)) from None


def is_sealed(text: object) -> bool:
    """Say whether a value has the form of a sealed one."""
    return isinstance(text, str) and text.startswith(f"{FORM}.")


def key_of(sealed: str) -> str:
    """Return the name of the key that sealed a value."""
    return sealed.split(".", 2)[1]


def blind(value: str, *, about: str) -> str:
    """Return a keyed digest of ``value``, the same each time: what equality is searched by.

    Its key is its own and does not change with the others, or nothing would be found any more.
    It is HMAC over SHA-256, or over SM3 (GB/T 15852.2, GB/T 32905) in a ring that was made with
    the national suite.
    """
    held, data = ring(), f"{about}\x1f{value}".encode()
    if held.blind_by == "sm3":
        from gmssl_pyx import sm3_hmac  # hashlib has SM3 only where OpenSSL was built with it

        return bytes(sm3_hmac(held.blind, data)).hex()
    return hmac.digest(held.blind, data, hashlib.sha256).hex()


def _may_make() -> bool:
    return not holds_sealed_values()


def find_key(id: str) -> FieldKey | None:
    """Return a key of the ring by its name."""
    # Another process may have rotated a moment ago; the missing key is then in the file.
    return ring().keys.get(id) or ring_again().keys.get(id)


def _bound(key_id: str, about: str) -> bytes:
    return f"{FORM}.{key_id}.{about}".encode()


def _field(about: str) -> str:
    # Behind the first colon stands the row; a refusal names the field only.
    return about.partition(":")[0]


@functools.lru_cache(maxsize=64)
def _box(suite: str, secret: bytes) -> Box:
    return box(suite, secret)


def box(suite: str, secret: bytes) -> Box:
    """Return the cipher of a suite with a secret."""
    return AESGCM(secret) if suite == "aes-256-gcm" else _Sm4Gcm(secret)
