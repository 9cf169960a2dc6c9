"""Which value of a parameter is in force where and when, of all that areas have set.

A setting is one area's word (``said``): this value, from a day on, perhaps until another. Where no
area has set anything, the package's default is in force. Pure: no store, no clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from guantong.orgs.api import covers, prefix
from guantong.packages.errors import ParameterOutsideRange
from guantong.packages.life.said import Said, setting_for

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
class Setting(Said):
    """What an area has said of one parameter."""

    parameter: str
    value: Value


def declared(document_data: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Declared]:
    """Return what ``parameters.yaml`` declares, by name."""
    return {
        name: Declared(
            name=name, type=given["type"], unit=given["unit"], default=given["default"],
            low=given["range"][0], high=given["range"][1], why=given["why"],
        )
        for name, given in (document_data or {}).items()
    }  # fmt: skip


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
