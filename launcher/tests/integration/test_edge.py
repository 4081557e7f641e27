"""The edge in front of a small real service."""

import contextlib
import http.server
import os
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from launcher.edge import edge
from launcher.folder import DataFolder
from launcher.ports import LOOPBACK, free_ports
from launcher.supervisor import Supervisor

pytestmark = pytest.mark.integration


class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.answer(self.path.encode())

    def do_POST(self) -> None:
        self.answer(str(len(self.rfile.read(int(self.headers["Content-Length"])))).encode())

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def ports() -> list[int]:
    return free_ports(3)


@pytest.fixture
def orders(ports: list[int]) -> Iterator[None]:
    server = http.server.ThreadingHTTPServer((LOOPBACK, ports[1]), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
async def client(tmp_path: Path, ports: list[int], orders: None) -> AsyncIterator[httpx.AsyncClient]:
    supervisor = Supervisor(DataFolder(tmp_path), lambda _: None)
    supervisor.add([edge(tmp_path / "edge", {"orders": ports[1], "catalog": ports[2]}, ports[0])])
    try:
        await supervisor.ready(["edge"], 20)
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{ports[0]}", trust_env=False, timeout=20) as client:
            yield client
    finally:
        await supervisor.stop()


async def test_a_path_reaches_its_service_unchanged(client: httpx.AsyncClient) -> None:
    answer = await client.get("/orders/v1/orders?limit=2")
    assert (answer.status_code, answer.text) == (200, "/orders/v1/orders?limit=2")


@pytest.mark.parametrize("path", ["/", "/nobody/v1/x", "/orders", "/readyz"])
async def test_what_belongs_to_nobody_is_a_problem(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {"type": "about:blank", "title": "Not Found", "status": 404}


async def test_a_service_that_is_away_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.get("/catalog/v1/designs")
    assert answer.status_code == 502
    assert answer.json()["status"] == 502


async def test_a_body_has_a_limit(client: httpx.AsyncClient) -> None:
    assert (await client.post("/orders/v1/x", content=b"x" * 2_000_000)).text == "2000000"
    answer = await client.post("/orders/v1/x", content=b"x" * 33_000_000)
    assert answer.status_code == 413


def test_the_edge_keeps_to_its_folder(tmp_path: Path, ports: list[int]) -> None:
    part = edge(tmp_path, {}, ports[0])
    assert {part.environment[name] for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")} == {str(tmp_path)}
    assert part.environment["PATH"] == os.environ["PATH"]
