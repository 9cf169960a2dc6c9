"""The front door of FEEL."""

from guantong.feel.arithmetic import calculate
from guantong.feel.errors import FeelInput, FeelSyntax, FeelTooMuch
from guantong.feel.expression import (
    Expression,
    UnaryTests,
    names_in,
    parse,
    parse_type,
    parse_unary_tests,
)
from guantong.feel.instance import coerce, conforms, is_instance
from guantong.feel.moment import at
from guantong.feel.parser import MAX_DEPTH, MAX_LENGTH, MAX_NESTING
from guantong.feel.syntax import (
    ContextType,
    FunctionType,
    ListType,
    Member,
    RangeType,
    SimpleType,
    Type,
    size,
)
from guantong.feel.text_functions import text_of
from guantong.feel.value import (
    Function,
    Months,
    Range,
    Scope,
    Value,
    compare,
    equal,
    kind,
    to_value,
)
from guantong.feel.work import bounded, spend

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_NESTING",
    "ContextType",
    "Expression",
    "FeelInput",
    "FeelSyntax",
    "FeelTooMuch",
    "Function",
    "FunctionType",
    "ListType",
    "Member",
    "Months",
    "Range",
    "RangeType",
    "Scope",
    "SimpleType",
    "Type",
    "UnaryTests",
    "Value",
    "at",
    "bounded",
    "calculate",
    "coerce",
    "compare",
    "conforms",
    "equal",
    "is_instance",
    "kind",
    "names_in",
    "parse",
    "parse_type",
    "parse_unary_tests",
    "size",
    "spend",
    "text_of",
    "to_value",
]
