"""Whether a part can do its work, asked of the address at which it does it.

http://…/readyz      answers 200
nats://host:port     greets a client
postgresql://host:port   accepts connections
"""

import asyncio
import contextlib
from urllib.parse import urlsplit

import httpx

from launcher.programs import postgres_folder

_PATIENCE_S = 3.0
_PAUSE_S = 0.1


async def is_ready(address: str) -> bool:
    """Asks once; anything but the right answer within 3 s is a no."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await _PROBES[urlsplit(address).scheme](address)
    except (TimeoutError, OSError):
        return False


async def until_ready(address: str) -> None:
    """Asks until the answer is yes."""
    while True:
        if await is_ready(address):
            return
        await asyncio.sleep(_PAUSE_S)


async def _http(address: str) -> bool:
    async with httpx.AsyncClient(trust_env=False, timeout=_PATIENCE_S) as client:
        with contextlib.suppress(httpx.HTTPError):
            return (await client.get(address)).status_code == httpx.codes.OK
    return False


async def _nats(address: str) -> bool:
    url = urlsplit(address)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        return (await reader.read(5)) == b"INFO "
    finally:
        writer.close()


async def _postgresql(address: str) -> bool:
    url = urlsplit(address)
    probe = await asyncio.create_subprocess_exec(
        postgres_folder() / "pg_isready", "-q", "-t", "2", "-h", str(url.hostname), "-p", str(url.port)
    )
    return await probe.wait() == 0


async def _tcp(address: str) -> bool:
    url = urlsplit(address)
    _, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.close()
    return True


_PROBES = {"tcp": _tcp, "http": _http, "nats": _nats, "postgresql": _postgresql}
