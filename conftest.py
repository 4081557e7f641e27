"""Fixtures for every suite: real servers, one of each for a whole run, and a clean corner of them for each test."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client

import hub  # noqa: F401 - before pytest takes the folder of that name for the package
from launcher.nats import EmbeddedNats
from launcher.postgres import EmbeddedPostgres
from launcher.testing import start_nats, start_postgres
from messaging.connection import close, connect
from messaging.envelope import uuid7
from messaging.streams import STREAMS, apply


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="fm-pg-") as folder, start_postgres(Path(folder)) as server:
        yield server


@pytest.fixture
def new_database(postgres: EmbeddedPostgres) -> Callable[[str], str]:
    """Makes an empty database of its own; answers its URL."""
    return lambda prefix: postgres.create_database(f"{prefix}_{uuid7().replace('-', '')[-12:]}")


@pytest.fixture(scope="session")
def nats_server() -> Iterator[EmbeddedNats]:
    """NATS with every stream declared."""
    with tempfile.TemporaryDirectory(prefix="fm-nats-") as folder, start_nats(Path(folder)) as server:
        asyncio.run(_declare(server))
        yield server


async def _declare(server: EmbeddedNats) -> None:
    client = await connect(server.url, name="tests", creds=server.creds("launcher"))
    await apply(client.jetstream())
    await close(client)


@pytest.fixture
async def mesh(nats_server: EmbeddedNats) -> AsyncIterator[Client]:
    """An all-powerful connection to a mesh whose streams are empty and have no consumers."""
    client = await connect(nats_server.url, name="tests", creds=nats_server.creds("launcher"))
    js = client.jetstream()
    for stream in STREAMS:
        name = stream.name or ""
        for consumer in await js.consumers_info(name):
            await js.delete_consumer(name, consumer.name)
        await js.purge_stream(name)
    yield client
    await close(client)


@pytest.fixture
def eventually() -> Callable[..., Awaitable[Any]]:
    """Waits for the first truthy answer of an async function; fails after `within_s` seconds."""

    async def wait(check: Callable[[], Awaitable[Any]], *, within_s: float = 20.0) -> Any:
        async with asyncio.timeout(within_s):
            while not (found := await check()):
                await asyncio.sleep(0.05)
            return found

    return wait
