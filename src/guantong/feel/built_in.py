"""What a built-in function is: its names of parameters, and a call that never raises.

A function gets values of any kind and answers null for those it has no meaning for
(DMN 1.5, section 10.3.4). The kinds taken are stated once, with
the parameters, so that no function repeats the check.
"""

from collections.abc import Callable
from dataclasses import dataclass

from guantong.feel.value import Value
from guantong.feel.work import spend, spend_on_text


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A function of the standard: parameters in order, the last ones optional or repeated."""

    parameters: tuple[str, ...]
    required: int
    kinds: tuple[tuple[type, ...] | None, ...]
    function: Callable[..., Value]
    variadic: bool = False
    also: str = ""  # a second name of the first parameter, where the standard has two forms

    def __call__(self, *given: Value) -> Value:
        """Return the function's value, or null for a wrong number or kind of arguments."""
        if len(given) < self.required or (not self.variadic and len(given) > len(self.parameters)):
            return None
        for value, kinds in zip(given, self.kinds, strict=False):
            if kinds is not None and type(value) not in kinds:
                return None
        for value in given:
            if type(value) is str:
                spend_on_text(len(value))
            elif type(value) is list:
                spend(len(value))
        try:
            return self.function(*given)
        except (ValueError, OverflowError):
            # A result outside the calendar or the range of numbers.
            return None

    def named(self, given: dict[str, Value]) -> Value:
        """Call by names of parameters; an unknown or missing name gives null."""
        if self.also in given and self.parameters[0] not in given:
            given = {self.parameters[0]: given[self.also]} | given
            del given[self.also]
        if not given.keys() <= set(self.parameters):
            return None
        count = max((self.parameters.index(name) + 1 for name in given), default=0)
        return self(*(given.get(name) for name in self.parameters[:count]))


class Table:
    """Collects the functions of one module under their names in FEEL."""

    def __init__(self) -> None:
        self.functions: dict[str, BuiltIn] = {}

    def add(
        self,
        name: str,
        *parameters: tuple[str, type | tuple[type, ...] | None],
        required: int | None = None,
        variadic: bool = False,
        also: str = "",
    ) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
        """Register a function; a parameter of kind None takes any value."""

        def register(function: Callable[..., Value]) -> Callable[..., Value]:
            self.functions[name] = BuiltIn(
                tuple(parameter for parameter, _ in parameters),
                len(parameters) if required is None else required,
                tuple((kind,) if isinstance(kind, type) else kind for _, kind in parameters),
                function,
                variadic,
                also,
            )
            return function

        return register
