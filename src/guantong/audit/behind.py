"""How far the sequencer is behind: leaves that wait for their place, and how old the oldest is."""

from datetime import datetime

from django.db import connection

from guantong.audit import ledger
from guantong.base.lag import bring_gauge


def behind(now: datetime) -> dict[str, float]:
    """Return how many leaves wait for their place, and how long the oldest has."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*), (select id from {ledger.WAITING} order by id limit 1)"  # noqa: S608
            f" from {ledger.WAITING}"
        )
        waiting, oldest = cursor.fetchone()
    # The first 48 bits of an id (UUIDv7) are the milliseconds at which it was made.
    made = (oldest.int >> 80) / 1000 if oldest is not None else now.timestamp()
    return {
        "leaves_waiting": float(waiting),
        "leaf_oldest_seconds": max(0.0, now.timestamp() - made),
    }


bring_gauge("leaves", behind)
