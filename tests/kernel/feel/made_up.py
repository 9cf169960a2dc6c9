"""Expressions, cells, tables and records made up at random, with what is awkward on purpose."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from guantong.feel.shapes import BOOLEAN, STRING, Shape, number

NUMBERS = (
    "0", "0.0", "0.1", "0.2", "0.3", "1", "2", "3", "5", "7.5", "10", "44", "44.00", "-1", "-0.1",
    "100", "99.99", "1000000", "9999999999999999999999999999999999",
    "0.3333333333333333333333333333333333", "1e20", "1e-20", "1e6000", "1e-6000",
    "9.999999999999999999999999999999999e6144", "1e-6143", "1e-6176",
)  # fmt: skip
TEXTS = (
    "",
    "a",
    "A",
    "ab",
    "b",
    "N",
    "S",
    "台州",
    "温岭",
    "é",
    "e\u0301",
    "\U0001f30a",
    "Z",
    "z",
    "a b",
)
DATES = ("2026-01-31", "2024-02-29", "2026-06-20", "2026-06-21", "0001-01-01", "9999-12-31")
DURATIONS = ("P1D", "-P1D", "P30D", "PT36H", "-PT1S", "P1M", "-P1M", "P1Y2M", "P0D", "PT0.5S")
AWKWARD: tuple[Any, ...] = (
    Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity"), Decimal("-0"),
    Decimal("44.000000000000000000000000000000000000001"), Decimal("0.1"), 0.1, 0.1 + 0.2, 44, -0.0,
    float("nan"), float("inf"), 10**40, Decimal("1e7000"), Decimal("1e-7000"), True, "44", None,
)  # fmt: skip
NUMBER_NAMES, TEXT_NAMES, TRUTH_NAMES = ("a", "b"), ("s", "t"), ("p", "q")
DATE_NAMES, DURATION_NAMES = ("d", "e"), ("u",)
# What the columns are where they are typed: the first two numbers as a contract would declare them.
TYPES: dict[str, Shape] = {
    "a": number(10, 2), "b": number(6), "s": STRING, "t": STRING, "p": BOOLEAN, "q": BOOLEAN,
    "d": Shape("date"), "e": Shape("date"),
}  # fmt: skip


class MadeUp:
    """Everything from one seed, the same on every machine."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def any_expression(self, depth: int = 3) -> str:
        """Return an expression of any kind, its parts now and then of the wrong one."""
        kinds = [self.number, self.text, self.truth, self.truth, self.day]
        return self.random.choice(kinds)(depth)

    def number(self, depth: int) -> str:
        pick = self.random.random()
        if depth <= 0 or pick < 0.3:
            return self._one_of(NUMBERS, NUMBER_NAMES)
        if pick < 0.37:
            return self.any_expression(depth - 1)
        if pick < 0.45:
            return self.choice(self.number, depth)
        if pick < 0.5:
            return f"string length({self.text(depth - 1)})"
        if pick < 0.55:
            return f"-({self.number(depth - 1)})"
        sign = self.random.choice("+-*/")
        return f"({self.number(depth - 1)}) {sign} ({self.number(depth - 1)})"

    def text(self, depth: int) -> str:
        pick = self.random.random()
        if depth <= 0 or pick < 0.6:
            return self._one_of([f'"{text}"' for text in TEXTS], TEXT_NAMES)
        if pick < 0.65:
            return self.any_expression(depth - 1)
        if pick < 0.8:
            return self.choice(self.text, depth)
        return f"{self.text(depth - 1)} + {self.text(depth - 1)}"

    def choice(self, kind: Any, depth: int) -> str:
        condition = self.truth(depth - 1)
        return f"if {condition} then {kind(depth - 1)} else {kind(depth - 1)}"

    def day(self, depth: int) -> str:
        pick = self.random.random()
        if depth <= 0 or pick < 0.5:
            return self._one_of([f'@"{day}"' for day in DATES], DATE_NAMES)
        if pick < 0.6:
            return f"({self.day(depth - 1)}) - ({self.day(depth - 1)})"
        sign = self.random.choice("+-")
        return f"({self.day(depth - 1)}) {sign} ({self.duration(depth - 1)})"

    def duration(self, depth: int) -> str:
        one = self._one_of([f'@"{each}"' for each in DURATIONS], DURATION_NAMES)
        return f"{one} + {self.duration(depth - 1)}" if self.random.random() < 0.2 else one

    def truth(self, depth: int) -> str:
        pick = self.random.random()
        if depth <= 0 or pick < 0.1:
            return self._one_of(("true", "false", "null"), TRUTH_NAMES)
        if pick < 0.14:
            return f"not({self.truth(depth - 1)})"
        if pick < 0.34:
            word = self.random.choice(("and", "or"))
            return f"({self.truth(depth - 1)}) {word} ({self.truth(depth - 1)})"
        if pick < 0.38:
            return f"contains({self.text(depth - 1)}, {self.text(0)})"
        kind = self.random.choice((self.number, self.number, self.text, self.day))
        left = kind(depth - 1)
        if pick < 0.5:
            return f"({left}) between {kind(0)} and {kind(0)}"
        if pick < 0.65:
            tests = [self.test(kind) for _ in range(self.random.randint(1, 3))]
            return f"({left}) in ({', '.join(tests)})"
        other = kind if self.random.random() < 0.93 else self.any_expression
        sign = self.random.choice(("=", "!=", "<", "<=", ">", ">="))
        return f"({left}) {sign} ({other(depth - 1)})"

    def test(self, kind: Any) -> str:
        """Return one test of a value of a kind."""
        pick = self.random.random()
        if pick < 0.4:
            return f"{self.random.choice(('<', '<=', '>', '>='))} {kind(0)}"
        if pick < 0.7:
            low, high = self.random.choice("[("), self.random.choice("])")
            return f"{low}{kind(0)}..{kind(0)}{high}"
        if pick < 0.75:
            return f"[{kind(0)}, {kind(0)}]"
        return str(kind(0))

    def record(self, typed: bool) -> dict[str, Any]:
        """Return values for the names; typed ones are what a column of that type can hold."""
        pick, made = self.random, {}
        for name in NUMBER_NAMES:
            places = TYPES[name].places or 0
            whole = pick.choice(
                (pick.randint(-3, 12), pick.randint(0, 120), pick.randint(-(10**5), 10**5))
            )
            made[name] = Decimal(whole) + (Decimal(pick.randint(0, 99)).scaleb(-2) if places else 0)
        made |= {name: pick.choice(TEXTS) for name in TEXT_NAMES}
        made |= {name: pick.random() < 0.5 for name in TRUTH_NAMES}
        made |= {name: date.fromisoformat(pick.choice(DATES)) for name in DATE_NAMES}
        made["u"] = timedelta(hours=pick.randint(-50, 50))
        for name in made:
            if pick.random() < 0.08:
                made[name] = None
            elif not typed and pick.random() < 0.15:
                made[name] = pick.choice((*AWKWARD, *(Decimal(each) for each in NUMBERS)))
        return made

    def cell(self, name: str) -> str:
        """Return a cell for a column; now and then one that reads another name."""
        pick, pick_one = self.random.random(), self.random.choice
        kinds = {"a": self.number, "b": self.number, "s": self.text, "t": self.text, "d": self.day}
        if pick < 0.25:
            return "-"
        if name == "p":
            return pick_one(("true", "false", "not(true)", "null", "? = false", "true", "q"))
        kind = kinds[name]
        if pick < 0.32:
            return f"not({self._closed(kind)})"
        if pick < 0.36:
            return f"? {pick_one(('<', '>='))} 5 or ? = {kind(0)}"
        if pick < 0.37:
            return f"? + {kind(0)} > {kind(0)}"
        if pick < 0.5:
            return f"{self._closed(kind)}, {self._closed(kind)}"
        return self.test(kind) if pick < 0.52 else self._closed(kind)

    def _closed(self, kind: Any) -> str:
        # Nearly all cells of real tables speak of constants only.
        while True:
            made = self.test(kind)
            if not any(name in made.split() or f"{name}." in made for name in "abstde"):
                return str(made)

    def table(self, names: Sequence[str], rules: int, policy: str) -> bytes:
        """Return a file with one table over these names."""
        head = "".join(
            f'<input id="i{n}" label="{n}">'
            f"<inputExpression><text>{n}</text></inputExpression></input>"
            for n in names
        )
        rows = "".join(
            "<rule>"
            + "".join(
                f"<inputEntry><text>{escape(self.cell(n))}</text></inputEntry>" for n in names
            )
            + f'<outputEntry><text>"o{row}"</text></outputEntry></rule>'
            for row in range(1, rules + 1)
        )
        default = '<defaultOutputEntry><text>"none"</text></defaultOutputEntry>'
        output = f'<output name="o">{default if self.random.random() < 0.5 else ""}</output>'
        return (
            '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="f" name="f"'
            ' namespace="x"><decision id="t" name="t">'
            f'<decisionTable hitPolicy="{policy}">{head}{output}{rows}</decisionTable>'
            "</decision></definitions>"
        ).encode()

    def _one_of(self, constants: Sequence[str], names: Sequence[str]) -> str:
        return self.random.choice(constants if self.random.random() < 0.55 else names)
