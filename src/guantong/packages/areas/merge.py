"""What a new release means for what areas say differently: kept, agreed with, or in conflict.

Three are compared for each entry: what the old release said (base), what the new one says
(theirs), what the area says (ours). Where the package says what it said before, the area's word
is kept. Where both now say the same, the area's word has come into the package and ends. Where
the package says something new, or has the thing no more, or the new release does not bear the
area's word, somebody decides, with all three side by side. Nothing is lost without being shown.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from guantong.base.errors import GuantongError
from guantong.packages.areas.difference import Difference
from guantong.packages.areas.entry import OWN, Entry, Value
from guantong.packages.errors import DecisionUnknown
from guantong.packages.life.said import still_said

KEEP, THEIRS = "keep", "theirs"

Says = Callable[[Entry], Value | None]
# Returns why the new release does not bear what an area says of an entry; None where it does.
Bears = Callable[[Entry, Value], GuantongError | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaConflict:
    """One word of an area that a release collides with. ``why``: changed, gone, unfit."""

    difference: Difference
    why: str
    base: Value | None
    theirs: Value | None
    refusal: GuantongError | None = None

    @property
    def can_keep(self) -> bool:
        """Whether the area's word may go on holding in the new release."""
        return self.refusal is None and self.why == "changed"

    @property
    def can_write(self) -> bool:
        """Whether another text may take its place."""
        return self.why != "gone" and self.difference.entry.is_text


@dataclass(frozen=True, slots=True, kw_only=True)
class AreasMerged:
    """What becomes of what areas say: kept, ended because the package says so, to be decided."""

    kept: tuple[Difference, ...] = ()
    agreed: tuple[Difference, ...] = ()
    conflicts: tuple[AreaConflict, ...] = ()


def merge(
    base: Says, theirs: Says, differences: Iterable[Difference], *, bears: Bears, today: date
) -> AreasMerged:
    """Return what a release that says ``theirs`` means for words said of one that said ``base``."""
    kept: list[Difference] = []
    agreed: list[Difference] = []
    conflicts: list[AreaConflict] = []
    for one in still_said(differences, today):
        was, now = base(one.entry), theirs(one.entry)
        why, refusal = _why(one, was, now, bears)
        if why is None:
            kept.append(one)
        elif why == "agreed":
            agreed.append(one)
        else:
            conflicts.append(
                AreaConflict(difference=one, why=why, base=was, theirs=now, refusal=refusal)
            )
    return AreasMerged(kept=tuple(kept), agreed=tuple(agreed), conflicts=tuple(conflicts))


def _why(
    one: Difference, was: Value | None, now: Value | None, bears: Bears
) -> tuple[str | None, GuantongError | None]:
    if now is None and one.entry.about != OWN:
        return "gone", None
    if now == one.value and was != now:
        return "agreed", None
    refusal = bears(one.entry, one.value)
    if was != now:
        return "changed", refusal
    return ("unfit", refusal) if refusal is not None else (None, None)


def decided(
    conflicts: Iterable[AreaConflict],
    decisions: Mapping[UUID, object],
    *,
    check: Callable[[Entry, Value], Value],
) -> dict[UUID, Value | None]:
    """Return what holds instead of each word in conflict; None where the package's word does.

    ``check`` returns what the new release keeps of a text that was written anew, or refuses it.
    """
    found: dict[UUID, Value | None] = {}
    for conflict in conflicts:
        one = conflict.difference
        decision = str(decisions[one.id])
        if decision == THEIRS:
            found[one.id] = None
        elif decision == KEEP:
            if not conflict.can_keep:
                raise conflict.refusal or DecisionUnknown(setting=str(one.id))
            found[one.id] = one.value
        elif conflict.can_write:
            found[one.id] = check(one.entry, decision)
        else:
            raise DecisionUnknown(setting=str(one.id))
    return found
