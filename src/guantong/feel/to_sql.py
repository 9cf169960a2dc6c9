"""An expression as SQL for DuckDB, where SQL gives the same answer for every value of its inputs.

The tree becomes a tree of sqlglot; no text is put together. Only the portable part of SQL is used,
and only where it is exact: numbers with known digits whose results fit into the 34 digits of FEEL
(then neither rounds), texts that are compared by code point, truths in three values. Whatever is
left has a reason (``REASONS``), which the expression tells; it is then asked in Python, row by row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from sqlglot import exp

from guantong.base import words
from guantong.feel import syntax
from guantong.feel.expression import Expression, UnaryTests
from guantong.feel.shapes import BOOLEAN, NULL, STRING, Shape, Typing, either, number, type_of_value

# 34 digits of FEEL, 38 of SQL's decimals.
_EXACT, _WIDEST = 34, 38
# So many digits of a decimal come back unchanged from a binary fraction of 64 bits (IEEE 754).
_BINARY_DIGITS = 15
Sql: TypeAlias = exp.Expr
_TRUE, _NULL = exp.true(), exp.null()
_ORDER: dict[str, type[exp.Binary]] = {
    "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE,
    "=": exp.NullSafeEQ, "!=": exp.NullSafeNEQ,
}  # fmt: skip
_SUMS: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}
_COMPARED = frozenset({"number", "string", "boolean", "date", "date and time"})
# Every part of the language that has no SQL wherever it stands alone, and why.
REASONS: Mapping[type[syntax.Node], str] = {
    syntax.Path: "paths",
    syntax.Entries: "contexts",
    syntax.Filter: "lists",
    syntax.Items: "lists",
    syntax.Interval: "ranges",
    syntax.OpenInterval: "ranges",
    syntax.For: "loops",
    syntax.Quantified: "loops",
    syntax.Lambda: "calls",
    syntax.Invocation: "calls",
    syntax.InstanceOf: "kinds",
}
FUNCTIONS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "not": (("boolean",), "boolean"),
    "contains": (("string", "string"), "boolean"),
    "starts with": (("string", "string"), "boolean"),
    "ends with": (("string", "string"), "boolean"),
    "string length": (("string",), "number"),
}


class NoSql(Exception):
    """A part of the expression has no SQL that gives the same answer; ``reason`` says why."""

    def __init__(self, reason: str, what: str) -> None:
        self.reason, self.what = reason, what
        super().__init__(reason)

    def sentence(self, language: str = "en") -> str:
        """Return why, in ``zh-CN`` or ``en``."""
        return words.say(f"feel.no-sql.{self.reason}", language, what=self.what)


@dataclass(frozen=True, slots=True)
class Targets:
    """What an expression compiles to: Python always, SQL or the reason why not."""

    sql: Sql | None
    reason: NoSql | None
    python: bool = True

    @property
    def text(self) -> str | None:
        """The SQL as DuckDB reads it."""
        return None if self.sql is None else self.sql.sql(dialect="duckdb")


def targets(
    parsed: Expression | UnaryTests, names: Mapping[str, Shape], tested: str | None = None
) -> Targets:
    """Say what an expression, or a test of the column ``tested``, compiles to for these inputs."""
    try:
        if isinstance(parsed, Expression):
            return Targets(_Writer(names).of(parsed.tree).sql, None)
        assert tested is not None, "a test has a column it tests"
        writer = _Writer(names)
        return Targets(writer.test(parsed.tree, writer.of(syntax.Name(tested))), None)
    except NoSql as reason:
        return Targets(None, reason)


@dataclass(frozen=True, slots=True)
class _Typed:
    sql: Sql
    type: Shape


class _Writer:
    def __init__(self, names: Mapping[str, Shape], tested: _Typed | None = None) -> None:
        self.names = names
        self.tested = tested

    def of(self, node: syntax.Node) -> _Typed:
        match node:
            case syntax.Constant(value):
                return _constant(value)
            case syntax.Name(name):
                return self._name(name)
            case syntax.Negation(operand):
                inner = self._number(operand, "-")
                return _Typed(exp.Neg(this=exp.paren(inner.sql)), inner.type)
            case syntax.Arithmetic(operator, left, right):
                return self._arithmetic(operator, left, right)
            case syntax.Comparison(operator, left, right):
                return _truth(_compare(operator, self.of(left), self.of(right)))
            case syntax.Conjunction(parts):
                return _truth(exp.and_(*(self._truth(part) for part in parts)))
            case syntax.Disjunction(parts):
                return _truth(exp.or_(*(self._truth(part) for part in parts)))
            case syntax.Between(value, low, high):
                tested = self.of(value)
                above = _compare(">=", tested, self.of(low))
                return _truth(exp.and_(above, _compare("<=", tested, self.of(high))))
            case syntax.Membership(value, tests):
                tested = self.of(value)
                return _truth(exp.or_(*(self.test(test, tested) for test in tests)))
            case syntax.If():
                return self._if(node)
            case syntax.Call(function, arguments, from_context=False) if function in FUNCTIONS:
                return self._call(function, arguments)
            case syntax.Call(function):
                raise NoSql("functions", function)
        raise NoSql(REASONS.get(type(node), "not-portable"), type(node).__name__)

    def test(self, node: syntax.Node, tested: _Typed) -> Sql:
        inner = _Writer(self.names, tested)
        match node:
            case syntax.AnyTest():
                return _TRUE.copy()
            case syntax.CompareTest(operator, operand):
                return _compare(operator, tested, inner.of(operand))
            case syntax.Tests(tests, negated):
                found = exp.or_(*(self.test(each, tested) for each in tests))
                return exp.not_(exp.paren(found)) if negated else found
            case syntax.ValueTest(syntax.Interval() as interval):
                return inner.interval(interval, tested)
            case syntax.ValueTest(syntax.Items(items)) if items:
                # One of the items holds, or none does: never null.
                return exp.or_(*(self._certain(syntax.ValueTest(i), tested) for i in items))
            case syntax.ValueTest(expression):
                return inner.value_test(expression, tested)
        raise NoSql("not-portable", type(node).__name__)

    def value_test(self, expression: syntax.Node, tested: _Typed) -> Sql:
        found = self.of(expression)
        if syntax.mentions_input(expression):
            if found.type.kind not in {"boolean", "null"}:
                raise NoSql("kinds", found.type.kind)
            return found.sql
        constant = isinstance(expression, syntax.Constant)
        if not constant and found.type.kind == "boolean" and tested.type.kind != "boolean":
            return found.sql  # the cell's own truth decides
        return _compare("=", tested, found)

    def interval(self, node: syntax.Interval, tested: _Typed) -> Sql:
        above = _compare(">=" if node.low_closed else ">", tested, self.of(node.low))
        below = _compare("<=" if node.high_closed else "<", tested, self.of(node.high))
        both = exp.and_(above, below)
        if isinstance(node.low, syntax.Constant) and isinstance(node.high, syntax.Constant):
            return exp.paren(both)
        # An end that is null says nothing, not even about a value beyond the other end.
        unknown = exp.or_(
            *(exp.Is(this=exp.paren(e.copy()), expression=_NULL.copy()) for e in (above, below))
        )
        return exp.Case().when(unknown, _NULL.copy()).else_(both)

    def _certain(self, node: syntax.Node, tested: _Typed) -> Sql:
        return exp.Coalesce(this=self.test(node, tested), expressions=[exp.false()])

    def _name(self, name: str) -> _Typed:
        if name == "?" and self.tested is not None:
            return self.tested
        found = self.names.get(name)
        if found is None or found.kind not in _COMPARED:
            raise NoSql("inputs", name)
        column: Sql = exp.column(exp.to_identifier(name, quoted=True))
        if found.kind == "number":
            if found.binary:
                # What is not finite is null in FEEL.
                finite = exp.Anonymous(this="isfinite", expressions=[column])
                return _Typed(exp.Case().when(finite, column.copy()), found)
            if found.whole is None or found.places is None:
                raise NoSql("digits", name)
            if found.whole + found.places > _EXACT:
                raise NoSql("digits", name)
        return _Typed(column, found)

    def _number(self, node: syntax.Node, operator: str) -> _Typed:
        found = self.of(node)
        if found.type.kind != "number":
            raise NoSql("kinds", found.type.kind)
        if found.type.binary:
            raise NoSql("binary", operator)
        return found

    def _arithmetic(self, operator: str, left: syntax.Node, right: syntax.Node) -> _Typed:
        if operator == "+" and self.of(left).type == self.of(right).type == STRING:
            return _Typed(exp.DPipe(this=self.of(left).sql, expression=self.of(right).sql), STRING)
        if operator not in _SUMS:
            raise NoSql("rounded", operator)
        one, other = self._number(left, operator), self._number(right, operator)
        made = Typing({"l": one.type, "r": other.type}).of(
            syntax.Arithmetic(operator, syntax.Name("l"), syntax.Name("r"))
        )
        if made.whole is None or made.places is None or made.whole + made.places > _EXACT:
            raise NoSql("digits", operator)
        if operator != "*":
            one, other = _cast(one, made), _cast(other, made)
        sum_ = _SUMS[operator](this=exp.paren(one.sql), expression=exp.paren(other.sql))
        return _cast(_Typed(exp.paren(sum_), made), made)

    def _truth(self, node: syntax.Node) -> Sql:
        found = self.of(node)
        if found.type.kind == "null":
            return exp.cast(found.sql, "BOOLEAN")
        if found.type.kind != "boolean":
            raise NoSql("kinds", found.type.kind)
        return exp.paren(found.sql)

    def _if(self, node: syntax.If) -> _Typed:
        yes, no = self.of(node.yes), self.of(node.no)
        made = either(yes.type, no.type)
        if made.kind in {"any", "null"} or (made.kind == "number" and made.whole is None):
            raise NoSql("kinds", f"{yes.type.kind}, {no.type.kind}")
        case = exp.Case().when(self._truth(node.condition), _cast(yes, made).sql)
        return _Typed(case.else_(_cast(no, made).sql), made)

    def _call(self, function: str, arguments: tuple[syntax.Node, ...]) -> _Typed:
        kinds, result = FUNCTIONS[function]
        given = [self.of(argument) for argument in arguments]
        if tuple(each.type.kind for each in given) != kinds:
            raise NoSql("kinds", function)
        made = _CALLS[function](*(each.sql for each in given))
        return _Typed(made, number(9) if result == "number" else Shape(result))


_CALLS: Mapping[str, Callable[..., Sql]] = {
    "not": lambda truth: exp.not_(exp.paren(truth)),
    "contains": lambda text, part: exp.Contains(this=text, expression=part),
    "starts with": lambda text, part: exp.StartsWith(this=text, expression=part),
    "ends with": lambda text, part: exp.EndsWith(this=text, expression=part),
    "string length": lambda text: exp.Length(this=text),
}


def _truth(sql: Sql) -> _Typed:
    return _Typed(exp.paren(sql), BOOLEAN)


def _constant(value: object) -> _Typed:
    made = type_of_value(value)
    match value:
        case None:
            return _Typed(_NULL.copy(), NULL)
        case bool():
            return _Typed(exp.true() if value else exp.false(), made)
        case str() if "\0" not in value:
            return _Typed(exp.Literal.string(value), made)
        case Decimal():
            if (made.whole or 0) + (made.places or 0) > _EXACT:
                raise NoSql("digits", str(value)[:40])
            return _cast(_Typed(exp.Literal.string(format(value, "f")), made), made)
        case date() if made.kind == "date":
            return _Typed(exp.cast(exp.Literal.string(value.isoformat()), "DATE"), made)
    raise NoSql("constants", made.kind)


def _compare(operator: str, left: _Typed, right: _Typed) -> Sql:
    kinds = {left.type.kind, right.type.kind}
    if kinds == {"null"} or (len(kinds) > 1 and "null" not in kinds):
        raise NoSql("kinds", ", ".join(sorted(kinds)))
    if "null" in kinds and operator not in {"=", "!="}:
        return exp.cast(_NULL.copy(), "BOOLEAN")
    if not kinds <= _COMPARED | {"null"} or ("boolean" in kinds and operator not in {"=", "!="}):
        raise NoSql("kinds", ", ".join(sorted(kinds)))
    if kinds == {"number"}:
        left, right = _alike(left, right)
    return _ORDER[operator](this=exp.paren(left.sql), expression=exp.paren(right.sql))


def _alike(left: _Typed, right: _Typed) -> tuple[_Typed, _Typed]:
    """Bring two numbers to one type that holds both, so that the database need not choose one."""
    if left.type.binary or right.type.binary:
        return _binary(left, right), _binary(right, left)
    wide = either(left.type, right.type)
    assert wide.whole is not None, "digits are known where a number has become SQL"
    assert wide.places is not None, "digits are known where a number has become SQL"
    if wide.whole + wide.places > _WIDEST:
        raise NoSql("digits", "=")
    return _cast(left, wide), _cast(right, wide)


def _binary(one: _Typed, other: _Typed) -> _Typed:
    if one.type.binary:
        return one
    # FEEL reads a binary fraction by its shortest text; so few digits are told apart by both.
    literal = one.sql.find(exp.Literal)
    if literal is None or not isinstance(one.sql, exp.Cast) or not other.type.binary:
        raise NoSql("binary", "=")
    if len(Decimal(literal.name).normalize().as_tuple().digits) > _BINARY_DIGITS:
        raise NoSql("binary", literal.name)
    return _Typed(exp.cast(literal.copy(), "DOUBLE"), one.type)


def _cast(one: _Typed, wanted: Shape) -> _Typed:
    if wanted.kind != "number" or one.type.kind != "number":
        return one
    whole, places = wanted.whole or 0, wanted.places or 0
    if whole + places > _WIDEST:
        raise NoSql("digits", "if")
    as_wanted = exp.DataType.build(f"DECIMAL({max(whole + places, 1)}, {places})", dialect="duckdb")
    inner = one.sql.this if isinstance(one.sql, exp.Cast) and _is_literal(one.sql.this) else one.sql
    return _Typed(exp.Cast(this=inner, to=as_wanted), Shape("number", whole, places))


def _is_literal(sql: object) -> bool:
    return isinstance(sql, exp.Literal)
