"""Refusals of ``guantong.notices``; their sentences are in ``messages/``."""

from guantong.base.errors import GuantongError


class NobodyMeant(GuantongError):
    """A notice would reach nobody."""

    code = "notice-nobody-meant"


class NothingToAccept(GuantongError):
    """A notice that asks for nothing, was withdrawn, or was accepted already."""

    code = "notice-nothing-to-accept"


class TooLateToWithdraw(GuantongError):
    """A notice is withdrawn only before it goes out of the platform."""

    code = "notice-too-late-to-withdraw"


class NobodyWaits(GuantongError):
    """There is nobody to remind: all have accepted, or were reminded just now."""

    code = "notice-nobody-waits"


class LimitPassed(GuantongError):
    """A notice asks for acceptance by a time that has passed already."""

    code = "notice-limit-passed"


class BadChannels(GuantongError):
    """The file of channels is not what it should be."""

    code = "channels-file"


class BadAddress(GuantongError):
    """A mobile number or a mail address does not have the form of one."""

    code = "notice-address-form"


class DeliveryMovedOn(GuantongError):
    """A delivery that somebody wants to try again is not laid aside any more."""

    code = "notice-delivery-moved-on"
