"""A whole little service on the chassis: notes that are written over HTTP and counted from events."""

from __future__ import annotations

import asyncio
import socket
import types
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import telemetry
from chassis.auth import Principal, Requires, key_hash
from chassis.http import Body, Text, router
from chassis.idempotency import OptionalKey, once
from chassis.listening import Listener
from chassis.migrate import create_chassis_tables_1
from chassis.process import serve
from chassis.service import Parts, Runtime, Service
from chassis.settings import ServiceSettings
from chassis.unit_of_work import UnitOfWork
from fabmesh.orders.v1.events_pb2 import OrderCollected, OrderPlaced
from launcher.nats import EmbeddedNats
from messaging.errors import Reject

KEY = "fm_" + "5" * 64
notes = router("/orders/v1")


class Note(Body):
    text: Text
    count: int = 0


@notes.post("/notes", status_code=201)
async def write(
    note: Note,
    request: Request,
    principal: Annotated[Principal, Depends(Requires("orders:write"))],
    key: OptionalKey = None,
) -> Response:
    async def act(uow: UnitOfWork) -> Response:
        row = await uow.session.execute(text("insert into notes (text) values (:t) returning id"), {"t": note.text})
        note_id = str(row.scalar_one())
        uow.emit(OrderPlaced(order_id=note_id, organisation_id=principal.organisation_id), aggregate_id=note_id)
        return JSONResponse({"id": note_id}, 201)

    return await once(request.app.state.service, request, principal, key, act)


@notes.get("/notes")
async def read(request: Request, principal: Annotated[Principal, Depends(Requires("orders:read"))]) -> dict[str, Any]:
    async with request.app.state.service.read() as session:
        return {"items": [row.text for row in await session.execute(text("select text from notes order by id"))]}


async def count(message: OrderPlaced, uow: UnitOfWork) -> None:
    await uow.session.execute(text("insert into counted (order_id) values (:o)"), {"o": message.order_id})
    if message.order_id == "poison":
        raise Reject("this order is poison")
    if message.order_id == "broken":
        raise ZeroDivisionError("a fault in the handler")
    uow.emit(OrderCollected(order_id=message.order_id), aggregate_id=message.order_id)


async def compose(runtime: Runtime[ServiceSettings]) -> Parts:
    listener = Listener(source="orders", handlers={OrderPlaced: count}, attempts=2)
    return Parts(listeners=[listener], state=runtime.units)


SERVICE = Service("orders", "Notes", ServiceSettings, [notes], compose, migrations="")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def observed() -> telemetry.Telemetry:
    return telemetry.start("notes")


@pytest.fixture
async def settings(new_database: Callable[[str], str], nats_server: EmbeddedNats) -> ServiceSettings:
    url = new_database("notes")
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:

        def create(sync: Any) -> None:
            create_chassis_tables_1(types.SimpleNamespace(get_bind=lambda: sync))

        await connection.run_sync(create)
        await connection.execute(text("create table notes (id bigserial primary key, text text not null)"))
        await connection.execute(text("create table counted (order_id text not null)"))
        for scopes, secret in ((["orders:read", "orders:write"], KEY), (["orders:read"], KEY + "r")):
            await connection.execute(
                text("insert into access_keys values (:h, :i, 'org', 'partner', :s)"),
                {"h": key_hash(secret), "i": secret[-3:], "s": scopes},
            )
    await engine.dispose()
    return ServiceSettings(
        database_url=url,
        nats_url=nats_server.url,
        nats_creds=nats_server.creds("orders"),
        http_port=free_port(),
        public_url="http://127.0.0.1",
        max_body_bytes=10_000,
    )


@asynccontextmanager
async def running(settings: ServiceSettings, observed: telemetry.Telemetry, roles: str) -> AsyncIterator[str]:
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
        else:
            raise TimeoutError("not ready")
    try:
        yield url
    finally:
        stop.set()
        await task


@pytest.fixture
async def api(
    settings: ServiceSettings, mesh: Client, observed: telemetry.Telemetry
) -> AsyncIterator[httpx.AsyncClient]:
    """The service in all roles, and a client with a good key."""
    async with (
        running(settings, observed, "api,consumers,relay") as url,
        httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {KEY}"}) as client,
    ):
        yield client


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
