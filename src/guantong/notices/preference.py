"""When a notice may ring at somebody's: quiet hours and digests. Rules only.

Times of day are those of China. What is urgent goes at once, at night as well; everybody may let
a kind through in quiet hours, or have it collected by the hour or by the day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from guantong.base.reading import BEIJING
from guantong.notices.notice import KINDS

# At once, collected, or only inside the platform.
MODES = ("at_once", "hourly", "daily", "here")
# What holds for whoever has chosen nothing (our choice): work rings, news of the organisation
# come once a day, and the night is quiet.
QUIET_FROM, QUIET_TO, DAILY_AT = time(22), time(7), time(8, 30)
MODE_OF_KIND = {
    "work": "at_once", "overdue": "at_once", "message": "at_once", "organisation": "daily"
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """What one person has chosen. ``channels`` None means those that are on by default."""

    quiet_from: time | None = QUIET_FROM
    quiet_to: time | None = QUIET_TO
    daily_at: time = DAILY_AT
    modes: Mapping[str, str] = field(default_factory=lambda: MODE_OF_KIND)
    through_quiet: frozenset[str] = frozenset()
    channels: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        assert set(self.modes) <= set(KINDS), "a preference is about kinds of notices"
        assert set(self.modes.values()) <= set(MODES), "a mode is one of MODES"

    def mode(self, kind: str) -> str:
        """Return how notices of a kind are brought."""
        return self.modes.get(kind, MODE_OF_KIND[kind])


STANDARD = Preference()


@dataclass(frozen=True, slots=True)
class Due:
    """When a delivery may go; ``bundled`` lets it go together with others of that person."""

    at: datetime
    bundled: bool


def due(preference: Preference, *, kind: str, urgent: bool, at: datetime) -> Due | None:
    """Return when a notice that may go out from ``at`` on goes out; None when it never does."""
    if urgent:
        return Due(at, False)
    mode = preference.mode(kind)
    if mode == "here":
        return None
    wanted = at
    if mode == "hourly":
        wanted = _next_hour(at)
    elif mode == "daily":
        wanted = _next(at, preference.daily_at)
    if kind not in preference.through_quiet:
        later = quiet_until(preference, wanted)
        if later is not None:
            # What a night has collected comes as one message in the morning.
            return Due(later, True)
    return Due(wanted, mode in ("hourly", "daily"))


def quiet_until(preference: Preference, at: datetime) -> datetime | None:
    """Return when the quiet hours around ``at`` end; None outside of them.

    The first minute of quiet hours is quiet, the minute they end is not.
    """
    begin, end = preference.quiet_from, preference.quiet_to
    if begin is None or end is None or begin == end:
        return None
    now = at.astimezone(BEIJING).time()
    quiet = begin <= now < end if begin < end else now >= begin or now < end
    return _next(at, end) if quiet else None


def _next(at: datetime, clock: time) -> datetime:
    """Return the next moment at which it is ``clock`` in China; ``at`` itself is past."""
    local = at.astimezone(BEIJING)
    found = local.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    if found <= local:
        found += timedelta(days=1)
    return found.astimezone(at.tzinfo)


def _next_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
