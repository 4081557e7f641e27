"""The relay: moves outbox rows to JetStream, in order for each aggregate, and marks what was acknowledged.

A relay takes partitions by advisory lock on a connection of its own, so any number of relays share the work and a
killed one frees its partitions with its connection. It wakes on NOTIFY and sweeps every second besides.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
from opentelemetry import propagate, trace

from chassis.database import UNAVAILABLE
from chassis.tables import PARTITIONS
from messaging.envelope import unseal
from messaging.publisher import Outgoing, Publisher

log = logging.getLogger(__name__)
tracer = trace.get_tracer("fabmesh.chassis")

_LOCK_CLASS = 0x0FAB
_BATCH = 500
_SWEEP_S = 1.0
KEEP = timedelta(days=7)
"""How long published rows are kept for audits before the relay removes them."""

_WAITING = """
select id, aggregate_id, subject, headers, data from outbox
where published_at is null and partition = any($1::smallint[]) order by id limit $2
"""


@dataclass(frozen=True, slots=True)
class OutboxDepth:
    """How many rows wait, and how long the oldest has waited."""

    rows: int
    oldest_s: float


class Relay:
    """Publishes the rows of the partitions it could take."""

    def __init__(self, database_url: str, publisher: Publisher) -> None:
        self._url = database_url
        self._publisher = publisher
        self._wake = asyncio.Event()
        self.depth = OutboxDepth(0, 0.0)

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until `stop` is set; connection losses are waited out."""
        while not stop.is_set():
            try:
                await self._run_connected(stop)
            except UNAVAILABLE as error:
                log.warning("relay: %s: %s; connecting again", type(error).__name__, error)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), 0.5)

    async def _run_connected(self, stop: asyncio.Event) -> None:
        connection = await asyncpg.connect(self._url, timeout=5)
        try:
            await _use_json(connection)
            await connection.add_listener("outbox", lambda *_: self._wake.set())
            connection.add_termination_listener(lambda *_: self._wake.set())
            owned: list[int] = []
            while not stop.is_set():
                self._wake.clear()
                owned = await self._take_partitions(connection, owned)
                while owned and not stop.is_set() and await self._relay_batch(connection, owned):
                    pass
                await self._measure(connection)
                await self._sleep(stop)
        finally:
            with contextlib.suppress(*UNAVAILABLE):
                await connection.close(timeout=2)

    async def _sleep(self, stop: asyncio.Event) -> None:
        woken = asyncio.create_task(self._wake.wait())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({woken, stopped}, timeout=_SWEEP_S, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        stopped.cancel()

    async def _take_partitions(self, connection: asyncpg.Connection[Any], owned: list[int]) -> list[int]:
        wanted = [number for number in range(PARTITIONS) if number not in owned]
        if not wanted:
            return owned
        rows = await connection.fetch(
            "select p from unnest($2::int[]) p where pg_try_advisory_lock($1, p)", _LOCK_CLASS, wanted
        )
        return sorted([*owned, *(row["p"] for row in rows)])

    async def _relay_batch(self, connection: asyncpg.Connection[Any], owned: list[int]) -> bool:
        """Publish one batch; True when there may be more to do at once."""
        rows = await connection.fetch(_WAITING, owned, _BATCH)
        if not rows:
            return False
        published: list[int] = []
        stuck: set[str] = set()
        for wave in _waves(rows):
            todo = [row for row in wave if row["aggregate_id"] not in stuck]
            outcomes = await self._publisher.publish_batch([_outgoing(row) for row in todo])
            for row, error in zip(todo, outcomes, strict=True):
                if error is None:
                    published.append(row["id"])
                else:
                    stuck.add(row["aggregate_id"])
                    log.warning("relay: %s", error)
        await connection.execute("update outbox set published_at = clock_timestamp() where id = any($1)", published)
        return len(published) == _BATCH

    async def _measure(self, connection: asyncpg.Connection[Any]) -> None:
        row = await connection.fetchrow(
            "select count(*) rows, coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0) oldest "
            "from outbox where published_at is null"
        )
        self.depth = OutboxDepth(row["rows"], float(row["oldest"]))
        await connection.execute(
            "delete from outbox where id in (select id from outbox "
            "where published_at < clock_timestamp() - $1::interval limit 1000)",
            KEEP,
        )


def _waves(rows: Sequence[asyncpg.Record]) -> list[list[asyncpg.Record]]:
    """Split a batch so that each aggregate stands once in a wave: its next message goes when its last one is safe."""
    seen: dict[str, int] = {}
    waves: list[list[asyncpg.Record]] = []
    for row in rows:
        turn = seen.get(row["aggregate_id"], 0)
        seen[row["aggregate_id"]] = turn + 1
        if turn == len(waves):
            waves.append([])
        waves[turn].append(row)
    return waves


def _outgoing(row: asyncpg.Record) -> Outgoing:
    envelope = unseal(row["headers"], row["data"])
    carrier: dict[str, str] = {}
    context = propagate.extract(dict(envelope.trace))
    with tracer.start_as_current_span(
        f"publish {envelope.type.rsplit('.', 1)[-1]}",
        context=context,
        kind=trace.SpanKind.PRODUCER,
        attributes={"messaging.system": "nats", "messaging.destination.name": row["subject"]},
    ):
        propagate.inject(carrier)
    if carrier:
        envelope = unseal({**row["headers"], **carrier}, row["data"])
    return Outgoing(row["subject"], envelope)


async def _use_json(connection: asyncpg.Connection[Any]) -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
