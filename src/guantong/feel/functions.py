"""Every built-in function by its name in FEEL."""

from types import MappingProxyType

from guantong.feel import list_functions, number_functions, text_functions, time_functions
from guantong.feel.built_in import BuiltIn

BUILT_INS: MappingProxyType[str, BuiltIn] = MappingProxyType(
    number_functions.table.functions
    | text_functions.table.functions
    | list_functions.table.functions
    | time_functions.table.functions
)
BUILT_IN_NAMES = frozenset(BUILT_INS)
