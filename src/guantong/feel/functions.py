"""Every built-in function by its name in FEEL."""

from types import MappingProxyType

from guantong.feel import (
    context_functions,
    list_functions,
    number_functions,
    pattern_functions,
    range_functions,
    sequence_functions,
    text_functions,
    time_functions,
)
from guantong.feel.built_in import BuiltIn
from guantong.feel.value import Function

BUILT_INS: MappingProxyType[str, BuiltIn] = MappingProxyType(
    number_functions.table.functions
    | text_functions.table.functions
    | pattern_functions.table.functions
    | list_functions.table.functions
    | sequence_functions.table.functions
    | context_functions.table.functions
    | time_functions.table.functions
    | range_functions.table.functions
)
BUILT_IN_NAMES = frozenset(BUILT_INS)
# A built-in function as a value: sort([…], before) hands one on.
AS_VALUES: MappingProxyType[str, Function] = MappingProxyType(
    {
        name: Function(built_in.parameters, built_in, by_name=built_in.named)
        for name, built_in in BUILT_INS.items()
    }
)
