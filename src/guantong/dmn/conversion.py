"""A value as its declared type takes it, or null and word of it.

FEEL knows the conversions that happen without being asked (DMN 1.5, section 10.3.2.9.4): a single
value and a list of one, a date and the midnight that begins it. What still does not conform
becomes null, and whoever asked is told. Null itself may stand for any type.
"""

from guantong.feel.api import (
    ContextType,
    DeclaredType,
    FunctionType,
    ListType,
    RangeType,
    SimpleType,
    Type,
    Value,
    coerce,
    kind,
    plain,
)


def converts(to: Type | None, value: Value) -> tuple[Value, bool]:
    """Return the value as this type takes it, and whether nothing was lost."""
    if to is None or value is None or (type(to) is SimpleType and to.kind == kind(value)):
        return value, True
    made = coerce(value, to)
    return made, made is not None


def name_of(type_: Type | None) -> str:
    """Return the type as people read it."""
    match type_:
        case DeclaredType(name):
            return name
        case SimpleType(name):
            return name
        case ListType(of) | RangeType(of):
            return f"{'list' if isinstance(type_, ListType) else 'range'}<{name_of(of)}>"
        case ContextType(members):
            told = ", ".join(f"{member.name}: {name_of(member.type)}" for member in members)
            return f"context<{told}>"
        case FunctionType(parameters, result):
            return f"function<{', '.join(map(name_of, parameters))}> -> {name_of(result)}"
    return "Any"


def result_of(type_: Type | None) -> Type | None:
    """Return what a function gives: newer files declare its whole type, older ones its result."""
    bare = None if type_ is None else plain(type_)
    return bare.result if isinstance(bare, FunctionType) else type_


def item_of(type_: Type | None) -> Type | None:
    """Return the type of the items of a collection."""
    bare = None if type_ is None else plain(type_)
    return bare.of if isinstance(bare, ListType) else None
