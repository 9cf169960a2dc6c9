"""A table over many records at once, Arrow in and Arrow out, by operations on whole columns.

Each column of the data becomes sets of rules (``index``): numbers as exact whole numbers of their
last digit, texts by their dictionary, dates by their day; the sets are cut with each other and the
lowest bit is the rule. Nothing is computed in binary fractions, and records that do not fit into 64
bits are decided one by one, so that the answers are those of ``Decision.decide`` in every case.

Where a whole column or table cannot be done so, the records are decided row by row, and ``by`` and
``because`` of the answers say so. The other way, one SQL ``CASE`` for DuckDB, was measured beside
this one and is slower; the figures are in docs/decisions/2026-11-30-batches-are-sets-of-rules.md.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from math import inf, nextafter
from typing import Any

import numpy as np
import pyarrow as pa

from guantong.base import words
from guantong.dmn.errors import DmnColumn
from guantong.dmn.index import Column, Steps, column_of
from guantong.dmn.model import Decision
from guantong.dmn.quick import WORKED_OUT, Allowed, PlainTable
from guantong.feel.api import Value, constants_compared, kind

# Ours: what fits into the caches of a processor while it is worked on.
ROWS_AT_A_TIME = 32_768
_MOST_LAID_OUT, _FAR = 1 << 16, 1 << 40
_WORD = 64
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_EPOCH = date(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = {"s": 1_000_000, "ms": 1_000, "us": 1}
Array = Any  # of NumPy or Arrow; neither ships what mypy would need here


@dataclass(frozen=True, slots=True)
class Answers:
    """Value and rule of each record: ``rules`` counts from 1 and is null where no single rule hit.

    ``hits`` says how many rules hit: with UNIQUE more than one is the fault of the table.
    """

    values: Any
    rules: Any
    hits: Any
    by: str  # columns, rows
    because: str = ""  # code of the reason why it was done by rows

    def sentence(self, language: str = "en") -> str:
        """Return in ``zh-CN`` or ``en`` why it was done by rows; nothing where it was not."""
        return words.say(f"dmn.by-rows.{self.because}", language) if self.because else ""


class _ByRows(Exception):
    """The table or the data can only be decided row by row."""

    def __init__(self, because: str) -> None:
        self.because = because


def decide_all(decision: Decision, records: pa.Table) -> Answers:
    """Return the answers for all records; a column that is absent is null, as a name is."""
    try:
        plan = _Plan(decision, records.schema)
    except _ByRows as reason:
        return _by_rows(decision, records, reason.because)
    return plan.run(decision, records)


class _Plan:
    """A table prepared for one schema."""

    def __init__(self, decision: Decision, schema: pa.Schema) -> None:
        plain = decision.plain
        if plain is None or (index := plain.table.index) is None:
            raise _ByRows("not-plain")
        if plain.only_one and plain.table.hit_policy != "UNIQUE":
            raise _ByRows("hit-policy")
        if index.open:
            raise _ByRows("cells")
        if not plain.full_names.isdisjoint(schema.names):
            raise _ByRows("names")
        self.only = plain.only_one
        self.rules = len(plain.table.rules)
        self.words = max(1, -(-self.rules // _WORD))
        self.results = _results(plain)
        types = [_type_of(schema, name) for name in plain.names]
        if not all(map(_taken, types, plain.kinds)):
            raise _ByRows("types")
        self.finders = [
            (plain.names[c.place], _finder(c, types[c.place], self.words)) for c in index.columns
        ]
        self.guards = [
            (plain.names[each.place], _guard(each, types[each.place])) for each in plain.allowed
        ]

    def run(self, decision: Decision, records: pa.Table) -> Answers:
        parts = [self._chunk(decision, each) for each in _pieces(records)]
        values, rules, hits = zip(*parts, strict=True) if parts else ((), (), ())
        return Answers(
            pa.chunked_array(values, self.results.type),
            pa.chunked_array(rules, pa.int32()),
            pa.chunked_array(hits, pa.int32()),
            "columns",
        )

    def _chunk(self, decision: Decision, piece: pa.RecordBatch) -> tuple[Any, Any, Any]:
        count = piece.num_rows
        alive = [np.full(count, _set_of(self.rules, word), np.uint64) for word in range(self.words)]
        odd = np.zeros(count, bool)
        for name, find in self.finders:
            found, strange = find(piece.column(name) if name in piece.schema.names else None, count)
            for word in range(self.words):
                alive[word] &= found[word]
            if strange is not None:
                odd |= strange
        for name, find in self.guards:
            if name in piece.schema.names:
                found, strange = find(piece.column(name), count)
                odd |= found[0] == 0
                if strange is not None:
                    odd |= strange
        place, hits = self._lowest(alive, count)
        if odd.any():
            self._one_by_one(decision, piece, np.flatnonzero(odd), place, hits)
        # The last place of the results is for records that no rule answers.
        rules = pa.array(place + 1, pa.int32(), mask=place >= self.rules)
        return self.results.take(pa.array(place)), rules, pa.array(hits, pa.int32())

    def _lowest(self, alive: Sequence[Array], count: int) -> tuple[Array, Array]:
        place = np.full(count, self.rules, np.int32)
        hits = np.zeros(count, np.int32)
        one = np.uint64(1)
        for word in range(self.words - 1, -1, -1):
            some = alive[word]
            lowest = np.bitwise_count((some & (~some + one)) - one).astype(np.int32) + word * _WORD
            np.copyto(place, lowest, where=some != 0)
            if self.only:
                hits += np.bitwise_count(some)
        if not self.only:
            hits = (place < self.rules).astype(np.int32)
        else:
            np.copyto(place, self.rules + 1, where=hits > 1)
        return place, hits

    def _one_by_one(
        self, decision: Decision, piece: pa.RecordBatch, odd: Array, place: Array, hits: Array
    ) -> None:
        rows = piece.take(pa.array(odd)).to_pylist()
        for position, row in zip(odd.tolist(), rows, strict=True):
            found = decision.decide(row).hits
            hits[position] = len(found)
            one = found[0].index - 1 if found else self.rules
            place[position] = one if len(found) < 2 else self.rules + 1


def _by_rows(decision: Decision, records: pa.Table, because: str) -> Answers:
    outcomes = [decision.decide(row) for piece in _pieces(records) for row in piece.to_pylist()]
    one = [len(each.hits) == 1 for each in outcomes]
    return Answers(
        pa.chunked_array([_column([each.value for each in outcomes])]),
        pa.chunked_array(
            [
                pa.array(
                    [e.hits[0].index if o else None for e, o in zip(outcomes, one, strict=True)],
                    pa.int32(),
                )
            ]
        ),
        pa.chunked_array([pa.array([len(each.hits) for each in outcomes], pa.int32())]),
        "rows",
        because,
    )


def _pieces(records: pa.Table) -> Iterator[pa.RecordBatch]:
    yield from records.to_batches(max_chunksize=ROWS_AT_A_TIME)


def _type_of(schema: pa.Schema, name: str) -> Any:
    return schema.field(name).type if name in schema.names else pa.null()


# --- results


def _results(plain: PlainTable) -> Any:
    """Return the value of each rule, then that of no rule, then that of several."""
    if WORKED_OUT in plain.results:
        raise _ByRows("results")
    return _column([*plain.results[1:], plain.results[0], None])


def _column(values: Sequence[Value]) -> Any:
    kinds = {kind(value) for value in values if value is not None}
    try:
        if len(kinds) > 1:
            raise pa.ArrowInvalid(", ".join(sorted(kinds)))
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        raise DmnColumn(kinds=", ".join(sorted(kinds))) from None


# --- columns of the data to sets of rules: arrays of one word each, and the rows to decide singly

_Found = tuple[Sequence[Array], "Array | None"]
_Find = Callable[[Any, int], _Found]


def _finder(column: Column, type_: Any, words: int) -> _Find:
    """Return what turns a column of this Arrow type into sets of rules."""
    nothing = _words([column.nothing], words)[:, 0]
    read = _reader(column, type_, words)

    def find(given: Any, count: int) -> _Found:
        if given is None or given.null_count == count:
            return [np.full(count, each, np.uint64) for each in nothing], None
        found, strange = read(given)
        if given.null_count:
            absent = given.is_null().to_numpy(zero_copy_only=False)
            for word, each in enumerate(nothing):
                found[word][absent] = each
            if strange is not None:
                strange &= ~absent
        return found, strange

    return find


def _reader(column: Column, type_: Any, words: int) -> Callable[[Any], tuple[list[Array], Any]]:
    types = pa.types
    if types.is_null(type_):
        return lambda given: ([], None)
    if types.is_boolean(type_):
        sets = _words([column.truths[False], column.truths[True]], words)
        return lambda given: (
            _pick(sets, given.fill_null(False).to_numpy(zero_copy_only=False)),
            None,
        )
    if types.is_dictionary(type_):
        return lambda given: (_by_text(column, given, words), None)
    if types.is_string(type_) or types.is_large_string(type_):
        return lambda given: (_by_text(column, given.dictionary_encode(), words), None)
    if types.is_decimal128(type_):
        steps = _laid_out(column.steps[Decimal], words, lambda p: _scaled(p, type_.scale))
        return lambda given: _by_digits(steps, given)
    if types.is_integer(type_) and type_ != pa.uint64():
        steps = _laid_out(column.steps[Decimal], words, lambda p: _scaled(p, 0))
        return lambda given: (steps(_integers(given)), None)
    if types.is_floating(type_) and type_ != pa.float16():
        return _by_float(column, words)
    if types.is_date32(type_):
        steps = _laid_out(column.steps[date], words, lambda p: (p - _EPOCH).days)
        return lambda given: (steps(_integers(given.view(pa.int32()))), None)
    if types.is_duration(type_) and type_.unit in _SECOND:
        unit = _SECOND[type_.unit]
        steps = _laid_out(column.steps[timedelta], words, lambda p: -(-(p // _MICROSECOND) // unit))
        return lambda given: (steps(_integers(given.view(pa.int64()))), None)
    raise _ByRows("types")


def _guard(allowed: Allowed, type_: Any) -> _Find:
    """Return what says 1 for each value that is allowed, null among them."""
    if allowed.tests is None or constants_compared(allowed.tests.tree) is None:
        raise _ByRows("types")
    made = column_of(0, [allowed.tests])
    return _finder(replace(made, nothing=1), type_, 1)


def _taken(type_: Any, kinds: frozenset[type]) -> bool:
    """Say whether a column of this Arrow type holds nothing but what the short way takes."""
    return pa.types.is_null(type_) or any(
        test(type_) and kind in kinds for test, kind in _PYTHON_OF
    )


_PYTHON_OF: tuple[tuple[Callable[[Any], bool], type], ...] = (
    (pa.types.is_boolean, bool),
    (pa.types.is_string, str),
    (pa.types.is_large_string, str),
    (lambda type_: pa.types.is_dictionary(type_) and pa.types.is_string(type_.value_type), str),
    (pa.types.is_decimal128, Decimal),
    (pa.types.is_integer, int),
    (pa.types.is_floating, float),
    (pa.types.is_date32, date),
    (lambda type_: pa.types.is_duration(type_) and type_.unit in _SECOND, timedelta),
)


def _words(sets: Sequence[int], words: int) -> Array:
    """Return sets as rows of 64 rules each."""
    return np.array(
        [[_set_part(each, word) for each in sets] for word in range(words)], dtype=np.uint64
    )


def _set_part(rules: int, word: int) -> int:
    return rules >> (word * _WORD) & 0xFFFF_FFFF_FFFF_FFFF


def _set_of(rules: int, word: int) -> int:
    return _set_part((1 << rules) - 1, word)


def _pick(sets: Array, places: Array) -> list[Array]:
    places = places.astype(np.intp, copy=False)
    return [row.take(places) for row in sets]


def _by_text(column: Column, given: Any, words: int) -> list[Array]:
    find = column.find[str]
    texts = [column.nothing if t is None else find(t) for t in given.dictionary.to_pylist()]
    sets = _words([*texts, column.nothing], words)
    places = given.indices.fill_null(len(texts)) if given.null_count else given.indices
    return _pick(sets, places.to_numpy(zero_copy_only=False))


def _scaled(point: Decimal, scale: int) -> int:
    """Return the first whole number of last digits that is not below a point."""
    if not point:
        return 0
    if point.adjusted() + scale > 20:
        return _MOST + 1 if point > 0 else _LEAST
    if point.adjusted() + scale < -1:
        return 1 if point > 0 else 0
    sign, digits, exponent = point.as_tuple()
    whole = int("".join(map(str, digits))) * (-1 if sign else 1)
    shift = int(exponent) + scale
    return int(whole * 10**shift) if shift >= 0 else int(-(-whole // 10**-shift))


def _laid_out(
    steps: Steps, words: int, place_of: Callable[[Any], int]
) -> Callable[[Array], list[Array]]:
    """Return what finds the sets of whole numbers: laid out where they lie close, else bisected."""
    pairs = [
        (place_of(point), each)
        for point, each in zip(steps.points[1:], steps.sets[1:], strict=True)
    ]
    pairs = [(max(point, _LEAST), each) for point, each in pairs if point <= _MOST]
    first = steps.sets[0]
    points = np.array([point for point, _ in pairs], dtype=np.int64)
    sets = _words([first, *(each for _, each in pairs)], words)
    low, high = (pairs[0][0] - 1, pairs[-1][0]) if pairs else (0, 0)
    if low < -_FAR or high > _FAR or high - low > _MOST_LAID_OUT:
        return lambda numbers: _pick(sets, points.searchsorted(numbers, side="right"))
    spread = sets[:, points.searchsorted(np.arange(low, high + 1), side="right")]
    return lambda numbers: _pick(spread, np.clip(numbers, low, high) - low)


def _integers(given: Any) -> Array:
    return given.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64, copy=False)


def _by_digits(steps: Callable[[Array], list[Array]], given: Any) -> tuple[list[Array], Any]:
    """Take the 128 bits of each number as two halves: the upper one is nearly always the sign."""
    halves = np.frombuffer(given.buffers()[1], np.int64)
    halves = halves[2 * given.offset : 2 * (given.offset + len(given))]
    low, high = halves[0::2], halves[1::2]
    strange = high != low >> 63
    return steps(low), strange if strange.any() else None


def _by_float(column: Column, words: int) -> Callable[[Any], tuple[list[Array], Any]]:
    steps = column.steps[Decimal]
    points = np.array([_least_float(point) for point in steps.points[1:]], dtype=np.float64)
    sets = _words([*steps.sets, column.nothing], words)

    def read(given: Any) -> tuple[list[Array], Any]:
        numbers = given.fill_null(0).to_numpy(zero_copy_only=False).astype(np.float64, copy=False)
        places = points.searchsorted(numbers, side="right")
        places[~np.isfinite(numbers)] = len(steps.sets)  # null, as to_value takes it
        return _pick(sets, places), None

    return read


def _least_float(point: Decimal) -> float:
    """Return the first float whose shortest text, as FEEL reads it, is not below a point."""
    at = float(point)
    if at in {inf, -inf}:
        return at
    while at > -inf and Decimal(repr(at)) >= point:
        at = nextafter(at, -inf)
    while at < inf and (at == -inf or Decimal(repr(at)) < point):
        at = nextafter(at, inf)
    return at
