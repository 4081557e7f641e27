"""Routing in all its roles on real servers; orders, fabrication and the hubs are played."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from google.protobuf.message import Message
from nats.aio.client import Client
from played_hubs import ALTONA, BERGEDORF, PlayedHub, allocate, dispatch, enrol, registration
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import telemetry
from chassis.migrate import migrate
from chassis.process import serve
from fabmesh.fabrication.v1.events_pb2 import MachineProfileReleased
from fabmesh.orders.v1.events_pb2 import ApiKeyIssued
from fabmesh.routing.v1.events_pb2 import JobOrderAllocated, JobOrderDispatched
from fabmesh.types.v1.types_pb2 import Size
from launcher.nats import EmbeddedNats
from messaging.envelope import seal
from messaging.publisher import Publisher
from messaging.subjects import subject_of
from routing.main import SERVICE
from routing.settings import RoutingSettings

KEYS = {
    "operator": ("network-operator", ["routing:read", "routing:write"]),
    "owner": ("hub-operator", ["routing:read", "routing:write"]),
    "shop": ("partner", ["routing:read"]),
    "rival": ("partner", ["routing:read"]),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def observed() -> telemetry.Telemetry:
    return telemetry.start("routing")


@pytest.fixture
def timing() -> dict[str, float]:
    """The durations that routing works by, where they are not the usual ones; a module may override this."""
    return {}


@pytest.fixture
async def settings(
    new_database: Callable[[str], str], nats_server: EmbeddedNats, timing: dict[str, float]
) -> RoutingSettings:
    settings = RoutingSettings(
        database_url=new_database("routing"),
        nats_url=nats_server.url,
        nats_creds=nats_server.creds("routing"),
        http_port=free_port(),
        public_url="https://mesh.example",
        hub_signing_seed=nats_server.hub_signing_seed,
        hubs_account=nats_server.hubs_account,
        **timing,
    )
    await migrate(SERVICE.migrations, settings)
    await _begin_tokens_anew(settings)
    return settings


async def _begin_tokens_anew(settings: RoutingSettings) -> None:
    """The broker outlives a test, and drops an offer whose job order and token it has seen in the last minutes."""
    engine = create_async_engine(settings.sqlalchemy_url())
    async with engine.begin() as connection:
        await connection.execute(text(f"alter sequence fencing_tokens restart with {time.time_ns() // 1_000_000}"))
    await engine.dispose()


@asynccontextmanager
async def running(
    settings: RoutingSettings, observed: telemetry.Telemetry, roles: str = "api,consumers,relay"
) -> AsyncIterator[str]:
    """Routing in some roles, until the block ends."""
    stop = asyncio.Event()
    task = asyncio.create_task(serve(SERVICE, settings, frozenset(roles.split(",")), stop, observed))
    url = f"http://127.0.0.1:{settings.http_port}"
    async with httpx.AsyncClient() as client:
        for _ in range(400):
            try:
                if (await client.get(url + "/readyz")).status_code == 200:
                    break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
        else:
            raise TimeoutError("not ready")
    try:
        yield url
    finally:
        stop.set()
        await task


@pytest.fixture
async def url(settings: RoutingSettings, mesh: Client, observed: telemetry.Telemetry) -> AsyncIterator[str]:
    async with running(settings, observed) as url:
        yield url


@pytest.fixture
async def sql(settings: RoutingSettings) -> AsyncIterator[Callable[..., Any]]:
    """Runs one statement on the service's database."""
    engine = create_async_engine(settings.sqlalchemy_url())

    async def run(statement: str, **values: Any) -> list[Any]:
        async with engine.begin() as connection:
            result = await connection.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    yield run
    await engine.dispose()


@dataclass(frozen=True)
class Played:
    """The rest of the mesh: it sends messages to routing, and reads the events that routing has sent."""

    mesh: Client
    eventually: Any

    async def send(self, message: Message, aggregate_id: str, source: str = "orders") -> None:
        envelope = seal(message, source=source, subject=aggregate_id, correlation_id=aggregate_id)
        await Publisher(self.mesh.jetstream()).publish(subject_of(message), envelope)

    async def events(self, kind: type[Message], job_order_id: str | None = None) -> list[Any]:
        """The events of a kind so far, of one job order or of all."""
        js = self.mesh.jetstream()
        state = (await js.stream_info("EVT_ROUTING")).state
        found = []
        for sequence in range(state.first_seq, state.last_seq + 1):
            raw = await js.get_msg("EVT_ROUTING", sequence)
            if raw.subject == subject_of(kind):
                found.append(kind.FromString(raw.data or b""))
        return [each for each in found if job_order_id in (None, getattr(each, "job_order_id", None))]

    async def heard(
        self, kind: type[Message], job_order_id: str | None = None, *, least: int = 1, within_s: float = 30
    ) -> list[Any]:
        """The events of a kind, once there are at least `least`."""

        async def enough() -> list[Any]:
            found = await self.events(kind, job_order_id)
            return found if len(found) >= least else []

        return list(await self.eventually(enough, within_s=within_s))

    async def allocate(self, job_order_id: str, **changes: Any) -> JobOrderAllocated:
        """Ask for a job order and wait until it is allocated."""
        await self.send(allocate(job_order_id, **changes), job_order_id)
        return (await self.heard(JobOrderAllocated, job_order_id))[0]

    async def dispatch(self, job_order_id: str, token: int) -> None:
        """Release its program for a token and wait until it is on its way."""
        before = len(await self.events(JobOrderDispatched, job_order_id))
        await self.send(dispatch(job_order_id, token), job_order_id)
        await self.heard(JobOrderDispatched, job_order_id, least=before + 1)

    async def offered(self, job_order_id: str, **changes: Any) -> JobOrderAllocated:
        """Allocated, and its program released."""
        allocated = await self.allocate(job_order_id, **changes)
        await self.dispatch(job_order_id, allocated.fencing_token)
        return allocated


@pytest.fixture
def played(mesh: Client, eventually: Any) -> Played:
    return Played(mesh, eventually)


@pytest.fixture
async def callers(url: str, played: Played, eventually: Any, sql: Any) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """A client for each organisation, once routing knows their keys."""
    clients = {}
    for name, (kind, scopes) in KEYS.items():
        key = "fm_" + name
        digest = hashlib.sha256(key.encode()).digest()
        issued = ApiKeyIssued(key_id=name, sha256=digest, organisation_id=name, organisation_kind=kind, scopes=scopes)
        await played.send(issued, name)
        clients[name] = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    async def all_known() -> bool:
        return len(await sql("select 1 from access_keys")) == len(KEYS)

    await eventually(all_known)
    yield clients
    for client in clients.values():
        await client.aclose()


@pytest.fixture
def operator(callers: dict[str, httpx.AsyncClient]) -> httpx.AsyncClient:
    return callers["operator"]


NewHub = Callable[..., Awaitable[PlayedHub]]


@pytest.fixture
async def new_hub(operator: httpx.AsyncClient, played: Played) -> AsyncIterator[NewHub]:
    """Registers, enrols and connects a hub; it is heard once, and not again by itself."""
    hubs: list[PlayedHub] = []
    volume = Size(x_mm=250, y_mm=210, z_mm=220)
    await played.send(MachineProfileReleased(profile_id="mk4", revision="1", volume=volume), "mk4", "fabrication")

    async def create(slug: str, location: dict[str, float] = ALTONA, **changes: Any) -> PlayedHub:
        hub = await enrol(operator, registration(slug, location, **changes))
        await hub.connect()
        hubs.append(hub)
        await hub.heartbeat()
        return hub

    yield create
    for hub in hubs:
        await hub.close()


@pytest.fixture
async def near(new_hub: NewHub) -> PlayedHub:
    """The hub that a customer in the middle of Hamburg gets."""
    return await new_hub("altona")


@pytest.fixture
async def far(new_hub: NewHub) -> PlayedHub:
    """The hub that is chosen where the near one cannot."""
    return await new_hub("bergedorf", BERGEDORF)
