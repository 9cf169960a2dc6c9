"""Which version of a decision table holds when, and what may be done with one.

A version holds from the moment it begins until the next one begins. Of several that begin at one
moment the one released last holds; where none has begun, the package's own file does. The past
stays as it was (promise P8): a version begins when it is released, or on a later day.

Who wrote a version does not release it (promise P2). Pure: no store, no clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from guantong.base.clock import BEIJING, local_day
from guantong.packages.errors import RuleOwnDraft, RuleStateOver, RuleTooEarly

DRAFT, RELEASED, WITHDRAWN = "draft", "released", "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a table; ``digest`` is empty where the package's own file holds again."""

    id: UUID
    package: str
    path: str
    state: str
    digest: str
    # Why it was drafted, by whom first, and by everybody who wrote at it, as the log names them.
    why: str
    by: str
    authors: tuple[str, ...]
    at: datetime
    changed_at: datetime
    # What it was compared with when it was last written, and what it was made from.
    base_digest: str
    from_version: UUID | None
    from_release: str
    # The day it is meant to hold from; ``begins_at`` once it is released.
    from_day: date
    begins_at: datetime | None = None
    released_by: str = ""
    released_why: str = ""
    released_at: datetime | None = None
    ended_by: str = ""
    ended_why: str = ""
    ended_at: datetime | None = None

    @property
    def own_file(self) -> bool:
        """Whether it says that the package's own file holds again."""
        return not self.digest

    def holds_later(self, at: datetime) -> bool:
        """Say whether it is released and has not begun."""
        return self.state == RELEASED and self.begins_at is not None and self.begins_at > at


def released_in_order(versions: Iterable[Version]) -> list[Version]:
    """Return the released versions in the order in which they hold."""
    released = [v for v in versions if v.state == RELEASED and v.begins_at is not None]
    return sorted(released, key=lambda v: (v.begins_at, v.released_at, v.id))


def holding(versions: Iterable[Version], at: datetime) -> Version | None:
    """Return the version that holds at a moment; None where the package's own file does."""
    begun = [
        v for v in released_in_order(versions) if v.begins_at is not None and v.begins_at <= at
    ]
    return begun[-1] if begun and not begun[-1].own_file else None


def holds_until(versions: Iterable[Version], one: Version) -> datetime | None:
    """Return when the next version takes the place of a released one; None while none does."""
    order = released_in_order(versions)
    later = order[order.index(one) + 1 :] if one in order else []
    return next((v.begins_at for v in later), None)


def coming(versions: Iterable[Version], at: datetime) -> list[Version]:
    """Return the versions that are released and will begin, the next one first."""
    return [v for v in released_in_order(versions) if v.holds_later(at)]


def begins(day: date, *, at: datetime) -> datetime:
    """Return when a version that is released at ``at`` for a day begins, or refuse the day."""
    today = local_day(at)
    if day < today:
        raise RuleTooEarly(day=day.isoformat(), today=today.isoformat())
    # Of today only what is left: what was decided this morning stays decided as it was.
    return at if day == today else datetime.combine(day, time(), tzinfo=BEIJING)


def refuse_author(version: Version, by: str) -> None:
    """Refuse the release by somebody who wrote at the version."""
    if by in version.authors:
        raise RuleOwnDraft()


def refuse_unless(version: Version, *states: str, act: str, at: datetime) -> None:
    """Refuse an act on a version that is in none of these states, or holds already."""
    begun = version.state == RELEASED and not version.holds_later(at)
    if version.state not in states or begun:
        raise RuleStateOver(act=act, state="begun" if begun else version.state)
