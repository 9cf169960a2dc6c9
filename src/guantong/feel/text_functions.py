"""Built-in functions of strings and conversions (DMN 1.5, sections 10.3.4.1 and 10.3.4.3).

Those that take a pattern stand in ``pattern_functions``.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from guantong.feel import temporal
from guantong.feel.built_in import Table
from guantong.feel.value import DECIMAL, Months, Range, Value, finite
from guantong.feel.work import spend, spend_on_text

table = Table()
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?\Z")
# A key that needs no quotation marks: words, and the signs a name may hold.
_PLAIN_KEY = re.compile(r"[^\W\d][\w.+*/'-]*(?: [\w.+*/'-]+)*\Z")
_SEPARATORS = {" ", ",", ".", None}


def text_of(value: Value, *, inside: bool = False) -> str:
    """Return a value as text; a string within a list or context keeps its quotation marks."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case str():
            spend_on_text(len(value))
            return _quoted(value) if inside else value
        case list():
            spend(len(value))
            return _whole("[" + ", ".join(text_of(item, inside=True) for item in value) + "]")
        case dict():
            spend(len(value))
            parts = (
                f"{key if _PLAIN_KEY.match(key) else _quoted(key)}: {text_of(entry, inside=True)}"
                for key, entry in value.items()
            )
            return _whole("{" + ", ".join(parts) + "}")
        case Range() if value.operator:
            end = value.high if value.operator in {"<", "<="} else value.low
            return f"({value.operator} {text_of(end, inside=True)})"
        case Range():
            left = "[" if value.low_closed else "("
            ends = f"{text_of(value.low, inside=True)}..{text_of(value.high, inside=True)}"
            return left + ends + ("]" if value.high_closed else ")")
        case date() | datetime() | time() | timedelta() | Months():
            return f'@"{temporal.write(value)}"' if inside else temporal.write(value)
        case _:
            return "function"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _whole(text: str) -> str:
    spend_on_text(len(text))
    return text


@table.add("string", ("from", None))
def string(value: Value) -> Value:
    """Return a value as text; null stays null."""
    return None if value is None else text_of(value)


@table.add(
    "number", ("from", str), ("grouping separator", None), ("decimal separator", None), required=1
)
def number(text: str, grouping: Value = None, point: Value = None) -> Value:
    """Return the number a text says, with the separators named."""
    if (
        grouping not in _SEPARATORS
        or point not in {".", ",", None}
        or (grouping and grouping == point)
    ):
        return None
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point else plain
    return finite(DECIMAL.create_decimal(plain)) if _NUMBER.match(plain) else None


@table.add("string length", ("string", str))
def string_length(text: str) -> Value:
    """Return the number of characters."""
    return Decimal(len(text))


@table.add("upper case", ("string", str))
def upper_case(text: str) -> Value:
    """Return the text in capitals."""
    return text.upper()


@table.add("lower case", ("string", str))
def lower_case(text: str) -> Value:
    """Return the text in small letters."""
    return text.lower()


@table.add("contains", ("string", str), ("match", str))
def contains(text: str, match: str) -> Value:
    """Say whether the text holds the other."""
    return match in text


@table.add("starts with", ("string", str), ("match", str))
def starts_with(text: str, match: str) -> Value:
    """Say whether the text begins with the other."""
    return text.startswith(match)


@table.add("ends with", ("string", str), ("match", str))
def ends_with(text: str, match: str) -> Value:
    """Say whether the text ends with the other."""
    return text.endswith(match)


@table.add(
    "substring", ("string", str), ("start position", Decimal), ("length", Decimal), required=2
)
def substring(text: str, start: Decimal, length: Decimal | None = None) -> Value:
    """Return a part counted from 1, or from the end where the start is negative."""
    first = int(start)
    if not first or abs(first) > len(text) or (length is not None and length < 1):
        return None
    begin = first - 1 if first > 0 else len(text) + first
    return text[begin:] if length is None else text[begin : begin + min(int(length), len(text))]


@table.add("substring before", ("string", str), ("match", str))
def substring_before(text: str, match: str) -> Value:
    """Return what stands before the first match, empty where there is none."""
    return text.partition(match)[0] if match and match in text else ""


@table.add("substring after", ("string", str), ("match", str))
def substring_after(text: str, match: str) -> Value:
    """Return what stands behind the first match, empty where there is none."""
    return text.partition(match)[2] if match else text


@table.add("string join", ("list", list), ("delimiter", (str, type(None))), required=1)
def string_join(items: list[Value], delimiter: str | None = None) -> Value:
    """Return the texts of a list with something between them; null items are left out."""
    texts = [item for item in items if item is not None]
    if any(type(text) is not str for text in texts):
        return None
    between = delimiter or ""
    spend_on_text(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)
