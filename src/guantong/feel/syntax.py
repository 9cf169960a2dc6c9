"""The syntax tree of FEEL: immutable, and the only thing that is ever compiled.

The parser builds it, the compiler turns it into a closure, the doctor reads names from it.
Later readers (types, SQL) take the same tree, so no reader keeps a grammar of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields

from guantong.feel.value import Value


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression."""


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A number, string, boolean, null, or a date, time or duration written with ``@``."""

    value: Value


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name read from the context; ``?`` is the value under test."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """``base.name``: an entry of a context, or a property of a date, duration or range."""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """``left operator right`` with one of ``+ - * / **``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """``-operand``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``left operator right`` with one of ``= != < <= > >=``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Conjunction(Node):
    """``a and b and …``, flat so that a long chain is not deep."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Disjunction(Node):
    """``a or b or …``."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``value between low and high``, both ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """``value in test`` or ``value in (test, …)``."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if condition then yes else no``; a condition that is not true takes ``no``."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Interval(Node):
    """``[low..high]`` and its half-open and open forms."""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Items(Node):
    """``[a, b, …]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry(Node):
    """One ``key: value`` of a context or one named argument of a call."""

    key: str
    value: Node


@dataclass(frozen=True, slots=True)
class Entries(Node):
    """``{key: value, …}``; a later entry may read the earlier ones."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``base[condition]``: an index when the condition is a number."""

    base: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``function(a, b)``, or ``function(name: a)`` with ``Entry`` arguments only."""

    function: str
    arguments: tuple[Node, ...]
    from_context: bool  # the name was declared by the caller and goes before a built-in


@dataclass(frozen=True, slots=True)
class Invocation(Node):
    """``function(a, b)`` where the function is worked out first: ``f(1)(2)``, ``model.rate(x)``."""

    function: Node
    arguments: tuple[Node, ...]  # Entry where they are named, as in Call


@dataclass(frozen=True, slots=True)
class OpenInterval(Node):
    """``(< 5)`` as a value: a range with one end; ``(= 5)`` and ``(!= 5)`` belong to it, too."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """``name in source``, or ``name in source..end``, of a loop or a quantifier."""

    name: str
    source: Node
    end: Node | None


@dataclass(frozen=True, slots=True)
class For(Node):
    """``for a in b, … return result``; ``partial`` is the list of the results so far."""

    iterations: tuple[Iteration, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``some a in b, … satisfies condition``; ``every`` with ``all_of``."""

    all_of: bool
    iterations: tuple[Iteration, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Type(Node):
    """A type as FEEL writes it after ``instance of`` and behind the colon of a parameter."""


@dataclass(frozen=True, slots=True)
class SimpleType(Type):
    """A kind of ``value.KINDS``, or ``Any`` or ``Null``."""

    kind: str


@dataclass(frozen=True, slots=True)
class ListType(Type):
    """``list<of>``."""

    of: Type


@dataclass(frozen=True, slots=True)
class RangeType(Type):
    """``range<of>``."""

    of: Type


@dataclass(frozen=True, slots=True)
class Member(Type):
    """``name: type`` of a context type."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class ContextType(Type):
    """``context<a: number, …>``: a context with at least these entries."""

    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class FunctionType(Type):
    """``function<number, …> -> number``."""

    parameters: tuple[Type, ...]
    result: Type


@dataclass(frozen=True, slots=True)
class DeclaredType(Type):
    """A type that a file declares under a name; ``allows`` says which of its values there may be.

    It is found when it is first asked for: declarations come in any order, and a tree holds trees.
    """

    name: str
    find: Callable[[], Type] = field(compare=False, repr=False)
    allows: Callable[[Value], bool | None] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """``value instance of type``."""

    value: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A parameter of a function written in the text; without a type it takes any value."""

    name: str
    type: Type | None


@dataclass(frozen=True, slots=True)
class Lambda(Node):
    """``function(a: number, b) body``."""

    parameters: tuple[Parameter, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class AnyTest(Node):
    """``-``: every value passes."""


@dataclass(frozen=True, slots=True)
class CompareTest(Node):
    """``< 5``: the value under test stands on the left."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class ValueTest(Node):
    """A value, range or list the input is in, or a condition that speaks of ``?``."""

    expression: Node


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """``test, test``: one of them passes; ``negated``: none does."""

    tests: tuple[Node, ...]
    negated: bool


def children(node: Node) -> Iterator[Node]:
    """Yield the parts of a node, left to right."""
    for part in fields(node):
        value = getattr(node, part.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Node))


def depth(node: Node) -> int:
    """Return how many nodes lie on the longest way down; without recursion."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        current, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((child, level + 1) for child in children(current))
    return deepest


def size(node: Node) -> int:
    """Return how many nodes there are; without recursion."""
    count, waiting = 0, [node]
    while waiting:
        count += 1
        waiting.extend(children(waiting.pop()))
    return count


def mentions(name: str, node: Node) -> bool:
    """Say whether this name occurs anywhere in the node."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Name) and current.name == name:
            return True
        waiting.extend(children(current))
    return False


def mentions_input(node: Node) -> bool:
    """Say whether ``?`` occurs anywhere in the node."""
    return mentions("?", node)


def makes_function(node: Node) -> bool:
    """Say whether a function is written anywhere in the node; it may outlive where it was made."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Lambda):
            return True
        waiting.extend(children(current))
    return False
