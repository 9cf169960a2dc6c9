"""What time it is in a realm. The only place of the platform that reads the machine's clock.

The live realm follows the machine; an exercise follows its own clock, which stands in the
store and moves only forward, with each step of the exercise.
"""

import functools
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from guantong.base.errors import NotFound
from guantong.base.models import Exercise
from guantong.base.realm import Realm, is_exercise

BEIJING = ZoneInfo("Asia/Shanghai")


def machine_now() -> datetime:
    """Return the machine's time in UTC: for what happens to the installation itself."""
    return datetime.now(UTC)  # noqa: TID251 - this is guantong.base.clock


def now(realm: Realm) -> datetime:
    """Return the time it is in ``realm``, in UTC."""
    if not is_exercise(realm):
        return machine_now()
    found = Exercise.objects.filter(realm=realm).values_list("now_at", flat=True).first()
    if found is None:
        raise NotFound(what=realm)
    return found


def advance(realm: Realm, to: datetime) -> None:
    """Move the clock of an exercise forward to ``to``; it never moves back."""
    Exercise.objects.filter(realm=realm, now_at__lt=to).update(now_at=to)


def local_day(at: datetime) -> date:
    """Return the day it is in China at ``at``: offices, posts and public numbers go by it."""
    return at.astimezone(BEIJING).date()


@functools.cache
def _started_at(realm: Realm) -> datetime:
    # An exercise is started once, so the time may be kept for as long as the process lives.
    found = Exercise.objects.filter(realm=realm).values_list("started_at", flat=True).first()
    if found is None:
        raise NotFound(what=realm)
    return found


def organisation_day(realm: Realm, at: datetime) -> date:
    """Return the day whose units and posts answer in ``realm`` at ``at``.

    An exercise replays old weather with the people of today: its organisation is that of the
    day on which it was started.
    """
    return local_day(organisation_moment(realm, at))


def organisation_moment(realm: Realm, at: datetime) -> datetime:
    """Return the moment whose rules and people answer in ``realm`` at ``at``."""
    return _started_at(realm) if is_exercise(realm) else at


def hour_of_the_realm(realm: Realm, at: datetime) -> datetime:
    """Return the moment by which a roster is asked in ``realm`` at ``at``.

    An exercise plays a day of the past with the people of today: two in the morning of its clock
    is two in the morning of their roster.
    """
    if not is_exercise(realm):
        return at
    hour = at.astimezone(BEIJING).time()
    return datetime.combine(organisation_day(realm, at), hour, tzinfo=BEIJING)
