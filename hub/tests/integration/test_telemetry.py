"""With the SDK installed, the hub's spans join the order's trace."""

import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.integration
collector_messages = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")


@pytest.fixture
def collector() -> Iterator[tuple[str, list[Any]]]:
    spans: list[Any] = []

    class Collector(http.server.BaseHTTPRequestHandler):
        log_message = lambda *_: None  # noqa: E731

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
            request = collector_messages.ExportTraceServiceRequest.FromString(body)
            spans.extend(s for r in request.resource_spans for scope in r.scope_spans for s in scope.spans)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    server.shutdown()
    thread.join()
    server.server_close()


async def test_making_claiming_and_reporting_are_spans_of_the_orders_trace(
    network: Any,
    machines: Any,
    agents: Any,
    ring: Callable[..., str],
    collector: tuple[str, list[Any]],
    comes_true: Any,
) -> None:
    url, spans = collector
    agents(await machines(), environment={"OTEL_EXPORTER_OTLP_ENDPOINT": url})
    key = await network.offer(ring(layers=5))
    await network.finals(key)
    await comes_true(lambda: any(span.name == "make job order" for span in spans))
    by_name = {span.name: span for span in spans}
    assert {span.trace_id.hex() for span in spans} == {"4bf92f3577b34da6a3ce929d0e0e4736"}
    making = by_name["make job order"]
    assert making.parent_span_id.hex() == "00f067aa0ba902b7"
    for name in ("claim job order", "report started", "report completed"):
        assert by_name[name].parent_span_id == making.span_id
    attributes = {each.key: each.value.string_value for each in making.attributes}
    assert attributes["fabmesh.job_order.id"] == key[0]
