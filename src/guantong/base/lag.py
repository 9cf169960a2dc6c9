"""How far the installation is behind: figures for the person on call, for checks and for metrics.

Each package that keeps something waiting brings a gauge; nothing is asked of its tables by others.
Only the live realm counts: an exercise is driven by whoever plays it. One reading a minute is kept
for a week, by whichever worker comes first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import orjson
from django.db import connection

from guantong.base.clock import machine_now
from guantong.base.realm import LIVE
from guantong.base.workers import workers

KEPT = timedelta(days=8)

Light = Literal["green", "yellow", "red"]
Gauge = Callable[[datetime], Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """From which value on a figure is yellow, and red."""

    yellow: float
    red: float

    def light(self, value: float) -> Light:
        """Return the light of a value."""
        if value >= self.red:
            return "red"
        return "yellow" if value >= self.yellow else "green"


# Our rule. A worker that is awake hands on within a tenth of a second and looks at least each
# second: ten seconds behind is a backlog, two minutes is nobody at work.
_BEHIND = Limit(yellow=10, red=120)

LIMITS: dict[str, Limit] = {
    "fact_oldest_seconds": _BEHIND,
    "facts_waiting": Limit(yellow=500, red=10_000),
    "facts_retrying": Limit(yellow=1, red=20),
    "facts_laid_aside": Limit(yellow=1, red=1),
    "timer_oldest_seconds": _BEHIND,
    "timers_failing": Limit(yellow=1, red=1),
    "leaf_oldest_seconds": _BEHIND,
    "leaves_waiting": Limit(yellow=50_000, red=500_000),
    "notices_due": Limit(yellow=500, red=10_000),
    "notices_oldest_seconds": Limit(yellow=300, red=1800),
    "notices_laid_aside": Limit(yellow=1, red=20),
    "workers_silent": Limit(yellow=1, red=1),
    "workers_missing": Limit(yellow=1, red=1),
}

_gauges: dict[str, Gauge] = {}


def bring_gauge(name: str, gauge: Gauge) -> None:
    """Bring a gauge: asked for the figures of one matter at the machine's time."""
    _gauges[name] = gauge


def readings(now: datetime | None = None) -> dict[str, float]:
    """Return every figure by its name, in seconds or pieces, as it stands now."""
    at = now or machine_now()
    found: dict[str, float] = {}
    for gauge in _gauges.values():
        found |= gauge(at)
    return found


def light(name: str, value: float) -> Light:
    """Return the light of one figure; one without a limit is green."""
    limit = LIMITS.get(name)
    return limit.light(value) if limit is not None else "green"


def keep(now: datetime) -> bool:
    """Keep the readings of this minute unless another worker has; forget those of last week."""
    minute = now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from base_reading where at = %s)", [minute])
        if cursor.fetchone()[0]:
            return False
        cursor.execute(
            "insert into base_reading (at, body) values (%s, %s::jsonb) on conflict do nothing",
            [minute, orjson.dumps(readings(now)).decode()],
        )
        kept = bool(cursor.rowcount == 1)
        cursor.execute("delete from base_reading where at < %s", [minute - KEPT])
    return kept


def history(since: datetime) -> list[tuple[datetime, dict[str, float]]]:
    """Return the kept readings from ``since`` on, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select at, body::text from base_reading where at >= %s order by at", [since]
        )
        return [(at, orjson.loads(body)) for at, body in cursor.fetchall()]


def _facts(now: datetime) -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), count(*) filter (where attempts > 0),"
            # One that is being tried again stands in a figure of its own.
            " extract(epoch from %s - min(written_at) filter (where attempts = 0)),"
            " (select count(*) from base_outboxmessage where state = 'dead')"
            " from base_outboxmessage where realm = %s and state = 'waiting'",
            [now, LIVE],
        )
        waiting, retrying, oldest, dead = cursor.fetchone()
    return {
        "facts_waiting": float(waiting),
        "facts_retrying": float(retrying),
        "facts_laid_aside": float(dead),
        "fact_oldest_seconds": max(0.0, float(oldest or 0)),
    }


def _workers(now: datetime) -> dict[str, float]:
    lights = [worker.light(now) for worker in workers()]
    alive = lights.count("alive")
    return {
        "workers_alive": float(alive),
        "workers_silent": float(len(lights) - alive),
        "workers_missing": float(alive == 0),
    }


bring_gauge("facts", _facts)
bring_gauge("workers", _workers)
