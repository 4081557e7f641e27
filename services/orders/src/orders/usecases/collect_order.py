"""Hand an order over at the pickup desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.unit_of_work import UnitOfWork
from orders.domain.errors import Unacceptable, Untimely
from orders.domain.order import Order, Status
from orders.domain.pickup import matches
from orders.messages import events
from orders.store import orders
from orders.usecases.find_order import owned_order


@dataclass(frozen=True, slots=True)
class CollectOrder:
    """`organisation_id`: whose order it must be; None: anybody's."""

    order_id: str
    organisation_id: str | None
    code: str


async def collect_order(command: CollectOrder, uow: UnitOfWork) -> Order:
    """End the order as collected; one that is collected already is answered as it is.

    Raises Missing, Unacceptable (`wrong-pickup-code`) or Untimely (`order-not-ready`).
    """
    order = await owned_order(command.order_id, command.organisation_id, uow, lock=True)
    if not matches(command.code, order.id, order.pickup_code_sha256):
        raise Unacceptable("wrong-pickup-code", "This is not the code of this order.")
    if order.status is Status.COLLECTED:
        return order
    if order.status is not Status.READY:
        raise Untimely("order-not-ready", f"The order is {order.status}; it can be collected when it is ready.")
    now = datetime.now(UTC)
    collected = await orders.save(uow.session, order, order.ended(Status.COLLECTED), "Collected")
    uow.emit(events.order_collected(collected, now), aggregate_id=order.id, version=collected.revision)
    return collected
