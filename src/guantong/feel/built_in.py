"""What a built-in function is: its forms, and a call that never raises.

A function of the standard has one or more forms, each with named parameters (DMN 1.5, section
10.3.4). It gets values of any kind and answers null for those it has no meaning for. The kinds
taken are stated once, with the parameters, so that no function repeats the check; what does not
fit is first converted as section 10.3.2.9.4 says: a value to a list of one, a list of one to its
item, a date to its midnight in UTC.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from guantong.feel.value import Value
from guantong.feel.work import spend, spend_on_text

_MISFIT = object()
Kinds = type | tuple[type, ...] | None


@dataclass(frozen=True, slots=True)
class Form:
    """One signature: parameters in order, the last ones optional or repeated."""

    parameters: tuple[str, ...]
    required: int
    kinds: tuple[tuple[type, ...] | None, ...]
    function: Callable[..., Value]
    variadic: bool = False

    def fit(self, given: tuple[Value, ...]) -> list[Value] | None:
        """Return the arguments as this form takes them, or nothing where it does not."""
        number = len(given)
        if number < self.required or (not self.variadic and number > len(self.parameters)):
            return None
        fitted: list[Value] = []
        last = len(self.kinds) - 1
        for place, value in enumerate(given):
            kinds = self.kinds[min(place, last)] if last >= 0 else None
            if kinds is not None and type(value) not in kinds:
                value = _converted(value, kinds)
                if value is _MISFIT:
                    return None
            fitted.append(value)
        return fitted


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A function of the standard."""

    name: str
    forms: tuple[Form, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters of its first form."""
        return self.forms[0].parameters

    def __call__(self, *given: Value) -> Value:
        """Return the function's value, or null for a wrong number or kind of arguments."""
        for form in self.forms:
            fitted = form.fit(given)
            if fitted is not None:
                return _called(form, fitted)
        return None

    def named(self, given: dict[str, Value]) -> Value:
        """Call by names of parameters; one that is left out is null, an unknown one gives null."""
        # before(point, range) and before(range, point) differ in nothing but the order of names.
        as_written = tuple(given)
        for form in sorted(self.forms, key=lambda form: form.parameters != as_written):
            if not given.keys() <= set(form.parameters):
                continue
            named = (form.parameters.index(name) + 1 for name in given)
            count = max((form.required, *named))
            fitted = form.fit(tuple(given.get(name) for name in form.parameters[:count]))
            if fitted is not None:
                return _called(form, fitted)
        return None


class Table:
    """Collects the functions of one module under their names in FEEL."""

    def __init__(self) -> None:
        self.functions: dict[str, BuiltIn] = {}

    def add(
        self,
        name: str,
        *parameters: tuple[str, Kinds],
        required: int | None = None,
        variadic: bool = False,
    ) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
        """Register a form of a function; a parameter of kind None takes any value."""

        def register(function: Callable[..., Value]) -> Callable[..., Value]:
            form = Form(
                tuple(parameter for parameter, _ in parameters),
                len(parameters) if required is None else required,
                tuple((kind,) if isinstance(kind, type) else kind for _, kind in parameters),
                function,
                variadic,
            )
            before = self.functions[name].forms if name in self.functions else ()
            self.functions[name] = BuiltIn(name, (*before, form))
            return function

        return register


def _called(form: Form, given: list[Value]) -> Value:
    for value in given:
        if type(value) is str:
            spend_on_text(len(value))
        elif type(value) is list:
            spend(len(value))
    try:
        return form.function(*given)
    except (ValueError, ArithmeticError):
        # A result outside the calendar or the range of numbers.
        return None


def _converted(value: Value, kinds: tuple[type, ...]) -> Value:
    if type(value) is list:
        only = value[0] if len(value) == 1 else _MISFIT
        return only if type(only) in kinds else _MISFIT
    if value is not None and list in kinds:
        return [value]
    if type(value) is date and datetime in kinds:
        return datetime.combine(value, time(tzinfo=UTC))
    return _MISFIT
