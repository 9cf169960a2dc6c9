"""Which value of a parameter is in force where and when, of all that areas have set.

A setting is one area's word: this value, from a day on, perhaps until another. Settings are never
changed but by ending them; of two of one area that hold on a day the one said later is in force,
so that what was said before comes back when the later one ends. Of several areas that hold a
place the smallest is heard; where none has set anything, the package's default is in force.

The past stays as it was (promise P8): a setting begins today or later, and ends today or later.
Pure: no store, no clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from guantong.orgs.api import TIERS, covers, lift, prefix
from guantong.packages.errors import (
    ParameterOutsideRange,
    ParameterReasonMissing,
    ParameterSpanEmpty,
    ParameterTooEarly,
)

LONGEST_REASON = 500
SHORTEST_REASON = 4

Value = int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A parameter as its package declares it."""

    name: str
    type: str
    unit: str
    default: Value
    low: Value
    high: Value
    why: Mapping[str, str]

    def number(self, text: str) -> Value:
        """Return the number a person typed, within the range, or refuse it."""
        plain = text.strip().replace("，", ".").replace(",", ".")
        try:
            value: Value = int(plain) if self.type == "integer" else float(plain)
        except ValueError:
            raise self._refusal(text) from None
        return self.within(value)

    def within(self, value: Value) -> Value:
        """Return ``value`` when the parameter may have it, or refuse it."""
        whole = self.type != "integer" or value == int(value)
        # Not "outside": a number that is none (NaN) is neither inside nor outside.
        if not (self.low <= value <= self.high and whole):
            raise self._refusal(str(value))
        return value

    def _refusal(self, given: str) -> ParameterOutsideRange:
        return ParameterOutsideRange(
            parameter=self.name, value=given[:40], low=self.low, high=self.high, unit=self.unit
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What an area has said of one parameter; ``to_day`` is the first day it no longer holds."""

    id: UUID
    parameter: str
    division_code: str
    value: Value
    from_day: date
    to_day: date | None
    at: datetime
    why: str = ""
    by: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_why: str = ""

    def holds_on(self, day: date) -> bool:
        """Say whether the setting is meant for that day."""
        return self.from_day <= day and (self.to_day is None or day < self.to_day)

    @property
    def void(self) -> bool:
        """Whether it was ended before it began, so that it never holds."""
        return self.to_day is not None and self.to_day <= self.from_day


def declared(document_data: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Declared]:
    """Return what ``parameters.yaml`` declares, by name."""
    return {
        name: Declared(
            name=name, type=given["type"], unit=given["unit"], default=given["default"],
            low=given["range"][0], high=given["range"][1], why=given["why"],
        )
        for name, given in (document_data or {}).items()
    }  # fmt: skip


def own_setting(settings: Iterable[Setting], division_code: str, day: date) -> Setting | None:
    """Return the setting of exactly this area that is in force on a day: the one said last."""
    mine = [s for s in settings if s.division_code == division_code and s.holds_on(day)]
    return max(mine, key=lambda s: (s.at, s.id), default=None)


def setting_for(settings: Sequence[Setting], division_code: str, day: date) -> Setting | None:
    """Return the setting in force at a place on a day: that of the smallest area that set one."""
    for tier in reversed(TIERS):
        area = lift(division_code, tier)
        found = own_setting(settings, area, day) if area is not None else None
        if found is not None:
            return found
    return None


def in_force(known: Declared, settings: Sequence[Setting], place: str, day: date) -> Value:
    """Return the value of a parameter in force at a place on a day."""
    found = setting_for(settings, place, day)
    return known.default if found is None else found.value


def areas_in_force(settings: Iterable[Setting], day: date) -> dict[str, Value]:
    """Return the value of each area that has one in force on a day, by the area's digits."""
    last: dict[str, Setting] = {}
    for setting in sorted(settings, key=lambda s: (s.at, s.id)):
        if setting.holds_on(day):
            last[setting.division_code] = setting
    return {prefix(code): setting.value for code, setting in last.items()}


def changes_ahead(
    known: Declared, settings: Sequence[Setting], place: str, after: date
) -> list[tuple[date, Value]]:
    """Return the days after ``after`` on which the value at a place becomes another, in order."""
    near = [s for s in settings if covers(s.division_code, place)]
    days = sorted({d for s in near for d in (s.from_day, s.to_day) if d is not None and d > after})
    found: list[tuple[date, Value]] = []
    value = in_force(known, near, place, after)
    for day in days:
        then = in_force(known, near, place, day)
        if then != value:
            found.append((day, then))
            value = then
    return found


def refuse_span(from_day: date, to_day: date | None, *, today: date) -> None:
    """Refuse a setting that would change the past, or hold on no day."""
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


def end_of(setting: Setting, *, today: date) -> date:
    """Return the day on which a setting that is taken back ends: today, or before it begins."""
    return max(today, setting.from_day)
