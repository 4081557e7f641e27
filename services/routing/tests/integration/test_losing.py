"""Hubs that fall silent, leases that run out, machines that give up: somebody else makes it, under a higher token."""

from __future__ import annotations

import asyncio

import pytest
from played_hubs import aborted, alive, completed

from fabmesh.routing.v1.events_pb2 import (
    AllocationRefused,
    HubLost,
    HubRecovered,
    JobOrderAborted,
    JobOrderAllocated,
    JobOrderCancelled,
    JobOrderCompleted,
    JobOrderStarted,
    JobOrderWaiting,
    LeaseExpired,
    SuperfluousPartsRecorded,
)

pytestmark = pytest.mark.integration


@pytest.fixture
def timing() -> dict[str, float]:
    return {"allocation_lease_s": 3, "lease_s": 3, "hub_lost_s": 2, "heartbeat_interval_s": 0.2, "retry_s": 0.5}


async def test_what_a_lost_hub_has_not_claimed_goes_to_another_at_once(near, far, played, operator):
    async with alive(far):
        await near.heartbeat()
        first = await played.offered("j1")
        assert first.hub_id == near.id
        again = (await played.heard(JobOrderAllocated, "j1", least=2))[1]
        assert again.hub_id == far.id
        assert again.fencing_token > first.fencing_token
        assert [each.fencing_token for each in await played.events(LeaseExpired, "j1")] == [first.fencing_token]
        assert [each.hub_id for each in await played.events(HubLost)] == [near.id]
        assert (await operator.get(f"/routing/v1/hubs/{near.id}")).json()["state"] == "lost"
        decisions = (await operator.get("/routing/v1/allocations/j1")).json()["items"]
        (rejected,) = decisions[1]["rejected"]
        assert (rejected["hub_id"], rejected["reasons"][0]["code"]) == (near.id, "hub-lost")
        await near.heartbeat()
        assert [each.hub_id for each in await played.heard(HubRecovered)] == [near.id]
        assert "is powerless" in (await near.claim("j1", first.fencing_token)).why


async def test_a_claimed_lease_outlives_the_loss_of_its_hub_and_no_second_is_given_meanwhile(near, far, played, sql):
    async with alive(far):
        await near.heartbeat()
        first = await played.offered("j1")
        assert (await near.claim("j1", first.fencing_token)).granted
        await near.report("j1", first.fencing_token, started={})
        await near.heartbeat("j1", first.fencing_token, state="running")
        await played.heard(HubLost)
        (expires_at,) = (await sql("select lease_expires_at from job_orders"))[0]
        again = (await played.heard(JobOrderAllocated, "j1", least=2))[1]
        (given_at,) = (await sql("select max(decided_at) from allocations"))[0]
        assert again.hub_id == far.id
        assert given_at >= expires_at


async def test_parts_of_the_hub_that_lost_its_lease_are_recorded_and_never_counted(near, far, played, sql):
    async with alive(far):
        await near.heartbeat()
        old = (await played.offered("j1")).fencing_token
        assert (await near.claim("j1", old)).granted
        await near.report("j1", old, started={})
        new = (await played.heard(JobOrderAllocated, "j1", least=2))[1].fencing_token
        await played.dispatch("j1", new)
        await far.make("j1", new)
        await played.heard(JobOrderCompleted, "j1")
        await near.report("j1", old, progressed={"fraction": 0.9})
        await near.report("j1", old, completed=completed("j1", used_g=40))
        (recorded,) = await played.heard(SuperfluousPartsRecorded, "j1")
    assert (recorded.hub_id, recorded.fencing_token, len(recorded.part_ids)) == (near.id, old, 2)
    assert len(await played.events(JobOrderCompleted, "j1")) == 1
    refused = await sql("select kind, why from reports where not accepted order by sequence")
    assert [kind for kind, _ in refused] == ["progressed", "completed"]
    assert all("is powerless" in why for _, why in refused)
    assert await sql("select used_g from superfluous_parts") == [(40.0,)]
    assert await sql("select grams from stock where hub_id = :h", h=near.id) == [(960.0,)]


async def test_nobody_is_believed_to_have_made_what_was_never_given_to_them(near, far, played, sql):
    async with alive(near), alive(far):
        token = (await played.offered("j1")).fencing_token
        await far.report("j1", token, completed=completed("j1"))
        await far.report("no-such", token, sequence=1, completed=completed("no-such"))

        async def both():
            return len(await sql("select why from reports")) == 2

        await played.eventually(both)
    assert await sql("select count(*) from superfluous_parts") == [(0,)]
    assert await sql("select count(*) from reports where accepted") == [(0,)]


async def test_a_hub_that_comes_back_before_anybody_else_could_take_over_goes_on(near, played, sql):
    await near.heartbeat()
    token = (await played.offered("j1")).fencing_token
    assert (await near.claim("j1", token)).granted
    await near.report("j1", token, started={})
    await played.heard(LeaseExpired, "j1")
    (waiting,) = await played.heard(JobOrderWaiting, "j1")
    assert [each.code for each in waiting.reasons] == ["hub-lost"]
    answer = await near.heartbeat("j1", token, state="running")
    assert [each.fencing_token for each in answer.renewed] == [token]
    await near.report("j1", token, completed=completed("j1"))
    (done,) = await played.heard(JobOrderCompleted, "j1")
    assert done.fencing_token == token
    assert len(await played.events(JobOrderAllocated, "j1")) == 1


async def test_what_was_finished_while_the_hub_was_away_counts_if_nobody_else_was_asked(near, played):
    await near.heartbeat()
    token = (await played.offered("j1")).fencing_token
    assert (await near.claim("j1", token)).granted
    await played.heard(JobOrderWaiting, "j1")
    await near.report("j1", token, started={})
    await near.report("j1", token, completed=completed("j1"))
    (done,) = await played.heard(JobOrderCompleted, "j1")
    assert done.fencing_token == token
    assert len(await played.events(JobOrderStarted, "j1")) == 1


async def test_a_running_job_that_the_heartbeat_does_not_name_is_taken_back(near, played):
    async with alive(near):
        token = (await played.offered("j1")).fencing_token
        assert (await near.claim("j1", token)).granted
        again = (await played.heard(JobOrderAllocated, "j1", least=2))[1]
        assert again.fencing_token > token
        answer = await near.heartbeat("j1", token, state="running")
        assert [(each.job_order_id, each.fencing_token) for each in answer.lost] == [("j1", token)]


async def test_an_offer_that_an_idle_machine_never_claims_moves_on_and_one_behind_a_busy_one_stays(near, played):
    async with asyncio.timeout(20):
        await played.offered("j1")
        while not await played.events(LeaseExpired, "j1"):
            await near.heartbeat()
            await asyncio.sleep(0.2)
        token = (await played.events(JobOrderAllocated, "j1"))[-1].fencing_token
        await played.dispatch("j1", token)
        for _ in range(20):
            await near.heartbeat(state="bed-occupied")
            await asyncio.sleep(0.2)
        assert (await near.claim("j1", token)).granted


async def test_a_machine_that_gives_up_is_tried_again_last_and_five_times_at_the_most(near, far, played):
    hubs = {near.id: near, far.id: far}
    tried = []
    async with alive(near), alive(far):
        await played.allocate("j1")
        for attempt in range(1, 6):
            given = (await played.heard(JobOrderAllocated, "j1", least=attempt))[-1]
            hub = hubs[given.hub_id]
            tried.append(hub)
            await played.dispatch("j1", given.fencing_token)
            assert (await hub.claim("j1", given.fencing_token)).granted
            await hub.report("j1", given.fencing_token, aborted=aborted())
        (refused,) = await played.heard(AllocationRefused, "j1")
    assert tried == [near, far, near, far, near]
    assert [each.code for each in refused.reasons] == ["given-up: jam"] * 5
    given_up = await played.events(JobOrderAborted, "j1")
    assert [each.reason.detail for each in given_up] == ["the nozzle is blocked"] * 5


async def test_another_program_than_the_released_one_is_no_completion(near, far, played):
    async with alive(near), alive(far):
        token = (await played.offered("j1")).fencing_token
        assert (await near.claim("j1", token)).granted
        await near.report("j1", token, completed=completed("j1", sha256="cd" * 32))
        (given_up,) = await played.heard(JobOrderAborted, "j1")
        assert given_up.reason.code == "wrong-program"
        again = (await played.heard(JobOrderAllocated, "j1", least=2))[1]
        assert again.hub_id == far.id
    assert await played.events(JobOrderCompleted, "j1") == []


async def test_a_cancelled_job_order_is_stopped_at_the_next_heartbeat(near, played, sql):
    from fabmesh.routing.v1.commands_pb2 import CancelJobOrder

    async with alive(near):
        token = (await played.offered("j1")).fencing_token
        assert (await near.claim("j1", token)).granted
        await near.report("j1", token, started={})
        for _ in range(2):
            await played.send(CancelJobOrder(job_order_id="j1", order_id="o1", why="changed their mind"), "j1")
        (cancelled,) = await played.heard(JobOrderCancelled, "j1")
        assert cancelled.why == "changed their mind"
        answer = await near.heartbeat("j1", token, state="running")
        assert [(each.fencing_token, each.why) for each in answer.lost] == [(token, "it is cancelled")]
        await near.report("j1", token, completed=completed("j1"))
        await played.heard(SuperfluousPartsRecorded, "j1")
    assert await played.events(JobOrderCompleted, "j1") == []
    assert len(await played.events(JobOrderCancelled, "j1")) == 1
    assert await sql("select state from job_orders") == [("cancelled",)]


async def test_a_command_to_cancel_that_comes_before_the_one_to_allocate_wins(near, played, eventually, sql):
    from played_hubs import allocate

    from fabmesh.routing.v1.commands_pb2 import CancelJobOrder

    async with alive(near):
        await played.send(CancelJobOrder(job_order_id="j1", order_id="o1", why="no"), "j1")
        await played.heard(JobOrderCancelled, "j1")
        await played.send(allocate("j1"), "j1")
        await played.allocate("j2")
    assert await played.events(JobOrderAllocated, "j1") == []
    assert await sql("select state from job_orders where id = 'j1'") == [("cancelled",)]
