"""What hubs say wrongly, twice or out of order."""

from __future__ import annotations

import asyncio

import pytest
from nats.errors import TimeoutError as NatsTimeout
from played_hubs import alive, completed

from fabmesh.hub.v1.hub_pb2 import ClaimDecided
from fabmesh.routing.v1.events_pb2 import JobOrderCompleted, JobOrderProgressed, JobOrderStarted
from messaging.dead_letters import browse
from messaging.structured import from_json

pytestmark = pytest.mark.integration


async def test_a_report_that_comes_twice_counts_once(near, played, sql, eventually):
    async with alive(near):
        token = (await played.offered("j1")).fencing_token
        assert (await near.claim("j1", token)).granted
        started = await near.report("j1", token, started={})
        await near.report("j1", token, report_id=f"{started}-again", sequence=1, started={})
        done = await near.report("j1", token, completed=completed("j1"), sequence=2)
        await near.report("j1", token, completed=completed("j1"), sequence=3, report_id=f"{done}-again")

        async def four():
            return await sql("select kind, accepted from reports order by accepted, kind") if await count() else []

        async def count():
            return (await sql("select count(*) from reports"))[0][0] == 4

        assert await eventually(four) == [
            ("completed", False),
            ("started", False),
            ("completed", True),
            ("started", True),
        ]
    for kind in (JobOrderStarted, JobOrderCompleted):
        assert len(await played.events(kind, "j1")) == 1
    assert await sql("select grams from stock") == [(959.0,)]
    assert await sql("select count(*) from superfluous_parts") == [(0,)]


async def test_reports_count_in_the_order_of_their_sequence(near, played):
    async with alive(near):
        token = (await played.offered("j1")).fencing_token
        assert (await near.claim("j1", token)).granted
        await near.report("j1", token, sequence=3, completed=completed("j1"))
        await near.report("j1", token, sequence=2, progressed={"fraction": 0.5})
        await asyncio.sleep(0.3)
        assert await played.events(JobOrderCompleted, "j1") == []
        await near.report("j1", token, sequence=1, started={})
        await played.heard(JobOrderCompleted, "j1")
    subjects = [kind for kind in (JobOrderStarted, JobOrderProgressed) if await played.events(kind, "j1")]
    assert subjects == [JobOrderStarted, JobOrderProgressed]


async def test_what_is_no_report_is_a_dead_letter_and_holds_nothing_up(near, played, mesh, eventually):
    async with alive(near):
        token = (await played.offered("j1")).fencing_token
        assert (await near.claim("j1", token)).granted
        await near.publish_report(b"\xff not json")
        strange = completed("another-job")
        await near.report("j1", token, completed=strange)
        await near.report("j1", token, sequence=1, started={})
        await played.heard(JobOrderStarted, "j1")

        async def dead():
            found = [letter async for letter in browse(mesh.jetstream())]
            return found if len(found) == 2 else []

        letters = await eventually(dead)
    assert {letter.queue for letter in letters} == {"dlq.routing.reports"}
    assert {letter.subject for letter in letters} == {f"hub.{near.id}.reports.{near.machine}"}
    assert "not JSON" in letters[0].reason
    assert "parts that are not of the job order" in letters[1].reason
    assert await played.events(JobOrderCompleted, "j1") == []


async def test_a_claim_that_cannot_be_read_is_refused_and_a_heartbeat_is_not_answered(near, mesh):
    reply = await near.nats.request(f"hub.{near.id}.claims", b"{}", timeout=5)
    assert not from_json(reply.data, ClaimDecided)[1].granted
    with pytest.raises(NatsTimeout):
        await near.nats.request(f"hub.{near.id}.heartbeat", b"{}", timeout=0.5)


async def test_a_machine_of_another_hub_is_none_of_this_hubs_business(near, far, sql):
    await near.heartbeat(state="fault", machine=far.machine)
    states = dict(await sql("select hub_id, state from machines"))
    assert states == {near.id: "idle", far.id: "idle"}


async def test_a_hub_that_routing_does_not_know_is_told_to_stop(near, sql):
    await sql("delete from stock")
    await sql("delete from machines")
    await sql("delete from hubs")
    answer = await near.heartbeat("j1", 7, state="running")
    assert [each.why for each in answer.lost] == ["the hub is unknown"]
    assert not (await near.claim("j1", 7)).granted
