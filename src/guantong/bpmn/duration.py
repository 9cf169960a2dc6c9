"""Durations of ISO 8601 that always last the same: weeks, days, hours, minutes, seconds.

Months and years are refused: their length depends on the day they begin, and a limit that
people are held to must not.
"""

import re
from datetime import timedelta

# ISO 8601-1:2019, 5.5.2: PnW and PnDTnHnMnS; decimals only in the seconds, as we write them.
_FORM = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,4})W|(?:([0-9]{1,6})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,6})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,6})?)S)?)?)"
)


def duration(text: str) -> timedelta | None:
    """Return the length of an ISO 8601 duration such as ``PT30M``; none if it is not one."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    weeks, days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
