"""The front door of FEEL."""

from guantong.feel.arithmetic import calculate
from guantong.feel.errors import FeelInput, FeelSyntax, FeelTooMuch
from guantong.feel.expression import (
    Expression,
    UnaryTests,
    is_constant,
    names_in,
    parse,
    parse_type,
    parse_unary_tests,
    plain_name,
)
from guantong.feel.instance import coerce, conforms, is_instance, plain
from guantong.feel.moment import at
from guantong.feel.parser import MAX_DEPTH, MAX_LENGTH, MAX_NESTING
from guantong.feel.shapes import KINDS_OF_TYPES, Doubt, Shape, doubts_of_test
from guantong.feel.syntax import (
    ContextType,
    DeclaredType,
    FunctionType,
    ListType,
    Member,
    RangeType,
    SimpleType,
    Type,
    size,
)
from guantong.feel.text_functions import text_of
from guantong.feel.turning import LOOKED_UP, constants_compared, turning_points
from guantong.feel.value import (
    DECIMAL,
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
    "DECIMAL",
    "KINDS_OF_TYPES",
    "LOOKED_UP",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_NESTING",
    "ContextType",
    "DeclaredType",
    "Doubt",
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
    "Shape",
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
    "constants_compared",
    "doubts_of_test",
    "equal",
    "is_constant",
    "is_instance",
    "kind",
    "names_in",
    "parse",
    "parse_type",
    "parse_unary_tests",
    "plain",
    "plain_name",
    "size",
    "spend",
    "text_of",
    "to_value",
    "turning_points",
]
