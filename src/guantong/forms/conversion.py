"""From the text a browser posts to the value a schema speaks of.

Forgiving about how people type (blanks around, full-width digits of Chinese input methods),
strict about what it means: ``1,000`` and ``1e3`` are refused, because they are read
differently by different people.
"""

import re
import unicodedata
from datetime import date

# At most 15 digits: more are not kept exactly by JSON readers (RFC 8259, section 6).
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# What a checkbox (``on``) and a pair of radio buttons post.
_TRUTH = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}

# Of a field of files: the digests of their contents.
Answer = str | int | float | bool | list[str]


class Unconvertible(Exception):
    """The text is no value of the wanted type; the argument is the code of the field error."""


def convert(text: str, *, type_: str, is_date: bool) -> Answer:
    """Return the value that a posted text stands for."""
    if type_ == "string" and not is_date:
        return text
    text = unicodedata.normalize("NFKC", text)
    if is_date:
        return _date(text)
    if type_ == "boolean":
        if text.lower() not in _TRUTH:
            raise Unconvertible("not-yes-or-no")
        return _TRUTH[text.lower()]
    if type_ == "integer":
        if _INTEGER.fullmatch(text) is None:
            raise Unconvertible("not-an-integer")
        return int(text)
    if _NUMBER.fullmatch(text) is None:
        raise Unconvertible("not-a-number")
    return float(text) if "." in text else int(text)


def _date(text: str) -> str:
    # The pattern first: fromisoformat also takes 20190810 and 2019-W32-6.
    if _DATE.fullmatch(text) is None:
        raise Unconvertible("not-a-date")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Unconvertible("not-a-date") from None
