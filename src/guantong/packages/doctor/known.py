"""What the kernel offers to processes by name: services, and the variables of a case.

The services come from ``guantong.flows``, which carries them out; what they need and answer
stands here, because only the doctor asks for it.
"""

from collections.abc import Mapping

from guantong.flows.api import SERVICES as CARRIED_OUT

SERVICES = frozenset(CARRIED_OUT)
# The setting without which a service has nothing to do.
NEEDED_SETTING: Mapping[str, str] = {"plan": "plan"}

ALERT_LEVEL = "alert_level"
CHANGE = "change"
RESPONSE_LEVEL = "response_level"
# What the kernel keeps in every case of an alert; ``response_level`` once a form has answered it.
# ``times`` counts how often each step was done: ``times.rectify``.
CASE_VARIABLES = frozenset({ALERT_LEVEL, CHANGE, RESPONSE_LEVEL, "times"})
# What the service ``watch_alert`` answers as ``change``.
CHANGES = frozenset({"raised", "lowered", "over"})
# The level that is none: below every level of a signal.
NO_LEVEL = "none"
