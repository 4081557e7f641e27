"""The outbox relay against publishing the same messages to JetStream directly, pipelined and acknowledged."""

from __future__ import annotations

import asyncio
import time
import types
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from benchmarks.result import Result
from benchmarks.servers import Servers, servers
from chassis.migrate import create_chassis_tables_1
from chassis.outbox import Relay
from chassis.unit_of_work import UnitsOfWork
from fabmesh.orders.v1.events_pb2 import OrderPlaced
from messaging.envelope import seal
from messaging.publisher import Outgoing, Publisher
from messaging.subjects import subject_of

EVENTS = 20_000
BATCH = 500


def _message(number: int) -> OrderPlaced:
    return OrderPlaced(order_id=f"o{number}", organisation_id="org", material_id="petg", part_ids=["p"] * 3)


async def run() -> list[Result]:
    async with servers() as here:
        url = await _fill(here)
        relayed = await _relay(here, url)
        direct = await _publish(here)
    return [
        Result("relay, events per second", relayed, "1/s", "raw JetStream publish, 500 in flight", direct, "≥ 0.5 ×"),
    ]


async def _fill(here: Servers) -> str:
    url = here.postgres.create_database("relay_bench")
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:

        def create(sync: Any) -> None:
            create_chassis_tables_1(types.SimpleNamespace(get_bind=lambda: sync))

        await connection.run_sync(create)
    units = UnitsOfWork(async_sessionmaker(engine), source="orders")
    for first in range(0, EVENTS, BATCH):
        async with units.begin() as uow:
            for number in range(first, first + BATCH):
                uow.emit(_message(number), aggregate_id=f"o{number}")
    await engine.dispose()
    return url


async def _relay(here: Servers, url: str) -> float:
    stop = asyncio.Event()
    watcher = await asyncpg.connect(url)
    publisher = Publisher(here.client.jetstream(publish_async_max_pending=4096))
    begun = time.perf_counter()
    relay = asyncio.create_task(Relay(url, publisher).run(stop))
    while await watcher.fetchval("select exists (select from outbox where published_at is null)"):
        await asyncio.sleep(0.02)
    seconds = time.perf_counter() - begun
    stop.set()
    await relay
    await watcher.close()
    return EVENTS / seconds


async def _publish(here: Servers) -> float:
    publisher = Publisher(here.client.jetstream(publish_async_max_pending=4096))
    subject = subject_of(OrderPlaced)
    ready = [Outgoing(subject, seal(_message(n), source="orders", subject=f"o{n}")) for n in range(EVENTS)]
    begun = time.perf_counter()
    for first in range(0, EVENTS, BATCH):
        outcomes = await publisher.publish_batch(ready[first : first + BATCH])
        assert outcomes == [None] * len(outcomes)
    return EVENTS / (time.perf_counter() - begun)
