"""NATS, the database and routing itself go away and come back: nothing is lost, and no hub is blamed for it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.errors import Error as NatsError
from played_hubs import alive, completed

from fabmesh.routing.v1.events_pb2 import HubLost, JobOrderAllocated, JobOrderCompleted, LeaseExpired
from launcher.nats import EmbeddedNats
from launcher.postgres import EmbeddedPostgres
from launcher.testing import start_nats, start_postgres
from messaging.connection import close, connect
from messaging.streams import apply
from routing.consumers.job_queues import queue_config

pytestmark = pytest.mark.integration


@pytest.fixture
def timing() -> dict[str, float]:
    """An offer outlives what is done to the servers here; a claimed lease and a hub's good name do not."""
    return {"allocation_lease_s": 60, "lease_s": 3, "hub_lost_s": 2, "heartbeat_interval_s": 0.2, "retry_s": 0.5}


@pytest.fixture(scope="module")
def nats_server() -> Iterator[EmbeddedNats]:
    """A server of our own, to be killed."""

    async def declare(server: EmbeddedNats) -> None:
        client = await connect(server.url, name="tests", creds=server.creds("launcher"))
        await apply(client.jetstream())
        await close(client)

    with tempfile.TemporaryDirectory(prefix="fm-nats-") as folder, start_nats(Path(folder)) as server:
        asyncio.run(declare(server))
        yield server


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server of our own, to be killed."""
    with tempfile.TemporaryDirectory(prefix="fm-pg-") as folder, start_postgres(Path(folder)) as server:
        yield server


async def persistently(act):
    """Do it again until it works: what an agent does."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await act()
            except (NatsError, OSError, TimeoutError):
                await asyncio.sleep(0.1)


async def test_after_a_restart_of_nats_a_hub_finds_its_queue_and_its_offer_again(near, played, nats_server, mesh):
    token = (await played.offered("j1")).fencing_token
    assert (await mesh.jetstream().consumer_info("JOBS", near.id)).config.mem_storage
    nats_server.kill()
    await asyncio.sleep(4)
    nats_server.start()
    await persistently(near.heartbeat)

    async def pull():
        await near.heartbeat()
        return await near.offers(within_s=3)

    (offer,) = await persistently(pull)
    assert (offer.job_order_id, offer.fencing_token) == ("j1", token)
    async with alive(near):
        assert (await persistently(lambda: near.claim("j1", token))).granted
        await persistently(lambda: near.report("j1", token, completed=completed("j1"), sequence=1))
        await played.heard(JobOrderCompleted, "j1")
    assert await played.events(HubLost) == []
    assert await played.events(LeaseExpired) == []


async def test_while_the_database_is_away_nobody_is_answered_and_afterwards_nobody_is_lost(near, played, postgres):
    token = (await played.offered("j1")).fencing_token
    assert (await near.claim("j1", token)).granted
    postgres.kill()
    with pytest.raises((NatsError, TimeoutError)):
        await asyncio.wait_for(near.heartbeat("j1", token, state="running"), 1)
    await near.report("j1", token, started={})
    await asyncio.sleep(4)
    postgres.start()
    answer = await persistently(lambda: near.heartbeat("j1", token, state="running"))
    assert [each.fencing_token for each in answer.renewed] == [token]
    await near.report("j1", token, completed=completed("j1"))
    await played.heard(JobOrderCompleted, "j1")
    assert await played.events(HubLost) == []
    assert await played.events(LeaseExpired) == []
    assert len(await played.events(JobOrderAllocated, "j1")) == 1


def test_a_hubs_queue_is_bounded_and_its_own():
    config = queue_config("h1")
    assert (config.durable_name, config.filter_subject) == ("h1", "hub.h1.jobs.*")
    assert (config.max_ack_pending, config.ack_wait, config.inactive_threshold) == (64, 30, 3600)
