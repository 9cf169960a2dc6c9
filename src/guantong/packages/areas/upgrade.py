"""The three-way merge of what areas say with a release: what stands in the store, and the doctor.

``merge`` decides by comparing; here the old and the new release say what they say, and the new one
is asked whether it bears each word, by itself and with what else holds in the area.
"""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from guantong.base.clock import local_day
from guantong.base.errors import GuantongError
from guantong.packages.areas.checking import checked
from guantong.packages.areas.entry import Entry, Value, said_by
from guantong.packages.areas.judging import refuse_unsound
from guantong.packages.areas.merge import AreasMerged, decided, merge
from guantong.packages.areas.store import differences_of
from guantong.packages.package import Package


def merged(package: Package, base: Package | None, *, at: datetime) -> AreasMerged:
    """Return what a release would do to what areas say differently."""
    # In the order in which it was said: so it is read, and the later word is the one that holds.
    said = differences_of(package.id)[::-1] if base is not None else []
    if base is None or not said:
        return AreasMerged()
    return merge(
        lambda entry: said_by(base, entry), lambda entry: said_by(package, entry), said,
        bears=lambda entry, value: _refusal(package, entry, value), today=local_day(at),
    )  # fmt: skip


def decided_for(
    package: Package, plan: AreasMerged, decisions: Mapping[UUID, object], *, on: date
) -> dict[UUID, Value | None]:
    """Return what holds instead of each word in conflict; refuse what the release does not bear."""
    found = decided(
        plan.conflicts, decisions, check=lambda entry, value: checked(package, entry, value)
    )
    by_id = {one.difference.id: one.difference for one in plan.conflicts}
    # With what else its area says: only of areas for which somebody decides, who can decide anew.
    holds: dict[str, dict[Entry, Value]] = {}
    for id, value in found.items():
        if value is not None:
            holds.setdefault(by_id[id].division_code, {})[by_id[id].entry] = value
    for area, edits in holds.items():
        kept = {d.entry: d.value for d in plan.kept if d.division_code == area}
        refuse_unsound(package, kept | edits)
    return found


def _refusal(package: Package, entry: Entry, value: Value) -> GuantongError | None:
    """Return why a release does not bear what an area says of one entry."""
    try:
        refuse_unsound(package, {entry: checked(package, entry, value)})
    except GuantongError as refusal:
        return refusal
    return None
