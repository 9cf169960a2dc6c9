"""Calls: of built-in functions, of functions the context brings, and of those a text makes."""

from collections.abc import Callable

from guantong.feel.functions import BUILT_INS
from guantong.feel.instance import coerce
from guantong.feel.syntax import FunctionType, Parameter, SimpleType
from guantong.feel.value import Compiled, Function, Scope, Value
from guantong.feel.work import spend

_ANY = SimpleType("Any")
Named = dict[str, Compiled]


def call(name: str, given: list[Compiled], named: Named, *, from_context: bool) -> Compiled:
    """Return the closure of ``name(…)``; a function of the context goes before a built-in one."""
    built_in = _built_in(name, given, named) if name in BUILT_INS else None
    if built_in is not None and not from_context:
        return built_in
    apply = _applied(given, named)

    def run(scope: Scope) -> Value:
        function = scope.get(name)
        if isinstance(function, Function):
            return apply(function, scope)
        # A value may bear the name of a built-in function: date("…") beside an input `date`.
        return built_in(scope) if built_in else None

    return run


def invoke(function: Compiled, given: list[Compiled], named: Named) -> Compiled:
    """Return the closure of a call whose function is worked out first."""
    apply = _applied(given, named)

    def run(scope: Scope) -> Value:
        found = function(scope)
        return apply(found, scope) if isinstance(found, Function) else None

    return run


def function_of(parameters: tuple[Parameter, ...], body: Compiled, weight: int) -> Compiled:
    """Return the closure that makes a function; it keeps the scope it was made in."""
    names = tuple(parameter.name for parameter in parameters)
    types = tuple(parameter.type or _ANY for parameter in parameters)
    typed = any(kind != _ANY for kind in types)
    kind = FunctionType(types, _ANY)

    def make(scope: Scope) -> Value:
        def call(*given: Value) -> Value:
            spend(weight + len(names))
            values = given
            if typed:
                values = tuple(map(coerce, given, types))
                if any(
                    value is None and before is not None
                    for value, before in zip(values, given, strict=True)
                ):
                    return None  # an argument of another type (DMN 1.5, section 10.3.2.13.1)
            return body({**scope, **dict(zip(names, values, strict=True))})

        return Function(names, call, kind)

    return make


def _built_in(name: str, given: list[Compiled], named: Named) -> Compiled:
    built_in = BUILT_INS[name]
    if named:
        return lambda scope: built_in.named({key: value(scope) for key, value in named.items()})
    if len(given) == 1:
        only = given[0]
        return lambda scope: built_in(only(scope))
    return lambda scope: built_in(*[value(scope) for value in given])


def _applied(given: list[Compiled], named: Named) -> Callable[[Function, Scope], Value]:
    if named:
        return lambda function, scope: function.apply_named(
            {key: value(scope) for key, value in named.items()}
        )
    return lambda function, scope: function.apply(*[value(scope) for value in given])
