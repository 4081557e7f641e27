"""Traces: the order's own trace goes on through the hub. Exported where OTEL_EXPORTER_OTLP_ENDPOINT names a collector.

The SDK is the extra `telemetry`; without it the traces' ids still travel from the offer to the claims and reports.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from opentelemetry import trace

from hub import __version__

log = logging.getLogger(__name__)

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def current_trace_id() -> str:
    """The id of the trace that is under way here; empty for none."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""


def start(hub_id: str, environment: Mapping[str, str]) -> Callable[[], None]:
    """Export spans from now on, where wanted and possible; answers what sends the rest at the end."""
    if not environment.get(ENDPOINT):
        return _nothing
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("%s is set, but the extra `telemetry` is not installed: no traces from here", ENDPOINT)
        return _nothing
    resource = Resource.create(
        {
            "service.name": "hub",
            "service.namespace": "fabmesh",
            "service.version": __version__,
            "service.instance.id": hub_id,
        }
    )
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=2), schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    return provider.shutdown


def _nothing() -> None:
    return None
