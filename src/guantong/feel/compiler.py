"""The syntax tree to a Python closure: every decision about an operator is taken once, here.

A closure takes the scope (name to value) and returns a value; it never raises for any values
of the scope. No source text is made, so nothing of a stranger's text is ever executed.
"""

import operator as operator_of
from collections.abc import Callable, Mapping
from decimal import Decimal

from guantong.feel import invocation, iteration, syntax
from guantong.feel.arithmetic import NUMBERS, calculate, negate
from guantong.feel.functions import AS_VALUES
from guantong.feel.instance import is_instance
from guantong.feel.temporal import read_property
from guantong.feel.value import (
    Compiled,
    Range,
    Scope,
    Value,
    compare,
    equal,
    every,
    finite,
    holds,
    open_range,
    some,
    to_value,
)
from guantong.feel.work import spend

_OPERATORS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "=": operator_of.eq,
    "!=": operator_of.ne,
    "<": operator_of.lt,
    "<=": operator_of.le,
    ">": operator_of.gt,
    ">=": operator_of.ge,
}
Test = Callable[[Value, Scope], "bool | None"]


def compile_expression(node: syntax.Node) -> Compiled:
    """Return the closure of an expression."""
    match node:
        case syntax.Constant(value):
            return lambda scope: value
        case syntax.Name(name):
            return _name(name)
        case syntax.Path():
            return _path(node)
        case syntax.Arithmetic(operator, left, right):
            return _arithmetic(operator, compile_expression(left), compile_expression(right))
        case syntax.Negation(operand):
            inner = compile_expression(operand)
            return lambda scope: negate(inner(scope))
        case syntax.Comparison(operator, left, right):
            return _comparison(operator, compile_expression(left), compile_expression(right))
        case syntax.Conjunction(parts):
            conjuncts = [compile_expression(part) for part in parts]
            return lambda scope: every(part(scope) for part in conjuncts)
        case syntax.Disjunction(parts):
            disjuncts = [compile_expression(part) for part in parts]
            return lambda scope: some(part(scope) for part in disjuncts)
        case syntax.Between():
            return _between(node)
        case syntax.Membership(value, tests):
            tested, test = compile_expression(value), _any_of([compile_test(t) for t in tests])
            return lambda scope: test(tested(scope), scope)
        case syntax.If(condition, yes, no):
            return _if(
                compile_expression(condition), compile_expression(yes), compile_expression(no)
            )
        case syntax.Interval():
            return _interval(node)
        case syntax.Items(items):
            return _items([compile_expression(item) for item in items])
        case syntax.Entries():
            return _context(node)
        case syntax.Filter(base, condition):
            return iteration.list_filter(
                compile_expression(base),
                compile_expression(condition),
                syntax.size(condition),
                index=not isinstance(condition, _TRUTHS),
                truth=not _is_number(condition),
            )
        case syntax.Call(name, arguments, from_context):
            given, named = _arguments(arguments)
            return invocation.call(name, given, named, from_context=from_context)
        case syntax.Invocation(function, arguments):
            return invocation.invoke(compile_expression(function), *_arguments(arguments))
        case syntax.Lambda(parameters, body):
            weight = syntax.size(body)
            return invocation.function_of(parameters, compile_expression(body), weight)
        case syntax.OpenInterval(operator, operand):
            bound = compile_expression(operand)
            return lambda scope: open_range(operator, bound(scope))
        case syntax.InstanceOf(value, kind):
            judged = compile_expression(value)
            return lambda scope: is_instance(judged(scope), kind)
        case syntax.For() | syntax.Quantified():
            return _loop(node)
    raise AssertionError(f"a node of the tree is not compiled: {type(node).__name__}")


def compile_test(node: syntax.Node) -> Test:
    """Return the closure of a unary test: it takes the value under test and the scope."""
    match node:
        case syntax.AnyTest():
            return lambda value, scope: True
        case syntax.CompareTest(operator, operand):
            return _compare_test(operator, operand)
        case syntax.ValueTest(expression):
            return _value_test(expression)
        case syntax.Tests(tests, negated):
            one = _any_of([compile_test(test) for test in tests])
            return _not(one) if negated else one
    raise AssertionError(f"a test of the tree is not compiled: {type(node).__name__}")


def _name(name: str) -> Compiled:
    built_in = AS_VALUES.get(name)
    if built_in is None:
        return lambda scope: to_value(scope.get(name))
    return lambda scope: to_value(scope.get(name, built_in))


def _loop(node: syntax.For | syntax.Quantified) -> Compiled:
    ways = [
        (
            each.name,
            compile_expression(each.source),
            None if each.end is None else compile_expression(each.end),
        )
        for each in node.iterations
    ]
    weight, kept = syntax.size(node), syntax.makes_function(node)
    if isinstance(node, syntax.For):
        partial = syntax.mentions("partial", node.result)
        result = compile_expression(node.result)
        return iteration.loop(ways, result, weight, partial=partial, kept=kept)
    condition = compile_expression(node.condition)
    return iteration.quantifier(ways, condition, weight, all_of=node.all_of, kept=kept)


def _arguments(arguments: tuple[syntax.Node, ...]) -> tuple[list[Compiled], dict[str, Compiled]]:
    given: list[Compiled] = []
    named: dict[str, Compiled] = {}
    for argument in arguments:
        if isinstance(argument, syntax.Entry):
            named[argument.key] = compile_expression(argument.value)
        else:
            given.append(compile_expression(argument))
    return given, named


# What is a truth or null, whatever the values are: such a filter is never a position.
_TRUTHS = (
    syntax.Comparison,
    syntax.Conjunction,
    syntax.Disjunction,
    syntax.Between,
    syntax.Membership,
    syntax.InstanceOf,
    syntax.Quantified,
)


def _is_number(node: syntax.Node) -> bool:
    inner = node.operand if isinstance(node, syntax.Negation) else node
    return isinstance(inner, syntax.Constant) and type(inner.value) is Decimal


def _path(node: syntax.Path) -> Compiled:
    # A chain of names is followed in what the caller gave, without turning all of it into values.
    base, name = node.base, node.name
    raw = _raw(base)
    if raw is not None:
        return lambda scope: _step(raw(scope), name)
    inner = compile_expression(base)
    return lambda scope: _step(inner(scope), name)


def _raw(node: syntax.Node) -> Compiled | None:
    if isinstance(node, syntax.Name) and node.name not in AS_VALUES:
        name = node.name
        return lambda scope: scope.get(name)
    if isinstance(node, syntax.Path) and (inner := _raw(node.base)) is not None:
        key = node.name
        return lambda scope: _raw_step(inner(scope), key)
    return None


def _raw_step(base: object, name: str) -> object:
    return base.get(name) if isinstance(base, Mapping) else _step(base, name)


def _step(base: object, name: str) -> Value:
    if isinstance(base, Mapping):
        return to_value(base.get(name))
    if isinstance(base, list | tuple):
        spend(len(base))
        # The path of a list is the list of the paths (DMN 1.5, chapter 10).
        return [_step(item, name) for item in base]
    return read_property(to_value(base), name)


def _arithmetic(operator: str, left: Compiled, right: Compiled) -> Compiled:
    on_numbers = NUMBERS[operator]

    def run(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        if type(a) is Decimal and type(b) is Decimal:
            return finite(on_numbers(a, b))
        return calculate(operator, a, b)

    return run


def _comparison(operator: str, left: Compiled, right: Compiled) -> Compiled:
    return lambda scope: compare(operator, left(scope), right(scope))


def _between(node: syntax.Between) -> Compiled:
    value, low, high = map(compile_expression, (node.value, node.low, node.high))

    def run(scope: Scope) -> Value:
        tested = value(scope)
        return every((compare(">=", tested, low(scope)), compare("<=", tested, high(scope))))

    return run


def _if(condition: Compiled, yes: Compiled, no: Compiled) -> Compiled:
    return lambda scope: yes(scope) if condition(scope) is True else no(scope)


def _interval(node: syntax.Interval) -> Compiled:
    low, high = compile_expression(node.low), compile_expression(node.high)
    low_closed, high_closed = node.low_closed, node.high_closed
    if isinstance(node.low, syntax.Constant) and isinstance(node.high, syntax.Constant):
        constant = Range(node.low.value, node.high.value, low_closed, high_closed)
        return lambda scope: constant
    return lambda scope: Range(low(scope), high(scope), low_closed, high_closed)


def _context(node: syntax.Entries) -> Compiled:
    entries = [(entry.key, compile_expression(entry.value)) for entry in node.entries]
    if len({key for key, _ in entries}) < len(entries):
        return lambda scope: None  # keys are distinct (DMN 1.5, section 10.3.2.6)

    def run(scope: Scope) -> Value:
        spend(len(entries))
        made: dict[str, Value] = {}
        inner = dict(scope)
        for key, value in entries:
            made[key] = inner[key] = value(inner)
        return made

    return run


def _items(parts: list[Compiled]) -> Compiled:
    def run(scope: Scope) -> Value:
        spend(len(parts))
        return [part(scope) for part in parts]

    return run


def _any_of(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda value, scope: some(test(value, scope) for test in tests)


def _not(test: Test) -> Test:
    def run(value: Value, scope: Scope) -> bool | None:
        passed = test(value, scope)
        return None if passed is None else not passed

    return run


def _compare_test(operator: str, operand: syntax.Node) -> Test:
    if not isinstance(operand, syntax.Constant):
        inner = compile_expression(operand)
        if syntax.mentions_input(operand):
            return lambda value, scope: compare(operator, value, inner({**scope, "?": value}))
        return lambda value, scope: compare(operator, value, inner(scope))
    constant, fast = operand.value, _OPERATORS[operator]
    if type(constant) is not Decimal:
        return lambda value, scope: compare(operator, value, constant)
    # Nearly every cell of a table compares a number with a number: one step for these.
    return lambda value, scope: (
        fast(value, constant) if type(value) is Decimal else compare(operator, value, constant)
    )


def _value_test(expression: syntax.Node) -> Test:
    inner = compile_expression(expression)
    if syntax.mentions_input(expression):
        return lambda value, scope: _truth(inner({**scope, "?": value}))
    if isinstance(expression, syntax.Constant):
        constant, own = expression.value, type(expression.value)
        return lambda value, scope: (
            value == constant if type(value) is own else equal(value, constant)
        )
    if isinstance(expression, syntax.Interval) and (test := _number_range_test(expression)):
        return test
    if isinstance(expression, syntax.Interval | syntax.Items):
        return lambda value, scope: holds(value, inner(scope))
    return lambda value, scope: _passes(value, inner(scope))


def _number_range_test(node: syntax.Interval) -> Test | None:
    if not (isinstance(node.low, syntax.Constant) and isinstance(node.high, syntax.Constant)):
        return None
    low, high = node.low.value, node.high.value
    if type(low) is not Decimal or type(high) is not Decimal:
        return None
    above = operator_of.ge if node.low_closed else operator_of.gt
    below = operator_of.le if node.high_closed else operator_of.lt
    contains = Range(low, high, node.low_closed, node.high_closed).contains
    return lambda value, scope: (
        above(value, low) and below(value, high) if type(value) is Decimal else contains(value)
    )


def _truth(value: Value) -> bool | None:
    return value if type(value) is bool else None


def _passes(value: Value, result: Value) -> bool | None:
    # A cell such as "level > limit" speaks of other names: its own truth decides, unless the
    # value under test is a truth itself and is compared with it.
    if type(result) is bool and type(value) is not bool:
        return result
    return holds(value, result)
