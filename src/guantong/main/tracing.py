"""Traces across the processes, by OpenTelemetry, where the environment names a collector.

Without ``OTEL_EXPORTER_OTLP_ENDPOINT`` nothing of OpenTelemetry is loaded, for it costs memory in
each process; but each request still has a trace of its own: it stands in the log lines, and goes
with the facts to whoever hears them, so that one can follow a press of a button into the worker.

Spans carry names of routes and facts, never what was typed.
"""

import logging
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from guantong.base.trace import bring_spans, traceparent

# W3C Trace Context (2021), section 3.2.2: version, trace id, parent id, flags; no id is all zeros.
_HEADER = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

_tracer: Any = None

log = logging.getLogger(__name__)


def begin(process: str) -> None:
    """Send spans of this process to the collector that the environment names, if it names one."""
    global _tracer
    if _tracer is not None or not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"guantong-{process}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = provider.get_tracer("guantong")
    # Whoever hears a fact does so in a span of the trace under which it was written.
    bring_spans(lambda name, parent: span(name, parent=parent))


def incoming(header: str | None) -> str:
    """Return a ``traceparent`` that came from outside; a wrong one counts as none."""
    return header if header and _HEADER.fullmatch(header) else ""


@contextmanager
def span(
    name: str, *, parent: str = "", attributes: Mapping[str, Any] | None = None
) -> Iterator["Attributes"]:
    """Have a span for the block; what is published in it goes on under the same trace."""
    if _tracer is None:
        own = _HEADER.fullmatch(parent)
        trace = parent.split("-")[1] if own else secrets.token_hex(16)
        token = traceparent.set(f"00-{trace}-{secrets.token_hex(8)}-00")
        try:
            yield Attributes(None)
        finally:
            traceparent.reset(token)
        return
    from opentelemetry.propagate import extract

    context = extract({"traceparent": parent}) if parent else None
    with _tracer.start_as_current_span(
        name, context=context, attributes=dict(attributes or {}), record_exception=False
    ) as current:
        at = current.get_span_context()
        token = traceparent.set(
            f"00-{at.trace_id:032x}-{at.span_id:016x}-{int(at.trace_flags):02x}"
        )
        try:
            yield Attributes(current)
        finally:
            traceparent.reset(token)


class Attributes:
    """What is known of a span only at its end."""

    def __init__(self, current: Any) -> None:
        self._current = current

    def add(self, name: str, **values: Any) -> None:
        """Name the span and note values of it."""
        if self._current is not None:
            self._current.update_name(name)
            self._current.set_attributes(values)
