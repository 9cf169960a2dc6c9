"""Write the deliveries of a notice, as each reader has chosen: which channels, and when.

Only the live realm comes here; the store refuses a delivery of any other (promise P12).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from guantong.base.ids import new_id
from guantong.base.realm import LIVE
from guantong.notices.channel import Setting, usable_channels
from guantong.notices.contacts import preferences
from guantong.notices.preference import STANDARD, Preference, due

_COLUMNS = (
    "id, realm, notice_id, receipt_id, person_id, channel, occasion, urgent, bundled, state,"
    " queued_at, due_at, attempts, said"
)


def queue(
    notice_id: UUID,
    readers: Sequence[tuple[UUID, UUID]],
    *,
    kind: str,
    urgent: bool,
    at: datetime,
    not_before: datetime,
    occasion: str = "sent",
) -> int:
    """Write a delivery for each (receipt, person) and channel; return how many."""
    known = list(usable_channels().settings.values())
    if not known or not readers:
        return 0
    chosen = preferences([person for _, person in readers])
    rows = []
    # A person who reads for two units is told once.
    for person, receipt in {person: receipt for receipt, person in reversed(readers)}.items():
        preference = chosen.get(person, STANDARD)
        when = due(preference, kind=kind, urgent=urgent, at=not_before)
        if when is None:
            continue
        rows += [
            (new_id(), LIVE, notice_id, receipt, person, setting.name, occasion, urgent,
             when.bundled, "queued", at, when.at, 0, "")
            for setting in known
            if wants(preference, setting)
        ]  # fmt: skip
    if rows:
        with connection.cursor() as cursor:
            if len(rows) < 8:
                places = ", ".join(["%s"] * len(rows[0]))
                cursor.executemany(
                    f"insert into notices_delivery ({_COLUMNS}) values ({places})",  # noqa: S608
                    rows,
                )
            else:
                with cursor.copy(f"copy notices_delivery ({_COLUMNS}) from stdin") as copy:
                    for row in rows:
                        copy.write_row(row)
    return len(rows)


def wants(preference: Preference, setting: Setting) -> bool:
    """Say whether somebody wants to be told through a channel."""
    if preference.channels is None:
        return setting.default
    return setting.name in preference.channels
