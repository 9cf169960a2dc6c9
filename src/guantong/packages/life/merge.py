"""What a new release of a package means for the values areas have set: kept, or in conflict.

Three are compared for each parameter: as it was declared (base), as it is declared now (theirs),
and what areas have set (ours). An area's word is kept wherever it still can be; where it cannot,
because the parameter is gone or its range no longer holds the value, somebody decides: the
word ends, or another value takes its place. Nothing is lost without being shown. Pure.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from guantong.packages.errors import DecisionUnknown, MergeUndecided
from guantong.packages.life.parameter import Declared, Setting, Value
from guantong.packages.life.said import still_said

END = "end"
Decision = str | Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One area's word that the new release does not take. ``why``: gone, range, meaning."""

    setting: Setting
    why: str
    base: Declared | None
    theirs: Declared | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What becomes of the areas' words: kept as they are, and those to be decided."""

    kept: tuple[Setting, ...]
    conflicts: tuple[Conflict, ...]


def merge(
    base: Mapping[str, Declared],
    theirs: Mapping[str, Declared],
    settings: Iterable[Setting],
    *,
    today: date,
) -> Merged:
    """Return which of the areas' words are kept by a new release, and which are in conflict."""
    kept: list[Setting] = []
    conflicts: list[Conflict] = []
    for setting in still_said(settings, today):
        was, now = base.get(setting.parameter), theirs.get(setting.parameter)
        why = _why(was, now, setting.value)
        if why is None:
            kept.append(setting)
        else:
            conflicts.append(Conflict(setting=setting, why=why, base=was, theirs=now))
    return Merged(kept=tuple(kept), conflicts=tuple(conflicts))


def _why(was: Declared | None, now: Declared | None, value: Value) -> str | None:
    if now is None:
        return "gone"
    # A number in knots is not one in metres per second, whatever the ranges say.
    if was is not None and was.unit != now.unit:
        return "meaning"
    whole = now.type != "integer" or value == int(value)
    return None if now.low <= value <= now.high and whole else "range"


def refuse_open(open_: Collection[UUID], decided: Collection[UUID]) -> None:
    """Refuse a decision about what is not in conflict, and a conflict that nobody decided."""
    strange = [str(id) for id in decided if id not in open_]
    if strange:
        raise DecisionUnknown(setting=", ".join(strange))
    left = [id for id in open_ if id not in decided]
    if left:
        raise MergeUndecided(count=len(left), settings=", ".join(str(id) for id in left[:5]))


def decided(
    conflicts: Iterable[Conflict], decisions: Mapping[UUID, Decision]
) -> dict[UUID, Value | None]:
    """Return what is done about each conflict: None ends the word, a number takes its place.

    Refuse a conflict that nobody decided, a decision about something else, and a number that the
    new release does not take either.
    """
    open_ = {conflict.setting.id: conflict for conflict in conflicts}
    refuse_open(open_, decisions)
    found: dict[UUID, Value | None] = {}
    for id, decision in decisions.items():
        now = open_[id].theirs
        if decision == END or now is None:
            if decision != END:
                raise DecisionUnknown(setting=str(id))
            found[id] = None
        else:
            found[id] = now.number(str(decision))
    return found
