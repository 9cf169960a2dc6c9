"""Regular expressions as FEEL has them, in bounded time.

DMN 1.5, section 10.3.4.3 takes over the patterns of "XQuery 1.0 and XPath 2.0 Functions and
Operators", section 7.6.1, which are those of XML Schema (part 2, appendix F) with anchors,
reluctant quantifiers and references to groups. They are read here, sign by sign, and written anew
for the library ``regex``; a pattern that these do not allow has no translation, whatever the
library would make of it. The library stops after a time, which Python's own ``re`` cannot.
"""

import functools
import re

import regex

from guantong.feel.work import exhaust, seconds_left

# Ours: longer ones, or larger numbers of repetitions, cost memory before they are ever tried.
MOST_PATTERN = 1_000
MOST_WEIGHT = 10_000
_FLAGS = frozenset("smix")
_SPACE = "\t\n\r "
_QUANTIFIER = re.compile(r"(?:[?*+]|\{([0-9]{1,6})(,([0-9]{1,6})?)?\})\??")
_CATEGORY = re.compile(r"\{(L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfon]?)\}")
_BLOCK = re.compile(r"\{Is([A-Za-z0-9-]{1,60})\}")
_PLAIN_ESCAPES = {"n": r"\n", "r": r"\r", "t": r"\t"}
_SELF_ESCAPES = frozenset("\\|.?*+(){}-[]^$")
# XML 1.0 (fifth edition), productions 4 and 4a: name start characters and name characters.
_NAME_START = (
    r":A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    r"\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = _NAME_START + r"\-.0-9\u00b7\u0300-\u036f\u203f-\u2040"
_CLASSES = {
    "s": r"[\ \t\n\r]",
    "S": r"[^\ \t\n\r]",
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "w": r"[^\p{P}\p{Z}\p{C}]",
    "W": r"[\p{P}\p{Z}\p{C}]",
    "i": f"[{_NAME_START}]",
    "I": f"[^{_NAME_START}]",
    "c": f"[{_NAME}]",
    "C": f"[^{_NAME}]",
}


class _NoPattern(ValueError):
    """What was read is no regular expression of the standard."""


@functools.lru_cache(maxsize=256)
def pattern_of(pattern: str, flags: str) -> "regex.Pattern[str] | None":
    """Return the pattern ready to be tried; nothing where the standard does not allow it."""
    if len(pattern) > MOST_PATTERN:
        exhaust()
    if not set(flags) <= _FLAGS:
        return None
    try:
        translated = _Translation(pattern, frozenset(flags)).whole()
        options = regex.VERSION1 | (regex.IGNORECASE if "i" in flags else 0)
        return regex.compile(translated, options)
    except (_NoPattern, regex.error, OverflowError, RecursionError):
        return None


def found_in(pattern: "regex.Pattern[str]", text: str) -> bool:
    """Say whether the pattern occurs in the text."""
    try:
        return pattern.search(text, timeout=seconds_left()) is not None
    except TimeoutError:
        exhaust()


class _Translation:
    def __init__(self, pattern: str, flags: frozenset[str]) -> None:
        self.pattern = pattern
        self.at = 0
        self.flags = flags
        self.opened = 0
        self.closed: set[int] = set()
        self.weight = 0

    def whole(self) -> str:
        made = self._branches()
        if self.at < len(self.pattern):
            raise _NoPattern  # a bracket that closes nothing
        return made

    def _look(self) -> str:
        if "x" in self.flags:
            while self.pattern[self.at : self.at + 1] in set(_SPACE):
                self.at += 1
        return self.pattern[self.at : self.at + 1]

    def _next(self) -> str:
        sign = self._look()
        if not sign:
            raise _NoPattern
        self.at += 1
        return sign

    def _branches(self) -> str:
        made = [self._branch()]
        while self._look() == "|":
            self.at += 1
            made.append(self._branch())
        return "|".join(made)

    def _branch(self) -> str:
        parts: list[str] = []
        while (sign := self._look()) and sign not in "|)":
            before = self.weight
            self.weight += 1
            atom = self._atom()
            parts.append(atom + self._quantifier(atom, before))
        return "".join(parts)

    def _quantifier(self, atom: str, before: int) -> str:
        self._look()
        rest = (
            self.pattern[self.at :] if "x" not in self.flags else _unspaced(self.pattern[self.at :])
        )
        found = _QUANTIFIER.match(rest)
        if found is None:
            return ""
        if atom in _ANCHORS:
            raise _NoPattern
        least, most = int(found[1] or 0), int(found[3] or 0)
        if found[3] and most < least:
            raise _NoPattern
        # The library writes out what is repeated: (a{99}){99} is a pattern of 9801 signs.
        self.weight = before + (self.weight - before) * max(least, most, 1)
        if self.weight > MOST_WEIGHT:
            exhaust()
        for _ in found[0]:
            self._next()
        return found[0]

    def _atom(self) -> str:
        sign = self._next()
        match sign:
            case "(":
                return self._group()
            case "[":
                return self._class()
            case "\\":
                return self._escape()
            case ".":
                return r"[\s\S]" if "s" in self.flags else r"[^\n\r]"
            case "^":
                return _LINE_START if "m" in self.flags else _START
            case "$":
                return _LINE_END if "m" in self.flags else _END
        if sign in "?*+{}]":
            raise _NoPattern
        return _literal(sign)

    def _group(self) -> str:
        if self._look() == "?":
            self.at += 1
            if self._next() != ":":
                raise _NoPattern
            opening, number = "(?:", 0
        else:
            self.opened += 1
            opening, number = "(", self.opened
        inside = self._branches()
        if self._next() != ")":
            raise _NoPattern
        self.closed.add(number)
        return f"{opening}{inside})"

    def _escape(self) -> str:
        sign = self._next()
        if sign in "123456789":
            return self._reference(sign)
        return self._shared_escape(sign)

    def _reference(self, digits: str) -> str:
        # "\12" is the twelfth group where there are so many, else the first and a "2".
        while (sign := self._look()) in set("0123456789") and int(digits + sign) <= self.opened:
            digits += self._next()
        if int(digits) not in self.closed:
            raise _NoPattern
        return f"(?:\\{digits})"

    def _shared_escape(self, sign: str) -> str:
        if sign in _PLAIN_ESCAPES:
            return _PLAIN_ESCAPES[sign]
        if sign in _SELF_ESCAPES:
            return "\\" + sign
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign in "pP":
            return self._property(sign)
        raise _NoPattern

    def _property(self, sign: str) -> str:
        end = self.pattern.find("}", self.at)
        text = self.pattern[self.at : end + 1]
        text = _unspaced(text) if "x" in self.flags else text
        self.at = end + 1
        if end >= 0 and _CATEGORY.fullmatch(text):
            return f"\\{sign}{text}"
        block = _BLOCK.fullmatch(text) if end >= 0 else None
        if block is None:
            raise _NoPattern
        return f"\\{sign}{{In{block[1]}}}"

    def _class(self) -> str:
        """Read the inside of brackets; white space counts here even where ``x`` drops it."""
        negative = self.pattern[self.at : self.at + 1] == "^"
        self.at += negative
        parts: list[str] = []
        minus = ""
        while True:
            sign = self._in_class()
            if sign == "]" and parts:
                break
            if sign == "-" and parts and self.pattern[self.at : self.at + 1] == "[":
                self.at += 1
                minus = "--" + self._class()
                if self._in_class() != "]":
                    raise _NoPattern
                break
            parts.append(self._range(sign))
        inside = ("^" if negative else "") + "".join(parts)
        return f"[[{inside}]{minus}]" if minus else f"[{inside}]"

    def _in_class(self) -> str:
        sign = self.pattern[self.at : self.at + 1]
        if not sign:
            raise _NoPattern
        self.at += 1
        return sign

    def _range(self, sign: str) -> str:
        low = self._member(sign)
        rest = self.pattern[self.at : self.at + 2]
        if rest[:1] != "-" or rest in {"-]", "-["} or len(rest) < 2:
            return low
        self.at += 1
        high = self._member(self._in_class())
        if not (_single(low) and _single(high)):
            raise _NoPattern
        return f"{low}-{high}"

    def _member(self, sign: str) -> str:
        if sign in "[]":
            raise _NoPattern
        return self._shared_escape(self._in_class()) if sign == "\\" else _literal(sign)


_START, _END = r"(?:\A)", r"(?:\Z)"
# A line break at the very end begins no line (Functions and Operators, section 7.6.1, flag m).
_LINE_START, _LINE_END = r"(?:\A|(?<=\n)(?!\Z))", r"(?:\Z|(?=\n))"
_ANCHORS = frozenset({_START, _END, _LINE_START, _LINE_END})


def _literal(sign: str) -> str:
    return sign if sign.isalnum() else f"\\U{ord(sign):08x}"


def _single(member: str) -> bool:
    # One character: itself, or an escape of one; not a class such as \d.
    return not member.startswith(("[", r"\p", r"\P"))


def _unspaced(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, _SPACE)))
