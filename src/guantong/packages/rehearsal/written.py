"""What came of a scenario as plain values, and the same read back. Pure.

What was played in a box is gone with it: all that a report says later comes from these values and
from the release that was rehearsed, whose words and drawings are its own.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from guantong.base.realm import Realm
from guantong.packages.package import Package
from guantong.packages.rehearsal.deeds import Done
from guantong.packages.rehearsal.live import UnitScore
from guantong.packages.rehearsal.rehearse import Rehearsed
from guantong.packages.rehearsal.timeline import Entry

Values = dict[str, Any]


def to_values(played: Rehearsed) -> Values:
    """Return what came of a scenario, with its timeline."""
    return {
        "path": played.scenario.path,
        "realm": played.realm,
        "begins_at": played.begins_at.isoformat(),
        "ended_at": played.ended_at.isoformat(),
        "seconds": played.seconds,
        "unresolved": played.unresolved,
        "wishes": [_wish(wish) for wish in played.wishes],
        "reached": {topic: sorted(names) for topic, names in played.reached.items()},
        "cases_left_out": played.cases_left_out,
        "timeline": [
            {"at": entry.at.isoformat(), "what": entry.what, "facts": entry.facts}
            for entry in played.timeline
        ],
    }


def from_values(package: Package, values: Mapping[str, Any]) -> Rehearsed:
    """Return what came of a scenario of this very release; one without timeline has none."""
    return Rehearsed(
        package=package,
        scenario=package.documents[values["path"]],
        realm=Realm(values["realm"]),
        begins_at=datetime.fromisoformat(values["begins_at"]),
        ended_at=datetime.fromisoformat(values["ended_at"]),
        seconds=values["seconds"],
        unresolved=values["unresolved"],
        wishes=[_done(wish) for wish in values["wishes"]],
        reached={topic: frozenset(names) for topic, names in values["reached"].items()},
        cases_left_out=values["cases_left_out"],
        timeline=[
            Entry(at=datetime.fromisoformat(e["at"]), what=e["what"], facts=e["facts"])
            for e in values.get("timeline", ())
        ],
    )


def unit_values(unit: UnitScore) -> Values:
    """Return the score of one unit."""
    return {**asdict(unit), "unit_id": str(unit.unit_id)}


def unit_from(values: Mapping[str, Any]) -> UnitScore:
    """Return the score of one unit as it was written."""
    return UnitScore(**{**values, "unit_id": UUID(values["unit_id"])})


def _wish(wish: Done) -> Values:
    return {**asdict(wish), "due_at": _text(wish.due_at), "done_at": _text(wish.done_at)}


def _done(values: Mapping[str, Any]) -> Done:
    due_at, done_at = _moment(values["due_at"]), _moment(values["done_at"])
    return Done(**{**values, "due_at": due_at, "done_at": done_at})


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
