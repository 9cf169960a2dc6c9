"""What callers hold: a text that has been parsed and compiled once, ready to be asked often."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from guantong.feel.compiler import Test, compile_expression, compile_test
from guantong.feel.moment import at
from guantong.feel.names import free_names
from guantong.feel.parser import Parser
from guantong.feel.syntax import AnyTest, Constant, Name, Node, Type
from guantong.feel.value import Compiled, Scope, Value, to_value
from guantong.feel.work import bounded

_NOTHING: Scope = {}
_NO_TYPES: Mapping[str, Type] = {}


@dataclass(frozen=True, slots=True)
class Expression:
    """A FEEL expression."""

    text: str
    tree: Node
    run: Compiled = field(repr=False, compare=False)

    def evaluate(self, context: Mapping[str, Value], *, now: datetime | None = None) -> Value:
        """Return the value for these names; a name that is absent is null.

        ``now()`` and ``today()`` answer ``now``, and are null without it.
        """
        with bounded(self.text):
            if now is None:
                return self.run(context)
            with at(now):
                return self.run(context)


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """The tests of one decision cell."""

    text: str
    tree: Node
    run: Test = field(repr=False, compare=False)

    @property
    def pass_all(self) -> bool:
        """Say whether the cell is ``-``."""
        return isinstance(self.tree, AnyTest)

    def matches(self, value: Value, context: Mapping[str, Value] = _NOTHING) -> bool | None:
        """Say whether the value passes; null where it cannot be compared. Only true is a hit."""
        with bounded(self.text):
            return self.run(to_value(value), context)


def parse(
    text: str, names: Collection[str] = frozenset(), types: Mapping[str, Type] = _NO_TYPES
) -> Expression:
    """Return the expression of a text.

    ``names`` declares names with spaces or signs in them, ``types`` those that ``instance of`` and
    parameters may speak of beside FEEL's own.
    """
    tree = Parser(text, frozenset(names), types).whole_expression()
    return Expression(text, tree, compile_expression(tree))


def parse_unary_tests(
    text: str, names: Collection[str] = frozenset(), types: Mapping[str, Type] = _NO_TYPES
) -> UnaryTests:
    """Return the tests of a decision cell; ``-`` lets every value pass."""
    tree = Parser(text, frozenset(names), types).whole_tests()
    return UnaryTests(text, tree, compile_test(tree))


def parse_type(text: str, types: Mapping[str, Type] = _NO_TYPES) -> Type:
    """Return the type of a text such as ``list<number>``."""
    return Parser(text, frozenset(), types).whole_type()


def names_in(parsed: Expression | UnaryTests) -> frozenset[str]:
    """Return the names that the text reads from its context, unknown functions included."""
    return free_names(parsed.tree)


def plain_name(parsed: Expression | None) -> str | None:
    """Return the name where the text is nothing but one."""
    return parsed.tree.name if parsed is not None and isinstance(parsed.tree, Name) else None


def is_constant(parsed: Expression) -> bool:
    """Say whether the text is one number, string, truth, date or null, written down."""
    return isinstance(parsed.tree, Constant)
