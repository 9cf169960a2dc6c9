"""Tokens to the syntax tree, by precedence (V. Pratt, "Top down operator precedence", 1973).

Hand-written rather than generated: FEEL decides by the names in scope where a token ends, and
a refusal has to say in plain words what to write instead. Each text is read once, left to
right, so the time is linear in its length; length and depth are limited.
"""

from collections.abc import Callable, Mapping

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
    For,
    If,
    InstanceOf,
    Interval,
    Invocation,
    Items,
    Iteration,
    Lambda,
    Membership,
    Name,
    Negation,
    Node,
    OpenInterval,
    Parameter,
    Path,
    Quantified,
    Tests,
    Type,
    ValueTest,
    depth,
)
from guantong.feel.temporal import read_any
from guantong.feel.type_parser import read_type

# Ours: no rule of a department is longer or deeper, and both keep a stranger's text harmless.
MAX_LENGTH = 10_000
MAX_NESTING = 100  # brackets within brackets
MAX_DEPTH = 200  # of the tree; a sum of 150 parts is deep without any bracket

OR, AND, COMPARISON, SUM, PRODUCT, POWER, INSTANCE, POSTFIX = range(1, 9)
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_INFIX = {
    **dict.fromkeys(COMPARISONS, COMPARISON),
    "or": OR,
    "and": AND,
    "between": COMPARISON,
    "in": COMPARISON,
    "instance": INSTANCE,
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    "**": POWER,
    ".": POSTFIX,
    "[": POSTFIX,
    "(": POSTFIX,
}
# What can be a function worked out on the way; behind anything else a bracket is a slip.
_CALLABLE = (Call, Filter, If, Invocation, Lambda, Name, Path)
_NO_TYPES: Mapping[str, Type] = {}
_WORDS = {"true": True, "false": False, "null": None}


class Parser:
    """Reads one text; made for one use."""

    def __init__(
        self, text: str, names: frozenset[str], types: Mapping[str, Type] = _NO_TYPES
    ) -> None:
        if len(text) > MAX_LENGTH:
            raise FeelSyntax("too-long", text=text, at=0, length=len(text), limit=MAX_LENGTH)
        self.text = text
        self.types = types
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

    def whole_type(self) -> Type:
        """Parse the text as a type, such as ``list<number>``."""
        made = read_type(self)
        if self.token.kind != "end":
            raise self.refuse("expected-end", found=self.found())
        return made

    def expression(self, binding: int = 0) -> Node:
        """Parse an expression whose operators bind more tightly than ``binding``."""
        self.nest()
        node = self._continue(self._prefix(), binding)
        if self.token.kind == "name":
            # Two words in a row: nearly always one name with a space that nobody declared.
            raise self.refuse("two-names", found=self.found())
        self.nesting -= 1
        return node

    def nest(self) -> None:
        """Go one level down, or refuse to."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.refuse("too-deep", limit=MAX_NESTING)

    def _continue(self, node: Node, binding: int) -> Node:
        while True:
            operator = self.token
            power = _INFIX.get(operator.text, 0) if operator.kind in {"operator", "keyword"} else 0
            if power <= binding or (operator.text == "[" and self.bracket_closes):
                return node
            if operator.text == "(" and not isinstance(node, _CALLABLE):
                return node
            if operator.text == "(":
                node = Invocation(node, self._arguments("("))
                continue
            self.advance()
            node = self._infix(node, operator, power)

    def advance(self) -> Token:
        """Return the current token and read the next."""
        token, self.token = self.token, self.lexer.next()
        return token

    def expect(self, text: str) -> None:
        """Step over this word or sign; refuse anything else."""
        if self.token.kind in {"string", "number"} or self.token.text != text:
            raise self.refuse("expected", expected=text, found=self.found())
        self.advance()

    def at(self, *texts: str) -> bool:
        """Say whether the current token is one of these words or signs."""
        return self.token.kind in {"operator", "keyword"} and self.token.text in texts

    def found(self) -> str:
        """Return what stands here, for a refusal."""
        return self.token.text[:30] or "∎"

    def refuse(self, problem: str, **facts: object) -> FeelSyntax:
        """Return the refusal of what stands here."""
        return FeelSyntax(problem, text=self.text, at=self.token.at, **facts)

    def _finish(self, node: Node) -> Node:
        if self.token.kind != "end":
            raise self.refuse("expected-end", found=self.found())
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
            raise self.refuse("empty" if token.at == 0 or not self.text.strip() else "unfinished")
        if token.kind in {"number", "string"}:
            return Constant(self.advance().value)
        if token.kind == "name":
            self.advance()
            return self._call(token) if self.at("(") else Name(token.text)
        if token.kind == "keyword" and token.text in _WORDS:
            self.advance()
            return Constant(_WORDS[token.text])
        begin = self._beginnings().get(token.text)
        if begin is None or token.kind not in {"operator", "keyword"}:
            raise self.refuse("operand", found=self.found())
        self.advance()
        return begin()

    def _beginnings(self) -> dict[str, Callable[[], Node]]:
        return {
            "-": lambda: Negation(self.expression(INSTANCE)),
            "(": self._group,
            "[": self._bracket,
            "]": lambda: self._interval(self._end(), low_closed=False),
            "{": self._context,
            "@": self._at_literal,
            "if": self._if,
            "for": self._for,
            "some": lambda: self._quantified(all_of=False),
            "every": lambda: self._quantified(all_of=True),
            "function": self._lambda,
        }

    def _inside(self, read: Callable[[], Node]) -> Node:
        """Read something within brackets, where "[" is a filter again."""
        before, self.bracket_closes = self.bracket_closes, False
        node = read()
        self.bracket_closes = before
        return node

    def _group(self) -> Node:
        if self.token.kind == "operator" and self.token.text in COMPARISONS:
            # A range with one end, as a value (DMN 1.5, section 10.3.1.2, rule 66).
            operator = self.advance().text
            operand = self._inside(lambda: self.expression(COMPARISON))
            self.expect(")")
            return OpenInterval(operator, operand)
        node = self._inside(self.expression)
        if self.at(".."):
            return self._interval(node, low_closed=False)
        self.expect(")")
        return node

    def _bracket(self) -> Node:
        if self.at("]"):
            self.advance()
            return Items(())
        first = self._inside(self.expression)
        if self.at(".."):
            return self._interval(first, low_closed=True)
        items = [first]
        while self.at(","):
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
        if not self.at("]", ")", "["):
            raise self.refuse("expected", expected="]", found=self.found())
        return Interval(low, high, low_closed, self.advance().text == "]")

    def _context(self) -> Node:
        entries: list[Entry] = []
        while not self.at("}"):
            if entries:
                self.expect(",")
            key = self._key()
            entries.append(Entry(key, self._inside(self.expression)))
            if not self.at(",", "}"):
                raise self.refuse("expected", expected="}", found=self.found())
        self.advance()
        return Entries(tuple(entries))

    def _key(self) -> str:
        if self.token.kind == "string":
            key = str(self.advance().value)
            if self.lexer.is_words(key):
                self.lexer.declare(key)
            self.expect(":")
            return key
        key_of = self.lexer.key_at(self.token.at)
        if key_of is None:
            raise self.refuse("key", found=self.found())
        self.lexer.declare(key_of)
        self.token = self.lexer.next()
        return key_of

    def _at_literal(self) -> Node:
        token = self.token
        value = read_any(str(token.value)) if token.kind == "string" else None
        if value is None:
            raise self.refuse("at-literal", found=self.found())
        self.advance()
        return Constant(value)

    def _if(self) -> Node:
        condition = self._inside(self.expression)
        self.expect("then")
        yes = self._inside(self.expression)
        self.expect("else")
        return If(condition, yes, self._inside(self.expression))

    def _for(self) -> Node:
        self.lexer.declare("partial")
        iterations = self._iterations()
        self.expect("return")
        return For(iterations, self._inside(self.expression))

    def _quantified(self, *, all_of: bool) -> Node:
        iterations = self._iterations()
        self.expect("satisfies")
        return Quantified(all_of, iterations, self._inside(self.expression))

    def _iterations(self) -> tuple[Iteration, ...]:
        iterations = [self._iteration()]
        while self.at(","):
            self.advance()
            iterations.append(self._iteration())
        return tuple(iterations)

    def _iteration(self) -> Iteration:
        name = self._new_name(before_in=True)
        self.expect("in")
        source = self._inside(self.expression)
        end = None
        if self.at(".."):
            self.advance()
            end = self._inside(self.expression)
        return Iteration(name, source, end)

    def _new_name(self, *, before_in: bool) -> str:
        known = self.token.kind in {"name", "keyword"}
        name = self.lexer.new_name_at(self.token.at, before_in=before_in) if known else None
        if name is None:
            raise self.refuse("iterator" if before_in else "parameter", found=self.found())
        self.token = self.lexer.next()
        return name

    def _lambda(self) -> Node:
        self.expect("(")
        parameters: list[Parameter] = []
        while not self.at(")"):
            if parameters:
                self.expect(",")
            name = self._new_name(before_in=False)
            kind = None
            if self.at(":"):
                self.advance()
                kind = read_type(self)
            parameters.append(Parameter(name, kind))
            if not self.at(",", ")"):
                raise self.refuse("expected", expected=")", found=self.found())
        self.advance()
        if self.token.kind == "name" and self.token.text == "external":
            raise self.refuse("external")
        return Lambda(tuple(parameters), self._inside(self.expression))

    def _call(self, name: Token) -> Node:
        arguments = self._arguments(name.text)
        declared = name.text in self.lexer.names or name.text not in BUILT_INS
        return Call(name.text, arguments, declared)

    def _arguments(self, function: str) -> tuple[Node, ...]:
        self.advance()
        arguments: list[Node] = []
        while not self.at(")"):
            if arguments:
                self.expect(",")
            key = self.lexer.key_at(self.token.at) if self.token.kind != "string" else None
            if key is not None:
                self.token = self.lexer.next()
            value = self._inside(self.expression)
            arguments.append(value if key is None else Entry(key, value))
            if not self.at(",", ")"):
                raise self.refuse("expected", expected=")", found=self.found())
        if len({isinstance(argument, Entry) for argument in arguments}) > 1:
            raise self.refuse("mixed-arguments", found=function)
        self.advance()
        return tuple(arguments)

    # What may follow.

    def _infix(self, left: Node, operator: Token, power: int) -> Node:
        match operator.text:
            case ".":
                if self.token.kind not in {"name", "keyword"}:
                    raise self.refuse("property", found=self.found())
                return Path(left, self.advance().text)
            case "[":
                condition = self._inside(self.expression)
                self.expect("]")
                return Filter(left, condition)
            case "instance":
                self.expect("of")
                return InstanceOf(left, read_type(self))
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
        if self.at("("):
            self.advance()
            tests = self._tests(self._test) if not self.at(")") else ()
            if tests and self.at(")"):
                self.advance()
                if self.token.kind == "end":
                    return Tests(tests, True)
        # "not(a) and b" is an expression like any other.
        self._return_to(start)
        return None

    def _tests(self, read: Callable[[], Node]) -> tuple[Node, ...]:
        tests = [read()]
        while self.at(","):
            self.advance()
            tests.append(read())
        return tuple(tests)

    def _test(self) -> Node:
        if self.token.kind == "operator" and self.token.text in COMPARISONS:
            operator = self.advance().text
            return CompareTest(operator, self.expression(COMPARISON))
        return ValueTest(self.expression())

    def _membership(self) -> tuple[Node, ...]:
        if not self.at("("):
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
        if self.at(".."):
            return (ValueTest(self._interval(first.expression, low_closed=False)),)
        self.expect(")")
        return (ValueTest(self._continue(first.expression, COMPARISON)),)


def _flat(kind: type[Conjunction] | type[Disjunction], left: Node, right: Node) -> tuple[Node, ...]:
    return (*left.parts, right) if isinstance(left, kind) else (left, right)
