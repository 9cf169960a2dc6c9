"""The front door of FEEL."""

from guantong.feel.errors import FeelInput, FeelSyntax, FeelTooMuch
from guantong.feel.expression import (
    Expression,
    UnaryTests,
    is_constant,
    names_in,
    parse,
    parse_unary_tests,
    plain_name,
)
from guantong.feel.parser import MAX_DEPTH, MAX_LENGTH, MAX_NESTING
from guantong.feel.syntax import size
from guantong.feel.text_functions import text_of
from guantong.feel.turning import LOOKED_UP, constants_compared, turning_points
from guantong.feel.value import DECIMAL, Function, Months, Range, Scope, Value, kind, to_value
from guantong.feel.work import bounded, spend

__all__ = [
    "DECIMAL",
    "LOOKED_UP",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_NESTING",
    "Expression",
    "FeelInput",
    "FeelSyntax",
    "FeelTooMuch",
    "Function",
    "Months",
    "Range",
    "Scope",
    "UnaryTests",
    "Value",
    "bounded",
    "constants_compared",
    "is_constant",
    "kind",
    "names_in",
    "parse",
    "parse_unary_tests",
    "plain_name",
    "size",
    "spend",
    "text_of",
    "to_value",
    "turning_points",
]
