"""A collector of OTLP over HTTP: keeps every span that an exporter sends."""

from __future__ import annotations

import gzip
import threading
from collections import defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """One span as it was exported."""

    trace_id: str
    span_id: str
    parent_id: str
    service: str
    name: str


class Collector:
    """Listens on a free port of 127.0.0.1 until closed."""

    def __init__(self) -> None:
        self.spans: dict[str, dict[str, Span]] = defaultdict(dict)
        self._lock = threading.Lock()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if self.path == "/v1/traces":
                    collector.keep(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def keep(self, request: ExportTraceServiceRequest) -> None:
        with self._lock:
            for resource in request.resource_spans:
                names = [a.value.string_value for a in resource.resource.attributes if a.key == "service.name"]
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        trace_id, span_id = span.trace_id.hex(), span.span_id.hex()
                        kept = Span(trace_id, span_id, span.parent_span_id.hex(), names[0], span.name)
                        self.spans[trace_id][span_id] = kept

    def trace_with(self, service: str, name: str) -> list[dict[str, Span]]:
        """Every trace whose root is that span."""
        with self._lock:
            return [
                dict(trace)
                for trace in self.spans.values()
                if any(s.service == service and s.name == name and s.parent_id not in trace for s in trace.values())
            ]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
