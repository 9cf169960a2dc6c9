"""Canonical bytes and digests: the same facts always give the same SHA-256."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal

import orjson


def canonical(facts: Mapping[str, object]) -> bytes:
    """Return ``facts`` as JSON with sorted keys and no spaces; times and ids become text."""
    return orjson.dumps(facts, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def plain(value: object) -> object:
    """Return a number as JSON knows it: an exact decimal becomes a whole number or a float."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 of ``data``."""
    return hashlib.sha256(data).digest()


def fraction(*parts: str) -> float:
    """Return a number in [0, 1) that depends on ``parts`` only: chance that can be repeated."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return int.from_bytes(digest[:7]) / (1 << 56)
