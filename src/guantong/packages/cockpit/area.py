"""Where somebody looks: the area of their own posts, and the part of their rows in another."""

from guantong.access.api import Actor, Rows
from guantong.orgs.api import WIDTH, Tier, prefix, tier_of

# What a table and a league list in an area of each tier.
LISTED: dict[Tier, Tier] = {
    "province": "county",
    "city": "county",
    "county": "township",
    "township": "village",
    "village": "village",
}
BELOW: dict[Tier, Tier | None] = {
    "province": "city",
    "city": "county",
    "county": "township",
    "township": "village",
    "village": None,
}


def area_of(actor: Actor) -> str | None:
    """Return the widest division in which ``actor`` holds a post; None without any post."""
    widest = min(actor.posts, key=lambda post: WIDTH[post.tier], default=None)
    return None if widest is None else widest.division_code


def rows_within(rows: Rows, area: str) -> Rows:
    """Return the part of ``rows`` that lies in ``area``: a drill never shows more than before."""
    own = prefix(area)
    if rows.everything:
        return Rows(prefixes=(own,))
    return Rows(
        prefixes=tuple(sorted({_narrower(p, own) for p in rows.prefixes if _meet(p, own)})),
        lines=tuple(sorted({(_narrower(p, own), line) for p, line in rows.lines if _meet(p, own)})),
    )


def listed_tier(area: str) -> Tier:
    """Return the tier of the divisions that a list of this area shows."""
    return LISTED[_tier(area)]


def tier_below(area: str) -> Tier | None:
    """Return the tier one step down from this area; None below a village."""
    return BELOW[_tier(area)]


def _tier(area: str) -> Tier:
    tier = tier_of(area)
    assert tier is not None, f"{area!r} is no division code"
    return tier


def _meet(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _narrower(one: str, other: str) -> str:
    return max(one, other, key=len)
