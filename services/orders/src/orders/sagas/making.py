"""From a machine to made parts: what the fulfilment does on hearing of program, dispatch, start and end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from chassis.unit_of_work import UnitOfWork
from orders.domain.making import MAX_PROGRAM_REFUSALS
from orders.domain.order import Reason, Status
from orders.messages import heard
from orders.sagas.allocating import active_job_order, assessed, locked_order, next_job_order
from orders.sagas.endings import failed, stop_job_order
from orders.sagas.state import DISPATCH, INSPECT, MAKE, Fulfilment
from orders.store import job_orders, orders
from orders.usecases.move_units import use_units


async def on_program_verified(state: Fulfilment, message: heard.NcProgramVerified, uow: UnitOfWork) -> str | None:
    """The program for the machine that holds the job order is made and verified."""
    if not state.holds(message.job_order_id, message.fencing_token):
        return None
    job_order = await active_job_order(state, uow)
    made = heard.program_of(message)
    await job_orders.save(uow.session, replace(job_order, state="ready", program=made))
    order = await locked_order(state, uow)
    why = f"The program is verified: {made.minutes:.0f} min, {made.grams:.1f} g"
    await orders.save(uow.session, order, order.moved(state.part_ids, Status.FABRICATING), why)
    return DISPATCH


async def on_program_refused(state: Fulfilment, message: heard.FabricationRefused, uow: UnitOfWork) -> str | None:
    """The machine's profile turned out not to work: leave it out and choose again, or give up."""
    if not state.holds(message.job_order_id, message.fencing_token):
        return None
    order = await locked_order(state, uow)
    reasons = heard.findings(message.findings)
    why = "; ".join(reason.detail for reason in reasons) or "its program was refused"
    job_order = await active_job_order(state, uow)
    await stop_job_order(state, why, uow)
    state.refusals += 1
    state.excluded_profiles.append(job_order.profile_id or "")
    found = await assessed(state, uow)
    if state.refusals >= MAX_PROGRAM_REFUSALS or not found.capacities(state.excluded_profiles):
        return await failed(state, order, reasons or found.objections(), uow)
    again = order.moved(job_order.part_ids, Status.PLACED)
    note = f"{job_order.hub_name} cannot make it ({why}); another machine is sought"
    return await next_job_order(state, order, again, found, uow, note)


async def on_dispatched(state: Fulfilment, message: heard.JobOrderDispatched, uow: UnitOfWork) -> str | None:
    """The job lies in the hub's queue."""
    if not state.holds(message.job_order_id, message.fencing_token):
        return None
    job_order = await active_job_order(state, uow)
    if job_order.state == "running":
        return None
    await job_orders.save(uow.session, replace(job_order, state="dispatched"))
    order = await locked_order(state, uow)
    await orders.save(
        uow.session, order, order.moved(state.part_ids, Status.DISPATCHED), f"Sent to {job_order.hub_name}"
    )
    return MAKE


async def on_claimed(state: Fulfilment, message: heard.JobOrderClaimed, uow: UnitOfWork) -> str | None:
    """The hub took the job."""
    if not state.holds(message.job_order_id, message.fencing_token):
        return None
    job_order = await active_job_order(state, uow)
    if job_order.state == "running":
        return None
    order = await locked_order(state, uow)
    await orders.save(
        uow.session, order, order.moved(state.part_ids, Status.DISPATCHED), f"{job_order.hub_name} took the job"
    )
    return MAKE


async def on_started(state: Fulfilment, message: heard.JobOrderStarted, uow: UnitOfWork) -> str | None:
    """The machine runs: the parts' licence units are used."""
    if not state.holds(message.job_order_id, message.fencing_token):
        return None
    job_order = await active_job_order(state, uow)
    await job_orders.save(uow.session, replace(job_order, state="running"))
    before = await locked_order(state, uow)
    started = replace(before, started_at=before.started_at or datetime.now(UTC))
    order = await use_units(started.moved(state.part_ids, Status.MAKING), state.part_ids, uow)
    await orders.save(uow.session, before, order, f"{job_order.hub_name} is making {_count(len(state.part_ids))}")
    return MAKE


async def on_completed(state: Fulfilment, message: heard.JobOrderCompleted, uow: UnitOfWork) -> str | None:
    """The parts are made; their units are used, also where the start was not heard of."""
    if not state.holds(message.job_order_id, message.fencing_token):
        return None
    job_order = await active_job_order(state, uow)
    made = [part for part in state.part_ids if part in message.part_ids] or state.part_ids
    await job_orders.save(
        uow.session,
        replace(
            job_order,
            state="completed",
            made_part_ids=tuple(made),
            made_program_sha256=message.program_sha256,
            measurements=heard.measured(message.measurements),
        ),
    )
    before = await locked_order(state, uow)
    started = replace(before, started_at=before.started_at or datetime.now(UTC))
    order = await use_units(started.moved(state.part_ids, Status.INSPECTING), state.part_ids, uow)
    await orders.save(uow.session, before, order, f"{_count(len(made))} made, now measured")
    return INSPECT


async def on_aborted(state: Fulfilment, message: heard.JobOrderAborted, uow: UnitOfWork) -> None:
    """The machine gave up; routing allocates again, which is heard as another allocation."""
    reason = message.reason.detail or message.reason.code or "the machine stopped"
    await _tell(state, message, f"gave up: {reason}", uow)


async def on_lease_expired(state: Fulfilment, message: heard.LeaseExpired, uow: UnitOfWork) -> None:
    """The hub was not heard for too long; routing allocates again."""
    await _tell(state, message, "is not heard any more", uow)


async def on_job_order_cancelled(state: Fulfilment, message: heard.JobOrderCancelled, uow: UnitOfWork) -> str | None:
    """Somebody of the network cancelled it: not at this order's wish, which would have ended it before."""
    if message.job_order_id != state.job_order_id:
        return None
    order = await locked_order(state, uow)
    await job_orders.cancel(uow.session, state.job_order_id)
    state.begin("", [])
    return await failed(state, order, [Reason("job-order-cancelled", message.why or "cancelled by the network")], uow)


async def _tell(
    state: Fulfilment, message: heard.JobOrderAborted | heard.LeaseExpired, what: str, uow: UnitOfWork
) -> None:
    if not state.holds(message.job_order_id, message.fencing_token):
        return
    job_order = await active_job_order(state, uow)
    order = await locked_order(state, uow)
    await orders.save(uow.session, order, order, f"{job_order.hub_name} {what}; another machine is sought")


def _count(parts: int) -> str:
    return "1 part" if parts == 1 else f"{parts} parts"
