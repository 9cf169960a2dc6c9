"""What a notice is, and when its waiting turns into a reminder (催办). Rules only.

A receipt (签收链) goes sent → received → read → accepted. A unit has accepted once one of its
people has: what one duty officer took on, the next one need not take on again.
"""

from datetime import datetime, timedelta

# What notices are about; quiet hours and digests are chosen for each.
KINDS = ("work", "overdue", "message", "organisation")
# What is asked of the reader: to know it, or to take it on.
ASKS = ("information", "acceptance")
STATES = ("sent", "withdrawn")

# Our rule: the reminder comes when three quarters of the time are gone, when the light of a
# task turns yellow as well.
REMINDER_AT = 0.75
# Whoever was reminded just now is not reminded again; a press too many must not ring twice.
REMINDER_PAUSE = timedelta(minutes=10)
# How long a notice that is not urgent can be taken back before it goes out of the platform.
UNDO = timedelta(seconds=60)

MOST_TITLE, MOST_TEXT = 80, 2000


def reminder_time(sent_at: datetime, accept_by: datetime | None) -> datetime | None:
    """Return when those who have not accepted yet are reminded by themselves."""
    if accept_by is None or accept_by <= sent_at:
        return None
    return sent_at + REMINDER_AT * (accept_by - sent_at)


def light(*, asks: str, accepted: bool, read: bool, late: bool) -> str:
    """Return the light of one receipt: red when its limit has passed, green when all is done."""
    if accepted or (read and asks == "information"):
        return "green"
    if late:
        return "red"
    return "yellow" if read else "grey"
