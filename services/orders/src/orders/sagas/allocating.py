"""From an assessment to a machine: what the fulfilment does on hearing of either."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from chassis.unit_of_work import UnitOfWork
from messaging.envelope import uuid7
from orders.domain.characteristics import Unmeasurable, characteristics
from orders.domain.making import Assessment, JobOrder, batch_size, smaller_batch
from orders.domain.order import Order, Reason, Status
from orders.messages import heard
from orders.sagas.endings import failed, ready, refused, unmakeable
from orders.sagas.state import ALLOCATE, PROGRAM, WAIT, Fulfilment
from orders.store import designs, job_orders, orders


async def on_assessed(state: Fulfilment, message: heard.ConfigurationAssessed, uow: UnitOfWork) -> str:
    """Fabrication knows the part: make as many as fit on a plate, or refuse the order."""
    before = await locked_order(state, uow)
    found = heard.assessment(message)
    if not found.capacities():
        return await refused(state, before, found.objections(), uow)
    listed = await designs.version(uow.session, state.version_id)
    assert listed is not None
    try:
        characteristics(listed.version.characteristics, json.loads(state.parameters_json), found.extent_mm)
    except Unmeasurable as error:
        return await refused(state, before, [Reason("unmeasurable", str(error))], uow)
    await job_orders.keep_assessment(uow.session, found.id, message.SerializeToString(deterministic=True))
    size = " × ".join(f"{extent:.0f}" for extent in found.extent_mm)
    order = await orders.save(
        uow.session, before, replace(before, assessment_id=found.id), f"Can be made: {size} mm, {message.mass_g:.1f} g"
    )
    return await next_job_order(state, order, order, found, uow)


async def on_configuration_refused(state: Fulfilment, message: heard.ConfigurationRefused, uow: UnitOfWork) -> str:
    """The configuration is no valid part on any machine."""
    reasons = heard.findings(message.findings) or (
        Reason("not-a-valid-part", "this configuration gives no valid part"),
    )
    return await refused(state, await locked_order(state, uow), reasons, uow)


async def next_job_order(
    state: Fulfilment, before: Order, order: Order, found: Assessment, uow: UnitOfWork, why: str | None = None
) -> str:
    """Begin a job order for parts that are still to be made; without any the order is ready.

    `order` is `before` with the changes that are to be saved; `why` tells of them.
    """
    if not order.open_parts:
        return await ready(before, order, uow)
    if order is not before or why:
        order = await orders.save(uow.session, before, order, why)
    listed = await designs.version(uow.session, state.version_id)
    if listed is not None and listed.withdrawn is not None:
        return await failed(state, order, [Reason("design-withdrawn", listed.withdrawn.why)], uow)
    capacities = found.capacities(state.excluded_profiles)
    if not capacities:
        return await unmakeable(state, order, found.objections(), uow)
    count = batch_size(len(order.open_parts), capacities, state.batch)
    state.begin(uuid7(), [part.id for part in order.open_parts[:count]])
    await job_orders.begin(uow.session, JobOrder(state.job_order_id, order.id, tuple(state.part_ids)))
    return ALLOCATE


async def on_allocated(state: Fulfilment, message: heard.JobOrderAllocated, uow: UnitOfWork) -> str | None:
    """A machine holds the job order; a higher token means that another one does now."""
    if message.job_order_id != state.job_order_id or message.fencing_token <= state.token:
        return None
    state.token = message.fencing_token
    state.allocated_at = _said_at(uow)
    state.waits_for = ""
    job_order = await active_job_order(state, uow)
    await job_orders.save(
        uow.session,
        replace(
            job_order,
            state="pending",
            hub_id=message.hub_id,
            hub_name=message.hub_name or message.hub_id,
            machine_id=message.machine_id,
            profile_id=message.profile_id,
            fencing_token=message.fencing_token,
            program=None,
        ),
    )
    order = await locked_order(state, uow)
    distance = f", {message.distance_km:.1f} km away" if message.distance_km > 0 else ""
    why = f"{message.hub_name or message.hub_id}{distance}"
    await orders.save(uow.session, order, order.moved(state.part_ids, Status.ALLOCATED), why)
    return PROGRAM


async def on_waiting(state: Fulfilment, message: heard.JobOrderWaiting, uow: UnitOfWork) -> str | None:
    """No machine is free now; routing tries again on its own. Older news than the last allocation is ignored."""
    if message.job_order_id != state.job_order_id or (state.allocated_at and _said_at(uow) <= state.allocated_at):
        return None
    why = _in_words(heard.reasons(message.reasons)) or "none is free"
    if why != state.waits_for:
        state.waits_for = why
        order = await locked_order(state, uow)
        waiting = order.moved(state.part_ids, Status.WAITING)
        await orders.save(uow.session, order, waiting, f"Waits for a machine: {why}")
    return WAIT


async def on_allocation_refused(state: Fulfilment, message: heard.AllocationRefused, uow: UnitOfWork) -> str | None:
    """No machine of the network can take so many parts at once: try fewer, else the order ends."""
    if message.job_order_id != state.job_order_id:
        return None
    order = await locked_order(state, uow)
    found = await assessed(state, uow)
    fewer = smaller_batch(found.capacities(state.excluded_profiles), len(state.part_ids)) if not state.token else 0
    await job_orders.cancel(uow.session, state.job_order_id)
    if fewer:
        state.batch = fewer
        return await next_job_order(state, order, order, found, uow)
    reasons = heard.reasons(message.reasons) or (Reason("no-machine", "no machine of the network can make it"),)
    state.begin("", [])
    return await unmakeable(state, order, reasons, uow)


async def locked_order(state: Fulfilment, uow: UnitOfWork) -> Order:
    """The order of this fulfilment, for changing."""
    order = await orders.load(uow.session, state.order_id, lock=True)
    assert order is not None
    return order


async def active_job_order(state: Fulfilment, uow: UnitOfWork) -> JobOrder:
    """The job order that this fulfilment waits for."""
    job_order = await job_orders.load(uow.session, state.job_order_id)
    assert job_order is not None
    return job_order


async def assessed(state: Fulfilment, uow: UnitOfWork) -> Assessment:
    """What fabrication found about this order's configuration."""
    return heard.stored_assessment(await job_orders.assessment_of(uow.session, state.order_id))


def _said_at(uow: UnitOfWork) -> str:
    """When the message in hand was sent, by its sender's clock."""
    return uow.cause.time.isoformat(timespec="microseconds") if uow.cause is not None else ""


def _in_words(reasons: Sequence[Reason]) -> str:
    return "; ".join(reason.detail or reason.code for reason in reasons)
