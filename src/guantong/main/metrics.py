"""Numbers for Prometheus: what this process answered, and how far the installation is behind.

Requests are counted by the *route* (``cases/<uuid:id>``), never by the address: an address may hold
what somebody searched for. The store's figures (lag, laid-aside facts, workers, connections) are
read when they are asked for, so a process that hangs is seen by what it leaves undone.
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector

from guantong.main.errors import BadToken

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHORTEST_TOKEN = 24
# From a cached page to the longest answer a person waits for.
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

registry = CollectorRegistry()
requests = Counter(
    "guantong_requests", "Requests answered.", ["process", "method", "route", "status"],
    registry=registry,
)  # fmt: skip
seconds = Histogram(
    "guantong_request_seconds", "Time until the answer.", ["process", "route"],
    buckets=_BUCKETS, registry=registry,
)  # fmt: skip
refusals = Counter(
    "guantong_refusals", "Requests refused: no right, no state for it, too many.",
    ["process", "route", "status"], registry=registry,
)  # fmt: skip
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REFUSED = frozenset({401, 403, 409, 422, 429})


def count(process: str, method: str, route: str, status: int, took: float) -> None:
    """Count one request."""
    # A method is typed by whoever asks: unknown ones are one, or they would fill the memory.
    known = method if method in _METHODS else "other"
    requests.labels(process, known, route, str(status)).inc()
    seconds.labels(process, route).observe(took)
    if status in _REFUSED:
        refusals.labels(process, route, str(status)).inc()


class _Store:
    """The figures of the record store, read when somebody asks."""

    def collect(self) -> Iterable[Metric]:
        """Yield a gauge for each figure; one of them says whether the store answers at all."""
        from django.db import DatabaseError

        up = GaugeMetricFamily("guantong_store_up", "1 when the record store answers.")
        try:
            found = list(_figures())
        except DatabaseError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        for name, value in found:
            gauge = GaugeMetricFamily(f"guantong_{name}", _MEANINGS.get(name, name))
            gauge.add_metric([], value)
            yield gauge


_MEANINGS = {
    "store_connections": "Connections to the record store.",
    "store_connections_most": "Connections the record store takes.",
    "store_bytes": "Size of the record store.",
    "backup_age_seconds": "Time since the newest backup of this home.",
}


def _figures() -> Iterator[tuple[str, float]]:
    from django.db import connection

    from guantong.base import lag
    from guantong.main import backup
    from guantong.main.home import current

    yield from lag.readings().items()
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from pg_stat_activity where datname = current_database()),"
            " current_setting('max_connections')::int, pg_database_size(current_database())"
        )
        held, most, size = cursor.fetchone()
    yield "store_connections", float(held)
    yield "store_connections_most", float(most)
    yield "store_bytes", float(size)
    age = backup.age(current())
    if age is not None:
        yield "backup_age_seconds", age.total_seconds()


registry.register(_Store())
ProcessCollector(registry=registry)


def token() -> str:
    """Return the token that opens the numbers; none where the operator has set none."""
    given = os.environ.get("GUANTONG_METRICS_TOKEN", "")
    if given and len(given) < SHORTEST_TOKEN:
        raise BadToken(name="GUANTONG_METRICS_TOKEN", least=SHORTEST_TOKEN)
    return given


def opens(authorization: str) -> bool:
    """Say whether a header carries the token, in the same time for every wrong one."""
    own = token()
    return bool(own) and secrets.compare_digest(authorization.encode(), f"Bearer {own}".encode())


def page() -> bytes:
    """Return all numbers as Prometheus reads them."""
    answer: bytes = generate_latest(registry)
    return answer


def values(text: str) -> dict[str, Any]:
    """Return the numbers of a page by their whole names."""
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}
