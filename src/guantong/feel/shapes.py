"""Which kind of value an expression gives, where the kinds of its inputs are known.

FEEL itself is untyped: a comparison of a number with a text is no error but null, and so a slip in
a rule stays silent for years. Whoever knows what the data are (a contract, a column of a table)
can ask here, and is told what can only be null. A part whose kind cannot be known has the type
``ANY`` and no finding: nothing right is ever complained about.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from guantong.base import words
from guantong.feel import syntax
from guantong.feel.expression import UnaryTests
from guantong.feel.value import KINDS, ORDERED, Value

_ORDERED_KINDS = frozenset(KINDS[each] for each in ORDERED)
_DURATIONS = frozenset({"days and time duration", "years and months duration"})
_MOMENTS = frozenset({"date", "time", "date and time"})


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of FEEL, ``any`` where it is not known; numbers with their places where known.

    ``whole`` and ``places`` are the most digits before and behind the point; ``binary`` a number
    kept in binary fractions, as Arrow's and SQL's double are.
    """

    kind: str
    whole: int | None = None
    places: int | None = None
    binary: bool = False


ANY = Shape("any")
NULL = Shape("null")
BOOLEAN = Shape("boolean")
STRING = Shape("string")
NUMBER = Shape("number")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A part that can only be null, or a condition that can never hold, and why."""

    code: str  # never-equal, no-order, no-arithmetic, no-truth
    facts: Mapping[str, str] = field(default_factory=dict)

    def sentence(self, language: str = "en") -> str:
        """Return what is wrong and what to do, in ``zh-CN`` or ``en``."""
        return words.say(f"feel.doubt.{self.code}", language, **self.facts)


def number(whole: int, places: int = 0) -> Shape:
    """Return the type of numbers with so many digits before and behind the point."""
    return Shape("number", whole, places)


def type_of_value(value: Value) -> Shape:
    """Return the type of a constant."""
    if type(value) is not Decimal:
        return Shape(KINDS[type(value)])
    _, digits, exponent = value.as_tuple()
    places = max(0, -int(exponent))
    return number(max(0, len(digits) + int(exponent)) if value else 1, places)


class Typing:
    """Works out the types of one expression; ``doubts`` are what it found on the way."""

    def __init__(self, names: Mapping[str, Shape]) -> None:
        self.names = names
        self.doubts: list[Doubt] = []

    def of(self, node: syntax.Node) -> Shape:
        """Return the type of an expression."""
        match node:
            case syntax.Constant(value):
                return type_of_value(value)
            case syntax.Name(name):
                return self.names.get(name, ANY)
            case syntax.Arithmetic(operator, left, right):
                return self._arithmetic(operator, self.of(left), self.of(right))
            case syntax.Negation(operand):
                return self._negation(self.of(operand))
            case syntax.Comparison(operator, left, right):
                self.compare(operator, self.of(left), self.of(right))
                return BOOLEAN
            case syntax.Conjunction(parts) | syntax.Disjunction(parts):
                for part in parts:
                    self._truth(self.of(part))
                return BOOLEAN
            case syntax.Between(value, low, high):
                tested = self.of(value)
                for end in (low, high):
                    self.compare("<", tested, self.of(end))
                return BOOLEAN
            case syntax.Membership(value, tests):
                tested = self.of(value)
                for test in tests:
                    self.test(test, tested)
                return BOOLEAN
            case syntax.If(condition, yes, no):
                self._truth(self.of(condition))
                return either(self.of(yes), self.of(no))
            case syntax.Interval(low, high):
                self.compare("<", self.of(low), self.of(high))
                return Shape("range")
            case syntax.Items(items):
                for item in items:
                    self.of(item)
                return Shape("list")
        return ANY

    def test(self, node: syntax.Node, tested: Shape) -> None:
        """Look at a test of a value of this type."""
        match node:
            case syntax.CompareTest(operator, operand):
                self.compare(operator, tested, self._under_test(operand, tested))
            case syntax.Tests(tests):
                for each in tests:
                    self.test(each, tested)
            case syntax.ValueTest(syntax.Interval(low, high)):
                for end in (low, high):
                    self.compare("<", tested, self._under_test(end, tested))
            case syntax.ValueTest(syntax.Items(items)):
                for item in items:
                    self.test(syntax.ValueTest(item), tested)
            case syntax.ValueTest(expression) if syntax.mentions_input(expression):
                self._truth(self._under_test(expression, tested))
            case syntax.ValueTest(expression):
                found = self._under_test(expression, tested)
                # A cell that speaks of other names is decided by its own truth.
                own = found.kind in {"boolean", "list", "range"}
                if not own or isinstance(expression, syntax.Constant):
                    self.compare("=", tested, found)

    def compare(self, operator: str, left: Shape, right: Shape) -> None:
        """Note a comparison that can only be null."""
        kinds = {left.kind, right.kind}
        if "any" in kinds or (operator in {"=", "!="} and "null" in kinds):
            return
        facts = {"left": left.kind, "right": right.kind}
        if len(kinds) > 1:
            self.doubts.append(
                Doubt("never-equal" if operator in {"=", "!="} else "no-order", facts)
            )
        elif operator not in {"=", "!="} and not kinds <= _ORDERED_KINDS:
            self.doubts.append(Doubt("no-order", facts))

    def _under_test(self, node: syntax.Node, tested: Shape) -> Shape:
        inner = Typing({**self.names, "?": tested})
        found = inner.of(node)
        self.doubts += inner.doubts
        return found

    def _arithmetic(self, operator: str, left: Shape, right: Shape) -> Shape:
        kinds = (left.kind, right.kind)
        if "any" in kinds:
            return ANY
        if kinds == ("number", "number"):
            return _digits(operator, left, right)
        made = _RESULTS.get((operator, *kinds))
        if made is None:
            facts = {"operator": operator, "left": left.kind, "right": right.kind}
            self.doubts.append(Doubt("no-arithmetic", facts))
            return NULL
        return Shape(made)

    def _negation(self, operand: Shape) -> Shape:
        if operand.kind not in {"any", "number", *_DURATIONS}:
            facts = {"operator": "-", "left": "null", "right": operand.kind}
            self.doubts.append(Doubt("no-arithmetic", facts))
            return NULL
        return operand

    def _truth(self, found: Shape) -> None:
        if found.kind not in {"any", "boolean", "null"}:
            self.doubts.append(Doubt("no-truth", {"kind": found.kind}))


def either(one: Shape, other: Shape) -> Shape:
    """Return the type of what is one or the other; null goes with everything."""
    if one.kind == "null" or one == other:
        return other
    if other.kind == "null":
        return one
    if one.kind != other.kind:
        return ANY
    if None in {one.whole, one.places, other.whole, other.places} or one.binary or other.binary:
        return Shape(one.kind)
    return replace(one, whole=_most(one.whole, other.whole), places=_most(one.places, other.places))


def _most(one: int | None, other: int | None) -> int:
    return max(one or 0, other or 0)


def _digits(operator: str, left: Shape, right: Shape) -> Shape:
    """Return how many digits a result may have; unknown where it may have to be rounded."""
    if left.whole is None or right.whole is None or left.binary or right.binary:
        return NUMBER
    assert left.places is not None, "a type with digits before the point has digits behind it"
    assert right.places is not None, "a type with digits before the point has digits behind it"
    match operator:
        case "+" | "-":
            return number(max(left.whole, right.whole) + 1, max(left.places, right.places))
        case "*":
            return number(left.whole + right.whole, left.places + right.places)
    return NUMBER


def _results() -> Iterator[tuple[tuple[str, str, str], str]]:
    yield ("+", "string", "string"), "string"
    for each in _DURATIONS:
        yield ("+", each, each), each
        yield ("-", each, each), each
        yield ("*", each, "number"), each
        yield ("*", "number", each), each
        yield ("/", each, "number"), each
        yield ("/", each, each), "number"
        for moment in _MOMENTS - ({"time"} if each == "years and months duration" else set()):
            yield ("+", moment, each), moment
            yield ("+", each, moment), moment
            yield ("-", moment, each), moment
    for moment in _MOMENTS:
        yield ("-", moment, moment), "days and time duration"
    yield ("-", "date and time", "date"), "days and time duration"
    yield ("-", "date", "date and time"), "days and time duration"


_RESULTS = dict(_results())


# The types a column may declare, as DMN 1.1 to 1.5 write them, by the kinds they are.
KINDS_OF_TYPES: Mapping[str, Shape] = {
    "number": NUMBER,
    "string": STRING,
    "boolean": BOOLEAN,
    "date": Shape("date"),
    "time": Shape("time"),
    "dateTime": Shape("date and time"),
    "date and time": Shape("date and time"),
    "dayTimeDuration": Shape("days and time duration"),
    "days and time duration": Shape("days and time duration"),
    "yearMonthDuration": Shape("years and months duration"),
    "years and months duration": Shape("years and months duration"),
}


def doubts_of_test(tests: UnaryTests, tested: Shape) -> list[Doubt]:
    """Return what can only be null where the value under test is of this shape."""
    typing = Typing({})
    typing.test(tests.tree, tested)
    return typing.doubts
