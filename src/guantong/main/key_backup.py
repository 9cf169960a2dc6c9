"""The backup of the keys: one small file behind a passphrase, kept apart from all other backups.

Without it a restored installation works, but cannot open its sealed fields, and signs its log by a
new key. The passphrase is stretched by scrypt (RFC 7914) and the content sealed by AES-256-GCM.
"""

import base64
import binascii
import io
import json
import os
import zipfile
from pathlib import Path, PurePosixPath

from guantong.main.archive import written_small
from guantong.main.errors import NoBackup, NoKeysYet, WeakPassphrase, WrongPassphrase
from guantong.main.home import Home

KIND = "guantong-keys"
SHORTEST = 12
# RFC 7914 counts N, r, p; N = 2^17, r = 8 is 128 MB and about half a second here: OWASP's least
# for scrypt (Password Storage Cheat Sheet, 2025).
_N, _R, _P = 1 << 17, 8, 1
_LARGEST = 16 * 1024 * 1024
_SECRET = "secret_key"  # noqa: S105 - the name of a file


def take_keys(home: Home, target: Path, passphrase: str) -> int:
    """Write the keys of a home to ``target``; return how many files they are."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(passphrase) < SHORTEST:
        raise WeakPassphrase(least=SHORTEST)
    found = [p for p in sorted(home.keys.rglob("*")) if p.is_file()]
    secret = home.path / _SECRET
    named = os.environ.get("GUANTONG_FIELD_KEYS_FILE")
    elsewhere = Path(named) if named and Path(named).is_file() else None
    if not found and not secret.exists():
        raise NoKeysYet(home=home.path)
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as made:
        for path in [*found, *([secret] if secret.exists() else [])]:
            made.writestr(path.relative_to(home.path).as_posix(), path.read_bytes())
        if elsewhere is not None and not elsewhere.is_relative_to(home.keys):
            made.writestr("keys/field_keys.json", elsewhere.read_bytes())
    salt, nonce = os.urandom(16), os.urandom(12)
    sealed = AESGCM(_stretched(passphrase, salt)).encrypt(nonce, plain.getvalue(), KIND.encode())
    body = {
        "kind": KIND, "format": 1, "kdf": "scrypt", "n": _N, "r": _R, "p": _P,
        "salt": _text(salt), "nonce": _text(nonce), "sealed": _text(sealed),
    }  # fmt: skip
    written_small(target, json.dumps(body, indent=1).encode())
    return len(found)


def open_keys(path: Path, passphrase: str) -> dict[str, bytes]:
    """Return the keys of a backup, by their place in the home."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("too large")
        body = json.loads(path.read_bytes())
        if body["kind"] != KIND or body["format"] != 1 or (body["n"], body["r"], body["p"]) != (
            _N, _R, _P,
        ):  # fmt: skip
            raise ValueError(KIND)
        salt, nonce, sealed = (
            base64.b64decode(body[name], validate=True) for name in ("salt", "nonce", "sealed")
        )
    except (OSError, ValueError, KeyError, TypeError, binascii.Error) as fault:
        why = getattr(fault, "strerror", None) or "it is no backup of keys"
        raise NoBackup(path=path, why=why) from fault
    try:
        plain = AESGCM(_stretched(passphrase, salt)).decrypt(nonce, sealed, KIND.encode())
    except InvalidTag:
        raise WrongPassphrase(path=path) from None
    with zipfile.ZipFile(io.BytesIO(plain)) as held:
        return {name: held.read(name) for name in held.namelist() if _ours(name)}


def put_keys(home: Home, keys: dict[str, bytes]) -> None:
    """Write keys to their places in a home, readable by its owner only."""
    for name, content in keys.items():
        place = home.path / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.touch(mode=0o600)
        place.write_bytes(content)


def _ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return name == _SECRET or (len(parts) > 1 and parts[0] == "keys" and ".." not in parts)


def _stretched(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, n=_N, r=_R, p=_P).derive(passphrase.encode())


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
