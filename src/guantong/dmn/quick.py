"""The short way through a decision that is one table over plain names: a look-up and a value.

It is taken where nothing can differ from the long way: each column reads one name, the results are
constants, the record is a dict of single values (numbers, texts, truths, dates), and one rule at
most gives the value. For anything else it gives no answer, and the table is asked as always. No
answer is kept: each record is looked up again.

A decision takes two microseconds, of which each call of a function of ours would be a twentieth:
therefore the look-up of ``index`` is written out here a second time, in one function.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from guantong.dmn.index import KNOWN
from guantong.dmn.outcome import Hit, Match, Outcome, Reasons, new_outcome, set_later, set_value
from guantong.dmn.table import DecisionTable, Formula, Rule
from guantong.feel.api import Value, is_constant, plain_name, to_value

Quick = Callable[[Mapping[str, object]], Outcome | None]
_ONE_RULE = frozenset({"FIRST", "UNIQUE"})
_ASK = object()


def quick_way(table: DecisionTable) -> Quick | None:
    """Return the short way of a table, none where it has none."""
    names = names_of(table)
    if table.index is None or table.hit_policy not in _ONE_RULE or not names:
        return None
    lookups = [(find, sensitive) for _, find, sensitive in table.index.lookups]
    told = [place for place, _, _ in table.index.lookups]
    order = [*told, *(place for place in range(len(names)) if place not in told)]
    return _quick(
        _reader([names[place] for place in order]),
        lookups,
        table.index.all,
        table.index.open,
        _values(table),
        _TableReasons(table, [order.index(place) for place in range(len(names))]),
        only=table.hit_policy == "UNIQUE",
    )


def _quick(
    read: Callable[[Any], tuple[Value, ...]],
    lookups: Sequence[tuple[Any, int]],
    every_rule: int,
    to_ask: int,
    results: Sequence[Any],
    reasons: Reasons,
    *,
    only: bool,
) -> Quick:
    single = KNOWN.issuperset

    def decide(record: Mapping[str, object]) -> Outcome | None:
        if type(record) is not dict:
            return None
        try:
            values = read(record)
            rest = iter(values)
            alive = every_rule
            for (find, sensitive), value in zip(lookups, rest):  # noqa: B905 - some tell nothing
                alive &= find[type(value)](value)
                if not alive & sensitive:
                    break
        except (KeyError, TypeError):
            # A name that is absent, a value that has to be tested, or a signaling NaN.
            return None
        if not single(map(type, rest)):
            return None  # nor is anything kept that could change before the reasons are read
        lowest = alive & -alive
        if alive & to_ask or (only and alive != lowest):
            return None
        number = lowest.bit_length()
        result = results[number]
        if result is _ASK:
            return None
        outcome = new_outcome(Outcome)
        # A context is the caller's own: each gets another.
        set_value(outcome, dict(result) if type(result) is dict else result)
        set_later(outcome, (reasons, number, values))
        return outcome

    return decide


class _TableReasons:
    """Puts together what was looked at and which rule hit, when somebody asks."""

    def __init__(self, table: DecisionTable, order: Sequence[int]) -> None:
        self._table = table
        self._order = order
        self._labels = tuple(column.label for column in table.inputs)
        self._cells = [_told(table, rule) for rule in table.rules]
        self._plain = table.outcome(None, (), [None] * len(order), None)

    def read(self, name: str, rule: int, values: Sequence[Value]) -> Any:
        """Return one field of the outcome."""
        if name == "inputs":
            given = [to_value(values[place]) for place in self._order]
            return tuple(zip(self._labels, given, strict=True))
        if name == "hits":
            return (self._hit(self._table.rules[rule - 1], values),) if rule else ()
        return getattr(self._plain, name)

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


def _reader(names: Sequence[str]) -> Callable[[Any], tuple[Value, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    (name,) = names
    return lambda record: (record[name],)


def names_of(table: DecisionTable) -> list[str] | None:
    """Return the names the columns read, none where one reads anything but a name."""
    names = [plain_name(column.formula.expression) for column in table.inputs]
    return None if None in names else [name for name in names if name is not None]


def _values(table: DecisionTable) -> list[Any]:
    """Return the value of each rule by its number, 0 being none; `_ASK` where it is worked out."""
    return [table.value(each, {}) if all(map(_constant, each)) else _ASK for each in _all(table)]


def constants_of(table: DecisionTable) -> list[Value] | None:
    """Return the value of each rule by its number, 0 being none; none if one is worked out."""
    values = _values(table)
    return None if _ASK in values else values


def _all(table: DecisionTable) -> list[tuple[Formula | None, ...]]:
    defaults = tuple(column.default for column in table.outputs)
    return [defaults, *(rule.results for rule in table.rules)]


def _constant(formula: Formula | None) -> bool:
    return formula is None or (formula.expression is not None and is_constant(formula.expression))
