"""Text to tokens, one at a time, because in FEEL the names in scope decide where a name ends.

``Monthly Salary`` is one name when it is declared and a mistake when it is not. The parser
therefore asks for each token when it needs it and may declare names (the keys of a context)
on the way. The longest declared name wins.
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from guantong.feel.errors import FeelSyntax
from guantong.feel.text_literal import unescape
from guantong.feel.value import DECIMAL, finite

KEYWORDS = frozenset(
    {"true", "false", "null", "and", "or", "if", "then", "else", "between", "in"}
    | {"instance", "of", "for", "return", "some", "every", "satisfies", "function"}
)
# "Name start char" and "name part char" of the grammar of FEEL (DMN 1.5, section 10.3.1.2),
# less "?" (always the value under test)
# and less full-width and CJK punctuation: "，" inside a rule is a slip of the keyboard, not a name.
_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3005-\u3007\u3021-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff10-\uff19\uff21-\uff3a"
    "\uff41-\uff5a\uff66-\ufffd\U00010000-\U000effff"
)
_PART = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_NAME = re.compile(f"[{_START}][{_PART}]*")
_PLAIN_NAME = re.compile(f"[{_START}][{_PART}]*\\Z")
_WORDS = re.compile(f"[{_START}][{_PART}]*(?: [{_PART}]+)*\\Z")
_SPACE = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_STRING = re.compile(r'"((?:[^"\\\n\r]|\\.)*)"')
_OPERATOR = re.compile(r"\*\*|\.\.|<=|>=|!=|[-+*/()\[\]{},:.<>=@?]")
# A new name may hold a few spaces between its words; the bounds keep the search linear.
_NEW_NAME = f"([{_START}](?:\\s{{0,3}}[{_PART}.+*/'-]){{0,200}}"
_KEY = re.compile(_NEW_NAME + r")\s*:")
_ITERATED = re.compile(f"{_NEW_NAME}?)\\s+(?=in(?![{_PART}]))")
_PARAMETER = re.compile(_NEW_NAME + r"?)\s*(?=[,:)])")
_BUILT_IN_TYPE = re.compile(
    r"(?:date\s+and\s+time|days\s+and\s+time\s+duration|years\s+and\s+months\s+duration)"
    f"(?![{_PART}])"
)
_TYPE = re.compile(f"[{_START}][{_PART}]*(?:\\.[{_START}][{_PART}]*)*")
_PROPERTY = re.compile(r"(?:time offset|start included|end included)\b")
_FULL_WIDTH = {
    "，": ",", "：": ":", "（": "(", "）": ")", "“": '"', "”": '"', "＜": "<", "＞": ">",
    "＝": "=", "、": ",", "．": ".", "－": "-", "＋": "+", "【": "[", "】": "]",
    "≥": ">=", "≤": "<=", "≠": "!=",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One word of an expression and where it begins."""

    kind: str  # number, string, name, keyword, operator, end
    text: str
    at: int
    value: Decimal | str | None = None


@functools.lru_cache(maxsize=256)
def pattern_of(names: frozenset[str], suffix: str = "") -> re.Pattern[str] | None:
    """Return what recognises those names that a plain name would cut short, longest first."""
    split = [
        " ".join(name.split()) for name in names if not _PLAIN_NAME.match(name) and name.strip()
    ]
    if not split:
        return None
    longest_first = sorted(split, key=lambda name: (-len(name), name))
    choices = "|".join(r"\s+".join(map(re.escape, name.split())) for name in longest_first)
    return re.compile(f"(?:{choices})(?![{_PART}]){suffix}")


class Lexer:
    """Reads one text from left to right."""

    def __init__(self, text: str, names: Iterable[str], functions: frozenset[str]) -> None:
        self.text = text
        self.names = frozenset(names)
        self._declared = pattern_of(self.names)
        self._functions = pattern_of(functions, r"(?=\s*\()")
        self.position = 0
        self._after_dot = False

    def declare(self, name: str) -> None:
        """Make a name known from here on."""
        if name not in self.names:
            self.names |= {name}
            self._declared = pattern_of(self.names)

    def is_words(self, key: str) -> bool:
        """Say whether a key in quotation marks can also be written as a name, without a sign."""
        return key not in KEYWORDS and _WORDS.match(key) is not None

    def next(self) -> Token:
        """Return the next token and move behind it."""
        token = self._read()
        self._after_dot = token.kind == "operator" and token.text == "."
        return token

    def key_at(self, at: int) -> str | None:
        """Read ``name:`` at this place and move behind the colon; None where there is none."""
        found = _KEY.match(self.text, at)
        if found is None:
            return None
        self.position = found.end()
        return " ".join(found[1].split())

    def new_name_at(self, at: int, *, before_in: bool) -> str | None:
        """Read the name of a loop (``before_in``) or of a parameter, and make it known."""
        found = (_ITERATED if before_in else _PARAMETER).match(self.text, at)
        if found is None:
            return None
        self.position = found.end()
        name = " ".join(found[1].split())
        self.declare(name)
        return name

    def type_at(self, at: int, declared: frozenset[str]) -> str | None:
        """Read the name of a type; those declared may hold spaces and points."""
        patterns = (_BUILT_IN_TYPE, pattern_of(declared), _TYPE)
        found = [match for each in patterns if each and (match := each.match(self.text, at))]
        if not found:
            return None
        longest = max(found, key=lambda match: match.end())
        self.position = longest.end()
        return " ".join(longest[0].split())

    def _read(self) -> Token:
        if space := _SPACE.match(self.text, self.position):
            self.position = space.end()
        at = self.position
        if at >= len(self.text):
            return Token("end", "", at)
        if found := _NUMBER.match(self.text, at):
            return self._number(found)
        if self.text[at] == '"':
            return self._string(at)
        if name := self._name(at):
            return name
        if found := _OPERATOR.match(self.text, at):
            self.position = found.end()
            return Token("name" if found[0] == "?" else "operator", found[0], at)
        character = self.text[at]
        if character in _FULL_WIDTH:
            raise FeelSyntax(
                "full-width", text=self.text, at=at, found=character, instead=_FULL_WIDTH[character]
            )
        raise FeelSyntax("character", text=self.text, at=at, found=character)

    def _number(self, found: re.Match[str]) -> Token:
        number = finite(DECIMAL.create_decimal(found[0]))
        if number is None:
            raise FeelSyntax("number", text=self.text, at=found.start(), found=found[0][:30])
        self.position = found.end()
        return Token("number", found[0], found.start(), number)

    def _string(self, at: int) -> Token:
        found = _STRING.match(self.text, at)
        if found is None:
            raise FeelSyntax("string-open", text=self.text, at=at)
        self.position = found.end()
        return Token("string", found[0], at, unescape(found[1]))

    def _name(self, at: int) -> Token | None:
        patterns = [self._declared, self._functions, _PROPERTY if self._after_dot else None]
        whole = [
            found for pattern in patterns if pattern and (found := pattern.match(self.text, at))
        ]
        if whole:
            longest = max(whole, key=lambda found: found.end())
            self.position = longest.end()
            return Token("name", " ".join(longest[0].split()), at)
        found = _NAME.match(self.text, at)
        if found is None:
            return None
        self.position = found.end()
        return Token("keyword" if found[0] in KEYWORDS else "name", found[0], at)
