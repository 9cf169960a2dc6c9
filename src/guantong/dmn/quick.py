"""The short way through a decision that is one table over plain names: a look-up and a value.

It is taken where nothing can differ from the long way: each column reads one name, the results are
constants, the record is a dict of single values (numbers, texts, truths, dates) of the declared
types, and one rule at most gives the value. For anything else it gives no answer, and the table is
asked as always. No answer is kept: each record is looked up again.

A decision takes two microseconds, of which each call of a function of ours would be a twentieth:
therefore the look-up of ``index`` is written out for each table, in one function.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from types import CodeType, FunctionType
from typing import Any

from guantong.dmn.conversion import converts
from guantong.dmn.index import KNOWN
from guantong.dmn.outcome import Hit, Match, Outcome, new_outcome, set_later, set_value
from guantong.dmn.table import DecisionTable, Formula, Rule
from guantong.feel.api import (
    DeclaredType,
    Months,
    SimpleType,
    Type,
    UnaryTests,
    Value,
    is_constant,
    plain_name,
    to_value,
)

Quick = Callable[[Mapping[str, object]], Outcome | None]
# Policies under which one hit alone gives its answer.
_ONE_ANSWER = frozenset({"FIRST", "UNIQUE", "ANY", "PRIORITY"})
# What Python may hand in for a type; what is not here is looked at by the long way, but for null.
_KINDS: Mapping[str, frozenset[type]] = {
    "Any": KNOWN,
    "number": frozenset({Decimal, int, float}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "date": frozenset({date}),
    "days and time duration": frozenset({timedelta}),
    "years and months duration": frozenset({Months}),
}
WORKED_OUT = object()
_DEEPEST = 20  # Python reads a hundred levels


@dataclass(frozen=True, slots=True)
class Given:
    """What stands behind a name: what it is called in a model of several files, and its type."""

    full_name: str
    type: Type | None


@dataclass(frozen=True, slots=True)
class Allowed:
    """The values a column may have; any other is looked at by the long way."""

    place: int
    test: Callable[[Value], "bool | None"]
    tests: UnaryTests | None  # where they are known as tests


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A decision that is one table over plain names."""

    table: DecisionTable
    names: tuple[str, ...]
    kinds: tuple[frozenset[type], ...]
    allowed: tuple[Allowed, ...]
    full_names: frozenset[str]
    results: tuple[Any, ...]  # by the number of the rule, 0 being none; or WORKED_OUT
    outcome: Outcome  # whatever is the same for each record

    @property
    def only_one(self) -> bool:
        """Say whether two rules that hit are not for the short way to judge."""
        return self.table.hit_policy != "FIRST"


def plain_table(
    table: DecisionTable,
    named: tuple[str, str],
    given: Mapping[str, Given],
    result: Type | None,
    *,
    open_: bool,
) -> PlainTable | None:
    """Return the table as one over plain names, none where it is more than that."""
    names = [plain_name(column.formula.expression) for column in table.inputs]
    if table.index is None or table.hit_policy not in _ONE_ANSWER or not names:
        return None
    kinds: list[frozenset[type]] = []
    allowed: list[Allowed] = []
    for place, (name, column) in enumerate(zip(names, table.inputs, strict=True)):
        if name is None or (name not in given and not open_):
            return None
        kind = given[name].type if name in given else None
        while isinstance(kind, DeclaredType):
            if kind.allows is not None:
                allowed.append(Allowed(place, kind.allows, None))
            kind = kind.find()
        if kind is not None and not isinstance(kind, SimpleType):
            return None
        kinds.append(_KINDS["Any"] if kind is None else _KINDS.get(kind.kind, frozenset()))
        if column.allowed is not None and (tests := column.allowed.tests) is not None:
            allowed.append(Allowed(place, _tester(tests), tests))
    shared = table.outcome(None, (), [None] * len(names), None)
    return PlainTable(
        table,
        tuple(name for name in names if name is not None),
        tuple(kinds),
        tuple(allowed),
        frozenset(each.full_name for each in given.values()),
        tuple(_result(table, rule, result) for rule in (None, *table.rules)),
        replace(shared, decision_id=named[0], name=named[1]),
    )


def quick_way(plain: PlainTable) -> Quick:
    """Return the short way of such a table."""
    index = plain.table.index
    assert index is not None, "a table without faults has an index"
    told = [place for place, _, _ in index.lookups]
    order = [*told, *(place for place in range(len(plain.names)) if place not in told)]
    sets = {place: (find, sensitive) for place, find, sensitive in index.lookups}
    lookups = []
    for place in order:
        find, sensitive = sets.get(place, (dict.fromkeys(KNOWN), 0))
        kinds = plain.kinds[place] | {type(None)}
        lookups.append(({kind: find[kind] for kind in find if kind in kinds}, sensitive))
    reasons = _TableReasons(plain, [order.index(place) for place in range(len(order))])
    allowed = [(order.index(each.place), each.test) for each in plain.allowed]
    names = [plain.names[place] for place in order]
    decide = _written(names, lookups, len(told), plain, reasons)
    return _guarded(decide, [(names[place], test) for place, test in allowed], plain.full_names)


def _written(
    names: Sequence[str],
    lookups: Sequence[tuple[Mapping[type, Any], int]],
    told: int,
    plain: PlainTable,
    reasons: "_TableReasons",
) -> Quick:
    """Write the look-up of this table as one function: a loop over columns takes longer by half.

    Only the numbers of columns are written into its text; names, sets and results are what it is
    given as its globals. No text of a file gets into it.
    """
    index = plain.table.index
    assert index is not None, "a table without faults has an index"
    known: dict[str, Any] = {
        "Outcome": Outcome, "new": new_outcome, "set_value": set_value, "set_later": set_later,
        "reasons": reasons, "results": plain.results, "to_ask": index.open, "alive": index.all,
        "WORKED_OUT": WORKED_OUT, "Decimal": Decimal,
    }  # fmt: skip
    for column, (name, (find, sensitive)) in enumerate(zip(names, lookups, strict=True)):
        known |= {f"name{column}": name, f"find{column}": find, f"sensitive{column}": sensitive}
    code = compile("\n".join(_lines(len(names), told, plain.only_one)), "<table>", "exec")
    function = next(each for each in code.co_consts if isinstance(each, CodeType))
    made: Quick = FunctionType(function, known)
    return made


def _lines(columns: int, told: int, only_one: bool) -> Iterator[str]:
    values = "".join(f"v{column}, " for column in range(columns))
    yield "def decide(record):"
    yield " if type(record) is not dict: return None"
    yield " try:"
    yield from (f"  v{column} = record[name{column}]" for column in range(columns))
    yield "  left = alive"
    nested = min(told - 1, _DEEPEST)
    for column in range(told):
        depth = " " * (min(column, nested) + 2)
        yield f"{depth}left &= find{column}[type(v{column})](v{column})"
        if column < nested:
            yield f"{depth}if left & sensitive{column}:"
    # Where nothing is looked up any more, the kinds of the other values are still looked at.
    for column in range(nested, -1, -1):
        from_ = told if column == nested else column + 1
        strange = [f"type(v{each}) not in find{each}" for each in range(from_, columns)]
        if strange:
            word = "if" if column == nested else "elif"
            yield f"{' ' * (column + 2)}{word} {' or '.join(strange)}: return None"
    if not told:
        strange = [f"type(v{each}) not in find{each}" for each in range(columns)]
        yield f"  if {' or '.join(strange)}: return None"
    yield " except (KeyError, TypeError): return None"
    yield " lowest = left & -left"
    yield f" if left & to_ask{' or left != lowest' if only_one else ''}: return None"
    yield " number = lowest.bit_length()"
    yield " result = results[number]"
    yield " if result is WORKED_OUT: return None"
    yield " if type(result) is dict: result = dict(result)"  # each caller has his own
    yield " outcome = new(Outcome)"
    yield " set_value(outcome, result)"
    yield f" set_later(outcome, (reasons, number, ({values})))"
    yield " return outcome"


def _guarded(
    decide: Quick,
    allowed: Sequence[tuple[str, Callable[[Value], "bool | None"]]],
    full_names: frozenset[str],
) -> Quick:
    """Leave a record to the long way when it has a value that is not allowed, or a full name."""
    if not allowed and not full_names:
        return decide

    def guarded(record: Mapping[str, object]) -> Outcome | None:
        if type(record) is not dict or not full_names.isdisjoint(record):
            return None
        outcome = decide(record)
        if outcome is not None:
            for name, test in allowed:
                value = record[name]
                if value is not None and test(to_value(value)) is not True:
                    return None
        return outcome

    return guarded


class _TableReasons:
    """Puts together what was looked at and which rule hit, when somebody asks."""

    def __init__(self, plain: PlainTable, order: Sequence[int]) -> None:
        self._rules = plain.table.rules
        self._order = order
        self._labels = tuple(column.label for column in plain.table.inputs)
        self._cells = [_told(plain.table, rule) for rule in self._rules]
        self._outcome = plain.outcome

    def read(self, name: str, rule: int, values: Sequence[Value]) -> Any:
        """Return one field of the outcome."""
        if name == "inputs":
            given = [to_value(values[place]) for place in self._order]
            return tuple(zip(self._labels, given, strict=True))
        if name == "hits":
            return (self._hit(self._rules[rule - 1], values),) if rule else ()
        return getattr(self._outcome, name)

    def _hit(self, rule: Rule, values: Sequence[Value]) -> Hit:
        order = self._order
        cells = [
            Match(label, text, to_value(values[order[place]]), id)
            for place, label, text, id in self._cells[rule.index - 1]
        ]
        return Hit(rule.id, rule.index, rule.annotation, tuple(cells))


def _told(table: DecisionTable, rule: Rule) -> tuple[tuple[int, str, str, str], ...]:
    return tuple(
        (place, column.label, cell.text, column.id)
        for place, (column, cell) in enumerate(zip(table.inputs, rule.cells, strict=True))
        if not cell.passes_all
    )


def _tester(tests: UnaryTests) -> Callable[[Value], "bool | None"]:
    return lambda value: tests.run(value, {})


def _result(table: DecisionTable, rule: Rule | None, type_: Type | None) -> Any:
    """Return the value of a rule, or that of no rule; WORKED_OUT where it is not a constant."""
    results = [column.default for column in table.outputs] if rule is None else rule.results
    if not all(map(_constant, results)):
        return WORKED_OUT
    value, fault = table.settle([] if rule is None else [rule], {})
    value, whole = converts(type_, value)
    single = value is None or type(value) is dict or type(value) in KNOWN
    return value if fault is None and whole and single else WORKED_OUT


def _constant(formula: Formula | None) -> bool:
    return formula is None or (formula.expression is not None and is_constant(formula.expression))
