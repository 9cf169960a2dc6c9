"""The front door of ``guantong.gateway``."""

from guantong.gateway.application import make_application
from guantong.gateway.channel import Pace
from guantong.gateway.headers import Headers
from guantong.gateway.offload import Offload

application = make_application()

__all__ = ["Headers", "Offload", "Pace", "application", "make_application"]
