"""A withdrawn version is never started again: orders that wait for it end as failed."""

from __future__ import annotations

import asyncio

import pytest
from orders_harness.words import Job, assessed

from fabmesh.catalog.v1.events_pb2 import DesignVersionWithdrawn
from messaging.errors import RetryLater
from orders.consumers.catalog import on_withdrawn
from orders.domain.order import Status
from orders.sagas.withdrawals import Withdrawals

pytestmark = pytest.mark.integration


@pytest.fixture
async def known(world, knob):
    await world.release(knob)
    return await world.grant(10)


async def test_orders_that_were_not_started_fail_and_their_units_go_back(world, known):
    waiting, allocated, running = [await world.place(2) for _ in range(3)]
    await world.say(assessed(allocated, 4), assessed(running, 4))
    jobs = [command for command in await world.sent() if command.DESCRIPTOR.name == "AllocateJobOrder"]
    await world.say(Job(jobs[0]).allocated(), *Job(jobs[1], 8).until_completed()[:5])
    await world.sent()
    await world.withdraw()
    sweep = Withdrawals(world.units)
    assert [await sweep.end_one() for _ in range(3)] == [True, True, False]
    names = [message.DESCRIPTOR.name for message in await world.sent()]
    assert sorted(names) == ["CancelJobOrder", *["LicenceUnitReturned"] * 4, *["OrderFailed"] * 2]
    for order in (waiting, allocated):
        failed = await world.order(order.id)
        assert (failed.status, failed.reasons[0].code) == (Status.FAILED, "design-withdrawn")
        assert failed.reasons[0].detail == "The design is withdrawn: it breaks"
    assert (await world.order(running.id)).status is Status.MAKING
    assert await world.balances(known) == {"available": 8, "reserved": 0, "used": 2}


async def test_what_is_started_is_finished_and_no_further_job_order_begins(world, known):
    order = await world.place(3)
    await world.say(assessed(order, 2))
    job = Job((await world.sent())[-1])
    await world.say(*job.until_completed())
    await world.withdraw()
    assert not await Withdrawals(world.units).end_one()
    await world.sent()
    await world.say(job.passed())
    assert [message.DESCRIPTOR.name for message in await world.sent()] == ["LicenceUnitReturned", "OrderFailed"]
    failed = await world.order(order.id)
    assert (failed.status, [part.status for part in failed.parts].count(Status.READY)) == (Status.FAILED, 2)
    assert await world.balances(known) == {"available": 8, "reserved": 0, "used": 2}


async def test_the_loop_finds_them_by_itself_and_stops_when_told(world, known):
    order = await world.place()
    await world.withdraw()
    stop = asyncio.Event()
    loop = asyncio.create_task(Withdrawals(world.units, every_s=0.05).run(stop))
    async with asyncio.timeout(10):
        while (await world.order(order.id)).status is not Status.FAILED:
            await asyncio.sleep(0.02)
        stop.set()
        await loop


async def test_a_withdrawal_that_comes_before_its_release_comes_again(world):
    with pytest.raises(RetryLater):
        async with world.units.begin() as uow:
            await on_withdrawn(DesignVersionWithdrawn(version_id="not-yet", why="x"), uow)


async def test_a_version_announced_again_stays_withdrawn(world, known, knob):
    await world.withdraw()
    await world.release(knob)
    rows = await world.sql("select withdrawn_why from design_versions")
    assert [row.withdrawn_why for row in rows] == ["it breaks"]
