"""Facts the brain publishes."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChanged:
    """An alert opened, rose, fell, opened again or ended."""

    ordered_by: ClassVar[str] = "alert_id"
    alert_id: str
    signal: str
    matter: str
    division_code: str
    level: str
    change: str
