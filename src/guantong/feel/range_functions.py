"""Built-in functions of ranges (DMN 1.5, section 10.3.4.9) and ``range`` (section 10.3.4.1).

The formulas are those of the standard's table, after J. F. Allen, "Maintaining knowledge about
temporal intervals", 1983. A missing end of a range such as ``(< 5)`` lies beyond every value; an
end that is null says nothing, so the answer is null.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from guantong.feel.built_in import Table
from guantong.feel.temporal import read_any, read_date, read_date_time, read_duration, read_time
from guantong.feel.text_literal import unescape
from guantong.feel.value import (
    DECIMAL,
    ORDERED,
    Range,
    Value,
    compare,
    equal,
    every,
    finite,
    some,
)

table = Table()
_POINT = tuple(ORDERED)
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_END = (
    r"(?P<{0}>-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|@?" + _QUOTED + r"|"
    r"(?:date\s+and\s+time|date|time|duration)\s*\(\s*" + _QUOTED + r"\s*\))"
)
_RANGE = re.compile(
    r"\s*(?P<left>[\[\](])\s*" + _END.format("low") + r"\s*\.\.\s*" + _END.format("high")
    + r"\s*(?P<right>[\])\[])\s*\Z"
)  # fmt: skip
_READERS = {
    "date": read_date,
    "time": read_time,
    "date and time": read_date_time,
    "duration": read_duration,
}
Truth: TypeAlias = Value  # true, false or null


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a range; ``beyond`` is -1 or 1 where there is none."""

    value: Value
    closed: bool
    beyond: int = 0


def _start(of: Range) -> _End:
    return _End(of.low, of.low_closed, -1 if of.operator in {"<", "<="} else 0)


def _finish(of: Range) -> _End:
    return _End(of.high, of.high_closed, 1 if of.operator in {">", ">="} else 0)


def _less(left: _End, right: _End) -> Truth:
    if left.beyond or right.beyond:
        return left.beyond < right.beyond
    return compare("<", left.value, right.value)


def _same(left: _End, right: _End) -> Truth:
    if left.beyond or right.beyond:
        return left.beyond == right.beyond
    return None if left.value is None or right.value is None else equal(left.value, right.value)


def _touch(left: _End, right: _End) -> Truth:
    """The two ends are one value, and both ranges hold it."""
    return every((left.closed and right.closed, _same(left, right)))


def _not_different(*ranges: Range) -> bool:
    # All but one value is no interval.
    return all(each.operator != "!=" for each in ranges)


@table.add("range", ("from", str))
def make_range(text: str) -> Value:
    """Return the range of a text such as ``[18..21)``; null where the ends do not go together."""
    found = _RANGE.match(text)
    if found is None:
        return None
    low, high = _read_end(found["low"]), _read_end(found["high"])
    if low is None or high is None or compare("<=", low, high) is not True:
        return None
    return Range(low, high, found["left"] == "[", found["right"] == "]")


def _read_end(text: str) -> Value:
    if text.startswith('"'):
        return unescape(text[1:-1])
    if text.startswith("@"):
        return read_any(unescape(text[2:-1]))
    if text.endswith(")"):
        name, _, rest = text.partition("(")
        return _READERS[" ".join(name.split())](unescape(rest[:-1].strip()[1:-1]))
    return finite(DECIMAL.create_decimal(text))


@table.add("before", ("point1", _POINT), ("point2", _POINT))
def point_before_point(first: Value, second: Value) -> Truth:
    """Say whether a value comes before another."""
    return compare("<", first, second)


@table.add("before", ("point", _POINT), ("range", Range))
def point_before_range(point: Value, of: Range) -> Truth:
    """Say whether a value comes before all of a range."""
    at, start = _End(point, True), _start(of)
    return some((_less(at, start), every((not start.closed, _same(at, start)))))


@table.add("before", ("range", Range), ("point", _POINT))
def range_before_point(of: Range, point: Value) -> Truth:
    """Say whether all of a range comes before a value."""
    at, end = _End(point, True), _finish(of)
    return some((_less(end, at), every((not end.closed, _same(end, at)))))


@table.add("before", ("range1", Range), ("range2", Range))
def range_before_range(first: Range, second: Range) -> Truth:
    """Say whether all of a range comes before all of another."""
    end, start = _finish(first), _start(second)
    apart = not end.closed or not start.closed
    return some((_less(end, start), every((apart, _same(end, start)))))


@table.add("after", ("point1", _POINT), ("point2", _POINT))
def point_after_point(first: Value, second: Value) -> Truth:
    """Say whether a value comes after another."""
    return compare(">", first, second)


@table.add("after", ("point", _POINT), ("range", Range))
def point_after_range(point: Value, of: Range) -> Truth:
    """Say whether a value comes after all of a range."""
    return range_before_point(of, point)


@table.add("after", ("range", Range), ("point", _POINT))
def range_after_point(of: Range, point: Value) -> Truth:
    """Say whether all of a range comes after a value."""
    return point_before_range(point, of)


@table.add("after", ("range1", Range), ("range2", Range))
def range_after_range(first: Range, second: Range) -> Truth:
    """Say whether all of a range comes after all of another."""
    return range_before_range(second, first)


@table.add("meets", ("range1", Range), ("range2", Range))
def meets(first: Range, second: Range) -> Truth:
    """Say whether the second range begins with the value the first one ends with."""
    return _touch(_finish(first), _start(second))


@table.add("met by", ("range1", Range), ("range2", Range))
def met_by(first: Range, second: Range) -> Truth:
    """Say whether the first range begins with the value the second one ends with."""
    return meets(second, first)


@table.add("overlaps", ("range1", Range), ("range2", Range))
def overlaps(first: Range, second: Range) -> Truth:
    """Say whether the two have a value in common."""
    if not _not_different(first, second):
        return None
    return every((_reaches(first, second), _reaches(second, first)))


def _reaches(first: Range, second: Range) -> Truth:
    end, start = _finish(first), _start(second)
    return some((_less(start, end), _touch(end, start)))


@table.add("overlaps before", ("range1", Range), ("range2", Range))
def overlaps_before(first: Range, second: Range) -> Truth:
    """Say whether the first begins before the second, and ends within it."""
    start, other = _start(first), _start(second)
    begins = every((start.closed and not other.closed, _same(start, other)))
    return every(
        (
            some((_less(start, other), begins)),
            _reaches(first, second),
            _ends_not_after(first, second),
        )
    )


@table.add("overlaps after", ("range1", Range), ("range2", Range))
def overlaps_after(first: Range, second: Range) -> Truth:
    """Say whether the second begins before the first, and ends within it."""
    return overlaps_before(second, first)


def _ends_not_after(first: Range, second: Range) -> Truth:
    end, other = _finish(first), _finish(second)
    return some((_less(end, other), every((not end.closed or other.closed, _same(end, other)))))


def _starts_not_before(first: Range, second: Range) -> Truth:
    start, other = _start(first), _start(second)
    return some(
        (_less(other, start), every((not start.closed or other.closed, _same(start, other))))
    )


@table.add("finishes", ("point", _POINT), ("range", Range))
def point_finishes(point: Value, of: Range) -> Truth:
    """Say whether a value is the last of a range."""
    return _touch(_finish(of), _End(point, True))


@table.add("finishes", ("range1", Range), ("range2", Range))
def range_finishes(first: Range, second: Range) -> Truth:
    """Say whether the first is the last part of the second."""
    end, other = _finish(first), _finish(second)
    return every((end.closed == other.closed, _same(end, other), _starts_not_before(first, second)))


@table.add("finished by", ("range", Range), ("point", _POINT))
def finished_by_point(of: Range, point: Value) -> Truth:
    """Say whether a value is the last of the range."""
    return point_finishes(point, of)


@table.add("finished by", ("range1", Range), ("range2", Range))
def finished_by_range(first: Range, second: Range) -> Truth:
    """Say whether the second is the last part of the first."""
    return range_finishes(second, first)


@table.add("includes", ("range", Range), ("point", _POINT))
def includes_point(of: Range, point: Value) -> Truth:
    """Say whether a value lies in the range."""
    return of.contains(point)


@table.add("includes", ("range1", Range), ("range2", Range))
def includes_range(first: Range, second: Range) -> Truth:
    """Say whether the first holds all of the second."""
    if not _not_different(first, second):
        return None
    return every((_starts_not_before(second, first), _ends_not_after(second, first)))


@table.add("during", ("point", _POINT), ("range", Range))
def point_during(point: Value, of: Range) -> Truth:
    """Say whether a value lies in the range."""
    return of.contains(point)


@table.add("during", ("range1", Range), ("range2", Range))
def range_during(first: Range, second: Range) -> Truth:
    """Say whether the second holds all of the first."""
    return includes_range(second, first)


@table.add("starts", ("point", _POINT), ("range", Range))
def point_starts(point: Value, of: Range) -> Truth:
    """Say whether a value is the first of a range."""
    return _touch(_start(of), _End(point, True))


@table.add("starts", ("range1", Range), ("range2", Range))
def range_starts(first: Range, second: Range) -> Truth:
    """Say whether the first is the first part of the second."""
    start, other = _start(first), _start(second)
    return every(
        (start.closed == other.closed, _same(start, other), _ends_not_after(first, second))
    )


@table.add("started by", ("range", Range), ("point", _POINT))
def started_by_point(of: Range, point: Value) -> Truth:
    """Say whether a value is the first of the range."""
    return point_starts(point, of)


@table.add("started by", ("range1", Range), ("range2", Range))
def started_by_range(first: Range, second: Range) -> Truth:
    """Say whether the second is the first part of the first."""
    return range_starts(second, first)


@table.add("coincides", ("point1", _POINT), ("point2", _POINT))
def points_coincide(first: Value, second: Value) -> Truth:
    """Say whether two values are equal."""
    return equal(first, second)


@table.add("coincides", ("range1", Range), ("range2", Range))
def ranges_coincide(first: Range, second: Range) -> Truth:
    """Say whether two ranges hold the same."""
    pairs = ((_start(first), _start(second)), (_finish(first), _finish(second)))
    return every(
        part for left, right in pairs for part in (left.closed == right.closed, _same(left, right))
    )
