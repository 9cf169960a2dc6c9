"""Refusals of ``guantong.orgs``; their sentences are in ``messages/``."""

from guantong.base.errors import GuantongError


class NotARole(GuantongError):
    """A text that should be ``line@tier`` is not."""

    code = "role-form"


class UnknownLine(GuantongError):
    """A role names a line that this province does not have."""

    code = "line-unknown"


class UnknownTier(GuantongError):
    """A role names a tier that does not exist."""

    code = "tier-unknown"


class UnknownUnit(GuantongError):
    """No unit of that code is open on that day."""

    code = "unit-unknown"


class MergedIntoItself(GuantongError):
    """A unit was told to merge into itself."""

    code = "unit-merged-into-itself"


class DayBeforeFounding(GuantongError):
    """A change of a unit was dated on or before the day the unit was founded or last named."""

    code = "unit-day-before-founding"
