"""What callers hold: a text that has been parsed and compiled once, ready to be asked often."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from guantong.feel.compiler import Compiled, Test, compile_expression, compile_test
from guantong.feel.names import free_names
from guantong.feel.parser import Parser
from guantong.feel.syntax import AnyTest, Constant, Name, Node
from guantong.feel.value import Scope, Value, to_value
from guantong.feel.work import bounded

_NOTHING: Scope = {}


@dataclass(frozen=True, slots=True)
class Expression:
    """A FEEL expression."""

    text: str
    tree: Node
    run: Compiled = field(repr=False, compare=False)

    def evaluate(self, context: Mapping[str, Value]) -> Value:
        """Return the value for these names; a name that is absent is null."""
        with bounded(self.text):
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


def parse(text: str, names: Collection[str] = frozenset()) -> Expression:
    """Return the expression of a text; ``names`` declares names with spaces or signs in them."""
    tree = Parser(text, frozenset(names)).whole_expression()
    return Expression(text, tree, compile_expression(tree))


def parse_unary_tests(text: str, names: Collection[str] = frozenset()) -> UnaryTests:
    """Return the tests of a decision cell; ``-`` lets every value pass."""
    tree = Parser(text, frozenset(names)).whole_tests()
    return UnaryTests(text, tree, compile_test(tree))


def names_in(parsed: Expression | UnaryTests) -> frozenset[str]:
    """Return the names that the text reads from its context, unknown functions included."""
    return free_names(parsed.tree)


def plain_name(parsed: Expression | None) -> str | None:
    """Return the name where the text is nothing but one."""
    return parsed.tree.name if parsed is not None and isinstance(parsed.tree, Name) else None


def is_constant(parsed: Expression) -> bool:
    """Say whether the text is one number, string, truth, date or null, written down."""
    return isinstance(parsed.tree, Constant)
