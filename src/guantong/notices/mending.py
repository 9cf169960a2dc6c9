"""What a person does with deliveries that were laid aside: try again, or let them be."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from guantong.base.realm import LIVE
from guantong.notices.errors import DeliveryMovedOn
from guantong.notices.trail import leave, person


def try_again(delivery_id: UUID, *, by: UUID, at: datetime) -> None:
    """Send a delivery again that was given up, or of which nobody knows whether it arrived.

    It keeps its key: a receiver that knows keys still takes it once.
    """
    _move(delivery_id, "queued", "try_again", by=by, at=at)


def give_up(delivery_id: UUID, *, by: UUID, at: datetime) -> None:
    """Let a delivery be: somebody has looked, and it is not sent any more."""
    _move(delivery_id, "withdrawn", "give_up", by=by, at=at)


def _move(delivery_id: UUID, state: str, act: str, *, by: UUID, at: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update notices_delivery set state = %s, attempts = 0,"
            " due_at = case when %s = 'queued' then greatest(%s, queued_at) else due_at end,"
            " ended_at = case when %s = 'queued' then null else %s end"
            " where id = %s and state in ('failed', 'unknown') returning notice_id, channel",
            [state, state, at, state, at, delivery_id],
        )
        row = cursor.fetchone()
        if row is None:
            raise DeliveryMovedOn()
        body = {"delivery": str(delivery_id), "channel": row[1]}
        leave(LIVE, "notice", act, [(row[0], body)], actor=person(by), at=at)
