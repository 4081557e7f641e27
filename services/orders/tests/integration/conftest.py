"""Fixtures: a migrated database, the saga on it message by message, and the whole service on a real mesh."""

from __future__ import annotations

import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from nats.aio.client import Client

from chassis import telemetry
from chassis.auth import key_hash
from chassis.database import Database
from chassis.migrate import migrate
from fabmesh.catalog.v1.events_pb2 import DesignVersionReleased
from launcher.nats import EmbeddedNats
from orders.cli import run_bootstrap
from orders.settings import OrdersSettings

sys.path.insert(0, str(Path(__file__).parent))

from orders_harness import designs
from orders_harness.service import client_with, running
from orders_harness.world import ADMIN_KEY, PARTNER_KEY, World


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def settings(new_database: Callable[[str], str]) -> OrdersSettings:
    """A migrated database with the organisations of the bootstrap; no broker."""
    made = OrdersSettings(
        database_url=new_database("orders"),
        nats_url="nats://127.0.0.1:1",
        http_port=free_port(),
        public_url="http://127.0.0.1",
        bootstrap_admin_key_sha256=key_hash(ADMIN_KEY).hex(),
        bootstrap_partner_key_sha256=key_hash(PARTNER_KEY).hex(),
    )
    await migrate("orders.migrations", made)
    await run_bootstrap(made)
    return made


@pytest.fixture
async def world(settings: OrdersSettings) -> AsyncIterator[World]:
    """Orders and its saga on a real database, where the test hears and says every message."""
    database = Database(settings, application_name="tests")
    made = World(settings, database)
    await made.open()
    yield made
    await database.close()


@pytest.fixture(scope="session")
def observed() -> telemetry.Telemetry:
    return telemetry.start("orders")


@pytest.fixture
async def service_url(
    settings: OrdersSettings, mesh: Client, nats_server: EmbeddedNats, observed: telemetry.Telemetry
) -> AsyncIterator[str]:
    """The whole service on a real mesh."""
    connected = settings.model_copy(update={"nats_url": nats_server.url, "nats_creds": nats_server.creds("orders")})
    async with running(connected, observed, "api,consumers,relay") as url:
        yield url


@pytest.fixture
async def partner(service_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client_with(service_url, PARTNER_KEY) as client:
        yield client


@pytest.fixture
async def admin(service_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client_with(service_url, ADMIN_KEY) as client:
        yield client


@pytest.fixture
def knob() -> DesignVersionReleased:
    return designs.knob()


@pytest.fixture
def clip() -> DesignVersionReleased:
    return designs.clip()
