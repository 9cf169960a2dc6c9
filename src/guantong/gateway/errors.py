"""What the gateway refuses by itself; what access refuses says its own sentence."""

from guantong.base.errors import GuantongError


class NotSignedIn(GuantongError):
    """A stream was asked for without a session, or with one that has ended."""

    code = "not-signed-in"


class TooManyListeners(GuantongError):
    """As many listen already as one process is meant for."""

    code = "too-many-listeners"


class StoreGone(GuantongError):
    """The record store does not answer, so nobody can be recognised."""

    code = "stream-store-away"


class NoSuchStream(GuantongError):
    """The address names no realm, or no division."""

    code = "no-such-stream"
