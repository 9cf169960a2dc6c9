"""Who was shown personal data, or took a file away, stands in the log (promise P5).

A leaf says who, when, what and by which rule, and never the data themselves.
"""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from guantong.access.api import Decision
from guantong.audit.api import Leaf, write
from guantong.portal.reader import Reader


def note(
    reader: Reader,
    act: str,
    decision: Decision,
    *,
    object_id: UUID | None = None,
    facts: Mapping[str, object],
) -> None:
    """Leave a leaf of a delivery, before anything is shown or sent."""
    place = decision.thing.division_code
    leaf = Leaf(
        realm=reader.realm,
        at=reader.now,
        actor=f"person:{reader.actor.person_id}",
        act=act,
        kind=decision.thing.kind,
        object_id=object_id,
        body={"division_code": place, "reason": decision.reason, **facts},
    )
    with transaction.atomic():
        write([leaf])
