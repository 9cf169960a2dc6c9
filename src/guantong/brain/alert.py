"""How an alert lives: it opens, rises, falls, ends, and may open again. Rules only, no store.

One alert belongs to one matter for ever; what changes is its level. It ends when its matter has
been below every level for the time the signal declares, or when nothing was heard of it for so
long that the last answer has run out.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

Change = Literal["opened", "raised", "lowered", "reopened", "unchanged", "ended"]

NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert at one moment. Never changed in place: each thing heard gives a new value."""

    level: str
    highest_level: str
    state: str
    opened_at: datetime
    changed_at: datetime
    heard_at: datetime
    below_since: datetime | None = None
    closed_at: datetime | None = None
    because: str = ""


def hear(
    alert: Alert | None, *, level: str, below: bool, at: datetime, levels: tuple[str, ...]
) -> tuple[Alert | None, Change]:
    """Return the alert after a signal said ``level``; None while the matter bothers nobody.

    ``below`` is what the signal declares as its end. What is heard late, of a time before the
    last thing heard, changes nothing: the newer answer stands.
    """
    if alert is None:
        if level == NONE:
            return None, "unchanged"
        opened = Alert(
            level=level, highest_level=level, state="open", opened_at=at, changed_at=at, heard_at=at
        )
        return opened, "opened"
    if at < alert.heard_at:
        return alert, "unchanged"
    if alert.state == "closed":
        if level == NONE:
            return alert, "unchanged"
        again = replace(
            alert, level=level, highest_level=_higher(alert.highest_level, level, levels),
            state="open", changed_at=at, heard_at=at, below_since=None, closed_at=None, because="",
        )  # fmt: skip
        return again, "reopened"
    below_since = (alert.below_since or at) if below else None
    heard = replace(alert, heard_at=at, below_since=below_since)
    if level == alert.level:
        return heard, "unchanged"
    rises = _rank(level, levels) > _rank(alert.level, levels)
    changed = replace(
        heard, level=level, changed_at=at,
        highest_level=_higher(alert.highest_level, level, levels),
    )  # fmt: skip
    return changed, "raised" if rises else "lowered"


def ends_at(
    alert: Alert, *, holds_for: timedelta, expires_after: timedelta
) -> tuple[datetime, str] | None:
    """Return when an open alert will end if nothing more is heard, and why."""
    if alert.state != "open":
        return None
    expires = (alert.heard_at + expires_after, "expired")
    if alert.below_since is None:
        return expires
    return min((alert.below_since + holds_for, "below"), expires)


def end(alert: Alert, *, at: datetime, because: str) -> Alert:
    """Return the alert ended; an ended one stays as it ended."""
    if alert.state == "closed":
        return alert
    return replace(alert, level=NONE, state="closed", changed_at=at, closed_at=at, because=because)


def _rank(level: str, levels: tuple[str, ...]) -> int:
    return levels.index(level) + 1 if level in levels else 0


def _higher(one: str, other: str, levels: tuple[str, ...]) -> str:
    return other if _rank(other, levels) > _rank(one, levels) else one
