"""Several processes of routing side by side, one that is killed, and the trace that everything belongs to."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from played_hubs import alive, allocate, dispatch

from fabmesh.routing.v1.events_pb2 import JobOrderAllocated, JobOrderCompleted, JobOrderDispatched, LeaseExpired
from messaging.envelope import seal
from messaging.publisher import Publisher
from messaging.subjects import subject_of

pytestmark = pytest.mark.integration


@pytest.fixture
def timing() -> dict[str, float]:
    return {"hub_lost_s": 4}


PROGRAM = Path(sys.executable).with_name("fabmesh-routing")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@asynccontextmanager
async def another_process(settings, folder, roles="consumers,relay"):
    """A process of its own, until the block ends or it is killed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {
        f"FABMESH_{name.upper()}": str(getattr(value, "get_secret_value", lambda value=value: value)())
        for name, value in settings
        if value is not None
    }
    environment = os.environ | given | {"FABMESH_HTTP_PORT": str(port)}
    with (folder / f"{port}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            str(PROGRAM), "run", "--roles", roles, env=environment, stdout=log, stderr=log
        )
    try:
        async with httpx.AsyncClient() as client, asyncio.timeout(30):
            while True:
                try:
                    if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                        break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) in (0, -9), (folder / f"{port}.log").read_text()


async def test_two_processes_allocate_each_job_order_once(near, far, played, settings, sql, tmp_path):
    async with another_process(settings, tmp_path), alive(near), alive(far):
        for number in range(30):
            await played.send(allocate(f"j{number}"), f"j{number}")
        await played.heard(JobOrderAllocated, least=30)
    rows = await sql("select job_order_id, token from allocations order by id")
    assert len({job for job, _ in rows}) == len(rows) == 30
    assert [token for _, token in rows] == sorted({token for _, token in rows})


async def test_a_process_that_is_killed_leaves_nothing_half_done(near, far, played, settings, sql, tmp_path, operator):
    """The one that is killed may have a command or a report in hand: it comes again to the other."""
    async with alive(near), alive(far):
        hubs = {near.id: near, far.id: far}
        async with another_process(settings, tmp_path) as doomed:
            for number in range(20):
                await played.send(allocate(f"j{number}"), f"j{number}")
            await played.heard(JobOrderAllocated, least=3)
            doomed.kill()
            await doomed.wait()
        for each in await played.heard(JobOrderAllocated, least=20, within_s=60):
            await played.send(dispatch(each.job_order_id, each.fencing_token), each.job_order_id)
        for each in await played.heard(JobOrderDispatched, least=20):
            await hubs[each.hub_id].make(each.job_order_id, each.fencing_token)
        completed = await played.heard(JobOrderCompleted, least=20)
    assert sorted(each.job_order_id for each in completed) == sorted(f"j{number}" for number in range(20))
    assert await sql("select distinct state from job_orders") == [("completed",)]
    assert await sql("select count(*) from outbox where published_at is null") == [(0,)]


async def test_a_fail_over_stays_in_the_trace_of_its_order(near, far, played, mesh, sql):
    traceparent = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    publisher = Publisher(mesh.jetstream())
    async with alive(far):
        await near.heartbeat()
        token = 0
        for command in (lambda _: allocate("j1"), lambda token: dispatch("j1", token)):
            message = command(token)
            envelope = seal(message, source="orders", subject="j1", trace=traceparent)
            await publisher.publish(subject_of(message), envelope)
            token = (await played.heard(JobOrderAllocated, "j1"))[0].fencing_token
        await played.heard(JobOrderAllocated, "j1", least=2)
        (offer,) = await sql("select data from outbox where subject like 'hub.%'")
    assert json.loads(offer[0])["traceparent"].split("-")[1] == TRACE
    sent = await sql("select subject, headers->>'traceparent' from outbox where aggregate_id = 'j1'")
    assert subject_of(LeaseExpired) in {subject for subject, _ in sent}
    assert {parent.split("-")[1] for _, parent in sent} == {TRACE}
