"""Tokens to the syntax tree, by precedence (V. Pratt, "Top down operator precedence", 1973).

Hand-written rather than generated: FEEL decides by the names in scope where a token ends, and
a refusal has to say in plain words what to write instead. Each text is read once, left to
right, so the time is linear in its length; length and depth are limited.
"""

from collections.abc import Callable

from guantong.feel.errors import FeelSyntax
from guantong.feel.functions import BUILT_IN_NAMES, BUILT_INS
from guantong.feel.lexer import Lexer, Token
from guantong.feel.syntax import (
    AnyTest,
    Arithmetic,
    Between,
    Call,
    CompareTest,
    Comparison,
    Conjunction,
    Constant,
    Disjunction,
    Entries,
    Entry,
    Filter,
    If,
    Interval,
    Items,
    Membership,
    Name,
    Negation,
    Node,
    Path,
    Tests,
    ValueTest,
    depth,
)
from guantong.feel.temporal import read_any

# Ours: no rule of a department is longer or deeper, and both keep a stranger's text harmless.
MAX_LENGTH = 10_000
MAX_NESTING = 100  # brackets within brackets
MAX_DEPTH = 200  # of the tree; a sum of 150 parts is deep without any bracket

OR, AND, COMPARISON, SUM, PRODUCT, POWER, POSTFIX = range(1, 8)
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_INFIX = {
    **dict.fromkeys(COMPARISONS, COMPARISON),
    "or": OR,
    "and": AND,
    "between": COMPARISON,
    "in": COMPARISON,
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    "**": POWER,
    ".": POSTFIX,
    "[": POSTFIX,
}
_LATER = frozenset({"for", "some", "every", "function", "instance"})
_WORDS = {"true": True, "false": False, "null": None}


class Parser:
    """Reads one text; made for one use."""

    def __init__(self, text: str, names: frozenset[str]) -> None:
        if len(text) > MAX_LENGTH:
            raise FeelSyntax("too-long", text=text, at=0, length=len(text), limit=MAX_LENGTH)
        self.text = text
        self.lexer = Lexer(text, names, BUILT_IN_NAMES)
        self.nesting = 0
        self.bracket_closes = False  # at the end of an interval "[" closes it: [1..5[
        self.token = self.lexer.next()

    def whole_expression(self) -> Node:
        """Parse the text as one expression."""
        return self._finish(self.expression())

    def whole_tests(self) -> Node:
        """Parse the text as the unary tests of a decision cell."""
        if self.token.text == "-":
            start = self.token
            self.advance()
            if self.token.kind == "end":
                return AnyTest()
            self._return_to(start)
        return self._finish(self._negated_tests() or Tests(self._tests(self._test), False))

    def expression(self, binding: int = 0) -> Node:
        """Parse an expression whose operators bind more tightly than ``binding``."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self._refuse("too-deep", limit=MAX_NESTING)
        node = self._continue(self._prefix(), binding)
        if self.token.kind == "name":
            # Two words in a row: nearly always one name with a space that nobody declared.
            raise self._refuse("two-names", found=self._found())
        if self.token.kind == "keyword" and self.token.text in _LATER:
            raise self._refuse("not-built", found=self.token.text)
        self.nesting -= 1
        return node

    def _continue(self, node: Node, binding: int) -> Node:
        while True:
            operator = self.token
            power = _INFIX.get(operator.text, 0) if operator.kind in {"operator", "keyword"} else 0
            if power <= binding or (operator.text == "[" and self.bracket_closes):
                return node
            self.advance()
            node = self._infix(node, operator, power)

    def advance(self) -> Token:
        """Return the current token and read the next."""
        token, self.token = self.token, self.lexer.next()
        return token

    def expect(self, text: str) -> None:
        """Step over this word or sign; refuse anything else."""
        if self.token.kind in {"string", "number"} or self.token.text != text:
            raise self._refuse("expected", expected=text, found=self._found())
        self.advance()

    def _is(self, *texts: str) -> bool:
        return self.token.kind in {"operator", "keyword"} and self.token.text in texts

    def _found(self) -> str:
        return self.token.text[:30] or "∎"

    def _refuse(self, problem: str, **facts: object) -> FeelSyntax:
        return FeelSyntax(problem, text=self.text, at=self.token.at, **facts)

    def _finish(self, node: Node) -> Node:
        if self.token.kind != "end":
            raise self._refuse("expected-end", found=self._found())
        if depth(node) > MAX_DEPTH:
            raise FeelSyntax("too-deep", text=self.text, at=0, limit=MAX_DEPTH)
        return node

    def _return_to(self, token: Token) -> None:
        self.lexer.position = token.at
        self.token = self.lexer.next()

    # What an expression can begin with.

    def _prefix(self) -> Node:
        token = self.token
        if token.kind == "end":
            raise self._refuse("empty" if token.at == 0 or not self.text.strip() else "unfinished")
        if token.kind in {"number", "string"}:
            return Constant(self.advance().value)
        if token.kind == "name":
            self.advance()
            return self._call(token) if self._is("(") else Name(token.text)
        if token.kind == "keyword" and token.text in _WORDS:
            self.advance()
            return Constant(_WORDS[token.text])
        begin = self._beginnings().get(token.text)
        if begin is None or token.kind not in {"operator", "keyword"}:
            problem = "not-built" if token.text in _LATER else "operand"
            raise self._refuse(problem, found=self._found())
        self.advance()
        return begin()

    def _beginnings(self) -> dict[str, Callable[[], Node]]:
        return {
            "-": lambda: Negation(self.expression(POWER)),
            "(": self._group,
            "[": self._bracket,
            "]": lambda: self._interval(self._end(), low_closed=False),
            "{": self._context,
            "@": self._at_literal,
            "if": self._if,
        }

    def _inside(self, read: Callable[[], Node]) -> Node:
        """Read something within brackets, where "[" is a filter again."""
        before, self.bracket_closes = self.bracket_closes, False
        node = read()
        self.bracket_closes = before
        return node

    def _group(self) -> Node:
        node = self._inside(self.expression)
        if self._is(".."):
            return self._interval(node, low_closed=False)
        self.expect(")")
        return node

    def _bracket(self) -> Node:
        if self._is("]"):
            self.advance()
            return Items(())
        first = self._inside(self.expression)
        if self._is(".."):
            return self._interval(first, low_closed=True)
        items = [first]
        while self._is(","):
            self.advance()
            items.append(self._inside(self.expression))
        self.expect("]")
        return Items(tuple(items))

    def _end(self) -> Node:
        before, self.bracket_closes = self.bracket_closes, True
        node = self.expression(COMPARISON)
        self.bracket_closes = before
        return node

    def _interval(self, low: Node, *, low_closed: bool) -> Node:
        self.expect("..")
        high = self._end()
        if not self._is("]", ")", "["):
            raise self._refuse("expected", expected="]", found=self._found())
        return Interval(low, high, low_closed, self.advance().text == "]")

    def _context(self) -> Node:
        entries: list[Entry] = []
        while not self._is("}"):
            if entries:
                self.expect(",")
            key = self._key()
            entries.append(Entry(key, self._inside(self.expression)))
            if not self._is(",", "}"):
                raise self._refuse("expected", expected="}", found=self._found())
        self.advance()
        return Entries(tuple(entries))

    def _key(self) -> str:
        if self.token.kind == "string":
            key = str(self.advance().value)
            self.expect(":")
            return key
        key_of = self.lexer.key_at(self.token.at)
        if key_of is None:
            raise self._refuse("key", found=self._found())
        self.lexer.declare(key_of)
        self.token = self.lexer.next()
        return key_of

    def _at_literal(self) -> Node:
        token = self.token
        value = read_any(str(token.value)) if token.kind == "string" else None
        if value is None:
            raise self._refuse("at-literal", found=self._found())
        self.advance()
        return Constant(value)

    def _if(self) -> Node:
        condition = self._inside(self.expression)
        self.expect("then")
        yes = self._inside(self.expression)
        self.expect("else")
        return If(condition, yes, self._inside(self.expression))

    def _call(self, name: Token) -> Node:
        self.advance()
        arguments: list[Node] = []
        while not self._is(")"):
            if arguments:
                self.expect(",")
            key = self.lexer.key_at(self.token.at) if self.token.kind != "string" else None
            if key is not None:
                self.token = self.lexer.next()
            value = self._inside(self.expression)
            arguments.append(value if key is None else Entry(key, value))
            if not self._is(",", ")"):
                raise self._refuse("expected", expected=")", found=self._found())
        if len({isinstance(argument, Entry) for argument in arguments}) > 1:
            raise self._refuse("mixed-arguments", found=name.text)
        self.advance()
        declared = name.text in self.lexer.names or name.text not in BUILT_INS
        return Call(name.text, tuple(arguments), declared)

    # What may follow.

    def _infix(self, left: Node, operator: Token, power: int) -> Node:
        match operator.text:
            case ".":
                if self.token.kind not in {"name", "keyword"}:
                    raise self._refuse("property", found=self._found())
                return Path(left, self.advance().text)
            case "[":
                condition = self._inside(self.expression)
                self.expect("]")
                return Filter(left, condition)
            case "between":
                low = self.expression(COMPARISON)
                self.expect("and")
                return Between(left, low, self.expression(COMPARISON))
            case "in":
                return Membership(left, self._membership())
            case "and":
                return Conjunction(_flat(Conjunction, left, self.expression(AND)))
            case "or":
                return Disjunction(_flat(Disjunction, left, self.expression(OR)))
        right = self.expression(power)
        made = Comparison if operator.text in COMPARISONS else Arithmetic
        return made(operator.text, left, right)

    # Unary tests.

    def _negated_tests(self) -> Node | None:
        start = self.token
        if start.text != "not" or start.kind != "name":
            return None
        self.advance()
        if self._is("("):
            self.advance()
            tests = self._tests(self._test) if not self._is(")") else ()
            if tests and self._is(")"):
                self.advance()
                if self.token.kind == "end":
                    return Tests(tests, True)
        # "not(a) and b" is an expression like any other.
        self._return_to(start)
        return None

    def _tests(self, read: Callable[[], Node]) -> tuple[Node, ...]:
        tests = [read()]
        while self._is(","):
            self.advance()
            tests.append(read())
        return tuple(tests)

    def _test(self) -> Node:
        if self.token.kind == "operator" and self.token.text in COMPARISONS:
            operator = self.advance().text
            return CompareTest(operator, self.expression(COMPARISON))
        return ValueTest(self.expression())

    def _membership(self) -> tuple[Node, ...]:
        if not self._is("("):
            if self.token.kind == "operator" and self.token.text in COMPARISONS:
                return (self._test(),)
            return (ValueTest(self.expression(COMPARISON)),)
        self.advance()
        tests = self._tests(lambda: self._inside(self._test))
        first = tests[0]
        if len(tests) > 1 or not isinstance(first, ValueTest):
            self.expect(")")
            return tests
        # A single value: the bracket began an interval or an expression such as "(a) + b".
        if self._is(".."):
            return (ValueTest(self._interval(first.expression, low_closed=False)),)
        self.expect(")")
        return (ValueTest(self._continue(first.expression, COMPARISON)),)


def _flat(kind: type[Conjunction] | type[Disjunction], left: Node, right: Node) -> tuple[Node, ...]:
    return (*left.parts, right) if isinstance(left, kind) else (left, right)
