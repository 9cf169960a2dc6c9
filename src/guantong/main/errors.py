"""What the command line refuses."""

from guantong.base.errors import GuantongError


class UnknownApplication(GuantongError):
    """A package that is not there, or that declares no replay."""

    code = "unknown-application"


class PortTaken(GuantongError):
    """Another program listens on a port we need."""

    code = "port-taken"


class NoStoreYet(GuantongError):
    """A check was asked for where nothing has been installed."""

    code = "no-store-yet"


class BadSetting(GuantongError):
    """An environment variable does not hold what it must."""

    code = "bad-setting"


class StoreAway(GuantongError):
    """The record store cannot be reached, or went away while a command worked."""

    code = "store-away"


class AlreadyUp(GuantongError):
    """The processes of this home run already."""

    code = "already-up"


class PackageHasErrors(GuantongError):
    """The doctor refuses a package, so it is not installed."""

    code = "package-has-errors"
