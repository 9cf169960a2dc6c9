"""Is a row what its contract says? One set of checks for files, given rows and SQL's answers.

The checks are compiled once for a contract. A value comes as text (a file) or typed (SQL, a
scenario); text that is blank is no value. Key and order are looked at over the whole batch,
among the rows that are otherwise good.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import isfinite
from zoneinfo import ZoneInfo

from guantong.base import plain_pattern
from guantong.base.hashing import canonical
from guantong.data.contract import Column, Contract
from guantong.data.fault import Batch, Fault, Rejected, Row, Value, shown

# Written with ASCII digits and a point; an exponent is allowed. 64 characters are more than
# any double needs, and keep a million digits from being computed.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d{1,3})?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(inf(inity)?|nan)", re.IGNORECASE)
_MOST_DIGITS = 64
# ISO 8601 with a time of day; ``fromisoformat`` alone would take "20190802" and week dates, too.
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TRUTH = {"true": True, "false": False, "1": True, "0": False}


class _Wrong(Exception):
    """What is wrong with one value; it never leaves this module."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def _number(given: object) -> float:
    if isinstance(given, str):
        if _NOT_FINITE.fullmatch(given):
            raise _Wrong("not-finite")
        if len(given) > _MOST_DIGITS or not _NUMBER.fullmatch(given):
            raise _Wrong("decimal-comma" if _DECIMAL_COMMA.fullmatch(given) else "number")
        given = float(given)
    if isinstance(given, bool) or not isinstance(given, (int, float, Decimal)):
        raise _Wrong("number")
    try:
        number = float(given)
    except OverflowError:
        raise _Wrong("not-finite") from None
    if not isfinite(number):
        raise _Wrong("not-finite")
    return number


def _integer(given: object) -> int:
    if isinstance(given, int) and not isinstance(given, bool):
        whole = given
    else:
        number = _number(given)
        if not number.is_integer():
            raise _Wrong("integer")
        whole = int(number)
    if not -(2**63) <= whole < 2**63:
        raise _Wrong("integer")
    return whole


def _boolean(given: object) -> bool:
    if isinstance(given, bool):
        return given
    if isinstance(given, str) and given.lower() in _TRUTH:
        return _TRUTH[given.lower()]
    raise _Wrong("boolean")


def _string(given: object) -> str:
    if not isinstance(given, str):
        raise _Wrong("text")
    if "\x00" in given:  # PostgreSQL's text cannot hold it
        raise _Wrong("text")
    return given


def _time(given: object) -> str:
    try:
        return (given if isinstance(given, time) else time.fromisoformat(str(given))).isoformat()
    except ValueError:
        raise _Wrong("time") from None


def _nested(given: object) -> str:
    return given if isinstance(given, str) else canonical({"": given}).decode()[4:-1]


def _day(given: object) -> date:
    if isinstance(given, str) and _DAY.fullmatch(given):
        try:
            return date.fromisoformat(given)
        except ValueError:
            raise _Wrong("date") from None
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    raise _Wrong("date")


def _instant(zone: ZoneInfo) -> Callable[[object], datetime]:
    def read(given: object) -> datetime:
        try:
            if isinstance(given, str) and _INSTANT.fullmatch(given):
                given = datetime.fromisoformat(given)
            if isinstance(given, datetime):
                aware = given if given.tzinfo else given.replace(tzinfo=zone)
                return aware.astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # the thirtieth of February, hour 25, or year 1 in a far zone
        raise _Wrong("timestamp")

    return read


_READERS: dict[str, Callable[[object], Value]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _day,
    "time": _time,
    "object": _nested,
    "array": _nested,
}


def _check(column: Column, value: Value) -> None:
    """Raise what is wrong with a value that has the right type."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if column.minimum is not None and value < column.minimum:
            raise _Wrong("below", limit=column.minimum)
        if column.maximum is not None and value > column.maximum:
            raise _Wrong("above", limit=column.maximum)
        if column.above is not None and value <= column.above:
            raise _Wrong("not-above", limit=column.above)
        if column.below is not None and value >= column.below:
            raise _Wrong("not-below", limit=column.below)
    if isinstance(value, str):
        if column.shortest is not None and len(value) < column.shortest:
            raise _Wrong("short", limit=column.shortest)
        if column.longest is not None and len(value) > column.longest:
            raise _Wrong("long", limit=column.longest)
        if column.pattern is not None and not plain_pattern.fits(column.pattern, value):
            raise _Wrong("pattern", pattern=column.pattern.pattern)
    if column.allowed is not None and value not in column.allowed:
        raise _Wrong("enum", allowed=", ".join(map(str, column.allowed)))


class Checks:
    """The checks of one contract, and what they must remember of one batch."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        readers = _READERS | {"timestamp": _instant(contract.time_zone)}
        self._columns = [(c, readers[c.type]) for c in contract.columns]
        self._keys: dict[tuple[Value, ...], int] = {}
        self._latest: dict[tuple[Value, ...], tuple[Value, int]] = {}

    def row(
        self, given: Mapping[str, object], *, line: int, called: Mapping[str, str] | None = None
    ) -> Row | tuple[Fault, ...]:
        """Return the row, or every fault of it. ``called`` gives our columns the file's names."""
        called = called or {}
        values: dict[str, Value] = {}
        faults: list[Fault] = []
        for column, read in self._columns:
            value = given.get(column.name)
            if isinstance(value, str):
                value = value.strip()
            try:
                if value is None or value == "":
                    if column.required:
                        raise _Wrong("required")
                    values[column.name] = None
                    continue
                typed = read(value)
                _check(column, typed)
                values[column.name] = typed
            except _Wrong as wrong:
                facts = {"value": shown(value, column.classification), **wrong.facts}
                name = called.get(column.name, column.name)
                faults.append(Fault(wrong.code, line, shown(name), facts))
        if not faults:
            faults = self._among_others(values, line, called)
        return tuple(faults) if faults else Row(line, values)

    def _among_others(
        self, values: Mapping[str, Value], line: int, called: Mapping[str, str]
    ) -> list[Fault]:
        key = tuple(values[name] for name in self._contract.key)
        if key and key in self._keys:
            names = ", ".join(shown(called.get(n, n)) for n in self._contract.key)
            column = called.get(self._contract.key[-1], self._contract.key[-1])
            facts = {"key": names, "first": self._keys[key]}
            return [Fault("duplicate", line, shown(column), facts)]
        rule = self._contract.ascending
        if rule is not None:
            group, at = tuple(values[n] for n in rule.within), values[rule.column]
            before = self._latest.get(group)
            if at is not None and before is not None and not at > before[0]:  # type: ignore[operator]
                facts = {"value": shown(at), "before": shown(before[0]), "first": before[1]}
                return [
                    Fault("not-ascending", line, shown(called.get(rule.column, rule.column)), facts)
                ]
            if at is not None:
                self._latest[group] = (at, line)
        if key:
            self._keys[key] = line
        return []


def check_rows(contract: Contract, given: Iterable[Mapping[str, object]]) -> Batch:
    """Check rows that do not come from a file; the first is line 1. Unknown columns are faults."""
    checks = Checks(contract)
    known = {c.name for c in contract.columns}
    rows: list[Row] = []
    rejected: list[Rejected] = []
    for line, values in enumerate(given, start=1):
        outcome = checks.row(values, line=line)
        strange = tuple(Fault("strange-column", line, shown(n)) for n in values if n not in known)
        if isinstance(outcome, Row) and not strange:
            rows.append(outcome)
        else:
            faults = () if isinstance(outcome, Row) else outcome
            rejected.append(Rejected(line, dict(values), faults + strange))
    return Batch("rows", tuple(rows), tuple(rejected))
