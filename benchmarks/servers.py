"""Fresh servers of our own for a benchmark, on the disk and with fsync on."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client

from launcher.nats import EmbeddedNats
from launcher.postgres import EmbeddedPostgres
from messaging.connection import close, connect
from messaging.streams import apply


@dataclass(frozen=True)
class Servers:
    postgres: EmbeddedPostgres
    nats: EmbeddedNats
    client: Client


@asynccontextmanager
async def servers() -> AsyncIterator[Servers]:
    """PostgreSQL and NATS, the streams declared."""
    with tempfile.TemporaryDirectory(prefix="fm-bench-") as folder:
        postgres, nats = EmbeddedPostgres(Path(folder) / "pg"), EmbeddedNats(Path(folder) / "nats")
        try:
            postgres.start()
            nats.start()
            client = await connect(nats.url, name="benchmark", creds=nats.creds("launcher"))
            await apply(client.jetstream())
            yield Servers(postgres, nats, client)
            await close(client)
        finally:
            nats.stop()
            postgres.stop()
