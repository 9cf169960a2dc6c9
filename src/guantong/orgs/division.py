"""Division codes (行政区划代码): their tiers, and which place lies in which.

A code has twelve digits in five groups: province 2, city 2, county 2, township 3, village 3
(统计用区划代码和城乡划分代码编制规则, National Bureau of Statistics; the first six digits are
GB/T 2260, the next three GB/T 10114—2003). The tier is read by groups, never by stripping
zeros: Taizhou is 3310, and its prefix must not become 331.
"""

from dataclasses import dataclass
from typing import Literal, cast, get_args

Tier = Literal["province", "city", "county", "township", "village"]

TIERS: tuple[Tier, ...] = get_args(Tier)
WIDTH: dict[Tier, int] = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}
CODE_DIGITS = 12

# Township codes of the same rules, section 2: 001-099 subdistricts (街道), 100-199 towns (镇),
# 200-399 townships (乡), 400-599 areas like a township that civil affairs has not confirmed
# (development zones, farms).
FIRST_TOWN, FIRST_ZONE = 100, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionRef:
    """One division as other packages see it."""

    code: str
    name: str
    name_en: str
    tier: Tier
    parent_code: str | None


def is_code(text: object) -> bool:
    """Say whether ``text`` has the form of a division code: twelve digits without a hole."""
    return (
        isinstance(text, str)
        and len(text) == CODE_DIGITS
        and text.isascii()
        and text.isdigit()
        and text[:2] != "00"
        and tier_of(text) is not None
    )


def tier_of(code: str) -> Tier | None:
    """Return the tier of a code: that of its last group which is not all zeros.

    None for a code with a hole (a township of no county), which no division has.
    """
    found: Tier | None = None
    ended = False
    start = 0
    for tier, width in WIDTH.items():
        empty = not code[start:width].strip("0")
        if empty:
            ended = True
        elif ended:
            return None
        else:
            found = tier
        start = width
    return found


def prefix(code: str) -> str:
    """Return the digits that every place in this division shares (``3310`` for Taizhou)."""
    tier = tier_of(code)
    assert tier is not None, f"{code!r} is no division code"
    return code[: WIDTH[tier]]


def lift(code: str, tier: Tier) -> str | None:
    """Return the division of ``tier`` that holds ``code``; None when ``code`` stands above it."""
    own = tier_of(code)
    if own is None or WIDTH[own] < WIDTH[tier]:
        return None
    return code[: WIDTH[tier]].ljust(CODE_DIGITS, "0")


def covers(area: str, place: str | None) -> bool:
    """Say whether ``place`` is the division ``area`` or lies in it."""
    return is_code(area) and is_code(place) and cast(str, place).startswith(prefix(area))


def above(tier: Tier) -> tuple[Tier, ...]:
    """Return the tiers above ``tier``, the nearest first."""
    return TIERS[: TIERS.index(tier)][::-1]
