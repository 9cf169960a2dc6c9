"""The keys that seal fields, as they lie in a file: several, one of them current.

The ring is one small file (``field_keys.json`` in the keys folder, or the one that
``GUANTONG_FIELD_KEYS_FILE`` names), readable by its owner only and made at first need. With a
master key from the environment or a key service (``guantong.base.key_master``) it holds the keys
wrapped, and is worth nothing without that. Every process keeps the ring in memory and looks every
few seconds whether the file changed.
What is sealed with the keys is the business of ``guantong.base.sealing``.
"""

import base64
import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from guantong.base.errors import GuantongError
from guantong.base.key_master import Master, master

# Key lengths in bytes: NIST FIPS 197 (AES-256) and GB/T 32907-2016 (SM4).
SUITES = {"aes-256-gcm": 32, "sm4-gcm": 16}
LOOK_SECONDS = 5.0


class KeyRingUnreadable(GuantongError):
    """The file of the keys is there, but cannot be read or is not what it must be."""

    code = "field-keys-unreadable"


class KeyRingLost(GuantongError):
    """The store holds sealed values, but the file of the keys is gone."""

    code = "field-keys-lost"


class UnknownFieldSuite(GuantongError):
    """A cipher was asked for that we do not have."""

    code = "field-suite-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldKey:
    """One key: its name, which stands in all it sealed, its suite, and since when it is there."""

    id: str
    suite: str
    secret: bytes
    made_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """The keys of this installation; ``blind`` makes the digests that equality is searched by."""

    current: str
    keys: dict[str, FieldKey]
    blind: bytes
    blind_by: str
    current_since: str

    @property
    def key(self) -> FieldKey:
        """The key that seals what is written now."""
        return self.keys[self.current]


def path() -> Path:
    """Return where the ring lies."""
    named = os.environ.get("GUANTONG_FIELD_KEYS_FILE")
    return Path(named) if named else Path(settings.KEYS) / "field_keys.json"


def wanted_suite() -> str:
    """Return the suite that new keys are made for: ``GUANTONG_FIELD_SUITE``."""
    suite = os.environ.get("GUANTONG_FIELD_SUITE") or "aes-256-gcm"
    if suite not in SUITES:
        raise UnknownFieldSuite(suite=suite[:40], known=", ".join(SUITES))
    return suite


def new_key(suite: str, *, at: datetime) -> FieldKey:
    """Return a fresh key with a name of its own."""
    secret = secrets.token_bytes(SUITES[suite])
    return FieldKey(id=f"k{secrets.token_hex(4)}", suite=suite, secret=secret, made_at=_iso(at))


def new_ring(suite: str, *, at: datetime) -> Ring:
    """Return a ring with one key."""
    key = new_key(suite, at=at)
    return Ring(
        current=key.id, keys={key.id: key}, blind=secrets.token_bytes(32),
        blind_by="sm3" if suite == "sm4-gcm" else "sha256", current_since=_iso(at),
    )  # fmt: skip


def with_new_current(ring: Ring, key: FieldKey, *, at: datetime) -> Ring:
    """Return the ring with ``key`` current; all others still open what they sealed."""
    keys = {**ring.keys, key.id: key}
    return replace(ring, current=key.id, keys=keys, current_since=_iso(at))


def without(ring: Ring, id: str) -> Ring:
    """Return the ring without a key that nothing needs any more."""
    assert id != ring.current, "the current key is never taken away"
    return replace(ring, keys={k: v for k, v in ring.keys.items() if k != id})


class Rings:
    """The ring of one file, kept in memory and read again when the file changes."""

    def __init__(self, where: Path, keeper: Master, may_make: Callable[[], bool]) -> None:
        self.where, self.keeper, self._may_make = where, keeper, may_make
        self._lock = threading.Lock()
        self._ring: Ring | None = None
        self._stamp: tuple[int, int] | None = None

    def look(self, *, at: Callable[[], datetime]) -> Ring:
        """Return the ring as the file holds it now, made where there is none."""
        with self._lock:
            stamp = _stamp(self.where)
            if stamp is None:
                if not self._may_make():
                    raise KeyRingLost(path=self.where)
                create(self.where, new_ring(wanted_suite(), at=at()), self.keeper)
                stamp = _stamp(self.where)
            if self._ring is None or stamp != self._stamp:
                self._ring, self._stamp = read(self.where, self.keeper), stamp
            return self._ring


def read(where: Path, keeper: Master) -> Ring:
    """Read a ring and unwrap its keys."""
    try:
        told = orjson.loads(where.read_bytes())
        keys = {
            k["id"]: FieldKey(
                id=k["id"], suite=k["suite"], secret=_open(k, keeper), made_at=k["made_at"]
            )
            for k in told["keys"]
        }
        for key in keys.values():
            if len(key.secret) != SUITES[key.suite]:
                raise ValueError(key.suite)
        ring = Ring(
            current=told["current"], keys=keys, blind=_open(told["blind"], keeper),
            blind_by=told["blind"]["hash"], current_since=told["current_since"],
        )  # fmt: skip
        if ring.current not in ring.keys:
            raise KeyError(ring.current)
        return ring
    except (OSError, ValueError, KeyError, TypeError) as fault:
        # The class of the fault only: its text could hold a piece of a key.
        raise KeyRingUnreadable(path=where, why=type(fault).__name__) from None


def write(where: Path, ring: Ring, keeper: Master) -> None:
    """Put ``ring`` in the place of the one that is there, whole or not at all."""
    fresh = _beside(where, ring, keeper)
    fresh.replace(where)
    _settle(where.parent)


def create(where: Path, ring: Ring, keeper: Master) -> None:
    """Write a first ring; where another process was faster, its ring stays."""
    where.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = _beside(where, ring, keeper)
    try:
        os.link(fresh, where)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    _settle(where.parent)


def _beside(where: Path, ring: Ring, keeper: Master) -> Path:
    told = {
        "version": 1, "current": ring.current, "current_since": ring.current_since,
        "keys": [
            {"id": k.id, "suite": k.suite, "made_at": k.made_at, **_close(k.secret, keeper)}
            for k in ring.keys.values()
        ],
        "blind": {"hash": ring.blind_by, **_close(ring.blind, keeper)},
    }  # fmt: skip
    return write_secret(where, orjson.dumps(told, option=orjson.OPT_INDENT_2))


def write_secret(where: Path, content: bytes) -> Path:
    """Write ``content`` beside ``where``, for its owner only and down to the disk."""
    fresh = where.with_name(f"{where.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return fresh


def _settle(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _close(secret: bytes, keeper: Master) -> dict[str, str]:
    return {"by": keeper.name, "wrapped": keeper.wrap(secret)}


def _open(told: dict[str, Any], keeper: Master) -> bytes:
    if told["by"] == "file" and keeper.name != "file":
        # A ring made before there was a master key: readable, and wrapped with the next rotation.
        return base64.b64decode(told["wrapped"], validate=True)
    return keeper.unwrap(told["wrapped"])


def _stamp(where: Path) -> tuple[int, int] | None:
    try:
        found = where.stat()
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise KeyRingUnreadable(path=where, why=type(fault).__name__) from None
    return found.st_mtime_ns, found.st_ino


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


_kept: tuple[float, Ring] | None = None
_rings: tuple[tuple[str, ...], Rings] | None = None


def ring(may_make: Callable[[], bool], *, at: Callable[[], datetime]) -> Ring:
    """Return the ring the settings name; at most a few seconds old."""
    # Asked for with every value that is sealed: the environment is read as rarely as the file.
    if _kept is not None and time.monotonic() < _kept[0]:
        return _kept[1]
    return ring_again(may_make, at=at)


def ring_again(may_make: Callable[[], bool], *, at: Callable[[], datetime]) -> Ring:
    """Return the ring as its file holds it at this moment."""
    global _kept, _rings
    names = ("GUANTONG_FIELD_KEY", "GUANTONG_KMS", "GUANTONG_KMS_TOKEN_FILE")
    mark = (str(path()), *(os.environ.get(name, "") for name in names))
    if _rings is None or _rings[0] != mark:
        _rings = (mark, Rings(path(), master(), may_make))
    found = _rings[1].look(at=at)
    _kept = (time.monotonic() + LOOK_SECONDS, found)
    return found


def forget() -> None:
    """Let this process read the ring anew at the next need: after it was written here."""
    global _kept, _rings
    _kept = _rings = None
