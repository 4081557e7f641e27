"""Catalog in all its roles on real servers; fabrication's part is played by a reader of top-level literals."""

from __future__ import annotations

import ast
import asyncio
import hashlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from google.protobuf.message import Message
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from catalog.main import SERVICE
from catalog.settings import CatalogSettings
from chassis import telemetry
from chassis.migrate import migrate
from chassis.process import serve
from fabmesh.fabrication.v1.requests_pb2 import DeclaredParameter, InspectModel, ModelInspected
from fabmesh.orders.v1.events_pb2 import ApiKeyIssued, OrganisationRegistered
from fabmesh.types.v1.types_pb2 import Finding, Size
from launcher.nats import EmbeddedNats
from messaging import requests
from messaging.envelope import seal
from messaging.publisher import Publisher
from messaging.subjects import subject_of

ALL_ROLES = "api,consumers,relay"
SCOPES = {
    "network-operator": ["catalog:read", "catalog:write", "artefacts:read"],
    "rights-holder": ["catalog:read", "catalog:write", "artefacts:read"],
    "partner": ["catalog:read"],
}

MODEL = """
diameter = 36.0
grips = 10
lid = False
label = "brew"
result = diameter
show_object(result)
"""
DESIGN = """
title = "Knob for a coffee machine"
slug = "{slug}"
summary = "Hollow, for a D-shaped spindle."
rights_holder = "{holder}"
processes = ["fdm"]
materials = ["petg", "pla"]
tags = ["Coffee", "knob"]
[[fits]]
maker = "Brunello"
model = "Classica 2"
part_number = "BR-0412"
[parameters.diameter]
min = 28
max = 60
step = 0.5
unit = "mm"
[parameters.grips]
min = 6
max = 24
step = 1
[[characteristics]]
name = "Diameter"
nominal = "diameter"
upper = 0.4
lower = -0.4
unit = "mm"
class = "critical"
feature = "extent-x"
[licence]
kind = "per-part"
fee = {{ amount = "1.50", currency = "EUR" }}
"""


def design(slug: str = "coffee-knob", holder: str = "Acme Coffee", more: str = "") -> str:
    return more + DESIGN.format(slug=slug, holder=holder)


@dataclass
class Fabrication:
    """Answers InspectModel from the script's top-level literals, and remembers what it was asked."""

    asked: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    delay_s: float = 0.0

    async def answer(self, question: InspectModel) -> ModelInspected:
        self.asked.append(question.model_source)
        await asyncio.sleep(self.delay_s)
        return ModelInspected(
            parameters=[_declared(node) for node in ast.parse(question.model_source).body if _is_literal(node)],
            extent=Size(x_mm=36, y_mm=36, z_mm=18),
            volume_mm3=9_000,
            bodies=1,
            findings=self.findings,
        )


def _is_literal(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)


def _declared(node: Any) -> DeclaredParameter:
    value = node.value.value
    kinds = {bool: "boolean", int: "integer", float: "number", str: "text"}
    return DeclaredParameter(name=node.targets[0].id, kind=kinds[type(value)], default_json=json.dumps(value))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def observed() -> telemetry.Telemetry:
    return telemetry.start("catalog")


@pytest.fixture
async def settings(new_database: Callable[[str], str], nats_server: EmbeddedNats) -> CatalogSettings:
    settings = CatalogSettings(
        database_url=new_database("catalog"),
        nats_url=nats_server.url,
        nats_creds=nats_server.creds("catalog"),
        http_port=free_port(),
        public_url="http://127.0.0.1",
        allowed_packages="cqgridfinity==0.5.7",
    )
    await migrate(SERVICE.migrations, settings)
    return settings


@asynccontextmanager
async def running(
    settings: CatalogSettings, observed: telemetry.Telemetry, roles: str = ALL_ROLES
) -> AsyncIterator[str]:
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


Emit = Callable[[Message, str], Awaitable[None]]


@pytest.fixture
def emit(mesh: Client) -> Emit:
    """Publishes an event as its owner would; the second argument is the aggregate's id."""
    publisher = Publisher(mesh.jetstream())

    async def publish(message: Message, aggregate_id: str) -> None:
        await publisher.publish(subject_of(message), seal(message, source="orders", subject=aggregate_id))

    return publish


@pytest.fixture
async def fabrication(mesh: Client) -> AsyncIterator[Fabrication]:
    played = Fabrication()
    subscription = await requests.serve(mesh, InspectModel, played.answer, service="fabrication", at_once=4)
    await mesh.flush()
    yield played
    await subscription.unsubscribe()


@pytest.fixture
async def url(settings: CatalogSettings, mesh: Client, observed: telemetry.Telemetry) -> AsyncIterator[str]:
    async with running(settings, observed) as url:
        yield url


@dataclass(frozen=True)
class Caller:
    """An organisation with a client of its own."""

    organisation_id: str
    key: str
    http: httpx.AsyncClient

    async def publish(self, model: str = MODEL, toml: str | None = None, **headers: str) -> httpx.Response:
        content = {"model": model, "design": design() if toml is None else toml}
        return await self.http.post("/catalog/v1/designs", json=content, headers=headers)


SignUp = Callable[..., Awaitable[Caller]]


@pytest.fixture
async def sign_up(url: str, emit: Emit, eventually: Any, sql: Any) -> AsyncIterator[SignUp]:
    """Registers an organisation as orders would, and waits until catalog knows it and its key."""
    clients: list[httpx.AsyncClient] = []

    async def register(name: str, kind: str = "rights-holder") -> Caller:
        organisation_id, key = f"org-{name.lower().replace(' ', '-')}", "fm_" + name.encode().hex()
        await emit(OrganisationRegistered(organisation_id=organisation_id, name=name, kind=kind), organisation_id)
        issued = ApiKeyIssued(
            key_id=f"key-{organisation_id}",
            sha256=hashlib.sha256(key.encode()).digest(),
            organisation_id=organisation_id,
            organisation_kind=kind,
            scopes=SCOPES[kind],
        )
        await emit(issued, organisation_id)
        client = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)
        clients.append(client)

        await eventually(lambda: sql("select 1 from access_keys where organisation_id = :id", id=organisation_id))
        await eventually(lambda: sql("select 1 from organisations where id = :id", id=organisation_id))
        return Caller(organisation_id, key, client)

    yield register
    for client in clients:
        await client.aclose()


@pytest.fixture
async def operator(sign_up: SignUp) -> Caller:
    return await sign_up("fabmesh network", "network-operator")


@pytest.fixture
async def acme(sign_up: SignUp) -> Caller:
    return await sign_up("Acme Coffee")


@pytest.fixture
async def sql(settings: CatalogSettings) -> AsyncIterator[Callable[..., Any]]:
    """Runs one statement on the service's database."""
    engine = create_async_engine(settings.sqlalchemy_url())

    async def run(statement: str, **values: Any) -> list[Any]:
        async with engine.begin() as connection:
            result = await connection.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    yield run
    await engine.dispose()


@pytest.fixture
def released(mesh: Client, eventually: Any) -> Callable[..., Awaitable[list[Any]]]:
    """The events of a kind that the relay has published, once there are at least `least`."""

    async def read(kind: type[Message], least: int = 1) -> list[Any]:
        js = mesh.jetstream()

        async def enough() -> list[Any]:
            state = (await js.stream_info("EVT_CATALOG")).state
            found = []
            for sequence in range(state.first_seq, state.last_seq + 1):
                raw = await js.get_msg("EVT_CATALOG", sequence)
                if raw.subject == subject_of(kind):
                    found.append(kind.FromString(raw.data or b""))
            return found if len(found) >= least else []

        return list(await eventually(enough))

    return read
