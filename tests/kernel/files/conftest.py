"""A folder of contents and a ring of keys for each test, and who acts in them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from guantong.base import key_ring

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
CASE = ("case", UUID(int=7))
LIN = UUID(int=11)
BUREAU = UUID(int=21)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    """Contents and keys of this test only; no scanner and no seal service."""
    for name in ("GUANTONG_CLAMD", "GUANTONG_SEAL", "GUANTONG_SEAL_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GUANTONG_FIELD_KEYS_FILE", str(tmp_path / "keys" / "field_keys.json"))
    settings.FILES = tmp_path / "files"
    key_ring.forget()
    return tmp_path
