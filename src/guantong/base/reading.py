"""How people read moments and numbers, in Chinese and English; the same on pages and streams.

Times are kept in UTC and read in Beijing time, the one legal time of the country.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment_text(at: datetime | None, language: str) -> str:
    """Return a moment as people read it: 2026年11月22日 08:30, 22 Nov 2026 08:30."""
    if at is None:
        return ""
    local = at.astimezone(BEIJING)
    if language == "zh-CN":
        return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year} {local:%H:%M}"


def short_moment_text(at: datetime, language: str) -> str:
    """Return a moment for a narrow column, without its year: 8月9日 18:00, 9 Aug 18:00."""
    local = at.astimezone(BEIJING)
    if language == "zh-CN":
        return f"{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {_MONTHS[local.month - 1]} {local:%H:%M}"


def figure_text(value: float | None, decimals: int = 0) -> str:
    """Return a number with thousands separators; without a value, a dash."""
    return "–" if value is None else f"{value:,.{decimals}f}"
