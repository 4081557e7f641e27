"""Sagas on a real database: steps, reactions, deadlines, giving up, and no half steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from chassis.database import Database
from chassis.sagas import ENDED, Deadlines, Saga, Step, react, start, steer
from chassis.unit_of_work import UnitsOfWork
from fabmesh.fabrication.v1.events_pb2 import ConfigurationAssessed, ConfigurationRefused
from fabmesh.orders.v1.events_pb2 import OrderCancelled, OrderFailed, OrderPlaced

pytestmark = pytest.mark.integration


@dataclass
class Journey:
    order_id: str
    heard: int = 0


async def ask(state, uow):
    uow.emit(OrderPlaced(order_id=state.order_id), aggregate_id=state.order_id)


async def assessed(state, message, uow):
    state.heard += 1
    return "make" if message.volume_mm3 > 0 else None


async def refused(state, message, uow):
    return ENDED


async def make(state, uow):
    uow.emit(OrderCancelled(order_id=state.order_id), aggregate_id=state.order_id)


async def gave_up(state, step, uow):
    uow.emit(OrderFailed(order_id=state.order_id), aggregate_id=state.order_id)
    return ENDED


SAGA = Saga(
    name="journey",
    state=Journey,
    steps=(
        Step("assess", ask, {ConfigurationAssessed: assessed}, timedelta(seconds=-1), tries=2),
        Step("make", make, {}, timedelta(hours=1)),
    ),
    id_of=lambda message: message.order_id,
    gave_up=gave_up,
    anywhere={ConfigurationRefused: refused},
)


@pytest.fixture
async def units(settings):
    database = Database(settings, application_name="test")
    yield UnitsOfWork(database.sessions, source="orders")
    await database.close()


async def row(sql):
    return (await sql("select step, attempt, data from sagas"))[0]


async def sent(sql):
    return [subject.rsplit(".", 1)[-1] for (subject,) in await sql("select subject from outbox order by id")]


async def begin(units):
    async with units.begin() as uow:
        await start(SAGA, "o1", Journey("o1"), uow)


async def test_a_reaction_changes_the_state_and_enters_the_next_step(units, sql):
    await begin(units)
    async with units.begin() as uow:
        await react(SAGA, ConfigurationAssessed(order_id="o1"), uow)
    assert await row(sql) == ("assess", 1, {"order_id": "o1", "heard": 1})
    async with units.begin() as uow:
        await react(SAGA, ConfigurationAssessed(order_id="o1", volume_mm3=5), uow)
    assert await row(sql) == ("make", 1, {"order_id": "o1", "heard": 2})
    assert await sent(sql) == ["order-placed", "order-cancelled"]


async def test_what_a_step_does_not_wait_for_is_ignored(units, sql):
    await begin(units)
    async with units.begin() as uow:
        await react(SAGA, ConfigurationAssessed(order_id="o1", volume_mm3=5), uow)
        await react(SAGA, ConfigurationAssessed(order_id="o1", volume_mm3=5), uow)
        await react(SAGA, ConfigurationAssessed(order_id="unknown", volume_mm3=5), uow)
    assert await row(sql) == ("make", 1, {"order_id": "o1", "heard": 1})


async def test_an_ended_saga_hears_nothing_more(units, sql):
    await begin(units)
    async with units.begin() as uow:
        await react(SAGA, ConfigurationRefused(order_id="o1"), uow)
        await react(SAGA, ConfigurationAssessed(order_id="o1", volume_mm3=5), uow)
        assert not await steer(SAGA, "o1", gave_up, uow)
    assert (await row(sql))[0] == ENDED


async def test_a_late_step_is_entered_again_and_then_given_up(units, sql):
    await begin(units)
    deadlines = Deadlines(SAGA, units)
    assert await deadlines.sweep_one()
    assert (await row(sql))[:2] == ("assess", 2)
    assert await deadlines.sweep_one()
    assert (await row(sql))[0] == ENDED
    assert not await deadlines.sweep_one()
    assert await sent(sql) == ["order-placed", "order-placed", "order-failed"]


async def test_an_error_leaves_no_half_step(units, sql):
    await begin(units)

    async def fails(state, step, uow):
        state.heard = 99
        uow.emit(OrderFailed(order_id="o1"), aggregate_id="o1")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        async with units.begin() as uow:
            await steer(SAGA, "o1", fails, uow)
    assert await row(sql) == ("assess", 1, {"order_id": "o1", "heard": 0})
    assert await sent(sql) == ["order-placed"]


async def test_an_instance_that_cannot_be_treated_does_not_stand_before_the_others(units, sql):
    for number in (1, 2):
        async with units.begin() as uow:
            await start(SAGA, f"o{number}", Journey(f"o{number}"), uow)
    await sql("update sagas set data = '{\"unknown\": 1}', deadline_at = now() - interval '1 day' where id = 'o1'")
    deadlines = Deadlines(SAGA, units)
    with pytest.raises(TypeError):
        await deadlines.sweep_one()
    assert await deadlines.sweep_one()
    assert await sql("select id, attempt from sagas order by id") == [("o1", 1), ("o2", 2)]
    assert await sql("select 1 from sagas where id = 'o1' and deadline_at > now() + interval '20 seconds'")
