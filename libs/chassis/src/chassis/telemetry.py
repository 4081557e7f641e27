"""OpenTelemetry: traces, metrics and logs, exported over OTLP where OTEL_EXPORTER_OTLP_ENDPOINT names a collector."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from sqlalchemy.ext.asyncio import AsyncEngine

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s %(message)s trace=%(trace_id)s"


class _TraceIds(logging.Filter):
    """Puts the current trace's id into each log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        context = trace.get_current_span().get_span_context()
        record.trace_id = f"{context.trace_id:032x}" if context.is_valid else "-"
        return True


@dataclass(frozen=True, slots=True)
class Telemetry:
    """The providers of this process; close() sends what is still buffered."""

    tracer_provider: TracerProvider
    meter_provider: MeterProvider

    def watch(self, app: FastAPI, engine: AsyncEngine) -> None:
        """Trace the application's requests and, where something exports them, its statements."""
        FastAPIInstrumentor.instrument_app(
            app,
            tracer_provider=self.tracer_provider,
            meter_provider=self.meter_provider,
            exclude_spans=["send", "receive"],
            excluded_urls="livez,readyz",
        )
        if _exporting():
            SQLAlchemyInstrumentor().instrument(
                engine=engine.sync_engine, tracer_provider=self.tracer_provider, skip_dep_check=True
            )

    def gauge(self, name: str, unit: str, description: str, read: Callable[[], float]) -> None:
        """A figure that is read whenever metrics are collected."""

        def observe(_: CallbackOptions) -> list[Observation]:
            return [Observation(read())]

        meter = self.meter_provider.get_meter("fabmesh.chassis")
        meter.create_observable_gauge(name, [observe], unit, description)

    def close(self) -> None:
        """Send what is buffered; at most two seconds each where the collector is away."""
        self.tracer_provider.shutdown()
        self.meter_provider.shutdown(timeout_millis=2_000)


def start(service: str) -> Telemetry:
    """Set up this process's telemetry. Call once, after any fork."""
    resource = Resource.create({"service.name": service, "service.namespace": "fabmesh"})
    tracers = TracerProvider(resource=resource)
    readers = []
    if _exporting():
        tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=2), schedule_delay_millis=500))
        readers.append(PeriodicExportingMetricReader(OTLPMetricExporter(timeout=2), export_interval_millis=5_000))
    meters = MeterProvider(resource=resource, metric_readers=readers)
    trace.set_tracer_provider(tracers)
    metrics.set_meter_provider(meters)
    _log_to_stderr()
    return Telemetry(tracers, meters)


def _exporting() -> bool:
    return bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_TraceIds())
    handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(os.environ.get("FABMESH_LOG_LEVEL", "INFO"))
    for noisy in ("httpx", "nats", "opentelemetry"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
