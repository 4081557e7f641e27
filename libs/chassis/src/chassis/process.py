"""One process of a service in any subset of its roles: start, serve, drain on SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Iterable
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from nats.aio.client import Client

from chassis import telemetry
from chassis.auth import ACCESS_LISTENER, Authenticator
from chassis.database import Database, is_transient
from chassis.health import database_trouble, health_router
from chassis.http import build
from chassis.outbox import Relay
from chassis.problems import Problem, Unavailable
from chassis.service import API, CONSUMERS, RELAY, Parts, Runtime, Service
from chassis.settings import ServiceSettings
from chassis.tokens import Tokens, keys_from_orders
from chassis.unit_of_work import UnitsOfWork
from messaging.connection import close, connect
from messaging.consumer import Consumer
from messaging.publisher import Publisher

log = logging.getLogger(__name__)


async def run_until_signalled(service: Service[Any], settings: ServiceSettings, roles: frozenset[str]) -> None:
    """Run `service` in `roles` until SIGTERM or SIGINT; what is in hand is finished first."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    observed = telemetry.start(service.name)
    try:
        await serve(service, settings, roles, stop, observed)
    finally:
        await asyncio.to_thread(observed.close)


async def serve(
    service: Service[Any],
    settings: ServiceSettings,
    roles: frozenset[str],
    stop: asyncio.Event,
    observed: telemetry.Telemetry,
) -> None:
    """Run `service` in `roles` until `stop` is set."""
    name = f"{service.name}-{'-'.join(sorted(roles))}"
    database = Database(settings, application_name=name)
    nats = await connect(settings.nats_url, name=name, creds=settings.nats_creds)
    units = UnitsOfWork(database.sessions, source=service.name)
    parts = await service.compose(Runtime(service.name, settings, database, units, nats, roles))
    if parts.verify_token is None:
        parts.verify_token = Tokens(
            keys_from_orders(nats, service.name), units, public_url=settings.public_url
        ).principal
    app = application(service, settings, parts, database, nats, units, serve_api=API in roles)
    observed.watch(app, database.engine)
    tasks = [asyncio.create_task(work) for work in _work(service, settings, roles, parts, nats, units, stop, observed)]
    server = uvicorn.Server(_http_config(app, settings))
    tasks.append(asyncio.create_task(_serve_http(server, stop)))
    log.info("%s listens on %s:%d", name, settings.http_host, settings.http_port)
    try:
        await _until_stopped(stop, tasks)
    finally:
        stop.set()
        server.should_exit = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(20):
                await asyncio.gather(*tasks, return_exceptions=True)
        await close(nats)
        await database.close()


def application(
    service: Service[Any],
    settings: ServiceSettings,
    parts: Parts,
    database: Database,
    nats: Client,
    units: UnitsOfWork,
    *,
    serve_api: bool,
) -> FastAPI:
    """The HTTP side of a process: always the probes, the public API in the role `api`."""

    async def ready() -> dict[str, str]:
        wrong = {}
        if trouble := await database_trouble(database):
            wrong["database"] = trouble
        if not nats.is_connected:
            wrong["nats"] = "not connected"
        why = await parts.ready() if parts.ready is not None else None
        if why:
            wrong[service.name] = why
        return wrong

    routers = [health_router(ready), *(service.routers if serve_api else ())]
    app = build(service.title, routers, limit_bytes=settings.max_body_bytes)
    app.state.service = parts.state
    app.state.authenticator = Authenticator(units, parts.verify_token)
    app.add_exception_handler(Exception, _unexpected)
    return app


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    """The last resort: a database that is away is a 503, everything else a 500 with nothing given away."""
    if is_transient(error):
        return Unavailable("database-away", "The service's database is away; try again.").response(request.url.path)
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    return Problem("internal-error", "The service failed on this request; it was logged.").response(request.url.path)


def _work(
    service: Service[Any],
    settings: ServiceSettings,
    roles: frozenset[str],
    parts: Parts,
    nats: Client,
    units: UnitsOfWork,
    stop: asyncio.Event,
    observed: telemetry.Telemetry,
) -> Iterable[Any]:
    js = nats.jetstream(publish_async_max_pending=4096)
    if CONSUMERS in roles:
        for listener in (ACCESS_LISTENER, *parts.listeners):
            if listener.role == CONSUMERS:
                yield from (Consumer(js, sub).run(stop) for sub in listener.subscriptions(service.name, units))
    for listener in parts.listeners:
        if listener.role != CONSUMERS and listener.role in roles:
            yield from (Consumer(js, sub).run(stop) for sub in listener.subscriptions(service.name, units))
    if RELAY in roles:
        relay = Relay(settings.asyncpg_url(), Publisher(js))
        observed.gauge("fabmesh.outbox.depth", "{row}", "rows that wait for the relay", lambda: relay.depth.rows)
        observed.gauge("fabmesh.outbox.age", "s", "age of the oldest waiting row", lambda: relay.depth.oldest_s)
        yield relay.run(stop)
    for role, loops in parts.loops.items():
        if role in roles:
            yield from (run(stop) for run in loops)


def _http_config(app: FastAPI, settings: ServiceSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        loop="none",
        http="httptools",
        access_log=False,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=10,
    )


async def _serve_http(server: uvicorn.Server, stop: asyncio.Event) -> None:
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # ours are set already
    with server_signals_left_alone(server):
        await server.serve()
    stop.set()


@contextlib.contextmanager
def server_signals_left_alone(server: uvicorn.Server) -> Any:
    """Uvicorn takes the signals while it serves; ours must stay."""
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    yield


async def _until_stopped(stop: asyncio.Event, tasks: list[asyncio.Task[Any]]) -> None:
    """Wait for `stop`; a task that ends before with an error ends the process, so that it is started again."""
    waiter = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({waiter, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()
    for task in done - {waiter}:
        if (error := task.exception()) is not None:
            raise error
