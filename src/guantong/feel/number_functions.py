"""Built-in functions of numbers (DMN 1.5, section 10.3.4.5)."""

import decimal
from datetime import timedelta
from decimal import Decimal

from guantong.feel.arithmetic import negate
from guantong.feel.built_in import Table
from guantong.feel.value import DECIMAL, Months, Value, finite

table = Table()
_SCALE = ("scale", Decimal)
# DMN 1.5, section 10.3.4.5, rounding functions: a scale outside of this gives null.
_SMALLEST_SCALE, _LARGEST_SCALE = -6111, 6176


def _rounding(name: str, mode: str, *, scale_required: bool) -> None:
    @table.add(name, ("n", Decimal), _SCALE, required=2 if scale_required else 1)
    def round_by(number: Decimal, scale: Decimal = Decimal(0)) -> Value:
        if not _SMALLEST_SCALE <= scale <= _LARGEST_SCALE:
            return None
        places = int(scale)
        if number.as_tuple().exponent >= -places:  # type: ignore[operator]  # finite: an int
            return number
        return finite(_EXACT[mode].quantize(number, Decimal(1).scaleb(-places)))


_EXACT = {
    mode: decimal.Context(prec=34, rounding=mode, Emin=-6143, Emax=6144, traps=[])
    for mode in (
        decimal.ROUND_FLOOR,
        decimal.ROUND_CEILING,
        decimal.ROUND_UP,
        decimal.ROUND_DOWN,
        decimal.ROUND_HALF_UP,
        decimal.ROUND_HALF_DOWN,
        decimal.ROUND_HALF_EVEN,
    )
}
_rounding("floor", decimal.ROUND_FLOOR, scale_required=False)
_rounding("ceiling", decimal.ROUND_CEILING, scale_required=False)
_rounding("round up", decimal.ROUND_UP, scale_required=True)
_rounding("round down", decimal.ROUND_DOWN, scale_required=True)
_rounding("round half up", decimal.ROUND_HALF_UP, scale_required=True)
_rounding("round half down", decimal.ROUND_HALF_DOWN, scale_required=True)
_rounding("decimal", decimal.ROUND_HALF_EVEN, scale_required=True)


@table.add("abs", ("n", (Decimal, timedelta, Months)))
def absolute(value: Value) -> Value:
    """Return the size without the sign."""
    negative = value.months < 0 if type(value) is Months else value < type(value)(0)
    return negate(value) if negative else value


@table.add("modulo", ("dividend", Decimal), ("divisor", Decimal))
def modulo(dividend: Decimal, divisor: Decimal) -> Value:
    """Return ``dividend - divisor * floor(dividend / divisor)``: the sign of the divisor."""
    if not divisor:
        return None
    rest = DECIMAL.remainder(dividend, divisor)
    return finite(DECIMAL.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest)


@table.add("sqrt", ("number", Decimal))
def square_root(number: Decimal) -> Value:
    """Return the square root, null for a negative number."""
    return finite(DECIMAL.sqrt(number))


@table.add("exp", ("number", Decimal))
def exponential(number: Decimal) -> Value:
    """Return Euler's number raised to a power."""
    return finite(DECIMAL.exp(number))


@table.add("log", ("number", Decimal))
def logarithm(number: Decimal) -> Value:
    """Return the natural logarithm, null for a number that is not positive."""
    return finite(DECIMAL.ln(number))


@table.add("odd", ("number", Decimal))
def is_odd(number: Decimal) -> Value:
    """Say whether a whole number is odd."""
    return DECIMAL.remainder(number, Decimal(2)).copy_abs() == 1 if _is_whole(number) else None


@table.add("even", ("number", Decimal))
def is_even(number: Decimal) -> Value:
    """Say whether a whole number is even."""
    return DECIMAL.remainder(number, Decimal(2)) == 0 if _is_whole(number) else None


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()
