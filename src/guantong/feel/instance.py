"""Which type a value has, and the conversions that fit a value to a type.

DMN 1.5, section 10.3.2.9: what conforms to what (10.3.2.9.3) and the implicit conversions
(10.3.2.9.4). Null is an instance of no type, and yet may stand where any type is asked for.
"""

from datetime import UTC, date, datetime, time

from guantong.feel.syntax import (
    ContextType,
    DeclaredType,
    FunctionType,
    ListType,
    RangeType,
    SimpleType,
    Type,
)
from guantong.feel.value import KINDS, Function, Range, Value
from guantong.feel.work import spend

_ANY = SimpleType("Any")
# "A list type requires parameters" (DMN 1.5, table 61), and so do these: alone they are no type.
_NO_TYPE_ALONE = frozenset(SimpleType(kind) for kind in ("list", "range", "context", "function"))


def is_instance(value: Value, of: Type) -> bool | None:
    """Say whether a value has a type; null has none but ``Null``."""
    if of in _NO_TYPE_ALONE:
        return None
    return of == SimpleType("null") if value is None else conforms(value, of)


def conforms(value: Value, to: Type) -> bool:
    """Say whether a value may stand where this type is asked for.

    Behind the colon of a parameter, ``list`` alone is taken for any list.
    """
    if value is None or to == _ANY:
        return True
    match to:
        case SimpleType(kind):
            return KINDS[type(value)] == kind
        case ListType(of):
            if type(value) is not list:
                return False
            spend(len(value))
            return all(conforms(item, of) for item in value)
        case RangeType(of):
            return type(value) is Range and conforms(value.low, of) and conforms(value.high, of)
        case ContextType(members):
            return type(value) is dict and all(
                member.name in value and conforms(value[member.name], member.type)
                for member in members
            )
        case FunctionType():
            return type(value) is Function and _function_conforms(value, to)
        case DeclaredType(_, find):
            # Which values are allowed is asked where a value is bound, not by "instance of".
            return conforms(value, find())
    return False


def coerce(value: Value, to: Type) -> Value:
    """Return the value as this type, converted where the standard says so; else null.

    A value of the type that its declaration does not allow becomes null, too.
    """
    made = _converted(value, to)
    return made if made is None or _allowed(made, to) else None


def _allowed(value: Value, by: Type) -> bool:
    if value is None:
        return True
    match by:
        case DeclaredType(_, find, allows):
            return _allowed(value, find()) and (allows is None or allows(value) is True)
        case ListType(of) if of != _ANY and not isinstance(of, SimpleType):
            return all(_allowed(item, of) for item in value)
        case ContextType(members):
            return all(_allowed(value[member.name], member.type) for member in members)
    return True


def _converted(value: Value, to: Type) -> Value:
    if value is None or conforms(value, to):
        return value
    if type(value) is list and len(value) == 1 and conforms(value[0], to):
        return value[0]
    if isinstance(to, ListType) and conforms(value, to.of):
        return [value]
    match to:
        case DeclaredType(_, find):
            return _converted(value, find())
        case SimpleType("list"):
            return [value]
        case SimpleType("date and time") if type(value) is date:
            return datetime.combine(value, time(tzinfo=UTC))
    return None


def _function_conforms(value: Function, to: FunctionType) -> bool:
    if len(value.parameters) != len(to.parameters):
        return False
    own = value.type
    if not isinstance(own, FunctionType):
        return True
    # Parameters the other way round: whoever asks for a function of numbers may get one of Any.
    pairs = zip(to.parameters, own.parameters, strict=True)
    return all(_narrower(asked, taken) for asked, taken in pairs) and _narrower(
        own.result, to.result
    )


def plain(type_: Type) -> Type:
    """Return what a declared type is, without its name and the values it allows."""
    while isinstance(type_, DeclaredType):
        type_ = type_.find()
    return type_


def _narrower(type_: Type, than: Type) -> bool:
    type_, than = plain(type_), plain(than)
    if than in {_ANY, type_} or type_ == _ANY:
        # Where nothing is declared, anything may come; only a contradiction is refused.
        return True
    match type_, than:
        case (ListType(own), ListType(other)) | (RangeType(own), RangeType(other)):
            return _narrower(own, other)
        case ListType(), SimpleType("list"):
            return True
        case RangeType(), SimpleType("range"):
            return True
        case ContextType(), SimpleType("context"):
            return True
        case ContextType(members), ContextType(others):
            known = {member.name: member.type for member in members}
            return all(
                other.name in known and _narrower(known[other.name], other.type) for other in others
            )
        case FunctionType(), SimpleType("function"):
            return True
        case FunctionType(), FunctionType():
            return len(type_.parameters) == len(than.parameters) and all(
                map(_narrower, than.parameters, type_.parameters)
            )
    return False
