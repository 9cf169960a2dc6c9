"""What the audit log refuses."""

from guantong.base.errors import GuantongError


class KeyUnreadable(GuantongError):
    """The key that signs the heads of the log is there, but is no key."""

    code = "audit-key-unreadable"


class SuiteUnknown(GuantongError):
    """The setting names no family of algorithms."""

    code = "audit-unknown-suite"


class NothingToProve(GuantongError):
    """There is no leaf of that record in the log."""

    code = "audit-nothing-to-prove"


class NotInLogYet(GuantongError):
    """The record has leaves, but the sequencer has not given the last of them its place."""

    code = "audit-not-in-log-yet"


class NoHeadYet(GuantongError):
    """The log has no signed head yet."""

    code = "audit-no-head-yet"


class NotAHead(GuantongError):
    """A file holds no head of this log."""

    code = "audit-not-a-head"


class NotContinued(GuantongError):
    """A head that was given is not one this log continues."""

    code = "audit-not-continued"


class NotAPlace(GuantongError):
    """The log has no such place."""

    code = "audit-not-a-place"


class TooYoung(GuantongError):
    """Leaves must stay in the store for some years before they may be taken out."""

    code = "audit-too-young"


class ArchiveUnreadable(GuantongError):
    """A file is no archive of a month of this log."""

    code = "audit-archive-unreadable"


class ArchiveForged(GuantongError):
    """A file of archived leaves is not the one that left the store."""

    code = "audit-archive-forged"


class NotArchived(GuantongError):
    """A month is in the store already."""

    code = "audit-not-archived"


class ArchiveUnsound(GuantongError):
    """What would be taken out of the store does not hold together."""

    code = "audit-archive-unsound"
