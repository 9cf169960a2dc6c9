"""What tests of notices share: short ways to send one, and a file of channels."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from django.db import connection
from tests import province

from guantong.audit.models import LeafRow
from guantong.audit.ports import witnesses
from guantong.base.realm import LIVE, Realm
from guantong.notices import api as notices
from guantong.notices import channel

# 16:00 on a Wednesday in China: nobody's quiet hours.
NOON = datetime(2026, 6, 17, 8, tzinfo=UTC)
BUREAU = "emergency@331081"
SHITANG, TAIPING = "area@331081105", "area@331081001"


def people(*unit_codes: str) -> list[notices.Recipient]:
    """Return whoever is on duty in these units."""
    readers, nobody = notices.of_units(map(province.unit, unit_codes), on=province.FOUNDED)
    assert nobody == []
    return readers


def send(
    *unit_codes: str,
    realm: Realm = LIVE,
    title: str = "加强巡查",
    at: datetime = NOON,
    by_hand: bool = True,
    **more: object,
) -> UUID:
    """Send a message of Wenling's bureau to whoever is on duty in these units."""
    sender = province.person(BUREAU).id if by_hand else None
    id = notices.send(
        realm, to=people(*unit_codes), words=notices.Words.same(title, "请逐户检查。"),
        kind=str(more.pop("kind", "message")), at=at, sender_id=sender,
        sender_unit=province.unit(BUREAU) if by_hand else None, **more,  # type: ignore[arg-type]
    )  # fmt: skip
    assert id is not None
    return id


def strayed() -> set[str]:
    """Return the faults that comparing notices and contests with their last leaves finds."""
    faults = set()
    for witness in witnesses():
        if witness.kind not in ("notice", "receipt", "contest"):
            continue
        told = {}
        for leaf in LeafRow.objects.filter(kind=witness.kind).order_by("id"):
            body = orjson.loads(bytes(leaf.encoded))["body"]
            if "after" in body:
                told[leaf.object_id] = body["after"]
        with connection.cursor() as cursor:
            cursor.execute(f"select id, after::text from ({witness.sql}) w")
            now = {id: orjson.loads(after) for id, after in cursor.fetchall()}
        faults |= {"record-removed" for id in told.keys() - now.keys()}
        faults |= {"record-without-leaf" for id in now.keys() - told.keys()}
        faults |= {"record-altered" for id in now.keys() & told.keys() if now[id] != told[id]}
    return faults


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    """Let the installation have the channels of a file for one test."""

    def write(text: str) -> Path:
        path = tmp_path / "channels.yaml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("GUANTONG_CHANNELS", str(path))
        monkeypatch.setattr(channel, "_held", None)
        return path

    yield write
    channel._held = None
