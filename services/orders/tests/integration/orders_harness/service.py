"""The service as it runs, and clients of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from chassis import telemetry
from chassis.process import serve
from orders.main import SERVICE
from orders.settings import OrdersSettings


@asynccontextmanager
async def running(settings: OrdersSettings, observed: telemetry.Telemetry, roles: str) -> AsyncIterator[str]:
    stop = asyncio.Event()
    task = asyncio.create_task(serve(SERVICE, settings, frozenset(roles.split(",")), stop, observed))
    url = f"http://127.0.0.1:{settings.http_port}"
    async with httpx.AsyncClient() as client:
        for _ in range(200):
            try:
                if (await client.get(url + "/readyz")).status_code == 200:
                    break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            assert not task.done() or task.result()
        else:
            raise TimeoutError("not ready")
    try:
        yield url
    finally:
        stop.set()
        await task


def client_with(url: str, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=20)
