"""What the brain refuses."""

from guantong.base.errors import GuantongError


class FigureStopped(GuantongError):
    """The SQL of a package took longer, on the record store, than a figure may."""

    code = "figure-stopped"
