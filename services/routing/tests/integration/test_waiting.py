"""Job orders that nobody can take now, or ever."""

from __future__ import annotations

import asyncio

import pytest
from played_hubs import alive, allocate

from fabmesh.fabrication.v1.events_pb2 import ConfigurationAssessed, MachineProfileReleased, ProfileAssessment
from fabmesh.routing.v1.events_pb2 import AllocationRefused, JobOrderAllocated, JobOrderWaiting
from fabmesh.types.v1.types_pb2 import Size

pytestmark = pytest.mark.integration


@pytest.fixture
def timing() -> dict[str, float]:
    """Retries are so rare that only a change of the network can be the reason for one."""
    return {"allocation_lease_s": 5, "lease_s": 4, "hub_lost_s": 3, "heartbeat_interval_s": 0.2, "retry_s": 600}


async def waiting_for(played, job_order_id: str) -> list[str]:
    (waiting,) = await played.heard(JobOrderWaiting, job_order_id)
    return [each.code for each in waiting.reasons]


async def test_stock_that_arrives_is_what_was_waited_for(new_hub, played, operator):
    async with alive(await new_hub("altona", stock={"pla": 39.0})) as hub:
        await played.send(allocate("j1"), "j1")
        assert await waiting_for(played, "j1") == ["no-stock"]
        answer = await operator.put(f"/routing/v1/hubs/{hub.id}/stock", json={"pla": 80.0, "petg": 5})
        assert answer.status_code == 200
        await played.heard(JobOrderAllocated, "j1")
        await played.send(allocate("j2"), "j2")
        await played.heard(JobOrderAllocated, "j2")
        await played.send(allocate("j3"), "j3")
        assert await waiting_for(played, "j3") == ["no-stock"]


async def test_a_cordoned_hub_gets_nothing_new_until_it_is_uncordoned(near, played, operator):
    async with alive(near):
        for _ in range(2):
            assert (await operator.post(f"/routing/v1/hubs/{near.id}/cordon")).status_code == 200
        assert (await operator.get(f"/routing/v1/hubs/{near.id}")).json()["state"] == "cordoned"
        await played.send(allocate("j1"), "j1")
        assert await waiting_for(played, "j1") == ["hub-cordoned"]
        assert (await operator.post(f"/routing/v1/hubs/{near.id}/uncordon")).status_code == 200
        await played.heard(JobOrderAllocated, "j1")
    shown = (await operator.get(f"/routing/v1/hubs/{near.id}")).json()
    happened = [event["what"] for event in shown["events"]]
    assert [what for what in happened if "cordon" in what] == ["uncordoned", "cordoned"]
    assert happened[-3:] == ["online", "enrolled", "registered"]


async def test_a_machine_that_recovers_is_what_was_waited_for(near, played):
    await near.heartbeat(state="fault")
    await played.send(allocate("j1"), "j1")
    await near.heartbeat(state="fault")
    assert await waiting_for(played, "j1") == ["machine-not-ready"]
    async with alive(near):
        await played.heard(JobOrderAllocated, "j1")


async def test_a_hub_that_comes_back_is_what_was_waited_for(near, played):
    await asyncio.sleep(4)
    await played.send(allocate("j1"), "j1")
    assert (await waiting_for(played, "j1"))[0] in ("hub-lost", "machine-silent")
    async with alive(near):
        await played.heard(JobOrderAllocated, "j1")


async def test_the_same_reasons_are_said_once(near, played, sql, eventually):
    await near.heartbeat(state="fault")
    await played.send(allocate("j1"), "j1")
    await played.heard(JobOrderWaiting, "j1")
    (first,) = await sql("select tried_at from job_orders")
    await sql("update network set changed_at = clock_timestamp()")

    async def tried_again():
        await near.heartbeat(state="fault")
        return (await sql("select tried_at from job_orders"))[0] != first

    await eventually(tried_again)
    assert await sql("select count(*) from allocations") == [(1,)]
    assert len(await played.events(JobOrderWaiting, "j1")) == 1


async def test_what_no_machine_can_ever_make_is_refused_with_the_numbers_compared(near, played, operator):
    too_long = ConfigurationAssessed(
        extent=Size(x_mm=300, y_mm=10, z_mm=10), profiles=[ProfileAssessment(profile_id="mk4", makeable=False)]
    )
    async with alive(near):
        await played.send(allocate("j1", assessment=too_long), "j1")
        (refused,) = await played.heard(AllocationRefused, "j1")
        await played.send(allocate("j2", part_ids=[f"p{n}" for n in range(5)]), "j2")
        await played.heard(AllocationRefused, "j2")
    assert [each.code for each in refused.reasons] == ["too-large"]
    (decision,) = (await operator.get("/routing/v1/allocations/j1")).json()["items"]
    (reason,) = decision["rejected"][0]["reasons"]
    assert reason["part"] == {"x_mm": 300, "y_mm": 10, "z_mm": 10}
    assert reason["volume"]["x_mm"] == 250
    (decision,) = (await operator.get("/routing/v1/allocations/j2")).json()["items"]
    (reason,) = decision["rejected"][0]["reasons"]
    assert (reason["code"], reason["parts"], reason["capacity"]) == ("plate-too-small", 5, 4)
    assert (await operator.get("/routing/v1/job-orders/j2")).json()["state"] == "aborted"


async def test_a_network_in_which_nobody_enrolled_refuses(operator, played):
    await played.send(allocate("j1"), "j1")
    (refused,) = await played.heard(AllocationRefused, "j1")
    assert [each.code for each in refused.reasons] == ["no-machines"]


async def test_the_same_command_twice_allocates_once(near, played, sql):
    async with alive(near):
        await played.allocate("j1")
        await played.send(allocate("j1"), "j1")
        await played.allocate("j2")
    assert len(await played.events(JobOrderAllocated, "j1")) == 1
    assert await sql("select count(*) from allocations where job_order_id = 'j1'") == [(1,)]


async def test_an_older_revision_does_not_hide_a_newer_one(played, sql, eventually, url):
    for revision, x_mm in (("1", 250), ("2", 300)):
        message = MachineProfileReleased(
            profile_id="mk4", revision=revision, title="MK4", process="fdm", volume=Size(x_mm=x_mm, y_mm=1, z_mm=1)
        )
        await played.send(message, "mk4", "fabrication")

    async def newest():
        return await sql("select revision, x_mm from profiles") == [("2", 300.0)]

    await eventually(newest)


async def test_twenty_job_orders_are_spread_over_the_queues(near, far, played, sql):
    async with alive(near), alive(far):
        for number in range(20):
            await played.send(allocate(f"j{number}"), f"j{number}")
        await played.heard(JobOrderAllocated, least=20)
    spread = await sql("select count(*), max(ahead) + 1 from job_orders group by machine_id")
    assert len(spread) == 2
    assert all(count == ahead for count, ahead in spread)
    tokens = [token for (token,) in await sql("select token from allocations order by id")]
    assert tokens == sorted(set(tokens))
