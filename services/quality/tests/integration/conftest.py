"""Quality in all its roles on real servers; the test plays catalog and orders by publishing what they announce."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from google.protobuf.message import Message
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import telemetry
from chassis.migrate import migrate
from chassis.process import serve
from chassis.settings import ServiceSettings
from fabmesh.orders.v1.events_pb2 import ApiKeyIssued, OrderPlaced
from fabmesh.quality.v1.commands_pb2 import InspectParts
from fabmesh.types.v1 import types_pb2 as types
from launcher.nats import EmbeddedNats
from messaging.envelope import seal
from messaging.publisher import Publisher
from messaging.streams import stream_for
from messaging.subjects import subject_of
from quality.main import SERVICE

ALL_ROLES = "api,consumers,relay"
SCOPES = ["quality:read", "quality:write"]

Emit = Callable[..., Awaitable[None]]
SignUp = Callable[..., Awaitable[httpx.AsyncClient]]


def characteristic(name: str, nominal: float, **more: Any) -> types.Characteristic:
    bounds = {"upper": nominal + 0.4, "lower": nominal - 0.4, "unit": "mm", "class": "major", "feature": "extent-x"}
    return types.Characteristic(name=name, nominal=nominal, instrument="caliper", **(bounds | more))


def measurement(part: str, name: str, value: float, unit: str = "mm") -> types.Measurement:
    return types.Measurement(part_id=part, characteristic=name, value=value, unit=unit, instrument="probe")


DIAMETER = characteristic("Diameter", 36)
BORE = characteristic(
    "Socket", 6.2, upper=6.5, lower=5.9, feature="bore", at=types.Size(x_mm=0, y_mm=0, z_mm=10), **{"class": "critical"}
)
SURFACE = characteristic("Ring gauge", 20, feature="", **{"class": "minor"})
PIN = characteristic("Pin fit", 4, feature="", **{"class": "critical"})


def command(
    job_order: str = "job-1",
    parts: Iterable[str] = ("part-1",),
    wanted: Iterable[types.Characteristic] = (DIAMETER,),
    found: Iterable[types.Measurement] = (),
    **more: Any,
) -> InspectParts:
    fields = {
        "job_order_id": job_order,
        "order_id": "order-1",
        "version_id": "version-1",
        "parameters_json": '{"diameter":36.0}',
        "hub_id": "hub-1",
        "machine_id": "machine-1",
        "program_sha256": "ab" * 32,
    }
    return InspectParts(part_ids=parts, characteristics=wanted, measurements=found, **(fields | more))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def observed() -> telemetry.Telemetry:
    return telemetry.start("quality")


@pytest.fixture
async def settings(new_database: Callable[[str], str], nats_server: EmbeddedNats) -> ServiceSettings:
    settings = ServiceSettings(
        database_url=new_database("quality"),
        nats_url=nats_server.url,
        nats_creds=nats_server.creds("quality"),
        http_port=free_port(),
        public_url="http://127.0.0.1",
    )
    await migrate(SERVICE.migrations, settings)
    return settings


@asynccontextmanager
async def running(settings: ServiceSettings, observed: telemetry.Telemetry) -> AsyncIterator[str]:
    stop = asyncio.Event()
    task = asyncio.create_task(serve(SERVICE, settings, frozenset(ALL_ROLES.split(",")), stop, observed))
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
async def url(settings: ServiceSettings, mesh: Client, observed: telemetry.Telemetry) -> AsyncIterator[str]:
    async with running(settings, observed) as url:
        yield url


@pytest.fixture
def emit(mesh: Client) -> Emit:
    """Publishes a message as its sender would."""
    publisher = Publisher(mesh.jetstream())

    async def publish(message: Message, aggregate_id: str = "order-1") -> None:
        await publisher.publish(subject_of(message), seal(message, source="orders", subject=aggregate_id))

    return publish


@pytest.fixture
async def sql(settings: ServiceSettings) -> AsyncIterator[Callable[..., Any]]:
    """Runs one statement on the service's database."""
    engine = create_async_engine(settings.sqlalchemy_url())

    async def run(statement: str, **values: Any) -> list[Any]:
        async with engine.begin() as connection:
            result = await connection.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    yield run
    await engine.dispose()


@pytest.fixture
async def sign_up(url: str, emit: Emit, eventually: Any, sql: Any) -> AsyncIterator[SignUp]:
    """Issues a key as orders would; answers a client with it, once quality knows the key."""
    clients: list[httpx.AsyncClient] = []

    async def register(organisation: str, kind: str = "partner", scopes: Iterable[str] = SCOPES) -> httpx.AsyncClient:
        key = "fm_" + organisation.encode().hex()
        issued = ApiKeyIssued(
            key_id=f"key-{organisation}",
            sha256=hashlib.sha256(key.encode()).digest(),
            organisation_id=organisation,
            organisation_kind=kind,
            scopes=scopes,
        )
        await emit(issued, organisation)
        await eventually(lambda: sql("select 1 from access_keys where organisation_id = :id", id=organisation))
        base = f"{url}/quality/v1/"
        clients.append(httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {key}"}, timeout=30))
        return clients[-1]

    yield register
    for client in clients:
        await client.aclose()


@pytest.fixture
async def operator(sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up("network", "network-operator")


@pytest.fixture
async def buyer(sign_up: SignUp, emit: Emit, eventually: Any, sql: Any) -> httpx.AsyncClient:
    """The organisation that placed order-1."""
    client = await sign_up("buyer")
    await emit(OrderPlaced(order_id="order-1", organisation_id="buyer"))
    await eventually(lambda: sql("select 1 from orders where id = 'order-1'"))
    return client


@pytest.fixture
def opened(operator: httpx.AsyncClient, eventually: Any) -> Callable[[str], Awaitable[dict[str, Any]]]:
    """The inspection of a job order, once there is one."""

    async def find(job_order: str) -> dict[str, Any]:
        async def there() -> Any:
            items = (await operator.get("inspections")).json()["items"]
            return [item for item in items if item["job_order"] == job_order]

        (inspection,) = await eventually(there)
        return dict(inspection)

    return find


@pytest.fixture
def inspected(opened: Any, emit: Emit) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Sends a command and answers its inspection."""

    async def inspect(sent: InspectParts) -> dict[str, Any]:
        await emit(sent)
        return dict(await opened(sent.job_order_id))

    return inspect


@pytest.fixture
def sent_out(mesh: Client, eventually: Any) -> Callable[..., Awaitable[list[Any]]]:
    """The messages of a kind that the relay has published, once there are at least `least`."""

    async def read(kind: type[Message], least: int = 1) -> list[Any]:
        js, subject = mesh.jetstream(), subject_of(kind)
        stream = stream_for(subject)

        async def enough() -> list[Any]:
            state = (await js.stream_info(stream)).state
            found = []
            for sequence in range(state.first_seq, state.last_seq + 1):
                raw = await js.get_msg(stream, sequence)
                if raw.subject == subject:
                    found.append(kind.FromString(raw.data or b""))
            return found if len(found) >= least else []

        return list(await eventually(enough)) if least else await enough()

    return read
