"""From made parts to accepted ones: what the fulfilment does on hearing of an inspection."""

from __future__ import annotations

from collections.abc import Collection

from chassis.unit_of_work import UnitOfWork
from orders.domain.making import MAX_REMAKES
from orders.domain.order import Order, Reason, Status
from orders.messages import heard
from orders.sagas.allocating import active_job_order, assessed, locked_order, next_job_order
from orders.sagas.endings import failed
from orders.sagas.state import Fulfilment
from orders.store import orders


async def on_passed(state: Fulfilment, message: heard.InspectionPassed, uow: UnitOfWork) -> str | None:
    """Every part that was made is accepted."""
    if message.job_order_id != state.job_order_id:
        return None
    before = await locked_order(state, uow)
    order = await _accepted(state, before, message.part_ids or state.part_ids, uow)
    return await _go_on(state, before, order, f"{_share(order)} accepted", uow)


async def on_failed(state: Fulfilment, message: heard.InspectionFailed, uow: UnitOfWork) -> str | None:
    """Some parts failed: those accepted count, the others are made again, at most three times."""
    if message.job_order_id != state.job_order_id:
        return None
    before = await locked_order(state, uow)
    order = await _accepted(state, before, message.accepted_part_ids, uow)
    reasons = heard.reasons(message.reasons) or (Reason("inspection-failed", "parts failed their inspection"),)
    state.remakes += 1
    if state.remakes > MAX_REMAKES:
        saved = await orders.save(uow.session, before, order)
        return await failed(state, saved, reasons, uow)
    why = "; ".join(reason.detail or reason.code for reason in reasons)
    return await _go_on(state, before, order, f"{_share(order)} accepted, the rest is made again: {why}", uow)


async def _accepted(state: Fulfilment, before: Order, part_ids: Collection[str], uow: UnitOfWork) -> Order:
    """The order with the job order's accepted parts; what else it should have made starts over."""
    job_order = await active_job_order(state, uow)
    mine = [part for part in state.part_ids if part in part_ids]
    order = before.accepted(mine, job_order.hub_id or "", job_order.hub_name or "")
    return order.moved(set(state.part_ids) - set(mine), Status.PLACED)


async def _go_on(state: Fulfilment, before: Order, order: Order, why: str, uow: UnitOfWork) -> str:
    state.begin("", [])
    return await next_job_order(state, before, order, await assessed(state, uow), uow, why)


def _share(order: Order) -> str:
    return f"{len(order.parts) - len(order.open_parts)} of {len(order.parts)} parts"
