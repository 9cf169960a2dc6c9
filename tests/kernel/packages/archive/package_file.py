"""A small sound package file, and ways to write a zip that ours would never write."""

import io
import warnings
import zipfile
from collections.abc import Mapping

from guantong.packages.archive import pack
from guantong.packages.archive.key import PrivateKey, new_key
from guantong.packages.archive.signature import read_signature

APP = b"""id: river_watch
title: {zh: x, en: River watch}
version: 0.1.0
kernel: ">=0.1,<1"
"""
FILES = {"app.yaml": APP, "messages/en.yaml": b"value.none: none\n"}
FACTS = {"id": "river_watch", "version": "0.1.0", "kernel": ">=0.1,<1"}


def key(name: str = "Taizhou", algorithm: str = "ed25519") -> PrivateKey:
    """Return a new key of a publisher."""
    return new_key(name, algorithm)


def file_of(
    files: Mapping[str, bytes] = FILES, signer: PrivateKey | None = None, **facts: str
) -> bytes:
    """Return the package file of these files, as ``pack`` writes it."""
    return pack.of_files(dict(files), key=signer, **{**FACTS, **facts})


def members(content: bytes) -> dict[str, bytes]:
    """Return what a zip holds, read by Python's own reader."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(
    held: Mapping[str, bytes] | list[tuple[str, bytes]],
    *,
    method: int = zipfile.ZIP_STORED,
    rights: int = 0o100644,
) -> bytes:
    """Return a zip as other tools write it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as file:
        for name, content in held.items() if isinstance(held, Mapping) else held:
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = rights << 16, method
            with warnings.catch_warnings(action="ignore"):  # a name may stand twice
                file.writestr(info, content)
    return made.getvalue()


def signer_of(content: bytes) -> str:
    """Return the name under which a package file was signed."""
    return read_signature(members(content)["SIGNATURE.json"]).signer
