"""What an area has said, from when, why and by whom; and which of its words is in force.

A word is never changed but by ending it; of two of one area that hold on a day the one said later
is in force, so that what was said before comes back when the later one ends. Of several areas that
hold a place the smallest is heard.

The past stays as it was (promise P8): a word begins today or later, and ends today or later. A
number for a parameter (``parameter``) and another text or form (``packages.areas``) are both
words in this sense. Pure: no store, no clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from guantong.orgs.api import TIERS, lift
from guantong.packages.errors import (
    ParameterReasonMissing,
    ParameterSpanEmpty,
    ParameterTooEarly,
)

LONGEST_REASON = 500
SHORTEST_REASON = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One word of an area; ``to_day`` is the first day on which it no longer holds."""

    id: UUID
    division_code: str
    from_day: date
    to_day: date | None
    at: datetime
    why: str = ""
    by: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_why: str = ""

    def holds_on(self, day: date) -> bool:
        """Say whether the word is meant for that day."""
        return self.from_day <= day and (self.to_day is None or day < self.to_day)

    @property
    def void(self) -> bool:
        """Whether it was ended before it began, so that it never holds."""
        return self.to_day is not None and self.to_day <= self.from_day


Word = TypeVar("Word", bound=Said)


def own_setting(said: Iterable[Word], division_code: str, day: date) -> Word | None:
    """Return the word of exactly this area that is in force on a day: the one said last."""
    mine = [s for s in said if s.division_code == division_code and s.holds_on(day)]
    return max(mine, key=lambda s: (s.at, s.id), default=None)


def setting_for(said: Sequence[Word], division_code: str, day: date) -> Word | None:
    """Return the word in force at a place on a day: that of the smallest area that said one."""
    for tier in reversed(TIERS):
        area = lift(division_code, tier)
        found = own_setting(said, area, day) if area is not None else None
        if found is not None:
            return found
    return None


def still_said(said: Iterable[Word], today: date) -> list[Word]:
    """Return what is in force or to come: what is over is history, and no merge touches it."""
    return [s for s in said if not s.void and (s.to_day is None or s.to_day > today)]


def refuse_span(from_day: date, to_day: date | None, *, today: date) -> None:
    """Refuse a word that would change the past, or hold on no day."""
    if from_day < today:
        raise ParameterTooEarly(day=from_day.isoformat(), today=today.isoformat())
    if to_day is not None and to_day <= from_day:
        raise ParameterSpanEmpty(day=from_day.isoformat(), until=to_day.isoformat())


def reason(text: str) -> str:
    """Return why, as it was typed, or refuse an empty one: who reads it later must understand."""
    plain = " ".join(text.split())
    if not SHORTEST_REASON <= len(plain) <= LONGEST_REASON:
        raise ParameterReasonMissing(least=SHORTEST_REASON, most=LONGEST_REASON)
    return plain


def end_of(said: Said, *, today: date) -> date:
    """Return the day on which a word that is taken back ends: today, or before it begins."""
    return max(today, said.from_day)
