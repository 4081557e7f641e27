"""The fulfilment of an order, on one screen.

    assess ─▶ allocate ─▶ program ─▶ dispatch ─▶ make ─▶ inspect ─▶ ready, or the next job order: back to allocate
                │  ▲         ▲ a higher token from anywhere between allocate and make
                ▼  │                                        │
               wait (no machine is free)                 measure (a technician's measurements are awaited)

One job order is active at a time; messages about another one, or with an older token, change nothing. A configuration
that nobody can make ends the order as refused, what goes wrong after the first start as failed. Fabrication's steps are
tried longest: its work queues up where many orders come at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from chassis.sagas import Reaction, Saga, Step, start, steer
from chassis.unit_of_work import UnitOfWork
from orders.domain.order import Order, Reason
from orders.messages import heard
from orders.sagas import allocating, inspecting, making, sending
from orders.sagas.allocating import locked_order
from orders.sagas.endings import cancelled, failed
from orders.sagas.state import (
    ALLOCATE,
    ASSESS,
    DISPATCH,
    INSPECT,
    MAKE,
    MEASURE,
    PROGRAM,
    WAIT,
    Fulfilment,
)
from orders.store import orders

_LATE = {
    ASSESS: "fabrication did not answer what the part is",
    ALLOCATE: "routing did not answer which machine makes it",
    WAIT: "no machine became free",
    PROGRAM: "fabrication did not answer with a program",
    DISPATCH: "routing did not send the job to the hub",
    MAKE: "the hub was not heard of any more",
    MEASURE: "the parts were not measured",
}


async def gave_up(state: Fulfilment, step: str, uow: UnitOfWork) -> str | None:
    """A step stayed without an answer: an inspection may take a technician's time, anything else fails the order."""
    order = await locked_order(state, uow)
    if step == INSPECT:
        await orders.save(uow.session, order, order, "Waits for a technician's measurements")
        return MEASURE
    return await failed(state, order, [Reason(f"{step}-late", _LATE[step])], uow)


Reactions = Mapping[type[Any], Reaction]

_ALLOCATION: Reactions = {
    heard.JobOrderAllocated: allocating.on_allocated,
    heard.JobOrderWaiting: allocating.on_waiting,
    heard.AllocationRefused: allocating.on_allocation_refused,
}
_AT_THE_HUB: Reactions = {
    heard.JobOrderDispatched: making.on_dispatched,
    heard.JobOrderClaimed: making.on_claimed,
    heard.JobOrderStarted: making.on_started,
    heard.JobOrderCompleted: making.on_completed,
    heard.JobOrderAborted: making.on_aborted,
    heard.LeaseExpired: making.on_lease_expired,
}
_PROGRAMMED: Reactions = {
    heard.NcProgramVerified: making.on_program_verified,
    heard.FabricationRefused: making.on_program_refused,
    heard.LeaseExpired: making.on_lease_expired,
}
_INSPECTED: Reactions = {
    heard.InspectionPassed: inspecting.on_passed,
    heard.InspectionFailed: inspecting.on_failed,
}

FULFILMENT: Saga[Fulfilment] = Saga(
    name="fulfilment",
    state=Fulfilment,
    id_of=lambda message: str(message.order_id),
    gave_up=gave_up,
    steps=(
        Step(
            ASSESS,
            sending.send_assess,
            {
                heard.ConfigurationAssessed: allocating.on_assessed,
                heard.ConfigurationRefused: allocating.on_configuration_refused,
            },
            timedelta(minutes=3),
            tries=10,
        ),
        Step(ALLOCATE, sending.send_allocate, _ALLOCATION, timedelta(minutes=3)),
        Step(WAIT, sending.send_nothing, _ALLOCATION, timedelta(hours=24), tries=7),
        Step(PROGRAM, sending.send_program, {**_PROGRAMMED, **_ALLOCATION}, timedelta(minutes=5), tries=6),
        Step(DISPATCH, sending.send_dispatch, {**_AT_THE_HUB, **_ALLOCATION}, timedelta(minutes=2)),
        Step(MAKE, sending.send_nothing, {**_AT_THE_HUB, **_ALLOCATION}, timedelta(hours=24)),
        Step(INSPECT, sending.send_inspect, _INSPECTED, timedelta(minutes=3)),
        Step(MEASURE, sending.send_nothing, _INSPECTED, timedelta(hours=24), tries=7),
    ),
    anywhere={heard.JobOrderCancelled: making.on_job_order_cancelled},
)


class OrderFulfilment:
    """The saga as use cases know it."""

    async def begin(self, order: Order, uow: UnitOfWork) -> None:
        """Start making a new order's parts."""
        state = Fulfilment(order.id, order.version_id, order.material_id, order.parameters_json)
        await start(FULFILMENT, order.id, state, uow)

    async def cancel(self, order_id: str, why: str, uow: UnitOfWork) -> bool:
        """Stop making an order's parts and end it; False where there is nothing left to stop."""

        async def decide(state: Fulfilment, _: str, uow: UnitOfWork) -> str:
            return await cancelled(state, await locked_order(state, uow), why, uow)

        return await steer(FULFILMENT, order_id, decide, uow)
