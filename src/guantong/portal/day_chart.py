"""A small chart of one day, drawn as a line of a picture: no script, no style attribute.

Each of its columns stands for five minutes and shows the highest reading of them, so that a short
backlog is not smoothed away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH, HEIGHT = 288, 48


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChart:
    """A line as an SVG path, the area below it, and its highest point."""

    line: str
    area: str
    highest: float
    highest_at: datetime | None


def chart_of(points: Sequence[tuple[datetime, float]], begin: datetime, end: datetime) -> DayChart:
    """Return the chart of readings between two moments; where nothing was read, a gap."""
    span = (end - begin).total_seconds()
    columns: dict[int, float] = {}
    highest, highest_at = 0.0, None
    for at, value in points:
        column = min(WIDTH - 1, max(0, int((at - begin).total_seconds() / span * WIDTH)))
        columns[column] = max(columns.get(column, 0.0), value)
        if value > highest or highest_at is None:
            highest, highest_at = value, at
    top = max(highest, 1.0)
    line, area, last = "", "", -3
    for column in sorted(columns):
        y = f"{HEIGHT - 2 - columns[column] / top * (HEIGHT - 4):.1f}"
        if column > last + 2:
            if area:
                area += f"V{HEIGHT}z"
            line += f"M{column} {y}h1"
            area += f"M{column} {HEIGHT}V{y}h1"
        else:
            line += f"L{column} {y}h1"
            area += f"L{column} {y}h1"
        last = column
    return DayChart(
        line=line, area=f"{area}V{HEIGHT}z" if area else "", highest=highest, highest_at=highest_at
    )
