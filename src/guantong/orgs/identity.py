"""Numbers by which the state knows people and enterprises: their form and their check digits.

Pure. A resident's number of identity (公民身份号码) follows GB 11643-1999, whose check character
is that of ISO 7064 MOD 11-2; the uscc (统一社会信用代码) follows GB 32100-2015, whose check
character is that of ISO 7064 MOD 31-3. What is refused here is never repeated in a sentence.
"""

import re
from datetime import date

# GB 11643-1999, table of weights: 2 to the power of (18 - i) modulo 11, and its check characters.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"

# GB 32100-2015, 4.2: the letters I, O, S, V and Z are not used.
_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

# Numbers of mobile subscribers: eleven digits that begin with 1 and 3 to 9 (the numbering plan of
# the Ministry of Industry and Information Technology, 电信网编号计划).
_MOBILE = re.compile(r"1[3-9]\d{9}")


def is_identity(text: str) -> bool:
    """Say whether ``text`` is a resident's number: form, day of birth and check character."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == text[17]


def is_uscc(text: str) -> bool:
    """Say whether ``text`` is a uscc: eighteen signs and the right check character."""
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", text):
        return False
    total = sum(
        _USCC_SIGNS.index(sign) * weight for sign, weight in zip(text, _USCC_WEIGHTS, strict=False)
    )
    return _USCC_SIGNS[(31 - total % 31) % 31] == text[17]


def is_mobile(text: str) -> bool:
    """Say whether ``text`` is the number of a mobile telephone."""
    return _MOBILE.fullmatch(text) is not None


def plain_mobile(text: str) -> str:
    """Return a mobile number without what people write around it: spaces, hyphens, +86."""
    digits = re.sub(r"[\s\-()（）]", "", text)
    return digits.removeprefix("+86").removeprefix("0086")


def plain_identity(text: str) -> str:
    """Return a number of identity or uscc as it is compared: no spaces, capital letters."""
    return re.sub(r"\s", "", text).upper()
