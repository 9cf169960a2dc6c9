"""Types of DMN: what a value must be, and the three conversions that happen without being asked.

DMN 1.5, section 10.3.2.9.4: a single value becomes a list of one where a list is wanted, a list
of one becomes its item, a date becomes the midnight (UTC) that begins it. What still does not
conform becomes null, and whoever asked is told. Null itself conforms to every type.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Protocol

from guantong.feel.api import Function, Months, Range, UnaryTests, Value


class Type(Protocol):
    """What a value may be asked to conform to."""

    @property
    def name(self) -> str:
        """The name people know it by."""
        ...

    def holds(self, value: Value) -> bool:
        """Say whether the value, which is not null, conforms without any conversion."""
        ...

    def converted(self, value: Value) -> Value:
        """Return the value where it conforms, what it is converted to, or null."""
        ...


@dataclass(frozen=True, slots=True)
class Simple:
    """A type of FEEL that has no parts."""

    name: str
    kinds: tuple[type, ...]  # none: any value

    def holds(self, value: Value) -> bool:
        """Say whether the value is of this type."""
        return not self.kinds or type(value) in self.kinds

    def converted(self, value: Value) -> Value:
        """Return the value, the only item of a list, or the midnight of a date."""
        if value is None or not self.kinds or type(value) in self.kinds:
            return value
        if type(value) is list and len(value) == 1 and list not in self.kinds:
            return self.converted(value[0])
        if type(value) is date and datetime in self.kinds:
            return datetime.combine(value, time(), UTC)
        return [value] if list in self.kinds else None


@dataclass(frozen=True, slots=True)
class Collection:
    """A list of items of one type."""

    name: str
    item: Type

    def holds(self, value: Value) -> bool:
        """Say whether the value is a list whose items all conform."""
        return type(value) is list and all(item is None or self.item.holds(item) for item in value)

    def converted(self, value: Value) -> Value:
        """Return the list, or a list of the single value."""
        if value is None or self.holds(value):
            return value
        items = value if type(value) is list else [value]
        made = [self.item.converted(item) for item in items]
        lost = any(new is None and old is not None for new, old in zip(made, items, strict=True))
        return None if lost else made


@dataclass(frozen=True, slots=True)
class Structure:
    """A context with these components; others may stand beside them."""

    name: str
    components: Mapping[str, Type]

    def holds(self, value: Value) -> bool:
        """Say whether every component is there and conforms."""
        return type(value) is dict and all(
            key in value and (value[key] is None or kind.holds(value[key]))
            for key, kind in self.components.items()
        )

    def converted(self, value: Value) -> Value:
        """Return the context, its components converted, or null where one does not conform."""
        if value is None or self.holds(value):
            return value
        if type(value) is list and len(value) == 1:
            return self.converted(value[0])
        if type(value) is not dict or not self.components.keys() <= value.keys():
            return None
        made = dict(value)
        for key, kind in self.components.items():
            made[key] = kind.converted(value[key])
            if made[key] is None and value[key] is not None:
                return None
        return made


@dataclass(frozen=True, slots=True)
class Functional:
    """A function of so many parameters; without a list of them, any function."""

    name: str
    parameters: tuple[tuple[str, Type], ...] | None
    result: Type

    def holds(self, value: Value) -> bool:
        """Say whether the value is a function that takes as many arguments."""
        return type(value) is Function and (
            self.parameters is None or len(value.parameters) == len(self.parameters)
        )

    def converted(self, value: Value) -> Value:
        """Return the function, or null for anything else."""
        if type(value) is list and len(value) == 1:
            value = value[0]
        return value if value is None or self.holds(value) else None


@dataclass(frozen=True, slots=True)
class Constrained:
    """A type of which only the values that pass the tests are allowed."""

    name: str
    base: Type
    tests: UnaryTests

    def holds(self, value: Value) -> bool:
        """Say whether the value conforms to the base and is allowed."""
        return self.base.holds(value) and self.tests.run(value, {}) is True

    def converted(self, value: Value) -> Value:
        """Return the value as the base converts it, or null where it is not allowed."""
        made = self.base.converted(value)
        return made if made is None or self.tests.run(made, {}) is True else None


@dataclass(frozen=True, slots=True)
class Later:
    """A type known by its name so far: item definitions come in any order."""

    name: str
    find: Callable[[], Type]

    def holds(self, value: Value) -> bool:
        """Ask the type that bears the name."""
        return self.find().holds(value)

    def converted(self, value: Value) -> Value:
        """Ask the type that bears the name."""
        return self.find().converted(value)


ANY = Simple("Any", ())
_DURATION, _MONTHS = (timedelta,), (Months,)
# The names of FEEL, and those that DMN 1.1 wrote.
SIMPLE: Mapping[str, Type] = {
    kind.name: kind
    for kind in (
        ANY,
        Simple("number", (Decimal,)),
        Simple("string", (str,)),
        Simple("boolean", (bool,)),
        Simple("date", (date,)),
        Simple("time", (time,)),
        Simple("date and time", (datetime,)),
        Simple("dateTime", (datetime,)),
        Simple("days and time duration", _DURATION),
        Simple("dayTimeDuration", _DURATION),
        Simple("years and months duration", _MONTHS),
        Simple("yearMonthDuration", _MONTHS),
        Simple("duration", (timedelta, Months)),
        Simple("range", (Range,)),
        Simple("list", (list,)),
        Simple("context", (dict,)),
        Functional("function", None, ANY),
    )
}


def converts(kind: Type | None, value: Value) -> tuple[Value, bool]:
    """Return the value as this type takes it, and whether nothing was lost."""
    if kind is None or value is None:
        return value, True
    made = kind.converted(value)
    return made, made is not None
