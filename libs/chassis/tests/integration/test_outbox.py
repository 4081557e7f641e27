"""The relay: every row once it is committed, in order for each aggregate, with any number of relays."""

from __future__ import annotations

import asyncio

import pytest

from chassis.database import Database
from chassis.outbox import Relay
from chassis.unit_of_work import UnitsOfWork
from fabmesh.orders.v1.events_pb2 import OrderPlaced
from messaging.publisher import Publisher

pytestmark = pytest.mark.integration


async def test_two_relays_share_the_rows_and_keep_each_aggregates_order(settings, mesh, sql, eventually):
    database = Database(settings, application_name="test")
    units = UnitsOfWork(database.sessions, source="orders")
    stop = asyncio.Event()
    publisher = Publisher(mesh.jetstream(publish_async_max_pending=4096))
    relays = [asyncio.create_task(Relay(settings.asyncpg_url(), publisher).run(stop)) for _ in range(2)]
    for turn in range(20):
        async with units.begin() as uow:
            for aggregate in range(15):
                uow.emit(OrderPlaced(order_id=str(turn)), aggregate_id=f"a{aggregate}", version=turn + 1)

    async def published():
        return await sql("select 1 from outbox having count(*) = count(published_at)")

    await eventually(published)
    stop.set()
    await asyncio.gather(*relays)
    await database.close()
    seen: dict[str, list[str]] = {}
    js = mesh.jetstream()
    state = (await js.stream_info("EVT_ORDERS")).state
    for sequence in range(state.first_seq, state.last_seq + 1):
        message = await js.get_msg("EVT_ORDERS", sequence)
        seen.setdefault(message.headers["ce-subject"], []).append(message.headers["ce-aggregateversion"])
    assert len(seen) == 15
    assert set(map(tuple, seen.values())) == {tuple(str(turn + 1) for turn in range(20))}


async def test_a_rolled_back_change_sends_nothing(settings, sql):
    database = Database(settings, application_name="test")
    units = UnitsOfWork(database.sessions, source="orders")
    with pytest.raises(RuntimeError):
        async with units.begin() as uow:
            uow.emit(OrderPlaced(order_id="o"), aggregate_id="o")
            raise RuntimeError
    await database.close()
    assert await sql("select count(*) from outbox") == [(0,)]


async def test_a_relay_whose_connection_is_cut_comes_back(settings, mesh, sql, eventually):
    database = Database(settings, application_name="test")
    units = UnitsOfWork(database.sessions, source="orders")
    stop = asyncio.Event()
    relay = asyncio.create_task(Relay(settings.asyncpg_url(), Publisher(mesh.jetstream())).run(stop))

    async def published():
        return await sql("select 1 from outbox having count(*) = count(published_at)")

    await eventually(published)
    await sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like '%outbox%' and pid <> pg_backend_pid()"
    )
    async with units.begin() as uow:
        uow.emit(OrderPlaced(order_id="o"), aggregate_id="o")

    async def arrived():
        return (await mesh.jetstream().stream_info("EVT_ORDERS")).state.messages == 1

    await eventually(arrived)
    stop.set()
    await relay
    await database.close()
