"""Types in a text: behind ``instance of``, of a parameter, and the ``typeRef`` of a decision file.

The grammar is that of DMN 1.5, section 10.3.1.2, rules 53 to 57. Names of types may hold spaces
like any other name, so the parser has to be told which exist; what is not known is refused, since
a misspelt type would quietly answer false.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from guantong.feel.lexer import Token
from guantong.feel.syntax import (
    ContextType,
    FunctionType,
    ListType,
    Member,
    RangeType,
    SimpleType,
    Type,
)
from guantong.feel.value import KINDS

if TYPE_CHECKING:
    from guantong.feel.parser import Parser

ANY = SimpleType("Any")
_KNOWN = {kind: SimpleType(kind) for kind in KINDS.values()} | {
    "Any": ANY,
    "Null": SimpleType("null"),
}
# The names that files of DMN 1.1 give to them, and those of FEEL's own types of that time.
_KNOWN |= {
    "dayTimeDuration": SimpleType("days and time duration"),
    "days and time duration": SimpleType("days and time duration"),
    "yearMonthDuration": SimpleType("years and months duration"),
    "dateTime": SimpleType("date and time"),
}


def read_type(parser: Parser) -> Type:
    """Read a type where the parser stands."""
    parser.nest()
    at, found = parser.token, parser.found()
    named = at.kind in {"name", "keyword"}
    name = parser.lexer.type_at(at.at, frozenset(parser.types)) if named else None
    if name is None:
        raise parser.refuse("type", found=found)
    declared = parser.types.get(name)
    if declared is None and name not in _KNOWN:
        raise parser.refuse("type", found=name)
    parser.token = parser.lexer.next()
    made = _with_parts(parser, name) if declared is None and parser.at("<") else None
    parser.nesting -= 1
    return made or declared or _KNOWN[name]


def _with_parts(parser: Parser, name: str) -> Type | None:
    match name:
        case "list":
            return ListType(_only(parser))
        case "range":
            return RangeType(_only(parser))
        case "context":
            return _context(parser)
        case "function":
            return _function(parser)
    return None  # a comparison follows: x instance of number < y


def _only(parser: Parser) -> Type:
    parser.expect("<")
    made = read_type(parser)
    _close(parser)
    return made


def _context(parser: Parser) -> Type:
    parser.expect("<")
    members: list[Member] = []
    while not parser.at(">", ">="):
        if members:
            parser.expect(",")
        key = parser.lexer.key_at(parser.token.at)
        if key is None:
            raise parser.refuse("key", found=parser.found())
        parser.token = parser.lexer.next()
        members.append(Member(key, read_type(parser)))
    _close(parser)
    return ContextType(tuple(members))


def _function(parser: Parser) -> Type:
    parser.expect("<")
    parameters: list[Type] = []
    while not parser.at(">", ">="):
        if parameters:
            parser.expect(",")
        parameters.append(read_type(parser))
    _close(parser)
    parser.expect("-")
    parser.expect(">")
    return FunctionType(tuple(parameters), read_type(parser))


def _close(parser: Parser) -> None:
    token = parser.token
    if parser.at(">="):
        # "list<number>= x": the sign belongs half to the type.
        parser.token = Token("operator", "=", token.at + 1)
        return
    parser.expect(">")
