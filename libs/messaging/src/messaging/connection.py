"""One connection to NATS that survives restarts of the server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from urllib.parse import urlsplit

import nats
from nats.aio.client import Client

log = logging.getLogger(__name__)


async def connect(
    url: str,
    *,
    name: str,
    creds: Path | None = None,
    inbox_prefix: str = "_INBOX",
    patience_s: float = 30.0,
) -> Client:
    """Connect as `name`, waiting up to `patience_s` for the server to listen. Raises ConnectionError past it."""
    await _wait_for_port(url, patience_s)

    async def on_error(error: Exception) -> None:
        log.warning("nats: %s: %s", type(error).__name__, error)

    return await nats.connect(
        url,
        name=name,
        user_credentials=str(creds) if creds else None,
        inbox_prefix=inbox_prefix.encode(),
        error_cb=on_error,
        reconnect_time_wait=0.1,
        max_reconnect_attempts=-1,
        ping_interval=10,
        max_outstanding_pings=2,
        drain_timeout=5,
    )


async def close(client: Client) -> None:
    """Send what is buffered and close. Never raises: the server may be gone already."""
    with contextlib.suppress(Exception):
        await asyncio.wait_for(client.drain(), 6)
    with contextlib.suppress(Exception):
        await client.close()


async def _wait_for_port(url: str, patience_s: float) -> None:
    address = urlsplit(url)
    deadline = asyncio.get_running_loop().time() + patience_s
    while True:
        try:
            _, writer = await asyncio.open_connection(address.hostname, address.port or 4222)
        except OSError as error:
            if asyncio.get_running_loop().time() > deadline:
                raise ConnectionError(f"no NATS server at {address.hostname}:{address.port}") from error
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
