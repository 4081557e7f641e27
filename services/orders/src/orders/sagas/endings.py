"""How the fulfilment of an order ends: ready, refused, failed or cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from chassis.sagas import ENDED
from chassis.unit_of_work import UnitOfWork
from orders.domain.order import Order, Reason, Status
from orders.messages import commands, events
from orders.sagas.state import Fulfilment
from orders.store import job_orders, orders
from orders.usecases.move_units import return_units


async def ready(before: Order, order: Order, uow: UnitOfWork) -> str:
    """Every part is accepted."""
    saved = await orders.save(uow.session, before, order, f"All parts lie ready at {order.pickup_hub_name}")
    uow.emit(events.order_ready(saved, datetime.now(UTC)), aggregate_id=order.id, version=saved.revision)
    return ENDED


async def unmakeable(state: Fulfilment, order: Order, reasons: Sequence[Reason], uow: UnitOfWork) -> str:
    """Nobody can make it: refused while nothing was started, failed afterwards."""
    if order.started_at is None:
        return await refused(state, order, reasons, uow)
    return await failed(state, order, reasons, uow)


async def refused(state: Fulfilment, order: Order, reasons: Sequence[Reason], uow: UnitOfWork) -> str:
    """End an order that nobody can make."""
    saved = await _end(state, order, Status.REFUSED, reasons, uow)
    uow.emit(events.order_refused(saved, datetime.now(UTC)), aggregate_id=order.id, version=saved.revision)
    return ENDED


async def failed(state: Fulfilment, order: Order, reasons: Sequence[Reason], uow: UnitOfWork) -> str:
    """End an order that was not made after all; a job order that may still run is stopped."""
    saved = await _end(state, order, Status.FAILED, reasons, uow)
    uow.emit(events.order_failed(saved, datetime.now(UTC)), aggregate_id=order.id, version=saved.revision)
    return ENDED


async def cancelled(state: Fulfilment, order: Order, why: str, uow: UnitOfWork) -> str:
    """End an order that the customer does not want any more."""
    saved = await _end(state, order, Status.CANCELLED, [Reason("cancelled", why)], uow)
    uow.emit(events.order_cancelled(saved, why, datetime.now(UTC)), aggregate_id=order.id, version=saved.revision)
    return ENDED


async def stop_job_order(state: Fulfilment, why: str, uow: UnitOfWork) -> None:
    """Let no machine start the active job order any more; one that is completed stays so."""
    if state.job_order_id and await job_orders.cancel(uow.session, state.job_order_id):
        uow.emit(commands.cancel(state.order_id, state.job_order_id, why), aggregate_id=state.order_id)
    state.begin("", [])


async def _end(state: Fulfilment, order: Order, status: Status, reasons: Sequence[Reason], uow: UnitOfWork) -> Order:
    why = "; ".join(reason.detail for reason in reasons)
    await stop_job_order(state, why, uow)
    after = await return_units(order.ended(status, reasons), why, uow)
    return await orders.save(uow.session, order, after, why)
