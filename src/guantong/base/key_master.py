"""What stands before the file of the keys: nothing, a master key, or a key service (KMS).

A port of two verbs, ``wrap`` and ``unwrap``. Three ways are shipped: the keys lie in the file as
they are, and its mode protects them; a master key from the environment (``GUANTONG_FIELD_KEY``);
a key service over HTTP (``GUANTONG_KMS``), which keeps the master key to itself, as a bureau's
cipher machine (密码机) does. The protocol of the service is in docs/operating/keys.md.
"""

import base64
import binascii
import os
import secrets
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guantong.base.errors import GuantongError
from guantong.base.http_port import PortAway, ask

_MOST_ANSWER = 64 * 1024


class WrongMaster(GuantongError):
    """The master key is no key, or does not open the ring."""

    code = "field-master-wrong"


class KmsAway(GuantongError):
    """The key service did not do what it was asked."""

    code = "field-kms-away"


class Master(Protocol):
    """Wraps and unwraps keys. ``name`` stands beside what it wrapped."""

    name: str

    def wrap(self, secret: bytes) -> str:
        """Return ``secret`` as text that only this master opens."""
        ...

    def unwrap(self, wrapped: str) -> bytes:
        """Return the secret."""
        ...


class NoMaster:
    """The null way: the keys stand in the file as they are."""

    name = "file"

    def wrap(self, secret: bytes) -> str:
        """Return the secret in base 64."""
        return base64.b64encode(secret).decode()

    def unwrap(self, wrapped: str) -> bytes:
        """Return the secret."""
        return base64.b64decode(wrapped, validate=True)


class MasterKey:
    """A master key of 32 bytes from the environment; older ones behind a comma still open."""

    name = "master-key"

    def __init__(self, text: str) -> None:
        self._keys = [AESGCM(_master_bytes(part)) for part in text.split(",")]

    def wrap(self, secret: bytes) -> str:
        """Seal the secret under the first key."""
        nonce = secrets.token_bytes(12)
        return base64.b64encode(nonce + self._keys[0].encrypt(nonce, secret, b"ring")).decode()

    def unwrap(self, wrapped: str) -> bytes:
        """Open with whichever key fits."""
        data = base64.b64decode(wrapped, validate=True)
        for key in self._keys:
            try:
                return key.decrypt(data[:12], data[12:], b"ring")
            except InvalidTag:
                continue
        raise WrongMaster()


class HttpKms:
    """A key service: ``POST <address>/wrap`` and ``/unwrap`` with JSON in base 64."""

    name = "kms"

    def __init__(self, address: str, token_file: str | None) -> None:
        self._address, self._token_file = address, token_file

    def wrap(self, secret: bytes) -> str:
        """Let the service wrap the secret."""
        return self._ask("wrap", "plaintext", base64.b64encode(secret).decode(), "wrapped")

    def unwrap(self, wrapped: str) -> bytes:
        """Let the service open what it wrapped."""
        return base64.b64decode(self._ask("unwrap", "wrapped", wrapped, "plaintext"))

    def _ask(self, verb: str, name: str, value: str, wanted: str) -> str:
        try:
            told = ask(
                self._address, verb, {name: value}, token_file=self._token_file, most=_MOST_ANSWER
            )
            return told[wanted]
        except (PortAway, KeyError) as fault:
            raise KmsAway(address=self._address[:80], why=fault.args[0]) from None


def master() -> Master:
    """Return the master the environment names."""
    if address := os.environ.get("GUANTONG_KMS"):
        return HttpKms(address, os.environ.get("GUANTONG_KMS_TOKEN_FILE"))
    if text := os.environ.get("GUANTONG_FIELD_KEY"):
        return MasterKey(text)
    return NoMaster()


def _master_bytes(text: str) -> bytes:
    try:
        found = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        found = b""
    if len(found) != 32:
        raise WrongMaster()
    return found
