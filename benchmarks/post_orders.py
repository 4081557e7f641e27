"""POST /orders, 16 at once with fsync on, against bare FastAPI and asyncpg that write the same rows."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.load import Load, post_many
from benchmarks.result import Result
from benchmarks.servers import Servers, servers
from fabmesh.catalog.v1.events_pb2 import DesignVersionReleased, LicenceTerms, Parameter
from messaging.envelope import seal, uuid7
from messaging.publisher import Publisher
from messaging.subjects import subject_of

COUNT = 3_000
WARM_UP = 300
ROUNDS = 3
KEY = "fm_benchmark"
WISH = {
    "design": "bench-clip",
    "material": "petg",
    "quantity": 1,
    "parameters": {"width": 12.5},
    "destination": {"lat": 53.55, "lon": 9.99},
    "fulfilment": "pickup",
}


async def run() -> list[Result]:
    async with servers() as here:
        url = here.postgres.create_database("orders")
        environment = _settings(here, url)
        _command("migrate", environment)
        _command("bootstrap", environment)
        with _service(environment, "api,consumers,relay") as port:
            await _release(here)
            order_id = await _first_order(port)
        peer_port = _free_port()
        bare = [sys.executable, "-m", "benchmarks.bare_orders", url, order_id, str(peer_port)]
        with _service(environment, "api") as port, _process(bare, os.environ, f"http://127.0.0.1:{peer_port}/docs"):
            ours, peers = await _in_turn(port, peer_port)
    peer = "bare FastAPI + asyncpg, same rows in one transaction"
    return [
        Result("POST /orders, seconds per request", 1 / ours.per_s, "s", peer, 1 / peers.per_s, "≤ 3 ×"),
        Result("POST /orders, p50", ours.p50_ms, "ms", peer, peers.p50_ms),
        Result("POST /orders, p99", ours.p99_ms, "ms", peer, peers.p99_ms),
    ]


async def _in_turn(port: int, peer_port: int) -> tuple[Load, Load]:
    """The best of some rounds of each, in turn, after a warm-up."""
    path = "/orders/v1/orders"
    runs: dict[int, list[Load]] = {port: [], peer_port: []}
    for each in runs:
        await post_many(each, path, WISH, KEY, count=WARM_UP)
    for _ in range(ROUNDS):
        for each, loads in runs.items():
            loads.append(await post_many(each, path, WISH, KEY, count=COUNT))
    ours, peers = (max(loads, key=lambda load: load.per_s) for loads in runs.values())
    return ours, peers


async def _release(here: Servers) -> None:
    released = DesignVersionReleased(
        design_id=uuid7(),
        slug="bench-clip",
        version_id=uuid7(),
        version=1,
        title="Clip",
        rights_holder_id="bench",
        processes=["fdm"],
        materials=["petg"],
        parameters=[
            Parameter(name="width", kind="number", default_json="10", min=8, max=20, unit="mm", adjustable=True)
        ],
        licence=LicenceTerms(kind="free"),
        model_source="width = 10.0",
    )
    envelope = seal(released, source="catalog", subject=released.design_id)
    await Publisher(here.client.jetstream()).publish(subject_of(released), envelope)


async def _first_order(port: int) -> str:
    """Place the order whose rows the peer repeats, once the design and the key are known."""
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "template"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client, asyncio.timeout(30):
        while (answer := await client.post("/orders/v1/orders", json=WISH)).status_code != 201:
            await asyncio.sleep(0.2)
        return str(answer.json()["id"])


def _settings(here: Servers, url: str) -> dict[str, str]:
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    return os.environ | {
        "FABMESH_DATABASE_URL": url,
        "FABMESH_NATS_URL": here.nats.url,
        "FABMESH_NATS_CREDS": str(here.nats.creds("orders")),
        "FABMESH_HTTP_PORT": str(_free_port()),
        "FABMESH_PUBLIC_URL": "http://127.0.0.1",
        "FABMESH_LOG_LEVEL": "WARNING",
        "FABMESH_BOOTSTRAP_ADMIN_KEY_SHA256": digest,
        "FABMESH_BOOTSTRAP_PARTNER_KEY_SHA256": hashlib.sha256(b"another").hexdigest(),
    }


def _program() -> str:
    return str(Path(sys.executable).parent / "fabmesh-orders")


def _command(name: str, environment: Mapping[str, str]) -> None:
    subprocess.run([_program(), name], env=dict(environment), check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _service(environment: Mapping[str, str], roles: str) -> Iterator[int]:
    port = int(environment["FABMESH_HTTP_PORT"])
    with _process([_program(), "run", "--roles", roles], environment, f"http://127.0.0.1:{port}/readyz"):
        yield port


@contextmanager
def _process(command: list[str], environment: Mapping[str, str], ready: str) -> Iterator[None]:
    process = subprocess.Popen(command, env=dict(environment), stdout=subprocess.DEVNULL)
    try:
        _until_ready(ready, process)
        yield
    finally:
        process.terminate()
        process.wait(60)


def _until_ready(url: str, process: subprocess.Popen[Any]) -> None:
    while process.poll() is None:
        try:
            if httpx.get(url, timeout=1).is_success:
                return
        except httpx.TransportError:
            continue
    raise RuntimeError(f"it ended with {process.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
